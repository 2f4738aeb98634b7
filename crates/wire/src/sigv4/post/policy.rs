//! What the policy of a form allows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::super::AuthError;
use super::Fields;
use crate::error::WireError;

/// The policy of a form whose signature is right. Only
/// [`SignedForm::verify`](super::SignedForm::verify) makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostPolicy {
    conditions: Vec<Condition>,
    size: SizeRange,
}

/// How many bytes an upload may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeRange {
    /// At least so many.
    pub min: u64,
    /// At most so many.
    pub max: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    prefix: bool,
    /// The field's name in lower case.
    field: String,
    value: String,
}

/// Fields that no condition must name, beside those that begin with `x-ignore-`.
const FREE: &[&str] = &[
    "awsaccesskeyid",
    "file",
    "policy",
    "signature",
    "x-amz-signature",
];

fn malformed(text: impl Into<String>) -> AuthError {
    AuthError::PolicyDocument(text.into())
}

impl PostPolicy {
    /// Reads a policy that was signed.
    pub(super) fn read(encoded: &str, now: Timestamp) -> Result<Self, AuthError> {
        let packed: String = encoded
            .chars()
            .filter(|letter| !letter.is_ascii_whitespace())
            .collect();
        let text = STANDARD.decode(packed).ok();
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
        let json = text.and_then(|text| serde_json::from_str(&plain_escapes(&text)).ok());
        let Some(Json::Object(members)) = json else {
            return Err(malformed("Invalid JSON."));
        };
        let known = ["expiration", "conditions"];
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(malformed(format!("Unexpected: '{name}'.")));
        }
        let expiration = members
            .get("expiration")
            .ok_or_else(|| malformed("Policy missing expiration."))?;
        let end: Timestamp = expiration
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| malformed(format!("Invalid 'expiration' value: {expiration}")))?;
        let conditions = members
            .get("conditions")
            .ok_or_else(|| malformed("Policy missing conditions."))?;
        let Json::Array(conditions) = conditions else {
            return Err(malformed("Conditions must be a list."));
        };
        let mut policy = Self {
            conditions: Vec::new(),
            size: SizeRange {
                min: 0,
                max: u64::MAX,
            },
        };
        for condition in conditions {
            policy.condition(condition)?;
        }
        if now > end {
            return Err(AuthError::PolicyRefuses("Policy expired.".to_owned()));
        }
        Ok(policy)
    }

    fn condition(&mut self, json: &Json) -> Result<(), AuthError> {
        match json {
            Json::Object(members) => {
                let mut members = members.iter();
                let (Some((field, value)), None) = (members.next(), members.next()) else {
                    return Err(malformed(
                        "Invalid Simple-Condition: Simple-Conditions must have exactly one \
                         property specified.",
                    ));
                };
                let Json::String(value) = value else {
                    return Err(malformed(
                        "Invalid Simple-Condition: value must be a string.",
                    ));
                };
                self.add(false, field, value);
                Ok(())
            }
            Json::Array(items) => self.operation(items),
            _ => Err(malformed(
                "Invalid Condition: a condition is a list or an object.",
            )),
        }
    }

    fn operation(&mut self, items: &[Json]) -> Result<(), AuthError> {
        let [Json::String(operator), first, second] = items else {
            return Err(malformed("Invalid Condition: wrong number of arguments."));
        };
        if operator.eq_ignore_ascii_case("content-length-range") {
            let (Some(min), Some(max)) = (number(first), number(second)) else {
                return Err(malformed(
                    "Invalid content-length-range: the bounds must be whole numbers.",
                ));
            };
            if min > max {
                return Err(malformed(
                    "Invalid content-length-range: the lower bound is above the upper one.",
                ));
            }
            self.size.min = self.size.min.max(min);
            self.size.max = self.size.max.min(max);
            return Ok(());
        }
        let prefix = operator.eq_ignore_ascii_case("starts-with");
        if !prefix && !operator.eq_ignore_ascii_case("eq") {
            return Err(malformed(format!(
                "Invalid Condition: unknown operation '{operator}'."
            )));
        }
        let (Json::String(field), Json::String(value)) = (first, second) else {
            return Err(malformed(
                "Invalid Condition: the arguments must be strings.",
            ));
        };
        let field = field
            .strip_prefix('$')
            .ok_or_else(|| malformed("Invalid Condition: the field's name must begin with '$'."))?;
        self.add(prefix, field, value);
        Ok(())
    }

    fn add(&mut self, prefix: bool, field: &str, value: &str) {
        self.conditions.push(Condition {
            prefix,
            field: field.to_ascii_lowercase(),
            value: value.to_owned(),
        });
    }

    /// Whether the policy allows this form for this bucket: every condition holds, and every field is
    /// named by one. The bucket counts as a field. `${filename}` must have been
    /// [expanded](super::expand_filename) before.
    ///
    /// # Errors
    /// The first condition that does not hold, or the fields without one.
    pub fn check(&self, bucket: &str, fields: &Fields) -> Result<SizeRange, AuthError> {
        let refuse = |text: String| Err(AuthError::PolicyRefuses(text));
        if let Some(failed) = self
            .conditions
            .iter()
            .find(|condition| !condition.holds(bucket, fields))
        {
            return refuse(format!("Policy Condition failed: {}", failed.text()));
        }
        let mut extra: Vec<String> = std::iter::once("bucket".to_owned())
            .chain(fields.iter().map(|(name, _)| name.to_ascii_lowercase()))
            .filter(|name| !FREE.contains(&name.as_str()) && !name.starts_with("x-ignore-"))
            .filter(|name| !self.conditions.iter().any(|known| known.field == *name))
            .collect();
        if extra.is_empty() {
            return Ok(self.size);
        }
        extra.dedup();
        refuse(format!("Extra input fields: {}", extra.join(", ")))
    }
}

impl Condition {
    fn holds(&self, bucket: &str, fields: &Fields) -> bool {
        if self.field == "bucket" {
            return self.fits(bucket);
        }
        let mut given = fields
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(&self.field))
            .map(|(_, value)| value.as_str())
            .peekable();
        given.peek().is_some() && given.all(|value| self.fits(value))
    }

    fn fits(&self, value: &str) -> bool {
        if !self.prefix {
            return value == self.value;
        }
        if self.field == "content-type" && value.contains(',') {
            // A list: each type on its own.
            return value
                .split(',')
                .all(|item| item.trim().starts_with(&self.value));
        }
        value.starts_with(&self.value)
    }

    /// The condition as S3 repeats it.
    fn text(&self) -> String {
        let operator = if self.prefix { "starts-with" } else { "eq" };
        let name = format!("${}", self.field);
        let quoted = |text: &str| Json::from(text).to_string();
        format!(
            "[{}, {}, {}]",
            quoted(operator),
            quoted(&name),
            quoted(&self.value)
        )
    }
}

impl SizeRange {
    /// Whether an upload of so many bytes is allowed.
    ///
    /// # Errors
    /// It is too small or too large; the error is S3's.
    pub fn check(self, size: u64) -> Result<(), WireError> {
        if size < self.min {
            let text = "Your proposed upload is smaller than the minimum allowed size";
            return Err(WireError::new("EntityTooSmall", 400, text)
                .with("ProposedSize", size.to_string())
                .with("MinSizeAllowed", self.min.to_string()));
        }
        if size > self.max {
            let text = "Your proposed upload exceeds the maximum allowed size";
            return Err(WireError::new("EntityTooLarge", 400, text)
                .with("ProposedSize", size.to_string())
                .with("MaxSizeAllowed", self.max.to_string()));
        }
        Ok(())
    }
}

/// A bound: a number, or one in quotes, as some clients write it.
fn number(json: &Json) -> Option<u64> {
    match json {
        Json::Number(number) => number.as_u64(),
        Json::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// Policies may hold two escapes that JSON does not know: `\$` and `\v`.
fn plain_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('$') => out.push('$'),
            Some('v') => out.push_str("\\u000b"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
