//! # A wildcard in a principal
//!
//! A principal has a wildcard and is not `*` alone.
//!
//! ## Why
//! AWS refuses the policy: principals are matched as they are. To mean many roles, name their account and narrow it by a
//! condition on `aws:PrincipalArn` with `ArnLike`.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/etl-*" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action":
//!   "s3:GetObject", "Resource": "arn:aws:s3:::data/*", "Condition": { "ArnLike": { "aws:PrincipalArn":
//!   "arn:aws:iam::111122223333:role/etl-*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL132",
    name: "principal-wildcard",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_WILDCARD_IN_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(principal) = &statement.principal else {
        return;
    };
    for value in &principal.values {
        let text = &value.text;
        let kind = value.kind.as_ref().map(|kind| kind.value.as_str());
        let everyone = text.value == "*" && matches!(kind, None | Some("AWS"));
        if everyone || !text.value.contains(['*', '?']) {
            continue;
        }
        let reason = match kind {
            Some("AWS") | None => format!(
                "`{}` has a wildcard; of principals only \"*\" alone is one",
                text.shown()
            ),
            Some(kind) => format!(
                "`{}` has a wildcard, and a principal of kind {kind} has none",
                text.shown()
            ),
        };
        let help = "name each principal, or the account with a condition on aws:PrincipalArn";
        out.push(Note::at(text.span, reason).help(help));
    }
}
