//! Readings of the language where AWS's own texts disagree or are silent, each a named option whose default is the
//! recommended reading.

use crate::document::Limits;

/// How policies are read and evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Bounds on what is read.
    pub limits: Limits,
    /// What a policy without `Version` means.
    pub missing_version: MissingVersion,
    /// Whether `Bool` takes variables in its values.
    pub bool_variables: BoolVariables,
    /// What a value that holds a variable without value means under a negated operator.
    pub null_variable_negated: NullVariableNegated,
    /// What `ForAllValues:` with a negated operator means when the key is missing.
    pub for_all_negated_missing: ForAllNegatedMissing,
    /// What an operator without set qualifier means on a multivalued key.
    pub plain_operator_on_list: PlainOperatorOnList,
    /// What an empty list of condition values means.
    pub empty_value_list: EmptyValueList,
    /// What an entry of `NotResource` means that holds a variable without value.
    pub not_resource_null_variable: NotResourceNullVariable,
    /// Whether `Null` takes an empty string for an absent key.
    pub empty_string: EmptyString,
}

/// What a policy without `Version` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingVersion {
    /// The language of 2008-10-17: variables are literal text (IAM User Guide, "Version").
    #[default]
    V2008,
    /// The language of 2012-10-17.
    V2012,
}

/// Whether `Bool` takes variables in its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoolVariables {
    /// They are evaluated (page on condition operators).
    #[default]
    Evaluated,
    /// They are refused (page on policy variables).
    Refused,
}

/// What a value that holds a variable without value means under a negated operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NullVariableNegated {
    /// Nothing equals it, so the negated operator matches (IAM User Guide, "Policy variables").
    #[default]
    Matches,
    /// The condition does not match.
    NeverMatches,
}

/// What `ForAllValues:` with a negated operator means when the key is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForAllNegatedMissing {
    /// It matches, as the prose says of every `ForAllValues`.
    #[default]
    Matches,
    /// It does not match, as the page's table of examples shows.
    NeverMatches,
}

/// What an operator without set qualifier means on a multivalued key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainOperatorOnList {
    /// It never matches.
    #[default]
    NeverMatches,
    /// It behaves as with `ForAnyValue:`.
    AnyValue,
}

/// What an empty list of condition values means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyValueList {
    /// What logic says of an empty choice: nothing matches it; a negated operator does.
    #[default]
    ByLogic,
    /// The policy is refused.
    Refused,
}

/// What an entry of `NotResource` means that holds a variable without value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotResourceNullVariable {
    /// It matches no resource, so it excludes nothing.
    #[default]
    ExcludesNothing,
    /// The statement does not apply.
    StatementNeverApplies,
}

/// Whether `Null` takes an empty string for an absent key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyString {
    /// An empty string counts as null.
    #[default]
    Null,
    /// An empty string is a value.
    Value,
}
