//! # A condition on tags that the action does not have
//!
//! A statement rests on a tag of the resource or the request, and lists actions whose requests carry no such tag.
//!
//! ## Why
//! For these actions the condition is never true: an Allow does not grant them, and a Deny, which is worse, does not
//! deny them. Actions such as `List…` and `Search` are on no single resource, and cannot be restricted by its tags.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:ListTrainingJobs", "Resource":
//!   "*", "Condition": { "StringEquals": { "aws:ResourceTag/team": "vision" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob",
//!   "Resource": "arn:aws:sagemaker:us-east-1:111122223333:training-job/*", "Condition": { "StringEquals": {
//!   "aws:ResourceTag/team": "vision" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL232",
    name: "tags-not-supported",
    severity: Severity::Warning,
    aws: &[
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !policy.kind.is_for_callers() && policy.kind.policy_type != PolicyType::ServiceControl {
        return;
    }
    for condition in statement
        .conditions
        .iter()
        .filter(|condition| condition.is_positive())
    {
        let key = condition.key.value.as_str();
        if !is_tag(key) || facts::key(key).is_none() {
            continue;
        }
        for pattern in statement.action_patterns() {
            let carries = |action: &catalog::Action| facts::can_carry(*action, key);
            // What tags for other services carries what they carry.
            let tagging = pattern.prefix().eq_ignore_ascii_case("tag");
            if tagging || pattern.matches.is_empty() || pattern.matches.iter().any(carries) {
                continue;
            }
            let (severity, effect) = match statement.denies() {
                true => (Severity::Security, "the Deny never applies to it"),
                false => (Severity::Warning, "it is never allowed by this"),
            };
            let reason = format!(
                "no request for `{}` carries `{}`, so that {effect}",
                pattern.text.shown(),
                condition.key.shown()
            );
            let note = Note::at(pattern.text.span, reason)
                .related(condition.key.span, "the condition is here")
                .help("give the action a statement of its own, without this condition")
                .severity(severity);
            out.push(note);
        }
    }
}

fn is_tag(key: &str) -> bool {
    facts::is_tag_key(&key.to_ascii_lowercase())
}
