//! Services and what belongs to one.
//!
//! A service in the blob: its prefix (a length and that many bytes), flags, its set of condition
//! keys, how many resource types, resource lists and actions it has, a u16 offset for each of them
//! in that order, and what these offsets point into, counted from the end of the offsets:
//! - a resource type: name, count and texts of its ARN formats, its key set;
//! - a resource list: a count, and for each entry the type's number × 4 + 2 if it has a key set of
//!   its own + 1 if required, and that key set;
//! - an action: name, form (bits 0-2 level, 3 has a key set, 4 has a resource list, 5 has dependent
//!   actions), then the numbers of those that it has, and count and texts of the last.

use std::fmt;

use super::key::ConditionKey;
use super::read::{Reader, u16_at};
use super::tables::{Tables, search};
use super::text::Text;

/// A service, such as `s3`.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    tables: &'static Tables,
    prefix: &'static str,
    flags: u8,
    keys: usize,
    types: usize,
    lists: usize,
    actions: usize,
    offsets: &'static [u8],
    body: &'static [u8],
}

impl Service {
    pub(super) fn read(tables: &'static Tables, mut at: Reader) -> Option<Self> {
        let prefix = str::from_utf8(at.block()?).ok()?;
        let flags = at.byte()?;
        let keys = at.number()?;
        let types = at.number()?;
        let lists = at.number()?;
        let actions = at.number()?;
        let offsets = at.take((types + lists + actions) * 2)?;
        Some(Self {
            tables,
            prefix,
            flags,
            keys,
            types,
            lists,
            actions,
            offsets,
            body: at.0,
        })
    }

    /// The prefix of its actions, in lower case.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        self.prefix
    }

    /// Whether resource control policies apply to its resources (Organizations User Guide).
    #[must_use]
    pub const fn supports_rcp(self) -> bool {
        self.flags & 1 != 0
    }

    /// Its actions, by name.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        (0..self.actions).filter_map(move |index| self.nth_action(index))
    }

    /// The action with this name (without prefix).
    #[must_use]
    pub fn action(self, name: &str) -> Option<Action> {
        search(self.actions, |index| {
            let action = self.nth_action(index)?;
            Some((action.name.cmp_ignore_case(name), action))
        })
    }

    /// Its resource types, by name.
    pub fn resource_types(self) -> impl Iterator<Item = ResourceType> {
        (0..self.types).filter_map(move |index| self.nth_type(index))
    }

    /// The resource type with this name, such as `training-job`.
    #[must_use]
    pub fn resource_type(self, name: &str) -> Option<ResourceType> {
        search(self.types, |index| {
            let resource_type = self.nth_type(index)?;
            Some((resource_type.name.cmp_ignore_case(name), resource_type))
        })
    }

    /// The condition keys that its page lists, the `aws:` ones among them included. A key counts for
    /// every action of the service, also when no action names it (as `sagemaker:DomainId`).
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.key_set(Some(self.keys))
    }

    fn nth_action(self, index: usize) -> Option<Action> {
        let mut at = self.entry(self.types + self.lists + index)?;
        let name = self.text(&mut at)?;
        let form = at.byte()?;
        let mut has = |bit: u8| match form & bit {
            0 => Some(None),
            _ => at.number().map(Some),
        };
        let (keys, list, dependents) = (has(8)?, has(16)?, has(32)?);
        Some(Action {
            service: self,
            name,
            level: AccessLevel::ALL.get(usize::from(form & 7)).copied()?,
            keys,
            list,
            dependents: (dependents.unwrap_or(0), at),
        })
    }

    fn nth_type(self, index: usize) -> Option<ResourceType> {
        let mut at = self.entry(index)?;
        let name = self.text(&mut at)?;
        let formats = at.number()?;
        let arns = at;
        for _ in 0..formats {
            at.block()?;
        }
        Some(ResourceType {
            service: self,
            name,
            arns: (formats, arns),
            keys: at.number()?,
        })
    }

    fn entry(self, index: usize) -> Option<Reader> {
        Reader::at(self.body, u16_at(self.offsets, index)?)
    }

    fn text(self, at: &mut Reader) -> Option<Text> {
        Some(Text::coded(self.tables, at.block()?))
    }

    fn texts(self, (count, mut at): (usize, Reader)) -> impl Iterator<Item = Text> {
        (0..count).map_while(move |_| self.text(&mut at))
    }

    fn key_set(self, set: Option<usize>) -> impl Iterator<Item = ConditionKey> {
        set.into_iter()
            .flat_map(move |set| self.tables.key_set(set))
    }
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.prefix == other.prefix
    }
}

impl Eq for Service {}

/// The kind of access that an action gives (IAM User Guide, "Access levels in policy summaries").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Lists resources without showing what is in them.
    List,
    /// Reads the contents of resources.
    Read,
    /// Creates, changes or deletes resources.
    Write,
    /// Changes tags only.
    Tagging,
    /// Changes who may do what.
    PermissionsManagement,
}

impl AccessLevel {
    /// Every level, in the order of its number in the tables.
    pub const ALL: [Self; 5] = [
        Self::List,
        Self::Read,
        Self::Write,
        Self::Tagging,
        Self::PermissionsManagement,
    ];

    /// The name that AWS's documentation uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::PermissionsManagement => "Permissions management",
        }
    }
}

/// An action, such as `s3:GetObject`; displays with its service's prefix.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    service: Service,
    name: Text,
    level: AccessLevel,
    keys: Option<usize>,
    list: Option<usize>,
    dependents: (usize, Reader),
}

impl Action {
    /// The service it belongs to.
    #[must_use]
    pub const fn service(self) -> Service {
        self.service
    }

    /// Its name without prefix.
    #[must_use]
    pub const fn name(self) -> Text {
        self.name
    }

    /// The kind of access that it gives.
    #[must_use]
    pub const fn access_level(self) -> AccessLevel {
        self.level
    }

    /// Whether it is authorised on resources; if not, a policy must write `"Resource": "*"`.
    #[must_use]
    pub const fn has_resources(self) -> bool {
        self.list.is_some()
    }

    /// The resource types on which it is authorised.
    pub fn resources(self) -> impl Iterator<Item = ActionResource> {
        let service = self.service;
        let start = self.list.and_then(|list| {
            let mut at = service.entry(service.types + list)?;
            Some((at.number()?, at))
        });
        let (count, mut at) = start.unwrap_or((0, Reader(&[])));
        (0..count).map_while(move |_| {
            let form = at.number()?;
            let keys = if form & 2 != 0 {
                Some(at.number()?)
            } else {
                None
            };
            let resource_type = service.nth_type(form / 4)?;
            Some(ActionResource {
                resource_type,
                required: form & 1 != 0,
                keys,
            })
        })
    }

    /// The condition keys listed for the action as a whole.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.service.key_set(self.keys)
    }

    /// Whether a condition key is listed for the action, for it on one of its resource types, or for
    /// one of these types. A key that is not may still be in the request: global keys are, and keys
    /// that the service gives to all its actions.
    #[must_use]
    pub fn lists_condition_key(self, name: &str) -> bool {
        let means = |key: ConditionKey| key.covers(name);
        self.condition_keys().any(means)
            || self.resources().any(|resource| {
                resource.condition_keys().any(means)
                    || resource.resource_type.condition_keys().any(means)
            })
    }

    /// The actions (with prefix) that a caller also needs for this one to succeed, as far as the
    /// source knows.
    pub fn dependent_actions(self) -> impl Iterator<Item = Text> {
        self.service.texts(self.dependents)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix, self.name)
    }
}

/// A resource type on which an action is authorised.
#[derive(Debug, Clone, Copy)]
pub struct ActionResource {
    resource_type: ResourceType,
    required: bool,
    keys: Option<usize>,
}

impl ActionResource {
    /// The resource type.
    #[must_use]
    pub const fn resource_type(self) -> ResourceType {
        self.resource_type
    }

    /// Whether the action always touches a resource of the type, so that a policy must name it. Where
    /// one of several types will do (a bucket or an access point), none of them is required.
    #[must_use]
    pub const fn is_required(self) -> bool {
        self.required
    }

    /// The condition keys listed for the action on this type.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.resource_type.service.key_set(self.keys)
    }
}

/// A resource type, such as `training-job` of `sagemaker`.
#[derive(Debug, Clone, Copy)]
pub struct ResourceType {
    service: Service,
    name: Text,
    arns: (usize, Reader),
    keys: usize,
}

impl ResourceType {
    /// The service it belongs to.
    #[must_use]
    pub const fn service(self) -> Service {
        self.service
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> Text {
        self.name
    }

    /// Its ARN formats with placeholders (mostly one):
    /// `arn:${Partition}:sagemaker:${Region}:${Account}:training-job/${TrainingJobName}`.
    pub fn arns(self) -> impl Iterator<Item = Text> {
        self.service.texts(self.arns)
    }

    /// The condition keys listed for the type.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey> {
        self.service.key_set(Some(self.keys))
    }
}
