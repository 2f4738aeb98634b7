//! # The region of an ARN is wrong
//!
//! The fourth part of an ARN names a region where the resource has none, none where it has one, or a text that is no
//! region.
//!
//! ## Why
//! The ARN matches nothing. Buckets and IAM entities have no region in their ARNs; most other resources have one, for
//! which `*` may stand.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:us-east-1::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL114",
    name: "arn-region",
    severity: Severity::Error,
    aws: &[
        "ARN_REGION_NOT_ALLOWED",
        "MISSING_ARN_REGION",
        "INVALID_ARN_REGION",
    ],
    check: Check::Statement(|policy, statement, out| arns::report(policy, statement, fault, out)),
};

fn fault(policy: &Policy, arn: &Arn<'_>) -> Option<Note> {
    let region = arn.part(3)?;
    if region.contains(text::is_hole) || region.contains('$') {
        return None;
    }
    let span = arn.span(policy, 3);
    let formats = arn.formats();
    if region.is_empty() {
        let needed = !formats.is_empty() && formats.iter().all(|format| format.has_region);
        let what = arn.part(2).unwrap_or("");
        return needed.then(|| {
            let reason = format!("the ARN names no region, and such a resource of {what} has one");
            let edits = arn.replace(policy, 3, "*");
            Note::at(arn.text.span, reason).possible_fix("name the region, or write `*`", edits)
        });
    }
    let global = !formats.is_empty() && formats.iter().all(|format| !format.has_region);
    if global && region != "*" {
        let reason = format!("`{region}` is too much: such a resource has no region in its ARN");
        let edits = arn.replace(policy, 3, "");
        return Some(Note::at(span, reason).safe_fix("leave the region empty", edits));
    }
    if region.contains(['*', '?']) || facts::REGIONS.contains(&region) {
        return None;
    }
    let meant = facts::closest(
        region,
        facts::REGIONS.iter().map(|known| (*known).to_owned()),
    );
    let note = Note::at(span, format!("`{region}` is no region that is known here"));
    // AWS opens regions faster than lists are brought up to date.
    let severity = match facts::is_region_like(region) {
        true => Severity::Warning,
        false => Severity::Error,
    };
    Some(
        match meant {
            Some(meant) => {
                let edits = arn.replace(policy, 3, &meant);
                note.possible_fix(format!("write `{meant}`"), edits)
            }
            None => note.help("write a region such as `us-east-1`"),
        }
        .severity(severity),
    )
}
