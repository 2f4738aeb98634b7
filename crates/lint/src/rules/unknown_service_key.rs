//! # There is no such condition key
//!
//! A condition names a key that the service does not have, or a key of a service that does not exist.
//!
//! ## Why
//! The key is in no request: a positive operator never matches, and a negated one always does.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:CreateApp", "Resource": "*",
//!   "Condition": { "StringEquals": { "sagemaker:DomainID2": "d-abcdefgh1234" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sagemaker:CreateApp", "Resource": "*",
//!   "Condition": { "StringEquals": { "sagemaker:DomainId": "d-abcdefgh1234" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL203",
    name: "unknown-service-key",
    severity: Severity::Error,
    aws: &["INVALID_SERVICE_CONDITION_KEY"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let key = &condition.key;
        let Some((prefix, name)) = key.value.split_once(':') else {
            continue;
        };
        let lower = prefix.to_ascii_lowercase();
        let skipped = lower == "aws" || prefix.is_empty() || name.is_empty() || name.ends_with('/');
        if skipped
            || !key.is_known()
            || facts::is_provider(&lower)
            || facts::key(&key.value).is_some()
        {
            continue;
        }
        let (reason, meant) = match catalog::service(prefix) {
            Some(service) => {
                let known = service.condition_keys().map(|key| key.name().to_string());
                let reason = format!(
                    "{} has no condition key `{}`",
                    service.prefix(),
                    key.shown()
                );
                (
                    reason,
                    facts::closest(&key.value, known.filter(|key| !key.contains('$'))),
                )
            }
            None => {
                let services = catalog::services().map(|service| service.prefix().to_owned());
                let meant = facts::closest(prefix, services).map(|meant| format!("{meant}:{name}"));
                let meant = meant.filter(|meant| facts::key(meant).is_some());
                (
                    format!(
                        "`{prefix}` is no service, so that `{}` is in no request",
                        key.shown()
                    ),
                    meant,
                )
            }
        };
        let note = Note::at(key.span, reason);
        out.push(match meant {
            Some(meant) => {
                let edits = edits::replace(policy, key, &meant);
                note.possible_fix(format!("write `{meant}`"), edits)
            }
            None => note
                .help("look it up among the service's keys in the Service Authorization Reference"),
        });
    }
}
