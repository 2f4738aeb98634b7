//! The record of a resource, the same for every kind.

use jiff::Timestamp;
use platform::identity::Tag;
use platform::{ApiError, Call};
use policy::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;
use store::{Key, Read, Record};

use super::row::Row;

/// A resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// What names it within its kind: a job's name; a domain's id; a domain's id and a profile's
    /// name.
    pub(crate) names: Vec<String>,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it was last changed.
    pub(crate) modified: Timestamp,
    /// Its tags; no two keys differ in case only.
    pub(crate) tags: Vec<Tag>,
    /// What it was created with, updates put over it.
    pub(crate) input: Json,
    /// The states that it went through, oldest first; empty for kinds without.
    pub(crate) states: Vec<State>,
}

/// A state, and since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) status: String,
    pub(crate) since: Timestamp,
}

impl Record for Item {
    const KIND: &'static str = "sagemaker-resource";
    const VERSION: u32 = 1;
}

impl Item {
    /// The state that it is in.
    pub(super) fn status(&self) -> Option<&str> {
        self.states.last().map(|state| state.status.as_str())
    }

    /// The part of its ARN behind the type.
    pub(super) fn path(&self) -> String {
        self.names.join("/")
    }

    /// The text at a path of member names with dots between.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        path.split('.')
            .try_fold(&self.input, |json, name| json.get(name))?
            .as_str()
    }
}

/// Where resources are: those of an account in a region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(call: &'a Call<'_>) -> Self {
        Self {
            account: call.account(),
            region: call.region(),
        }
    }

    /// The key under which all resources of a kind stand.
    pub(super) fn all(self, row: &Row) -> Key {
        Key::new([self.account.as_str(), self.region, row.arn_type])
    }

    /// The key of one resource.
    pub(crate) fn key(self, row: &Row, names: &[impl AsRef<str>]) -> Key {
        names.iter().fold(self.all(row), Key::child)
    }

    /// The resource of this kind and name.
    pub(crate) fn find(
        self,
        tx: &dyn Read,
        row: &Row,
        names: &[impl AsRef<str>],
    ) -> Result<Option<Arc<Item>>, ApiError> {
        Ok(tx.shared(&self.key(row, names))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of version 1, as it lies in states that were written before.
    const SAMPLE: &str = r#"{
        "names": ["d-vision", "alice"],
        "created": "2026-11-22T05:00:00Z",
        "modified": "2026-11-22T06:00:00.5Z",
        "tags": [{"key": "team", "value": "vision"}],
        "input": {"UserSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/R"}},
        "states": [{"status": "InService", "since": "2026-11-22T05:00:00Z"}]
    }"#;

    #[test]
    fn records_of_every_version_are_read() {
        assert_eq!(Item::VERSION, 1);
        let item: Item = serde_json::from_str(SAMPLE).unwrap();
        assert_eq!(item.status(), Some("InService"));
        let role = item.text("UserSettings.ExecutionRole").unwrap();
        assert!(role.ends_with("role/R"));
        let again: Json = serde_json::to_value(&item).unwrap();
        assert_eq!(again, serde_json::from_str::<Json>(SAMPLE).unwrap());
    }
}
