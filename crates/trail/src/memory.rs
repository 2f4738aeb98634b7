//! A log that forgets everything when it is dropped.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::entries;
use crate::file::chain;
use crate::query::Search;
use crate::{Error, Head, Log, Page, Position, Query, Submission, Visit};

/// How much of the log one look-up reads before it gives what it found so far.
const LOOKUP_BYTES: usize = 32 << 20;

/// A log in memory: for tests, and for platforms that live as long as their process.
///
/// It keeps the newest records, up to a number of bytes; this is the one log that forgets.
#[derive(Debug)]
pub struct MemoryLog {
    max_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    head: Head,
    bytes: usize,
    /// The newest records up to `head`.
    records: VecDeque<Box<[u8]>>,
}

impl Default for MemoryLog {
    /// Keeps 256 MiB.
    fn default() -> MemoryLog {
        MemoryLog::new(256 << 20)
    }
}

impl MemoryLog {
    /// A log that keeps up to `max_bytes` of records, and always the newest one.
    pub fn new(max_bytes: usize) -> MemoryLog {
        MemoryLog {
            max_bytes,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, json: &[u8], first: bool, max_bytes: usize) {
        self.head = chain(&self.head, first, json);
        self.bytes += json.len();
        self.records.push_back(json.into());
        while self.bytes > max_bytes && self.records.len() > 1 {
            self.bytes -= self.records.pop_front().map_or(0, |json| json.len());
        }
    }

    /// The records with their positions, oldest first.
    fn numbered(&self) -> impl DoubleEndedIterator<Item = (Position, &[u8])> + ExactSizeIterator {
        let oldest = self.head.position.0 - self.records.len() as u64;
        let number = move |i: usize| Position(oldest + 1 + i as u64);
        self.records
            .iter()
            .enumerate()
            .map(move |(i, json)| (number(i), json.as_ref()))
    }
}

impl Log for MemoryLog {
    fn submit(&self, submissions: Vec<Submission>) {
        let mut state = self.state();
        let before = state.head.position;
        for (i, entry) in entries::all(&submissions).enumerate() {
            state.push(entry.json, i == 0, self.max_bytes);
        }
        drop(state);
        entries::tell(submissions, before, &Ok(()));
    }

    fn lookup(&self, query: &Query) -> Result<Page, Error> {
        let mut search = Search::new(query);
        let state = self.state();
        let mut read = 0;
        for (position, json) in state.numbered().rev() {
            if read > LOOKUP_BYTES {
                search.pause(position.next());
                break;
            }
            read += json.len();
            if search.offer(position, json).map_err(malformed)?.is_break() {
                break;
            }
        }
        Ok(search.finish())
    }

    fn follow(&self, after: Position, visit: &mut Visit<'_>) -> Result<(), Error> {
        // A copy, so that `visit` may use the log.
        let wanted: Vec<(Position, Vec<u8>)> = {
            let state = self.state();
            let behind = state
                .numbered()
                .rev()
                .take_while(|(position, _)| *position > after);
            behind
                .map(|(position, json)| (position, json.to_vec()))
                .collect()
        };
        for (position, json) in wanted.iter().rev() {
            if visit(*position, json).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Keeps to its own bound.
    fn forget(&self, _: Timestamp, _: Position) -> Result<u64, Error> {
        Ok(0)
    }

    fn head(&self) -> Head {
        self.state().head
    }
}

fn malformed(error: serde_json::Error) -> Error {
    Error::Malformed {
        reason: error.to_string(),
    }
}
