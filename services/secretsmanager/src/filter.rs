//! Filters of listings (Secrets Manager User Guide, "Find secrets in AWS Secrets Manager"). How words are told
//! apart follows what AWS finds for names and descriptions of many kinds.

use platform::ApiError;
use wire::value::Value;

use super::error;
use super::record::Secret;

/// Refuses filters that say nothing.
///
/// # Errors
/// A filter has no key, or no values.
pub(super) fn check(filters: &[Value]) -> Result<(), ApiError> {
    for filter in filters {
        let Some(key) = filter.str("Key") else {
            return Err(error::parameter("Invalid filter key"));
        };
        if filter.list("Values").is_empty() {
            let text = format!("Invalid filter values for key: {key}");
            return Err(error::parameter(text));
        }
    }
    Ok(())
}

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
        "description" => has_words(wanted, description.into_iter()),
        "tag-key" => secret.tags.iter().any(|tag| exact(&tag.key)),
        "tag-value" => secret.tags.iter().any(|tag| exact(&tag.value)),
        "primary-region" => exact(region),
        "all" => {
            let tags = secret.tags.iter();
            let texts = tags
                .flat_map(|tag| [tag.key.as_str(), tag.value.as_str()])
                .chain([secret.name.as_str(), description.unwrap_or("")]);
            has_words(wanted, texts)
        }
        // `owning-service`: no service makes secrets of its own here.
        _ => false,
    }
}

/// Whether each word that is wanted is the beginning of one in the texts.
fn has_words<'t>(wanted: &str, texts: impl Iterator<Item = &'t str>) -> bool {
    let held: Vec<String> = texts.flat_map(words).collect();
    let wanted = words(wanted);
    let is_held = |word: &String| held.iter().any(|held| held.starts_with(word));
    !wanted.is_empty() && wanted.iter().all(is_held)
}

/// The words of a text, in small letters: what stands between white space and marks, and in `oneWord` two,
/// of which the second begins with the last great letter: `ONEWord`.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = text.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let last = letters.peek().is_some_and(|next| next.is_lowercase());
        let begins =
            letter.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && last);
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_told_apart_as_aws_does() {
        for (text, expected) in [
            ("prod/AppBeta_1+x", &["prod", "app", "beta", "1", "x"][..]),
            ("uat/COMPANY", &["uat", "company"]),
            ("COMPANYthings", &["compan", "ythings"]),
            ("SecretFTag5b", &["secret", "f", "tag5b"]),
            ("one and two", &["one", "and", "two"]),
            ("+ /", &[]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
