//! # A value that its operator cannot read
//!
//! A condition value is no number, date, boolean, base64 text or ARN, though its operator compares these.
//!
//! ## Why
//! The comparison never holds, or AWS refuses it.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "NumericLessThan": { "aws:MultiFactorAuthAge": "one hour" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "NumericLessThan": { "aws:MultiFactorAuthAge": "3600" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL207",
    name: "value-type",
    severity: Severity::Error,
    aws: &[
        "TYPE_MISMATCH_NUMBER",
        "TYPE_MISMATCH_DATE",
        "TYPE_MISMATCH_BOOLEAN",
        "TYPE_MISMATCH_STRING",
        "INVALID_DATE_VALUE",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        // Ranges of addresses have a rule of their own.
        if operator.comparison == Comparison::IpAddress {
            continue;
        }
        for value in &condition.values {
            let Some(known) = value.text.known().filter(|known| !known.contains("${")) else {
                continue;
            };
            if is_account(condition, known) == Some(false) {
                let reason = format!("`{known}` is no account id, and no request has it");
                out.push(
                    Note::at(value.text.span, reason).help("write the account's twelve digits"),
                );
                continue;
            }
            if let Some(reason) = facts::value_fault(operator, known, policy.has_variables()) {
                out.push(
                    Note::at(value.text.span, reason.reason).help(reason.fix.unwrap_or_default()),
                );
            }
        }
    }
}

/// Keys whose values are ids of accounts (IAM User Guide, "AWS global condition context keys").
const ACCOUNTS: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:ResourceAccount",
    "aws:SourceAccount",
    "aws:VpceAccount",
    "kms:CallerAccount",
    "s3:DataAccessPointAccount",
    "s3:ResourceAccount",
];

/// Whether a value is an account id where one is compared as a text; nothing elsewhere, and of patterns.
fn is_account(condition: &Condition, value: &str) -> Option<bool> {
    use Comparison::{StringEquals, StringEqualsIgnoreCase, StringLike};
    let comparison = condition.operator?.comparison;
    // Wildcards, also those that are plain text, are another rule's.
    let is_text = matches!(
        comparison,
        StringEquals | StringEqualsIgnoreCase | StringLike
    );
    let whole = is_text && !value.contains(['*', '?']);
    let of_account = ACCOUNTS.iter().any(|key| condition.is_on(key));
    (whole && of_account).then(|| value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()))
}
