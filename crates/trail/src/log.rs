//! The log: what it promises, whatever keeps it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::mpsc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Entries, Error, Event, Page, Query};

/// An append-only log of events.
pub trait Log: Send + Sync {
    /// Appends what is submitted, in order. Much that is submitted at once is written at once.
    ///
    /// Whoever submitted may be told on this thread or another, and must not block.
    fn submit(&self, submissions: Vec<Submission>);

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

/// Events that belong together: all of them will be in the log, next to each other, or none.
pub struct Submission {
    /// In order.
    pub entries: Entries,
    /// Called once they are durable, with the position of the last, or once it is certain that none
    /// of them is in the log.
    pub done: Done,
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submission")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// What a [`Submission`] calls in the end.
pub type Done = Box<dyn FnOnce(Result<Position, Error>) + Send>;

impl dyn Log + '_ {
    /// Appends events and waits until they are durable. Returns the position of the last.
    ///
    /// # Errors
    /// When they could not be made durable; none of them is in the log then.
    pub fn append<E: TryInto<Entries>>(&self, events: E) -> Result<Position, Error>
    where
        Error: From<E::Error>,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let submission = Submission {
            entries: events.try_into()?,
            done: Box::new(move |result| drop(sender.send(result))),
        };
        self.submit(vec![submission]);
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
