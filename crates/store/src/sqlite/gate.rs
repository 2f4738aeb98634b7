//! Who reads, and moments in which nobody does.
//!
//! The log is begun anew only by a commit that finds it put away whole and nobody reading of it. Where many
//! read, there is always somebody; then those who would begin wait until those who read have ended.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long anybody waits at most: one who reads may take long, or wait for what another thread reads.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long anybody waits at most for the disk.
const LONGEST: Duration = Duration::from_secs(10);

thread_local! {
    /// The transactions of this thread, in whichever store.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// A transaction of this thread.
#[derive(Debug)]
pub(super) struct Own(());

impl Own {
    pub(super) fn begin() -> Self {
        OWN.set(OWN.get() + 1);
        Self(())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        OWN.set(OWN.get().saturating_sub(1));
    }
}

/// The readings that are under way.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Debug, Default)]
struct State {
    reading: usize,
    closed: bool,
    /// The last has ended, and the log is being put away.
    working: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reading begins. It waits while the gate is closed, unless its thread has a transaction already: for
    /// the end of that, somebody else may be waiting.
    pub(super) fn enter(&self) {
        let mut state = self.state();
        if state.closed && OWN.get() == 0 {
            let others_read = |state: &mut State| state.closed && !state.working;
            let waited = self.opened.wait_timeout_while(state, PATIENCE, others_read);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            // What is being done ends as soon as the disk lets it. To begin now would make it useless.
            let working = |state: &mut State| state.closed && state.working;
            let waited = self.opened.wait_timeout_while(state, LONGEST, working);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            // Whoever reads so long is not waited for.
            self.open_in(&mut state);
        }
        state.reading += 1;
    }

    /// A reading ended. Whether it was the last.
    pub(super) fn leave(&self) -> bool {
        let mut state = self.state();
        state.reading = state.reading.saturating_sub(1);
        state.reading == 0
    }

    /// Whether nobody reads, so that the log can be put away. Nobody begins to until the gate is opened.
    pub(super) fn begin_work(&self) -> bool {
        let mut state = self.state();
        if state.reading > 0 || state.working {
            return false;
        }
        state.closed = true;
        state.working = true;
        true
    }

    /// Lets nobody begin until it is opened, if anybody reads: the last of them is to open it.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed |= state.reading > 0;
    }

    /// Lets everybody begin.
    pub(super) fn open(&self) {
        self.open_in(&mut self.state());
    }

    fn open_in(&self, state: &mut State) {
        if state.closed {
            state.closed = false;
            state.working = false;
            self.opened.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Instant;

    #[test]
    fn a_closed_gate_lets_go_on_who_reads_and_holds_up_who_begins() {
        let gate = Arc::new(Gate::default());
        // Where nobody reads, there is nobody to wait for.
        gate.close();
        gate.enter();
        let own = Own::begin();
        gate.close();
        gate.enter();
        assert!(!gate.leave());
        let begun = Arc::new(AtomicBool::new(false));
        let other = thread::spawn({
            let (gate, begun) = (Arc::clone(&gate), Arc::clone(&begun));
            move || {
                gate.enter();
                begun.store(true, Ordering::SeqCst);
                gate.leave()
            }
        });
        thread::sleep(PATIENCE / 10);
        assert!(!begun.load(Ordering::SeqCst));
        drop(own);
        assert!(gate.leave());
        gate.open();
        assert!(other.join().unwrap());
    }

    #[test]
    fn whoever_comes_while_the_log_is_put_away_waits_for_it() {
        let gate = Arc::new(Gate::default());
        gate.enter();
        assert!(!gate.begin_work());
        assert!(gate.leave());
        assert!(gate.begin_work());
        assert!(!gate.begin_work());
        let begun = Arc::new(AtomicBool::new(false));
        let other = thread::spawn({
            let (gate, begun) = (Arc::clone(&gate), Arc::clone(&begun));
            move || {
                gate.enter();
                begun.store(true, Ordering::SeqCst);
            }
        });
        thread::sleep(PATIENCE * 3);
        assert!(!begun.load(Ordering::SeqCst));
        gate.open();
        other.join().unwrap();
        assert!(begun.load(Ordering::SeqCst));
    }

    #[test]
    fn nobody_waits_long_for_one_who_reads() {
        let gate = Arc::new(Gate::default());
        gate.enter();
        gate.close();
        let began = Instant::now();
        let enter = || {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.enter()).join().unwrap();
            began.elapsed()
        };
        assert!(enter() >= PATIENCE);
        // It is open now.
        let first = began.elapsed();
        assert!(enter() < first + PATIENCE);
    }
}
