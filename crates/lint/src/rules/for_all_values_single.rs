//! # `ForAllValues` on a key with one value
//!
//! A condition uses `ForAllValues:` on a key that has at most one value.
//!
//! ## Why
//! `ForAllValues:` is true where the key is missing: an Allow that seems to be narrowed is open to every request without
//! the key. Without the qualifier, the condition is false there.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "ForAllValues:StringEquals": { "aws:PrincipalTag/team": "vision" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalTag/team": "vision" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL210",
    name: "for-all-values-single",
    severity: Severity::Security,
    aws: &["FORALLVALUES_WITH_SINGLE_VALUED_KEY"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let single = facts::key(&condition.key.value).is_some_and(|key| !key.is_multivalued());
        let all = operator.qualifier == Some(Qualifier::ForAllValues);
        if !all || !single || operator.comparison == Comparison::Null {
            continue;
        }
        let reason = format!(
            "`{}` has one value at most, and `ForAllValues:` is true where it is missing",
            condition.key.shown()
        );
        let bare = operator.to_string().replace("ForAllValues:", "");
        let edits = edits::replace(policy, &condition.operator_text, &bare);
        let note = Note::at(condition.operator_text.span, reason);
        out.push(note.possible_fix(format!("write `{bare}`"), edits));
    }
}
