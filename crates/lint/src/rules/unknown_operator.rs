//! # There is no such condition operator
//!
//! The name of an operator is misspelt, or joined with a modifier that it does not take.
//!
//! ## Why
//! AWS refuses the policy. `Null` takes no `IfExists`; qualifiers are `ForAllValues:` and `ForAnyValue:`; upper and lower
//! case count.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*",
//!   "Condition": { "StringEqual": { "aws:PrincipalTag/team": "vision" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*",
//!   "Condition": { "StringEquals": { "aws:PrincipalTag/team": "vision" } } } ] }
//! ```

use crate::prelude::*;
use policy::document::Operator;

pub(super) const RULE: Rule = Rule {
    code: "PAL200",
    name: "unknown-operator",
    severity: Severity::Error,
    aws: &["INVALID_CONDITION_OPERATOR", "NULL_WITH_IF_EXISTS"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let operators = statement.node.get("Condition").and_then(Node::as_object);
    for member in operators.unwrap_or(&[]) {
        let name = Text::new(member.key.value.clone(), member.key.span);
        if Operator::parse(&name.value).is_some() || !name.is_known() {
            continue;
        }
        let reason = format!("`{}` is no condition operator", name.shown());
        let note = Note::at(name.span, reason);
        out.push(match Operator::suggest(&name.value) {
            Some(meant) => {
                let edits = edits::replace(policy, &name, &meant);
                // Only the case may be wrong; anything else may have been meant otherwise.
                match meant.eq_ignore_ascii_case(&name.value) {
                    true => note.safe_fix(format!("write `{meant}`"), edits),
                    false => note.possible_fix(format!("write `{meant}`"), edits),
                }
            }
            None => note.help("write an operator such as `StringEquals`"),
        });
    }
}
