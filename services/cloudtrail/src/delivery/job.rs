//! A trail for which there may be something to deliver.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Platform};
use store::{Key, Scan, Write};

use super::{CROWD, Schedule};
use crate::record::{Progress, Retired, Trail};

/// The longest that a failed delivery waits for its repetition.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

pub(super) struct Job {
    pub(super) trail: Trail,
    pub(super) progress: Progress,
    retired: bool,
}

impl Job {
    /// Every trail, and those that were deleted with something left to deliver.
    pub(super) fn all(platform: &Platform) -> Result<Vec<Self>, ApiError> {
        let everything = Scan::under(&Key::new::<&str>([]));
        platform.store().read(|tx| {
            let mut jobs = Vec::new();
            for entry in tx.scan::<Trail>(&everything)? {
                let progress = tx.get(&entry.key)?.unwrap_or_default();
                jobs.push(Self {
                    trail: entry.value,
                    progress,
                    retired: false,
                });
            }
            for entry in tx.scan::<Retired>(&everything)? {
                let Retired { trail, progress } = entry.value;
                jobs.push(Self {
                    trail,
                    progress,
                    retired: true,
                });
            }
            Ok(jobs)
        })
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
        progress.is_logging && (due || crowded || digest || unchained)
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
        let mine = (self.progress.position, self.progress.plan.clone());
        let (trail, progress) = platform.store().write(|tx| {
            let (trail, mut progress) = self.read(tx)?;
            if (progress.position, progress.plan.clone()) != mine {
                return Err(ApiError::internal("the trail was started anew meanwhile"));
            }
            change(&mut progress);
            self.write(tx, &trail, &progress)?;
            Ok((trail, progress))
        })?;
        (self.trail, self.progress) = (trail, progress);
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

    /// All that there was is delivered: a stopped trail rests, a deleted one is forgotten.
    pub(super) fn end(&mut self, platform: &Platform) -> Result<(), ApiError> {
        if self.retired {
            let key = self.key();
            platform.store().write(|tx| tx.delete::<Retired>(&key))?;
            return Ok(());
        }
        self.keep(platform, |progress| {
            // Started again in the meantime, it goes on.
            if !progress.is_logging {
                progress.draining = false;
                progress.chains.clear();
            }
        })
    }
}
