//! # A resource that no action is about
//!
//! A statement lists a resource on which none of its actions is ever authorised.
//!
//! ## Why
//! It has no effect here. Either an action is missing, or the resource was left over.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": [
//!   "arn:aws:s3:::data/*", "arn:aws:sqs:us-east-1:111122223333:jobs" ] } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL605",
    name: "resource-without-action",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(resources) = statement
        .resources
        .as_ref()
        .filter(|resources| !resources.not)
    else {
        return;
    };
    let patterns = statement.action_patterns();
    let unsure = |pattern: &ActionPattern| pattern.matches.is_empty();
    if patterns.is_empty() || patterns.iter().any(unsure) || resources.values.len() < 2 {
        return;
    }
    let all: Vec<Span> = resources
        .values
        .iter()
        .map(|resource| resource.span)
        .collect();
    for (index, resource) in resources.values.iter().enumerate() {
        if resource.value == "*" || Arn::new(resource, false).is_none() {
            continue;
        }
        let mut actions = patterns.iter().flat_map(|pattern| &pattern.matches);
        if !actions.any(|action| arns::takes(*action, resource)) {
            let reason = format!(
                "none of the actions is ever authorised on `{}`",
                resource.shown()
            );
            let edits = edits::remove(policy, &all, index);
            out.push(
                Note::at(resource.span, reason).possible_fix("remove it, or add the action", edits),
            );
        }
    }
}
