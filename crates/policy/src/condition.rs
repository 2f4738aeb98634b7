//! One condition: an operator, a key and the policy's values (IAM User Guide, "Condition operators" and "Conditions with
//! multiple context keys or values").

use crate::arn;
use crate::document::{ArnValue, Comparison, Condition, Operand, Operator, Qualifier};
use crate::names::Name;
use crate::options::{
    EmptyString, ForAllNegatedMissing, NullVariableNegated, Options, PlainOperatorOnList,
};
use crate::pattern::{Match, Pattern};
use crate::request::{Context, ContextValue};
use crate::value::{Address, AddressRange, Instant, Number, binary_equals, parse_bool};

/// Three-valued truth: what cannot be evaluated is unknown, never true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It could not be evaluated.
    Unknown,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// Kleene's "or": true as soon as one is true.
fn any(truths: impl Iterator<Item = Truth>) -> Truth {
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

/// Kleene's "and": false as soon as one is false.
pub(crate) fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    any(truths.map(Truth::not)).not()
}

/// A policy's value of an ARN operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArnOperand {
    Any,
    /// `arn`, partition, service, region, account, resource.
    Segments(Box<[Pattern; 6]>),
    /// Literal text and variables, compared as a whole.
    Whole(Pattern),
}

/// A compiled condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) key: Name,
    pub(crate) operator: Operator,
    pub(crate) operands: Operands,
}

/// The policy's values, in the form that the operator compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    Text(Box<[Pattern]>),
    TextIgnoringCase(Box<[Pattern]>),
    Arn(Box<[ArnOperand]>),
    Number(Box<[Number]>),
    Instant(Box<[Instant]>),
    Bool(Box<[Pattern]>),
    Binary(Box<[Box<[u8]>]>),
    Addresses(Box<[AddressRange]>),
    Null(Box<[bool]>),
}

impl Clause {
    pub(crate) fn new(condition: &Condition) -> Self {
        Self {
            key: Name::new(&condition.key.value),
            operator: condition.operator.value,
            operands: operands(condition),
        }
    }

    /// Whether another clause is at least as true wherever this one is evaluated, as both plainly show.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        if self.operator != other.operator || !self.key.same(&other.key) {
            return false;
        }
        match (&self.operands, &other.operands) {
            (Operands::Text(own), Operands::Text(others)) if !self.operator.negated => {
                let within = |own: &Pattern| others.iter().any(|other| own.is_within(other));
                !own.is_empty() && own.iter().all(within)
            }
            (own, other) => own == other,
        }
    }

    pub(crate) fn evaluate(&self, context: &Context, options: &Options) -> Truth {
        let value = context.find(&self.key);
        if let Operands::Null(wanted) = &self.operands {
            return wanted
                .iter()
                .any(|absent| *absent == is_null(value, options))
                .into();
        }
        let missing = value.is_none_or(|value| value.as_slice().is_empty());
        match value {
            Some(value) if !missing => self.evaluate_present(value, context, options),
            _ => self.evaluate_missing(options).into(),
        }
    }

    fn evaluate_missing(&self, options: &Options) -> bool {
        match self.operator.qualifier {
            Some(Qualifier::ForAllValues) => {
                !self.operator.negated
                    || self.operator.if_exists
                    || options.for_all_negated_missing == ForAllNegatedMissing::Matches
            }
            Some(Qualifier::ForAnyValue) => self.operator.if_exists,
            None => self.operator.if_exists || self.operator.negated,
        }
    }

    fn evaluate_present(
        &self,
        value: &ContextValue,
        context: &Context,
        options: &Options,
    ) -> Truth {
        let operator = self.operator;
        if self.operands.is_empty() {
            let logical = operator.qualifier.is_none() && !operator.if_exists && operator.negated;
            return (logical && self.counts_plain(value, options)).into();
        }
        let one = |value: &str| self.evaluate_one(value, context, options);
        let values = value.as_slice().iter().map(|value| one(value));
        match (operator.qualifier, value) {
            (Some(Qualifier::ForAllValues), _) => all(values),
            (Some(Qualifier::ForAnyValue), _) => any(values),
            (None, ContextValue::One(value)) => one(value),
            (None, ContextValue::Many(_)) => match options.plain_operator_on_list {
                PlainOperatorOnList::NeverMatches => Truth::False,
                PlainOperatorOnList::AnyValue => any(values),
            },
        }
    }

    fn counts_plain(&self, value: &ContextValue, options: &Options) -> bool {
        matches!(value, ContextValue::One(_))
            || options.plain_operator_on_list == PlainOperatorOnList::AnyValue
    }

    fn evaluate_one(&self, value: &str, context: &Context, options: &Options) -> Truth {
        let matched = self
            .operands
            .matches(self.operator.comparison, value, context);
        if !self.operator.negated {
            return matched;
        }
        if options.null_variable_negated == NullVariableNegated::NeverMatches
            && self.operands.has_null(context)
        {
            return Truth::False;
        }
        matched.not()
    }

    /// The values of which a single-valued key must have one, where the condition says no more than that: literal text under
    /// `StringEquals`. Such a condition fails where the key is missing.
    pub(crate) fn demanded_values(&self) -> Option<Vec<&str>> {
        let plain = Operator {
            qualifier: None,
            comparison: Comparison::StringEquals,
            negated: false,
            if_exists: false,
            arn_equals: false,
        };
        match &self.operands {
            Operands::Text(patterns) if self.operator == plain => {
                patterns.iter().map(Pattern::as_literal).collect()
            }
            _ => None,
        }
    }

    /// The keys of the variables in the policy's values.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Name> {
        self.operands
            .patterns()
            .flat_map(Pattern::variables)
            .map(|variable| variable.key())
    }
}

fn is_null(value: Option<&ContextValue>, options: &Options) -> bool {
    match value {
        None => true,
        Some(ContextValue::Many(values)) => values.is_empty(),
        Some(ContextValue::One(value)) => {
            value.is_empty() && options.empty_string == EmptyString::Null
        }
    }
}

fn operands(condition: &Condition) -> Operands {
    let values = || condition.values.iter().map(|value| &value.value.operand);
    let texts = || {
        values().filter_map(|operand| match operand {
            Operand::Text(template) | Operand::Bool(template) => Some(Pattern::new(template)),
            _ => None,
        })
    };
    match condition.operator.value.comparison {
        Comparison::StringEquals | Comparison::StringLike => Operands::Text(texts().collect()),
        Comparison::StringEqualsIgnoreCase => Operands::TextIgnoringCase(texts().collect()),
        Comparison::Bool => Operands::Bool(texts().collect()),
        Comparison::ArnLike => Operands::Arn(
            values()
                .filter_map(|operand| match operand {
                    Operand::Arn(value) => Some(ArnOperand::new(value)),
                    _ => None,
                })
                .collect(),
        ),
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => Operands::Number(
            values()
                .filter_map(|operand| match operand {
                    Operand::Number(number) => Some(*number),
                    _ => None,
                })
                .collect(),
        ),
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => Operands::Instant(
            values()
                .filter_map(|operand| match operand {
                    Operand::Instant(instant) => Some(*instant),
                    _ => None,
                })
                .collect(),
        ),
        Comparison::BinaryEquals => Operands::Binary(
            values()
                .filter_map(|operand| match operand {
                    Operand::Binary(bytes) => Some(bytes.as_slice().into()),
                    _ => None,
                })
                .collect(),
        ),
        Comparison::IpAddress => Operands::Addresses(
            values()
                .filter_map(|operand| match operand {
                    Operand::Addresses(range) => Some(*range),
                    _ => None,
                })
                .collect(),
        ),
        Comparison::Null => Operands::Null(
            values()
                .filter_map(|operand| match operand {
                    Operand::Null(absent) => Some(*absent),
                    _ => None,
                })
                .collect(),
        ),
    }
}

impl ArnOperand {
    fn new(value: &ArnValue) -> Self {
        match value {
            ArnValue::Any => Self::Any,
            ArnValue::Segments(segments) => {
                Self::Segments(Box::new(segments.each_ref().map(Pattern::new)))
            }
            ArnValue::Whole(template) => Self::Whole(Pattern::new(template)),
        }
    }

    fn patterns(&self) -> &[Pattern] {
        match self {
            Self::Any => &[],
            Self::Segments(segments) => &**segments,
            Self::Whole(pattern) => std::slice::from_ref(pattern),
        }
    }
}

impl Operands {
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(values) | Self::TextIgnoringCase(values) | Self::Bool(values) => {
                values.is_empty()
            }
            Self::Arn(values) => values.is_empty(),
            Self::Number(values) => values.is_empty(),
            Self::Instant(values) => values.is_empty(),
            Self::Binary(values) => values.is_empty(),
            Self::Addresses(values) => values.is_empty(),
            Self::Null(values) => values.is_empty(),
        }
    }

    /// Whether any of the policy's values matches; unknown where the request's value cannot be read.
    pub(crate) fn matches(&self, comparison: Comparison, value: &str, context: &Context) -> Truth {
        match self {
            Self::Text(patterns) => patterns
                .iter()
                .any(|pattern| pattern.matches(value, context) == Match::Yes)
                .into(),
            Self::TextIgnoringCase(patterns) => patterns
                .iter()
                .any(|pattern| pattern.equals_ignoring_case(value, context) == Match::Yes)
                .into(),
            Self::Arn(patterns) => matches_arn(patterns, value, context),
            Self::Number(numbers) => match Number::parse(value) {
                Some(value) => numbers
                    .iter()
                    .any(|number| compares(comparison, &value, number))
                    .into(),
                None => Truth::Unknown,
            },
            Self::Instant(instants) => match Instant::parse(value) {
                Some(value) => instants
                    .iter()
                    .any(|at| compares(comparison, &value, at))
                    .into(),
                None => Truth::Unknown,
            },
            Self::Bool(patterns) => match parse_bool(value) {
                Some(value) => any(patterns
                    .iter()
                    .map(|pattern| bool_equals(pattern, value, context))),
                None => Truth::Unknown,
            },
            Self::Binary(expected) => expected
                .iter()
                .any(|expected| binary_equals(value, expected))
                .into(),
            Self::Addresses(ranges) => match Address::parse(value) {
                Some(address) => ranges.iter().any(|range| range.contains(address)).into(),
                None => Truth::Unknown,
            },
            Self::Null(_) => Truth::Unknown,
        }
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let plain: &[Pattern] = match self {
            Self::Text(patterns) | Self::TextIgnoringCase(patterns) | Self::Bool(patterns) => {
                patterns
            }
            _ => &[],
        };
        let arns: &[ArnOperand] = match self {
            Self::Arn(arns) => arns,
            _ => &[],
        };
        plain
            .iter()
            .chain(arns.iter().flat_map(ArnOperand::patterns))
    }

    fn has_null(&self, context: &Context) -> bool {
        self.patterns().any(|pattern| pattern.is_null(context))
    }
}

fn compares<T: Ord>(comparison: Comparison, value: &T, policy: &T) -> bool {
    match comparison {
        Comparison::NumericLessThan | Comparison::DateLessThan => value < policy,
        Comparison::NumericLessThanEquals | Comparison::DateLessThanEquals => value <= policy,
        Comparison::NumericGreaterThan | Comparison::DateGreaterThan => value > policy,
        Comparison::NumericGreaterThanEquals | Comparison::DateGreaterThanEquals => value >= policy,
        _ => value == policy,
    }
}

/// Segment by segment, so that no wildcard in the first five swallows a colon.
fn matches_arn(operands: &[ArnOperand], value: &str, context: &Context) -> Truth {
    let Some(segments) = arn::segments(value).filter(|segments| segments[0] == "arn") else {
        return Truth::Unknown;
    };
    let matched = operands.iter().any(|operand| match operand {
        ArnOperand::Any => true,
        ArnOperand::Whole(pattern) => pattern.matches(value, context) == Match::Yes,
        ArnOperand::Segments(patterns) => patterns
            .iter()
            .zip(segments)
            .all(|(pattern, segment)| pattern.matches(segment, context) == Match::Yes),
    });
    matched.into()
}

fn bool_equals(pattern: &Pattern, value: bool, context: &Context) -> Truth {
    if pattern.is_null(context) {
        return Truth::False;
    }
    let means = |text: &str| pattern.equals_ignoring_case(text, context) == Match::Yes;
    if means("true") {
        value.into()
    } else if means("false") {
        (!value).into()
    } else {
        Truth::Unknown
    }
}
