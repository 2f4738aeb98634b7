//! # A Deny without MFA that long-term keys pass
//!
//! A Deny asks with `Bool` whether `aws:MultiFactorAuthPresent` is `false`.
//!
//! ## Why
//! The key is only there for temporary credentials. A request signed with a user's long-term access key has no such key,
//! so that the condition is false and the Deny does not apply. `BoolIfExists` covers both.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "iam:DeleteRole", "Resource": "*",
//!   "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "false" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "iam:DeleteRole", "Resource": "*",
//!   "Condition": { "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL239",
    name: "mfa-bool",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.denies() {
        return;
    }
    for condition in statement.conditions_on("aws:MultiFactorAuthPresent") {
        let plain = condition
            .operator
            .is_some_and(|operator| operator.comparison == Comparison::Bool && !operator.if_exists);
        let asks = condition
            .values
            .iter()
            .any(|value| value.text.value.eq_ignore_ascii_case("false"));
        if plain && asks {
            let reason = "requests signed with long-term keys have no `aws:MultiFactorAuthPresent`, and are not denied";
            let edits = edits::replace(policy, &condition.operator_text, "BoolIfExists");
            let note = Note::at(condition.operator_text.span, reason);
            out.push(note.possible_fix("write `BoolIfExists`", edits));
        }
    }
}
