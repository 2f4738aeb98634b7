//! # Sessions without a name may change things
//!
//! A policy gives people what is theirs by `${aws:SourceIdentity}`, and lets sessions write elsewhere whether they
//! have a name or not; nothing in the run denies those without.
//!
//! ## Why
//! Sessions without a source identity reach nobody's own things, and whatever else the policy allows. Nobody can say
//! who did it. A Deny with `Null` of `aws:SourceIdentity` makes the name a condition of everything.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Shared", "Effect": "Allow",
//!   "Action": "s3:PutObject", "Resource": "arn:aws:s3:::data/shared/*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "Shared", "Effect": "Allow",
//!   "Action": "s3:PutObject", "Resource": "arn:aws:s3:::data/shared/*" }, { "Sid": "NothingWithoutAName",
//!   "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "Null": { "aws:SourceIdentity": "true" } } }
//!   ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL808",
    name: "name-not-required",
    severity: Severity::Suggestion,
    aws: &[],
    check: Check::Set(check),
};

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let guarded = policies
        .iter()
        .flat_map(|policy| &policy.statements)
        .any(|statement| {
            statement.denies()
                && statement
                    .conditions_on(owners::SOURCE_IDENTITY)
                    .any(is_null)
        });
    if guarded {
        return;
    }
    let identity = |policy: &&Policy| {
        policy.kind.policy_type == PolicyType::Identity && policy.has_variables()
    };
    for policy in policies.iter().filter(identity) {
        let own = policy.allows().find(|statement| {
            let mut resources = statement.resource_patterns().iter();
            resources.any(|text| owners::has_variable(&text.value, owners::SOURCE_IDENTITY))
        });
        let nameless = policy
            .allows()
            .find(|statement| writes(statement) && !needs_name(statement));
        if let (Some(own), Some(nameless)) = (own, nameless) {
            let reason =
                "sessions without a source identity may do this too, and nobody can say who it was";
            let note = Note::at(nameless.head(), reason)
                .help("deny everything where `Null` of aws:SourceIdentity is `true`")
                .related(own.head(), "the name decides here");
            out.of(policy, Some(nameless), note);
        }
    }
}

fn is_null(condition: &Condition) -> bool {
    condition
        .operator
        .is_some_and(|operator| operator.comparison == Comparison::Null)
}

/// Whether a statement surely lets something of tenants' be changed: objects, secrets, files, items.
fn writes(statement: &Statement) -> bool {
    const SERVICES: &[&str] = &["s3", "secretsmanager", "elasticfilesystem", "dynamodb"];
    let actions = statement
        .action_patterns()
        .iter()
        .flat_map(|pattern| &pattern.matches);
    actions.into_iter().any(|action| {
        action.access_level() == catalog::AccessLevel::Write
            && SERVICES.contains(&action.service().prefix())
    })
}

/// Whether a statement only applies to who has a name, or is in Studio, or creates in a name.
fn needs_name(statement: &Statement) -> bool {
    let variable = facts::variable_texts(statement).any(|text| {
        owners::has_person(&text.value)
            || owners::keys(&text.value).any(|found| owners::is_studio(found.key))
    });
    let key = statement.conditions.iter().any(|condition| {
        condition.is_on(owners::SOURCE_IDENTITY) || owners::is_studio(&condition.key.value)
    });
    variable || key
}
