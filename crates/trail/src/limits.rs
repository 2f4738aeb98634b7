//! How large the members of a record may be (CloudTrail User Guide, "CloudTrail record contents").

use std::borrow::Cow;

use crate::{Resource, UserIdentity};

/// What ends a text that was cut.
pub const TRUNCATED: &str = "...[truncated]";

/// The sizes of members in bytes of their JSON. A text that is too long is cut and ends with [`TRUNCATED`];
/// an element that is too large is replaced by a note with its size, so that a reader sees that, and how
/// much, is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Each single text: user agent, error code, error message, request id and the like.
    pub text: usize,
    /// `requestParameters`, `responseElements` and `serviceEventDetails`, each.
    pub elements: usize,
    /// `additionalEventData`.
    pub additional: usize,
    /// The number of resources.
    pub resources: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text: 1024,
            elements: 100 * 1024,
            additional: 28 * 1024,
            resources: 256,
        }
    }
}

impl Limits {
    /// A text as far as it goes: one that is too long is cut and ends with [`TRUNCATED`].
    pub(crate) fn cut<'t>(&self, text: &'t str) -> Cow<'t, str> {
        cut(text, self.text)
    }

    /// The same for ARNs and hosts, which may be twice as long.
    pub(crate) fn cut_long<'t>(&self, text: &'t str) -> Cow<'t, str> {
        cut(text, self.text.saturating_mul(2))
    }

    /// As many resources as a record lists, each as far as it goes.
    pub(crate) fn cut_resources<'r>(
        &self,
        resources: &'r [Resource<'r>],
    ) -> Cow<'r, [Resource<'r>]> {
        let is_long = |it: &Resource<'_>| {
            let arn = it.arn.as_deref();
            arn.is_some_and(|arn| matches!(self.cut_long(arn), Cow::Owned(_)))
        };
        if resources.len() <= self.resources && !resources.iter().any(is_long) {
            return Cow::Borrowed(resources);
        }
        let mut few: Vec<_> = resources.iter().take(self.resources).cloned().collect();
        for resource in &mut few {
            if let Some(Cow::Owned(short)) = resource.arn.as_deref().map(|arn| self.cut_long(arn)) {
                resource.arn = Some(Cow::Owned(short));
            }
        }
        Cow::Owned(few)
    }

    pub(crate) fn apply_to_identity(&self, id: &mut UserIdentity) {
        let session = id.session_context.as_mut();
        let texts = [
            id.access_key_id.as_mut(),
            id.principal_id.as_mut(),
            id.user_name.as_mut(),
            session.and_then(|session| session.source_identity.as_mut()),
        ];
        for text in texts.into_iter().flatten() {
            if let Cow::Owned(short) = self.cut(text) {
                *text = short;
            }
        }
    }
}

fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(limit.saturating_sub(TRUNCATED.len()));
    let kept = text.get(..end).unwrap_or_default();
    Cow::Owned([kept, TRUNCATED].concat())
}
