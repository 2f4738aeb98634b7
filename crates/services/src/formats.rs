//! The formats of everything that is kept.

use store::Format;

/// The formats of everything that is kept, by kind. What keeps a new kind of record lists it in its
/// crate's `FORMATS`.
#[must_use]
pub fn formats() -> Vec<Format> {
    let mut all = vec![Format::of::<super::migrate::Migrated>()];
    for some in [
        platform::FORMATS,
        cloudtrail::FORMATS,
        iam::FORMATS,
        kms::FORMATS,
        organizations::FORMATS,
        s3::FORMATS,
        sagemaker::FORMATS,
        secretsmanager::FORMATS,
    ] {
        all.extend_from_slice(some);
    }
    all.sort_by_key(Format::kind);
    all
}
