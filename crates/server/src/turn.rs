//! What the requests that a thread answers in one turn have in common: one write to the trail.
//!
//! A thread finds many requests waiting when it looks for work, answers one after the other, and looks again.
//! Their answers wait until the last of them was found, or until they are [`MOST`]; then what happened to all of them
//! is written at once. A request that is alone on its thread waits for nobody.

use hyper::Response;
use platform::{Payload, Platform, Release, Unrecorded, Withheld, release_all};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::oneshot;

/// How many answers wait for each other. More would make the first of them late, and a write for so many costs each of
/// them little.
const MOST: usize = 16;

/// An answer that waits, and who waits for it.
type Waiting = (Withheld<Response<Payload>>, Release<Response<Payload>>);

/// The turn of one thread.
pub(crate) struct Turn {
    waiting: Mutex<Vec<Waiting>>,
    /// There is one more reference to it than connections of the thread.
    connections: Weak<()>,
}

impl Turn {
    pub(crate) fn new(connections: &Arc<()>) -> Self {
        Self {
            waiting: Mutex::default(),
            connections: Arc::downgrade(connections),
        }
    }

    /// Releases an answer when what happened stands in the trail. It is written also when nobody waits
    /// for the answer any more.
    pub(crate) async fn release(
        self: &Arc<Self>,
        platform: &Arc<Platform>,
        answer: Withheld<Response<Payload>>,
    ) -> Result<Response<Payload>, Unrecorded> {
        if self.connections.strong_count() <= 2 {
            return answer.release(platform);
        }
        let (sender, released) = oneshot::channel();
        let release = Box::new(move |result| drop(sender.send(result)));
        let count = {
            let mut waiting = self.waiting();
            waiting.push((answer, release));
            waiting.len()
        };
        match count {
            1 => {
                let end = End {
                    turn: Arc::clone(self),
                    platform: Arc::clone(platform),
                };
                // It comes behind everything that the thread has to do by now.
                tokio::spawn(async move { drop(end) });
            }
            MOST.. => self.end(platform),
            _ => {}
        }
        released.await.unwrap_or_else(|_| {
            Err(Unrecorded {
                reason: "the trail was closed".to_owned(),
            })
        })
    }

    /// Writes what happened to all who wait.
    fn end(&self, platform: &Platform) {
        let all = std::mem::take(&mut *self.waiting());
        if !all.is_empty() {
            release_all(platform, all);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the turn when it is dropped: when its time has come, or with its thread.
struct End {
    turn: Arc<Turn>,
    platform: Arc<Platform>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.turn.end(&self.platform);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use platform::hallway::{self, Arrived};
    use platform::seal::{Sealer, SealingKey};
    use platform::{Config, Ports};
    use policy::AccountId;
    use std::fs;
    use std::path::Path;
    use testkit::{CountingRandom, Silent, TestClock};
    use trail::{FileLog, FileOptions};

    fn platform(dir: &Path) -> Arc<Platform> {
        let config = Config {
            partition: "aws".to_owned(),
            account: AccountId::parse(testkit::ACCOUNT).unwrap(),
            region: testkit::REGION.to_owned(),
        };
        let ports = Ports {
            store: Arc::new(store::MemoryStore::new()),
            trail: Arc::new(FileLog::open(dir, FileOptions::default()).unwrap()),
            clock: Arc::new(TestClock::default()),
            random: Arc::new(CountingRandom::default()),
            operator: Arc::new(Silent),
            sealer: Sealer::new(SealingKey::new(&[1; 32]), Vec::new()),
        };
        Arc::new(Platform::new(config, ports, services::all()).unwrap())
    }

    /// The turn of a thread with two connections, with what they are counted by.
    fn busy() -> (Arc<Turn>, [Arc<()>; 3]) {
        let count = Arc::new(());
        let turn = Arc::new(Turn::new(&count));
        (turn, [Arc::clone(&count), Arc::clone(&count), count])
    }

    /// The answer to a request that nobody signed.
    fn answer(platform: &Platform) -> Withheld<Response<Payload>> {
        let arrived = Arrived {
            parts: testkit::parts("GET", "/bucket", &[]),
            body: Ok(Bytes::new()),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
            tls: None,
        };
        hallway::enter(platform, arrived).answer(platform).unwrap()
    }

    /// A sign for each record: `+` for the first of a write, `.` for those that were written with it.
    fn marks(dir: &Path) -> String {
        let files = fs::read_dir(dir).unwrap().map(|it| it.unwrap().path());
        let mut segments = files.filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
        let text = fs::read_to_string(segments.next().unwrap()).unwrap();
        text.lines()
            .skip(1)
            .map(|line| line.split(' ').nth(1).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn the_answers_of_a_turn_share_a_write() {
        let dir = tempfile::tempdir().unwrap();
        let platform = platform(dir.path());
        let (turn, connections) = busy();
        let release = || {
            let (turn, platform, answer) =
                (Arc::clone(&turn), Arc::clone(&platform), answer(&platform));
            tokio::spawn(async move { turn.release(&platform, answer).await })
        };
        for _ in 0..2 {
            for task in [release(), release(), release()] {
                assert_eq!(task.await.unwrap().unwrap().status(), 404);
            }
        }
        assert_eq!(marks(dir.path()), "+..+..");
        let many: Vec<_> = (0..MOST + 2).map(|_| release()).collect();
        for task in many {
            task.await.unwrap().unwrap();
        }
        let more = format!("+..+..+{}+.", ".".repeat(MOST - 1));
        assert_eq!(marks(dir.path()), more);
        drop(connections);
        let alone = turn.release(&platform, answer(&platform));
        assert_eq!(alone.await.unwrap().status(), 404);
        assert_eq!(marks(dir.path()), format!("{more}+"));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_written_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let platform = platform(dir.path());
        let (turn, _connections) = busy();
        tokio::select! {
            biased;
            _ = turn.release(&platform, answer(&platform)) => panic!("not before the turn ends"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(marks(dir.path()), "");
        tokio::task::yield_now().await;
        assert_eq!(marks(dir.path()), "+");
    }

    #[test]
    fn what_waits_is_written_when_the_thread_ends() {
        let dir = tempfile::tempdir().unwrap();
        let platform = platform(dir.path());
        let (turn, _connections) = busy();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::select! {
                biased;
                _ = turn.release(&platform, answer(&platform)) => {}
                () = std::future::ready(()) => {}
            }
        });
        assert_eq!(marks(dir.path()), "");
        drop(runtime);
        assert_eq!(marks(dir.path()), "+");
    }
}
