// Made by `cargo xtask shapes`; not to be edited.
// stamp: 3e99339595e73786ab750eeadd9142b91ec6ae37d6f1cb38ee69d47dc22d69e6

/// The release of botocore from which the tables were made.
pub const BOTOCORE_VERSION: &str = "1.44.5";
