//! A kind of request that breaks isolation, as certificates have it: of which the checker makes the formula itself.

use super::breach::{Breach, More};
use crate::tenancy::{Mark, Part, Template};
use serde_json::{Value, json};

impl Breach<'_> {
    /// Who the tenants are, what is whose, and what the request does; `None` where it is narrower than what is asked.
    pub(super) fn described(&self) -> Option<Value> {
        let identity = self.tenancy.identity.iter();
        let links = self.tenancy.links.iter().map(|link| &link.keys);
        let shared = self.tenancy.shared.iter().map(|shared| mark(&shared.by));
        self.pins.is_empty().then(|| {
            json!({
                "identity": identity.map(|key| json!({"name": key.name, "key": key.key})).collect::<Vec<_>>(),
                "links": links.collect::<Vec<_>>(),
                "shared": shared.collect::<Vec<_>>(),
                "actions": self.actions,
                "theirs": self.theirs.iter().map(mark).collect::<Vec<_>>(),
                "more": self.more.iter().map(more).collect::<Vec<_>>(),
            })
        })
    }
}

fn mark(mark: &Mark) -> Value {
    match mark {
        Mark::Resource(own) => json!({"resource": template(own)}),
        Mark::Key { key, value } => json!({"key": {"key": key, "value": template(value)}}),
        Mark::Tag {
            key, value, except, ..
        } => {
            let except: Vec<Value> = except.iter().map(template).collect();
            json!({"tag": {"key": key, "value": template(value), "except": except}})
        }
    }
}

fn template(template: &Template) -> Value {
    let part = |part: &Part| match part {
        Part::Literal(text) => json!({"text": text}),
        Part::AnyRun => json!("run"),
        Part::AnyName => json!("name"),
        Part::AnyOne => json!("one"),
        Part::Owner(number) => json!({"owner": number}),
    };
    template.parts.iter().map(part).collect()
}

fn more(more: &More) -> Value {
    match more {
        More::Absent(key) => json!({"absent": key}),
        More::Present(key) => json!({"present": key}),
        More::Lists(key, value) => json!({"lists": [key, value]}),
        More::Differs(key, other) => json!({"differs": [key, other]}),
        More::Person => json!("person"),
        More::NotRole(arns) => json!({"not-role": arns}),
        More::NotResource(arns) => json!({"not-resource": arns}),
        More::Resource(arns) => json!({"resource": arns}),
    }
}
