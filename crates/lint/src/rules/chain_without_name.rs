//! # A session with a name that may not take it along
//!
//! A policy for tenants allows `sts:AssumeRole`, and no policy of the same holder allows `sts:SetSourceIdentity`.
//!
//! ## Why
//! A session with a source identity takes it to the next role, always. AWS checks `sts:SetSourceIdentity` for this,
//! in the caller's policies and in the next role's trust policy, and refuses the call where it is missing.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Hop", "Effect": "Allow", "Action":
//!   "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/reader" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Hop", "Effect": "Allow", "Action":
//!   [ "sts:AssumeRole", "sts:SetSourceIdentity" ], "Resource": "arn:aws:iam::111122223333:role/reader" } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL904",
    name: "chain-without-name",
    severity: Severity::Error,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeSet;

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let identity = || {
        policies
            .iter()
            .filter(|policy| policy.kind.policy_type == PolicyType::Identity)
    };
    let names = |policy: &&Policy| {
        let mut allows = policy.allows();
        allows.any(|statement| statement.covers_action("sts:SetSourceIdentity"))
    };
    let naming: BTreeSet<Option<&str>> = identity().filter(names).map(owners::holder).collect();
    for policy in
        identity().filter(|policy| owners::is_for_tenants(policy) && owners::names_identity(policy))
    {
        let holder = owners::holder(policy);
        let of_anybody = holder.is_none() && !naming.is_empty();
        if of_anybody || naming.contains(&None) || naming.contains(&holder) {
            continue;
        }
        for statement in policy.allows() {
            let mut patterns = statement.action_patterns().iter();
            let Some(pattern) = patterns.find(|pattern| pattern.covers("sts:AssumeRole")) else {
                continue;
            };
            let reason = "sessions with a source identity cannot assume the next role: `sts:SetSourceIdentity` is not allowed";
            let note = Note::at(pattern.text.span, reason).help("add sts:SetSourceIdentity");
            out.of(policy, Some(statement), note);
        }
    }
}
