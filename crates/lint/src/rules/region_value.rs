//! # There is no such region
//!
//! A condition compares `aws:RequestedRegion` with a text that is no region.
//!
//! ## Why
//! The comparison never holds. In a Deny for all regions but some, a misspelt region is denied.
//!
//! ## Example
//! ```json scp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
//!   "StringNotEquals": { "aws:RequestedRegion": "eu-west" } } } }
//! ```
//!
//! ## Fix
//! ```json scp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
//!   "StringNotEquals": { "aws:RequestedRegion": "eu-west-1" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL118",
    name: "region-value",
    severity: Severity::Error,
    aws: &["INVALID_REGION"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in statement.conditions_on("aws:RequestedRegion") {
        if condition
            .operator
            .is_some_and(|operator| operator.comparison == Comparison::Null)
        {
            continue;
        }
        for value in &condition.values {
            let Some(region) = value.text.known() else {
                continue;
            };
            if region.contains(['*', '?', '$']) || facts::REGIONS.contains(&region) {
                continue;
            }
            let note = Note::at(
                value.text.span,
                format!("`{region}` is no region that is known here"),
            );
            let note = match facts::is_region_like(region) {
                true => note.severity(Severity::Warning),
                false => note,
            };
            let known = facts::REGIONS.iter().map(|known| (*known).to_owned());
            out.push(match facts::closest(region, known) {
                Some(meant) => {
                    let edits = edits::replace(policy, &value.text, &meant);
                    note.possible_fix(format!("write `{meant}`"), edits)
                }
                None => note.help("write a region such as `us-east-1`"),
            });
        }
    }
}
