//! Starting and stopping.

use jiff::Timestamp;
use platform::{ApiError, Call, Outcome, Permitted, Platform};

use crate::name::Named;
use crate::record::{Pause, Progress};
use crate::trails;

pub(crate) fn start(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |progress| {
        begin(progress, call.platform(), call.time())
    })
}

/// Begins the logging of a trail at `now`, unless it logs already.
pub(crate) fn begin(progress: &mut Progress, platform: &Platform, now: Timestamp) {
    if progress.is_logging {
        return;
    }
    progress.is_logging = true;
    progress.started = Some(now);
    if platform.node().is_some() {
        // Where each node's log was at this time is known by the times of its events alone.
        let before = Pause {
            from: Timestamp::UNIX_EPOCH,
            to: None,
        };
        if progress.pauses.is_empty() {
            progress.pauses.push(before);
        }
        if let Some(pause) = progress.pauses.last_mut() {
            pause.to.get_or_insert(now);
        }
        let nodes = progress.nodes.values_mut();
        nodes.for_each(|node| node.draining = false);
    } else if progress.draining {
        // What was logged before is still to be delivered; what came since is not.
        if let Some(pause) = progress.pauses.last_mut() {
            pause.to.get_or_insert(now);
        }
    } else {
        progress.position = platform.trail().head().position.0;
        progress.pauses.clear();
    }
    progress.draining = false;
}

pub(crate) fn stop(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |progress| halt(progress, call.time()))
}

/// Ends the logging of a trail at `now`; the events up to then are delivered yet.
pub(crate) fn halt(progress: &mut Progress, now: Timestamp) {
    if progress.is_logging {
        progress.is_logging = false;
        progress.draining = true;
        for node in progress.nodes.values_mut() {
            node.draining = true;
        }
        progress.stopped = Some(now);
        progress.pauses.push(Pause {
            from: now,
            to: None,
        });
    }
}

fn change(
    call: &Permitted<Call<'_>>,
    change: impl FnOnce(&mut Progress),
) -> Result<Outcome, ApiError> {
    let given = call.text("Name")?;
    let named = Named::read(call, given)?;
    call.write(|tx| {
        let key = trails::to_change(call, &*tx, &named, given)?.own_key();
        let mut progress: Progress = tx.get(&key)?.unwrap_or_default();
        change(&mut progress);
        tx.put(&key, &progress)?;
        Ok(())
    })?;
    Ok(Outcome::empty())
}
