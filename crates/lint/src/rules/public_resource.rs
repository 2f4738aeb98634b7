//! # A resource that everyone may use
//!
//! A policy on a resource allows `*`, and no condition says who that is.
//!
//! ## Why
//! Everyone means everyone: any account, and where the service takes unsigned requests, anybody on the internet. Name
//! accounts or roles, or narrow `*` by the organisation, the account or the network.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }
//!   }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL407",
    name: "public-resource",
    severity: Severity::Security,
    aws: &[],
    check: Check::Statement(check),
};

/// Keys that say who the caller is or where they come from.
const NARROWS: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:userid",
    "aws:username",
    "kms:CallerAccount",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "elasticfilesystem:AccessedViaMountTarget",
    "elasticfilesystem:AccessPointArn",
    "lambda:FunctionUrlAuthType",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let kind = policy.kind.policy_type;
    if !matches!(kind, PolicyType::Resource | PolicyType::Key) || !statement.allows() {
        return;
    }
    if !statement.is_for_everyone() {
        return;
    }
    let narrows = |condition: &Condition| {
        let open = condition.values.iter().any(|value| is_open(&value.text));
        condition.is_positive() && !open
    };
    let narrowed = NARROWS
        .iter()
        .any(|key| statement.conditions_on(key).any(narrows));
    let tagged = statement.conditions.iter().any(|condition| {
        let key = condition.key.value.to_ascii_lowercase();
        key.starts_with("aws:principaltag/") && narrows(condition)
    });
    if !narrowed && !tagged {
        let place = statement
            .principal
            .as_ref()
            .map_or(statement.head(), |p| p.span);
        let reason = "everyone in every account may do this, and nothing says who";
        let help = "name accounts or roles, or add a condition on aws:PrincipalOrgID or the like";
        out.push(Note::at(place, reason).help(help));
    }
}

/// A value that any caller has.
fn is_open(value: &Text) -> bool {
    matches!(
        value.value.as_str(),
        "*" | "0.0.0.0/0" | "::/0" | "arn:aws:iam::*:*" | "arn:*"
    )
}
