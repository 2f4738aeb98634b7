//! # No id of a VPC or an endpoint
//!
//! A condition compares `aws:SourceVpc` or `aws:SourceVpce` with a text that is no such id.
//!
//! ## Why
//! The comparison never holds. Ids are `vpc-` or `vpce-` and 8 or 17 hexadecimal digits.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:SourceVpce": "vpc-0123456789abcdef0" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:SourceVpce": "vpce-0123456789abcdef0" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL219",
    name: "vpc-format",
    severity: Severity::Error,
    aws: &["INVALID_VPC_FORMAT", "INVALID_VPCE_FORMAT"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for (key, prefix) in [("aws:SourceVpc", "vpc-"), ("aws:SourceVpce", "vpce-")] {
        for condition in statement.conditions_on(key) {
            let null = condition
                .operator
                .is_none_or(|o| o.comparison == Comparison::Null);
            for value in condition.values.iter().filter(|_| !null) {
                let Some(known) = value.text.known() else {
                    continue;
                };
                let digits = known.strip_prefix(prefix);
                let sound = digits.is_some_and(|digits| {
                    matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit())
                });
                if !sound && !known.contains(['*', '?', '$']) {
                    let reason = format!("`{known}` is no id that {key} has");
                    let help = format!("write `{prefix}` and 8 or 17 hexadecimal digits");
                    out.push(Note::at(value.text.span, reason).help(help));
                }
            }
        }
    }
}
