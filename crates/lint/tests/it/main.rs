//! Tests of `palisade check`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

mod bodies;
mod config;
mod corpus;
mod editor;
mod fix;
mod formats;
mod pages;
mod sources;

use lint::{Input, Kind, Options, Report};
use policy::text::Source;

/// Checks one text.
fn check(name: &str, text: &str, kind: Option<Kind>) -> Report {
    let source = Source::named(name, text);
    lint::check(&[Input { source, kind }], &Options::default())
}
