//! The thread that puts what stands over the tables into them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Inner, Past, State};
use crate::Error;
use crate::sqlite::journal::{self, Fresh};
use crate::sqlite::layer::Layer;

/// How long to wait before what failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long to wait for those who read as of an earlier commit, before that is kept for them.
const PATIENCE: Duration = Duration::from_millis(50);
/// How many rows are gone through while others wait.
const SOME: usize = 256;

/// What the mover has to do yet.
#[derive(Default)]
struct Pending {
    /// The journal's next file.
    next: Option<Fresh>,
    /// Its earlier files. When nothing is being put into the tables, all in them is there.
    behind: Vec<PathBuf>,
}

impl Inner {
    /// Puts what stands over the tables into them whenever it is much, and at the end.
    pub(super) fn keep_moving(&self) {
        let mut pending = Pending::default();
        loop {
            let much = self.limits.much;
            let idle = |state: &mut State| {
                !state.ending && state.frozen.is_none() && state.waiting() < much
            };
            let state = self.stirred.wait_while(self.state(), idle);
            let ending = state.unwrap_or_else(PoisonError::into_inner).ending;
            let mut moved = self.put_away(&mut pending);
            if ending {
                // What was committed while the rest of an earlier time was put away.
                moved = moved.and_then(|()| self.put_away(&mut pending));
                if moved.is_ok() {
                    self.end(pending);
                }
                return;
            }
            let failed = moved.is_err();
            self.state().failure = moved.err();
            self.eased.notify_all();
            if failed {
                // The disk may be full. What was committed is in the journal, and read from memory.
                let ending = |state: &mut State| !state.ending;
                drop(self.stirred.wait_timeout_while(self.state(), AGAIN, ending));
            }
        }
    }

    /// Puts what stands over the tables into them.
    fn put_away(&self, pending: &mut Pending) -> Result<(), Error> {
        let begun = self.state().frozen.clone();
        let layer = match begun {
            Some(layer) => layer,
            None => match self.freeze(pending)? {
                Some(layer) => layer,
                None => return Ok(()),
            },
        };
        self.keep_past(&layer)?;
        self.tables.apply(&layer)?;
        self.tables.readers.renew();
        self.thaw(&layer);
        drop(layer);
        // Should one stay, it is tried again with the next.
        if journal::forget(&pending.behind).is_ok() {
            pending.behind.clear();
        }
        self.tables.checkpoint();
        // Whoever reads the log does so no longer, and it begins anew with the next change.
        self.tables.readers.renew();
        Ok(())
    }

    /// Takes what stands over the tables. What is committed from then on goes elsewhere.
    fn freeze(&self, pending: &mut Pending) -> Result<Option<Arc<Layer>>, Error> {
        let failed = self.tables.broken("writing to");
        if pending.next.is_none() {
            let make = {
                let journal = self.journal();
                if journal.is_empty() {
                    return Ok(None);
                }
                journal.next(&self.tables.path)
            };
            // Nobody waits for the disk meanwhile.
            pending.next = Some(make().map_err(&failed)?);
        }
        let mut journal = self.journal();
        let Some(before) = journal.turn(&mut pending.next).map_err(&failed)? else {
            return Ok(None);
        };
        pending.behind.push(before);
        // Nobody commits now.
        let mut state = self.state();
        let layer = Arc::new(std::mem::take(&mut state.fresh));
        state.appended = 0;
        state.frozen = Some(Arc::clone(&layer));
        drop(state);
        drop(journal);
        self.eased.notify_all();
        Ok(Some(layer))
    }

    /// Sees to it that those who read as of an earlier commit than the latest of `layer` go on seeing what they
    /// see.
    fn keep_past(&self, layer: &Arc<Layer>) -> Result<(), Error> {
        let until = layer.last();
        let earlier = |state: &State| state.reading.range(state.floor..until).next().is_some();
        let mut state = self.state();
        state.awaited = true;
        let waited = self
            .stirred
            .wait_timeout_while(state, PATIENCE, |state| earlier(state));
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.awaited = false;
        if !earlier(&state) {
            state.floor = until;
            return Ok(());
        }
        drop(state);
        let connection = self.tables.readers.snapshot()?;
        let mut state = self.state();
        if earlier(&state) {
            let past = Past {
                layer: Arc::clone(layer),
                connection: Mutex::new(connection),
            };
            state.past.insert(until, Arc::new(past));
            state.floor = until;
        } else {
            state.floor = until;
            drop(state);
            self.tables.readers.end(connection);
        }
        Ok(())
    }

    /// The tables have what stood over them.
    fn thaw(&self, layer: &Layer) {
        let mut rows = layer.newest().peekable();
        while rows.peek().is_some() {
            let mut state = self.state();
            for (id, stored) in rows.by_ref().take(SOME) {
                state.kept.renew(id, stored);
            }
        }
        let mut state = self.state();
        for (kind, mark) in layer.marks() {
            match state.marks.get_mut(kind) {
                Some(known) => *known = mark,
                None => drop(state.marks.insert(kind.to_owned(), mark)),
            }
        }
        state.frozen = None;
    }

    /// Leaves nothing beside the tables, which have everything.
    fn end(&self, pending: Pending) {
        let journal = self.journal();
        let Pending { next, mut behind } = pending;
        behind.extend(next.map(|next| next.path));
        if journal.is_empty() {
            behind.push(journal.path().to_owned());
        }
        // What stays does no harm.
        drop(journal::forget(&behind));
    }
}
