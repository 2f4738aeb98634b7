//! Facts about AWS, as data: what services, actions, resource types and condition keys exist.
//!
//! Nothing here decides anything. A verdict must never depend on whether this catalog knows a
//! name, for AWS adds names every week; the catalog serves explanations, lint and typed keys.
//!
//! The tables are one binary blob inside the program, searched where it lies: nothing is parsed at
//! start-up and a look-up allocates nothing. All names are looked up ignoring ASCII case, as IAM
//! does.
//!
//! ```
//! let action = catalog::action("s3:getobject").expect("a known action");
//! assert_eq!(action.to_string(), "s3:GetObject");
//! assert_eq!(action.access_level(), catalog::AccessLevel::Read);
//! assert!(action.resources().any(|r| r.resource_type().name() == "object"));
//!
//! let key = catalog::condition_key("aws:RequestTag/project").expect("a known key");
//! assert_eq!(key.name(), "aws:RequestTag/${TagKey}");
//! ```

mod iam;
pub mod shapes;

pub use iam::{
    AccessLevel, Action, ActionResource, ConditionKey, KeyType, NOTICE, ResourceType, SOURCE,
    Service, Source, Tables, Text, action, condition_key, condition_keys, global_condition_keys,
    service, services,
};
