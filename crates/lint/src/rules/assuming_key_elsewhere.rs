//! # A key of role assumption in a request to another service
//!
//! A variable of a statement about another service than STS is `sts:SourceIdentity`, `sts:RoleSessionName` or
//! `sts:ExternalId`.
//!
//! ## Why
//! These keys are in the request that assumes a role, and in no later one: the variable has no value, and an Allow with
//! it never applies. What the session was started with stays with it as `aws:SourceIdentity`; its name, which whoever
//! starts it chooses freely, is the end of `aws:userid`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${sts:SourceIdentity}/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL817",
    name: "assuming-key-elsewhere",
    severity: Severity::Error,
    aws: &[],
    check: Check::Statement(check),
};

const OF_ASSUMING: [&str; 3] = [
    "sts:SourceIdentity",
    "sts:RoleSessionName",
    "sts:ExternalId",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let patterns = statement.action_patterns();
    let other = |pattern: &ActionPattern| {
        let prefix = pattern.prefix();
        catalog::service(prefix).is_some() && !prefix.eq_ignore_ascii_case("sts")
    };
    let elsewhere = patterns.first().filter(|_| patterns.iter().all(other));
    let Some(first) = elsewhere.filter(|_| policy.has_variables()) else {
        return;
    };
    let of_assuming = |key: &str| OF_ASSUMING.iter().any(|own| own.eq_ignore_ascii_case(key));
    for text in facts::variable_texts(statement) {
        for variable in owners::keys(&text.value).filter(|variable| of_assuming(variable.key)) {
            let (start, end) = variable.range;
            let written = text.value.get(start..end).unwrap_or_default();
            if written.contains(',') {
                continue;
            }
            let reason = format!(
                "calls to {} never carry `{}`, which is in the request that assumes a role alone",
                first.prefix(),
                variable.key
            );
            let note = Note::at(text.part(&policy.source, start, end), reason);
            let is_name = variable.key.eq_ignore_ascii_case("sts:SourceIdentity");
            let edits = is_name
                .then(|| edits::replace_part(policy, text, (start, end), "${aws:SourceIdentity}"))
                .flatten();
            out.push(match is_name {
                true => note.possible_fix("write `${aws:SourceIdentity}`", edits),
                false => note.help("use aws:SourceIdentity, which sessions keep"),
            });
        }
    }
}
