//! Which node makes the digests, where several share the state.
//!
//! The digests of a trail are one chain, so that one node at a time makes them: the holder of a lease in the
//! state. It runs out unless it is renewed, and then another node takes it, under the next number. Whoever
//! holds an earlier number changes no chain any more; and a digest file that it still writes is, to the
//! byte, the one that the new holder writes.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Platform};
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record};

/// How long a lease is good.
const TERM: SignedDuration = SignedDuration::from_secs(60);

/// Who makes the digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    node: String,
    until: Timestamp,
    number: u64,
}

impl Record for Kept {
    const KIND: &'static str = "cloudtrail-lease";
    const VERSION: u32 = 1;
}

/// The right to change the chains of digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
    /// No other node shares the state.
    Alone,
    /// Under this number.
    Held(u64),
}

fn key() -> Key {
    Key::new(["digests"])
}

impl Lease {
    /// Takes or renews the lease, unless another node holds it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn take(platform: &Platform) -> Result<Option<Self>, ApiError> {
        let Some(node) = platform.node() else {
            return Ok(Some(Self::Alone));
        };
        let now = platform.now();
        let left = |kept: &Kept| kept.until.duration_since(now);
        let held: Option<Kept> = platform.store().read(|tx| tx.get(&key()))?;
        match &held {
            Some(kept) if kept.node == node && left(kept) > TERM / 2 => {
                return Ok(Some(Self::Held(kept.number)));
            }
            Some(kept) if kept.node != node && left(kept).is_positive() => return Ok(None),
            _ => {}
        }
        platform.store().write(|tx| {
            let held: Option<Kept> = tx.get(&key())?;
            let number = match &held {
                Some(kept) if kept.node == node => kept.number,
                Some(kept) if left(kept).is_positive() => return Ok(None),
                Some(kept) => kept.number.saturating_add(1),
                None => 1,
            };
            let kept = Kept {
                node: node.to_owned(),
                until: now.saturating_add(TERM).unwrap_or(now),
                number,
            };
            tx.put(&key(), &kept)?;
            Ok(Some(Self::Held(number)))
        })
    }

    /// Makes sure, in the transaction that changes something, that nobody else has the lease.
    ///
    /// # Errors
    /// When another node took it.
    pub(crate) fn check(&self, tx: &dyn Read) -> Result<(), ApiError> {
        let Self::Held(number) = self else {
            return Ok(());
        };
        let held: Option<Kept> = tx.get(&key())?;
        if held.is_some_and(|kept| kept.number == *number) {
            return Ok(());
        }
        Err(ApiError::internal("another node makes the digests now"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use store::{MemoryStore, Store};
    use testkit::World;

    #[test]
    fn a_lease_that_ran_out_is_another_nodes_and_the_earlier_holder_changes_nothing() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let [a, b] = ["a", "b"].map(|name| World::node(Arc::clone(&store), name));
        let pass = |seconds| {
            a.clock.advance(SignedDuration::from_secs(seconds));
            b.clock.advance(SignedDuration::from_secs(seconds));
        };
        let take = |world: &World| Lease::take(&world.platform).unwrap();
        let good = |lease: &Lease| store.read(|tx| lease.check(tx)).is_ok();
        let first = take(&a).unwrap();
        assert_eq!((&first, take(&b)), (&Lease::Held(1), None));
        // It is renewed by who has it.
        for _ in 0..4 {
            pass(40);
            assert_eq!((take(&a), take(&b)), (Some(Lease::Held(1)), None));
        }
        pass(61);
        assert!(good(&first), "nobody took it");
        let second = take(&b).unwrap();
        assert_eq!((&second, take(&a)), (&Lease::Held(2), None));
        assert!(good(&second) && !good(&first));
        pass(61);
        assert_eq!(take(&a), Some(Lease::Held(3)));
        assert_eq!(
            Lease::take(&World::new().platform).unwrap(),
            Some(Lease::Alone)
        );
    }
}
