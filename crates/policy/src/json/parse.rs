//! The recursive-descent parser, with recovery.

use super::{Member, Node, Value};
use crate::document::Limits;
use crate::text::{Diagnostic, Source, Span, Spanned};
use std::collections::HashMap;

/// Reads what can be read. The node is sound only where no diagnostic was made within its span.
pub(super) fn run(source: &Source, limits: &Limits) -> (Option<Node>, Vec<Diagnostic>) {
    let text = source.text();
    if text.len() > limits.bytes {
        let reason = format!(
            "the text has {} bytes; at most {} are read",
            text.len(),
            limits.bytes
        );
        return (
            None,
            vec![Diagnostic::new(Span::new(0, 0), reason).with_fix("split it")],
        );
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        values: 0,
        limits,
        diagnostics: Vec::new(),
        stop: false,
    };
    parser.skip_space();
    let node = parser.value();
    parser.skip_space();
    if parser.at < text.len() && !parser.stop {
        parser.error(
            parser.at,
            parser.at + 1,
            "there is text behind the value",
            Some("remove it"),
        );
    }
    (node, parser.diagnostics)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    values: usize,
    limits: &'a Limits,
    diagnostics: Vec<Diagnostic>,
    /// A limit was exceeded: everything unwinds.
    stop: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or("")
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&mut self, start: usize, end: usize, reason: impl Into<String>, fix: Option<&str>) {
        if self.is_full() {
            return;
        }
        let mut diagnostic = Diagnostic::new(Span::new(start, end.min(self.text.len())), reason);
        diagnostic.fix = fix.map(str::to_owned);
        self.diagnostics.push(diagnostic);
        self.stop |= self.is_full();
    }

    fn is_full(&self) -> bool {
        self.diagnostics.len() >= self.limits.diagnostics.max(1)
    }

    fn limit(&mut self, reason: String) {
        if !self.stop {
            self.error(self.at, self.at + 1, reason, None);
            self.stop = true;
        }
    }

    fn value(&mut self) -> Option<Node> {
        self.values += 1;
        if self.values > self.limits.values {
            self.limit(format!(
                "the text holds more than {} values",
                self.limits.values
            ));
        }
        if self.stop {
            return None;
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(b) if b.is_ascii_alphabetic() || b == b'\'' => self.word()?,
            Some(_) => {
                self.error(
                    start,
                    start + 1,
                    "a value is missing here",
                    Some("write a string, list or object"),
                );
                return None;
            }
            None => {
                self.error(
                    start,
                    start,
                    "the text ends where a value is expected",
                    None,
                );
                return None;
            }
        };
        Some(Node {
            span: Span::new(start, self.at),
            value,
        })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        if self.depth >= self.limits.depth {
            self.limit(format!("more than {} levels of nesting", self.limits.depth));
            return None;
        }
        self.depth += 1;
        let value = inner(self);
        self.depth -= 1;
        value
    }

    fn word(&mut self) -> Option<Value> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'\'' | b'-'))
        {
            self.at += 1;
        }
        match self.slice(start, self.at) {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            word => {
                let reason = format!("`{word}` is no JSON value");
                self.error(start, self.at, reason, Some("put text in double quotes"));
                None
            }
        }
    }

    fn number(&mut self) -> Option<String> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        {
            self.at += 1;
        }
        let text = self.slice(start, self.at).to_owned();
        if is_json_number(&text) {
            return Some(text);
        }
        self.error(
            start,
            self.at,
            format!("`{text}` is no JSON number"),
            Some("put it in double quotes"),
        );
        None
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let run = self.at;
            while self
                .peek()
                .is_some_and(|b| !matches!(b, b'"' | b'\\' | 0..=0x1f))
            {
                self.at += 1;
            }
            out.push_str(self.slice(run, self.at));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Some(out);
                }
                Some(b'\\') => out.extend(self.escape()),
                Some(b'\n') | None => {
                    self.error(
                        start,
                        self.at,
                        "the string has no closing quote",
                        Some("add `\"`"),
                    );
                    return None;
                }
                Some(_) => {
                    let fix = "write it as an escape such as `\\t`";
                    self.error(
                        self.at,
                        self.at + 1,
                        "a control character in a string",
                        Some(fix),
                    );
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let start = self.at;
        self.at += 1;
        let escaped = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => {
                self.error(
                    start,
                    start + 1,
                    "unknown escape in a string",
                    Some("write `\\\\` for a backslash"),
                );
                return None;
            }
        };
        self.at += 1;
        Some(escaped)
    }

    fn unicode_escape(&mut self, start: usize) -> Option<char> {
        self.at += 1;
        let first = self.hex4(start)?;
        let code = if (0xd800..0xdc00).contains(&first) && self.slice(self.at, self.at + 2) == "\\u"
        {
            self.at += 2;
            let second = self.hex4(start)?;
            if !(0xdc00..0xe000).contains(&second) {
                self.error(start, self.at, "an unpaired surrogate in a string", None);
                return None;
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        let character = char::from_u32(code);
        if character.is_none() {
            self.error(start, self.at, "an unpaired surrogate in a string", None);
        }
        character
    }

    fn hex4(&mut self, start: usize) -> Option<u32> {
        let digits = self.slice(self.at, self.at + 4);
        if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            let code = u32::from_str_radix(digits, 16).ok();
            self.at += 4;
            return code;
        }
        self.error(start, self.at, "`\\u` needs four hexadecimal digits", None);
        None
    }

    fn array(&mut self) -> Option<Value> {
        let start = self.at;
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Some(Value::Array(elements));
        }
        loop {
            self.skip_space();
            let at = self.at;
            match self.value() {
                Some(element) => elements.push(element),
                None => {
                    self.recover();
                    elements.push(Node {
                        span: Span::new(at, self.at),
                        value: Value::Null,
                    });
                }
            }
            if !self.goes_on(b']', start, "list") {
                return Some(Value::Array(elements));
            }
        }
    }

    fn object(&mut self) -> Option<Value> {
        let start = self.at;
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Some(Value::Object(members));
        }
        loop {
            match self.member() {
                Some(member) => members.push(member),
                None => self.recover(),
            }
            if !self.goes_on(b'}', start, "object") {
                self.report_duplicates(&members);
                return Some(Value::Object(members));
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        self.skip_space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            self.error(
                start,
                start + 1,
                "a key in double quotes is expected here",
                None,
            );
            return None;
        }
        let key = self.string()?;
        let key = Spanned::new(key, Span::new(start, self.at));
        self.skip_space();
        if self.peek() != Some(b':') {
            self.error(
                self.at,
                self.at + 1,
                "a colon is missing behind the key",
                Some("add `:`"),
            );
            return None;
        }
        self.at += 1;
        self.skip_space();
        let value = self.value()?;
        Some(Member { key, value })
    }

    /// Reads the comma or the closing bracket behind an element; whether another element follows.
    fn goes_on(&mut self, close: u8, start: usize, what: &str) -> bool {
        self.skip_space();
        if self.stop {
            return false;
        }
        match self.peek() {
            Some(b',') => {}
            Some(byte) if byte == close => {}
            Some(b'"' | b'{' | b'[' | b'-' | b'0'..=b'9') => {
                self.error(
                    self.at,
                    self.at + 1,
                    "a comma is missing here",
                    Some("add `,`"),
                );
                return true;
            }
            Some(_) => {
                self.error(
                    self.at,
                    self.at + 1,
                    "a comma or the end is expected here",
                    None,
                );
                self.recover();
            }
            None => {
                let reason = format!("the {what} is not closed");
                self.error(start, start + 1, reason, Some("add the closing bracket"));
                self.stop = true;
            }
        }
        match self.peek() {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.skip_space();
                if self.peek() != Some(close) {
                    return true;
                }
                let reason = format!("a comma before the end of the {what}");
                self.error(comma, comma + 1, reason, Some("remove the comma"));
                self.at += 1;
            }
            Some(byte) if byte == close => self.at += 1,
            _ => {}
        }
        false
    }

    /// Skips to the next comma or closing bracket of this level.
    fn recover(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => depth -= 1,
                b',' if depth == 0 => return,
                b'"' => {
                    self.skip_string();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' | b'\n' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    fn report_duplicates(&mut self, members: &[Member]) {
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(members.len());
        for member in members {
            if self.is_full() {
                return;
            }
            if let Some(first) = seen.insert(&member.key.value, member.key.span) {
                let before = self.slice(0, first.start as usize);
                let line = 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count();
                let reason = format!(
                    "the key `{}` stands twice in this object (first in line {line})",
                    member.key.value
                );
                let span = member.key.span;
                let fix = "keep one; several values of one key go into one list";
                self.error(span.start as usize, span.end as usize, reason, Some(fix));
            }
        }
    }
}

fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
