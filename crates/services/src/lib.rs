//! The services of the platform, all built alike: a table of operations, and for each what must be
//! allowed and what it does. See the documentation of `platform` for how to add one.

pub mod bootstrap;
mod cloudtrail;
mod iam;
pub mod login;
pub mod s3;
mod sagemaker;
mod secretsmanager;
mod sts;
mod tags;

use platform::Service;

/// Every service that is built.
#[must_use]
pub fn all() -> Vec<Service> {
    vec![
        cloudtrail::service(),
        iam::service(),
        s3::service(),
        sagemaker::service(),
        secretsmanager::service(),
        sts::service(),
    ]
}
