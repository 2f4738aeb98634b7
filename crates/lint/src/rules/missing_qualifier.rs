//! # A multivalued key without a set qualifier
//!
//! A condition compares a key that can have several values at once, without saying whether all or any of them shall match.
//!
//! ## Why
//! Without `ForAllValues:` or `ForAnyValue:` the comparison of a multivalued key never matches, or is refused.
//! `ForAnyValue:` asks for one value that matches; `ForAllValues:` for none that does not, and is also true where there is
//! no value at all, so that in an Allow it needs a `Null` condition beside it.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Deny", "Action": "sagemaker:AddTags", "Resource": "*",
//!   "Condition": { "StringLike": { "aws:TagKeys": "sagemaker:*" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Deny", "Action": "sagemaker:AddTags", "Resource": "*",
//!   "Condition": { "ForAnyValue:StringLike": { "aws:TagKeys": "sagemaker:*" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL209",
    name: "missing-qualifier",
    severity: Severity::Error,
    aws: &["MISSING_QUALIFIER"],
    check: Check::Statement(check),
};

/// Keys of which the lists say several, and of which each request has one (EventBridge User Guide).
const ONE_EACH: &[&str] = &["events:source", "events:detail-type"];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let plain = operator.qualifier.is_none() && operator.comparison != Comparison::Null;
        let multivalued = facts::key(&condition.key.value).is_some_and(|key| key.is_multivalued())
            && !ONE_EACH.iter().any(|key| condition.is_on(key));
        if plain && multivalued {
            let reason = format!(
                "`{}` can have several values, and `{}` does not say which of them shall match",
                condition.key.shown(),
                condition.operator_text.shown()
            );
            let help = format!("write `ForAnyValue:{operator}` or `ForAllValues:{operator}`");
            out.push(Note::at(condition.operator_text.span, reason).help(help));
        }
    }
}
