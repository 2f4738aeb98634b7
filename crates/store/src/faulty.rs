//! A store that fails and dawdles when it is told to: what others must live through, on demand.
//!
//! ```
//! use store::{Faulty, Faults, Key, MemoryStore, Operation, Store};
//!
//! let faulty = Faulty::new(MemoryStore::new(), Faults::new(7).fail_nth(Operation::Commit, 2));
//! let store: &dyn Store = &faulty;
//! let put = |name: &str| store.write(|tx| tx.put_bytes("note", &Key::new([name]), 1, b"1"));
//! assert!(put("first").is_ok());
//! assert!(put("second").is_err());
//! assert!(put("third").is_ok());
//! assert_eq!(faulty.injected(), 1);
//! ```

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Error, Key, Read, Scan, Store, Stored, Write};

/// What a store does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// [`Store::begin_read`].
    BeginRead,
    /// [`Store::begin_write`].
    BeginWrite,
    /// [`Read::get_bytes`], [`Read::last_change`] and [`Read::kinds`].
    Get,
    /// [`Read::scan_bytes`].
    Scan,
    /// [`Write::put_bytes`].
    Put,
    /// [`Write::delete_bytes`].
    Delete,
    /// [`Write::commit`].
    Commit,
}

/// Which operations fail or take longer. The same seed and the same operations give the same faults.
#[derive(Debug, Clone)]
pub struct Faults {
    rules: Vec<Rule>,
    random: u64,
    injected: usize,
}

#[derive(Debug, Clone)]
struct Rule {
    /// `None`: all of them.
    operation: Option<Operation>,
    when: When,
    what: What,
}

#[derive(Debug, Clone)]
enum When {
    Always,
    /// After so many more of the operation.
    In(usize),
    /// So many times in a million.
    Chance(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Fail,
    LoseAnswer,
    Delay(Duration),
}

impl Faults {
    /// No faults.
    #[must_use]
    pub fn new(seed: u64) -> Faults {
        Faults {
            rules: Vec::new(),
            random: seed,
            injected: 0,
        }
    }

    /// The `nth` of these operations fails, counted from 1; nothing of it happens.
    #[must_use]
    pub fn fail_nth(self, operation: Operation, nth: usize) -> Faults {
        self.with(Some(operation), When::In(nth), What::Fail)
    }

    /// Each of these operations fails with this probability, from 0 to 1.
    #[must_use]
    pub fn fail_sometimes(self, operation: Operation, probability: f64) -> Faults {
        self.with(Some(operation), chance(probability), What::Fail)
    }

    /// Each of all operations fails with this probability, from 0 to 1.
    #[must_use]
    pub fn fail_anywhere(self, probability: f64) -> Faults {
        self.with(None, chance(probability), What::Fail)
    }

    /// Each commit happens and is reported as failed with this probability, from 0 to 1: what a
    /// connection does that breaks at the wrong moment.
    #[must_use]
    pub fn lose_answers(self, probability: f64) -> Faults {
        self.with(
            Some(Operation::Commit),
            chance(probability),
            What::LoseAnswer,
        )
    }

    /// Each of these operations takes so much longer.
    #[must_use]
    pub fn delay(self, operation: Operation, time: Duration) -> Faults {
        self.with(Some(operation), When::Always, What::Delay(time))
    }

    fn with(mut self, operation: Option<Operation>, when: When, what: What) -> Faults {
        self.rules.push(Rule {
            operation,
            when,
            what,
        });
        self
    }

    /// What happens to the next `operation`: how much longer it takes, and the fault, if any.
    fn next(&mut self, operation: Operation) -> (Duration, Option<What>) {
        let (mut delay, mut fault) = (Duration::ZERO, None);
        for rule in &mut self.rules {
            if rule.operation.is_some_and(|of| of != operation) {
                continue;
            }
            let applies = match &mut rule.when {
                When::Always => true,
                When::In(rest) => {
                    *rest = rest.saturating_sub(1);
                    let now = *rest == 0;
                    if now {
                        *rest = usize::MAX;
                    }
                    now
                }
                When::Chance(millionths) => draw(&mut self.random) % 1_000_000 < *millionths,
            };
            match rule.what {
                What::Delay(time) if applies => delay += time,
                what if applies => fault = fault.or(Some(what)),
                _ => {}
            }
        }
        self.injected += usize::from(fault.is_some());
        (delay, fault)
    }
}

fn chance(probability: f64) -> When {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and a million"
    )]
    let millionths = (probability.clamp(0.0, 1.0) * 1_000_000.0) as u64;
    When::Chance(millionths)
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A store with [`Faults`]. A transaction in which an operation failed can no longer be committed, as
/// with a database.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    faults: Mutex<Faults>,
}

impl<S> Faulty<S> {
    /// A store that behaves like `inner` where it does not fail.
    pub fn new(inner: S, faults: Faults) -> Faulty<S> {
        Faulty {
            inner,
            faults: Mutex::new(faults),
        }
    }

    /// Has these faults from now on.
    pub fn set(&self, faults: Faults) {
        *self.faults() = faults;
    }

    /// How many operations failed since the faults were set.
    pub fn injected(&self) -> usize {
        self.faults().injected
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, operation: Operation) -> Option<What> {
        let (delay, fault) = self.faults().next(operation);
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        fault
    }
}

/// Asks [`Faults`] without knowing the store.
trait Fate {
    fn next(&self, operation: Operation) -> Option<What>;
}

impl<S> Fate for Faulty<S> {
    fn next(&self, operation: Operation) -> Option<What> {
        Faulty::next(self, operation)
    }
}

fn failure(doing: &'static str) -> Error {
    Error::Backend {
        doing,
        place: "a store with faults".to_owned(),
        reason: "it was told to".to_owned(),
    }
}

impl<S: Store> Store for Faulty<S> {
    fn begin_read(&self) -> Result<Box<dyn Read + '_>, Error> {
        if self.next(Operation::BeginRead).is_some() {
            return Err(failure("beginning to read"));
        }
        let inner = self.inner.begin_read()?;
        Ok(Box::new(FaultyRead { fate: self, inner }))
    }

    fn begin_write(&self) -> Result<Box<dyn Write + '_>, Error> {
        if self.next(Operation::BeginWrite).is_some() {
            return Err(failure("beginning to write"));
        }
        let inner = self.inner.begin_write()?;
        Ok(Box::new(FaultyWrite {
            fate: self,
            inner,
            failed: Cell::new(false),
        }))
    }
}

struct FaultyRead<'a> {
    fate: &'a dyn Fate,
    inner: Box<dyn Read + 'a>,
}

impl FaultyRead<'_> {
    fn may(&self, operation: Operation) -> Result<&dyn Read, Error> {
        match self.fate.next(operation) {
            Some(_) => Err(failure("reading")),
            None => Ok(&*self.inner),
        }
    }
}

impl Read for FaultyRead<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        self.may(Operation::Get)?.get_bytes(kind, key)
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        self.may(Operation::Scan)?.scan_bytes(kind, scan)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        self.may(Operation::Get)?.last_change(kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        self.may(Operation::Get)?.kinds()
    }

    fn as_of(&self) -> Option<u64> {
        self.inner.as_of()
    }
}

struct FaultyWrite<'a> {
    fate: &'a dyn Fate,
    inner: Box<dyn Write + 'a>,
    failed: Cell<bool>,
}

impl FaultyWrite<'_> {
    /// Refuses when it is this operation's fate, or when another one failed before.
    fn may(&self, operation: Operation, doing: &'static str) -> Result<(), Error> {
        if self.failed.get() || self.fate.next(operation).is_some() {
            self.failed.set(true);
            return Err(failure(doing));
        }
        Ok(())
    }
}

impl Read for FaultyWrite<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        self.may(Operation::Get, "reading")?;
        self.inner.get_bytes(kind, key)
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        self.may(Operation::Scan, "reading")?;
        self.inner.scan_bytes(kind, scan)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        self.may(Operation::Get, "reading")?;
        self.inner.last_change(kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        self.may(Operation::Get, "reading")?;
        self.inner.kinds()
    }

    fn as_of(&self) -> Option<u64> {
        self.inner.as_of()
    }
}

impl Write for FaultyWrite<'_> {
    fn put_bytes(&mut self, kind: &str, key: &Key, version: u32, json: &[u8]) -> Result<(), Error> {
        self.may(Operation::Put, "writing to")?;
        self.inner.put_bytes(kind, key, version, json)
    }

    fn delete_bytes(&mut self, kind: &str, key: &Key) -> Result<bool, Error> {
        self.may(Operation::Delete, "writing to")?;
        self.inner.delete_bytes(kind, key)
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        if self.failed.get() {
            return Err(failure("committing to"));
        }
        match self.fate.next(Operation::Commit) {
            None => self.inner.commit(),
            Some(What::LoseAnswer) => {
                self.inner.commit()?;
                Err(failure("committing to"))
            }
            Some(What::Fail | What::Delay(_)) => Err(failure("committing to")),
        }
    }
}
