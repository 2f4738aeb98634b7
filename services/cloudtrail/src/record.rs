//! What is kept of trails.

use jiff::Timestamp;
use platform::Platform;
use platform::identity::Tag;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Record};

use crate::selection::Selection;

/// A trail as its owner configured it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trail {
    pub(crate) account: String,
    /// The home region.
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    pub(crate) global_events: bool,
    pub(crate) multi_region: bool,
    /// Whether digest files are delivered.
    pub(crate) validation: bool,
    /// Whether CloudTrail's own deliveries are among the events; they are unless this says no.
    pub(crate) recursive: Option<bool>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) selection: Selection,
    /// Tells this trail from another of the same name, before or after it.
    pub(crate) id: String,
}

impl Record for Trail {
    const KIND: &'static str = "cloudtrail-trail";
    const VERSION: u32 = 1;
}

impl Trail {
    pub(crate) fn key(account: &str, region: &str, name: &str) -> Key {
        Key::new([account, region, name])
    }

    pub(crate) fn own_key(&self) -> Key {
        Self::key(&self.account, &self.region, &self.name)
    }

    pub(crate) fn arn(&self, partition: &str) -> String {
        crate::name::arn(partition, &self.region, &self.account, &self.name)
    }

    /// The key of something that is delivered for the trail.
    pub(crate) fn object(&self, rest: &str) -> String {
        let account = &self.account;
        match &self.prefix {
            Some(prefix) => format!("{prefix}/AWSLogs/{account}/{rest}"),
            None => format!("AWSLogs/{account}/{rest}"),
        }
    }
}

/// How far the delivery of a trail has come, under the trail's key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// All of the log up to this position has been delivered or passed over.
    pub(crate) position: u64,
    /// What is being delivered. It stands here before the first byte of it goes out, so that a
    /// delivery that was interrupted is repeated as it was, under the same names.
    pub(crate) plan: Option<Plan>,
    pub(crate) is_logging: bool,
    pub(crate) started: Option<Timestamp>,
    pub(crate) stopped: Option<Timestamp>,
    /// Whether there may be undelivered events from before the trail was stopped.
    pub(crate) draining: bool,
    /// When the trail was stopped while events behind `position` were still to be delivered.
    pub(crate) pauses: Vec<Pause>,
    /// When it was last seen what there is to deliver.
    pub(crate) looked: Option<Timestamp>,
    pub(crate) attempted: Option<Timestamp>,
    pub(crate) delivered: Option<Timestamp>,
    pub(crate) error: Option<String>,
    /// The digest files, a chain for each region.
    pub(crate) chains: Vec<Chain>,
    pub(crate) digested: Option<Timestamp>,
    pub(crate) digest_error: Option<String>,
    /// How far each node has come, by its name, where nodes share the state.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) nodes: BTreeMap<String, Node>,
}

/// How far one node has come with the log of its own: the members of [`Progress`] by the same names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) position: u64,
    pub(crate) plan: Option<Plan>,
    pub(crate) draining: bool,
    pub(crate) looked: Option<Timestamp>,
    pub(crate) attempted: Option<Timestamp>,
    pub(crate) delivered: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

impl Record for Progress {
    const KIND: &'static str = "cloudtrail-progress";
    const VERSION: u32 = 2;

    /// Version 1 knew one node.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| serde_json::from_slice(json))
    }
}

impl Progress {
    /// Nothing of what the log holds by now is delivered.
    pub(crate) fn from_now(platform: &Platform) -> Self {
        Self {
            position: platform.trail().head().position.0,
            ..Self::default()
        }
    }

    /// Runs `work` on the progress as the node `id` sees it; `fresh` is where a node begins.
    pub(crate) fn as_node<T>(
        &mut self,
        id: Option<&str>,
        fresh: &Node,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let Some(id) = id else {
            return work(self);
        };
        let mut node = self.nodes.remove(id).unwrap_or_else(|| fresh.clone());
        self.swap(&mut node);
        let done = work(self);
        self.swap(&mut node);
        self.nodes.insert(id.to_owned(), node);
        done
    }

    /// The progress as the node `id` sees it, beside the others.
    pub(crate) fn seen_by(mut self, id: Option<&str>, fresh: &Node) -> Self {
        if let Some(id) = id {
            let mut node = self.nodes.remove(id).unwrap_or_else(|| fresh.clone());
            self.swap(&mut node);
        }
        self
    }

    /// The progress of the one node that there was.
    pub(crate) fn alone(&self) -> Node {
        let mut node = Node::default();
        self.clone().swap(&mut node);
        node
    }

    /// The progress of all nodes together, as it is shown.
    pub(crate) fn together(mut self) -> Self {
        for node in std::mem::take(&mut self.nodes).into_values() {
            self.attempted = self.attempted.max(node.attempted);
            self.delivered = self.delivered.max(node.delivered);
            self.error = self.error.take().or(node.error);
        }
        self
    }

    /// Whether another node has events from before the trail was stopped.
    pub(crate) fn others_drain(&self) -> bool {
        self.nodes.values().any(|node| node.draining)
    }

    fn swap(&mut self, node: &mut Node) {
        std::mem::swap(&mut self.position, &mut node.position);
        std::mem::swap(&mut self.plan, &mut node.plan);
        std::mem::swap(&mut self.draining, &mut node.draining);
        std::mem::swap(&mut self.looked, &mut node.looked);
        std::mem::swap(&mut self.attempted, &mut node.attempted);
        std::mem::swap(&mut self.delivered, &mut node.delivered);
        std::mem::swap(&mut self.error, &mut node.error);
    }

    /// Whether an event of this second, given to the log while the trail existed, is one that it
    /// was logging for. The seconds of the start and of the stop belong to the logging.
    pub(crate) fn was_logging(&self, time: Timestamp) -> bool {
        let second = time.as_second();
        !self.pauses.iter().any(|pause| {
            pause.from.as_second() < second && pause.to.is_none_or(|to| second < to.as_second())
        })
    }
}

/// A delivery under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Up to which position of the log.
    pub(crate) end: u64,
    /// The time in the names of its files.
    pub(crate) at: Timestamp,
}

/// A time in which a trail did not log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pause {
    pub(crate) from: Timestamp,
    pub(crate) to: Option<Timestamp>,
}

/// The digest files of a trail in a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chain {
    pub(crate) region: String,
    /// Where the next digest begins.
    pub(crate) since: Timestamp,
    /// The end of a digest that is being delivered.
    pub(crate) plan: Option<Timestamp>,
    /// How many of `files` that digest lists, so that whoever delivers it writes the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lists: Option<usize>,
    pub(crate) previous: Option<Digest>,
    /// What was delivered since.
    pub(crate) files: Vec<LogFile>,
}

/// A digest file that was delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Digest {
    pub(crate) bucket: String,
    pub(crate) object: String,
    /// SHA-256 of the uncompressed file, in hexadecimal.
    pub(crate) hash: String,
    /// In hexadecimal.
    pub(crate) signature: String,
}

/// A log file that was delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogFile {
    pub(crate) region: String,
    pub(crate) bucket: String,
    pub(crate) object: String,
    /// SHA-256 of the uncompressed file, in hexadecimal.
    pub(crate) hash: String,
    pub(crate) oldest: Timestamp,
    pub(crate) newest: Timestamp,
}

/// A trail that was deleted while events were still to be delivered, under its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Retired {
    pub(crate) trail: Trail,
    pub(crate) progress: Progress,
}

impl Record for Retired {
    const KIND: &'static str = "cloudtrail-retired";
    const VERSION: u32 = 2;

    /// Version 1 knew one node.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| serde_json::from_slice(json))
    }
}
