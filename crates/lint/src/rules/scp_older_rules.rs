//! # A service control policy that the older rules refuse
//!
//! A service control policy has an Allow with a `Condition` or `NotAction`, a `NotResource`, or a wildcard that is not
//! at the end of an action.
//!
//! ## Why
//! Organizations takes all of these today; its older rules, which IAM Access Analyzer's validation still tells of, did
//! not. Written as a Deny, and with wildcards at the end, the policy passes everywhere.
//!
//! ## Example
//! ```json scp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "s3:*Acl", "Resource": "*" } }
//! ```
//!
//! ## Fix
//! ```json scp
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": [ "s3:PutBucketAcl", "s3:PutObjectAcl" ],
//!   "Resource": "*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL301",
    name: "scp-older-rules",
    severity: Severity::Suggestion,
    aws: &[
        "SCP_SYNTAX_ERROR_ACTION_WILDCARD",
        "SCP_SYNTAX_ERROR_ALLOW_CONDITION",
        "SCP_SYNTAX_ERROR_ALLOW_NOTACTION",
        "SCP_SYNTAX_ERROR_NOTRESOURCE",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::ServiceControl {
        return;
    }
    let mut report = |span: Span, what: &str, help: &str| {
        let reason = format!("the older rules of service control policies refuse {what}");
        out.push(Note::at(span, reason).help(help));
    };
    let members = statement.node.as_object().unwrap_or(&[]);
    let key = |name: &str| members.iter().find(|member| member.key.value == name);
    if statement.allows() {
        if let Some(member) = key("Condition") {
            report(
                member.key.span,
                "an Allow with a `Condition`",
                "write it as a Deny",
            );
        }
        if let Some(member) = key("NotAction") {
            report(
                member.key.span,
                "an Allow with `NotAction`",
                "list the actions",
            );
        }
    }
    // Of an Allow, the rule on its resources tells.
    if let Some(member) = key("NotResource").filter(|_| statement.denies()) {
        report(
            member.key.span,
            "`NotResource`",
            "name the resources, or use a condition",
        );
    }
    for pattern in statement.action_patterns() {
        let text = pattern.text.value.as_str();
        let front = text.strip_suffix('*').unwrap_or(text);
        if front.contains(['*', '?']) && !pattern.is_any() {
            report(
                pattern.text.span,
                "wildcards that are not at the end of an action",
                "list the actions, or write the wildcard at the end",
            );
        }
    }
}
