//! # A role that SageMaker may assume, and not with a name
//!
//! A trust policy allows SageMaker `sts:AssumeRole` for a feature, and `sts:SetSourceIdentity` or `sts:TagSession`
//! only under conditions that the same feature's calls do not meet.
//!
//! ## Why
//! One call to assume a role is checked as several actions with the same context, and each must be allowed. Where the
//! actions stand in statements of their own, all their conditions must hold; one statement with all actions is sure.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "Service":
//!   "sagemaker.amazonaws.com" }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } }, { "Effect": "Allow", "Principal": { "Service":
//!   "sagemaker.amazonaws.com" }, "Action": "sts:SetSourceIdentity", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*" } } } ] }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity" ], "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL710",
    name: "trust-actions-apart",
    severity: Severity::Error,
    aws: &[],
    check: Check::Policy(check),
};

fn check(policy: &Policy, out: &mut Reporter<'_>) {
    if policy.kind.policy_type != PolicyType::Trust {
        return;
    }
    let Some(set) = deputy::compiled(policy) else {
        return;
    };
    let allowing = |action: &str| {
        let mut allows = policy.allows().filter(|s| deputy::is_for_sagemaker(s));
        let action = action.to_owned();
        allows.find(move |statement| statement.covers_action(&action))
    };
    let Some(assume) = allowing("sts:AssumeRole") else {
        return;
    };
    for action in ["sts:SetSourceIdentity", "sts:TagSession"] {
        let Some(statement) = allowing(action).filter(|other| other.index != assume.index) else {
            continue;
        };
        let Some(refused) = refused(assume, statement, &set, action) else {
            continue;
        };
        let reason = format!(
            "for {refused}, SageMaker may assume the role and may not `{action}`: the call fails as a whole"
        );
        let note = Note::at(statement.head(), reason)
            .help("allow all actions in one statement, with one condition")
            .related(assume.head(), "`sts:AssumeRole` is allowed here");
        out.push_in(statement, note);
    }
}

/// A feature that carries names, for which one action is allowed and the other is not.
fn refused(
    assume: &Statement,
    other: &Statement,
    set: &policy::PolicySet,
    action: &str,
) -> Option<&'static str> {
    let values: Vec<&Text> = deputy::source_arns(assume)
        .chain(deputy::source_arns(other))
        .collect();
    let mut named = deputy::FEATURES.iter().filter(|feature| feature.named);
    named
        .find(|feature| {
            let calls = values.iter().flat_map(|value| {
                let sent = feature.sent.iter();
                sent.filter_map(move |sent| deputy::own_call(assume, value, sent))
            });
            calls.into_iter().any(|call| {
                deputy::is_allowed(set, "sts:AssumeRole", &call)
                    && !deputy::is_allowed(set, action, &call)
            })
        })
        .map(|feature| feature.name)
}
