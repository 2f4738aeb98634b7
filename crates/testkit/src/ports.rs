//! A clock that stands still until it is moved, and random bytes that are the same in every run.

use jiff::{SignedDuration, Timestamp};
use platform::{Clock, Operator, Random, RandomError};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// 2026-01-02T03:04:05Z
const START: i64 = 1_767_323_045;

/// A clock that a test moves.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl TestClock {
    /// Moves the clock on.
    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Bytes that look random and never repeat (SplitMix64).
#[derive(Debug, Default)]
pub struct CountingRandom(AtomicU64);

impl CountingRandom {
    /// Bytes of a sequence of its own.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let number = name.bytes().fold(0, |sum: u64, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        Self(AtomicU64::new(number << 40))
    }
}

impl Random for CountingRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        for chunk in buffer.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
            let mut mixed = count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            for (byte, value) in chunk.iter_mut().zip(mixed.to_le_bytes()) {
                *byte = value;
            }
        }
        Ok(())
    }
}

/// An operator who does not listen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Operator for Silent {
    fn report(&self, _: &str) {}
}
