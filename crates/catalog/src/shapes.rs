//! The request and response shapes of the served AWS APIs, from botocore's service models.
//!
//! Each service is two embedded files made by `cargo xtask shapes`: a table of fixed-size
//! little-endian records and the text that the records point into. Nothing is parsed at start-up;
//! every accessor reads its record when asked. All handles ([`Operation`], [`Shape`], [`Member`])
//! are small and `Copy`.
//!
//! ```
//! let sts = catalog::shapes::service("sts").ok_or("not served")?;
//! let assume = sts.operation("AssumeRole").ok_or("no such operation")?;
//! let input = assume.input().ok_or("no input")?;
//! let name = input.member("RoleSessionName").ok_or("no such member")?;
//! assert!(name.required());
//! assert_eq!(name.shape().pattern(), Some("[\\w+=,.@-]*"));
//! # Ok::<(), &str>(())
//! ```

mod handles;
mod tables;

pub use handles::{Bound, ErrorTraits, Kind, Location, Member, Operation, Shape, TimestampFormat};
pub use tables::{Protocol, Service};

include!("../data/shapes/source.generated.rs");

macro_rules! services {
    ($($name:literal),* $(,)?) => {
        [$(Service::new(
            include_bytes!(concat!("../data/shapes/", $name, ".bin")),
            include_str!(concat!("../data/shapes/", $name, ".txt")),
        )),*]
    };
}

/// In the order of their names.
static SERVICES: [Service; 9] = services![
    "cloudtrail",
    "iam",
    "kms",
    "organizations",
    "s3",
    "s3control",
    "sagemaker",
    "secretsmanager",
    "sts"
];

/// Every service that has tables, in the order of their names.
#[must_use]
pub fn services() -> &'static [Service] {
    &SERVICES
}

/// The service of this name, as botocore spells it (`sts`, `s3`, `sagemaker`).
#[must_use]
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name() == name)
}
