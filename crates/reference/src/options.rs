//! The readings that a case may choose where AWS's texts disagree or are silent. The defaults are
//! those of the specification.

use crate::{Json, Refusal};

/// One flag for each open question: whether the other reading is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent question"
)]
pub(crate) struct Options {
    /// A document without `Version` is in the language of 2012.
    pub(crate) unversioned_is_2012: bool,
    /// Variables in `Bool` are refused.
    pub(crate) bool_variables_refused: bool,
    /// A negated operator does not hold when a value has a variable without a value.
    pub(crate) null_variable_never_matches: bool,
    /// `ForAllValues:` with a negated operator does not hold on a missing key.
    pub(crate) for_all_negated_needs_key: bool,
    /// An operator without qualifier on a multivalued key is as with `ForAnyValue:`.
    pub(crate) plain_means_any: bool,
    /// An empty list of condition values is refused.
    pub(crate) empty_values_refused: bool,
    /// A statement whose `NotResource` has a variable without a value does not apply.
    pub(crate) null_not_resource_never_applies: bool,
    /// `Null` takes the empty string for a value.
    pub(crate) empty_string_is_value: bool,
}

/// How the texts of a document are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Language {
    /// Whether `${…}` is a variable: in the language of 2012 it is.
    pub(crate) variables: bool,
    pub(crate) options: Options,
}

impl Options {
    /// Reads the member `options` of a case.
    pub(crate) fn read(json: Option<&Json>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        let members = match json {
            None => return Ok(options),
            Some(Json::Object(members)) => members,
            Some(_) => return Err(Refusal::new("case", "`options` is not an object")),
        };
        for (name, value) in members {
            let Json::Text(value) = value else {
                return Err(Refusal::new(
                    "case",
                    format!("option `{name}` is not a string"),
                ));
            };
            options.choose(name, value)?;
        }
        Ok(options)
    }

    fn choose(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let (flag, default, other) = match name {
            "missingVersion" => (&mut self.unversioned_is_2012, "2008-10-17", "2012-10-17"),
            "boolVariables" => (&mut self.bool_variables_refused, "evaluated", "refused"),
            "nullVariableNegated" => (
                &mut self.null_variable_never_matches,
                "matches",
                "neverMatches",
            ),
            "forAllNegatedMissing" => (
                &mut self.for_all_negated_needs_key,
                "matches",
                "neverMatches",
            ),
            "plainOperatorOnList" => (&mut self.plain_means_any, "neverMatches", "anyValue"),
            "emptyValueList" => (&mut self.empty_values_refused, "byLogic", "refused"),
            "notResourceNullVariable" => (
                &mut self.null_not_resource_never_applies,
                "excludesNothing",
                "statementNeverApplies",
            ),
            "emptyString" => (&mut self.empty_string_is_value, "null", "value"),
            _ => return Err(Refusal::new("case", format!("no option `{name}`"))),
        };
        if value != default && value != other {
            return Err(Refusal::new(
                "case",
                format!("`{value}` is no choice of `{name}`"),
            ));
        }
        *flag = value == other;
        Ok(())
    }
}
