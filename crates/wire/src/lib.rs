//! AWS's protocols and signatures, without sockets and without a clock.
//!
//! A request goes this way; each step is a function, and the time is an argument:
//!
//! ```text
//! http parts ─ sigv4::parse ─▶ SignedRequest ─ verify(key, now, body hash) ─▶ Verified
//! ```
//!
//! [`value::Value`] is the tree that inputs are read into and outputs are written from;
//! [`error::WireError`] is what a client is told instead.

pub mod error;
pub mod sigv4;
pub mod uri;
pub mod value;
