//! The engine's options, by name.

use super::Reader;
use policy::Options;
use policy::json::{Member, Node};
use policy::options::{
    BoolVariables, EmptyString, EmptyValueList, ForAllNegatedMissing, MissingVersion,
    NotResourceNullVariable, NullVariableNegated, PlainOperatorOnList,
};

/// One choice of one option: its name, its value, and what it sets.
type Choice = (&'static str, &'static str, fn(&mut Options));

/// Every option and its values, the default first.
const CHOICES: &[Choice] = &[
    ("missingVersion", "2008-10-17", |o| {
        o.missing_version = MissingVersion::V2008
    }),
    ("missingVersion", "2012-10-17", |o| {
        o.missing_version = MissingVersion::V2012
    }),
    ("boolVariables", "evaluated", |o| {
        o.bool_variables = BoolVariables::Evaluated
    }),
    ("boolVariables", "refused", |o| {
        o.bool_variables = BoolVariables::Refused
    }),
    ("nullVariableNegated", "matches", |o| {
        o.null_variable_negated = NullVariableNegated::Matches
    }),
    ("nullVariableNegated", "neverMatches", |o| {
        o.null_variable_negated = NullVariableNegated::NeverMatches;
    }),
    ("forAllNegatedMissing", "matches", |o| {
        o.for_all_negated_missing = ForAllNegatedMissing::Matches;
    }),
    ("forAllNegatedMissing", "neverMatches", |o| {
        o.for_all_negated_missing = ForAllNegatedMissing::NeverMatches;
    }),
    ("plainOperatorOnList", "neverMatches", |o| {
        o.plain_operator_on_list = PlainOperatorOnList::NeverMatches;
    }),
    ("plainOperatorOnList", "anyValue", |o| {
        o.plain_operator_on_list = PlainOperatorOnList::AnyValue;
    }),
    ("emptyValueList", "byLogic", |o| {
        o.empty_value_list = EmptyValueList::ByLogic
    }),
    ("emptyValueList", "refused", |o| {
        o.empty_value_list = EmptyValueList::Refused
    }),
    ("notResourceNullVariable", "excludesNothing", |o| {
        o.not_resource_null_variable = NotResourceNullVariable::ExcludesNothing;
    }),
    ("notResourceNullVariable", "statementNeverApplies", |o| {
        o.not_resource_null_variable = NotResourceNullVariable::StatementNeverApplies;
    }),
    ("emptyString", "null", |o| {
        o.empty_string = EmptyString::Null
    }),
    ("emptyString", "value", |o| {
        o.empty_string = EmptyString::Value
    }),
];

impl Reader<'_> {
    pub(super) fn read_options(&mut self, node: &Node) {
        let Some(members) = node.as_object() else {
            let reason = format!("`options` is an object, not {}", node.kind());
            self.error(
                node.span,
                reason,
                "write { \"missingVersion\": \"2012-10-17\" }",
            );
            return;
        };
        for Member { key, value } in members {
            let Some(text) = self.text(value, &key.value) else {
                continue;
            };
            let known = CHOICES.iter().filter(|(name, ..)| *name == key.value);
            match known.clone().find(|(_, choice, _)| *choice == text) {
                Some((_, _, apply)) => apply(&mut self.options),
                None => {
                    let choices: Vec<&str> = known.map(|(_, choice, _)| *choice).collect();
                    let (span, reason, fix) = if choices.is_empty() {
                        let mut names: Vec<&str> = CHOICES.iter().map(|(name, ..)| *name).collect();
                        names.dedup();
                        let reason = format!("`{}` is no option", key.value);
                        (
                            key.span,
                            reason,
                            format!("write one of {}", names.join(", ")),
                        )
                    } else {
                        let reason = format!("`{text}` is no value of `{}`", key.value);
                        (
                            value.span,
                            reason,
                            format!("write one of {}", choices.join(", ")),
                        )
                    };
                    self.error(span, reason, fix);
                }
            }
        }
    }
}
