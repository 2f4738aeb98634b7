//! `palisade check`: finds what is wrong in IAM policies, with the place, the reason and the fix.
//!
//! ```text
//! text ── sources ──▶ Policy, Policy, … ── rules ──▶ Finding, … ── suppress ──▶ Report ── format ──▶ text
//! ```
//!
//! - [`sources`] find policies where they lie: IAM JSON, Terraform, CloudFormation, account exports. Every place
//!   that they note is a place in the original file, also within a JSON string inside JSON or YAML.
//! - A [`Policy`] is tolerant: what is wrong in one part does not hide the others. Text that is only known at
//!   deployment is marked (see [`text`]), and no rule speaks about it.
//! - [`rules`] are one file each. The file's doc comment is the page that a user reads.
//!
//! Nothing here reads files or the clock.

mod apply;
mod arns;
mod check;
mod deputy;
pub mod editor;
mod edits;
pub mod facts;
mod finding;
pub mod format;
mod kind;
mod model;
mod owners;
mod patterns;
mod prelude;
mod rule;
pub mod rules;
pub mod sources;
mod suppress;
mod tenants;
pub mod text;
mod variables;

pub use apply::{Fixed, fix};
pub use check::{Input, Options, Report, Unread, check};
pub use finding::{Edit, Finding, Fix, Related, Severity};
pub use kind::{Holder, Kind};
pub use model::{
    ActionPattern, Condition, ConditionValue, Element, Policy, PrincipalValue, Statement, Syntax,
};
pub use rule::{Check, Note, Reporter, Rule};
pub use suppress::{Config, ConfigError, Suppression};
pub use text::Text;
