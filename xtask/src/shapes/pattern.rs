//! From the models' regular expressions (Java's dialect) to the syntax of the crate `regex`.
//!
//! Java's `\w`, `\d`, `\s` and `\b` know ASCII only and its `.` stops at five line ends; these are
//! rewritten. Look-around has no counterpart, so each pattern that uses it was rewritten by hand.

use crate::Result;

/// The most memory that one compiled pattern may take, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// Rewritten by hand: the pattern, and what it means. Where a look-ahead only limits the length, it
/// is dropped: the shape has the same limit as its `max`.
const REVIEWED: &[(&str, &str)] = &[
    (r"(?!\s*$).+", r".*\S.*"),
    (
        r"(?!^[.-])^([a-zA-Z0-9-_.]+)",
        r"[a-zA-Z0-9_][a-zA-Z0-9-_.]*",
    ),
    (
        r"(?=.{1,1024}$)(https)://([^/]+)/(.+)",
        r"(https)://([^/]+)/(.+)",
    ),
    (
        r"(?=.{1,255}$)([a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*",
        r"([a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*",
    ),
    (
        r"(?=.{1,256}$)arn:aws[a-z\-]*:cloudformation:[a-z0-9\-]*:[0-9]{12}:stack/[a-zA-Z][a-zA-Z0-9-]{0,127}/.*",
        r"arn:aws[a-z\-]*:cloudformation:[a-z0-9\-]*:[0-9]{12}:stack/[a-zA-Z][a-zA-Z0-9-]{0,127}/.*",
    ),
    (
        r"(?=.{1,32}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        r"[a-zA-Z0-9](-*[a-zA-Z0-9])*",
    ),
    (
        r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*/)?([a-zA-Z0-9]([a-zA-Z0-9\-]){0,62})(?<!-)",
        r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*/)?[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?",
    ),
    (
        r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)",
        r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*/)?[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
    ),
    (
        r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)(\/[0-9]{1,9})?",
        r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*/)?[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(/[0-9]{1,9})?",
    ),
    (
        r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+",
        r"/(\.|(\.?[a-zA-Z0-9/_\-])+\.?)",
    ),
    (
        r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*",
        r"[\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}\t]*",
    ),
    // The shape's length is 3 to 63, as the pattern's count says.
    (
        r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
        r"[a-z0-9](-?[a-z0-9])*",
    ),
    // Written out, the counts of these would take megabytes; the shapes' lengths are the same.
    (r".{0,1024}", r".*"),
    (r".{0,4096}", r".*"),
    (r".{1,4096}", r".+"),
    (r"https://([^/]+)/?.{3,1016}", r"https://([^/]+)/?.{3,}"),
    (
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:algorithm/[\S]{1,2048}",
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:algorithm/[\S]+",
    ),
    (
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:code-repository/[\S]{1,2048}",
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:code-repository/[\S]+",
    ),
    (
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:model-package-group/[\S]{1,2048}",
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:model-package-group/[\S]+",
    ),
    (
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:model-package/[\S]{1,2048}",
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:model-package/[\S]+",
    ),
    (
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:project/[\S]{1,2048}",
        r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:project/[\S]+",
    ),
    (
        r"[\p{L}\p{M}\p{Z}\p{N}\p{P}]{0,1024}",
        r"[\p{L}\p{M}\p{Z}\p{N}\p{P}]*",
    ),
];

/// How to check a pattern: `None` when it is valid as it stands, else what it is called in the
/// other syntax.
///
/// # Errors
/// The pattern cannot be expressed, or takes too much memory: it belongs on the reviewed list.
pub(super) fn check(pattern: &str) -> Result<Option<String>> {
    let reviewed = REVIEWED
        .iter()
        .find(|(from, _)| *from == pattern)
        .map(|(_, to)| *to);
    let translated = translate(reviewed.unwrap_or(pattern));
    let compiled = regex::RegexBuilder::new(&format!("^(?:{translated})$"))
        .size_limit(SIZE_LIMIT)
        .build();
    match compiled {
        Err(error) => Err(format!(
            "pattern `{pattern}` needs an entry in the reviewed list of xtask/src/shapes/pattern.rs: {error}"
        )
        .into()),
        Ok(_) => Ok(Some(translated).filter(|translated| translated != pattern)),
    }
}

/// Rewrites what the two syntaxes read differently.
fn translate(pattern: &str) -> String {
    let any = if pattern.starts_with("(?s)") {
        "."
    } else {
        r"[^\n\r\x{85}\x{2028}\x{2029}]"
    };
    let mut out = String::with_capacity(pattern.len());
    let mut in_class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match escape(chars.as_str(), in_class) {
                Some((text, after)) => {
                    out.push_str(text);
                    chars = after.chars();
                }
                None => {
                    out.push(c);
                    out.extend(chars.next());
                }
            },
            '[' if !in_class => {
                in_class = true;
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(c);
            }
            '.' if !in_class => out.push_str(any),
            _ => out.push(c),
        }
    }
    out
}

/// What stands for an escape, given what follows the backslash; and the text after the escape.
fn escape(rest: &str, in_class: bool) -> Option<(&'static str, &str)> {
    const ESCAPES: &[(&str, &str, &str)] = &[
        ("w", "[0-9A-Za-z_]", "0-9A-Za-z_"),
        ("d", "[0-9]", "0-9"),
        ("s", r"[ \t\n\x0B\f\r]", r" \t\n\x0B\f\r"),
        ("W", "[^0-9A-Za-z_]", "[^0-9A-Za-z_]"),
        ("D", "[^0-9]", "[^0-9]"),
        ("S", r"[^ \t\n\x0B\f\r]", r"[^ \t\n\x0B\f\r]"),
        ("b", r"(?-u:\b)", r"\x08"),
        ("p{Alnum}", "[0-9A-Za-z]", "0-9A-Za-z"),
    ];
    ESCAPES.iter().find_map(|(name, outside, inside)| {
        let after = rest.strip_prefix(name)?;
        Some((if in_class { *inside } else { *outside }, after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(pattern: &str) -> regex::Regex {
        let text = check(pattern)
            .unwrap()
            .unwrap_or_else(|| pattern.to_owned());
        regex::Regex::new(&format!("^(?:{text})$")).unwrap()
    }

    #[test]
    fn classes_are_ascii_as_in_java() {
        assert!(regex(r"[\w+=,.@-]*").is_match("alice@example.com"));
        assert!(!regex(r"[\w+=,.@-]*").is_match("älice"));
        assert!(!regex(r"\d{2}").is_match("٣٣"));
        assert!(regex(r"[\s\S]*").is_match("a\nb"));
        assert!(!regex(".*").is_match("a\u{2028}b"));
        assert!(regex("(?s).*").is_match("a\nb"));
        assert!(regex(r"((25[0-5]|(2[0-4]|1\d|[1-9]|)\d)\.?\b){4}").is_match("10.0.0.255"));
    }

    #[test]
    fn patterns_rewritten_by_hand_mean_what_the_look_around_said() {
        let blank = regex(r"(?!\s*$).+");
        assert!(blank.is_match(" a ") && !blank.is_match("  ") && !blank.is_match(""));
        let alias = regex(r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$");
        assert!(alias.is_match("a-b-c") && !alias.is_match("a--c") && !alias.is_match("-ab"));
        let path = regex(r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+");
        assert!(path.is_match("/a.b/.c.") && path.is_match("/.") && path.is_match("/.a"));
        assert!(!path.is_match("/a..b") && !path.is_match("/..") && !path.is_match("/"));
        let version = regex(r"(?!^[.-])^([a-zA-Z0-9-_.]+)");
        assert!(version.is_match("a.-") && !version.is_match(".a") && !version.is_match("-"));
        let name = regex(
            r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)(\/[0-9]{1,9})?",
        );
        assert!(name.is_match("a-b/1") && name.is_match("a") && !name.is_match("a-/1"));
        let surrogates = regex(r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*");
        assert!(surrogates.is_match("a😀\t") && !surrogates.is_match("\u{1}"));
    }

    #[test]
    fn what_cannot_be_expressed_is_refused() {
        assert!(check(r"(?!x)y").is_err());
    }
}
