//! JSON as RFC 8259 has it, strictly: no duplicate member names, no trailing text, and numbers
//! kept as they are written (a policy compares their text).

use std::fmt;

use crate::Refusal;

/// How deep arrays and objects may nest.
const DEPTH: usize = 100;

/// A JSON value. Members keep their order, numbers their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string, unescaped.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object; no two members have the same name.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text as one value.
    ///
    /// # Errors
    /// The text is not strict JSON, or an object has two members of the same name.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut reader = Reader {
            rest: text.chars().collect(),
            at: 0,
        };
        let value = reader.value(0)?;
        reader.space();
        match reader.peek() {
            None => Ok(value),
            Some(c) => reader.fail(&format!("text after the value, beginning with `{c}`")),
        }
    }

    /// A string.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An object of these members.
    #[must_use]
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect(),
        )
    }

    /// The member of this name, when this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(k, _)| k == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Sets the member of this name, when this is an object.
    pub fn set(&mut self, name: &str, value: Self) {
        if let Self::Object(members) = self {
            match members.iter_mut().find(|(k, _)| k == name) {
                Some((_, old)) => *old = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Number(n) => f.write_str(n),
            Self::Text(t) => quote(f, t),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (i, (name, value)) in members.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    quote(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if (c as u32) < 0x20 => write!(f, "\\u{:04x}", c as u32)?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

struct Reader {
    rest: Vec<char>,
    at: usize,
}

impl Reader {
    fn fail<T>(&self, what: &str) -> Result<T, Refusal> {
        Err(Refusal::new(
            "not-json",
            format!("{what} (character {})", self.at),
        ))
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += 1;
        c
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += 1;
        }
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, Refusal> {
        if depth > DEPTH {
            return self.fail("too deep");
        }
        self.space();
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"') => Ok(Json::Text(self.string()?)),
            Some('-' | '0'..='9') => self.number(),
            Some(_) => self.word(),
            None => self.fail("the text ends where a value should be"),
        }
    }

    fn word(&mut self) -> Result<Json, Refusal> {
        for (word, value) in [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
        ] {
            let end = self.at + word.len();
            if self
                .rest
                .get(self.at..end)
                .is_some_and(|t| t.iter().copied().eq(word.chars()))
            {
                self.at = end;
                return Ok(value);
            }
        }
        self.fail("not a value")
    }

    fn list(&mut self, depth: usize) -> Result<Json, Refusal> {
        self.next();
        let mut items = Vec::new();
        self.space();
        if self.eat(']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(']') {
                return Ok(Json::List(items));
            }
            if !self.eat(',') {
                return self.fail("`,` or `]` is missing");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Refusal> {
        self.next();
        let mut members: Vec<(String, Json)> = Vec::new();
        self.space();
        if self.eat('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some('"') {
                return self.fail("a member name is missing");
            }
            let name = self.string()?;
            if members.iter().any(|(n, _)| *n == name) {
                return Err(Refusal::new(
                    "duplicate-key",
                    format!("`{name}` stands twice"),
                ));
            }
            self.space();
            if !self.eat(':') {
                return self.fail("`:` is missing");
            }
            members.push((name, self.value(depth + 1)?));
            self.space();
            if self.eat('}') {
                return Ok(Json::Object(members));
            }
            if !self.eat(',') {
                return self.fail("`,` or `}` is missing");
            }
        }
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return self.fail("a string does not end"),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if (c as u32) < 0x20 => {
                    return self.fail("a control character in a string");
                }
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        Ok(match self.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let first = self.hex()?;
                let code = if (0xD800..0xDC00).contains(&first) && self.eat('\\') && self.eat('u') {
                    let second = self.hex()?;
                    if !(0xDC00..0xE000).contains(&second) {
                        return self.fail("half of a surrogate pair");
                    }
                    0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                } else {
                    first
                };
                match char::from_u32(code) {
                    Some(c) => c,
                    None => return self.fail("half of a surrogate pair"),
                }
            }
            _ => return self.fail("not an escape"),
        })
    }

    fn hex(&mut self) -> Result<u32, Refusal> {
        let mut code = 0;
        for _ in 0..4 {
            match self.next().and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return self.fail("four hexadecimal digits should be here"),
            }
        }
        Ok(code)
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        if !matches!(self.peek(), Some('0'..='9')) {
            return self.fail("a digit is missing");
        }
        while matches!(self.peek(), Some('0'..='9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Json, Refusal> {
        let start = self.at;
        self.eat('-');
        if !self.eat('0') {
            self.digits()?;
        }
        if self.eat('.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Json::Number(
            self.rest
                .get(start..self.at)
                .unwrap_or_default()
                .iter()
                .collect(),
        ))
    }
}
