//! What rules ask the catalog.

use crate::patterns;
use catalog::{Action, ConditionKey};

/// The actions that a pattern such as `s3:Get*` matches. `*` is not expanded.
#[must_use]
pub fn matching(pattern: &str) -> Vec<Action> {
    let Some((prefix, name)) = pattern.split_once(':') else {
        return Vec::new();
    };
    let Some(service) = catalog::service(prefix) else {
        return Vec::new();
    };
    if !name.contains(['*', '?']) {
        return service.action(name).into_iter().collect();
    }
    let name = name.to_ascii_lowercase();
    service
        .actions()
        .filter(|action| {
            let text = action.name().to_string().to_ascii_lowercase();
            patterns::glob(&name, &text)
        })
        .collect()
}

/// Whether a condition key can be in a request for an action: it is global, or the action lists it, or the action's
/// service lists it for no action in particular, as `sagemaker:DomainId`.
#[must_use]
pub fn can_carry(action: Action, key: &str) -> bool {
    if action.lists_condition_key(key) {
        return true;
    }
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("aws:") {
        // Tags are the global keys that only some actions support.
        return !is_tag_key(&lower);
    }
    let of_service = action
        .service()
        .condition_keys()
        .any(|known| known.covers(key));
    of_service
        && !action
            .service()
            .actions()
            .any(|other| other.lists_condition_key(key))
}

/// Whether a key, in lower case, is one of the tag keys that services support or do not.
#[must_use]
pub fn is_tag_key(lower: &str) -> bool {
    lower.starts_with("aws:requesttag/")
        || lower.starts_with("aws:resourcetag/")
        || lower == "aws:tagkeys"
}

/// The key that a name in a policy means, also where a service lists it under another spelling of its tag.
#[must_use]
pub fn key(name: &str) -> Option<ConditionKey> {
    catalog::condition_key(name)
}

/// The known name closest to a misspelt one, if it is close enough to be meant.
pub fn closest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let limit = match lower.chars().count() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    known
        .map(|known| (distance(&lower, &known.to_ascii_lowercase(), limit), known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

/// Edits that turn one text into the other, counted up to one more than `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().take(128).collect();
    let b: Vec<char> = b.chars().take(128).collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(&b) {
            let substituted = diagonal + usize::from(from != to);
            diagonal = *slot;
            *slot = substituted.min(diagonal + 1).min(left + 1);
            left = *slot;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(limit + 1)
}

/// The partitions of AWS.
pub const PARTITIONS: &[&str] = &[
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

/// The regions of AWS, as of late 2026.
pub const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Whether a text has the form of a region: AWS adds regions, so that an unlisted one is no error by itself.
#[must_use]
pub fn is_region_like(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            words.len() >= 2
                && words.iter().all(letters)
                && number.len() == 1
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        None => false,
    }
}

/// Whether a text is an account id: twelve digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
