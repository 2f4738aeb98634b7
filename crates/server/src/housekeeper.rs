//! The thread that removes what a crash left, and carries out the lifecycles of buckets.

use platform::Platform;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::options::StartError;

/// How often it is looked what is due. Lifecycles count days, so that an hour is soon enough.
const TICK: Duration = Duration::from_hours(1);

/// Removes objects' bytes that nobody names, then ends what buckets' lifecycles end, as long as it lives.
#[derive(Debug)]
pub struct Housekeeper {
    /// Present until the drop, which ends the thread.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    /// Begins with what became due while nobody looked.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn start(platform: Arc<Platform>) -> Result<Self, StartError> {
        let (alive, ended) = channel::<()>();
        let work = move || {
            let mut go_on = || ended.try_recv() == Err(TryRecvError::Empty);
            if let Err(error) = s3::sweep(&platform, &mut go_on) {
                platform.report(&format!(
                    "the bytes that a crash left could not be removed: {error}"
                ));
            }
            loop {
                if let Err(error) = s3::expire(&platform) {
                    platform.report(&format!(
                        "the lifecycles of buckets could not be carried out: {error}"
                    ));
                }
                if ended.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("housekeeper".to_owned())
            .spawn(work)
            .map_err(|error| StartError::Platform(error.to_string()))?;
        Ok(Self {
            alive: Some(alive),
            thread: Some(thread),
        })
    }
}

impl Drop for Housekeeper {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // What went wrong, the thread has told the operator.
            drop(thread.join());
        }
    }
}
