//! Texts of a policy: wildcards, escapes and variables, and what they match.
//!
//! A text is read once into pieces. When a request is there, variables are replaced by literal
//! characters, so that a value can never become a wildcard, a separator or another variable.

use crate::Refusal;
use crate::case::{Context, Value};

/// A piece of a policy's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A character that stands for itself.
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `${key}` or `${key, 'default'}`
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// Where `*` and `?` of the policy's text are wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// In resources and the Like and Arn operators.
    Match,
    /// In the other operators they are ordinary characters.
    Literal,
}

/// Reads a policy's text. Without `variables` (the language of 2008) `${…}` is ordinary text.
///
/// IAM User Guide, "Policy variables": `${key}`, `${key, 'default'}`; `${*}`, `${?}` and `${$}` are
/// the characters themselves.
pub(crate) fn read(text: &str, variables: bool) -> Result<Vec<Piece>, Refusal> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if variables && let Some(after) = rest.strip_prefix("${") {
            let (piece, left) = variable(after, text)?;
            pieces.push(piece);
            rest = left;
            continue;
        }
        pieces.push(match c {
            '*' => Piece::Many,
            '?' => Piece::One,
            c => Piece::Char(c),
        });
        rest = rest.strip_prefix(c).unwrap_or_default();
    }
    Ok(pieces)
}

/// Reads what follows `${`, up to and with the closing brace.
fn variable<'a>(after: &'a str, whole: &str) -> Result<(Piece, &'a str), Refusal> {
    let bad = |what: &str| Refusal::new("variable-form", format!("{what} in `{whole}`"));
    for c in ['*', '?', '$'] {
        if let Some(left) = after.strip_prefix(c).and_then(|t| t.strip_prefix('}')) {
            return Ok((Piece::Char(c), left));
        }
    }
    let end = after.find(['}', ',']).ok_or_else(|| bad("missing brace"))?;
    let (key, tail) = after.split_at(end);
    check_key(key).map_err(&bad)?;
    if let Some(left) = tail.strip_prefix('}') {
        return Ok((
            Piece::Variable {
                key: key.to_owned(),
                default: None,
            },
            left,
        ));
    }
    let quoted = tail
        .strip_prefix(", '")
        .ok_or_else(|| bad("missing space or quote"))?;
    let (default, left) = quoted
        .split_once('\'')
        .ok_or_else(|| bad("missing quote"))?;
    let left = left.strip_prefix('}').ok_or_else(|| bad("missing brace"))?;
    Ok((
        Piece::Variable {
            key: key.to_owned(),
            default: Some(default.to_owned()),
        },
        left,
    ))
}

fn check_key(key: &str) -> Result<(), &'static str> {
    if key.is_empty() {
        return Err("empty variable");
    }
    if key.contains(char::is_whitespace) {
        return Err("space");
    }
    if key.contains(['$', '{', '\'', '*', '?']) {
        return Err("not a key");
    }
    Ok(())
}

/// A character of the finished pattern, or a wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Char(char),
    One,
    Many,
}

/// Puts values in place of variables. `None`: a variable has no value ("null").
///
/// A key that is absent or multivalued has no value; then the default counts, if there is one. An
/// empty string is a value.
pub(crate) fn expand(
    pieces: &[Piece],
    context: &Context,
    wildcards: Wildcards,
) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Char(c) => tokens.push(Token::Char(*c)),
            Piece::One if wildcards == Wildcards::Match => tokens.push(Token::One),
            Piece::Many if wildcards == Wildcards::Match => tokens.push(Token::Many),
            Piece::One => tokens.push(Token::Char('?')),
            Piece::Many => tokens.push(Token::Char('*')),
            Piece::Variable { key, default } => {
                let value = match context.get(key) {
                    Some(Value::One(value)) => value,
                    _ => default.as_ref()?,
                };
                tokens.extend(value.chars().map(Token::Char));
            }
        }
    }
    Some(tokens)
}

/// The text of tokens that hold no wildcard.
pub(crate) fn plain(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|t| match t {
            Token::Char(c) => *c,
            Token::One => '?',
            Token::Many => '*',
        })
        .collect()
}

/// Whether the whole text matches: `*` is any run of characters, `?` exactly one.
///
/// The set of positions in the pattern that the text read so far can have reached, kept as one
/// flag per position.
pub(crate) fn glob(pattern: &[Token], text: &str) -> bool {
    let mut reached = vec![true];
    for token in pattern {
        let last = reached.last() == Some(&true);
        reached.push(last && *token == Token::Many);
    }
    for c in text.chars() {
        let mut next = vec![false];
        for (token, pair) in pattern.iter().zip(reached.windows(2)) {
            let [before, here] = pair else { continue };
            let stepped_to = next.last() == Some(&true);
            next.push(match token {
                Token::Char(expected) => *before && *expected == c,
                Token::One => *before,
                Token::Many => *before || *here || stepped_to,
            });
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Splits a text at its first five colons; a text with fewer has fewer parts.
pub(crate) fn segments(text: &str) -> Vec<&str> {
    text.splitn(6, ':').collect()
}

/// Splits pieces at the first five colons of the policy's own text. Colons of values come later and
/// do not count.
pub(crate) fn piece_segments(pieces: &[Piece]) -> Vec<&[Piece]> {
    pieces
        .splitn(6, |piece| *piece == Piece::Char(':'))
        .collect()
}

/// Whether pieces hold a variable and no wildcard.
pub(crate) fn is_literal_with_variables(pieces: &[Piece]) -> bool {
    pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Variable { .. }))
        && !pieces
            .iter()
            .any(|piece| matches!(piece, Piece::One | Piece::Many))
}

/// Whether a request value is a well-formed ARN.
pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && segments(text).len() == 6
}
