//! What a team's execution role may do, by topic.

mod data;
mod jobs;
mod kinds;
mod tools;
mod workspace;

pub(crate) use data::{Reach, objects, reach, runtime as runtime_data, service as service_data};
pub(crate) use tools::tables;

use crate::place::Scope;
use crate::statement::Statement;

/// The statements of the execution role by topic. A topic is a policy of its own, so that a change to one thing shows
/// in one document.
pub(crate) fn statements(scope: &Scope<'_>) -> Vec<(&'static str, Vec<Statement>)> {
    let topics = vec![
        ("workspace", workspace::statements(scope)),
        ("jobs", jobs::statements(scope)),
        ("data", data::statements(scope)),
        ("tools", tools::statements(scope)),
    ];
    topics
        .into_iter()
        .filter(|(_, statements)| !statements.is_empty())
        .collect()
}
