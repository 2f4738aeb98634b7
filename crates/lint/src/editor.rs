//! What an editor asks while a policy is being written: what could stand here, and what does this mean.
//!
//! A text that is being written is broken most of the time, so that the place is told from the characters in front of it
//! alone.

mod complete;
mod hover;
mod place;

pub use complete::{Completion, CompletionKind, complete};
pub use hover::{Hover, hover};

use policy::text::Source;

/// The byte offset of a line and a column, both from zero, the column in UTF-16 code units as editors count. Places behind
/// the end of a line are its end.
#[must_use]
pub fn offset(text: &str, line: u32, column: u32) -> usize {
    let mut start = 0;
    for _ in 0..line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(at) => start += at + 1,
            None => return text.len(),
        }
    }
    let mut units = 0;
    for (at, character) in text.get(start..).unwrap_or("").char_indices() {
        if units >= column || character == '\n' {
            return start + at;
        }
        units += u32::try_from(character.len_utf16()).unwrap_or(1);
    }
    text.len()
}

/// Line and column of a byte offset, both from zero, the column in UTF-16 code units.
#[must_use]
pub fn position(source: &Source, offset: u32) -> (u32, u32) {
    let before = source
        .text()
        .get(..offset as usize)
        .unwrap_or(source.text());
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = source.position(offset).line.saturating_sub(1);
    let units = before.get(start..).unwrap_or("").encode_utf16().count();
    (line, u32::try_from(units).unwrap_or(u32::MAX))
}

/// The services whose actions a text names.
fn services_in(text: &str) -> Vec<catalog::Service> {
    let mut found: Vec<catalog::Service> = Vec::new();
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':' || c == '*';
    for word in text.split(|c: char| !part(c)) {
        let Some((prefix, name)) = word.split_once(':') else {
            continue;
        };
        let is_action = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '*');
        if let Some(service) = catalog::service(prefix).filter(|_| is_action)
            && !found.contains(&service)
        {
            found.push(service);
        }
    }
    found
}
