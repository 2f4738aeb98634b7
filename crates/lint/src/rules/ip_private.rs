//! # A private address as `aws:SourceIp`
//!
//! A condition on `aws:SourceIp` names addresses that no caller comes from.
//!
//! ## Why
//! `aws:SourceIp` is a public address; for requests through a VPC endpoint it is missing, and `aws:VpcSourceIp` has the
//! private one. An Allow with private ranges alone allows nobody, and a Deny with `NotIpAddress` denies everyone.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" }, "StringEquals": {
//!   "aws:SourceVpc": "vpc-0123456789abcdef0" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL218",
    name: "ip-private",
    severity: Severity::Error,
    aws: &[
        "PRIVATE_IP_ADDRESS",
        "PRIVATE_NOTIPADDRESS",
        "PRIVATE_IP_ADDRESS_SUBSET",
        "PRIVATE_NOTIPADDRESS_SUBSET",
    ],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in statement.conditions_on("aws:SourceIp") {
        let ranges: Vec<(&Text, bool)> = condition
            .values
            .iter()
            .filter_map(|value| {
                let (address, bits) = facts::address(value.text.known()?)?;
                Some((&value.text, facts::is_private(address, bits)))
            })
            .collect();
        let all =
            ranges.len() == condition.values.len() && ranges.iter().all(|(_, private)| *private);
        for (value, _) in ranges.iter().filter(|(_, private)| *private) {
            let reason = format!("`{}` is private, and aws:SourceIp never is", value.shown());
            let note = Note::at(value.span, reason)
                .help("use aws:VpcSourceIp with aws:SourceVpc, or a public range");
            out.push(match all {
                true => note,
                false => note.severity(Severity::Suggestion),
            });
        }
    }
}
