//! Who owns which part of a bucket, of the secrets, of a file system: no two overlap.

use crate::table::Text;

use super::Parser;

/// Who has an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// Each member of a team has a folder in it.
    Members(String),
    /// Several teams share it.
    Share(String),
}

/// An area that is spoken for.
pub(super) struct Claim {
    /// What it is part of.
    pub(super) container: String,
    pub(super) prefix: Text,
    pub(super) owner: Owner,
}

impl Parser<'_> {
    /// Notes areas that reach into each other. A member's folder lies below a team's prefix, so that a prefix within
    /// another one would be somebody's folder, or open somebody's folder to others.
    pub(super) fn check_areas(&mut self) {
        let claims = std::mem::take(&mut self.claims);
        for (at, claim) in claims.iter().enumerate() {
            let before = claims.iter().take(at);
            let Some(other) = before.clone().find(|other| clash(other, claim)) else {
                continue;
            };
            let line = self.report.line(&other.prefix.place);
            let reason = format!(
                "`{}` in {} and `{}` in line {line} reach into each other: {}",
                claim.prefix.value,
                claim.container,
                other.prefix.value,
                consequence(&other.owner, &claim.owner)
            );
            let fix = "choose prefixes of which none begins with another";
            self.report.mistake(&claim.prefix.place, reason, fix);
        }
    }
}

fn consequence(one: &Owner, two: &Owner) -> &'static str {
    match (one, two) {
        (Owner::Members(a), Owner::Members(b)) if a != b => {
            "members of two teams who have the same name would share a folder"
        }
        (Owner::Members(_), Owner::Members(_)) => "one would be a member's folder in the other",
        _ => "what is shared would be a member's, or what is a member's shared",
    }
}

fn clash(one: &Claim, two: &Claim) -> bool {
    let both_shared = matches!((&one.owner, &two.owner), (Owner::Share(_), Owner::Share(_)));
    one.container == two.container
        && !both_shared
        && (within(&one.prefix.value, &two.prefix.value)
            || within(&two.prefix.value, &one.prefix.value))
}

/// Whether a path is another one or lies below it.
fn within(path: &str, other: &str) -> bool {
    other.is_empty()
        || path
            .strip_prefix(other)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
