//! Looking events up, as `LookupEvents` does (CloudTrail API Reference).

use std::ops::ControlFlow;

use jiff::Timestamp;
use memchr::memmem::Finder;

use crate::{Category, Event, Position, Record};

/// Which events, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The account that received them.
    pub account: String,
    /// Only those of this region.
    pub region: Option<String>,
    /// Only those with every one of these attributes. AWS takes at most one.
    pub attributes: Vec<Attribute>,
    /// Only those at or after this time.
    pub start: Option<Timestamp>,
    /// Only those at or before this time.
    pub end: Option<Timestamp>,
    /// Only those of this category; `None` for all. AWS finds management events only.
    pub category: Option<Category>,
    /// Only those before this position: a [`Page::next`].
    pub before: Option<Position>,
    /// How many at most. AWS gives up to 50.
    pub max: usize,
}

/// What an event is looked up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// Its `eventID`.
    EventId(String),
    /// Its `eventName`.
    EventName(String),
    /// Its `readOnly`.
    ReadOnly(bool),
    /// Its [`Event::username`].
    Username(String),
    /// The type of one of its resources.
    ResourceType(String),
    /// One of its [`Event::resource_names`].
    ResourceName(String),
    /// Its `eventSource`.
    EventSource(String),
    /// The key that signed the request.
    AccessKeyId(String),
}

/// What a look-up gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The events, newest first.
    pub records: Vec<Record>,
    /// Where the next page begins, for [`Query::before`]; `None` after the last. A page may hold
    /// fewer events than asked for, even none, and still have a next one: a look-up reads only so
    /// much at a time.
    pub next: Option<Position>,
}

impl Query {
    /// The 50 newest management events of `account`.
    pub fn new(account: &str) -> Query {
        Query {
            account: account.to_owned(),
            region: None,
            attributes: Vec::new(),
            start: None,
            end: None,
            category: Some(Category::Management),
            before: None,
            max: 50,
        }
    }

    /// The query narrowed by one more attribute.
    #[must_use]
    pub fn with(mut self, attribute: Attribute) -> Query {
        self.attributes.push(attribute);
        self
    }

    /// Whether the event is looked for, wherever it lies.
    pub fn admits(&self, event: &Event) -> bool {
        // Events are kept to the second, so an end within a second admits all of it.
        let second = event.event_time.as_second();
        event.recipient_account_id == self.account
            && self
                .region
                .as_ref()
                .is_none_or(|region| *region == event.aws_region)
            && self
                .category
                .is_none_or(|category| category == event.event_category)
            && self.start.is_none_or(|start| start.as_second() <= second)
            && self.end.is_none_or(|end| second <= end.as_second())
            && self
                .attributes
                .iter()
                .all(|attribute| attribute.matches(event))
    }
}

impl Attribute {
    fn matches(&self, event: &Event) -> bool {
        let identity = &event.user_identity;
        match self {
            Attribute::EventId(id) => event.event_id == *id,
            Attribute::EventName(name) => event.event_name == *name,
            Attribute::ReadOnly(read_only) => event.read_only == *read_only,
            Attribute::Username(name) => event.username() == Some(name),
            Attribute::ResourceType(kind) => event
                .resources
                .iter()
                .any(|resource| resource.kind.as_deref() == Some(kind.as_str())),
            Attribute::ResourceName(name) => event.resource_names().any(|found| found == name),
            Attribute::EventSource(source) => event.event_source == *source,
            Attribute::AccessKeyId(key) => identity.access_key_id.as_ref() == Some(key),
        }
    }

    /// Its name in the API, and what it must be.
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            Attribute::EventId(text) => ("EventId", text),
            Attribute::EventName(text) => ("EventName", text),
            Attribute::ReadOnly(true) => ("ReadOnly", "true"),
            Attribute::ReadOnly(false) => ("ReadOnly", "false"),
            Attribute::Username(text) => ("Username", text),
            Attribute::ResourceType(text) => ("ResourceType", text),
            Attribute::ResourceName(text) => ("ResourceName", text),
            Attribute::EventSource(text) => ("EventSource", text),
            Attribute::AccessKeyId(text) => ("AccessKeyId", text),
        }
    }

    /// Text that the JSON of every matching event contains.
    fn trace(&self) -> Option<String> {
        match self {
            Attribute::ReadOnly(read_only) => Some(format!("\"readOnly\":{read_only}")),
            // The root user's name stands in no record.
            Attribute::Username(name) if name == "root" => None,
            Attribute::EventId(text)
            | Attribute::EventName(text)
            | Attribute::Username(text)
            | Attribute::ResourceType(text)
            | Attribute::ResourceName(text)
            | Attribute::EventSource(text)
            | Attribute::AccessKeyId(text) => inner_json(text),
        }
    }
}

/// A text as it stands inside a JSON string.
fn inner_json(text: &str) -> Option<String> {
    let quoted = serde_json::to_string(text).ok()?;
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// A look-up under way. Most records are dismissed for lacking a text that a match would contain,
/// without being parsed.
pub(crate) struct Search<'q> {
    query: &'q Query,
    traces: Vec<Finder<'static>>,
    page: Page,
}

impl<'q> Search<'q> {
    pub(crate) fn new(query: &'q Query) -> Search<'q> {
        let account = inner_json(&query.account);
        let traces = account
            .into_iter()
            .chain(query.attributes.iter().filter_map(Attribute::trace));
        let traces = traces
            .map(|trace| Finder::new(trace.as_bytes()).into_owned())
            .collect();
        Search {
            query,
            traces,
            page: Page::default(),
        }
    }

    /// Takes the next older record. Breaks when the page is complete.
    pub(crate) fn offer(
        &mut self,
        position: Position,
        json: &[u8],
    ) -> Result<ControlFlow<()>, serde_json::Error> {
        if self.query.before.is_some_and(|before| position >= before)
            || self.traces.iter().any(|trace| trace.find(json).is_none())
        {
            return Ok(ControlFlow::Continue(()));
        }
        let event: Event = serde_json::from_slice(json)?;
        if self.query.admits(&event) {
            if self.page.records.len() >= self.query.max {
                self.page.next = self.page.records.last().map(|record| record.position);
                return Ok(ControlFlow::Break(()));
            }
            self.page.records.push(Record { position, event });
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Gives up for now; the next page begins before `position`.
    pub(crate) fn pause(&mut self, position: Position) {
        self.page.next = Some(position);
    }

    pub(crate) fn finish(self) -> Page {
        self.page
    }
}
