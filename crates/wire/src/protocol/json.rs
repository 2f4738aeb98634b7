//! JSON bodies (awsJson and rest-json).

pub(super) mod read;
pub(super) mod write;
