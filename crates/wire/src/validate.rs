//! Inputs against their shapes, with AWS's own texts.
//!
//! All violations are reported at once, as AWS's framework does: "2 validation errors detected:
//! Value 'x' at 'name' failed to satisfy constraint: Member must …". S3 has codes of its own.

mod pattern;
mod s3;
mod text;

use catalog::shapes::{Bound, Kind, Member, Operation, Shape};

use crate::error::{Family, WireError};
use crate::value::{Map, Value};

/// Of more violations than this only the first are told.
const MAX_VIOLATIONS: usize = 100;

/// What is said of a member that is not there.
const MISSING: &str = "Member must not be null";

/// One constraint that one value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where: `stoppingCondition.maxRuntimeInSeconds`, `tags.1.member.key`.
    pub path: String,
    /// The value as it is shown; `None` when it is sensitive.
    pub shown: Option<String>,
    /// What it must: `Member must not be null`.
    pub constraint: String,
    /// The pattern, when that is what it breaks.
    pub pattern: Option<&'static str>,
}

/// Checks an input against the shape of its operation.
///
/// # Errors
/// The service's own error for all violations together.
pub fn input(operation: Operation, input: &Value) -> Result<(), WireError> {
    let family = Family::of(operation.service());
    if family == Family::S3 {
        return s3::input(operation, input);
    }
    let violations = violations(operation, input);
    if violations.is_empty() {
        return Ok(());
    }
    Err(text::error(operation, family, &violations))
}

/// Everything in an input that breaks a constraint of its shape, in the order of the model.
#[must_use]
pub fn violations(operation: Operation, input: &Value) -> Vec<Violation> {
    let mut walk = Walk { found: Vec::new() };
    if let Some(shape) = operation.input() {
        walk.structure(shape, input, None, false);
    }
    walk.found
}

struct Walk {
    found: Vec<Violation>,
}

/// Where a value stands, which is told only of what breaks something.
type Path<'p> = &'p dyn Fn() -> String;

impl Walk {
    fn report(
        &mut self,
        path: Path<'_>,
        value: Option<(Shape, &Value)>,
        hidden: bool,
        constraint: String,
    ) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation {
                path: path(),
                shown: (!hidden || value.is_none()).then(|| text::shown(value)),
                constraint,
                pattern: None,
            });
        }
    }

    /// `path` is none of a whole input.
    fn structure(&mut self, shape: Shape, value: &Value, path: Option<Path<'_>>, hidden: bool) {
        for member in shape.members() {
            let inner = || {
                let name = text::lower_first(member.name());
                match path {
                    None => name,
                    Some(path) => format!("{}.{name}", path()),
                }
            };
            match value.get(member.name()) {
                Some(value) => self.value(member.shape(), value, &inner, hidden),
                None if member.required() && !streams(member) => {
                    self.report(&inner, None, false, MISSING.to_owned());
                }
                None => {}
            }
        }
    }

    fn value(&mut self, shape: Shape, value: &Value, path: Path<'_>, hidden: bool) {
        let hidden = hidden || shape.sensitive();
        let before = self.found.len();
        for broken in broken(shape, value) {
            self.report(path, Some((shape, value)), hidden, broken.text);
            if let Some(last) = self.found.last_mut().filter(|_| broken.pattern.is_some()) {
                last.pattern = broken.pattern;
            }
        }
        if self.found.len() > before && self.found.len() >= MAX_VIOLATIONS {
            return;
        }
        match (value, shape.kind()) {
            (Value::Map(_), Kind::Structure) => self.structure(shape, value, Some(path), hidden),
            (Value::List(values), Kind::List) => self.list(shape, value, values, path, hidden),
            (Value::Map(map), Kind::Map) => self.map(shape, value, map, path, hidden),
            _ => {}
        }
    }

    fn list(
        &mut self,
        shape: Shape,
        whole: &Value,
        values: &[Value],
        path: Path<'_>,
        hidden: bool,
    ) {
        let Some(inner) = shape.list_member().map(Member::shape) else {
            return;
        };
        if simple(inner) {
            if values
                .iter()
                .any(|value| value.is_null() || !broken(inner, value).is_empty())
            {
                let text = format!("Member must satisfy constraint: [{}]", all(inner));
                self.report(
                    path,
                    Some((shape, whole)),
                    hidden || inner.sensitive(),
                    text,
                );
            }
            return;
        }
        for (number, value) in values.iter().enumerate() {
            let path = || format!("{}.{}.member", path(), number + 1);
            if value.is_null() {
                self.report(&path, None, false, MISSING.to_owned());
            } else {
                self.value(inner, value, &path, hidden);
            }
        }
    }

    fn map(&mut self, shape: Shape, whole: &Value, map: &Map, path: Path<'_>, hidden: bool) {
        let (Some(key), Some(inner)) = (shape.map_key(), shape.map_value()) else {
            return;
        };
        let (key, inner) = (key.shape(), inner.shape());
        let hidden_map = hidden || key.sensitive() || inner.sensitive();
        let bad_key = |name: &str| !broken(key, &Value::from(name)).is_empty();
        if map.iter().any(|(name, _)| bad_key(name)) {
            let text = format!("Map keys must satisfy constraint: [{}]", all(key));
            self.report(path, Some((shape, whole)), hidden_map, text);
        }
        if simple(inner) {
            if map
                .iter()
                .any(|(_, value)| value.is_null() || !broken(inner, value).is_empty())
            {
                let text = format!("Map value must satisfy constraint: [{}]", all(inner));
                self.report(path, Some((shape, whole)), hidden_map, text);
            }
            return;
        }
        for (name, value) in map.iter() {
            let path = || format!("{}.{name}.member", path());
            if value.is_null() {
                self.report(&path, None, false, MISSING.to_owned());
            } else {
                self.value(inner, value, &path, hidden);
            }
        }
    }
}

/// Whether a required member comes as a stream instead.
fn streams(member: Member) -> bool {
    member.streaming()
}

/// Whether values of the shape hold no others.
fn simple(shape: Shape) -> bool {
    !matches!(shape.kind(), Kind::Structure | Kind::List | Kind::Map)
}

/// A constraint that a value breaks.
struct Broken {
    text: String,
    pattern: Option<&'static str>,
}

impl From<String> for Broken {
    fn from(text: String) -> Self {
        Self {
            text,
            pattern: None,
        }
    }
}

/// The constraints of the shape itself that a value breaks.
fn broken(shape: Shape, value: &Value) -> Vec<Broken> {
    let mut found = Vec::new();
    if shape.constraint().is_none() {
        return found;
    }
    if let Some((size, is_length)) = size(value) {
        let noun = if is_length { "length" } else { "value" };
        if let Some(max) = shape.max().filter(|max| size > as_float(*max)) {
            found.push(Broken::from(at_most(noun, max)));
        }
        if let Some(min) = shape.min().filter(|min| size < as_float(*min)) {
            found.push(Broken::from(at_least(noun, min)));
        }
    }
    if let Some(text) = value.as_str() {
        if shape.enumeration().len() > 0 && !shape.enumeration().any(|known| known == text) {
            found.push(Broken::from(one_of(shape)));
        }
        if let Some(pattern) = shape.pattern().filter(|_| !pattern::matches(shape, text)) {
            found.push(Broken {
                text: like(pattern),
                pattern: Some(pattern),
            });
        }
    }
    found
}

/// All constraints of a shape, as they are told for the members of lists and maps.
fn all(shape: Shape) -> String {
    let number = matches!(
        shape.kind(),
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double
    );
    let noun = if number { "value" } else { "length" };
    let mut texts = Vec::new();
    texts.extend(shape.max().map(|max| at_most(noun, max)));
    texts.extend(shape.min().map(|min| at_least(noun, min)));
    if shape.enumeration().len() > 0 {
        texts.push(one_of(shape));
    }
    texts.extend(shape.pattern().map(like));
    if texts.is_empty() {
        texts.push(MISSING.to_owned());
    }
    texts.join(", ")
}

/// The number that bounds compare with, and whether it is a length.
#[expect(
    clippy::cast_precision_loss,
    reason = "lengths and bounds are far below 2^53"
)]
fn size(value: &Value) -> Option<(f64, bool)> {
    match value {
        Value::Int(number) => Some((*number as f64, false)),
        Value::Float(number) => Some((*number, false)),
        Value::String(text) => Some((text.chars().count() as f64, true)),
        Value::Blob(bytes) => Some((bytes.len() as f64, true)),
        Value::List(values) => Some((values.len() as f64, true)),
        Value::Map(map) => Some((map.len() as f64, true)),
        Value::Null | Value::Bool(_) | Value::Timestamp(_) => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "lengths and bounds are far below 2^53"
)]
fn as_float(bound: Bound) -> f64 {
    match bound {
        Bound::Int(number) => number as f64,
        Bound::Float(number) => number,
    }
}

fn bound_text(bound: Bound) -> String {
    match bound {
        Bound::Int(number) => number.to_string(),
        Bound::Float(number) => format!("{number:?}"),
    }
}

fn at_most(noun: &str, max: Bound) -> String {
    format!(
        "Member must have {noun} less than or equal to {}",
        bound_text(max)
    )
}

fn at_least(noun: &str, min: Bound) -> String {
    format!(
        "Member must have {noun} greater than or equal to {}",
        bound_text(min)
    )
}

fn one_of(shape: Shape) -> String {
    let values: Vec<&str> = shape.enumeration().collect();
    format!(
        "Member must satisfy enum value set: [{}]",
        values.join(", ")
    )
}

fn like(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}
