//! What the rules on `iam:PassRole` and `iam:CreateServiceLinkedRole` have in common.

use crate::prelude::*;

/// Reports an Allow that covers an action of `iam` on every role.
pub(super) fn report(
    policy: &Policy,
    statement: &Statement,
    action: &str,
    what: &str,
    help: &str,
    out: &mut Reporter<'_>,
) {
    if !statement.allows() || !policy.kind.is_for_callers() || !statement.covers_action(action) {
        return;
    }
    let narrowed = [
        "iam:PassedToService",
        "iam:AssociatedResourceArn",
        "iam:AWSServiceName",
    ];
    if narrowed.iter().any(|key| {
        let mut conditions = statement.conditions_on(key);
        conditions.any(|condition| condition.is_positive() && !matches_all(condition))
    }) {
        return;
    }
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
        return;
    };
    let every = |resource: &Text| {
        let sample = format!("arn:aws:iam::123456789012:role/{}", "x".repeat(40));
        resource.is_known()
            && (patterns::glob(&resource.value, &sample)
                || resource.value.ends_with(":role/*")
                || resource.value.ends_with(":*"))
    };
    let resource = resources.values.iter().find(|resource| every(resource));
    if !resources.not && resource.is_none() {
        return;
    }
    let by = |pattern: &&ActionPattern| pattern.covers(action);
    let place = match (actions.not, actions.values.iter().find(by)) {
        (false, Some(pattern)) => pattern.text.span,
        _ => actions.key.span,
    };
    let how = match (actions.not, resources.not) {
        (true, true) => "`NotAction` and `NotResource` leave",
        (true, false) => "`NotAction` leaves",
        (false, true) => "`NotResource` leaves",
        (false, false) => "the statement leaves",
    };
    let reason = format!("{how} `{action}` allowed for every {what}");
    let mut note = Note::at(place, reason).help(help);
    if let Some(resource) = resource.filter(|_| !resources.not) {
        note = note.related(resource.span, format!("this means every {what}"));
    }
    out.push(note);
}

/// Whether every value passes.
fn matches_all(condition: &Condition) -> bool {
    let operator = condition.operator;
    let wild = operator.is_some_and(|operator| {
        matches!(
            operator.comparison,
            Comparison::StringLike | Comparison::ArnLike
        )
    });
    wild && condition.values.iter().any(|value| value.text.value == "*")
}
