//! Values to try, the plainest first.

use super::{Hulls, Texts};
use crate::language::{Answer, Pattern};
use crate::model::Model;
use crate::solve::Solved;
use crate::solve::slot::{Part, Piece, Row, Slot};
use std::borrow::Cow;

/// How many values of one text are tried.
const VALUES: usize = 4;
/// How many combinations of values are tried.
const TRIALS: usize = 200;
/// How many before anything else is.
const FEW_TRIALS: usize = 4;
/// How many ways to parse a text are followed.
const PARSES: usize = 2_000;

/// Texts of slots where anything may stand in the place of values.
#[derive(Clone, Copy, Default)]
struct Hand<'h> {
    texts: &'h [Option<String>],
    /// They are of the same demands; otherwise of fewer.
    own: bool,
}

impl<'m> Texts<'m> {
    /// Texts that meet every demand, if trying finds some.
    pub(super) fn by_trial(&self, model: &Model<'_>) -> Option<Vec<String>> {
        let mut trials = TRIALS;
        self.try_values(model, Hand::default(), &mut trials)
    }

    /// Texts that meet every demand, if trying the plainest finds some.
    pub(super) fn by_few_trials(&self, model: &Model<'_>, hulls: &Hulls) -> Option<Vec<String>> {
        let mut trials = FEW_TRIALS;
        let hand = Hand {
            texts: hulls,
            own: true,
        };
        self.try_values(model, hand, &mut trials)
    }

    fn try_values(
        &self,
        model: &Model<'_>,
        hand: Hand<'_>,
        trials: &mut usize,
    ) -> Option<Vec<String>> {
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
            fixed.try_values(model, Hand { own: false, ..hand }, trials)
        };
        let slot = self.slots.get(at)?;
        if let Some(found) = self.parsed(at, hand, &mut attempt) {
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

    /// The slot to be fixed next: of those that stand in patterns of others, one that depends on the fewest itself; of
    /// these, one that must match something.
    fn next_to_fix(&self) -> Option<usize> {
        let needs = |at: usize| {
            self.slots
                .get(at)
                .map_or(&[][..], |slot| slot.all.as_slice())
        };
        let is_open = |group: &Vec<Piece<'m>>| group.iter().any(|p| matches!(p, Piece::Open(_)));
        let bools = |at: usize| self.slots.get(at).map_or(0, |slot| slot.bools.len());
        let key = |at: &usize| {
            let open = needs(*at).iter().filter(|group| is_open(group)).count();
            (open + bools(*at), needs(*at).is_empty())
        };
        self.referenced().into_iter().min_by_key(key)
    }

    fn fix(&mut self, at: usize, value: &str) -> Option<()> {
        self.substitute(at, value).ok()?;
        let literal = || Piece::Plain(Cow::Owned(Pattern::literal(value)));
        let slot = self.slots.get_mut(at)?;
        slot.all.push(vec![literal()]);
        // What it must not be must not be it.
        let others: Vec<usize> = slot.none.iter().filter_map(Piece::other).collect();
        for other in others {
            self.slots.get_mut(other)?.none.push(literal());
        }
        Some(())
    }

    /// Tries values that a slot has where a text that would do otherwise is parsed by a pattern with the slot in it. Where a
    /// value does not do, texts with others are parsed.
    fn parsed<T>(
        &self,
        at: usize,
        hand: Hand<'_>,
        attempt: &mut impl FnMut(String) -> Option<T>,
    ) -> Option<T> {
        let question = self.slots.get(at)?.plain_question();
        for (number, slot) in self.slots.iter().enumerate() {
            let rows = slot.all.iter().filter_map(|group| match group.as_slice() {
                [Piece::Open(row)] if row.slots().any(|inner| inner == at) => Some(row),
                _ => None,
            });
            let rows: Vec<&Row> = rows.collect();
            if rows.is_empty() {
                continue;
            }
            let mut known = hand.texts.get(number).and_then(Option::as_deref);
            let mut without = Vec::new();
            for _ in 0..VALUES {
                let tried = without.len();
                let text = match known.take() {
                    Some(known) if hand.own => known.to_owned(),
                    known => match self.hull(slot, &without, known) {
                        Answer::Text(text) => text,
                        Answer::Empty | Answer::Unknown => break,
                    },
                };
                let letters: Vec<char> = text.chars().collect();
                for row in &rows {
                    let mut parses = PARSES;
                    let Some(value) = parse(&row.parts, &letters, at, None, &mut parses) else {
                        continue;
                    };
                    without.push(self.hull_of(row, Some((at, &value))));
                    if question.holds(&value)
                        && let Some(found) = attempt(value)
                    {
                        return Some(found);
                    }
                }
                if without.len() == tried {
                    break;
                }
            }
        }
        None
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

impl Piece<'_> {
    /// The slot, if it is the text of one and nothing else.
    fn other(&self) -> Option<usize> {
        let Self::Open(row) = self else {
            return None;
        };
        let whole = row.whole()?;
        (!whole.fold && !whole.segment && !row.arn).then_some(whole.slot)
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
