//! What was submitted, as it is written.

use std::fmt;

use crate::event;
use crate::file::add_terms;
use crate::{Done, Error, Event, Limits, Position, Submission};

/// The records of many submissions, one behind the other.
#[derive(Default)]
pub(crate) struct Batch {
    json: Vec<u8>,
    terms: Vec<u32>,
    records: Vec<Ends>,
    /// Who waits, and for how many of the records.
    waiting: Vec<(usize, Done)>,
}

/// Where a record ends that begins where the one before it ends.
#[derive(Debug, Clone, Copy)]
struct Ends {
    json: usize,
    terms: usize,
    time: i64,
}

/// A record of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoded<'a> {
    pub(crate) json: &'a [u8],
    /// The second in which it happened.
    pub(crate) time: i64,
    /// What it can be looked up by.
    pub(crate) terms: &'a [u32],
}

/// What a record takes, mostly.
const RECORD_BYTES: usize = 2048;
const RECORD_TERMS: usize = 12;

impl Batch {
    /// Each event as it is written, within the limits. Whoever submitted what cannot be written is told at once.
    pub(crate) fn of(submissions: Vec<Submission>) -> Batch {
        let count = submissions.iter().map(|it| it.events.len()).sum();
        let mut batch = Batch {
            json: Vec::with_capacity(RECORD_BYTES.saturating_mul(count)),
            terms: Vec::with_capacity(RECORD_TERMS.saturating_mul(count)),
            records: Vec::with_capacity(count),
            waiting: Vec::with_capacity(submissions.len()),
        };
        for Submission { events, done } in submissions {
            let begin = batch.records.len();
            match events.into_iter().try_for_each(|event| batch.push(event)) {
                Ok(()) => batch.waiting.push((batch.records.len() - begin, done)),
                Err(error) => {
                    batch.truncate(begin);
                    done(Err(Error::Malformed {
                        reason: error.to_string(),
                    }));
                }
            }
        }
        batch
    }

    fn push(&mut self, mut event: Event) -> serde_json::Result<()> {
        let limits = Limits::default();
        limits.apply_to_texts(&mut event);
        let begin = self.json.len();
        event::write(&event, &mut self.json)?;
        if self.json.len() - begin > limits.smallest_element() {
            limits.apply_to_elements(&mut event);
            self.json.truncate(begin);
            event::write(&event, &mut self.json)?;
        }
        add_terms(&event, &mut self.terms);
        self.records.push(Ends {
            json: self.json.len(),
            terms: self.terms.len(),
            time: event.event_time.as_second(),
        });
        Ok(())
    }

    /// Keeps the first records only.
    fn truncate(&mut self, count: usize) {
        self.records.truncate(count);
        let last = self.records.last();
        self.json.truncate(last.map_or(0, |last| last.json));
        self.terms.truncate(last.map_or(0, |last| last.terms));
    }

    /// The number of its records.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether nobody waits for it.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = Encoded<'_>> {
        let mut begin = (0, 0);
        self.records.iter().map(move |ends| {
            let (json, terms) = begin;
            begin = (ends.json, ends.terms);
            Encoded {
                json: self.json.get(json..ends.json).unwrap_or_default(),
                time: ends.time,
                terms: self.terms.get(terms..ends.terms).unwrap_or_default(),
            }
        })
    }

    /// Tells everybody who waits what came of it. The first record follows the one at `before`, if they are in the log.
    pub(crate) fn tell(self, before: Position, result: &Result<(), Error>) {
        let mut last = before;
        for (count, done) in self.waiting {
            last = Position(last.0.saturating_add(count as u64));
            done(result.clone().map(|()| last));
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("records", &self.records.len())
            .finish_non_exhaustive()
    }
}
