//! # A condition on a key that is named otherwise
//!
//! A condition that takes the ARN of a KMS key is given an alias, an id or another ARN.
//!
//! ## Why
//! Requests carry the ARN of the key, `arn:aws:kms:REGION:ACCOUNT:key/ID`, whatever the caller wrote. The comparison
//! never holds.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id":
//!   "alias/data" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id":
//!   "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL236",
    name: "kms-key-value",
    severity: Severity::Error,
    aws: &["INVALID_KMS_KEY_VALUE"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let lower = condition.key.value.to_ascii_lowercase();
        let takes_key = lower == "s3:x-amz-server-side-encryption-aws-kms-key-id"
            || (lower.ends_with("kmskeyarn") && lower.starts_with("sagemaker:"));
        if !takes_key
            || condition
                .operator
                .is_none_or(|o| o.comparison == Comparison::Null)
        {
            continue;
        }
        for value in &condition.values {
            let text = value.text.value.as_str();
            let open =
                text.starts_with(text::is_hole) || text.starts_with("${") || text.starts_with('*');
            let is_key = Arn::new(&value.text, true).is_some_and(|arn| {
                let kms = arn.part(2).is_some_and(|part| part == "kms" || part == "*");
                let key = arn.part(5).is_some_and(|part| {
                    part.starts_with("key/")
                        || part.starts_with('*')
                        || part.starts_with(text::is_hole)
                });
                kms && key
            });
            if !open && !is_key && !text.is_empty() {
                let reason = format!(
                    "`{}` is not the ARN of a key, which `{}` has",
                    value.text.shown(),
                    condition.key.shown()
                );
                out.push(
                    Note::at(value.text.span, reason)
                        .help("write \"arn:aws:kms:REGION:ACCOUNT:key/ID\""),
                );
            }
        }
    }
}
