//! # Any repository may assume the role
//!
//! A trust policy allows GitHub Actions, and does not say which repository.
//!
//! ## Why
//! Every workflow of every repository of GitHub gets tokens of this provider. Compare
//! `token.actions.githubusercontent.com:sub` with the organisation, the repository and the branch or environment.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }, "Action":
//!   "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud":
//!   "sts.amazonaws.com" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }, "Action":
//!   "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud":
//!   "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/models:ref:refs/heads/main" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL405",
    name: "github-unrestricted",
    severity: Severity::Security,
    aws: &["MISSING_GITHUB_REPO_CONDITION_KEY"],
    check: Check::Statement(check),
};

const HOST: &str = "token.actions.githubusercontent.com";

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust || !statement.allows() {
        return;
    }
    let names_repository = [
        "sub",
        "repository",
        "repository_id",
        "job_workflow_ref",
        "repository_owner_id",
    ]
    .iter()
    .any(|claim| {
        let key = format!("{HOST}:{claim}");
        statement.conditions_on(&key).any(|condition| {
            condition.is_positive() && condition.values.iter().all(|v| names_owner(&v.text, claim))
        })
    });
    for provider in statement.principals("Federated") {
        if facts::oidc_host(provider) == Some(HOST) && !names_repository {
            let reason = "every workflow of every repository of GitHub may assume the role";
            let help = format!(
                "add a condition on {HOST}:sub: \"repo:ORGANISATION/REPOSITORY:ref:refs/heads/main\""
            );
            out.push(Note::at(provider.span, reason).help(help));
        }
    }
}

/// Whether a value says at least whose repository it is.
fn names_owner(value: &Text, claim: &str) -> bool {
    if claim != "sub" {
        return !value.value.starts_with('*');
    }
    let owner = value.value.strip_prefix("repo:").unwrap_or("");
    let owner = owner.split('/').next().unwrap_or("");
    value.value.starts_with(text::is_hole) || (!owner.is_empty() && !owner.contains(['*', '?']))
}
