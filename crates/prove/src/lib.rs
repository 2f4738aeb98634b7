//! Answers for all requests: is there one that these policies allow and must not?
//!
//! A [`Question`] is turned into a formula over the compiled statements of the policies, the same that the engine
//! evaluates. A search looks for a request that meets the formula. What it finds is evaluated by the engine before it is
//! shown ([`Replayed`]); where there is none, every case was closed by exact reasoning about the texts of single fields, and
//! about fields that are tied to each other by policy variables. Where neither succeeds, the answer is that it is not known.

mod arn;
mod budget;
mod caller;
mod case;
pub mod certificate;
pub mod facts;
mod fix;
mod hash;
pub mod isolation;
pub mod language;
mod layers;
mod model;
mod question;
mod report;
mod search;
mod solve;
mod state;
pub mod tenancy;
mod text;
mod verdict;
mod witness;
pub mod words;

pub use case::{case, likely_type};
pub use facts::{CATALOG, Claim, Fact, Facts};
pub use fix::Fix;
pub use layers::{Owner, Stage};
pub use model::{
    Atom, AtomId, Condition, Demand, KeyId, Literal, MeasureId, Model, Node, NodeId, Test,
};
pub use question::{
    Beyond, Blamed, Question, Replayed, Trusted, alone, deputy, no_new_access, not_granted,
    plausible, public, strangers,
};
pub use report::{Outcome, Report, describe};
pub use text::{Text, Token, Variable};
pub use verdict::{Proof, Verdict};
