//! # A call without a source passes
//!
//! The conditions on a service principal refuse a stranger's `aws:SourceArn` and `aws:SourceAccount`, and let a call
//! pass that has neither: `IfExists`, `ForAllValues:`, a negated operator.
//!
//! ## Why
//! A condition that a call can leave out protects nothing where the call leaves it out. SageMaker sends both keys
//! whenever it assumes a role, so that the plain operator loses nothing.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringEqualsIfExists": { "aws:SourceAccount": "111122223333" }
//!   } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL702",
    name: "deputy-if-exists",
    severity: Severity::Security,
    aws: &["RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() || deputy::is_narrowed_otherwise(statement) {
        return;
    }
    let principal = statement.principals("Service").next();
    let opening = deputy::source_conditions(statement).find(|condition| opens(condition));
    let (Some(principal), Some(condition), Some(door)) =
        (principal, opening, deputy::Door::new(policy, statement))
    else {
        return;
    };
    let strangers = deputy::strangers(statement, &principal.value);
    let told = strangers
        .iter()
        .any(|(source, tells)| *tells && door.passes(source));
    if told || !door.passes(&deputy::Source::default()) {
        return;
    }
    let reason = format!(
        "a call of `{}` without `{}` passes",
        principal.shown(),
        condition.key.shown()
    );
    let note = Note::at(condition.operator_text.span, reason);
    let plain = condition.operator_text.value.replace("IfExists", "");
    let plain = plain.replace(
        "ForAllValues:",
        match condition.is_on("aws:SourceOrgPaths") {
            true => "ForAnyValue:",
            false => "",
        },
    );
    let title = format!("write `{plain}`");
    if condition.operator.is_some_and(|operator| operator.negated) {
        out.push(note.help("name the accounts that are meant, with `StringEquals`"));
        return;
    }
    // Other keys under the same operator keep it.
    let alone = statement.conditions.iter().all(|other| {
        match other.operator_text.span == condition.operator_text.span {
            true => deputy::SOURCE_KEYS.iter().any(|key| other.is_on(key)),
            false => other.operator_text.value != plain,
        }
    });
    let edits = alone
        .then(|| edits::replace(policy, &condition.operator_text, &plain))
        .flatten();
    let documented =
        deputy::is_sagemaker(&principal.value) && policy.kind.policy_type == PolicyType::Trust;
    out.push(match documented {
        true => note.safe_fix(title, edits),
        false => note.possible_fix(title, edits),
    });
}

/// Whether a condition is true where the key is missing.
fn opens(condition: &Condition) -> bool {
    condition.operator.is_some_and(|operator| {
        let compares = operator.comparison != Comparison::Null;
        let all = operator.qualifier == Some(Qualifier::ForAllValues);
        compares && (operator.if_exists || operator.negated || all)
    })
}
