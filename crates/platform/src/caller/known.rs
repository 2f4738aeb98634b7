//! Callers that asked before.
//!
//! Who asks is found out for every request. What is saved is the work, as long as nothing changed of what
//! it was done from: a session's token says today what it said yesterday, and a caller with all their
//! policies is the same while no record was written of any kind that was read to know them. So a change is
//! seen by the very next request.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Error, Key, Read, Scan, Stored};

use super::{Caller, Holder};
use crate::session::Claims;

/// Access keys in one generation. Two are kept; what was not used during a whole one is forgotten.
const GENERATION: usize = 1_024;

/// What is known of access keys.
#[derive(Default)]
pub(crate) struct Callers {
    sessions: Mutex<Generations<Opened>>,
    resolved: Mutex<Generations<Arc<Resolved>>>,
}

/// A session token and what it says.
#[derive(Clone)]
struct Opened {
    token: Arc<str>,
    claims: Arc<Claims>,
}

/// Who holds an access key.
struct Resolved {
    holder: Holder,
    /// The kinds of records that were read, each with its latest change then.
    read: Box<[(String, u64)]>,
    /// One more than the commit as of which all of these were last seen unchanged; 0 when it is not known.
    seen: AtomicU64,
    caller: Arc<Caller>,
}

struct Generations<T> {
    current: HashMap<String, T>,
    previous: HashMap<String, T>,
}

impl<T> Default for Generations<T> {
    fn default() -> Self {
        Self {
            current: HashMap::new(),
            previous: HashMap::new(),
        }
    }
}

impl<T: Clone> Generations<T> {
    fn get(&mut self, access_key_id: &str) -> Option<T> {
        if let Some(found) = self.current.get(access_key_id) {
            return Some(found.clone());
        }
        let (id, found) = self.previous.remove_entry(access_key_id)?;
        self.put(id, found.clone());
        Some(found)
    }

    fn put(&mut self, access_key_id: String, value: T) {
        if self.current.len() >= GENERATION {
            self.previous = std::mem::take(&mut self.current);
        }
        self.current.insert(access_key_id, value);
    }
}

impl Callers {
    /// What this session token says beside this access key, if it was opened before.
    pub(super) fn session(&self, access_key_id: &str, token: &str) -> Option<Arc<Claims>> {
        let opened = guard(&self.sessions).get(access_key_id)?;
        (*opened.token == *token).then_some(opened.claims)
    }

    /// Keeps what a token says that was opened.
    pub(super) fn opened(&self, access_key_id: &str, token: &str, claims: &Arc<Claims>) {
        let opened = Opened {
            token: token.into(),
            claims: Arc::clone(claims),
        };
        guard(&self.sessions).put(access_key_id.to_owned(), opened);
    }

    /// The holder of an access key, if they were resolved before and nothing changed since.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn find(
        &self,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Option<Arc<Caller>>, Error> {
        let Some(found) = guard(&self.resolved).get(access_key_id) else {
            return Ok(None);
        };
        if !same(&found.holder, holder) {
            return Ok(None);
        }
        let as_of = tx.as_of().map_or(0, |commit| commit.saturating_add(1));
        if as_of == 0 || found.seen.load(Ordering::Relaxed) != as_of {
            for (kind, change) in &found.read {
                if tx.last_change(kind)? != *change {
                    return Ok(None);
                }
            }
            found.seen.store(as_of, Ordering::Relaxed);
        }
        Ok(Some(Arc::clone(&found.caller)))
    }

    /// Keeps a caller that was resolved from what `noted` read.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn keep(
        &self,
        noted: Noting<'_>,
        holder: &Holder,
        caller: &Arc<Caller>,
    ) -> Result<(), Error> {
        let Some(kinds) = noted.kinds() else {
            return Ok(());
        };
        let latest = |kind: String| {
            let change = noted.tx.last_change(&kind)?;
            Ok((kind, change))
        };
        let resolved = Resolved {
            holder: holder.clone(),
            read: kinds
                .into_iter()
                .map(latest)
                .collect::<Result<_, Error>>()?,
            seen: AtomicU64::new(0),
            caller: Arc::clone(caller),
        };
        guard(&self.resolved).put(caller.access_key_id.clone(), Arc::new(resolved));
        Ok(())
    }
}

/// Whether what is known of one holder is true of the other. Of those that have no access key it is not
/// known.
fn same(known: &Holder, holder: &Holder) -> bool {
    match (known, holder) {
        (Holder::Root(known), Holder::Root(account)) => known == account,
        (
            Holder::User {
                account: known_account,
                name: known_name,
                id: known_id,
            },
            Holder::User { account, name, id },
        ) => known_account == account && known_name == name && known_id == id,
        (Holder::Session(known), Holder::Session(claims)) => Arc::ptr_eq(known, claims),
        _ => false,
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A transaction that notes which kinds of records are read.
pub(super) struct Noting<'t> {
    tx: &'t dyn Read,
    noted: RefCell<BTreeSet<String>>,
    /// What was asked is not of certain kinds.
    everything: Cell<bool>,
}

impl<'t> Noting<'t> {
    pub(super) fn new(tx: &'t dyn Read) -> Self {
        Self {
            tx,
            noted: RefCell::default(),
            everything: Cell::new(false),
        }
    }

    fn note(&self, kind: &str) {
        let mut noted = self.noted.borrow_mut();
        if !noted.contains(kind) {
            noted.insert(kind.to_owned());
        }
    }

    /// The kinds that were read; `None` when it could be any.
    fn kinds(&self) -> Option<BTreeSet<String>> {
        (!self.everything.get()).then(|| self.noted.borrow().clone())
    }
}

impl Read for Noting<'_> {
    fn get_bytes(&self, kind: &str, key: &Key) -> Result<Option<Stored>, Error> {
        self.note(kind);
        self.tx.get_bytes(kind, key)
    }

    fn scan_bytes(&self, kind: &str, scan: &Scan) -> Result<Vec<(Key, Stored)>, Error> {
        self.note(kind);
        self.tx.scan_bytes(kind, scan)
    }

    fn last_change(&self, kind: &str) -> Result<u64, Error> {
        self.note(kind);
        self.tx.last_change(kind)
    }

    fn kinds(&self) -> Result<Vec<String>, Error> {
        self.everything.set(true);
        self.tx.kinds()
    }
}
