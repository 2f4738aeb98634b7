//! # A principal that nobody is
//!
//! What stands under `AWS` is no account, user, role, session or `*`.
//!
//! ## Why
//! AWS refuses the policy. Groups are no principals; a role session is named by
//! `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:group/etl" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/etl" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL130",
    name: "principal-format",
    severity: Severity::Error,
    aws: &["INVALID_PRINCIPAL_FORMAT"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(principal) = &statement.principal else {
        return;
    };
    for value in &principal.values {
        let Some(name) = value.text.known().filter(|name| !name.contains("${")) else {
            continue;
        };
        let help = "name an account, the ARN of a user, role or session, or \"*\"";
        match &value.kind {
            None if name != "*" => {
                let reason = format!("`{name}` alone is no principal");
                let help = format!("write {{ \"AWS\": \"{name}\" }}, or \"*\"");
                out.push(Note::at(value.text.span, reason).help(help));
            }
            Some(kind) if kind.value == "AWS" && !name.contains(['*', '?']) => {
                if let Some(fault) = fault(name) {
                    let reason = format!("`{name}` {fault}");
                    out.push(Note::at(value.text.span, reason).help(help));
                }
            }
            _ => {}
        }
    }
}

fn fault(name: &str) -> Option<&'static str> {
    if facts::is_account(name) || facts::is_unique_id(name) {
        return None;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", _, service, _, account, resource] = parts.as_slice() else {
        return Some("is neither an account id, an ARN nor a unique id");
    };
    // An Origin Access Identity of CloudFront has a principal of its own.
    if *account == "cloudfront" {
        return None;
    }
    if !facts::is_account(account) {
        return Some("names no account of twelve digits");
    }
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    match (*service, kind) {
        ("iam", "root") if rest.is_empty() => None,
        ("iam", "user" | "role") | ("sts", "federated-user") if !rest.is_empty() => None,
        ("sts", "assumed-role") if rest.split_once('/').is_some_and(|(_, s)| !s.is_empty()) => None,
        ("iam", "group") => Some("is a group, and groups are no principals"),
        ("sts", "assumed-role") => Some("names no session"),
        _ => Some("is neither a user, a role, a session nor an account's root"),
    }
}
