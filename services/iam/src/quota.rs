//! Limits of size and number (IAM User Guide, "IAM and AWS STS quotas").

use platform::ApiError;
use platform::identity::Tag;

pub(super) const ACCESS_KEYS: usize = 2;
pub(super) const MANAGED_POLICIES: usize = 10;
pub(super) const TRUST_CHARACTERS: usize = 2_048;
pub(super) const POLICY_CHARACTERS: usize = 6_144;
pub(super) const USER_INLINE: usize = 2_048;
pub(super) const GROUP_INLINE: usize = 5_120;
pub(super) const ROLE_INLINE: usize = 10_240;
pub(super) const GROUPS: usize = 300;
pub(super) const GROUPS_PER_USER: usize = 10;
pub(super) const VERSIONS: usize = 5;
const TAGS: usize = 50;

/// The error of a limit that is reached.
pub(super) fn exceeded(quota: &str, limit: usize) -> ApiError {
    ApiError::new(
        "LimitExceeded",
        409,
        format!("Cannot exceed quota for {quota}: {limit}"),
    )
}

/// How many characters of a document count: all but white space.
pub(super) fn characters(document: &str) -> usize {
    document
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count()
}

/// Whether the tags that were passed differ, are not reserved, and are not too many beside those
/// already held.
pub(super) fn tags(noun: &str, held: &[Tag], new: &[Tag]) -> Result<(), ApiError> {
    let invalid = |text: &str| Err(ApiError::new("InvalidInput", 400, text));
    for (at, tag) in new.iter().enumerate() {
        if new
            .iter()
            .take(at)
            .any(|other| other.key.eq_ignore_ascii_case(&tag.key))
        {
            return invalid(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            );
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return invalid("Tag keys that start with aws: are reserved for system use.");
        }
    }
    let kept = held
        .iter()
        .filter(|old| !new.iter().any(|tag| tag.key.eq_ignore_ascii_case(&old.key)))
        .count();
    if kept + new.len() > TAGS {
        return Err(exceeded(&format!("TagsPer{noun}"), TAGS));
    }
    Ok(())
}
