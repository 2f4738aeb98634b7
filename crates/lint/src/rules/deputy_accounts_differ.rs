//! # `aws:SourceArn` and `aws:SourceAccount` of different accounts
//!
//! A statement compares `aws:SourceArn` with an ARN of one account, and `aws:SourceAccount` with another.
//!
//! ## Why
//! Both keys of a call are of the same account, so that no call has both values: the service can never do this. Where
//! several are listed, the ARN alone is dead.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" }, "StringEquals": { "aws:SourceAccount": "444455556666" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" }, "StringEquals": { "aws:SourceAccount": "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL701",
    name: "deputy-accounts-differ",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let accounts: Vec<&Condition> = statement
        .conditions_on("aws:SourceAccount")
        .filter(|condition| condition.is_positive())
        .collect();
    for text in deputy::source_arns(statement) {
        let Some(arn) = Arn::new(text, true) else {
            continue;
        };
        let account = arn.part(4).unwrap_or_default();
        if !facts::is_account(account) {
            continue;
        }
        let Some(other) = accounts
            .iter()
            .find(|condition| excludes(condition, account))
        else {
            continue;
        };
        let reason = format!(
            "the ARN is of the account {account}, which `aws:SourceAccount` does not list: no call has both"
        );
        let note = Note::at(arn.span(policy, 4), reason).help("name the same account in both");
        out.push(note.related(other.span, "the accounts are here"));
    }
}

/// Whether a condition on the account is false for an account.
fn excludes(condition: &Condition, account: &str) -> bool {
    let mut values = condition.values.iter().map(|value| &value.text);
    !values.any(|value| {
        !value.is_known() || value.value.contains('$') || patterns::glob(&value.value, account)
    })
}
