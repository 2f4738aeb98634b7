//! The thread that delivers log files and digests of trails.

use cloudtrail::Schedule;
use platform::Platform;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::options::StartError;

/// How often it is looked what is due.
const TICK: Duration = Duration::from_secs(1);

/// Delivers what trails record. Dropped, it delivers everything that is left, and waits for that.
#[derive(Debug)]
pub struct Courier {
    /// Present until the drop, which ends the thread.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Begins to deliver.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn start(platform: Arc<Platform>, schedule: Schedule) -> Result<Self, StartError> {
        let (alive, ended) = channel::<()>();
        let work = move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                cloudtrail::deliver(&platform, &schedule);
            }
            cloudtrail::finish(&platform, &schedule);
        };
        let thread = std::thread::Builder::new()
            .name("courier".to_owned())
            .spawn(work)
            .map_err(|error| StartError::Platform(error.to_string()))?;
        Ok(Self {
            alive: Some(alive),
            thread: Some(thread),
        })
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // What went wrong, the thread has told the operator.
            drop(thread.join());
        }
    }
}
