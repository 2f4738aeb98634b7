//! The log: what it promises, whatever keeps it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::mpsc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event;
use crate::file::terms_of;
use crate::{Error, Event, Limits, Page, Query};

/// An append-only log of events.
pub trait Log: Send + Sync {
    /// Appends `events`, in order and next to each other, and calls `done` once they are durable,
    /// with the position of the last, or once it is certain that none of them is in the log.
    ///
    /// `done` may run on this thread or another, and must not block. Events are brought within the
    /// [`Limits`] first.
    fn submit(&self, events: Vec<Event>, done: Done);

    /// Whether appending waits for more than memory and the operating system, such as a disk.
    fn waits(&self) -> bool {
        false
    }

    /// Looks events up, newest first. Sees what is durable.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn lookup(&self, query: &Query) -> Result<Page, Error>;

    /// Shows the JSON of the records behind `after` to `visit`, oldest first, until it breaks: how
    /// events are delivered elsewhere. Sees what was durable at the beginning.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn follow(&self, after: Position, visit: &mut Visit<'_>) -> Result<(), Error>;

    /// Up to `max` records from `first` on, oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn read(&self, first: Position, max: usize) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        let mut unreadable = None;
        let after = Position(first.0.saturating_sub(1));
        self.follow(after, &mut |position, json| {
            if records.len() >= max {
                return ControlFlow::Break(());
            }
            match serde_json::from_slice(json) {
                Ok(event) => records.push(Record { position, event }),
                Err(error) => {
                    let reason = format!("record {position}: {error}");
                    unreadable = Some(Error::Malformed { reason });
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        unreadable.map_or(Ok(records), Err)
    }

    /// Forgets the oldest records, as far as each was written before `older` and no later than at
    /// `delivered`. A log may keep more than it has to. Returns how many it forgot.
    ///
    /// # Errors
    /// When the log cannot be changed.
    fn forget(&self, older: Timestamp, delivered: Position) -> Result<u64, Error>;

    /// The latest durable record.
    fn head(&self) -> Head;
}

/// What [`Log::follow`] shows records to.
pub type Visit<'v> = dyn FnMut(Position, &[u8]) -> ControlFlow<()> + 'v;

/// What [`Log::submit`] calls in the end.
pub type Done = Box<dyn FnOnce(Result<Position, Error>) + Send>;

impl dyn Log + '_ {
    /// Appends `events` and waits until they are durable. Returns the position of the last.
    ///
    /// # Errors
    /// When they could not be made durable; none of them is in the log then.
    pub fn append(&self, events: Vec<Event>) -> Result<Position, Error> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.submit(events, Box::new(move |result| drop(sender.send(result))));
        receiver.recv().unwrap_or(Err(Error::Closed))
    }
}

/// The number of a record, counted from 1 over the log's life; 0 stands before the first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    pub(crate) fn next(self) -> Position {
        Position(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point of the hash chain: who keeps it elsewhere can later show that the log up to there is
/// unaltered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The position of the record.
    pub position: Position,
    /// The hash over the record and its predecessor's hash: SHA-256. All zero before the first.
    pub hash: [u8; 32],
}

/// An event in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where.
    pub position: Position,
    /// What.
    pub event: Event,
}

/// An event as it is written.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) json: Vec<u8>,
    /// The second in which it happened.
    pub(crate) time: i64,
    /// What it can be looked up by.
    pub(crate) terms: Vec<u32>,
}

/// Each event as it is written, within the limits.
pub(crate) fn encode(events: Vec<Event>) -> Result<Vec<Encoded>, Error> {
    let limits = Limits::default();
    let malformed = |e: serde_json::Error| Error::Malformed {
        reason: e.to_string(),
    };
    let write = |event: &Event| {
        let mut json = Vec::with_capacity(2048);
        event::write(event, &mut json).map(|()| json)
    };
    let encode = |mut event: Event| {
        limits.apply_to_texts(&mut event);
        let mut json = write(&event).map_err(malformed)?;
        if json.len() > limits.smallest_element() {
            limits.apply_to_elements(&mut event);
            json = write(&event).map_err(malformed)?;
        }
        Ok(Encoded {
            json,
            time: event.event_time.as_second(),
            terms: terms_of(&event),
        })
    };
    events.into_iter().map(encode).collect()
}
