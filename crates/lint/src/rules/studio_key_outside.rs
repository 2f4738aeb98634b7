//! # A key of Studio where nobody is in Studio
//!
//! A trust policy, the policy of a user or a group, or a statement that also asks for `aws:username`, uses
//! `sagemaker:DomainId` or `sagemaker:UserProfileName`.
//!
//! ## Why
//! Only code that runs in Studio carries these keys, with the session of an execution role. A person who signs in,
//! and the call that assumes a role, are not there yet: the statement never applies. Who opens Studio is
//! `${aws:username}`, or a tag of the principal.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl",
//!   "Resource": "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${aws:username}" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl",
//!   "Resource": "arn:aws:sagemaker:us-west-2:111122223333:user-profile/d-abc123/${aws:username}" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL814",
    name: "studio-key-outside",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let person = matches!(policy.kind.holder, Holder::User | Holder::Group);
    let trust =
        policy.kind.policy_type == PolicyType::Trust && !deputy::is_for_sagemaker(statement);
    let whole = person || trust;
    if !statement.allows() || !policy.has_variables() {
        return;
    }
    let signed_in = statement
        .conditions_on("aws:username")
        .any(Condition::is_positive);
    for text in facts::variable_texts(statement) {
        let both = owners::has_variable(&text.value, "aws:username") || signed_in;
        let studio = owners::keys(&text.value).find(|variable| owners::is_studio(variable.key));
        let Some(variable) = studio.filter(|_| whole || both) else {
            continue;
        };
        let (start, end) = variable.range;
        let who = match (person, trust) {
            (true, _) => "a user who signs in is not in Studio",
            (_, true) => "a call to assume a role is not made in Studio",
            _ => "who has `aws:username` is not in Studio",
        };
        let reason = format!("{who}, and has no `{}`", variable.key);
        let span = text.part(&policy.source, start, end);
        out.push(
            Note::at(span, reason)
                .help("write the domain's id, and `${aws:username}` for the profile"),
        );
    }
    for condition in statement
        .conditions
        .iter()
        .filter(|c| owners::is_studio(&c.key.value))
    {
        if whole && condition.is_positive() {
            let reason = format!(
                "calls from outside Studio have no `{}`: the statement never applies",
                condition.key.shown()
            );
            out.push(Note::at(condition.key.span, reason).help("remove the condition"));
        }
    }
}
