// Made by `cargo xtask shapes`; not to be edited.
// stamp: 23bfa7ea592bb4624c4d2c9dd7ec3007bd4cf5349c0e9265d0c55750d1c9d124

/// The release of botocore from which the tables were made.
pub const BOTOCORE_VERSION: &str = "1.44.5";
