// Made by `cargo xtask shapes`; not to be edited.
// stamp: 083ef14c082586d01f5f77cd7572cba9f341fd24564dbb2bb7dab15c87f186f5

/// The release of botocore from which the tables were made.
pub const BOTOCORE_VERSION: &str = "1.44.5";
