//! # The owner is written in two forms
//!
//! The same tag is compared with the plain name of its owner in one place, and with a text around the name in
//! another; or one of SageMaker's own tags is compared with something that is no such ARN.
//!
//! ## Why
//! `bob` and `user/bob` are not equal: what was tagged in one form is nobody's under a policy that asks for the
//! other. SageMaker's tags hold ARNs, and never a name alone. Of several forms, the one that is written most often is
//! taken for the right one; where none is, the one that is read first.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "See", "Effect": "Allow", "Action":
//!   "elasticmapreduce:DescribeCluster", "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*",
//!   "Condition": { "StringEquals": { "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Sid":
//!   "List", "Effect": "Allow", "Action": "elasticmapreduce:ListInstances", "Resource":
//!   "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/owner": "user/${aws:SourceIdentity}" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "See", "Effect": "Allow", "Action":
//!   "elasticmapreduce:DescribeCluster", "Resource": "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*",
//!   "Condition": { "StringEquals": { "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } }, { "Sid":
//!   "List", "Effect": "Allow", "Action": "elasticmapreduce:ListInstances", "Resource":
//!   "arn:aws:elasticmapreduce:us-west-2:111122223333:cluster/*", "Condition": { "StringEquals": {
//!   "elasticmapreduce:ResourceTag/owner": "${aws:SourceIdentity}" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL906",
    name: "owner-value-differs",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeMap;

/// What SageMaker's own tags hold.
const FORMS: &[(&str, &str)] = &[
    ("sagemaker:domain-arn", "arn:*:sagemaker:*:*:domain/*"),
    (
        "sagemaker:user-profile-arn",
        "arn:*:sagemaker:*:*:user-profile/*/*",
    ),
    ("sagemaker:space-arn", "arn:*:sagemaker:*:*:space/*/*"),
];

struct Use<'a> {
    /// The place of the policy in the run.
    index: usize,
    policy: &'a Policy,
    statement: &'a Statement,
    value: &'a Text,
}

/// The values that a tag is compared with, by the form in which they hold a person's name.
type Forms<'a> = BTreeMap<String, Vec<Use<'a>>>;

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let mut tags: BTreeMap<&str, Forms<'_>> = BTreeMap::new();
    for (index, policy) in policies.iter().enumerate() {
        if !policy.has_variables() {
            continue;
        }
        for statement in &policy.statements {
            for condition in statement.conditions.iter().filter(|it| compares(it)) {
                let Some(tag) = owners::tag_of(&condition.key.value) else {
                    continue;
                };
                let known = FORMS.iter().find(|(known, _)| *known == tag);
                let values = condition.values.iter().map(|value| &value.text);
                for value in values.filter(|value| !value.value.contains(text::UNKNOWN)) {
                    let found = Use {
                        index,
                        policy,
                        statement,
                        value,
                    };
                    if let Some((_, form)) = known {
                        automatic(tag, form, &found, out);
                    } else if owners::has_person(&value.value) {
                        let form = arns::without_variables(&value.value);
                        let forms = tags.entry(tag).or_default();
                        forms.entry(form).or_default().push(found);
                    }
                }
            }
        }
    }
    for forms in tags.values() {
        differing(forms, out);
    }
}

fn compares(condition: &Condition) -> bool {
    let operator = condition.operator;
    operator.is_some_and(|operator| operator.comparison != Comparison::Null)
}

/// A tag of SageMaker's own is compared with what it never holds.
fn automatic(tag: &str, form: &str, found: &Use<'_>, out: &mut Reporter<'_>) {
    let value = found.value;
    let kind = form
        .rsplit(':')
        .next()
        .and_then(|part| part.split('/').next());
    let wrong = Arn::new(value, true).is_some_and(|arn| {
        let part = arn.part(5).unwrap_or_default();
        part.split('/').next() != kind && !part.starts_with(['*', '?', '$'])
    });
    let bare = !value.value.starts_with("arn:") && !value.value.contains(['*', '?']);
    if wrong || bare {
        let reason = format!(
            "`{tag}` holds an ARN such as `{form}`, and never equals `{}`",
            value.shown()
        );
        report(found, reason, None, out);
    }
}

/// Says of each form but the usual one that there is another.
fn differing(forms: &Forms<'_>, out: &mut Reporter<'_>) {
    let most = forms.values().map(Vec::len).max().unwrap_or(0);
    let is_usual = |uses: &&Vec<Use<'_>>| uses.len() == most;
    let often = forms.values().filter(is_usual).count();
    let place = |uses: &[Use<'_>]| {
        let first = uses.first()?;
        Some((first.index, first.value.span.start))
    };
    let usual = forms.iter().filter(|(_, uses)| is_usual(uses));
    let Some((usual, known)) = usual.min_by_key(|(_, uses)| place(uses)) else {
        return;
    };
    let Some(first) = known.first() else { return };
    for (form, uses) in forms.iter().filter(|(form, _)| *form != usual) {
        for found in uses {
            let others = match (often, most) {
                (1, 2..) => format!("in {most} other places, first in "),
                _ => "in ".to_owned(),
            };
            let source = &first.policy.source;
            let file = source.name().unwrap_or("the same text");
            let line = source.position(first.value.span.start).line;
            let reason = format!(
                "the owner is written as `{form}` here and as `{usual}` {others}{file}:{line}, `*` being the name: \
                 they are never equal"
            );
            report(found, reason, Some(first), out);
        }
    }
}

fn report(found: &Use<'_>, reason: String, other: Option<&Use<'_>>, out: &mut Reporter<'_>) {
    let help = "write the owner in the same form everywhere";
    let note = Note::at(found.value.span, reason).help(help);
    let same =
        |other: &&Use<'_>| std::ptr::eq(other.policy.source.text(), found.policy.source.text());
    let note = match other.filter(same) {
        Some(other) => note.related(other.value.span, "the other form"),
        None => note,
    };
    out.of(found.policy, Some(found.statement), note);
}
