//! Compiled text patterns: literals, the wildcards `*` and `?`, and variables.
//!
//! Variables are matched in place, as literal text, without building the expanded pattern: whatever a value holds,
//! it never becomes syntax. A pattern is cut at its `*` into pieces that are found from left to right, so that the time is
//! bounded by the length of the pattern times that of the value, never exponential; a piece of literal text is searched
//! for in linear time.

use crate::document::{Part, Template};
use crate::names::Name;
use crate::request::{Context, ContextValue};
use crate::view;

/// Whether a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Yes,
    No,
    /// A variable has no value, so that the pattern stands for nothing at all.
    Null,
}

/// A policy variable: a condition key and its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    key: Name,
    default: Option<Box<str>>,
}

impl Variable {
    /// The value as literal text; `None` where the key is absent or multivalued and there is no default.
    pub(crate) fn resolve<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match context.find(&self.key) {
            Some(ContextValue::One(value)) => Some(value),
            Some(ContextValue::Many(_)) | None => self.default.as_deref(),
        }
    }

    pub(crate) fn key(&self) -> &Name {
        &self.key
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(Box<str>),
    AnyOne,
    Variable(Variable),
}

type Piece = Box<[Token]>;

/// A compiled [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// `*`
    Any,
    /// Text without wildcards and variables.
    Literal(Box<str>),
    /// Literal text and a final `*`.
    Prefix(Box<str>),
    /// The pieces between the `*`; the first is anchored at the start, the last at the end.
    Pieces(Box<[Piece]>),
}

impl Pattern {
    pub(crate) fn new(template: &Template) -> Self {
        let form = match template.parts.as_slice() {
            [] => Form::Literal("".into()),
            [Part::AnyRun] => Form::Any,
            [Part::Literal(text)] => Form::Literal(text.as_str().into()),
            [Part::Literal(text), Part::AnyRun] => Form::Prefix(text.as_str().into()),
            parts => Form::Pieces(pieces(parts)),
        };
        Self { form }
    }

    /// The literal text with which every match begins.
    pub(crate) fn literal_prefix(&self) -> &str {
        match &self.form {
            Form::Any => "",
            Form::Literal(text) | Form::Prefix(text) => text,
            Form::Pieces(pieces) => match pieces.first().and_then(|piece| piece.first()) {
                Some(Token::Literal(text)) => text,
                _ => "",
            },
        }
    }

    /// The text, if the pattern stands for this text alone.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match &self.form {
            Form::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// The parts, in order.
    pub(crate) fn tokens(&self) -> Vec<view::Token<'_>> {
        match &self.form {
            Form::Any => vec![view::Token::AnyRun],
            Form::Literal(text) if text.is_empty() => Vec::new(),
            Form::Literal(text) => vec![view::Token::Literal(text)],
            Form::Prefix(text) => vec![view::Token::Literal(text), view::Token::AnyRun],
            Form::Pieces(pieces) => {
                let mut tokens = Vec::new();
                for (number, piece) in pieces.iter().enumerate() {
                    if number > 0 {
                        tokens.push(view::Token::AnyRun);
                    }
                    tokens.extend(piece.iter().map(|token| match token {
                        Token::Literal(text) => view::Token::Literal(text),
                        Token::AnyOne => view::Token::AnyOne,
                        Token::Variable(variable) => view::Token::Variable {
                            key: variable.key.as_str(),
                            default: variable.default.as_deref(),
                        },
                    }));
                }
                tokens
            }
        }
    }

    /// Whether whatever matches also matches another pattern, as both plainly show. May say no where it is so.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (_, Form::Any) => true,
            (Form::Literal(own), Form::Literal(other)) => own == other,
            (Form::Literal(own) | Form::Prefix(own), Form::Prefix(other)) => {
                own.starts_with(&**other)
            }
            (Form::Any | Form::Prefix(_), Form::Literal(_)) | (Form::Any, Form::Prefix(_)) => false,
            (own, other) if own == other => true,
            _ => covers(&other.symbols(), &self.symbols()),
        }
    }

    fn symbols(&self) -> Vec<Symbol<'_>> {
        let mut symbols = Vec::new();
        match &self.form {
            Form::Any => symbols.push(Symbol::AnyRun),
            Form::Literal(text) => symbols.extend(text.chars().map(Symbol::Char)),
            Form::Prefix(text) => {
                symbols.extend(text.chars().map(Symbol::Char));
                symbols.push(Symbol::AnyRun);
            }
            Form::Pieces(pieces) => {
                for (number, piece) in pieces.iter().enumerate() {
                    symbols.extend((number > 0).then_some(Symbol::AnyRun));
                    for token in piece {
                        match token {
                            Token::Literal(text) => symbols.extend(text.chars().map(Symbol::Char)),
                            Token::AnyOne => symbols.push(Symbol::AnyOne),
                            Token::Variable(variable) => symbols.push(Symbol::Value(variable)),
                        }
                    }
                }
            }
        }
        symbols
    }

    /// Every variable in the pattern.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let pieces: &[Piece] = match &self.form {
            Form::Pieces(pieces) => pieces,
            _ => &[],
        };
        pieces
            .iter()
            .flat_map(|piece| piece.iter())
            .filter_map(|token| match token {
                Token::Variable(variable) => Some(variable),
                Token::Literal(_) | Token::AnyOne => None,
            })
    }

    /// Whether some variable of the pattern has no value.
    pub(crate) fn is_null(&self, context: &Context) -> bool {
        self.variables()
            .any(|variable| variable.resolve(context).is_none())
    }

    /// Whether the whole of `value` matches, upper and lower case told apart.
    #[inline]
    pub(crate) fn matches(&self, value: &str, context: &Context) -> Match {
        match &self.form {
            Form::Any => Match::Yes,
            Form::Literal(text) => yes_if(**text == *value),
            Form::Prefix(text) => yes_if(value.starts_with(&**text)),
            Form::Pieces(pieces) => match_pieces(pieces, value, context),
        }
    }

    /// Whether `value` is the pattern's text, ignoring case. For patterns without wildcards.
    pub(crate) fn equals_ignoring_case(&self, value: &str, context: &Context) -> Match {
        if self.is_null(context) {
            return Match::Null;
        }
        if let Form::Literal(text) = &self.form
            && text.is_ascii()
            && value.is_ascii()
        {
            return yes_if(text.eq_ignore_ascii_case(value));
        }
        let mut rest = value.chars().flat_map(char::to_lowercase);
        let mut eat = |text: &str| {
            text.chars()
                .flat_map(char::to_lowercase)
                .all(|wanted| rest.next() == Some(wanted))
        };
        let eaten = match &self.form {
            Form::Any | Form::Prefix(_) => false,
            Form::Literal(text) => eat(text),
            Form::Pieces(pieces) => {
                pieces
                    .iter()
                    .flat_map(|piece| piece.iter())
                    .all(|token| match token {
                        Token::Literal(text) => eat(text),
                        Token::Variable(variable) => {
                            variable.resolve(context).is_some_and(&mut eat)
                        }
                        Token::AnyOne => false,
                    })
            }
        };
        yes_if(eaten && rest.next().is_none())
    }
}

fn yes_if(matches: bool) -> Match {
    if matches { Match::Yes } else { Match::No }
}

/// One part of a pattern, where characters are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol<'p> {
    Char(char),
    AnyOne,
    AnyRun,
    Value(&'p Variable),
}

/// Whether a pattern takes another as if that were a text: each part of it by the same, by a `?` where it is one character,
/// or by a `*`. Then whatever stands in the place of a part is taken the same way.
fn covers(pattern: &[Symbol<'_>], text: &[Symbol<'_>]) -> bool {
    let takes = |own: &Symbol<'_>, part: &Symbol<'_>| match own {
        Symbol::AnyOne => matches!(part, Symbol::AnyOne | Symbol::Char(_)),
        own => own == part,
    };
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and up to where it eats.
    let mut star: Option<(usize, usize)> = None;
    while let Some(part) = text.get(from) {
        match pattern.get(at) {
            Some(Symbol::AnyRun) => {
                star = Some((at, from));
                at += 1;
            }
            Some(own) if takes(own, part) => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((behind, eaten)) => {
                    star = Some((behind, eaten + 1));
                    (at, from) = (behind + 1, eaten + 1);
                }
                None => return false,
            },
        }
    }
    let rest = pattern.get(at..).unwrap_or_default();
    rest.iter().all(|own| *own == Symbol::AnyRun)
}

fn pieces(parts: &[Part]) -> Box<[Piece]> {
    parts
        .split(|part| *part == Part::AnyRun)
        .map(|piece| {
            piece
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => Token::Literal(text.as_str().into()),
                    Part::Variable { key, default } => Token::Variable(Variable {
                        key: Name::new(key),
                        default: default.as_deref().map(Into::into),
                    }),
                    Part::AnyOne | Part::AnyRun => Token::AnyOne,
                })
                .collect()
        })
        .collect()
}

/// How far a piece reaches.
enum Reach<'v> {
    /// It matches; this is left of the value.
    Rest(&'v [u8]),
    Mismatch,
    Null,
}

fn match_pieces(pieces: &[Piece], value: &str, context: &Context) -> Match {
    let Some((first, others)) = pieces.split_first() else {
        return yes_if(value.is_empty());
    };
    let mut rest = match forward(first, value.as_bytes(), context) {
        Reach::Rest(rest) => rest,
        Reach::Mismatch => return Match::No,
        Reach::Null => return Match::Null,
    };
    let Some((last, middle)) = others.split_last() else {
        return yes_if(rest.is_empty());
    };
    for piece in middle {
        rest = match find_piece(piece, rest, context) {
            Reach::Rest(rest) => rest,
            Reach::Mismatch => return Match::No,
            Reach::Null => return Match::Null,
        };
    }
    match backward(last, rest, context) {
        Reach::Rest(_) => Match::Yes,
        Reach::Mismatch => Match::No,
        Reach::Null => Match::Null,
    }
}

/// Matches a piece at the front of `value`.
fn forward<'v>(piece: &[Token], mut value: &'v [u8], context: &Context) -> Reach<'v> {
    for token in piece {
        let text = match token {
            Token::Literal(text) => text,
            Token::Variable(variable) => match variable.resolve(context) {
                Some(text) => text,
                None => return Reach::Null,
            },
            Token::AnyOne => match value.first().and_then(|byte| value.get(char_len(*byte)..)) {
                Some(rest) => {
                    value = rest;
                    continue;
                }
                None => return Reach::Mismatch,
            },
        };
        if !value.starts_with(text.as_bytes()) {
            return Reach::Mismatch;
        }
        value = value.get(text.len()..).unwrap_or(&[]);
    }
    Reach::Rest(value)
}

/// Matches a piece at the end of `value`; what is left stands before it.
fn backward<'v>(piece: &[Token], mut value: &'v [u8], context: &Context) -> Reach<'v> {
    for token in piece.iter().rev() {
        let text = match token {
            Token::Literal(text) => text,
            Token::Variable(variable) => match variable.resolve(context) {
                Some(text) => text,
                None => return Reach::Null,
            },
            Token::AnyOne => {
                let Some(at) = value.iter().rposition(|byte| is_char_start(*byte)) else {
                    return Reach::Mismatch;
                };
                value = value.get(..at).unwrap_or(&[]);
                continue;
            }
        };
        if !value.ends_with(text.as_bytes()) {
            return Reach::Mismatch;
        }
        value = value.get(..value.len() - text.len()).unwrap_or(&[]);
    }
    Reach::Rest(value)
}

/// Finds the first place where a piece matches. The first is always good enough: it leaves most to the pieces behind it.
fn find_piece<'v>(piece: &[Token], value: &'v [u8], context: &Context) -> Reach<'v> {
    let mut from = value;
    loop {
        if let Some(Token::Literal(text)) = piece.first() {
            match memchr::memmem::find(from, text.as_bytes()) {
                Some(at) => from = from.get(at..).unwrap_or(&[]),
                None => return Reach::Mismatch,
            }
        }
        match forward(piece, from, context) {
            Reach::Mismatch => {}
            reached => return reached,
        }
        from = match from.first().and_then(|byte| from.get(char_len(*byte)..)) {
            Some(rest) => rest,
            None => return Reach::Mismatch,
        };
    }
}

fn is_char_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// The length of the UTF-8 character that begins with `byte`.
fn char_len(byte: u8) -> usize {
    match byte {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    }
}

#[cfg(test)]
#[path = "pattern/tests.rs"]
mod tests;
