//! Resources as answers show them.

use catalog::shapes::{Operation, Shape};
use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::{Map, Value};

use super::item::Item;
use super::kept;
use super::row::{Life, Row};
use super::{Kind, named};

/// What the transitions of a job say about its first state.
const RECORDED: &str = "The job is recorded. This platform does not run jobs yet.";

pub(super) fn describe<K: Kind>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let row = K::row();
    let item = named::get(call, row)?;
    Ok(Outcome::new(show(call, row, &item)?))
}

/// The output shape of an operation such as `DescribeModel`.
pub(super) fn output(operation: &str) -> Result<Shape, ApiError> {
    catalog::shapes::service("sagemaker")
        .and_then(|service| service.operation(operation))
        .and_then(Operation::output)
        .ok_or_else(|| ApiError::internal(format!("there is no output of `{operation}`")))
}

/// Everything that there is to show about a resource.
pub(super) fn show(call: &Call<'_>, row: &Row, item: &Item) -> Result<Value, ApiError> {
    let shape = output(&format!("Describe{}", row.noun))?;
    let mut shown = Map::with_capacity(shape.members().len());
    for member in row.false_unless_said {
        shown.insert(*member, false);
    }
    if let Value::Map(given) = kept::from_json(shape, &item.input) {
        for (name, value) in given {
            shown.insert(name, value);
        }
    }
    for (member, name) in row.names.iter().zip(&item.names) {
        shown.insert(*member, name.as_str());
    }
    let shown = shown
        .with(format!("{}Arn", row.noun), row.arn_of(call, item))
        .with("CreationTime", item.created)
        .with("LastModifiedTime", item.modified);
    Ok(only(shape, with_states(shown.into(), row, item)))
}

fn with_states(shown: Value, row: &Row, item: &Item) -> Value {
    let Life::Job {
        secondary, ended, ..
    } = row.life
    else {
        return shown.with_some("Status", item.status());
    };
    let stopped = item.states.iter().find(|state| state.status == "Stopped");
    let shown = shown
        .with_some(format!("{}Status", row.noun), item.status())
        .with_some(ended, stopped.map(|state| state.since));
    if !secondary {
        return shown;
    }
    let ends = item
        .states
        .iter()
        .skip(1)
        .map(|state| Some(state.since))
        .chain([None]);
    let transitions = item.states.iter().zip(ends).map(|(state, end)| {
        Value::map()
            .with("Status", secondary_status(&state.status))
            .with("StartTime", state.since)
            .with_some("EndTime", end)
            .with_some(
                "StatusMessage",
                (state.status == "InProgress").then_some(RECORDED),
            )
    });
    shown
        .with_some("SecondaryStatus", item.status().map(secondary_status))
        .with("SecondaryStatusTransitions", transitions.collect::<Value>())
}

/// A job in progress waits: nothing was started for it.
fn secondary_status(status: &str) -> &str {
    if status == "InProgress" {
        "Pending"
    } else {
        status
    }
}

/// The members of `value` that a structure has.
pub(super) fn only(shape: Shape, value: Value) -> Value {
    let Value::Map(members) = value else {
        return Value::map();
    };
    Value::Map(
        members
            .into_iter()
            .filter_map(|(name, value)| Some((shape.member(&name)?.name(), value)))
            .collect(),
    )
}
