//! # An identity provider outside a trust policy
//!
//! A policy on a resource names an identity provider as principal.
//!
//! ## Why
//! Whoever signs in through a provider first assumes a role; to a resource they are a session of this role. The
//! statement never applies. Name the role.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:saml-provider/corp" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"
//!   } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/etl" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL135",
    name: "federated-not-supported",
    severity: Severity::Error,
    aws: &["FEDERATED_PRINCIPAL_NOT_SUPPORTED"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !matches!(
        policy.kind.policy_type,
        PolicyType::Resource | PolicyType::Key
    ) {
        return;
    }
    for provider in statement.principals("Federated") {
        let reason = format!(
            "`{}` is an identity provider, which only a trust policy can name",
            provider.shown()
        );
        out.push(Note::at(provider.span, reason).help("name the role that its users assume"));
    }
}
