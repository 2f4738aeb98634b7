//! Amazon S3: buckets and objects.
//!
//! Keys are characters and nothing else: `..`, `//` and `%00` name no path. Bytes lie apart from the
//! state under random names ([`ObjectBytes`]). What is not built is
//! refused, not ignored. Sources of codes and texts: the Amazon S3 API
//! Reference and User Guide.

mod acl;
mod body;
mod bucket;
mod bucket_acl;
mod bucket_encryption;
mod bucket_policy;
mod bytes;
mod check;
mod checksum;
mod condition;
mod config;
mod content;
mod control;
mod cors;
mod defaults;
pub mod desired;
mod encryption;
mod entity_tag;
mod error;
mod expire;
mod lifecycle;
mod list;
mod lock;
mod multipart;
mod object;
mod object_acl;
mod operations;
mod policy_words;
mod public_access;
mod range;
mod record;
mod settings;
mod sweep;
mod tagging;
mod versions;
mod versions_list;

pub use self::bytes::{BytesError, ObjectBytes};
pub use self::encryption::reseal;
pub use self::expire::expire;
pub use self::sweep::{claim, lies_elsewhere, piece_path, pieces, sweep};

use platform::principal_ids;
use platform::{ApiError, Service};
use store::{Format, Write};

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[
    Format::of::<control::Account>(),
    Format::of::<multipart::Part>(),
    Format::of::<multipart::Upload>(),
    Format::of::<encryption::OwnKey>(),
    Format::of::<record::Bucket>(),
    Format::of::<record::Inline>(),
    Format::of::<record::Object>(),
    Format::of::<sweep::Owner>(),
    Format::of::<versions::Version>(),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "s3",
        principal: "s3.amazonaws.com",
        operations: operations::ALL,
        doors: &[],
        resource: Some(check::find),
    }
}

/// The service that is asked about a whole account.
#[must_use]
pub fn control() -> Service {
    Service {
        api: "s3control",
        principal: "s3.amazonaws.com",
        operations: control::ALL,
        doors: &[],
        resource: None,
    }
}

/// Binds the policies that were stored by the names of their principals.
///
/// # Errors
/// When the store fails.
pub fn bind_policies(tx: &mut dyn Write, partition: &str) -> Result<(), ApiError> {
    principal_ids::bind_all::<record::Bucket>(tx, partition)
}
