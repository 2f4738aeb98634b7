//! # A provider of another form
//!
//! A federated principal is neither the ARN of a provider nor the domain of one.
//!
//! ## Why
//! AWS refuses the policy. SAML providers are named by their ARN, OpenID Connect providers by their ARN or, for the
//! built-in ones, by their domain.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "corp-idp" }, "Action":
//!   "sts:AssumeRoleWithSAML", "Condition": { "StringEquals": { "saml:aud": "https://signin.aws.amazon.com/saml" }
//!   } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated":
//!   "arn:aws:iam::111122223333:saml-provider/corp-idp" }, "Action": "sts:AssumeRoleWithSAML", "Condition": {
//!   "StringEquals": { "saml:aud": "https://signin.aws.amazon.com/saml" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL313",
    name: "trust-federated",
    severity: Severity::Error,
    aws: &["INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust {
        return;
    }
    for provider in statement.principals("Federated") {
        let Some(name) = provider
            .known()
            .filter(|name| !name.contains(['*', '?', '$']))
        else {
            continue;
        };
        let sound = match name.starts_with("arn:") {
            true => {
                name.split(':').nth(2) == Some("iam")
                    && (name.contains(":saml-provider/") || name.contains(":oidc-provider/"))
            }
            false => name.contains('.') && !name.contains("://"),
        };
        if !sound {
            let reason = format!(
                "`{name}` is neither the ARN of an identity provider nor the domain of one"
            );
            let help =
                "write \"arn:aws:iam::ACCOUNT:saml-provider/NAME\" or \"…:oidc-provider/HOST\"";
            out.push(Note::at(provider.span, reason).help(help));
        }
    }
}
