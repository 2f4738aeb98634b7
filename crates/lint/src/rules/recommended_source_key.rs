//! # A service restricted in an unusual way
//!
//! A statement for a service principal says for whom the service acts with a key of its own, and not with
//! `aws:SourceArn` or `aws:SourceAccount`.
//!
//! ## Why
//! The global keys mean the same for every service, and are checked by AWS itself.
//!
//! ## Example
//! ```json key
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
//!   "Action": "kms:Decrypt", "Resource": "*", "Condition": { "StringEquals": { "kms:CallerAccount": "111122223333"
//!   } } } }
//! ```
//!
//! ## Fix
//! ```json key
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
//!   "Action": "kms:Decrypt", "Resource": "*", "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333"
//!   } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL234",
    name: "recommended-source-key",
    severity: Severity::Suggestion,
    aws: &["RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let service = statement.principals("Service").next().is_some();
    let global = [
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
    ]
    .iter()
    .any(|key| statement.has_condition_on(key));
    if !statement.allows() || !service || global {
        return;
    }
    for key in [
        "kms:CallerAccount",
        "s3:x-amz-source-account",
        "sts:ExternalId",
    ] {
        for condition in statement.conditions_on(key) {
            let reason = format!(
                "`{}` says for whom the service acts, where a global key does",
                condition.key.shown()
            );
            let help = "use aws:SourceAccount or aws:SourceArn";
            out.push(Note::at(condition.key.span, reason).help(help));
        }
    }
}
