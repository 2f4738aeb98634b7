//! One request as the solver makes it: a value for each field; and the truth of atoms in it.

use crate::arn;
use crate::language::Pattern;
use crate::model::{Atom, Condition, Demand, Literal, Model, Node, NodeId, Test};
use crate::text::{Text, Token, folded_literal};
use crate::{language::Step, model::KeyId};
use policy::document::Qualifier;
use policy::view::Truth;

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Value {
    /// The request does not have it.
    Absent,
    /// One value.
    One(String),
    /// A list of one or more.
    Many(Vec<String>),
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The number of the caller.
    pub(crate) caller: usize,
    /// The action, lower-cased.
    pub(crate) action: String,
    /// The resource's ARN with its head in lower case; `None` for an action without a resource.
    pub(crate) resource: Option<String>,
    /// By number of the key.
    pub(crate) keys: Vec<Value>,
}

impl State {
    pub(crate) fn value(&self, key: KeyId) -> &Value {
        self.keys.get(key.index()).unwrap_or(&Value::Absent)
    }

    /// Whether a literal holds.
    pub(crate) fn holds(&self, model: &Model<'_>, literal: Literal) -> bool {
        let truth = model
            .atom_of(literal.atom)
            .map_or(Truth::Unknown, |atom| self.truth(model, atom));
        literal.demand.meets(truth)
    }

    /// Whether a formula holds.
    pub(crate) fn satisfies(&self, model: &Model<'_>, node: NodeId) -> bool {
        match model.node(node) {
            Node::Literal(literal) => self.holds(model, *literal),
            Node::All(parts) => parts.iter().all(|part| self.satisfies(model, *part)),
            Node::Any(parts) => parts.iter().any(|part| self.satisfies(model, *part)),
        }
    }

    pub(crate) fn truth(&self, model: &Model<'_>, atom: &Atom) -> Truth {
        match atom {
            Atom::Caller(members) => members.get(self.caller).copied().unwrap_or(false).into(),
            Atom::Action(texts) => self.matches(texts, &self.action).into(),
            Atom::Resource { any, texts } => match &self.resource {
                None => (*any).into(),
                Some(resource) => (*any || self.matches(texts, resource)).into(),
            },
            Atom::Condition(condition) => self.condition(model, condition),
        }
    }

    fn matches(&self, texts: &[Text], value: &str) -> bool {
        texts.iter().any(|text| self.text_matches(text, value))
    }

    fn text_matches(&self, text: &Text, value: &str) -> bool {
        match text {
            Text::Plain(pattern) => pattern.matches(value),
            Text::Open(tokens) => self
                .close(tokens)
                .is_some_and(|patterns| patterns.iter().any(|pattern| pattern.matches(value))),
        }
    }

    /// The patterns that an open text is with the values of this request; `None` where it matches nothing.
    pub(crate) fn close(&self, tokens: &[Token]) -> Option<Vec<Pattern>> {
        let mut rows: Vec<Vec<Step>> = vec![Vec::new()];
        for token in tokens {
            let variable = match token {
                Token::Step(step) => {
                    rows.iter_mut().for_each(|row| row.push(step.clone()));
                    continue;
                }
                Token::Key(variable) => variable,
            };
            let value = match self.value(variable.key) {
                Value::One(value) => value,
                Value::Absent | Value::Many(_) => variable.default.as_deref()?,
            };
            if variable.segment && value.contains(':') {
                return None;
            }
            let choices = match variable.fold {
                true => folded_literal(value).ok()?,
                false => vec![Pattern::literal(value)],
            };
            rows = rows
                .iter()
                .flat_map(|row| {
                    let joined = |choice: &Pattern| [row.as_slice(), &choice.steps].concat();
                    choices.iter().map(joined).collect::<Vec<_>>()
                })
                .collect();
        }
        Some(rows.into_iter().map(|steps| Pattern { steps }).collect())
    }

    fn condition(&self, model: &Model<'_>, condition: &Condition) -> Truth {
        let value = self.value(condition.key);
        if let Test::Null { null, value: other } = condition.test {
            return if is_null(value) { null } else { other }.into();
        }
        let one = |value: &String| {
            let truth = self.test(model, &condition.test, value);
            if condition.negated { not(truth) } else { truth }
        };
        match value {
            Value::Absent => condition.when_missing().into(),
            Value::One(_) | Value::Many(_) if condition.empty => {
                (condition.when_empty() && matches!(value, Value::One(_))).into()
            }
            Value::One(value) => one(value),
            Value::Many(values) => match condition.qualifier {
                None => Truth::False,
                Some(Qualifier::ForAnyValue) => any(values.iter().map(one)),
                Some(Qualifier::ForAllValues) => not(any(values.iter().map(|v| not(one(v))))),
            },
        }
    }

    /// Whether one value matches, before the operator's `Not`.
    fn test(&self, model: &Model<'_>, test: &Test, value: &str) -> Truth {
        match test {
            Test::Text(texts) => self.matches(texts, value).into(),
            Test::Arn(_) if !arn::shape().matches(value) => Truth::Unknown,
            Test::Arn(texts) => self.matches(texts, value).into(),
            Test::Bool(texts) => match read_bool(value) {
                None => Truth::Unknown,
                Some(value) => any(texts.iter().map(|text| self.bool_truth(text, value))),
            },
            Test::Measured(id) => model
                .measure(*id)
                .map_or(Truth::Unknown, |measure| measure.matches_value(value)),
            Test::Null { .. } => Truth::Unknown,
        }
    }

    fn bool_truth(&self, text: &Text, value: bool) -> Truth {
        let patterns = match text {
            Text::Plain(pattern) => vec![pattern.clone()],
            Text::Open(tokens) => match self.close(tokens) {
                Some(patterns) => patterns,
                None => return Truth::False,
            },
        };
        bool_truth(&patterns, value)
    }
}

/// What a policy's boolean says of a request's.
pub(crate) fn bool_truth(patterns: &[Pattern], value: bool) -> Truth {
    let says = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
    if says("true") {
        value.into()
    } else if says("false") {
        (!value).into()
    } else {
        Truth::Unknown
    }
}

fn read_bool(value: &str) -> Option<bool> {
    if value.eq_ignore_ascii_case("true") {
        Some(true)
    } else if value.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

pub(crate) fn is_null(value: &Value) -> bool {
    match value {
        Value::Absent => true,
        Value::One(value) => value.is_empty(),
        Value::Many(_) => false,
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}

pub(crate) fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut answer = Truth::False;
    for truth in truths {
        match truth {
            Truth::True => return Truth::True,
            Truth::Unknown => answer = Truth::Unknown,
            Truth::False => {}
        }
    }
    answer
}

/// What a literal demands of the value of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: it holds.
    Met,
    /// It cannot hold.
    Unmet,
    /// Each value meets the demand.
    Each(Demand),
    /// One value at least meets the demand.
    Some(Demand),
}

/// How many values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Count {
    /// The key is absent.
    None,
    /// It has one value.
    One,
    /// It has a list of values.
    Many,
}

impl Condition {
    /// The truth where the key is missing.
    pub(crate) fn when_missing(&self) -> bool {
        match self.qualifier {
            Some(Qualifier::ForAllValues) => true,
            Some(Qualifier::ForAnyValue) => self.if_exists,
            None => self.if_exists || self.negated,
        }
    }

    /// The truth where the policy gives no values and the key has one.
    fn when_empty(&self) -> bool {
        self.qualifier.is_none() && !self.if_exists && self.negated
    }

    /// What a demand on the condition demands of the values of its key, before the operator's `Not`. A test of null demands
    /// it of the value as it is.
    pub(crate) fn need(&self, demand: Demand, count: Count) -> Need {
        let fixed = |truth: bool| match demand.meets(truth.into()) {
            true => Need::Met,
            false => Need::Unmet,
        };
        if let Test::Null { null, value } = self.test {
            return match count {
                Count::None => fixed(null),
                Count::Many => fixed(value),
                Count::One if null == value => fixed(null),
                Count::One => Need::Each(demand),
            };
        }
        if count == Count::None {
            return fixed(self.when_missing());
        }
        if self.empty {
            return fixed(self.when_empty() && count == Count::One);
        }
        let inner = if self.negated { demand.flip() } else { demand };
        match (self.qualifier, count) {
            (_, Count::One) => Need::Each(inner),
            (None, _) => fixed(false),
            (Some(Qualifier::ForAllValues), _) => match demand {
                Demand::True | Demand::NotFalse => Need::Each(inner),
                Demand::NotTrue | Demand::False => Need::Some(inner),
            },
            (Some(Qualifier::ForAnyValue), _) => match demand {
                Demand::True | Demand::NotFalse => Need::Some(inner),
                Demand::NotTrue | Demand::False => Need::Each(inner),
            },
        }
    }
}
