//! What AWS takes for a name. Each rule answers with what is right when a text is wrong.

pub(crate) use crate::table::Rule;

fn when(right: bool, expected: &'static str) -> Result<(), &'static str> {
    if right { Ok(()) } else { Err(expected) }
}

fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.chars().all(allowed)
}

/// Letters, digits and hyphens between them: the form of SageMaker's names.
fn is_hyphenated(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    all(text, |c| c.is_ascii_alphanumeric() || c == '-')
        && ends(text.chars().next())
        && ends(text.chars().next_back())
}

fn is_iam_name(text: &str) -> bool {
    all(text, |c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
}

pub(crate) fn any(text: &str) -> Result<(), &'static str> {
    when(!text.is_empty(), "at least one character")
}

pub(crate) fn account_id(text: &str) -> Result<(), &'static str> {
    when(
        text.len() == 12 && all(text, |c| c.is_ascii_digit()),
        "an account id of 12 digits",
    )
}

pub(crate) fn account_name(text: &str) -> Result<(), &'static str> {
    let right = (1..=50).contains(&text.chars().count()) && all(text, |c| !c.is_control());
    when(right, "a name of 1 to 50 characters")
}

pub(crate) fn partition(text: &str) -> Result<(), &'static str> {
    let right = text.split('-').next() == Some("aws")
        && text
            .split('-')
            .all(|word| !word.is_empty() && all(word, |c| c.is_ascii_lowercase()));
    when(right, "a partition such as `aws`, `aws-cn` or `aws-us-gov`")
}

pub(crate) fn region(text: &str) -> Result<(), &'static str> {
    let words: Vec<&str> = text.split('-').collect();
    let right = match words.as_slice() {
        [area, middle @ .., number] => {
            area.len() == 2
                && !middle.is_empty()
                && std::iter::once(area)
                    .chain(middle)
                    .all(|word| !word.is_empty() && all(word, |c| c.is_ascii_lowercase()))
                && (1..=2).contains(&number.len())
                && all(number, |c| c.is_ascii_digit())
        }
        _ => false,
    };
    when(right, "a region such as `us-east-1`")
}

pub(crate) fn iam_name(text: &str) -> Result<(), &'static str> {
    when(
        (1..=64).contains(&text.len()) && is_iam_name(text),
        "1 to 64 letters, digits and `_+=,.@-`",
    )
}

pub(crate) fn policy_name(text: &str) -> Result<(), &'static str> {
    when(
        (1..=128).contains(&text.len()) && is_iam_name(text),
        "1 to 128 letters, digits and `_+=,.@-`",
    )
}

pub(crate) fn iam_path(text: &str) -> Result<(), &'static str> {
    let right = (1..=512).contains(&text.len())
        && text.starts_with('/')
        && text.ends_with('/')
        && all(text, |c| ('!'..='~').contains(&c));
    when(
        right,
        "a path that begins and ends with `/`, such as `/team/`",
    )
}

pub(crate) fn access_key_id(text: &str) -> Result<(), &'static str> {
    let right = (16..=128).contains(&text.len())
        && all(text, |c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && !text.starts_with("ASIA");
    when(
        right,
        "16 to 128 capital letters and digits, such as `AKIA…`, and not `ASIA…`, which marks \
         temporary keys",
    )
}

pub(crate) fn access_key_secret(text: &str) -> Result<(), &'static str> {
    let right = (16..=128).contains(&text.len()) && all(text, |c| ('!'..='~').contains(&c));
    when(right, "16 to 128 characters without blanks")
}

pub(crate) fn bucket(text: &str) -> Result<(), &'static str> {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let right = (3..=63).contains(&text.len())
        && all(text, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.'
        })
        && ends(text.chars().next())
        && ends(text.chars().next_back())
        && !text.contains("..")
        && text.parse::<std::net::Ipv4Addr>().is_err();
    when(
        right,
        "3 to 63 lower-case letters, digits, hyphens and single dots, with a letter or digit at \
         both ends",
    )
}

pub(crate) fn object_key(text: &str) -> Result<(), &'static str> {
    when(
        (1..=1024).contains(&text.len()),
        "a key of 1 to 1,024 bytes",
    )
}

pub(crate) fn secret_name(text: &str) -> Result<(), &'static str> {
    let right = (1..=512).contains(&text.len())
        && all(text, |c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c));
    when(right, "1 to 512 letters, digits and `/_+=.@-`")
}

pub(crate) fn secret_value(text: &str) -> Result<(), &'static str> {
    when(
        (1..=65_536).contains(&text.len()),
        "a value of 1 to 65,536 bytes",
    )
}

pub(crate) fn domain_name(text: &str) -> Result<(), &'static str> {
    when(
        text.len() <= 63 && is_hyphenated(text),
        "1 to 63 letters, digits and hyphens between them",
    )
}

pub(crate) fn domain_id(text: &str) -> Result<(), &'static str> {
    let rest = text.strip_prefix("d-").unwrap_or_default();
    let right = text.len() <= 63
        && rest.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && all(rest, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
        });
    when(
        right,
        "`d-` and up to 61 lower-case letters, digits and hyphens, such as `d-vision`",
    )
}

pub(crate) fn profile_name(text: &str) -> Result<(), &'static str> {
    when(
        text.len() <= 63 && is_hyphenated(text),
        "1 to 63 letters, digits and hyphens between them",
    )
}

pub(crate) fn tag_key(text: &str) -> Result<(), &'static str> {
    let right =
        (1..=128).contains(&text.chars().count()) && !text.to_lowercase().starts_with("aws:");
    when(right, "1 to 128 characters that do not begin with `aws:`")
}

pub(crate) fn tag_value(text: &str) -> Result<(), &'static str> {
    when(text.chars().count() <= 256, "up to 256 characters")
}

pub(crate) fn variable(text: &str) -> Result<(), &'static str> {
    let right = !text.is_empty()
        && all(text, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'
        });
    when(right, "lower-case letters, digits, `_` and `-`")
}
