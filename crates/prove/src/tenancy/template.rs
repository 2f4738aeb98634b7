//! Texts with the owner's values in them.

use std::fmt;

use super::IdentityKey;

/// One part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Characters that stand for themselves.
    Literal(String),
    /// `*`: any characters, also none.
    AnyRun,
    /// One or more characters, none of them `/`. Only what is built in has it.
    AnyName,
    /// `?`: one character.
    AnyOne,
    /// The value that the owner's sessions have for an identity key, by its number.
    Owner(usize),
}

/// A text with wildcards and the owner's values in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Its parts.
    pub parts: Vec<Part>,
}

/// Why a text is no template, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Where it goes wrong, in bytes.
    pub at: usize,
    /// Why.
    pub reason: String,
    /// What to write.
    pub fix: String,
}

impl Template {
    /// Reads a text in which `${owner}` is the first identity key and `${owner.NAME}` the one of that name.
    ///
    /// # Errors
    /// A `${…}` that is none of these.
    pub fn parse(text: &str, identity: &[IdentityKey]) -> Result<Self, TemplateError> {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let at = text.len() - rest.len();
            if let Some(variable) = rest.strip_prefix("${") {
                let Some((name, behind)) = variable.split_once('}') else {
                    return Err(TemplateError {
                        at,
                        reason: "`${` has no closing brace".to_owned(),
                        fix: "write `${owner}`".to_owned(),
                    });
                };
                match (name, variable_of(name, identity)) {
                    ("*" | "?" | "$", _) => template.push_text(name),
                    (_, Some(number)) => template.parts.push(Part::Owner(number)),
                    (_, None) => return Err(unknown(name, at, identity)),
                }
                rest = behind;
                continue;
            }
            match c {
                '*' if template.parts.last() == Some(&Part::AnyRun) => {}
                '*' => template.parts.push(Part::AnyRun),
                '?' => template.parts.push(Part::AnyOne),
                _ => template.push_text(c.encode_utf8(&mut [0; 4])),
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        Ok(template)
    }

    /// Adds characters that stand for themselves.
    pub fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(literal)) => literal.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }

    /// The identity keys whose values stand in it, each once.
    #[must_use]
    pub fn owners(&self) -> Vec<usize> {
        let owner = |part: &Part| match part {
            Part::Owner(number) => Some(*number),
            _ => None,
        };
        let mut owners: Vec<usize> = self.parts.iter().filter_map(owner).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// The texts between the first five colons that stand for themselves, and what is behind; fewer where there are fewer.
    #[must_use]
    pub fn segments(&self) -> Vec<Self> {
        let mut segments = vec![Self::default()];
        for part in &self.parts {
            let Part::Literal(text) = part else {
                if let Some(last) = segments.last_mut() {
                    last.parts.push(part.clone());
                }
                continue;
            };
            let mut rest = text.as_str();
            while segments.len() < 6
                && let Some((before, behind)) = rest.split_once(':')
            {
                if let Some(last) = segments.last_mut() {
                    last.push_text(before);
                }
                segments.push(Self::default());
                rest = behind;
            }
            if let Some(last) = segments.last_mut() {
                last.push_text(rest);
            }
        }
        segments
    }

    /// The template as it is written in a file.
    #[must_use]
    pub fn written(&self, identity: &[IdentityKey]) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::AnyRun | Part::AnyName => text.push('*'),
                Part::AnyOne => text.push('?'),
                Part::Owner(number) => match identity.get(*number) {
                    Some(key) if identity.len() > 1 => {
                        text.push_str(&format!("${{owner.{}}}", key.name));
                    }
                    _ => text.push_str("${owner}"),
                },
            }
        }
        text
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason, self.fix)
    }
}

impl std::error::Error for TemplateError {}

fn variable_of(name: &str, identity: &[IdentityKey]) -> Option<usize> {
    if name == "owner" {
        return (!identity.is_empty()).then_some(0);
    }
    let name = name.strip_prefix("owner.")?;
    identity.iter().position(|key| key.name == name)
}

fn unknown(name: &str, at: usize, identity: &[IdentityKey]) -> TemplateError {
    let as_key = identity
        .iter()
        .find(|key| key.key.eq_ignore_ascii_case(name));
    let names: Vec<String> = identity
        .iter()
        .map(|key| format!("`${{owner.{}}}`", key.name))
        .collect();
    let (reason, fix) = match as_key {
        Some(key) => (
            format!("`${{{name}}}` is the caller's value, not the owner's"),
            format!("write `${{owner.{}}}`", key.name),
        ),
        None => (
            format!("`${{{name}}}` is not known here"),
            format!("write `${{owner}}` or one of {}", names.join(", ")),
        ),
    };
    TemplateError { at, reason, fix }
}
