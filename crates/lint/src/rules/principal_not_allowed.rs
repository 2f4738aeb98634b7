//! # A `Principal` where none belongs
//!
//! A policy that is attached to whom it is for has a `Principal` or `NotPrincipal`.
//!
//! ## Why
//! AWS refuses the policy. Policies of users, groups, roles and sessions, permissions boundaries and service control
//! policies are for whoever they are attached to; only policies on resources name someone.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL024",
    name: "principal-not-allowed",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_PRINCIPAL", "SCP_SYNTAX_ERROR_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let kind = policy.kind.policy_type;
    if kind.has_principal() {
        return;
    }
    for member in statement.node.as_object().unwrap_or(&[]) {
        let name = member.key.value.as_str();
        if matches!(name, "Principal" | "NotPrincipal") {
            let reason = format!("`{name}` does not belong into a policy of this type ({kind})");
            let edits = edits::remove_member(policy, &statement.node, name);
            out.push(Note::at(member.key.span, reason).possible_fix("remove the element", edits));
        }
    }
}
