//! # The account of an ARN is wrong
//!
//! The fifth part of an ARN names an account where the resource has none, none where it has one, or a text that is no
//! account id.
//!
//! ## Why
//! The ARN matches nothing. Account ids are twelve digits, leading zeros included; ARNs of buckets have none.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-east-1:12345:training-job/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-east-1:111122223333:training-job/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL115",
    name: "arn-account",
    severity: Severity::Error,
    aws: &[
        "ARN_ACCOUNT_NOT_ALLOWED",
        "MISSING_ARN_ACCOUNT",
        "INVALID_ARN_ACCOUNT",
    ],
    check: Check::Statement(|policy, statement, out| arns::report(policy, statement, fault, out)),
};

/// Services with resources of AWS's own, whose ARNs have no account though those of customers have.
const OF_AWS: &[&str] = &["ssm", "resource-explorer-2"];

fn fault(policy: &Policy, arn: &Arn<'_>) -> Option<Note> {
    let account = arn.part(4)?;
    if account.contains(|c| text::is_hole(c) || matches!(c, '$' | '*' | '?')) {
        return None;
    }
    let span = arn.span(policy, 4);
    let formats = arn.formats();
    let literal = |account: &str| formats.iter().any(|format| format.account == account);
    if account.is_empty() {
        let what = arn.part(2).unwrap_or("");
        let needed = !formats.is_empty() && formats.iter().all(|format| format.has_account());
        let needed = needed && !OF_AWS.contains(&what);
        return needed.then(|| {
            let reason = format!("the ARN names no account, and such a resource of {what} has one");
            Note::at(arn.text.span, reason).help("name the account")
        });
    }
    if literal(account) || matches!(account, "aws" | "aws-managed" | "cloudfront" | "amazon") {
        return None;
    }
    if !formats.is_empty() && formats.iter().all(|format| format.account.is_empty()) {
        let reason = format!("`{account}` is too much: such a resource has no account in its ARN");
        let edits = arn.replace(policy, 4, "");
        return Some(Note::at(span, reason).safe_fix("leave the account empty", edits));
    }
    if facts::is_account(account) {
        return None;
    }
    let reason = format!("`{account}` is no account id, which has twelve digits");
    Some(Note::at(span, reason).help("write the twelve digits, leading zeros included"))
}
