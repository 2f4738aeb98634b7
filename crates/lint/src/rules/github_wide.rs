//! # Any branch or repository of an organisation may assume the role
//!
//! A trust policy for GitHub Actions has a wildcard for the repository, or for all that comes behind it.
//!
//! ## Why
//! Whoever may open a pull request, or make a repository in the organisation, runs with the role. Name the repository,
//! and the branch or the environment.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }, "Action":
//!   "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud":
//!   "sts.amazonaws.com" }, "StringLike": { "token.actions.githubusercontent.com:sub": "repo:acme/models:*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }, "Action":
//!   "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud":
//!   "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/models:environment:production" } }
//!   } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL406",
    name: "github-wide",
    severity: Severity::Warning,
    aws: &["SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust || !statement.allows() {
        return;
    }
    let key = "token.actions.githubusercontent.com:sub";
    for condition in statement.conditions_on(key) {
        let like = condition
            .operator
            .is_some_and(|o| o.comparison == Comparison::StringLike);
        for value in condition.values.iter().filter(|_| like) {
            let mut parts = value.text.value.splitn(3, ':');
            let repository = parts.nth(1).unwrap_or("");
            let rest = parts.next().unwrap_or("*");
            let what = if repository.contains(['*', '?']) {
                "several repositories"
            } else if rest.starts_with('*') {
                "every branch, tag and pull request"
            } else {
                continue;
            };
            let reason = format!("`{}` means {what}", value.text.shown());
            let help = "name the repository, and the branch or environment";
            out.push(Note::at(value.text.span, reason).help(help));
        }
    }
}
