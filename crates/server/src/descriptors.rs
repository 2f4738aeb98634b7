//! How many files may be open, and with them connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are not connections of clients: of the state, the trail, objects under way.
const OTHERS: u64 = 1_024;
/// Connections that are tried however few descriptors there are.
const LEAST: u64 = 16;

/// Raises the limit on open files so that there is room for this many connections. Returns for how
/// many there is, and the limit, when it is fewer.
pub(crate) fn make_room(connections: usize) -> Result<(), (usize, u64)> {
    let wanted = u64::try_from(connections)
        .unwrap_or(u64::MAX)
        .saturating_add(OTHERS);
    let now = getrlimit(Resource::Nofile);
    let Some(current) = now.current.filter(|current| *current < wanted) else {
        return Ok(());
    };
    let possible = now.maximum.map_or(wanted, |most| most.min(wanted));
    let raised = Rlimit {
        current: Some(possible),
        maximum: now.maximum,
    };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => possible,
        Err(_) => current,
    };
    if limit >= wanted {
        return Ok(());
    }
    let room = limit.saturating_sub(OTHERS).max(LEAST);
    Err((usize::try_from(room).unwrap_or(usize::MAX), limit))
}
