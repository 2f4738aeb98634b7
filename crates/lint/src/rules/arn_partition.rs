//! # There is no such partition
//!
//! The second part of an ARN is no partition of AWS, or not the one that the ARN's region is in.
//!
//! ## Why
//! The ARN matches nothing. Partitions are `aws`, `aws-cn`, `aws-us-gov` and a few more; a template that is used in
//! several takes `*`, or asks for the partition.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:amazon:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL112",
    name: "arn-partition",
    severity: Severity::Error,
    aws: &["INVALID_PARTITION"],
    check: Check::Statement(|policy, statement, out| arns::report(policy, statement, fault, out)),
};

fn fault(policy: &Policy, arn: &Arn<'_>) -> Option<Note> {
    let partition = arn.part(1)?;
    let odd = |c: char| c == '*' || c == '?' || text::is_hole(c) || c == '$';
    if partition.contains(odd) {
        return None;
    }
    if facts::PARTITIONS.contains(&partition) {
        let region = arn.part(3)?;
        let known = facts::REGIONS.contains(&region).then_some(region)?;
        let own = Some(policy::partition_of(known)).filter(|own| *own != partition)?;
        let reason =
            format!("`{region}` is a region of the partition `{own}`, not of `{partition}`");
        let edits = arn.replace(policy, 1, own);
        return Some(
            Note::at(arn.span(policy, 1), reason).possible_fix(format!("write `{own}`"), edits),
        );
    }
    let reason = match partition {
        "" => "the ARN names no partition".to_owned(),
        other => format!("`{other}` is no partition of AWS"),
    };
    Some(Note::at(arn.span(policy, 1), reason).help("write `aws`, `aws-cn` or `aws-us-gov`"))
}
