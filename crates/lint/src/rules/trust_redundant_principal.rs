//! # A session beside its role
//!
//! A trust policy names a role and one of its sessions.
//!
//! ## Why
//! The role stands for all of its sessions.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": [
//!   "arn:aws:iam::111122223333:role/ci", "arn:aws:sts::111122223333:assumed-role/ci/main" ] }, "Action":
//!   "sts:AssumeRole" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL316",
    name: "trust-redundant-principal",
    severity: Severity::Suggestion,
    aws: &["REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust {
        return;
    }
    let named: Vec<&Text> = statement.principals("AWS").collect();
    for session in &named {
        let Some((account, role)) = role_of(&session.value) else {
            continue;
        };
        let is_role = |other: &&&Text| {
            let arn = other.value.as_str();
            arn.contains(&format!("::{account}:role/")) && arn.rsplit('/').next() == Some(role)
        };
        if let Some(other) = named.iter().find(is_role) {
            let reason = format!(
                "`{}` is a session of a role that is named as well",
                session.shown()
            );
            let all: Vec<Span> = named.iter().map(|text| text.span).collect();
            let index = all
                .iter()
                .position(|span| *span == session.span)
                .unwrap_or(usize::MAX);
            let edits = edits::remove(policy, &all, index);
            let note = Note::at(session.span, reason).related(other.span, "the role is here");
            out.push(note.possible_fix("remove the session", edits));
        }
    }
}

fn role_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let account = parts.nth(4)?;
    let rest = parts.next()?.strip_prefix("assumed-role/")?;
    Some((account, rest.split('/').next()?))
}
