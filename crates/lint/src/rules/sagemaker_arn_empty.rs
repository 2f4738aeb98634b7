//! # An ARN of SageMaker without region and account, compared as a text
//!
//! A condition compares a text with an ARN of SageMaker whose region or account is empty. (Resources and ARN
//! operators: PAL114, PAL115.)
//!
//! ## Why
//! Every ARN of SageMaker has a region and an account. `arn:aws:sagemaker:::…` comes from texts in which the
//! placeholders were lost, and never matches: an Allow on the owner's tag then allows nobody.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringLike": {
//!   "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:::user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:StopTrainingJob", "Resource":
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*", "Condition": { "StringLike": {
//!   "sagemaker:ResourceTag/sagemaker:user-profile-arn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}" } }
//!   } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL707",
    name: "sagemaker-arn-empty",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let texts = statement.conditions.iter().filter(|condition| {
        condition
            .operator
            .is_some_and(|operator| operator.comparison != Comparison::ArnLike)
    });
    for text in texts.flat_map(|condition| condition.values.iter().map(|value| &value.text)) {
        let Some(arn) = Arn::new(text, true) else {
            continue;
        };
        let empty = |index: usize| arn.part(index) == Some("");
        if arn.part(2) != Some("sagemaker") || !(empty(3) || empty(4)) {
            continue;
        }
        let what = match (empty(3), empty(4)) {
            (true, true) => "region and account",
            (true, false) => "region",
            _ => "account",
        };
        let reason = format!(
            "the ARN has no {what}, and every ARN of SageMaker has: nothing is ever equal to it"
        );
        out.push(Note::at(arn.span(policy, 3), reason).help("write region and account"));
    }
}
