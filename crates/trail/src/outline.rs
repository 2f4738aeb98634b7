//! What selectors ask of an event, read without the rest of it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;

use crate::Category;
use crate::event::seconds;

/// The members of an [`Event`](crate::Event) that trails select by. Borrows from the JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each member is the event's of the same name")]
pub struct Outline<'a> {
    #[serde(borrow)]
    pub user_identity: OutlineIdentity<'a>,
    #[serde(with = "seconds")]
    pub event_time: Timestamp,
    #[serde(borrow)]
    pub event_source: Cow<'a, str>,
    #[serde(borrow)]
    pub event_name: Cow<'a, str>,
    #[serde(borrow)]
    pub aws_region: Cow<'a, str>,
    #[serde(borrow, default)]
    pub error_code: Option<Cow<'a, str>>,
    #[serde(default)]
    pub read_only: bool,
    #[serde(borrow, default)]
    pub resources: Vec<OutlineResource<'a>>,
    #[serde(borrow)]
    pub event_type: Cow<'a, str>,
    #[serde(borrow, default)]
    pub recipient_account_id: Cow<'a, str>,
    pub event_category: Category,
}

/// Who called, as selectors know it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each member is the event's of the same name")]
pub struct OutlineIdentity<'a> {
    #[serde(borrow, default)]
    pub arn: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub invoked_by: Option<Cow<'a, str>>,
}

/// Something that a call touched, as selectors know it.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member is the event's of the same name")]
pub struct OutlineResource<'a> {
    #[serde(borrow, rename = "type", default)]
    pub kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ARN", default)]
    pub arn: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ARNPrefix", default)]
    pub arn_prefix: Option<Cow<'a, str>>,
}

impl OutlineResource<'_> {
    /// Its ARN, or what the ARNs of all that were touched begin with.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.arn.as_deref().or(self.arn_prefix.as_deref());
        name.unwrap_or_default()
    }
}
