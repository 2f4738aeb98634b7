// Made by `cargo xtask shapes`; not to be edited.
// stamp: 7551ed07103578a2cabb0755c4792b142dce004db9f87a2c3005a4a17b7d2d96

/// The release of botocore from which the tables were made.
pub const BOTOCORE_VERSION: &str = "1.44.5";
