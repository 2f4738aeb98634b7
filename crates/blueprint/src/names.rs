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

/// Lower-case letters, digits and single hyphens between them.
pub(crate) fn team_name(text: &str) -> Result<(), &'static str> {
    let right =
        text.len() <= 40 && is_hyphenated(text) && !text.contains("--") && !has_capital(text);
    when(
        right,
        "1 to 40 lower-case letters, digits and single hyphens between them",
    )
}

/// Whether some letter is a capital.
pub(crate) fn has_capital(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase())
}

/// Path segments without dots of their own, wildcards and variables.
fn is_path(text: &str, more: &str) -> bool {
    all(text, |c| {
        c.is_ascii_alphanumeric() || "/_-.=+@".contains(c) || more.contains(c)
    }) && text
        .split('/')
        .all(|segment| !matches!(segment, "" | "." | ".."))
}

pub(crate) fn prefix(text: &str) -> Result<(), &'static str> {
    when(
        text.len() <= 512 && is_path(text, ""),
        "a prefix such as `vision/users`: letters, digits and `/_-.=+@`, without a slash at either \
         end",
    )
}

pub(crate) fn secret_prefix(text: &str) -> Result<(), &'static str> {
    when(
        text.len() <= 256 && is_path(text, ""),
        "a prefix such as `vision/users`: letters, digits and `/_-.=+@`, without a slash at either \
         end",
    )
}

pub(crate) fn directory(text: &str) -> Result<(), &'static str> {
    let inner = text.strip_prefix('/');
    let right = text.len() <= 1024
        && inner.is_some_and(|inner| inner.is_empty() || is_path(inner.trim_end_matches('/'), ""));
    when(
        right,
        "an absolute path such as `/fsx/users`, without `.` and `..`",
    )
}

/// What a user profile's name may look like, with wildcards.
pub(crate) fn profile_pattern(text: &str) -> Result<(), &'static str> {
    let right = (1..=63).contains(&text.len())
        && all(text, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || "-*?".contains(c)
        });
    when(
        right,
        "lower-case letters, digits, hyphens, `*` and `?`, such as `u?????`",
    )
}

pub(crate) fn organization_id(text: &str) -> Result<(), &'static str> {
    let rest = text.strip_prefix("o-").unwrap_or_default();
    let right = (10..=32).contains(&rest.len())
        && all(rest, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
    when(
        right,
        "`o-` and 10 to 32 lower-case letters and digits, such as `o-a1b2c3d4e5`",
    )
}

/// The name of a role, with its path and wildcards; not every role.
pub(crate) fn administrator(text: &str) -> Result<(), &'static str> {
    let right = (1..=512).contains(&text.len())
        && !text.starts_with(['/', '*', '?'])
        && all(text, |c| {
            c.is_ascii_alphanumeric() || "_+=,.@-/*?".contains(c)
        });
    when(
        right,
        "the name of a role, with its path where it has one, such as `PlatformAdmin`; `*` may not \
         begin it",
    )
}

pub(crate) fn file_system_id(text: &str) -> Result<(), &'static str> {
    let rest = text.strip_prefix("fs-").unwrap_or_default();
    let right = (8..=40).contains(&rest.len()) && all(rest, |c| matches!(c, '0'..='9' | 'a'..='f'));
    when(
        right,
        "`fs-` and at least 8 hexadecimal digits, such as `fs-0123456789abcdef0`",
    )
}

/// The key of a tag that stands in a condition key or variable.
pub(crate) fn key_tag(text: &str) -> Result<(), &'static str> {
    let right = (1..=128).contains(&text.len())
        && !text.to_lowercase().starts_with("aws:")
        && all(text, |c| c.is_ascii_alphanumeric() || "_-.:/".contains(c));
    when(right, "1 to 128 letters, digits and `_-.:/`")
}

/// The key of the tag that names a cluster's user; `team` is that of its team.
pub(crate) fn user_tag(text: &str) -> Result<(), &'static str> {
    when(
        key_tag(text).is_ok() && !text.eq_ignore_ascii_case("team"),
        "1 to 128 letters, digits and `_-.:/`, but not `team`, which names the cluster's team",
    )
}

/// Whether a name is like a pattern in which `*` and `?` are wildcards.
pub(crate) fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) =
        (name.chars().collect(), pattern.chars().collect());
    // Which beginnings of the name are like the beginning of the pattern that was looked at.
    let mut like: Vec<bool> = (0..=name.len()).map(|length| length == 0).collect();
    for wanted in pattern {
        let mut next = vec![false; like.len()];
        let mut before = false;
        for (at, cell) in next.iter_mut().enumerate() {
            let here = like.get(at) == Some(&true);
            let shorter = at > 0 && like.get(at - 1) == Some(&true);
            let letter = at.checked_sub(1).and_then(|last| name.get(last));
            *cell = match wanted {
                '*' => here || before,
                '?' => shorter,
                other => shorter && letter == Some(&other),
            };
            before = *cell;
        }
        like = next;
    }
    like.last() == Some(&true)
}

pub(crate) fn database(text: &str) -> Result<(), &'static str> {
    let right = (1..=255).contains(&text.len())
        && all(text, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c)
        });
    when(right, "lower-case letters, digits, `_` and `-`")
}

/// A table's name, or `*` at its end.
pub(crate) fn table(text: &str) -> Result<(), &'static str> {
    let stem = text.strip_suffix('*').unwrap_or(text);
    let right = (1..=255).contains(&text.len())
        && all(stem, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c)
        });
    when(
        right,
        "lower-case letters, digits, `_` and `-`; `*` may end it",
    )
}

pub(crate) fn workgroup(text: &str) -> Result<(), &'static str> {
    let right = (1..=128).contains(&text.len())
        && all(text, |c| c.is_ascii_alphanumeric() || "._-".contains(c));
    when(right, "1 to 128 letters, digits and `._-`")
}

pub(crate) fn repository(text: &str) -> Result<(), &'static str> {
    let stem = text.strip_suffix('*').unwrap_or(text);
    let right = (1..=256).contains(&text.len())
        && !stem.is_empty()
        && all(stem, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c)
        });
    when(
        right,
        "the name of a repository, such as `vision/train`; `*` may end it",
    )
}

/// A feature group's name, or `*` at its end.
pub(crate) fn group_pattern(text: &str) -> Result<(), &'static str> {
    let stem = text.strip_suffix('*').unwrap_or(text);
    let right =
        (1..=64).contains(&stem.len()) && all(stem, |c| c.is_ascii_alphanumeric() || c == '-');
    when(
        right,
        "a feature group's name of 1 to 64 letters, digits and hyphens; `*` may end it",
    )
}

pub(crate) fn key_alias(text: &str) -> Result<(), &'static str> {
    let right = (1..=250).contains(&text.len())
        && !text.starts_with("aws/")
        && all(text, |c| c.is_ascii_alphanumeric() || "/_-".contains(c));
    when(
        right,
        "1 to 250 letters, digits and `/_-`, without `alias/` before them",
    )
}

pub(crate) fn key_id(text: &str) -> Result<(), &'static str> {
    let right =
        (1..=64).contains(&text.len()) && all(text, |c| c.is_ascii_alphanumeric() || c == '-');
    when(
        right,
        "a key's id, such as `1234abcd-12ab-34cd-56ef-1234567890ab`",
    )
}

pub(crate) fn trail_name(text: &str) -> Result<(), &'static str> {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let right = (3..=128).contains(&text.len())
        && all(text, |c| c.is_ascii_alphanumeric() || "._-".contains(c))
        && ends(text.chars().next())
        && ends(text.chars().next_back());
    when(
        right,
        "3 to 128 letters, digits and `._-`, with a letter or digit at both ends",
    )
}
