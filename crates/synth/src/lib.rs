//! The whole policy set of a tenancy, written from its blueprint.
//!
//! [`synthesise`] turns a [`Blueprint`](blueprint::Blueprint) with teams into a [`Plan`]: for each account the roles that
//! its teams work with, who may assume them, what buckets, secrets, keys and file systems say for themselves, how
//! clusters hand names on, what a trail records; and the guard rails of the organisation. [`files`] writes a plan as IAM
//! JSON, Terraform and CloudFormation. [`complete`] puts it into the blueprint, for the platform to enforce: the very
//! same documents. [`Deputy`] writes one trust policy by itself.
//!
//! The same blueprint gives the same bytes. Each topic is a document of its own, so that a change shows where it
//! belongs; what AWS takes only in parts is split, and what cannot be split is a [`Problem`]. Every document is read back
//! as the type of policy that it is before it leaves.

mod complete;
mod deputy;
mod emr;
mod execution;
mod guard;
mod output;
mod people;
mod place;
mod plan;
mod resource;
mod size;
mod statement;
mod trail;
mod trust;

pub use complete::complete;
pub use deputy::{Deputy, Trust, sent};
pub use output::{File, Format, files};
pub use plan::{
    AccountPlan, Controls, FileSystemPolicy, KeyPolicy, Named, Plan, Role, TrailPlan, synthesise,
};
pub use statement::Policy;

/// Why something cannot be synthesised, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(pub(crate) String);

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}
