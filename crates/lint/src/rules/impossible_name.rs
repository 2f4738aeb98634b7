//! # A name that no session can have
//!
//! A condition compares a source identity with a text that is none: shorter than 2 or longer than 64 characters, or
//! with other characters than letters, digits and `_+=,.@-`. A user profile's ARN with a name of one character is
//! reported too.
//!
//! ## Why
//! STS refuses such a source identity, so that the comparison is never true. SageMaker allows a profile's name of one
//! character, and with source identities on, its sessions cannot be made.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/gateway" }, "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity" ],
//!   "Condition": { "StringEquals": { "sts:SourceIdentity": [ "alice", "b" ] } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/gateway" }, "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity" ],
//!   "Condition": { "StringEquals": { "sts:SourceIdentity": [ "alice", "bob" ] } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL806",
    name: "impossible-name",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let identity =
            condition.is_on(owners::SOURCE_IDENTITY) || condition.is_on("sts:SourceIdentity");
        let compares = condition
            .operator
            .is_some_and(|operator| operator.comparison != Comparison::Null);
        for value in condition.values.iter().map(|value| &value.text) {
            let wild = condition
                .operator
                .is_some_and(|operator| operator.comparison == Comparison::StringLike);
            if identity && compares && value.is_known() {
                if let Some(fault) = fault(&value.value, wild) {
                    let reason = format!("`{}` is no source identity: {fault}", value.shown());
                    out.push(
                        Note::at(value.span, reason)
                            .help("use names of 2 to 64 letters, digits and `_+=,.@-`"),
                    );
                }
            } else if owners::is_plain(value) {
                profile(policy, value, out);
            }
        }
    }
}

fn fault(name: &str, wild: bool) -> Option<&'static str> {
    if name.contains("${") {
        return None;
    }
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) || (wild && "*?".contains(c));
    let open = wild && name.contains('*');
    match name.chars().count() {
        _ if !name.chars().all(allowed) => Some("it has a character that STS refuses"),
        0..=1 if !open => Some("STS wants two characters at least"),
        65.. if !open => Some("STS takes 64 characters at most"),
        _ => None,
    }
}

fn profile(policy: &Policy, value: &Text, out: &mut Reporter<'_>) {
    let Some(arn) = Arn::new(value, true) else {
        return;
    };
    let name = arn
        .part(5)
        .and_then(|part| part.strip_prefix("user-profile/"))
        .and_then(|part| part.split('/').nth(1));
    if arn.part(2) == Some("sagemaker") && name.is_some_and(|name| name.chars().count() == 1) {
        let reason = "a source identity has two characters at least: sessions of a profile with this name cannot carry it";
        out.push(
            Note::at(arn.span(policy, 5), reason)
                .help("give profiles names of two characters or more"),
        );
    }
}
