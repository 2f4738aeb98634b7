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
            open => follow(open, rest),
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
