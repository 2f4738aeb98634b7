//! # A stranger's call passes
//!
//! The conditions on a service principal let calls pass that the service makes for accounts that the policy does not
//! name. Each rule about deputies puts such calls to the engine: here, calls with `aws:SourceAccount`,
//! `aws:SourceArn` and an organisation that are all a stranger's.
//!
//! ## Why
//! A pattern such as `arn:aws:sagemaker:*:*:*` looks like a condition and is none: whoever has an account can let the
//! service use your role or resource. The account must be written in full, in `aws:SourceArn` or in
//! `aws:SourceAccount`.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:*:training-job/*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL700",
    name: "deputy-any-account",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let compared = deputy::source_conditions(statement).any(deputy::compares);
    if !statement.allows() || !compared || deputy::is_narrowed_otherwise(statement) {
        return;
    }
    let Some(door) = deputy::Door::new(policy, statement) else {
        return;
    };
    for principal in statement.principals("Service") {
        let strangers = deputy::strangers(statement, &principal.value);
        let through = strangers
            .iter()
            .find(|(source, tells)| *tells && door.passes(source));
        let Some((source, _)) = through else {
            continue;
        };
        let account = source.account.as_deref().unwrap_or_default();
        let arn = source.arn.as_deref().unwrap_or_default();
        let reason = format!(
            "a call of `{}` for the stranger {account} passes, with `{arn}` as its source",
            principal.shown()
        );
        let help = "write the account in full, in aws:SourceArn (ArnLike) or aws:SourceAccount (StringEquals)";
        let note = Note::at(open_value(statement), reason).help(help);
        out.push(note.related(principal.span, "the service"));
        return;
    }
}

/// The value that leaves the account open, or the first condition.
fn open_value(statement: &Statement) -> Span {
    let conditions = || deputy::source_conditions(statement).filter(|c| deputy::compares(c));
    let values = conditions().flat_map(|condition| &condition.values);
    let open = values.map(|value| &value.text).find(|text| {
        let account = Arn::new(text, true).and_then(|arn| arn.part(4).map(str::to_owned));
        account
            .as_deref()
            .unwrap_or(&text.value)
            .contains(['*', '?'])
    });
    let first = conditions().next().map(|condition| condition.key.span);
    open.map(|text| text.span)
        .or(first)
        .unwrap_or_else(|| statement.head())
}
