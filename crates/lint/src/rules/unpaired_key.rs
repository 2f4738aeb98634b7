//! # A private address without its network
//!
//! A condition names a private address, and not in which VPC.
//!
//! ## Why
//! Private addresses exist in every VPC, also in those of strangers: `10.0.0.5` is anyone. `aws:VpcSourceIp` needs
//! `aws:SourceVpc` or `aws:SourceVpce`, and `aws:Ec2InstanceSourcePrivateIPv4` needs `aws:Ec2InstanceSourceVpc`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/16" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/16" }, "StringEquals": {
//!   "aws:SourceVpc": "vpc-0123456789abcdef0" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL221",
    name: "unpaired-key",
    severity: Severity::Security,
    aws: &["MISSING_PAIRED_CONDITION_KEYS"],
    check: Check::Statement(check),
};

const PAIRS: &[(&str, &[&str])] = &[
    (
        "aws:VpcSourceIp",
        &["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"],
    ),
    (
        "aws:Ec2InstanceSourcePrivateIPv4",
        &["aws:Ec2InstanceSourceVpc"],
    ),
];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for (key, partners) in PAIRS {
        if partners
            .iter()
            .any(|partner| statement.has_condition_on(partner))
        {
            continue;
        }
        for condition in statement.conditions_on(key) {
            let reason = format!(
                "`{}` says which address, and nothing says in which VPC",
                condition.key.shown()
            );
            let help = format!("add a condition on {}", partners.first().unwrap_or(&""));
            out.push(Note::at(condition.key.span, reason).help(help));
        }
    }
}
