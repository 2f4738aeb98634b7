//! Text of a policy that may only be known at deployment.
//!
//! An infrastructure template holds text whose value nobody knows before it is deployed: `!Ref Bucket`,
//! `${aws_s3_bucket.data.arn}`. Such a stretch is one *hole*, a character that no policy contains. Rules skip what
//! depends on a hole; [`Text::shown`] shows one as `…`.

use policy::text::{Source, Span};

/// A hole: any text, also none.
pub const UNKNOWN: char = '\u{10FFFD}';
/// A hole that surely is the id of the account deployed to.
pub const ACCOUNT: char = '\u{10FFFC}';
/// A hole that surely is the region deployed to.
pub const REGION: char = '\u{10FFFB}';
/// A hole that surely is the partition deployed to.
pub const PARTITION: char = '\u{10FFFA}';

/// Whether a character is a hole.
#[must_use]
pub fn is_hole(character: char) -> bool {
    (PARTITION..=UNKNOWN).contains(&character)
}

/// Replaces what an input holds of the characters that mark holes, so that it cannot silence a rule.
#[must_use]
pub fn without_holes(text: &str) -> String {
    text.chars()
        .map(|c| if is_hole(c) { '\u{FFFD}' } else { c })
        .collect()
}

/// A text with a hole for each placeholder `{{…}}`, as blueprints and template engines fill in.
#[must_use]
pub fn without_placeholders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let behind = rest.get(at + 2..).unwrap_or("");
        let Some(end) = behind.find("}}") else {
            break;
        };
        out.push_str(rest.get(..at).unwrap_or(""));
        out.push(match behind.get(..end).unwrap_or("").trim() {
            "account" => ACCOUNT,
            "region" => REGION,
            "partition" => PARTITION,
            _ => UNKNOWN,
        });
        rest = behind.get(end + 2..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text; it may hold holes.
    pub value: String,
    /// Where it is written, with its quotes.
    pub span: Span,
}

impl Text {
    /// Joins a text and its place.
    pub fn new(value: impl Into<String>, span: Span) -> Self {
        let value = value.into();
        Self { value, span }
    }

    /// Whether it has no hole.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.value.contains(is_hole)
    }

    /// The text, if it has no hole.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        self.is_known().then_some(self.value.as_str())
    }

    /// The text as messages show it.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.value)
    }

    /// The place of a part of it, by byte offsets in `value`; the whole place where the part cannot be told.
    #[must_use]
    pub fn part(&self, source: &Source, start: usize, end: usize) -> Span {
        self.exact(source, start, end).unwrap_or(self.span)
    }

    /// The place of a part of it, if the original holds the text as it is, without escapes.
    #[must_use]
    pub fn exact(&self, source: &Source, start: usize, end: usize) -> Option<Span> {
        let raw = source.slice(self.span);
        let at = raw.find(self.value.as_str())?;
        let base = self.span.start as usize + at;
        (start <= end && end <= self.value.len()).then(|| Span::new(base + start, base + end))
    }

    /// The place of the text without quotes, if the original holds it without escapes.
    #[must_use]
    pub fn inner(&self, source: &Source) -> Option<Span> {
        self.exact(source, 0, self.value.len())
    }
}

/// A text as messages show it: holes as `…`, long texts cut.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 160;
    let mut out: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if is_hole(c) { '…' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_holes() {
        let text =
            without_placeholders("arn:{{partition}}:s3:::{{ bucket }}/${aws:username}/{{open");
        assert_eq!(
            text,
            format!("arn:{PARTITION}:s3:::{UNKNOWN}/${{aws:username}}/{{{{open")
        );
        assert_eq!(shown(&text), "arn:…:s3:::…/${aws:username}/{{open");
    }
}
