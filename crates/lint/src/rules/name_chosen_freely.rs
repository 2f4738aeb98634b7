//! # Callers choose their own source identity
//!
//! A trust policy lets users or whole accounts set a source identity when they assume the role, and does not say
//! which.
//!
//! ## Why
//! Whoever assumes the role may call themselves by anybody's name, and then reaches what policies with
//! `${aws:SourceIdentity}` give that person. For users, `StringEquals` of `sts:SourceIdentity` with `${aws:username}`
//! binds the name to the caller. Roles that are named are not reported: a name that their sessions have goes with
//! them.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:root" }, "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity" ] } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:root" }, "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity" ], "Condition": {
//!   "StringEquals": { "sts:SourceIdentity": "${aws:username}" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL809",
    name: "name-chosen-freely",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let trust = policy.kind.policy_type == PolicyType::Trust;
    if !trust || !statement.allows() || !statement.covers_action("sts:SetSourceIdentity") {
        return;
    }
    let bound = ["sts:SourceIdentity", owners::SOURCE_IDENTITY]
        .iter()
        .flat_map(|key| statement.conditions_on(key))
        .any(|condition| condition.is_positive() || is_null(condition));
    // Where other keys say who calls, whoever they are is known.
    let known = ["aws:PrincipalArn", "aws:userid"]
        .iter()
        .flat_map(|key| statement.conditions_on(key))
        .any(Condition::is_positive);
    if bound || known {
        return;
    }
    let open = statement
        .principals("AWS")
        .filter_map(|text| Some((text, text.known()?)));
    for (principal, name) in open {
        let resource = name.splitn(6, ':').nth(5).unwrap_or("");
        let many = name == "*"
            || facts::is_account(name)
            || resource == "root"
            || resource.starts_with("user/");
        if many {
            let reason = format!("`{name}` may take any source identity, and so anybody's name");
            let help = "add StringEquals of sts:SourceIdentity with `${aws:username}`, or with the names that are meant";
            out.push(Note::at(principal.span, reason).help(help));
        }
    }
}

/// Who asks whether there is a name has thought of names.
fn is_null(condition: &Condition) -> bool {
    condition
        .operator
        .is_some_and(|operator| operator.comparison == Comparison::Null)
}
