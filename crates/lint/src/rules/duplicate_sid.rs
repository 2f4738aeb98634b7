//! # Two statements with one `Sid`
//!
//! Two statements of a policy have the same `Sid`.
//!
//! ## Why
//! IAM refuses the policy. Other services accept it, and what names a statement by its `Sid`, such as a tool that
//! updates it, takes the wrong one.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [{ "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" }, { "Sid": "Read", "Effect": "Allow", "Action": "s3:PutObject", "Resource":
//!   "arn:aws:s3:::data/*" }] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [{ "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" }, { "Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject",
//!   "Resource": "arn:aws:s3:::data/*" }] }
//! ```

use crate::prelude::*;
use std::collections::HashMap;

pub(super) const RULE: Rule = Rule {
    code: "PAL023",
    name: "duplicate-sid",
    severity: Severity::Error,
    aws: &["UNIQUE_SIDS_REQUIRED", "UNIQUE_SIDS_RECOMMENDED"],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    let severity = match policy.kind.policy_type {
        PolicyType::Resource | PolicyType::Key | PolicyType::VpcEndpoint => Severity::Warning,
        _ => Severity::Error,
    };
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for statement in &policy.statements {
        let Some(sid) = statement.sid.as_ref().filter(|sid| sid.is_known()) else {
            continue;
        };
        if sid.value.is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(&sid.value, sid.span) {
            let reason = format!("the Sid `{}` names two statements", sid.shown());
            let note = Note::at(sid.span, reason).related(first, "the other one is here");
            out.push_in(
                statement,
                note.help("give each a name of its own").severity(severity),
            );
        }
    }
}
