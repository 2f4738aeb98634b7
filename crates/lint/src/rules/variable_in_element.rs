//! # A variable where none is filled in
//!
//! A policy variable stands in an action, a principal, a condition key, or in front of the fifth colon of an ARN.
//!
//! ## Why
//! Variables are filled in only in the last part of resources and in values of conditions. AWS refuses the policy, or
//! takes the text as it is.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:${aws:RequestedRegion}::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL226",
    name: "variable-in-element",
    severity: Severity::Error,
    aws: &["VARIABLE_UNSUPPORTED_IN_ELEMENT"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    let mut report = |text: &Text, what: &str| {
        let help = "use variables in the last part of resources and in values of conditions only";
        let reason = format!("`{}` has a variable, and {what} has none", text.shown());
        out.push(Note::at(text.span, reason).help(help));
    };
    let actions = statement.actions.iter().flat_map(|actions| &actions.values);
    for pattern in actions.filter(|pattern| pattern.text.value.contains("${")) {
        report(&pattern.text, "an action");
    }
    let principals = statement
        .principal
        .iter()
        .flat_map(|principal| &principal.values);
    for value in principals.filter(|value| value.text.value.contains("${")) {
        report(&value.text, "a principal");
    }
    let resources = statement
        .resources
        .iter()
        .flat_map(|resources| &resources.values);
    for resource in resources {
        let early = Arn::new(resource, false)
            .is_some_and(|arn| (1..5).any(|i| arn.part(i).is_some_and(|part| part.contains("${"))));
        if early {
            report(resource, "an ARN in front of its fifth colon");
        }
    }
}
