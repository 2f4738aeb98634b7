//! # There is no such element
//!
//! A policy or a statement has a member that the language does not know, or that this type of policy does not have.
//!
//! ## Why
//! AWS refuses the policy. Names of elements are case-sensitive, and plural forms do not exist.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Actions": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Action": "s3:GetObject" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;
use policy::document;

pub(super) const RULE: Rule = Rule {
    code: "PAL011",
    name: "unknown-element",
    severity: Severity::Error,
    aws: &["INVALID_POLICY_ELEMENT"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    members(
        policy,
        &policy.node,
        document::Document::ELEMENTS,
        "a policy",
        out,
    );
    for statement in &policy.statements {
        members(
            policy,
            &statement.node,
            document::Statement::ELEMENTS,
            "a statement",
            out,
        );
    }
    let kind = policy.kind.policy_type;
    if !kind.has_principal()
        && let Some(member) = member(&policy.node, "Id")
    {
        let reason =
            format!("this is an {kind}, which has no `Id`: only policies on resources have one");
        let reason = reason
            .replace("an role", "a role")
            .replace("an permissions", "a permissions");
        let reason = reason
            .replace("an session", "a session")
            .replace("an service", "a service");
        let edits = edits::remove_member(policy, &policy.node, "Id");
        out.push(Note::at(member.key.span, reason).safe_fix("remove the element", edits));
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Member> {
    node.as_object()?
        .iter()
        .find(|member| member.key.value == name)
}

fn members(policy: &Policy, node: &Node, known: &[&str], what: &str, out: &mut Reporter<'_>) {
    for member in node.as_object().unwrap_or(&[]) {
        let name = member.key.value.as_str();
        if known.contains(&name) {
            continue;
        }
        let note = Note::at(member.key.span, format!("`{name}` is no element of {what}"));
        let meant = facts::closest(name, known.iter().map(|name| (*name).to_owned()));
        out.push(match meant {
            Some(meant) if node.get(&meant).is_none() => {
                let key = Text::new(name, member.key.span);
                let edits = edits::replace(policy, &key, &meant);
                match meant.eq_ignore_ascii_case(name) {
                    true => note.safe_fix(format!("write `{meant}`"), edits),
                    false => note.possible_fix(format!("write `{meant}`"), edits),
                }
            }
            Some(meant) => note.help(format!("join it with `{meant}`, or remove it")),
            None => note.help(format!("remove it; {what} has {}", known.join(", "))),
        });
    }
}
