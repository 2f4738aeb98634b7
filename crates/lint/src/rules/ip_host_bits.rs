//! # A range of addresses with a host in it
//!
//! The address of a range has bits set behind its prefix.
//!
//! ## Why
//! They do not count: `203.0.113.7/24` is the whole of `203.0.113.0/24`. Either the range is wider than meant, or it is
//! written in a way that deceives its readers.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.7/24" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL217",
    name: "ip-host-bits",
    severity: Severity::Suggestion,
    aws: &["IMPROVE_IP_RANGE"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for value in facts::address_values(statement) {
        let Some((address, Some(bits))) = value.known().and_then(facts::address) else {
            continue;
        };
        let network = facts::network(address, bits);
        if network != address {
            let meant = format!("{network}/{bits}");
            let reason = format!("`{}` is the whole of {meant}", value.shown());
            let edits = edits::replace(policy, value, &meant);
            out.push(Note::at(value.span, reason).safe_fix(format!("write \"{meant}\""), edits));
        }
    }
}
