//! # Tenants may change the domain
//!
//! A policy that gives tenants what is theirs by their name also lets them call `sagemaker:UpdateDomain`.
//!
//! ## Why
//! The domain's setting `ExecutionRoleIdentityConfig` is what puts the name into sessions. Who may update the domain
//! can switch it off, or have apps run with another role. AWS's guide asks to keep it from users.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Studio", "Effect": "Allow",
//!   "Action": [ "sagemaker:DescribeDomain", "sagemaker:UpdateDomain" ], "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:domain/*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Studio", "Effect": "Allow",
//!   "Action": "sagemaker:DescribeDomain", "Resource": "arn:aws:sagemaker:us-west-2:111122223333:domain/*" } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL903",
    name: "update-domain-allowed",
    severity: Severity::Security,
    aws: &[],
    check: Check::Tenants(check),
};

use std::collections::BTreeSet;

const ACTION: &str = "sagemaker:UpdateDomain";

fn check(run: &tenants::Run<'_>, out: &mut Reporter<'_>) {
    let holders: BTreeSet<&str> = run
        .policies()
        .iter()
        .filter(|policy| owners::is_for_tenants(policy))
        .filter_map(owners::holder)
        .collect();
    for (index, policy) in run.of_callers() {
        let held = run
            .holder(index)
            .is_some_and(|holder| holders.contains(holder));
        if !(held || owners::is_for_tenants(policy)) {
            continue;
        }
        for statement in policy
            .allows()
            .filter(|statement| statement.covers_action(ACTION))
        {
            let allowed = tenants::resources(statement, "sagemaker", "domain")
                .iter()
                .any(|resource| {
                    let call = tenants::Call::new(ACTION, resource, statement);
                    call.request()
                        .is_some_and(|request| run.allows(index, &request))
                });
            if !allowed {
                continue;
            }
            let pattern = statement
                .action_patterns()
                .iter()
                .find(|pattern| pattern.covers(ACTION));
            let span = pattern.map_or_else(|| statement.head(), |pattern| pattern.text.span);
            let reason =
                "tenants may update the domain, and switch off the names of their sessions";
            let note =
                Note::at(span, reason).help("leave it out, or deny `sagemaker:UpdateDomain`");
            out.of(policy, Some(statement), note);
        }
    }
}
