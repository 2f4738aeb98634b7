//! Conditions (IAM User Guide, "Condition operators", "Conditions with multiple keys or values",
//! "Multivalued context keys").

use crate::case::{Context, Value};
use crate::options::{Language, Options};
use crate::pattern::{self, Piece, Wildcards};
use crate::{Json, Refusal, Truth, values};

/// `ForAllValues:` and `ForAnyValue:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Qualifier {
    None,
    ForAll,
    ForAny,
}

/// How two numbers or instants are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What an operator compares. Negation is kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    String,
    IgnoreCase,
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// Every operator: its name, what it compares, and whether it is negated.
const OPERATORS: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::String, false),
    ("StringNotEquals", Comparison::String, true),
    ("StringEqualsIgnoreCase", Comparison::IgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::IgnoreCase, true),
    ("StringLike", Comparison::Like, false),
    ("StringNotLike", Comparison::Like, true),
    ("NumericEquals", Comparison::Number(Order::Equal), false),
    ("NumericNotEquals", Comparison::Number(Order::Equal), true),
    ("NumericLessThan", Comparison::Number(Order::Less), false),
    (
        "NumericLessThanEquals",
        Comparison::Number(Order::LessOrEqual),
        false,
    ),
    (
        "NumericGreaterThan",
        Comparison::Number(Order::Greater),
        false,
    ),
    (
        "NumericGreaterThanEquals",
        Comparison::Number(Order::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Comparison::Date(Order::Equal), false),
    ("DateNotEquals", Comparison::Date(Order::Equal), true),
    ("DateLessThan", Comparison::Date(Order::Less), false),
    (
        "DateLessThanEquals",
        Comparison::Date(Order::LessOrEqual),
        false,
    ),
    ("DateGreaterThan", Comparison::Date(Order::Greater), false),
    (
        "DateGreaterThanEquals",
        Comparison::Date(Order::GreaterOrEqual),
        false,
    ),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::Ip, false),
    ("NotIpAddress", Comparison::Ip, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnNotLike", Comparison::Arn, true),
    ("Null", Comparison::Null, false),
];

/// One key under one operator.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    qualifier: Qualifier,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
    key: String,
    values: Vec<PolicyValue>,
    options: Options,
}

/// A value as the policy writes it, and the same in pieces.
#[derive(Debug, Clone)]
struct PolicyValue {
    text: String,
    pieces: Vec<Piece>,
}

fn wrong<T>(rule: &'static str, detail: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(rule, detail))
}

impl Condition {
    /// Reads a `Condition` block: operators, keys, values.
    pub(crate) fn read_block(block: &Json, language: Language) -> Result<Vec<Self>, Refusal> {
        let Json::Object(operators) = block else {
            return wrong("wrong-type", "`Condition`");
        };
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let Json::Object(keys) = keys else {
                return wrong("wrong-type", format!("`{operator}`"));
            };
            let read = read_operator(operator)?;
            for (index, (key, values)) in keys.iter().enumerate() {
                let same = |other: &str| other.to_lowercase() == key.to_lowercase();
                if keys.iter().take(index).any(|(other, _)| same(other)) {
                    return wrong("duplicate-condition-key", format!("`{key}`"));
                }
                let form = key
                    .split_once(':')
                    .is_some_and(|(s, n)| !s.is_empty() && !n.is_empty());
                if !form {
                    return wrong("condition-key", format!("`{key}` is not `service:name`"));
                }
                let (qualifier, comparison, negated, if_exists) = read;
                let values = read_values(values, comparison, language)?;
                let key = key.clone();
                conditions.push(Self {
                    qualifier,
                    comparison,
                    negated,
                    if_exists,
                    key,
                    values,
                    options: language.options,
                });
            }
        }
        Ok(conditions)
    }
}

/// `[qualifier]operator[IfExists]`; `Null` has no IfExists.
fn read_operator(text: &str) -> Result<(Qualifier, Comparison, bool, bool), Refusal> {
    let (qualifier, rest) = if let Some(rest) = text.strip_prefix("ForAllValues:") {
        (Qualifier::ForAll, rest)
    } else if let Some(rest) = text.strip_prefix("ForAnyValue:") {
        (Qualifier::ForAny, rest)
    } else {
        (Qualifier::None, text)
    };
    let (name, if_exists) = match rest.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (rest, false),
    };
    match OPERATORS.iter().find(|(known, ..)| *known == name) {
        Some((_, Comparison::Null, _)) if if_exists => wrong("operator", "`NullIfExists`"),
        Some((_, comparison, negated)) => Ok((qualifier, *comparison, *negated, if_exists)),
        None => wrong("operator", format!("`{text}`")),
    }
}

fn read_values(
    json: &Json,
    comparison: Comparison,
    language: Language,
) -> Result<Vec<PolicyValue>, Refusal> {
    let items = match json {
        Json::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    if items.is_empty() && language.options.empty_values_refused {
        return wrong("condition-value", "no values");
    }
    let mut values = Vec::new();
    for item in items {
        let text = match item {
            Json::Text(text) | Json::Number(text) => text.clone(),
            Json::Bool(value) => value.to_string(),
            _ => return wrong("wrong-type", "a condition value"),
        };
        let variables = language.variables
            && matches!(
                comparison,
                Comparison::String
                    | Comparison::IgnoreCase
                    | Comparison::Like
                    | Comparison::Arn
                    | Comparison::Bool
            );
        let value = PolicyValue {
            pieces: pattern::read(&text, variables)?,
            text,
        };
        let refused = language.options.bool_variables_refused
            && comparison == Comparison::Bool
            && value.has_variable();
        if refused || !value.is_readable(comparison, variables) {
            return wrong("condition-value", format!("`{}`", value.text));
        }
        values.push(value);
    }
    Ok(values)
}

impl PolicyValue {
    fn has_variable(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Variable { .. }))
    }

    /// Whether a variable in it has no value.
    fn is_null(&self, context: &Context) -> bool {
        pattern::expand(&self.pieces, context, Wildcards::Literal).is_none()
    }

    /// Whether the operator can read the value at all.
    fn is_readable(&self, comparison: Comparison, variables: bool) -> bool {
        let text = self.text.as_str();
        match comparison {
            Comparison::String | Comparison::IgnoreCase | Comparison::Like => true,
            Comparison::Number(_) => values::number(text).is_some(),
            Comparison::Date(_) => values::date(text).is_some(),
            Comparison::Bool if variables && text.contains("${") => true,
            Comparison::Bool | Comparison::Null => values::boolean(text).is_some(),
            Comparison::Binary => values::base64(text).is_some(),
            Comparison::Ip => values::network(text).is_some(),
            Comparison::Arn => {
                text == "*"
                    || pattern::piece_segments(&self.pieces).len() == 6
                    || pattern::is_literal_with_variables(&self.pieces)
            }
        }
    }

    /// Whether a request value matches this value, leaving negation aside. A request value that
    /// cannot be read gives `Unknown`. A value with a variable that has no value matches nothing.
    fn matches(&self, comparison: Comparison, request: &str, context: &Context) -> Truth {
        let expand = |wildcards| pattern::expand(&self.pieces, context, wildcards);
        let known = |found: Option<bool>| found.map_or(Truth::Unknown, Truth::from);
        match comparison {
            Comparison::String => expand(Wildcards::Literal).map_or(Truth::No, |tokens| {
                Truth::from(pattern::plain(&tokens) == request)
            }),
            Comparison::IgnoreCase => expand(Wildcards::Literal).map_or(Truth::No, |tokens| {
                Truth::from(lower(&pattern::plain(&tokens)) == lower(request))
            }),
            Comparison::Like => expand(Wildcards::Match).map_or(Truth::No, |tokens| {
                Truth::from(pattern::glob(&tokens, request))
            }),
            Comparison::Bool => match (values::boolean(request), expand(Wildcards::Literal)) {
                (None, _) => Truth::Unknown,
                (_, None) => Truth::No,
                (held, Some(tokens)) => {
                    let wanted = values::boolean(&pattern::plain(&tokens));
                    known(wanted.map(|wanted| Some(wanted) == held))
                }
            },
            Comparison::Arn => self.matches_arn(request, context),
            Comparison::Number(order) => {
                let pair = values::number(request).zip(values::number(&self.text));
                known(pair.map(|(a, b)| order.holds(a, b)))
            }
            Comparison::Date(order) => {
                let pair = values::date(request).zip(values::date(&self.text));
                known(pair.map(|(a, b)| order.holds(a, b)))
            }
            Comparison::Ip => {
                let pair = values::address(request).zip(values::network(&self.text));
                known(pair.map(|(address, network)| values::within(address, network)))
            }
            Comparison::Binary => {
                let bytes = values::base64(request).unwrap_or_else(|| request.as_bytes().to_vec());
                Truth::from(values::base64(&self.text) == Some(bytes))
            }
            Comparison::Null => Truth::No,
        }
    }

    /// Six parts, each matched by itself, case-sensitively; the last takes the rest. The pattern
    /// is split at the colons of the policy's text.
    fn matches_arn(&self, request: &str, context: &Context) -> Truth {
        if !pattern::is_arn(request) {
            return Truth::Unknown;
        }
        let segments = pattern::piece_segments(&self.pieces);
        // A variable may stand for the whole ARN (IAM User Guide, "Policy variables").
        if segments.len() != 6 && self.text != "*" {
            let whole = pattern::expand(&self.pieces, context, Wildcards::Literal);
            return Truth::from(whole.is_some_and(|tokens| pattern::plain(&tokens) == request));
        }
        let parts: Vec<_> = segments
            .into_iter()
            .map(|part| pattern::expand(part, context, Wildcards::Match))
            .collect();
        if parts.iter().any(Option::is_none) {
            return Truth::No;
        }
        if self.text == "*" {
            return Truth::Yes;
        }
        let pairs = parts.iter().flatten().zip(pattern::segments(request));
        Truth::from(
            pairs
                .into_iter()
                .all(|(part, text)| pattern::glob(part, text)),
        )
    }
}

/// Simple lower-casing, one character for one: the only character whose full lower case is longer
/// is U+0130, and its simple lower case is `i`.
fn lower(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\u{130}' {
                'i'
            } else {
                c.to_lowercase().next().unwrap_or(c)
            }
        })
        .collect()
}

impl Order {
    fn holds(self, request: i128, policy: i128) -> bool {
        match self {
            Self::Equal => request == policy,
            Self::Less => request < policy,
            Self::LessOrEqual => request <= policy,
            Self::Greater => request > policy,
            Self::GreaterOrEqual => request >= policy,
        }
    }
}

impl Condition {
    /// Whether the condition holds.
    pub(crate) fn holds(&self, context: &Context) -> Truth {
        let present = context.get(&self.key);
        if self.comparison == Comparison::Null {
            return self.null_holds(present);
        }
        match self.qualifier {
            Qualifier::None => self.plain_holds(present, context),
            qualifier => self.set_holds(qualifier, present, context),
        }
    }

    /// `Null: true` holds when the key is absent, empty text or an empty list; `Null: false`
    /// otherwise. Several values: either.
    fn null_holds(&self, present: Option<&Value>) -> Truth {
        let is_null = match present {
            None => true,
            Some(Value::One(text)) => text.is_empty() && !self.options.empty_string_is_value,
            Some(Value::Many(texts)) => texts.is_empty(),
        };
        let wanted = self
            .values
            .iter()
            .filter_map(|value| values::boolean(&value.text));
        Truth::from(wanted.into_iter().any(|wanted| wanted == is_null))
    }

    fn plain_holds(&self, present: Option<&Value>, context: &Context) -> Truth {
        match present {
            // A missing key: positive operators fail, negated ones hold, IfExists holds.
            None => Truth::from(self.negated || self.if_exists),
            Some(Value::Many(texts)) if texts.is_empty() => self.plain_holds(None, context),
            // Without a qualifier an operator does not speak about multivalued keys.
            Some(Value::Many(_)) if self.options.plain_means_any => {
                self.set_holds(Qualifier::ForAny, present, context)
            }
            Some(Value::Many(_)) => Truth::No,
            Some(Value::One(_)) if self.values.is_empty() && self.if_exists => Truth::No,
            Some(Value::One(text)) => self.value_holds(text, context),
        }
    }

    fn set_holds(&self, qualifier: Qualifier, present: Option<&Value>, context: &Context) -> Truth {
        let texts = match present {
            None => &[],
            Some(Value::One(text)) => std::slice::from_ref(text),
            Some(Value::Many(texts)) => texts.as_slice(),
        };
        let for_all = qualifier == Qualifier::ForAll;
        if texts.is_empty() {
            let fails = self.negated && self.options.for_all_negated_needs_key;
            return Truth::from(for_all && !fails || self.if_exists);
        }
        if self.values.is_empty() {
            return Truth::No;
        }
        let each = texts.iter().map(|text| self.value_holds(text, context));
        if for_all {
            each.fold(Truth::Yes, Truth::and)
        } else {
            each.fold(Truth::No, Truth::or)
        }
    }

    /// One request value: a positive operator holds when any policy value matches, a negated one
    /// when none does.
    fn value_holds(&self, request: &str, context: &Context) -> Truth {
        let any = self
            .values
            .iter()
            .map(|value| value.matches(self.comparison, request, context))
            .fold(Truth::No, Truth::or);
        if !self.negated {
            return any;
        }
        let null = self.values.iter().any(|value| value.is_null(context));
        if null && self.options.null_variable_never_matches {
            return Truth::No;
        }
        any.not()
    }
}
