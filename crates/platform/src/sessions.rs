//! Sessions: assuming a role as a caller, as a service or with a provider's token, and the sessions that
//! users ask for on their own behalf.
//!
//! One assumption is several checks against the caller's own policies and the role's trust policy,
//! all with the same condition keys: `sts:AssumeRole` always, `sts:SetSourceIdentity` when a source
//! identity is passed or inherited, `sts:TagSession` when tags are passed or inherited (IAM User
//! Guide, "Monitor and control actions taken with assumed roles", "Pass session tags in AWS STS").
//! A session is issued only for an assumption that was [permitted](crate::Permitted).

mod draft;
mod own;
mod packed;
mod plan;
mod service;
mod wish;

pub use own::{federated, of_caller};
pub use plan::{assume, checks};
pub use service::{Attempt, ServiceAssumption, assume_as_service, attempt_as_service};
pub use wish::Wish;

/// The longest session that a session may assume, in seconds.
pub const CHAINED_SECONDS: i64 = 3_600;
/// How long a session lasts when nothing is said, in seconds.
pub const DEFAULT_SECONDS: i64 = 3_600;
