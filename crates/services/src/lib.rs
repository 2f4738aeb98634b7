//! The services of the platform together: all of them, and a blueprint applied to all of them.

pub mod bootstrap;
mod migrate;

pub use migrate::migrate;

use platform::Service;

/// Every service that is built.
#[must_use]
pub fn all() -> Vec<Service> {
    vec![
        cloudtrail::service(),
        iam::service(),
        kms::service(),
        organizations::service(),
        s3::service(),
        sagemaker::service(),
        secretsmanager::service(),
        sts::service(),
    ]
}
