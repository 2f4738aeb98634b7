//! Condition operators (IAM User Guide, "Condition operators").

use std::fmt;

/// What an operator compares, without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// Exact text.
    StringEquals,
    /// Exact text, ignoring case.
    StringEqualsIgnoreCase,
    /// Text with the wildcards `*` and `?`.
    StringLike,
    /// Equal numbers.
    NumericEquals,
    /// A smaller number.
    NumericLessThan,
    /// A smaller or equal number.
    NumericLessThanEquals,
    /// A greater number.
    NumericGreaterThan,
    /// A greater or equal number.
    NumericGreaterThanEquals,
    /// The same instant.
    DateEquals,
    /// An earlier instant.
    DateLessThan,
    /// An earlier instant or the same.
    DateLessThanEquals,
    /// A later instant.
    DateGreaterThan,
    /// A later instant or the same.
    DateGreaterThanEquals,
    /// `true` or `false`.
    Bool,
    /// The same bytes.
    BinaryEquals,
    /// An address within a range.
    IpAddress,
    /// An ARN, segment by segment, with wildcards; `ArnEquals` and `ArnLike` mean the same.
    ArnLike,
    /// Whether the key is present.
    Null,
}

/// How the values of a multivalued key are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Qualifier {
    /// `ForAllValues:`
    ForAllValues,
    /// `ForAnyValue:`
    ForAnyValue,
}

/// A condition operator with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// The set qualifier in front.
    pub qualifier: Option<Qualifier>,
    /// What is compared.
    pub comparison: Comparison,
    /// Whether it is the `Not` form.
    pub negated: bool,
    /// Whether it ends in `IfExists`.
    pub if_exists: bool,
    /// Written `ArnEquals`/`ArnNotEquals` rather than `ArnLike`/`ArnNotLike`.
    pub arn_equals: bool,
}

/// Every base operator: its name, what it compares, whether it is negated.
const NAMES: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    (
        "StringEqualsIgnoreCase",
        Comparison::StringEqualsIgnoreCase,
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Comparison::StringEqualsIgnoreCase,
        true,
    ),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("NumericEquals", Comparison::NumericEquals, false),
    ("NumericNotEquals", Comparison::NumericEquals, true),
    ("NumericLessThan", Comparison::NumericLessThan, false),
    (
        "NumericLessThanEquals",
        Comparison::NumericLessThanEquals,
        false,
    ),
    ("NumericGreaterThan", Comparison::NumericGreaterThan, false),
    (
        "NumericGreaterThanEquals",
        Comparison::NumericGreaterThanEquals,
        false,
    ),
    ("DateEquals", Comparison::DateEquals, false),
    ("DateNotEquals", Comparison::DateEquals, true),
    ("DateLessThan", Comparison::DateLessThan, false),
    ("DateLessThanEquals", Comparison::DateLessThanEquals, false),
    ("DateGreaterThan", Comparison::DateGreaterThan, false),
    (
        "DateGreaterThanEquals",
        Comparison::DateGreaterThanEquals,
        false,
    ),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::BinaryEquals, false),
    ("IpAddress", Comparison::IpAddress, false),
    ("NotIpAddress", Comparison::IpAddress, true),
    ("ArnLike", Comparison::ArnLike, false),
    ("ArnNotLike", Comparison::ArnLike, true),
    ("ArnEquals", Comparison::ArnLike, false),
    ("ArnNotEquals", Comparison::ArnLike, true),
    ("Null", Comparison::Null, false),
];

impl Comparison {
    /// Whether `*` and `?` in a policy's value are wildcards.
    #[must_use]
    pub fn has_wildcards(self) -> bool {
        matches!(self, Self::StringLike | Self::ArnLike)
    }

    /// Whether a policy's value may hold variables (IAM User Guide, "Policy variables").
    #[must_use]
    pub fn has_variables(self) -> bool {
        matches!(
            self,
            Self::StringEquals
                | Self::StringEqualsIgnoreCase
                | Self::StringLike
                | Self::ArnLike
                | Self::Bool
        )
    }
}

impl Operator {
    /// Reads an operator's name with its qualifier and suffix; `None` where AWS has no such operator.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (qualifier, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Qualifier::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(Qualifier::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (name, comparison, negated) = NAMES.iter().copied().find(|(name, ..)| *name == base)?;
        if if_exists && comparison == Comparison::Null {
            return None;
        }
        let arn_equals = matches!(name, "ArnEquals" | "ArnNotEquals");
        Some(Self {
            qualifier,
            comparison,
            negated,
            if_exists,
            arn_equals,
        })
    }

    /// The name without qualifier and suffix, as AWS spells it.
    #[must_use]
    pub fn base_name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(name, comparison, negated)| {
                *comparison == self.comparison
                    && *negated == self.negated
                    && matches!(*name, "ArnEquals" | "ArnNotEquals") == self.arn_equals
            })
            .map_or("Null", |(name, ..)| name)
    }

    /// The known operator that a misspelt one most likely means.
    #[must_use]
    pub fn suggest(text: &str) -> Option<String> {
        let base = text.rsplit(':').next().unwrap_or(text);
        let bare = base.strip_suffix("IfExists").unwrap_or(base);
        let mut best: Option<(usize, &str)> = None;
        for (name, ..) in NAMES {
            let distance = edit_distance(&bare.to_ascii_lowercase(), &name.to_ascii_lowercase());
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, name));
            }
        }
        let (distance, name) = best?;
        (distance <= 3).then(|| {
            let lower = text.to_ascii_lowercase();
            let qualifier = if lower.starts_with("forall") {
                "ForAllValues:"
            } else if lower.starts_with("forany") {
                "ForAnyValue:"
            } else {
                ""
            };
            let suffix = if base.ends_with("IfExists") && name != "Null" {
                "IfExists"
            } else {
                ""
            };
            format!("{qualifier}{name}{suffix}")
        })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.qualifier {
            Some(Qualifier::ForAllValues) => "ForAllValues:",
            Some(Qualifier::ForAnyValue) => "ForAnyValue:",
            None => "",
        })?;
        f.write_str(self.base_name())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

/// Levenshtein distance, for short names.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(&b) {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = *slot;
            *slot = substituted.min(diagonal + 1).min(left + 1);
            left = *slot;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_prints_as_it_reads() {
        for (name, ..) in NAMES {
            for qualifier in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    let text = format!("{qualifier}{name}{suffix}");
                    match Operator::parse(&text) {
                        Some(operator) => assert_eq!(operator.to_string(), text),
                        None => assert_eq!((name, suffix), ("Null", "IfExists")),
                    }
                }
            }
        }
    }

    #[test]
    fn a_misspelt_operator_is_unknown_and_has_a_suggestion() {
        for (text, meant) in [
            ("StringEqual", "StringEquals"),
            ("stringequals", "StringEquals"),
            ("ForAnyValues:StringEquals", "ForAnyValue:StringEquals"),
            ("NullIfExists", "Null"),
            ("StringEqalsIfExists", "StringEqualsIfExists"),
        ] {
            assert_eq!(Operator::parse(text), None, "{text}");
            assert_eq!(Operator::suggest(text).as_deref(), Some(meant));
        }
        assert_eq!(Operator::suggest("Xyz"), None);
    }
}
