//! Blueprints are read whole, and every mistake is found at its place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod examples;
mod imports;
mod mistakes;
mod schema;
mod sections;
mod templates;
mod tenancies;

use std::io;
use std::path::Path;

use blueprint::{Blueprint, Mistakes};

/// An identity policy that allows everything.
pub(crate) const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A trust policy for SageMaker.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// What every blueprint begins with: three lines.
pub(crate) const HEAD: &str = "region = \"us-east-1\"\n[[account]]\nid = \"123456789012\"\n";

/// Reads a blueprint called `dir/test.toml` beside which there are the given files.
pub(crate) fn read_with(text: &str, files: &[(&str, &str)]) -> Result<Blueprint, Mistakes> {
    let read = |path: &Path| {
        let found = files
            .iter()
            .find(|(name, _)| Path::new("dir").join(name) == path);
        let found = found.map(|(_, text)| text.as_bytes().to_vec());
        found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    blueprint::read("dir/test.toml", text, &read)
}

/// Reads [`HEAD`] and more, beside which there are `policy.json` and `trust.json`.
pub(crate) fn read(more: &str) -> Result<Blueprint, Mistakes> {
    let files = [("policy.json", POLICY), ("trust.json", TRUST)];
    read_with(&format!("{HEAD}{more}"), &files)
}
