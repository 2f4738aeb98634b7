//! Changes of a request with which it would pass, each verified by deciding again.

use super::trace::{Applies, Mismatch, StatementTrace, expand};
use crate::arn::Arn;
use crate::document::{
    ArnValue, Comparison, Condition, ConditionValue, Effect, Operand, Qualifier, ResourcePattern,
};
use crate::evaluate::{self, Policies};
use crate::request::{ContextValue, Request, Resource};
use crate::verdict::Denial;

/// A change of one part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The key has this value.
    Set {
        /// The condition key.
        key: String,
        /// Its value.
        value: ContextValue,
    },
    /// The key is absent.
    Remove {
        /// The condition key.
        key: String,
    },
    /// The resource is this one.
    Resource {
        /// Its ARN.
        arn: String,
    },
}

/// Changes with which, all together, the request would pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterfactual {
    /// The changes.
    pub changes: Vec<Change>,
}

/// Finds changes that make the request pass: such that a near miss applies, or a Deny does not.
pub(super) fn counterfactuals(
    policies: &Policies<'_>,
    request: &Request,
    suspects: &[StatementTrace<'_>],
    denial: Option<Denial>,
) -> Vec<Counterfactual> {
    let mut found: Vec<Counterfactual> = Vec::new();
    if denial.is_none() {
        return found;
    }
    for suspect in suspects {
        let candidates = match suspect.statement.effect.value {
            Effect::Allow => satisfy(suspect, request).into_iter().collect(),
            Effect::Deny => escapes(suspect, request),
        };
        for changes in candidates {
            let counterfactual = Counterfactual { changes };
            if !found.contains(&counterfactual) && passes(policies, request, &counterfactual) {
                found.push(counterfactual);
            }
        }
    }
    found
}

fn passes(policies: &Policies<'_>, request: &Request, counterfactual: &Counterfactual) -> bool {
    let changed = counterfactual.apply(request);
    changed.is_some_and(|changed| evaluate::outcome(policies, &changed).is_ok())
}

impl Counterfactual {
    /// The request with the changes made.
    #[must_use]
    pub fn apply(&self, request: &Request) -> Option<Request> {
        let mut builder = request.to_builder();
        for change in &self.changes {
            builder = match change {
                Change::Set { key, value } => builder.set(key, value.clone()),
                Change::Remove { key } => builder.absent(key),
                Change::Resource { arn } => builder.resource(Resource::parse(arn).ok()?),
            };
        }
        Some(builder.build())
    }
}

/// The changes with which an Allow statement would apply.
fn satisfy(trace: &StatementTrace<'_>, request: &Request) -> Option<Vec<Change>> {
    trace
        .mismatches
        .iter()
        .map(|mismatch| match mismatch {
            Mismatch::Action | Mismatch::Principal => None,
            Mismatch::Resource => {
                let resources = trace.statement.resources.as_ref().filter(|r| !r.not)?;
                let arn = resources
                    .patterns
                    .iter()
                    .find_map(|p| sample_arn(&p.value, request))?;
                Some(Change::Resource { arn })
            }
            Mismatch::Condition { condition, .. } => make_true(condition, request),
        })
        .collect()
}

/// For each condition of a Deny statement, the change with which it would not be met.
fn escapes(trace: &StatementTrace<'_>, request: &Request) -> Vec<Vec<Change>> {
    if trace.applies == Applies::No {
        return Vec::new();
    }
    let conditions = trace.statement.conditions.iter();
    conditions
        .filter_map(|condition| make_false(condition, request))
        .map(|c| vec![c])
        .collect()
}

fn make_true(condition: &Condition, request: &Request) -> Option<Change> {
    let operator = condition.operator.value;
    let key = condition.key.value.clone();
    if operator.comparison == Comparison::Null {
        let absent = condition
            .values
            .iter()
            .any(|v| v.value.operand == Operand::Null(true));
        return Some(if absent {
            Change::Remove { key }
        } else {
            set(key, "x".to_owned(), None)
        });
    }
    if operator.negated {
        return (operator.qualifier != Some(Qualifier::ForAnyValue))
            .then_some(Change::Remove { key });
    }
    let sample = condition
        .values
        .iter()
        .find_map(|v| sample(&v.value, operator.comparison, request))?;
    Some(set(key, sample, operator.qualifier))
}

fn make_false(condition: &Condition, request: &Request) -> Option<Change> {
    let operator = condition.operator.value;
    let key = condition.key.value.clone();
    if operator.comparison == Comparison::Null {
        let absent = condition
            .values
            .iter()
            .any(|v| v.value.operand == Operand::Null(true));
        return Some(if absent {
            set(key, "x".to_owned(), None)
        } else {
            Change::Remove { key }
        });
    }
    if operator.negated {
        let sample = condition
            .values
            .iter()
            .find_map(|v| sample(&v.value, operator.comparison, request))?;
        return Some(set(key, sample, operator.qualifier));
    }
    Some(Change::Remove { key })
}

fn set(key: String, value: String, qualifier: Option<Qualifier>) -> Change {
    let value = match qualifier {
        None => ContextValue::One(value.into()),
        Some(_) => ContextValue::Many([value.into()].into()),
    };
    Change::Set { key, value }
}

/// A request value that meets the policy's value.
fn sample(value: &ConditionValue, comparison: Comparison, request: &Request) -> Option<String> {
    let plain = |text: String| (!text.contains("${")).then(|| text.replace(['*', '?'], "x"));
    let text = value.text.as_str();
    match &value.operand {
        Operand::Text(template) if !template.has_wildcards() => {
            let text = expand(template, request.context());
            (!text.contains("${")).then_some(text)
        }
        Operand::Text(template)
        | Operand::Bool(template)
        | Operand::Arn(ArnValue::Whole(template)) => plain(expand(template, request.context())),
        Operand::Arn(ArnValue::Segments(segments)) => {
            let segments = segments.each_ref().map(|s| expand(s, request.context()));
            plain(segments.join(":"))
        }
        Operand::Addresses(_) => text.split('/').next().map(str::to_owned),
        Operand::Number(number) => Some(match comparison {
            Comparison::NumericLessThan => number.whole_below(),
            Comparison::NumericGreaterThan => number.whole_above(),
            _ => text.to_owned(),
        }),
        Operand::Instant(instant) => Some(match comparison {
            Comparison::DateLessThan => instant.before(),
            Comparison::DateGreaterThan => instant.after(),
            _ => text.to_owned(),
        }),
        Operand::Binary(_) => Some(text.to_owned()),
        Operand::Arn(ArnValue::Any) | Operand::Null(_) => None,
    }
}

/// An ARN that meets a resource pattern, as near to the request's own as the pattern allows.
fn sample_arn(pattern: &ResourcePattern, request: &Request) -> Option<String> {
    let Resource::Arn(own) = request.resource() else {
        return None;
    };
    let own = [own.partition(), own.service(), own.region(), own.account()];
    let segments = pattern
        .segments
        .as_ref()
        .filter(|segments| segments.len() == 6)?;
    let mut out = vec!["arn".to_owned()];
    for (segment, own) in segments.iter().skip(1).zip(own) {
        if segment.is_any() {
            out.push(own.to_owned());
        } else {
            out.push(expand(segment, request.context()).replace(['*', '?'], "x"));
        }
    }
    out.push(expand(segments.last()?, request.context()).replace(['*', '?'], "x"));
    let arn = out.join(":");
    (!arn.contains("${") && Arn::parse(&arn).is_ok()).then_some(arn)
}
