//! Whether one text matches one pattern.

use super::{Pattern, Step};

impl Pattern {
    /// Whether the whole of a text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (fixed, open) = self.fixed_prefix();
        let mut rest = text.chars();
        for step in fixed {
            match rest.next() {
                Some(c) if step.set().contains(c) => {}
                _ => return false,
            }
        }
        match open {
            [] => rest.next().is_none(),
            [Step::Run(super::Set::Any)] => true,
            open => takes(open, rest),
        }
    }

    /// The steps that take exactly one character, up to the first that does not, and the others.
    pub(crate) fn fixed_prefix(&self) -> (&[Step], &[Step]) {
        let at = self
            .steps
            .iter()
            .position(|step| !matches!(step, Step::One(_)));
        self.steps
            .split_at_checked(at.unwrap_or(self.steps.len()))
            .unwrap_or((&self.steps, &[]))
    }
}

/// Whether steps take a whole text.
pub(super) fn takes(steps: &[Step], text: impl Iterator<Item = char>) -> bool {
    match steps.len() < 128 {
        true => follow_few(steps, text),
        false => follow(steps, text),
    }
}

/// As [`follow`], with the places as bits of one number.
fn follow_few(steps: &[Step], text: impl Iterator<Item = char>) -> bool {
    let entered = |places: u128, mut at: usize| {
        let mut places = places;
        while places & 1 << at == 0 {
            places |= 1 << at;
            match steps.get(at) {
                Some(Step::Maybe(_) | Step::Run(_)) => at += 1,
                _ => break,
            }
        }
        places
    };
    let mut here = entered(0, 0);
    for c in text {
        let (mut left, mut next) = (here, 0);
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            match steps.get(at) {
                Some(step) if !step.set().contains(c) => {}
                Some(Step::One(_) | Step::Maybe(_)) => next = entered(next, at + 1),
                Some(Step::Run(_)) => next = entered(next, at),
                None => {}
            }
        }
        if next == 0 {
            return false;
        }
        here = next;
    }
    here & 1 << steps.len() != 0
}

/// All places at once, so that the time is bounded by the length of the pattern times that of the text.
fn follow(steps: &[Step], text: impl Iterator<Item = char>) -> bool {
    let mut here = vec![false; steps.len() + 1];
    enter(steps, &mut here, 0);
    let mut next = vec![false; steps.len() + 1];
    for c in text {
        next.fill(false);
        let mut alive = false;
        for (at, step) in steps.iter().enumerate() {
            if !here.get(at).copied().unwrap_or(false) || !step.set().contains(c) {
                continue;
            }
            alive = true;
            match step {
                Step::One(_) | Step::Maybe(_) => enter(steps, &mut next, at + 1),
                Step::Run(_) => enter(steps, &mut next, at),
            }
        }
        if !alive {
            return false;
        }
        std::mem::swap(&mut here, &mut next);
    }
    here.last().copied().unwrap_or(false)
}

fn enter(steps: &[Step], places: &mut [bool], mut at: usize) {
    loop {
        match places.get_mut(at) {
            Some(place) if !*place => *place = true,
            _ => return,
        }
        match steps.get(at) {
            Some(Step::Maybe(_) | Step::Run(_)) => at += 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests;
