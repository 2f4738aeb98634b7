//! Names in the blob are sequences of words from one shared list.

use std::cmp::Ordering;
use std::fmt;

use super::read::u16_at;
use super::tables::Tables;

/// Codes below this are one byte; the others take two.
const SHORT_CODES: u8 = 0xb0;

/// A name from the catalog.
///
/// It is stored in pieces, so it is not a `&str`; it displays, compares and iterates without
/// allocating, and `to_string` makes a `String` where one is needed.
#[derive(Clone, Copy)]
pub struct Text(Form);

#[derive(Clone, Copy)]
enum Form {
    Plain(&'static str),
    Coded {
        tables: &'static Tables,
        codes: &'static [u8],
    },
}

impl Text {
    pub(super) const fn plain(text: &'static str) -> Self {
        Self(Form::Plain(text))
    }

    pub(super) const fn coded(tables: &'static Tables, codes: &'static [u8]) -> Self {
        Self(Form::Coded { tables, codes })
    }

    /// The pieces that make up the name, in order.
    pub fn pieces(self) -> impl Iterator<Item = &'static str> + Clone {
        let (plain, tables, codes) = match self.0 {
            Form::Plain(text) => (Some(text), None, [].as_slice()),
            Form::Coded { tables, codes } => (None, Some(tables), codes),
        };
        plain.into_iter().chain(Words { tables, codes })
    }

    /// The bytes of the name, in order.
    pub fn bytes(self) -> impl Iterator<Item = u8> + Clone {
        self.pieces().flat_map(str::bytes)
    }

    /// How the name sorts beside another, both in ASCII lower case.
    #[must_use]
    pub fn cmp_ignore_case(self, other: &str) -> Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.bytes().map(lower).cmp(other.bytes().map(lower))
    }

    /// Whether the name is this one, ignoring ASCII case.
    #[must_use]
    pub fn eq_ignore_case(self, other: &str) -> bool {
        self.cmp_ignore_case(other).is_eq()
    }

    /// Whether the name has a placeholder such as `${TagKey}`.
    #[must_use]
    pub fn is_pattern(self) -> bool {
        self.bytes().any(|byte| byte == b'$')
    }

    /// Whether `other` is this name, ignoring ASCII case, with one character or more in the place of
    /// each placeholder.
    #[must_use]
    pub fn covers(self, other: &str) -> bool {
        covers(self.bytes(), other.as_bytes())
    }
}

/// Matches a pattern with placeholders, going back only to the last placeholder: what an earlier
/// one takes is the least that can be, which never hurts.
fn covers(mut pattern: impl Iterator<Item = u8> + Clone, mut text: &[u8]) -> bool {
    let mut last = None;
    loop {
        let at_pattern = pattern.clone().next();
        if at_pattern == Some(b'$') {
            // A placeholder takes one byte for sure, and more when what follows asks for it.
            let Some((_, rest)) = text.split_first() else {
                return false;
            };
            pattern.by_ref().find(|byte| *byte == b'}');
            text = rest;
            last = Some((pattern.clone(), rest));
            continue;
        }
        match (at_pattern, text.split_first()) {
            (None, None) => return true,
            (Some(wanted), Some((found, rest))) if wanted.eq_ignore_ascii_case(found) => {
                pattern.next();
                text = rest;
            }
            _ => {
                let Some((after, start)) = last.take() else {
                    return false;
                };
                let Some((_, rest)) = start.split_first() else {
                    return false;
                };
                pattern = after.clone();
                text = rest;
                last = Some((after, rest));
            }
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().try_for_each(|piece| f.write_str(piece))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

#[derive(Clone)]
struct Words {
    tables: Option<&'static Tables>,
    codes: &'static [u8],
}

impl Iterator for Words {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let (&first, mut rest) = self.codes.split_first()?;
        let mut word = usize::from(first);
        if let Some(high) = first.checked_sub(SHORT_CODES) {
            let (&low, after) = rest.split_first()?;
            word = usize::from(SHORT_CODES) + usize::from(u16::from_be_bytes([high, low]));
            rest = after;
        }
        self.codes = rest;
        let tables = self.tables?;
        let start = match word.checked_sub(1) {
            Some(before) => u16_at(tables.word_ends, before)?,
            None => 0,
        };
        tables.words.get(start..u16_at(tables.word_ends, word)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_placeholder_takes_one_character_or_more() {
        let covers = |pattern, name| Text::plain(pattern).covers(name);
        assert!(covers("aws:RequestTag/${TagKey}", "AWS:requesttag/a"));
        assert!(covers("aws:RequestTag/${TagKey}", "aws:RequestTag/a/b:c"));
        assert!(!covers("aws:RequestTag/${TagKey}", "aws:RequestTag/"));
        assert!(covers("a.${D}.b:c", "a.b.b.b:c"));
        assert!(!covers("a.${D}.b:c", "a..b:c2"));
        assert!(covers("x:${a}/y/${b}", "x:1/y/y/2"));
        assert!(!covers("x:${a}/y/${b}", "x:1/y/"));
        assert!(covers("x:${a}", "x:$"));
        assert!(!covers("x:a", "x:ab"));
        assert!(!covers("", "x"));
    }
}
