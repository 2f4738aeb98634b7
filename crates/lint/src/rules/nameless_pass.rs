//! # Sessions without a name pass
//!
//! An Allow compares `aws:SourceIdentity` with `IfExists` or a negated operator, or holds a variable with a default:
//! `${aws:SourceIdentity, 'guest'}`.
//!
//! ## Why
//! Sessions have no source identity in shared spaces, where the domain does not set it, and where somebody assumed
//! the role in another way. They pass an `IfExists` and a `Not`, and with a default they all share one name, which a
//! person may have too.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEqualsIfExists": { "aws:SourceIdentity": "alice" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:SourceIdentity": "alice" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL807",
    name: "nameless-pass",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    // In a trust policy, the key is only there where a session assumes the next role.
    if policy.kind.policy_type == PolicyType::Trust || !statement.allows() {
        return;
    }
    let required = statement
        .conditions_on(owners::SOURCE_IDENTITY)
        .any(|condition| {
            let asks = condition
                .operator
                .is_some_and(|operator| operator.comparison == Comparison::Null);
            condition.is_positive() || asks
        });
    for condition in statement.conditions_on(owners::SOURCE_IDENTITY) {
        let Some(operator) = condition.operator else {
            continue;
        };
        let opens = operator.if_exists || operator.negated;
        if operator.comparison == Comparison::Null || !opens || required {
            continue;
        }
        let written = &condition.operator_text.value;
        let reason = format!("under `{written}`, sessions without a source identity pass");
        let note = Note::at(condition.operator_text.span, reason);
        let plain = written.replace("IfExists", "");
        let edits = edits::rename_operator(policy, statement, condition, &plain);
        out.push(match operator.negated {
            false => note.possible_fix(format!("write `{plain}`"), edits),
            true => note.help("name those who may, or add `Null` of `aws:SourceIdentity`"),
        });
    }
    defaults(policy, statement, out);
}

fn defaults(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.has_variables() {
        return;
    }
    for text in facts::variable_texts(statement) {
        for variable in owners::keys(&text.value) {
            let (start, end) = variable.range;
            let written = text.value.get(start..end).unwrap_or_default();
            let person = [owners::SOURCE_IDENTITY, "sagemaker:UserProfileName"];
            if written.contains(',')
                && person
                    .iter()
                    .any(|key| key.eq_ignore_ascii_case(variable.key))
            {
                let reason = format!(
                    "all sessions without `{}` share the name of the default",
                    variable.key
                );
                let edits = edits::replace_part(
                    policy,
                    text,
                    (start, end),
                    &format!("${{{}}}", variable.key),
                );
                let span = text.part(&policy.source, start, end);
                out.push(Note::at(span, reason).possible_fix("remove the default", edits));
            }
        }
    }
}
