//! Filters of listings (Secrets Manager User Guide, "Find secrets in AWS Secrets Manager").

use wire::value::Value;

use super::record::Secret;

/// Whether a secret passes all of these filters. `region` is where it is.
pub(super) fn admit(filters: &[Value], secret: &Secret, region: &str) -> bool {
    filters.iter().all(|filter| admits(filter, secret, region))
}

/// Whether a secret passes a filter: one of its values matches, and none of those with `!`.
fn admits(filter: &Value, secret: &Secret, region: &str) -> bool {
    let key = filter.str("Key").unwrap_or("all");
    let values = || filter.list("Values").iter().filter_map(Value::as_str);
    let matches = |wanted: &str| matches(key, wanted, secret, region);
    let forbidden = || values().filter_map(|value| value.strip_prefix('!'));
    let mut wanted = values().filter(|value| !value.starts_with('!')).peekable();
    !forbidden().any(matches) && (wanted.peek().is_none() || wanted.any(matches))
}

fn matches(key: &str, wanted: &str, secret: &Secret, region: &str) -> bool {
    let exact = |text: &str| text.starts_with(wanted);
    let description = secret.description.as_deref();
    match key {
        "name" => exact(&secret.name),
        "description" => {
            description.is_some_and(|text| text.to_lowercase().starts_with(&wanted.to_lowercase()))
        }
        "tag-key" => secret.tags.iter().any(|tag| exact(&tag.key)),
        "tag-value" => secret.tags.iter().any(|tag| exact(&tag.value)),
        "primary-region" => exact(region),
        "all" => {
            let tags = secret.tags.iter();
            let texts = tags
                .flat_map(|tag| [tag.key.as_str(), tag.value.as_str()])
                .chain([secret.name.as_str(), description.unwrap_or("")]);
            let held: Vec<String> = texts.flat_map(words).collect();
            let wanted = words(wanted);
            !wanted.is_empty()
                && wanted
                    .iter()
                    .all(|word| held.iter().any(|held| held.starts_with(word)))
        }
        // `owning-service`: no service makes secrets of its own here.
        _ => false,
    }
}

/// The words of a text, in small letters: what stands between white space and marks.
fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
