//! Writes the tables in the form that `catalog::Tables` reads; its documentation describes the
//! form.

use std::collections::BTreeMap;

use super::model::{Action, Data, KeySet, Resource, Service};
use super::words::Words;
use crate::Result;

/// What every blob of this format begins with.
const MAGIC: &[u8; 8] = b"PALIAM\0\x01";

/// Serialises the data.
pub(super) fn write(data: &Data) -> Result<Vec<u8>> {
    let writer = Writer {
        words: Words::collect(names(data)),
        keys: data.keys.keys().cloned().zip(0..).collect(),
        key_sets: Ranked::of(key_sets(data)),
    };
    let (word_ends, words) = writer.word_sections()?;
    let (key_offsets, keys, patterns) = writer.key_sections(data)?;
    let (key_set_offsets, key_sets) = writer.key_set_sections()?;
    let (service_offsets, services) = writer.service_sections(data)?;
    let mut blob = MAGIC.to_vec();
    for section in [
        word_ends,
        words,
        key_offsets,
        keys,
        patterns,
        key_set_offsets,
        key_sets,
        service_offsets,
        services,
    ] {
        blob.extend(u32::try_from(section.len())?.to_le_bytes());
        blob.extend(section);
    }
    Ok(blob)
}

/// Every name that is stored in words.
fn names(data: &Data) -> impl Iterator<Item = &str> {
    let of_services = data.services.values().flat_map(|service| {
        let types = service.types.values();
        let types = types.flat_map(|t| t.arns.iter().chain([&t.name]));
        let actions = service.actions.values();
        types.chain(actions.flat_map(|action| action.dependents.iter().chain([&action.name])))
    });
    data.keys
        .values()
        .map(|key| &key.name)
        .chain(of_services)
        .map(String::as_str)
}

/// Every use of a set of condition keys.
fn key_sets(data: &Data) -> impl Iterator<Item = &KeySet> {
    data.services.values().flat_map(|service| {
        let types = service
            .types
            .values()
            .map(|resource_type| &resource_type.keys);
        let actions = service.actions.values().flat_map(|action| {
            let resources = action.resources.iter().map(|resource| &resource.keys);
            resources
                .chain([&action.keys])
                .filter(|keys| !keys.is_empty())
        });
        types.chain(actions).chain([&service.keys])
    })
}

/// Things numbered so that the most frequent have the smallest numbers.
struct Ranked<T> {
    order: Vec<T>,
    numbers: BTreeMap<T, usize>,
}

impl<T: Ord + Clone> Ranked<T> {
    fn of<'a>(things: impl Iterator<Item = &'a T>) -> Self
    where
        T: 'a,
    {
        let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
        for thing in things {
            *counts.entry(thing).or_default() += 1;
        }
        let mut sorted: Vec<(&T, usize)> = counts.into_iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let order: Vec<T> = sorted.into_iter().map(|(thing, _)| thing.clone()).collect();
        let numbers = order.iter().cloned().zip(0..).collect();
        Self { order, numbers }
    }

    fn number(&self, thing: &T) -> Result<usize> {
        Ok(self
            .numbers
            .get(thing)
            .copied()
            .ok_or("a thing that was not counted")?)
    }
}

struct Writer {
    words: Words,
    /// Numbers of the condition keys, by lower-case name.
    keys: BTreeMap<String, usize>,
    key_sets: Ranked<KeySet>,
}

impl Writer {
    fn word_sections(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut ends, mut text) = (Vec::new(), Vec::new());
        for word in self.words.order() {
            text.extend(word.bytes());
            push_u16(&mut ends, text.len())?;
        }
        Ok((ends, text))
    }

    fn key_sections(&self, data: &Data) -> Result<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        let (mut offsets, mut keys, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (number, key) in data.keys.values().enumerate() {
            push_u16(&mut offsets, keys.len())?;
            keys.push(key.key_type | u8::from(key.multivalued) << 4);
            self.push_text(&mut keys, &key.name)?;
            if key.name.contains("${") {
                push_u16(&mut patterns, number)?;
            }
        }
        Ok((offsets, keys, patterns))
    }

    fn key_set_sections(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut offsets, mut sets) = (Vec::new(), Vec::new());
        for set in &self.key_sets.order {
            push_u16(&mut offsets, sets.len())?;
            push_number(&mut sets, set.len())?;
            for key in set {
                let number = self
                    .keys
                    .get(key)
                    .ok_or_else(|| format!("unknown key `{key}`"))?;
                push_number(&mut sets, *number)?;
            }
        }
        Ok((offsets, sets))
    }

    fn service_sections(&self, data: &Data) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut offsets, mut services) = (Vec::new(), Vec::new());
        for (prefix, service) in &data.services {
            offsets.extend(u32::try_from(services.len())?.to_le_bytes());
            push_number(&mut services, prefix.len())?;
            services.extend(prefix.bytes());
            services.push(u8::from(service.rcp));
            push_number(&mut services, self.key_sets.number(&service.keys)?)?;
            let body = self
                .service_body(service)
                .map_err(|error| format!("`{prefix}`: {error}"))?;
            services.extend(body);
        }
        Ok((offsets, services))
    }

    fn service_body(&self, service: &Service) -> Result<Vec<u8>> {
        let lists = service.actions.values().map(|action| &action.resources);
        let lists: Ranked<Vec<Resource>> = Ranked::of(lists.filter(|list| !list.is_empty()));
        let (mut offsets, mut body) = (Vec::new(), Vec::new());
        for resource_type in service.types.values() {
            push_u16(&mut offsets, body.len())?;
            self.push_text(&mut body, &resource_type.name)?;
            push_number(&mut body, resource_type.arns.len())?;
            for arn in &resource_type.arns {
                self.push_text(&mut body, arn)?;
            }
            push_number(&mut body, self.key_sets.number(&resource_type.keys)?)?;
        }
        for list in &lists.order {
            push_u16(&mut offsets, body.len())?;
            self.push_list(&mut body, service, list)?;
        }
        for action in service.actions.values() {
            push_u16(&mut offsets, body.len())?;
            self.push_action(&mut body, action, &lists)?;
        }
        let mut bytes = Vec::new();
        for count in [
            service.types.len(),
            lists.order.len(),
            service.actions.len(),
        ] {
            push_number(&mut bytes, count)?;
        }
        bytes.extend(offsets);
        bytes.extend(body);
        Ok(bytes)
    }

    fn push_list(&self, to: &mut Vec<u8>, service: &Service, list: &[Resource]) -> Result {
        push_number(to, list.len())?;
        for Resource {
            name,
            required,
            keys,
        } in list
        {
            let number = service.types.keys().position(|known| known == name);
            let number = number.ok_or_else(|| format!("unknown type `{name}`"))?;
            push_number(
                to,
                number * 4 + usize::from(!keys.is_empty()) * 2 + usize::from(*required),
            )?;
            if !keys.is_empty() {
                push_number(to, self.key_sets.number(keys)?)?;
            }
        }
        Ok(())
    }

    fn push_action(
        &self,
        to: &mut Vec<u8>,
        action: &Action,
        lists: &Ranked<Vec<Resource>>,
    ) -> Result {
        let Action {
            name,
            level,
            keys,
            resources,
            dependents,
        } = action;
        self.push_text(to, name)?;
        let has = |list_is_empty: bool, bit: u8| if list_is_empty { 0 } else { bit };
        to.push(
            level
                | has(keys.is_empty(), 8)
                | has(resources.is_empty(), 16)
                | has(dependents.is_empty(), 32),
        );
        if !keys.is_empty() {
            push_number(to, self.key_sets.number(keys)?)?;
        }
        if !resources.is_empty() {
            push_number(to, lists.number(resources)?)?;
        }
        if !dependents.is_empty() {
            push_number(to, dependents.len())?;
            for dependent in dependents {
                self.push_text(to, dependent)?;
            }
        }
        Ok(())
    }

    fn push_text(&self, to: &mut Vec<u8>, text: &str) -> Result {
        let codes = self.words.encode(text)?;
        push_number(to, codes.len())?;
        to.extend(codes);
        Ok(())
    }
}

fn push_u16(to: &mut Vec<u8>, number: usize) -> Result {
    let number = u16::try_from(number).map_err(|_| "a section outgrew 16-bit offsets")?;
    to.extend(number.to_le_bytes());
    Ok(())
}

/// Seven-bit groups, lowest first, the top bit meaning that more follow.
fn push_number(to: &mut Vec<u8>, mut number: usize) -> Result {
    if number >= 1 << 21 {
        return Err(format!("{number} is more than the tables can hold").into());
    }
    while number >= 0x80 {
        to.push(u8::try_from(number & 0x7f)? | 0x80);
        number >>= 7;
    }
    to.push(u8::try_from(number)?);
    Ok(())
}
