//! The services of the platform together: all of them, a blueprint applied to all of them, and what is
//! done to the state of all of them at once.

pub mod bootstrap;
mod expire;
mod formats;
mod migrate;
mod reseal;

pub use expire::expire;
pub use formats::formats;
pub use migrate::migrate;
pub use reseal::{Resealed, reseal};

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
        s3::control(),
        sagemaker::service(),
        secretsmanager::service(),
        sts::service(),
    ]
}
