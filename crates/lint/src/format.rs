//! Reports as text, for people and for tools.

mod github;
mod human;
mod json;
mod sarif;

pub use github::github;
pub use human::{concise, human};
pub use json::json;
pub use sarif::sarif;

use crate::finding::Finding;
use policy::text::Position;

/// First and last place of a finding.
pub(crate) fn positions(finding: &Finding) -> (Position, Position) {
    (
        finding.source.position(finding.span.start),
        finding.source.position(finding.span.end),
    )
}

/// The file's name.
pub(crate) fn file(finding: &Finding) -> &str {
    finding.source.name().unwrap_or("<stdin>")
}

/// "1 error", "2 errors"; `security` counts findings.
pub(crate) fn plural(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}
