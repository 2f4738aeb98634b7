//! Who reads, and what waits for them: a piece that was forgotten is removed when everyone who began to
//! read before has ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Inner;

#[derive(Default)]
pub(super) struct Epochs(Mutex<State>);

#[derive(Default)]
struct State {
    next: u64,
    /// How many began in each epoch and have not ended.
    readers: BTreeMap<u64, usize>,
    /// What was forgotten in each epoch and waits.
    waiting: BTreeMap<u64, Vec<String>>,
}

impl Epochs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what can be removed at once.
    pub(super) fn forget(&self, names: Vec<String>) -> Vec<String> {
        let mut state = self.state();
        if names.is_empty() || state.readers.is_empty() {
            return names;
        }
        let epoch = state.next;
        state.waiting.entry(epoch).or_default().extend(names);
        state.next += 1;
        Vec::new()
    }

    fn begin(&self) -> u64 {
        let mut state = self.state();
        let epoch = state.next;
        *state.readers.entry(epoch).or_default() += 1;
        epoch
    }

    /// Returns what nobody waits for any more.
    fn end(&self, epoch: u64) -> Vec<String> {
        let mut state = self.state();
        if let Some(count) = state.readers.get_mut(&epoch) {
            *count -= 1;
            if *count == 0 {
                state.readers.remove(&epoch);
            }
        }
        // Who began in the epoch of a forgetting began before it.
        let oldest = state.readers.keys().next().copied();
        let ready = match oldest {
            None => std::mem::take(&mut state.waiting),
            Some(oldest) => {
                let later = state.waiting.split_off(&oldest);
                std::mem::replace(&mut state.waiting, later)
            }
        };
        ready.into_values().flatten().collect()
    }
}

/// Somebody reads. See [`ObjectBytes::reading`](super::ObjectBytes::reading).
pub(crate) struct Reading {
    inner: Arc<Inner>,
    epoch: u64,
}

impl Reading {
    pub(super) fn begin(inner: Arc<Inner>) -> Self {
        let epoch = inner.epochs.begin();
        Self { inner, epoch }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let ready = self.inner.epochs.end(self.epoch);
        self.inner.remove_later(ready);
    }
}
