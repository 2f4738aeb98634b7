//! # A resource control policy of another form
//!
//! A resource control policy allows, names a principal other than `*`, has `NotAction`, or an action of a service that
//! such policies do not cover.
//!
//! ## Why
//! Organizations refuses the policy. It denies, for everyone, actions of the services that it covers; everything else is
//! said with conditions.
//!
//! ## Example
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "sagemaker:*",
//!   "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json rcp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!   "Condition": { "Bool": { "aws:SecureTransport": "false" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL302",
    name: "rcp-syntax",
    severity: Severity::Error,
    aws: &[
        "RCP_SYNTAX_ERROR_PRINCIPAL",
        "RCP_SYNTAX_ERROR_ALLOW",
        "RCP_SYNTAX_ERROR_NOTACTION",
        "RCP_SYNTAX_ERROR_ACTION",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::ResourceControl {
        return;
    }
    let full_access = statement
        .action_patterns()
        .iter()
        .all(ActionPattern::is_any)
        && statement.has_any_resource()
        && statement.conditions.is_empty();
    if statement.allows() && !full_access {
        let reason = "a resource control policy does not allow, but for RCPFullAWSAccess";
        out.push(Note::at(statement.head(), reason).help("write what shall not be as Deny"));
    }
    if let Some(principal) = &statement.principal {
        let everyone =
            |value: &crate::PrincipalValue| value.kind.is_none() && value.text.value == "*";
        if principal.not || !principal.values.iter().all(everyone) {
            let reason = "the principal of a resource control policy is \"*\"";
            out.push(
                Note::at(principal.span, reason)
                    .help("write \"Principal\": \"*\", and narrow it by conditions"),
            );
        }
    }
    if let Some(actions) = statement.actions.as_ref().filter(|actions| actions.not) {
        let reason = "a resource control policy has no `NotAction`";
        out.push(Note::at(actions.key.span, reason).help("list the actions in `Action`"));
    }
    for pattern in statement.action_patterns() {
        if pattern.is_any() && statement.denies() {
            let reason = "the actions of a resource control policy name their service";
            out.push(Note::at(pattern.text.span, reason).help("write \"s3:*\" and the like"));
        } else if pattern
            .service
            .is_some_and(|service| !service.supports_rcp())
        {
            let reason = format!(
                "resource control policies do not cover {}",
                pattern.prefix()
            );
            out.push(Note::at(pattern.text.span, reason).help("use a service control policy"));
        }
    }
}
