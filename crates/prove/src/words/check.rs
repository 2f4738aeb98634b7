//! Whether given texts fulfil a system: matching, straight from the definition.

use std::borrow::Cow;

use super::{Equation, Piece, System};
use crate::language::{Pattern, Set, Step};

impl System<'_> {
    /// Whether texts, one for each of [`System::texts`], fulfil everything.
    #[must_use]
    pub fn holds(&self, texts: &[String]) -> bool {
        let of = |at: &usize| texts.get(*at).map(String::as_str).unwrap_or_default();
        let languages = self.texts.iter().zip(texts).all(|(language, text)| {
            let matched = |pattern: &Cow<'_, Pattern>| matches(&pattern.steps, text);
            language.all.iter().all(|group| group.iter().any(matched))
                && !language.none.iter().any(matched)
        });
        texts.len() >= self.texts.len()
            && languages
            && self
                .equations
                .iter()
                .all(|equation| equation.is_true(texts) == equation.holds)
            && self
                .differ
                .iter()
                .all(|group| group.iter().any(|(a, b)| of(a) != of(b)))
    }
}

impl Equation {
    /// Whether the text matches the pattern.
    pub(super) fn is_true(&self, texts: &[String]) -> bool {
        let mut steps = Vec::new();
        for piece in &self.pattern {
            match piece {
                Piece::Step(step) => steps.push(step.clone()),
                Piece::Text(at) => {
                    let text = texts.get(*at).map(String::as_str).unwrap_or_default();
                    steps.extend(text.chars().map(|c| Step::One(Set::One(c))));
                }
            }
        }
        texts
            .get(self.text)
            .is_some_and(|text| matches(&steps, text))
    }
}

/// Whether steps take the whole of a text.
pub(super) fn matches(steps: &[Step], text: &str) -> bool {
    let mut live = vec![false; steps.len() + 1];
    enter(steps, &mut live, 0);
    for c in text.chars() {
        let mut next = vec![false; steps.len() + 1];
        for (at, step) in steps.iter().enumerate() {
            if live.get(at) == Some(&true) && step.set().contains(c) {
                let stays = matches!(step, Step::Run(_));
                enter(steps, &mut next, if stays { at } else { at + 1 });
            }
        }
        live = next;
    }
    live.last() == Some(&true)
}

/// Enters a place, and those behind it that need no character.
fn enter(steps: &[Step], live: &mut [bool], mut at: usize) {
    loop {
        if let Some(place) = live.get_mut(at) {
            *place = true;
        }
        match steps.get(at) {
            Some(Step::Maybe(_) | Step::Run(_)) => at += 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests;
