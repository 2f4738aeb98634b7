//! The thread that puts the log into its places while everybody goes on.
//!
//! That takes as long as the disk does. Nobody waits for it; what is left for a moment in which nobody reads
//! is what was written meanwhile.

use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

/// Has the log put into its places when it is told to. Dropped, it ends.
pub(super) struct Keeper {
    wish: Arc<(Mutex<Wish>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Rest,
    Work,
    End,
}

impl Keeper {
    /// Starts it, with a connection of its own. After each time it calls `done`.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub(super) fn start(
        connection: Connection,
        done: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let wish = Arc::new((Mutex::new(Wish::Rest), Condvar::new()));
        let told = Arc::clone(&wish);
        let thread = thread::Builder::new()
            .name("state".to_owned())
            .spawn(move || {
                while wait(&told) {
                    // Should it fail, somebody else's commit says why.
                    drop(put_away(&connection));
                    done();
                }
            })?;
        Ok(Self {
            wish,
            thread: Some(thread),
        })
    }

    /// Has it done soon.
    pub(super) fn wake(&self) {
        self.tell(Wish::Work);
    }

    fn tell(&self, what: Wish) {
        *lock(&self.wish.0) = what;
        self.wish.1.notify_all();
    }
}

/// Waits for a wish. Whether it is to work.
fn wait(wish: &(Mutex<Wish>, Condvar)) -> bool {
    let resting = |wish: &mut Wish| *wish == Wish::Rest;
    let told = wish.1.wait_while(lock(&wish.0), resting);
    let mut told = told.unwrap_or_else(PoisonError::into_inner);
    if *told == Wish::End {
        return false;
    }
    *told = Wish::Rest;
    true
}

fn lock(wish: &Mutex<Wish>) -> MutexGuard<'_, Wish> {
    wish.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts as much of the log into its places as nobody reads before. Whether that is all of it.
pub(super) fn put_away(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |row| {
        let (logged, put): (i64, i64) = (row.get(1)?, row.get(2)?);
        // Both are negative where somebody else does it.
        Ok(logged == put && logged >= 0)
    })
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tell(Wish::End);
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn it_works_when_it_is_told_to_while_others_read_and_ends_when_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            let connection = Connection::open(dir.path().join("state.db")).unwrap();
            connection
                .pragma_update(None, "journal_mode", "WAL")
                .unwrap();
            connection
                .pragma_update(None, "wal_autocheckpoint", 0)
                .unwrap();
            connection
        };
        let (writer, reader) = (open(), open());
        writer.execute_batch("CREATE TABLE t (x)").unwrap();
        writer
            .execute_batch("INSERT INTO t VALUES (zeroblob(100000))")
            .unwrap();
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM t")
            .unwrap();
        let (done, told) = mpsc::channel();
        let keeper = Keeper::start(open(), move || done.send(()).unwrap()).unwrap();
        let size = || {
            std::fs::metadata(dir.path().join("state.db"))
                .unwrap()
                .len()
        };
        let before = size();
        for _ in 0..2 {
            keeper.wake();
            told.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        assert!(size() > before + 90_000, "{} {before}", size());
        drop(keeper);
        assert!(told.recv().is_err(), "the thread has ended");
        reader.execute_batch("ROLLBACK").unwrap();
        assert!(put_away(&writer).unwrap());
    }
}
