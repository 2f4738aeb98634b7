//! The real clock and the real random source.

use jiff::Timestamp;
use platform::{Clock, Random, RandomError};
use std::cell::RefCell;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Up to so many bytes are drawn from what was fetched before.
const FEW: usize = 64;
/// How many bytes are fetched at once.
const POOL: usize = 1_024;

/// The operating system's random source.
///
/// Ids take a few bytes for each request. They are fetched many at a time, each thread its own; every byte is
/// given once, and forgotten then.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

/// Random bytes that nobody has seen: the last ones of `bytes`.
struct Pool {
    bytes: [u8; POOL],
    left: usize,
}

thread_local! {
    static DRAWN: RefCell<Pool> = const {
        RefCell::new(Pool {
            bytes: [0; POOL],
            left: 0,
        })
    };
}

impl Pool {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), RandomError> {
        if self.left < buffer.len() {
            self.left = 0;
            fetch(&mut self.bytes)?;
            self.left = POOL;
        }
        let rest = self.left - buffer.len();
        let given = self.bytes.get_mut(rest..self.left);
        let given = given.ok_or_else(|| RandomError("too few bytes were drawn".to_owned()))?;
        buffer.copy_from_slice(given);
        given.fill(0);
        self.left = rest;
        Ok(())
    }
}

fn fetch(buffer: &mut [u8]) -> Result<(), RandomError> {
    getrandom::fill(buffer).map_err(|error| RandomError(error.to_string()))
}

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        if buffer.len() > FEW {
            return fetch(buffer);
        }
        // A thread that is ending has no pool any more.
        match DRAWN.try_with(|pool| pool.borrow_mut().fill(buffer)) {
            Ok(filled) => filled,
            Err(_) => fetch(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_byte_is_given_twice() {
        let drawn = || {
            let mut bytes = [0; 16];
            SystemRandom.fill(&mut bytes).unwrap();
            bytes
        };
        let here: Vec<[u8; 16]> = (0..POOL).map(|_| drawn()).collect();
        let there = std::thread::spawn(move || (0..POOL).map(|_| drawn()).collect::<Vec<_>>());
        let all: HashSet<[u8; 16]> = here.into_iter().chain(there.join().unwrap()).collect();
        assert_eq!(all.len(), 2 * POOL);
    }

    #[test]
    fn what_was_given_is_forgotten() {
        let mut pool = Pool {
            bytes: [0; POOL],
            left: 0,
        };
        for size in [64, 0, 5, 16] {
            pool.fill(&mut vec![0; size]).unwrap();
        }
        assert_eq!(pool.left, POOL - 85);
        assert!(pool.bytes.iter().skip(pool.left).all(|byte| *byte == 0));
    }
}
