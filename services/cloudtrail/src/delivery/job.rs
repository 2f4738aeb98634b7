//! A trail for which there may be something to deliver.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Platform};
use store::{Key, Scan, Write};
use trail::Position;

use super::{CROWD, Schedule};
use crate::lease::Lease;
use crate::record::{Node, Progress, Retired, Trail};

/// How much later than it began an event may be in the log, at most.
const DISORDER: SignedDuration = SignedDuration::from_hours(1);

/// The longest that a failed delivery waits for its repetition.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

pub(super) struct Job {
    pub(super) trail: Trail,
    /// As this node sees it.
    pub(super) progress: Progress,
    retired: bool,
    /// This node, where others share the state.
    node: Option<String>,
    /// Where this node begins.
    fresh: Node,
}

impl Job {
    /// Every trail, and those that were deleted with something left to deliver.
    pub(super) fn all(platform: &Platform) -> Result<Vec<Self>, ApiError> {
        let everything = Scan::under(&Key::new::<&str>([]));
        let kept = platform.store().read(|tx| {
            let mut kept = Vec::new();
            for entry in tx.scan::<Trail>(&everything)? {
                let progress: Progress = tx.get(&entry.key)?.unwrap_or_default();
                kept.push((entry.value, progress, false));
            }
            for entry in tx.scan::<Retired>(&everything)? {
                let Retired { trail, progress } = entry.value;
                kept.push((trail, progress, true));
            }
            Ok::<_, ApiError>(kept)
        })?;
        let jobs = kept
            .into_iter()
            .map(|(trail, progress, retired)| Self::new(platform, trail, progress, retired));
        jobs.collect()
    }

    fn new(
        platform: &Platform,
        trail: Trail,
        progress: Progress,
        retired: bool,
    ) -> Result<Self, ApiError> {
        // A state that nodes shared once knows this one by no name.
        let alone = (!progress.nodes.is_empty()).then_some("");
        let node = platform.node().or(alone).map(str::to_owned);
        let known = node
            .as_ref()
            .is_none_or(|node| progress.nodes.contains_key(node));
        let begins = !known && (progress.started.is_some() || progress.stopped.is_some());
        let fresh = if begins {
            beginning(platform, &progress)?
        } else {
            Node::default()
        };
        let mut job = Self {
            trail,
            progress: progress.seen_by(node.as_deref(), &fresh),
            retired,
            node,
            fresh,
        };
        if begins {
            job.keep(platform, |_| {})?;
        }
        Ok(job)
    }

    /// Whether it is time to look what there is to deliver.
    pub(super) fn is_due(&self, platform: &Platform, schedule: &Schedule) -> bool {
        let progress = &self.progress;
        let now = platform.now();
        let is_over = |time: Option<Timestamp>, wait: SignedDuration| {
            time.is_none_or(|time| now.duration_since(time) >= wait)
        };
        if progress.error.is_some() || progress.digest_error.is_some() {
            return (progress.is_logging || progress.draining)
                && is_over(progress.looked, schedule.delivery.min(PATIENCE));
        }
        if progress.draining {
            return true;
        }
        let waiting = platform.trail().head().position.0;
        let crowded = waiting.saturating_sub(progress.position) >= CROWD;
        let due = is_over(progress.looked.max(progress.started), schedule.delivery);
        let digest = progress
            .chains
            .iter()
            .any(|chain| chain.plan.is_some() || is_over(Some(chain.since), schedule.digest));
        let unchained = self.trail.validation && progress.chains.is_empty();
        progress.is_logging && (due || crowded || digest || unchained) || self.has_remains()
    }

    /// Whether something was delivered for a trail that rests already, by a node that was away.
    pub(super) fn has_remains(&self) -> bool {
        let progress = &self.progress;
        let chains = &mut progress.chains.iter();
        self.node.is_some()
            && !progress.is_logging
            && !progress.draining
            && chains.any(|chain| !chain.files.is_empty())
    }

    /// What tells this node's files from those of others.
    pub(super) fn node(&self) -> &str {
        self.node.as_deref().unwrap_or_default()
    }

    /// When the trail was deleted, if it was.
    pub(super) fn retired_at(&self) -> Option<Timestamp> {
        self.progress.stopped.filter(|_| self.retired)
    }

    /// Changes the trail's progress in the store, and here.
    ///
    /// # Errors
    /// When the trail is gone, or another delivery has moved its position.
    pub(super) fn keep(
        &mut self,
        platform: &Platform,
        change: impl FnOnce(&mut Progress),
    ) -> Result<(), ApiError> {
        self.keep_under(platform, &Lease::Alone, change)
    }

    /// The same for who holds the lease of digests.
    ///
    /// # Errors
    /// As [`keep`](Self::keep), and when another node has the lease.
    pub(super) fn keep_under(
        &mut self,
        platform: &Platform,
        lease: &Lease,
        change: impl FnOnce(&mut Progress),
    ) -> Result<(), ApiError> {
        let mine = (self.progress.position, self.progress.plan.clone());
        let (trail, progress) = platform.store().write(|tx| {
            lease.check(&*tx)?;
            let (trail, mut progress) = self.read(tx)?;
            progress.as_node(self.node.as_deref(), &self.fresh, |progress| {
                if (progress.position, progress.plan.clone()) != mine {
                    return Err(ApiError::internal("the trail was started anew meanwhile"));
                }
                change(progress);
                Ok(())
            })?;
            self.write(tx, &trail, &progress)?;
            Ok::<_, ApiError>((trail, progress))
        })?;
        self.trail = trail;
        self.progress = progress.seen_by(self.node.as_deref(), &self.fresh);
        Ok(())
    }

    fn read(&self, tx: &mut dyn Write) -> Result<(Trail, Progress), ApiError> {
        let gone = || ApiError::internal("the trail was deleted meanwhile");
        if self.retired {
            let Retired { trail, progress } = tx.get(&self.key())?.ok_or_else(gone)?;
            return Ok((trail, progress));
        }
        let trail: Option<Trail> = tx.get(&self.key())?;
        let trail = trail.filter(|trail| trail.id == self.trail.id);
        let progress = tx.get(&self.key())?.unwrap_or_default();
        Ok((trail.ok_or_else(gone)?, progress))
    }

    fn write(
        &self,
        tx: &mut dyn Write,
        trail: &Trail,
        progress: &Progress,
    ) -> Result<(), ApiError> {
        if self.retired {
            let (trail, progress) = (trail.clone(), progress.clone());
            tx.put(&self.key(), &Retired { trail, progress })?;
        } else {
            tx.put(&self.key(), progress)?;
        }
        Ok(())
    }

    fn key(&self) -> Key {
        if self.retired {
            Key::new([self.trail.id.as_str()])
        } else {
            self.trail.own_key()
        }
    }

    /// All that there was is delivered: a stopped trail rests, a deleted one is forgotten, unless other nodes
    /// still deliver; with `anyway` all the same.
    pub(super) fn end(&mut self, platform: &Platform, anyway: bool) -> Result<(), ApiError> {
        let shared = self.node.is_some();
        let busy = |progress: &Progress| {
            let remains = progress.chains.iter().any(|chain| !chain.files.is_empty());
            shared && (progress.others_drain() || remains)
        };
        if self.retired && (anyway || !busy(&self.progress)) {
            let key = self.key();
            platform.store().write(|tx| tx.delete::<Retired>(&key))?;
            return Ok(());
        }
        self.keep(platform, |progress| {
            // Started again in the meantime, it goes on.
            if !progress.is_logging {
                progress.draining = false;
                if !busy(progress) {
                    progress.chains.clear();
                }
            }
        })
    }
}

/// Where a node begins with a trail that it has not seen.
fn beginning(platform: &Platform, progress: &Progress) -> Result<Node, ApiError> {
    let head = platform.trail().head().position.0;
    let alone = progress.alone();
    if progress.nodes.is_empty() && (1..=head).contains(&alone.position) {
        // It was the only node until now.
        return Ok(alone);
    }
    let since = progress.started.unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Node {
        position: place(platform, since)?,
        draining: !progress.is_logging,
        ..Node::default()
    })
}

/// A position of the log before all that happened from `since` on. Events are in the order in which they
/// ended, which is nearly that of their times.
pub(crate) fn place(platform: &Platform, since: Timestamp) -> Result<u64, ApiError> {
    let log = platform.trail();
    let since = since.saturating_sub(DISORDER).unwrap_or(since);
    let (mut low, mut high) = (0, log.head().position.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = log
            .read(Position(middle.saturating_add(1)), 1)
            .map_err(ApiError::internal)?;
        match next.first() {
            Some(record) if record.event.event_time < since => low = middle.saturating_add(1),
            _ => high = middle,
        }
    }
    Ok(low)
}
