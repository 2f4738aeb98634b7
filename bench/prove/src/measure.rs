//! Time of the processor that a thread has used: what else the machine does counts little.

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000
        + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Microseconds of one call, and what it returned.
pub fn once<T>(call: impl FnOnce() -> T) -> (f64, T) {
    let start = now_ns();
    let found = black_box(call());
    ((now_ns() - start) as f64 / 1e3, found)
}

/// Microseconds of one call: the best of several rounds.
pub fn best<T>(rounds: u32, calls: u32, mut call: impl FnMut() -> T) -> f64 {
    let round = |_| {
        let (time, ()) = once(|| {
            for _ in 0..calls {
                black_box(call());
            }
        });
        time / f64::from(calls)
    };
    (0..rounds).map(round).fold(f64::INFINITY, f64::min)
}
