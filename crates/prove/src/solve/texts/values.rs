//! Values to try, the plainest first.

use super::Texts;
use crate::language::{Answer, Pattern};
use crate::model::Model;
use crate::solve::Solved;
use crate::solve::slot::{Part, Piece, Slot};
use std::borrow::Cow;

/// How many values of one text are tried.
const VALUES: usize = 4;
/// How many combinations of values are tried.
const TRIALS: usize = 200;
/// How many ways to parse a text are followed.
const PARSES: usize = 2_000;

impl<'m> Texts<'m> {
    /// Texts that meet every demand, if trying finds some.
    pub(super) fn by_trial(&self, model: &Model<'_>) -> Option<Vec<String>> {
        let mut trials = TRIALS;
        self.try_values(model, &mut trials)
    }

    fn try_values(&self, model: &Model<'_>, trials: &mut usize) -> Option<Vec<String>> {
        *trials = trials.checked_sub(1)?;
        self.budget.step().ok()?;
        let Some(at) = self.next_to_fix() else {
            return match self.leaf(model) {
                Solved::Found(texts) => Some(texts),
                Solved::Empty(_) | Solved::Unknown(_) => None,
            };
        };
        let mut tried: Vec<String> = Vec::new();
        let mut attempt = |value: String| {
            if tried.contains(&value) {
                return None;
            }
            let mut fixed = self.clone();
            fixed.fix(at, &value)?;
            tried.push(value);
            fixed.try_values(model, trials)
        };
        let slot = self.slots.get(at)?;
        if let Some(found) = self.parsed(at).into_iter().find_map(&mut attempt) {
            return Some(found);
        }
        let mut bare = slot.bare();
        for _ in 0..VALUES {
            let Solved::Found(text) = bare.answer(model) else {
                break;
            };
            if let Some(found) = attempt(text.clone()) {
                return Some(found);
            }
            let taken = Piece::Plain(Cow::Owned(Pattern::literal(&text)));
            bare.none.push(taken);
        }
        let words = ["true", "false"].into_iter();
        let mut words = words.filter(|_| !slot.bools.is_empty());
        words.find_map(|word| attempt(word.to_owned()))
    }

    /// The slot to be fixed next: of those that stand in patterns of others, one that depends on the fewest itself.
    fn next_to_fix(&self) -> Option<usize> {
        let own_rows = |at: usize| self.rows().filter(|(slot, _)| *slot == at).count();
        self.referenced().into_iter().min_by_key(|at| own_rows(*at))
    }

    fn fix(&mut self, at: usize, value: &str) -> Option<()> {
        self.substitute(at, value).ok()?;
        let literal = vec![Piece::Plain(Cow::Owned(Pattern::literal(value)))];
        self.slots.get_mut(at)?.all.push(literal);
        Some(())
    }

    /// Values that a slot has where a text that would do otherwise is parsed by a pattern with the slot in it.
    fn parsed(&self, at: usize) -> Vec<String> {
        let mut found = Vec::new();
        for slot in &self.slots {
            let rows = slot.all.iter().filter_map(|group| match group.as_slice() {
                [Piece::Open(row)] if row.slots().any(|inner| inner == at) => Some(row),
                _ => None,
            });
            for row in rows {
                if let Answer::Text(text) = self.hull(slot) {
                    let letters: Vec<char> = text.chars().collect();
                    let mut parses = PARSES;
                    found.extend(parse(&row.parts, &letters, at, None, &mut parses));
                }
            }
        }
        let question = self.slots.get(at).map(Slot::plain_question);
        found.retain(|text| question.as_ref().is_some_and(|q| q.holds(text)));
        found
    }
}

impl<'m> Slot<'m> {
    /// What is demanded of the text by itself.
    fn bare(&self) -> Self {
        let is_plain = |piece: &Piece<'m>| matches!(piece, Piece::Plain(_));
        let closed = self.all.iter().filter(|group| group.iter().all(is_plain));
        let plain = self.none.iter().filter(|piece| is_plain(piece));
        Self {
            all: closed.cloned().collect(),
            none: plain.cloned().collect(),
            measured: self.measured.clone(),
            bools: Vec::new(),
        }
    }
}

/// The value of a slot where a row matches a text; every other value is free.
fn parse(
    parts: &[Part],
    text: &[char],
    wanted: usize,
    value: Option<&[char]>,
    parses: &mut usize,
) -> Option<String> {
    use crate::language::Step;
    *parses = parses.checked_sub(1)?;
    let Some((first, rest)) = parts.split_first() else {
        return value
            .filter(|_| text.is_empty())
            .map(|value| value.iter().collect());
    };
    match first {
        Part::Step(Step::One(set)) => {
            let (c, text) = text.split_first()?;
            set.contains(*c)
                .then(|| parse(rest, text, wanted, value, parses))?
        }
        Part::Step(Step::Maybe(set) | Step::Run(set)) => {
            let taken = text.iter().take_while(|c| set.contains(**c)).count();
            let most = if matches!(first, Part::Step(Step::Maybe(_))) {
                taken.min(1)
            } else {
                taken
            };
            (0..=most).find_map(|count| parse(rest, text.get(count..)?, wanted, value, parses))
        }
        Part::Slot(inner) if inner.slot == wanted => (0..=text.len()).find_map(|count| {
            let (own, behind) = text.split_at_checked(count)?;
            let same = value.is_none_or(|known| known == own);
            same.then(|| parse(rest, behind, wanted, Some(own), parses))?
        }),
        Part::Slot(_) => (0..=text.len())
            .find_map(|count| parse(rest, text.get(count..)?, wanted, value, parses)),
    }
}
