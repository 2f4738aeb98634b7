//! The IAM policy language and its meaning.
//!
//! A policy has two forms: the [`Document`], a syntax tree that knows where each of its parts is written, and the
//! [`PolicySet`], the policies of one layer compiled for evaluation. [`decide`] answers a [`Request`] without
//! allocating; [`explain()`] says why. Nothing here reads files, clocks or the environment.

mod arn;
mod compile;
mod condition;
pub mod document;
mod evaluate;
pub mod explain;
pub mod json;
mod names;
pub mod options;
mod pattern;
mod request;
pub mod text;
mod value;
mod verdict;
pub mod view;

pub use arn::{AccountId, Arn, ArnError, partition_of};
pub use compile::{NamedPolicy, PolicySet};
pub use document::{Document, Effect, Limits, PolicyType};
pub use evaluate::{Policies, decide};
pub use explain::{Explanation, explain};
pub use options::Options;
pub use request::{
    Action, ActionError, AskedKeys, Context, ContextKey, ContextValue, KeyMask, KnownCaller,
    Principal, PrincipalError, Request, RequestBuilder, Resource,
};
pub use verdict::{Denial, DenialKind, Permit, Verdict};
