//! What the data set says, read strictly: anything unknown stops the generator, so that a new form
//! is seen by a person before it is embedded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::Result;

/// The access levels that the tables can hold, by number.
pub(super) const LEVELS: [&str; 5] = ["List", "Read", "Write", "Tagging", "Permissions management"];

/// The types of condition keys that the tables can hold, by number.
pub(super) const TYPES: [&str; 7] = [
    "String",
    "ARN",
    "Numeric",
    "Bool",
    "Date",
    "IPAddress",
    "Binary",
];

/// Everything that goes into the tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    /// The day of the data, `YYYY-MM-DD`.
    pub(super) date: String,
    /// By prefix.
    pub(super) services: BTreeMap<String, Service>,
    /// Every condition key, by lower-case name.
    pub(super) keys: BTreeMap<String, Key>,
}

/// A condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: String,
    /// Its place in `TYPES`.
    pub(super) key_type: u8,
    pub(super) multivalued: bool,
}

/// Lower-case names of condition keys.
pub(super) type KeySet = BTreeSet<String>;

#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    pub(super) rcp: bool,
    pub(super) keys: KeySet,
    /// By lower-case name.
    pub(super) types: BTreeMap<String, ResourceType>,
    /// By lower-case name.
    pub(super) actions: BTreeMap<String, Action>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ResourceType {
    pub(super) name: String,
    pub(super) arns: Vec<String>,
    pub(super) keys: KeySet,
}

#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) name: String,
    /// Its place in `LEVELS`.
    pub(super) level: u8,
    pub(super) keys: KeySet,
    pub(super) resources: Vec<Resource>,
    pub(super) dependents: Vec<String>,
}

/// A resource type on an action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    /// Lower-case name of the type.
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) keys: KeySet,
}

impl Data {
    /// Reads the unpacked package.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let root = folder.join("package");
        let manifest = json(&root.join("package.json"))?;
        let date = field(&manifest, "updatedAt")?;
        let mut data = Self {
            date: date.split('T').next().unwrap_or(date).to_owned(),
            ..Self::default()
        };
        let files = root.join("data");
        let rcp = strings(&json(&files.join("rcpSupportedServices.json"))?)?;
        for prefix in strings(&json(&files.join("services.json"))?)? {
            let part = |kind: &str| json(&files.join(kind).join(format!("{prefix}.json")));
            let mut service = Service {
                rcp: rcp.contains(&prefix),
                ..Service::default()
            };
            data.add_keys(&prefix, &part("conditionKeys")?, &mut service)
                .and_then(|()| add_types(&part("resourceTypes")?, &mut service))
                .and_then(|()| add_actions(&part("actions")?, &mut service))
                .and_then(|()| data.check_references(&service))
                .map_err(|error| format!("service `{prefix}`: {error}"))?;
            data.services.insert(prefix, service);
        }
        Ok(data)
    }

    /// The sum of something over all services.
    pub(super) fn count(&self, of: impl Fn(&Service) -> usize) -> usize {
        self.services.values().map(of).sum()
    }

    fn add_keys(&mut self, prefix: &str, listed: &Value, service: &mut Service) -> Result {
        for value in object(listed)?.values() {
            let name = key_name(field(value, "key")?);
            let (key_type, multivalued) = key_type(field(value, "type")?)?;
            let lower = name.to_ascii_lowercase();
            // Services disagree about each other's keys: the one whose key it is knows best.
            let owned = lower
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(':'));
            let key = Key {
                name,
                key_type,
                multivalued,
            };
            if owned || !self.keys.contains_key(&lower) {
                self.keys.insert(lower.clone(), key);
            }
            service.keys.insert(lower);
        }
        Ok(())
    }

    /// Everything that is named must be listed.
    fn check_references(&self, service: &Service) -> Result {
        let on_actions = service.actions.values().flat_map(|action| {
            action
                .resources
                .iter()
                .map(|resource| &resource.keys)
                .chain([&action.keys])
        });
        let on_types = service
            .types
            .values()
            .map(|resource_type| &resource_type.keys);
        for key in on_actions.chain(on_types).flatten() {
            if !self.keys.contains_key(key) {
                return Err(format!("condition key `{key}` is used but not listed").into());
            }
        }
        for action in service.actions.values() {
            for resource in &action.resources {
                if !service.types.contains_key(&resource.name) {
                    let (action, name) = (&action.name, &resource.name);
                    return Err(format!("`{action}` names the unknown type `{name}`").into());
                }
            }
        }
        Ok(())
    }
}

fn add_types(listed: &Value, service: &mut Service) -> Result {
    for value in object(listed)?.values() {
        let name = field(value, "key")?.to_owned();
        // Several formats stand in one string.
        let arns = field(value, "arn")?
            .split(", ")
            .map(str::to_owned)
            .collect();
        let keys = key_set(value)?;
        service
            .types
            .insert(name.to_ascii_lowercase(), ResourceType { name, arns, keys });
    }
    Ok(())
}

fn add_actions(listed: &Value, service: &mut Service) -> Result {
    for value in object(listed)?.values() {
        let name = field(value, "name")?.to_owned();
        let mut resources = Vec::new();
        let mut dependents = strings_of(value, "dependentActions")?;
        for resource in array(value.get("resourceTypes").ok_or("no `resourceTypes`")?)? {
            dependents.extend(strings_of(resource, "dependentActions")?);
            resources.push(Resource {
                name: field(resource, "name")?.to_ascii_lowercase(),
                required: resource
                    .get("required")
                    .and_then(Value::as_bool)
                    .ok_or("no `required`")?,
                keys: key_set(resource)?,
            });
        }
        resources.sort();
        resources.dedup();
        dependents.sort();
        dependents.dedup();
        let level = level(field(value, "accessLevel")?)?;
        let keys = key_set(value)?;
        let action = Action {
            name,
            level,
            keys,
            resources,
            dependents,
        };
        service
            .actions
            .insert(action.name.to_ascii_lowercase(), action);
    }
    Ok(())
}

/// Gives placeholders one form, `${…}`. The source also writes `<key>`, `tag-key`, and for one
/// service nothing at all after the last slash.
fn key_name(name: &str) -> String {
    let name = name.replace('<', "${").replace('>', "}");
    match name.strip_suffix("/tag-key") {
        Some(start) => format!("{start}/${{tag-key}}"),
        None if name == "glacier:ResourceTag/" => format!("{name}${{TagKey}}"),
        None => name,
    }
}

fn key_type(name: &str) -> Result<(u8, bool)> {
    let (single, multivalued) = match name.strip_prefix("ArrayOf") {
        Some(single) => (single, true),
        None => (name, false),
    };
    let number = place(&TYPES, single);
    Ok((
        number.ok_or_else(|| format!("unknown type `{name}` of a condition key"))?,
        multivalued,
    ))
}

/// The source writes `Tagging, Write` where the action writes nothing but tags: the narrower word
/// says more.
fn level(name: &str) -> Result<u8> {
    let narrow = name.strip_suffix(", Write").unwrap_or(name);
    Ok(place(&LEVELS, narrow).ok_or_else(|| format!("unknown access level `{name}`"))?)
}

fn place(names: &[&str], name: &str) -> Option<u8> {
    names
        .iter()
        .zip(0..)
        .find(|(known, _)| **known == name)
        .map(|(_, number)| number)
}

fn json(path: &Path) -> Result<Value> {
    let read = || -> Result<Value> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
    read().map_err(|error| format!("{}: {error}", path.display()).into())
}

fn object(value: &Value) -> Result<&Map<String, Value>> {
    Ok(value
        .as_object()
        .ok_or("not an object where one was expected")?)
}

fn array(value: &Value) -> Result<&[Value]> {
    Ok(value
        .as_array()
        .ok_or("not an array where one was expected")?)
}

fn field<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    let text = value.get(name).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("no text under `{name}`"))?)
}

fn strings(value: &Value) -> Result<Vec<String>> {
    let text = |item: &Value| item.as_str().map(str::to_owned);
    let texts: Option<Vec<String>> = array(value)?.iter().map(text).collect();
    Ok(texts.ok_or("not text where text was expected")?)
}

/// A list of texts that may be left out.
fn strings_of(value: &Value, name: &str) -> Result<Vec<String>> {
    value.get(name).map_or_else(|| Ok(Vec::new()), strings)
}

fn key_set(value: &Value) -> Result<KeySet> {
    let names = strings_of(value, "conditionKeys")?;
    Ok(names
        .iter()
        .map(|name| key_name(name).to_ascii_lowercase())
        .collect())
}
