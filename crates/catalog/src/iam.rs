//! IAM's side of the catalog: what the Service Authorization Reference says, and the global
//! condition keys of the IAM User Guide.

mod global;
mod key;
mod read;
mod service;
mod tables;
mod text;

pub use key::{ConditionKey, KeyType};
pub use service::{AccessLevel, Action, ActionResource, ResourceType, Service};
pub use tables::Tables;
pub use text::Text;

/// Where the embedded tables come from, and how much they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Name of the npm package.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The day its data was collected, `YYYY-MM-DD`.
    pub date: &'static str,
    /// How many services are listed.
    pub services: usize,
    /// How many actions, over all services.
    pub actions: usize,
    /// How many resource types, over all services.
    pub resource_types: usize,
    /// How many condition keys, counted once for each service that lists them.
    pub condition_keys: usize,
}

include!("../data/iam.generated.rs");

/// The licence of the embedded tables' source, which must go wherever the tables go.
pub const NOTICE: &str = include_str!("../NOTICE");

/// The tables inside the program.
static EMBEDDED: Tables = embedded();

#[expect(
    clippy::panic,
    reason = "runs in the compiler only, which then refuses the damaged file"
)]
const fn embedded() -> Tables {
    match Tables::open(include_bytes!("../data/iam.bin")) {
        Some(tables) => tables,
        None => panic!("data/iam.bin is damaged: run `cargo xtask catalog`"),
    }
}

/// All services, by prefix.
pub fn services() -> impl Iterator<Item = Service> {
    EMBEDDED.services()
}

/// The service with this prefix, such as `s3`.
#[must_use]
pub fn service(prefix: &str) -> Option<Service> {
    EMBEDDED.service(prefix)
}

/// The action with this name, such as `s3:GetObject`; wildcards are not expanded.
#[must_use]
pub fn action(name: &str) -> Option<Action> {
    EMBEDDED.action(name)
}

/// The condition key that a name in a policy means: `sagemaker:DomainId`, or, through a pattern,
/// `aws:RequestTag/project`.
#[must_use]
pub fn condition_key(name: &str) -> Option<ConditionKey> {
    EMBEDDED.condition_key(name)
}

/// Every condition key: the ones services list, by name, then the global ones they leave out.
pub fn condition_keys() -> impl Iterator<Item = ConditionKey> {
    EMBEDDED.condition_keys().chain(global_condition_keys())
}

/// The condition keys that the IAM User Guide describes for requests to any service and that no
/// service lists.
pub fn global_condition_keys() -> impl Iterator<Item = ConditionKey> {
    global::KEYS.iter().map(global::Row::key)
}
