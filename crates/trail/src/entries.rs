//! Events as they are written.

use std::borrow::Cow;
use std::cell::RefCell;

use crate::event;
use crate::file::add_terms;
use crate::{Draft, Error, Event, Limits, Position, Submission};

/// Events that belong together, written one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    json: Vec<u8>,
    terms: Vec<u32>,
    ends: Vec<Ends>,
}

/// Where an entry ends that begins where the one before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    json: usize,
    terms: usize,
    time: i64,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) json: &'a [u8],
    /// The second in which it happened.
    pub(crate) time: i64,
    /// What it can be looked up by.
    pub(crate) terms: &'a [u32],
}

/// What an event takes, mostly.
const BYTES: usize = 2048;
const TERMS: usize = 12;

/// Buffers that a thread keeps for its next entries, and up to which size: allocators have those of this size
/// wait for each other.
const SPARE: usize = 32;
const SPARE_BYTES: usize = 4 * BYTES;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

impl Drop for Entries {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.json);
        if (1..=SPARE_BYTES).contains(&buffer.capacity()) {
            // A thread that is ending keeps none.
            let _ending = BUFFERS.try_with(|spare| {
                let mut spare = spare.borrow_mut();
                if spare.len() < SPARE {
                    buffer.clear();
                    spare.push(buffer);
                }
            });
        }
    }
}

impl Entries {
    /// Writes an event behind the others, brought within the [`Limits`].
    ///
    /// # Errors
    /// When it cannot be written as JSON; nothing is left of it then.
    pub fn push(&mut self, draft: &Draft<'_>) -> Result<(), Error> {
        let limits = Limits::default();
        let identity = match draft.user_identity.json() {
            // What was written is within the limits.
            Some(_) => Cow::Borrowed(draft.user_identity),
            None => Cow::Owned(draft.user_identity.clone().written()),
        };
        let draft = Draft {
            user_identity: &identity,
            resources: &limits.cut_resources(draft.resources),
            ..*draft
        };
        if self.json.capacity() == 0 {
            let spare = BUFFERS.try_with(|spare| spare.borrow_mut().pop());
            self.json = spare.ok().flatten().unwrap_or_default();
        }
        let begin = self.json.len();
        self.json.reserve(BYTES);
        event::write(&draft, &limits, &mut self.json).inspect_err(|_| self.json.truncate(begin))?;
        self.terms.reserve(TERMS);
        add_terms(&draft, &limits, &mut self.terms);
        self.ends.push(Ends {
            json: self.json.len(),
            terms: self.terms.len(),
            time: draft.event_time.as_second(),
        });
        Ok(())
    }

    /// Puts others behind these.
    pub fn append(&mut self, others: Entries) {
        if self.is_empty() {
            *self = others;
            return;
        }
        let (json, terms) = (self.json.len(), self.terms.len());
        self.json.extend_from_slice(&others.json);
        self.terms.extend_from_slice(&others.terms);
        self.ends.extend(others.ends.iter().map(|ends| Ends {
            json: json + ends.json,
            terms: terms + ends.terms,
            time: ends.time,
        }));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut begin = (0, 0);
        self.ends.iter().map(move |ends| {
            let (json, terms) = begin;
            begin = (ends.json, ends.terms);
            Entry {
                json: self.json.get(json..ends.json).unwrap_or_default(),
                time: ends.time,
                terms: self.terms.get(terms..ends.terms).unwrap_or_default(),
            }
        })
    }
}

impl TryFrom<Vec<Event>> for Entries {
    type Error = Error;

    fn try_from(events: Vec<Event>) -> Result<Entries, Error> {
        let mut entries = Entries::default();
        for event in &events {
            entries.push(&Draft::from(event))?;
        }
        Ok(entries)
    }
}

/// The entries of all submissions, in order.
pub(crate) fn all(submissions: &[Submission]) -> impl Iterator<Item = Entry<'_>> {
    submissions.iter().flat_map(|it| it.entries.iter())
}

/// Tells everybody who submitted what came of it. The first entry follows the record at `before`, if they
/// are in the log.
pub(crate) fn tell(submissions: Vec<Submission>, before: Position, result: &Result<(), Error>) {
    let mut last = before;
    for Submission { entries, done } in submissions {
        last = Position(last.0.saturating_add(entries.len() as u64));
        done(result.clone().map(|()| last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EVENT_VERSION;
    use serde_json::json;

    fn entries(names: &[&str]) -> Entries {
        let event = |name: &&str| {
            let least = json!({"eventVersion": EVENT_VERSION, "userIdentity": {"type": "Unknown"},
                "eventTime": "2025-07-01T10:05:00Z", "eventSource": "s3.amazonaws.com", "eventName": name,
                "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.1", "eventID": "e",
                "eventType": "AwsApiCall", "eventCategory": "Management"});
            serde_json::from_value::<Event>(least).unwrap()
        };
        let events: Vec<Event> = names.iter().map(event).collect();
        events.try_into().unwrap()
    }

    #[test]
    fn what_is_put_behind_others_is_as_if_pushed_there() {
        let all = entries(&["A", "B", "C"]);
        for (first, second) in [
            (&["A"][..], &["B", "C"][..]),
            (&["A", "B", "C"], &[]),
            (&[], &["A", "B", "C"]),
        ] {
            let mut joined = entries(first);
            joined.append(entries(second));
            assert_eq!(joined, all);
            assert_eq!(joined.len(), 3);
            let names: Vec<_> = joined
                .iter()
                .map(|entry| {
                    serde_json::from_slice::<Event>(entry.json)
                        .unwrap()
                        .event_name
                })
                .collect();
            assert_eq!(names, ["A", "B", "C"]);
        }
    }
}
