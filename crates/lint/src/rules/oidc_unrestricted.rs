//! # Any user of a provider may assume the role
//!
//! A trust policy allows an OpenID Connect provider, and has no condition on the provider's own keys.
//!
//! ## Why
//! Providers such as Google, GitHub or a cluster shared by many serve strangers too: any token of theirs assumes the
//! role. Compare `PROVIDER:aud` and `PROVIDER:sub`.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "accounts.google.com"
//!   }, "Action": "sts:AssumeRoleWithWebIdentity" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "accounts.google.com"
//!   }, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "accounts.google.com:aud":
//!   "66677788", "accounts.google.com:sub": "1234567890" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL404",
    name: "oidc-unrestricted",
    severity: Severity::Security,
    aws: &["MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust || !statement.allows() {
        return;
    }
    for provider in statement.principals("Federated") {
        let Some(host) = facts::oidc_host(provider) else {
            continue;
        };
        if host == "token.actions.githubusercontent.com" {
            continue;
        }
        let of_provider = |condition: &Condition| {
            let key = condition.key.value.to_ascii_lowercase();
            key.starts_with(&format!("{}:", host.to_ascii_lowercase()))
                && condition.is_positive()
                && condition.values.iter().any(|value| value.text.value != "*")
        };
        if !statement.conditions.iter().any(of_provider) {
            let reason = format!("whoever has a token of `{host}` may assume the role");
            let help = format!("add conditions on {host}:aud and {host}:sub");
            out.push(Note::at(provider.span, reason).help(help));
        }
    }
}
