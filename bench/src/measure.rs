//! Thread CPU time of a decision: the least of many batches, all engines taking turns.

use crate::Result;
use crate::scenario::Scenario;
use crate::subject::{Answer, Subject};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

/// How long a batch takes.
const BATCH_NS: u64 = 10_000_000;
/// How many batches are timed, behind as many tenths that warm up.
const BATCHES: u32 = 60;

/// What one scenario took.
pub(crate) struct Timed<'a> {
    pub(crate) scenario: &'a Scenario,
    /// Engine, nanoseconds a decision, answer.
    pub(crate) figures: Vec<(&'static str, f64, Answer)>,
}

fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000
        + u64::try_from(time.tv_nsec).unwrap_or(0)
}

fn batch(subject: &Subject, count: u64) -> u64 {
    let start = now_ns();
    for _ in 0..count {
        black_box((subject.run)());
    }
    now_ns() - start
}

/// How many decisions make a batch.
fn batch_size(subject: &Subject) -> u64 {
    let mut count = 1;
    loop {
        let took = batch(subject, count);
        if took >= BATCH_NS / 4 {
            return (count * BATCH_NS / took).max(1);
        }
        count *= 2;
    }
}

/// Times every engine on a scenario.
pub(crate) fn time(scenario: &Scenario) -> Result<Timed<'_>> {
    let sizes: Vec<u64> = scenario.subjects.iter().map(batch_size).collect();
    let mut least = vec![f64::INFINITY; sizes.len()];
    for round in 0..BATCHES + BATCHES / 10 {
        for ((subject, size), least) in scenario.subjects.iter().zip(&sizes).zip(&mut least) {
            let took = batch(subject, *size) as f64 / *size as f64;
            if round >= BATCHES / 10 {
                *least = least.min(took);
            }
        }
    }
    let figures = scenario.subjects.iter().zip(least);
    let figures: Vec<_> = figures
        .map(|(subject, ns)| (subject.engine, ns, (subject.run)()))
        .collect();
    match figures.first() {
        Some((_, _, answer)) if *answer == scenario.expected => Ok(Timed { scenario, figures }),
        _ => Err(format!("{}: the answer is wrong", scenario.name).into()),
    }
}
