//! Places in a text, and the errors that point at them.

use std::fmt;
use std::sync::Arc;

/// A range of bytes in a source text, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`; offsets beyond 4 GiB saturate.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        }
    }
}

/// A value together with the place where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A line and a column, both counted from one; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from one.
    pub line: u32,
    /// Column in characters, from one.
    pub column: u32,
}

/// A text that was read: its name (a file, where there is one) and its characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: Option<Arc<str>>,
    text: Arc<str>,
    /// The offsets of the line breaks, so that a place is found without reading the text again.
    breaks: Arc<[u32]>,
    /// How many characters begin in front of each [`STEP`] of bytes, for a text may be one line of megabytes.
    marks: Arc<[u32]>,
    first_line: u32,
}

impl Source {
    /// A text without a name.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        Self {
            name: None,
            breaks: breaks.map_while(|at| u32::try_from(at).ok()).collect(),
            marks: marks(&text),
            text,
            first_line: 1,
        }
    }

    /// A text with the name that errors show, such as a path.
    #[must_use]
    pub fn named(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::new(text)
        }
    }

    /// The same text, whose first line is line `line` of a larger one.
    #[must_use]
    pub fn starting_at_line(mut self, line: u32) -> Self {
        self.first_line = line;
        self
    }

    /// The name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The characters of `span`; empty where the span lies outside the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let before = self.text.get(..offset as usize).unwrap_or(&self.text);
        let line = self.line_of(before.len());
        let start = self.line_start(line);
        let column = self.begun(before.len()) - self.begun(start);
        Position {
            line: u32::try_from(line)
                .unwrap_or(u32::MAX)
                .saturating_add(self.first_line),
            column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// The line that holds a byte offset, without its line break, and the offset within it.
    #[must_use]
    pub fn line(&self, offset: u32) -> (&str, usize) {
        let offset = (offset as usize).min(self.text.len());
        let number = self.line_of(offset);
        let start = self.line_start(number);
        let end = self
            .breaks
            .get(number)
            .map_or(self.text.len(), |at| *at as usize);
        let line = self
            .text
            .get(start..end)
            .unwrap_or("")
            .trim_end_matches('\r');
        (line, (offset - start).min(line.len()))
    }

    /// The line that holds a byte offset, without its line break, cut to a readable length around the offset.
    #[must_use]
    pub fn excerpt(&self, offset: u32) -> &str {
        let (line, place) = self.line(offset);
        if line.len() <= EXCERPT_BYTES {
            return line;
        }
        let from = floor_boundary(line, place.saturating_sub(EXCERPT_BYTES / 2));
        let to = floor_boundary(line, (from + EXCERPT_BYTES).min(line.len()));
        line.get(from..to).unwrap_or("")
    }
}

impl Source {
    /// The line of a byte offset, from zero.
    fn line_of(&self, offset: usize) -> usize {
        self.breaks.partition_point(|at| (*at as usize) < offset)
    }

    fn line_start(&self, line: usize) -> usize {
        let above = line.checked_sub(1).and_then(|above| self.breaks.get(above));
        above.map_or(0, |at| *at as usize + 1)
    }

    /// How many characters begin in front of a byte offset.
    fn begun(&self, offset: usize) -> usize {
        let step = offset / STEP;
        let before = step.checked_sub(1).and_then(|mark| self.marks.get(mark));
        let bytes = self.text.as_bytes();
        let rest = bytes.get(step * STEP..offset).unwrap_or_default();
        before.map_or(0, |count| *count as usize) + beginnings(rest)
    }
}

/// The distance of the marks by which columns are counted, in bytes.
const STEP: usize = 1024;

fn marks(text: &str) -> Arc<[u32]> {
    let steps = text.as_bytes().chunks_exact(STEP);
    let count = |sum: &mut u32, step: &[u8]| {
        *sum = sum.saturating_add(u32::try_from(beginnings(step)).unwrap_or(u32::MAX));
        Some(*sum)
    };
    steps.scan(0, count).collect()
}

/// How many of these bytes begin a character, and do not go on with one.
fn beginnings(bytes: &[u8]) -> usize {
    let begins = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
    bytes.iter().filter(begins).count()
}

/// How much of a very long line an excerpt shows, in bytes.
const EXCERPT_BYTES: usize = 160;

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One thing that is wrong with a text: the place, the reason and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What is wrong, and why.
    pub reason: String,
    /// What to write instead.
    pub fix: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a suggested fix.
    pub fn new(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            fix: None,
        }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// A text that was refused, with everything that is wrong with it.
///
/// `Display` prints each diagnostic with line, column, excerpt, reason and fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The text.
    pub source: Source,
    /// What is wrong, in the order of the text; never empty.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rejected {
    /// Joins a text and what is wrong with it, sorted by place.
    #[must_use]
    pub fn new(source: Source, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        Self {
            source,
            diagnostics,
        }
    }
}

impl std::error::Error for Rejected {}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let at = self.source.position(diagnostic.span.start);
            if let Some(name) = self.source.name() {
                write!(f, "{name}: ")?;
            }
            write!(
                f,
                "line {}, column {}: {}",
                at.line, at.column, diagnostic.reason
            )?;
            let excerpt = self.source.excerpt(diagnostic.span.start).trim();
            if !excerpt.is_empty() {
                write!(f, "\n  | {excerpt}")?;
            }
            if let Some(fix) = &diagnostic.fix {
                write!(f, "\n  fix: {fix}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a\nüb\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(4), Position { line: 2, column: 2 });
        assert_eq!(source.excerpt(4), "üb");
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_long_lines_count_characters() {
        let text = format!("{}\n{}x", "é".repeat(3000), "a€".repeat(2000));
        let source = Source::new(text.clone());
        for (offset, _) in text.char_indices().step_by(7) {
            let before = text.get(..offset).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            let at = source.position(u32::try_from(offset).unwrap_or_default());
            assert_eq!(at.column as usize, line.chars().count() + 1, "{offset}");
        }
        let last = u32::try_from(text.len() - 1).unwrap_or_default();
        assert!(source.excerpt(last).ends_with("a€x"));
        assert!(source.excerpt(2999).starts_with("é"));
    }

    #[test]
    fn a_rejection_names_place_reason_and_fix() {
        let rejected = Rejected::new(
            Source::named("p.json", "{\n  \"Effect\": \"allow\"\n}"),
            vec![
                Diagnostic::new(Span::new(14, 21), "unknown effect `allow`")
                    .with_fix("write \"Allow\""),
            ],
        );
        assert_eq!(
            rejected.to_string(),
            "p.json: line 2, column 13: unknown effect `allow`\n  | \"Effect\": \"allow\"\n  fix: write \"Allow\""
        );
    }
}
