//! The thread that does what is due: it delivers log files and digests of trails, and forgets what was
//! deleted when its day has come.

use cloudtrail::Schedule;
use platform::Platform;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

use crate::options::StartError;

/// How often it is looked what is due.
const TICK: Duration = Duration::from_secs(1);

/// How often it is looked which deletions are due, and what is too old.
const DELETIONS: Duration = Duration::from_secs(60 * 60);

/// Delivers what trails record, and removes what was deleted. Dropped, it delivers everything that is left, and waits for that.
#[derive(Debug)]
pub struct Courier {
    /// Present until the drop, which ends the thread.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    superseded: Option<oneshot::Receiver<()>>,
}

impl Courier {
    /// Begins to deliver.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn start(platform: Arc<Platform>, schedule: Schedule) -> Result<Self, StartError> {
        let (alive, ended) = channel::<()>();
        let (tell, superseded) = oneshot::channel();
        let work = move || {
            let mut looked: Option<Instant> = None;
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                if cloudtrail::is_superseded(&platform) {
                    platform.report("another program serves as this node by now: this one ends");
                    let _ended = tell.send(());
                    return;
                }
                cloudtrail::deliver(&platform, &schedule);
                if looked.is_none_or(|at| at.elapsed() >= DELETIONS) {
                    looked = Some(Instant::now());
                    cloudtrail::forget(&platform, &schedule);
                    if let Err(error) = services::expire(&platform) {
                        platform.report(&format!("what was deleted cannot be removed: {error}"));
                    }
                }
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
            superseded: Some(superseded),
        })
    }

    /// Ends when another program serves as this node, so that this one must not.
    pub fn superseded(&mut self) -> impl Future<Output = ()> + Send + 'static {
        let superseded = self.superseded.take();
        async move {
            let told = match superseded {
                Some(superseded) => superseded.await.is_ok(),
                None => false,
            };
            if !told {
                std::future::pending::<()>().await;
            }
        }
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
