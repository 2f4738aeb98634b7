//! Texts of policies as the solver has them: patterns, and rows of steps that hold the value of a key in their midst.

use crate::language::{Pattern, Set, Step};
use crate::model::KeyId;
use policy::view;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One part of an open [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Token {
    /// A step of a pattern.
    Step(Step),
    /// The value of a key, as literal text.
    Key(Variable),
}

/// The value of a key within a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Variable {
    /// The key.
    pub key: KeyId,
    /// What stands in for it where it has no single value.
    pub default: Option<Box<str>>,
    /// Whether it stands within one of the first five segments of an ARN: a value with a colon matches nothing there.
    pub segment: bool,
    /// Whether upper and lower case are the same.
    pub fold: bool,
}

/// A text of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Text {
    /// A pattern.
    Plain(Pattern),
    /// A pattern with the values of keys in it.
    Open(Box<[Token]>),
}

/// How a text is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// Within one of the first five segments of an ARN: no wildcard takes a colon.
    pub(crate) segment: bool,
    /// Upper and lower case are the same.
    pub(crate) fold: bool,
}

/// The text has more letters whose case is more than one character than are told apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooOdd;

impl Text {
    /// A text without keys, or with.
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        if tokens.iter().any(|token| matches!(token, Token::Key(_))) {
            return Self::Open(tokens.into());
        }
        let step = |token| match token {
            Token::Step(step) => Some(step),
            Token::Key(_) => None,
        };
        let steps = tokens.into_iter().filter_map(step).collect();
        Self::Plain(Pattern { steps })
    }

    /// This text alone.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self::Plain(Pattern::literal(text))
    }

    /// The keys whose values it holds.
    pub fn keys(&self) -> impl Iterator<Item = KeyId> {
        let tokens: &[Token] = match self {
            Self::Plain(_) => &[],
            Self::Open(tokens) => tokens,
        };
        tokens.iter().filter_map(|token| match token {
            Token::Key(variable) => Some(variable.key),
            Token::Step(_) => None,
        })
    }
}

/// Reads the parts of a compiled text.
pub(crate) fn tokens(
    text: view::Text<'_>,
    reading: Reading,
    key: &mut impl FnMut(&str) -> KeyId,
) -> Vec<Token> {
    let wild = || match reading.segment {
        true => Set::Except(':'),
        false => Set::Any,
    };
    let mut tokens = Vec::new();
    for token in text.tokens() {
        match token {
            view::Token::Literal(text) => {
                tokens.reserve(text.len());
                tokens.extend(literal(text).map(Token::Step));
            }
            view::Token::AnyRun => tokens.push(Token::Step(Step::Run(wild()))),
            view::Token::AnyOne => tokens.push(Token::Step(Step::One(wild()))),
            view::Token::Variable { key: name, default } => tokens.push(Token::Key(Variable {
                key: key(name),
                default: default.map(Into::into),
                segment: reading.segment,
                fold: reading.fold,
            })),
        }
    }
    tokens
}

/// The steps of a literal text.
pub(crate) fn literal(text: &str) -> impl Iterator<Item = Step> {
    text.chars().map(|c| Step::One(Set::One(c)))
}

/// Reads a compiled text whose case does not count. More than one text comes back where a character in lower case is two.
pub(crate) fn folded(
    text: view::Text<'_>,
    key: &mut impl FnMut(&str) -> KeyId,
) -> Result<Vec<Text>, TooOdd> {
    let reading = Reading {
        segment: false,
        fold: true,
    };
    let mut rows: Vec<Vec<Token>> = vec![Vec::new()];
    for token in tokens(text, reading, key) {
        match token {
            Token::Step(Step::One(Set::One(c))) => {
                for lower in c.to_lowercase() {
                    push_folded(&mut rows, lower)?;
                }
            }
            other => rows.iter_mut().for_each(|row| row.push(other.clone())),
        }
    }
    Ok(rows.into_iter().map(Text::new).collect())
}

/// The patterns of one text whose case does not count.
pub(crate) fn folded_literal(text: &str) -> Result<Vec<Pattern>, TooOdd> {
    let mut rows: Vec<Vec<Token>> = vec![Vec::new()];
    for lower in text.chars().flat_map(char::to_lowercase) {
        push_folded(&mut rows, lower)?;
    }
    let plain = |row| match Text::new(row) {
        Text::Plain(pattern) => Some(pattern),
        Text::Open(_) => None,
    };
    Ok(rows.into_iter().filter_map(plain).collect())
}

/// The dot that is left over of `İ` in lower case.
const DOT_ABOVE: char = '\u{307}';

/// How many rows one text may become.
const MOST_ROWS: usize = 64;

fn push_folded(rows: &mut Vec<Vec<Token>>, lower: char) -> Result<(), TooOdd> {
    let dotless = Token::Step(Step::One(Set::EitherCase('i')));
    if lower == DOT_ABOVE {
        let joined: Vec<Vec<Token>> = rows
            .iter()
            .filter(|row| row.last() == Some(&dotless))
            .map(|row| {
                let mut row = row.clone();
                row.pop();
                row.push(Token::Step(Step::One(Set::One('İ'))));
                row
            })
            .collect();
        rows.iter_mut()
            .for_each(|row| row.push(Token::Step(Step::One(Set::One(DOT_ABOVE)))));
        rows.extend(joined);
        return if rows.len() > MOST_ROWS {
            Err(TooOdd)
        } else {
            Ok(())
        };
    }
    let step = Token::Step(Step::One(case_set(lower)));
    rows.iter_mut().for_each(|row| row.push(step.clone()));
    Ok(())
}

/// The characters beyond ASCII that are each character in lower case.
static UPPER: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut upper: HashMap<char, Vec<char>> = HashMap::new();
    for c in '\u{80}'..=char::MAX {
        let mut folded = c.to_lowercase();
        if let (Some(lower), None) = (folded.next(), folded.next()) {
            upper.entry(lower).or_default().push(c);
        }
    }
    upper.retain(|_, all| all.len() > 1);
    upper
});

/// The characters that are `lower` in lower case.
pub(crate) fn case_set(lower: char) -> Set {
    // The Kelvin sign is the one character beyond ASCII that becomes a letter of ASCII.
    if lower == 'k' {
        return Set::ranges(vec![('K', 'K'), ('k', 'k'), ('\u{212a}', '\u{212a}')]);
    }
    if lower.is_ascii_alphabetic() {
        return Set::EitherCase(lower);
    }
    if lower.is_ascii() {
        return Set::One(lower);
    }
    let all = UPPER.get(&lower).map(Vec::as_slice).unwrap_or_default();
    match all.len() {
        0 | 1 => Set::One(lower),
        _ => Set::ranges(all.iter().map(|c| (*c, *c)).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_ascii_folds_as_the_engine_does() {
        for lower in 'a'..='z' {
            let set = case_set(lower);
            for c in ('\0'..=char::MAX).filter(|c| c.to_lowercase().next() == Some(lower)) {
                let one = c.to_lowercase().count() == 1;
                assert_eq!(set.contains(c), one, "{c} {lower}");
            }
        }
    }

    #[test]
    fn a_letter_that_is_two_in_lower_case_matches_both_ways() {
        let patterns = folded_literal("x\u{130}").unwrap();
        for text in ["X\u{130}", "xi\u{307}", "xI\u{307}"] {
            assert!(patterns.iter().any(|p| p.matches(text)), "{text}");
        }
        assert!(!patterns.iter().any(|p| p.matches("xi")));
    }
}
