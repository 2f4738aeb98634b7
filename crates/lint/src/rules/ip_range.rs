//! # No range of addresses
//!
//! A value under `IpAddress` or `NotIpAddress` is no address and no range of them.
//!
//! ## Why
//! AWS refuses it, or never matches it. A range is an address, a slash and the number of its leading bits.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/33" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL216",
    name: "ip-range",
    severity: Severity::Error,
    aws: &["TYPE_MISMATCH_IP_RANGE"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for value in facts::address_values(statement) {
        if let Some(known) = value.known().filter(|known| !known.contains("${"))
            && facts::address(known).is_none()
        {
            let reason = format!("`{known}` is no address and no range of addresses");
            out.push(Note::at(value.span, reason).help("write \"203.0.113.0/24\" and the like"));
        }
    }
}
