//! # The owner's tag is spelt in two ways
//!
//! Policies of one run name the tag that says who owns something in several spellings, or write one of SageMaker's
//! own tags as SageMaker does not.
//!
//! ## Why
//! Keys of tags are told apart by case and by every hyphen, on resources and in requests. What is created under one
//! spelling is not found under the other, and a resource may carry both, of two people.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "See", "Effect": "Allow", "Action":
//!   "elasticmapreduce:DescribeCluster", "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*",
//!   "Condition": { "StringEquals": { "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Sid":
//!   "List", "Effect": "Allow", "Action": "elasticmapreduce:ListInstances", "Resource":
//!   "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/Owner": "${aws:SourceIdentity}" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "See", "Effect": "Allow", "Action":
//!   "elasticmapreduce:DescribeCluster", "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*",
//!   "Condition": { "StringEquals": { "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Sid":
//!   "List", "Effect": "Allow", "Action": "elasticmapreduce:ListInstances", "Resource":
//!   "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL905",
    name: "tag-spelt-differently",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeMap;

/// The tags that SageMaker makes itself (Developer Guide, "Domain resource isolation").
const AUTOMATIC: &[&str] = &[
    "sagemaker:domain-arn",
    "sagemaker:user-profile-arn",
    "sagemaker:space-arn",
];

struct Use<'a> {
    policy: &'a Policy,
    statement: &'a Statement,
    condition: &'a Condition,
    tag: &'a str,
}

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let mut uses: BTreeMap<String, Vec<Use<'_>>> = BTreeMap::new();
    for policy in policies {
        for statement in &policy.statements {
            for condition in &statement.conditions {
                if let Some(tag) =
                    owners::tag_of(&condition.key.value).filter(|_| condition.key.is_known())
                {
                    let found = Use {
                        policy,
                        statement,
                        condition,
                        tag,
                    };
                    uses.entry(plain(tag)).or_default().push(found);
                }
            }
        }
    }
    for (spelling, uses) in &uses {
        let meant = AUTOMATIC.iter().find(|tag| is_near(spelling, tag));
        let owned = uses
            .iter()
            .any(|found| tenants::owner_tag(found.condition).is_some());
        if meant.is_none() && !owned {
            continue;
        }
        let usual = meant.map_or_else(|| most_used(uses), |tag| (*tag).to_owned());
        for found in uses.iter().filter(|found| found.tag != usual) {
            let reason = format!(
                "the tag `{}` is not the tag `{usual}`, which differs in its spelling only",
                found.tag
            );
            let key = &found.condition.key;
            let start = key.value.len().saturating_sub(found.tag.len());
            let edits = edits::replace_part(found.policy, key, (start, key.value.len()), &usual);
            let span = key.part(&found.policy.source, start, key.value.len());
            let note = Note::at(span, reason).possible_fix(format!("write `{usual}`"), edits);
            out.of(found.policy, Some(found.statement), note);
        }
    }
}

/// A tag without what spellings differ in.
fn plain(tag: &str) -> String {
    tag.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether a spelling is that of a tag of SageMaker's, or a slip away from it.
fn is_near(spelling: &str, tag: &str) -> bool {
    let tag = plain(tag);
    let begins = spelling.starts_with("sagemaker");
    begins && facts::closest(spelling, std::iter::once(tag)).is_some()
}

fn most_used(uses: &[Use<'_>]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for found in uses {
        *counts.entry(found.tag).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    let first = uses
        .iter()
        .find(|found| counts.get(found.tag) == Some(&most));
    first.map_or_else(String::new, |found| found.tag.to_owned())
}
