//! # A role that everyone may assume
//!
//! A trust policy allows `*`, everyone in every account, and no condition says who.
//!
//! ## Why
//! Whoever has an AWS account can assume the role. Name accounts, roles or services; or narrow `*` by a condition on
//! `aws:PrincipalArn`, `aws:PrincipalAccount` or `aws:PrincipalOrgID`.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/ci" }, "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL312",
    name: "trust-everyone",
    severity: Severity::Error,
    aws: &["ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL"],
    check: Check::Statement(check),
};

const NARROWS: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:userid",
    "sts:RoleAuthorizedByIdp",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust || !statement.allows() {
        return;
    }
    if !statement.is_for_everyone() {
        return;
    }
    let narrowed = NARROWS
        .iter()
        .any(|key| statement.conditions_on(key).any(Condition::is_positive));
    let place = statement
        .principal
        .as_ref()
        .map_or(statement.head(), |p| p.span);
    let note = match narrowed {
        false => Note::at(place, "everyone in every account may assume the role"),
        true => Note::at(
            place,
            "the principal of a trust policy is \"*\", and only a condition says who it is",
        )
        .severity(Severity::Warning),
    };
    out.push(note.help("name the accounts, roles or services"));
}
