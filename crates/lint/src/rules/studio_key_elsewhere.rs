//! # A key of Studio in a request to another service
//!
//! A statement about another service than SageMaker uses `sagemaker:DomainId` or `sagemaker:UserProfileName`.
//!
//! ## Why
//! Studio adds these keys to calls to SageMaker alone. A call to S3 or Secrets Manager never has them: the variable
//! has no value, and an Allow with it never applies. The name that goes everywhere is `aws:SourceIdentity`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${sagemaker:UserProfileName}/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL813",
    name: "studio-key-elsewhere",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let patterns = statement.action_patterns();
    let other = |pattern: &ActionPattern| {
        let prefix = pattern.prefix();
        catalog::service(prefix).is_some() && !prefix.eq_ignore_ascii_case("sagemaker")
    };
    // PAL814 speaks of roles' trust policies.
    let trust = policy.kind.policy_type == PolicyType::Trust;
    let Some(first) = patterns
        .first()
        .filter(|_| !trust && patterns.iter().all(other))
    else {
        return;
    };
    let service = first.prefix();
    for condition in statement
        .conditions
        .iter()
        .filter(|c| owners::is_studio(&c.key.value))
    {
        // PAL222 reports keys that one named action needs.
        if first.has_wildcards() {
            out.push(
                Note::at(condition.key.span, reason(&condition.key.value, service)).help(HELP),
            );
        }
    }
    if !policy.has_variables() {
        return;
    }
    for text in facts::variable_texts(statement) {
        for variable in owners::keys(&text.value).filter(|variable| owners::is_studio(variable.key))
        {
            let (start, end) = variable.range;
            let written = text.value.get(start..end).unwrap_or_default();
            if written.contains(',') {
                continue;
            }
            let note = Note::at(
                text.part(&policy.source, start, end),
                reason(variable.key, service),
            );
            let name = variable
                .key
                .eq_ignore_ascii_case("sagemaker:UserProfileName");
            let edits = name
                .then(|| edits::replace_part(policy, text, (start, end), "${aws:SourceIdentity}"))
                .flatten();
            out.push(match name {
                true => note.possible_fix("write `${aws:SourceIdentity}`", edits),
                false => note.help("write the domain's id, or a prefix of the team"),
            });
        }
    }
}

const HELP: &str = "use aws:SourceIdentity, which calls to every service carry";

fn reason(key: &str, service: &str) -> String {
    format!("calls to {service} never carry `{key}`, which Studio adds to calls to SageMaker alone")
}
