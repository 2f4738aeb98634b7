//! The search for a text.

use crate::hash::Table;
use std::collections::VecDeque;

use super::alphabet::{Alphabet, Mask};
use super::{Pattern, Set, Step};

/// A question about one text.
#[derive(Clone, Debug, Default)]
pub struct Question<'p> {
    /// Of each of these, at least one pattern matches.
    pub all: Vec<Vec<&'p Pattern>>,
    /// None of these matches.
    pub none: Vec<&'p Pattern>,
}

/// What is known of the texts that a [`Question`] asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is one.
    Text(String),
    /// There is none.
    Empty,
    /// More states than the budget, or more kinds of characters than are told apart.
    Unknown,
}

impl Question<'_> {
    /// Answers within a budget of states.
    #[must_use]
    pub fn answer(&self, budget: usize) -> Answer {
        self.answer_within(&mut { budget })
    }

    /// Answers within the states that are left, and takes those that it took.
    pub(crate) fn answer_within(&self, left: &mut usize) -> Answer {
        *left = left.saturating_sub(1);
        self.quick().unwrap_or_else(|| self.search(left))
    }

    /// Answers within a budget of states, with a shortest text.
    #[must_use]
    pub fn shortest(&self, budget: usize) -> Answer {
        self.search(&mut { budget })
    }

    /// Answers with a shortest text within the states that are left, and takes those that it took.
    pub(crate) fn search(&self, left: &mut usize) -> Answer {
        let patterns = self.all.iter().flatten().chain(&self.none);
        let sets = patterns.flat_map(|pattern| pattern.steps.iter().map(Step::set));
        match Alphabet::new(sets) {
            Some(alphabet) => Search::new(self, &alphabet).run(self.beginning(), left),
            None => Answer::Unknown,
        }
    }

    /// Characters that every answer begins with.
    fn beginning(&self) -> &[Step] {
        let alone = self.all.iter().filter_map(|group| match group.as_slice() {
            [pattern] => Some(pattern.literal_prefix()),
            _ => None,
        });
        alone.max_by_key(|steps| steps.len()).unwrap_or_default()
    }
}

/// One place in a pattern.
#[derive(Clone, Copy)]
enum Place {
    End,
    One(Mask),
    Maybe(Mask),
    Run(Mask),
    /// Everything that may follow matches.
    Rest,
}

/// Patterns followed together: the places of all of them, one after the other.
struct Group {
    places: Vec<Place>,
    starts: Vec<usize>,
    /// The first place behind which everything matches, if there is one.
    rest: usize,
    /// Where its words stand in a state.
    words: std::ops::Range<usize>,
}

/// The masks of sets. Those that are not one character take a while, and patterns have few different ones.
struct Masks<'a, 'p> {
    alphabet: &'a Alphabet,
    known: Vec<(&'p Set, Mask)>,
}

impl<'p> Masks<'_, 'p> {
    fn of(&mut self, set: &'p Set) -> Mask {
        if let Set::Any | Set::One(_) = set {
            return self.alphabet.mask(set);
        }
        if let Some((_, mask)) = self.known.iter().find(|(known, _)| *known == set) {
            return *mask;
        }
        let mask = self.alphabet.mask(set);
        self.known.push((set, mask));
        mask
    }
}

impl Group {
    fn new<'p>(patterns: &[&'p Pattern], masks: &mut Masks<'_, 'p>, first_word: usize) -> Self {
        let length = |pattern: &&Pattern| pattern.steps.len() + 1;
        let mut places = Vec::with_capacity(patterns.iter().map(length).sum());
        let mut starts = Vec::with_capacity(patterns.len());
        let everything = masks.alphabet.all();
        for pattern in patterns {
            starts.push(places.len());
            for (at, step) in pattern.steps.iter().enumerate() {
                let mask = masks.of(step.set());
                let last = at + 1 == pattern.steps.len();
                places.push(match step {
                    Step::One(_) => Place::One(mask),
                    Step::Maybe(_) => Place::Maybe(mask),
                    Step::Run(_) if last && mask == everything => Place::Rest,
                    Step::Run(_) => Place::Run(mask),
                });
            }
            places.push(Place::End);
        }
        let words = first_word..first_word + places.len().div_ceil(64).max(1);
        let rest = places.iter().position(|place| matches!(place, Place::Rest));
        Self {
            rest: rest.unwrap_or(0),
            places,
            starts,
            words,
        }
    }

    /// Enters a place, and those behind it that nothing needs to be read for. Returns whether everything that may follow
    /// matches.
    fn enter(&self, state: &mut [u64], mut at: usize) -> bool {
        loop {
            if !set(state, at) {
                // It was entered before, with all behind it; where all matches, that was said then.
                return false;
            }
            match self.places.get(at) {
                Some(Place::Maybe(_) | Place::Run(_)) => at += 1,
                Some(Place::Rest) => return true,
                _ => return false,
            }
        }
    }

    /// Everything that may follow matches: no other place matters.
    fn settle(&self, state: &mut [u64], rest: bool) -> bool {
        if rest {
            state.fill(0);
            set(state, self.rest);
        }
        rest
    }

    fn start(&self, state: &mut [u64]) -> bool {
        let mut rest = false;
        for start in &self.starts {
            rest |= self.enter(state, *start);
        }
        self.settle(state, rest)
    }

    fn step(&self, from: &[u64], symbol: Mask, to: &mut [u64]) -> bool {
        let mut rest = false;
        for at in ones(from) {
            match self.places.get(at) {
                Some(Place::One(mask) | Place::Maybe(mask)) if mask & symbol != 0 => {
                    rest |= self.enter(to, at + 1);
                }
                Some(Place::Run(mask)) if mask & symbol != 0 => rest |= self.enter(to, at),
                Some(Place::Rest) => rest = true,
                _ => {}
            }
        }
        self.settle(to, rest)
    }

    fn live(&self, state: &[u64]) -> impl Iterator<Item = Mask> {
        ones(state).filter_map(|at| match self.places.get(at)? {
            Place::One(mask) | Place::Maybe(mask) | Place::Run(mask) => Some(*mask),
            Place::Rest => Some(Mask::MAX),
            Place::End => None,
        })
    }

    fn accepts(&self, state: &[u64]) -> bool {
        ones(state).any(|at| matches!(self.places.get(at), Some(Place::End | Place::Rest)))
    }
}

/// Sets a bit; whether it was not set before.
fn set(state: &mut [u64], at: usize) -> bool {
    let Some(word) = state.get_mut(at / 64) else {
        return false;
    };
    let bit = 1 << (at % 64);
    let new = *word & bit == 0;
    *word |= bit;
    new
}

fn ones(state: &[u64]) -> impl Iterator<Item = usize> {
    state.iter().enumerate().flat_map(|(number, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let at = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(number * 64 + at)
        })
    })
}

/// Where all patterns of a question stand after the characters read so far.
pub(crate) type State = Box<[u64]>;

/// A question as an automaton whose states are made as they are reached.
pub(crate) struct Search<'a> {
    alphabet: &'a Alphabet,
    all: Vec<Group>,
    none: Group,
    words: usize,
}

impl<'a> Search<'a> {
    pub(crate) fn new<'p>(question: &Question<'p>, alphabet: &'a Alphabet) -> Self {
        let mut words = 0;
        let mut masks = Masks {
            alphabet,
            known: Vec::new(),
        };
        let mut group = |patterns: &[&'p Pattern]| {
            let group = Group::new(patterns, &mut masks, words);
            words = group.words.end;
            group
        };
        let all = question
            .all
            .iter()
            .map(|patterns| group(patterns))
            .collect();
        let none = group(&question.none);
        Self {
            alphabet,
            all,
            none,
            words,
        }
    }

    /// Searches from the characters on that every answer begins with.
    fn run(&self, beginning: &[Step], left: &mut usize) -> Answer {
        let Some(start) = self.start().and_then(|start| self.behind(start, beginning)) else {
            return Answer::Empty;
        };
        let text = |states: &[(State, usize, char)], at: usize, last: Option<char>| {
            let letters = beginning.iter().filter_map(Step::letter);
            Answer::Text(letters.chain(spell(states, at)).chain(last).collect())
        };
        if self.accepts(&start) {
            return text(&[], 0, None);
        }
        let mut states: Vec<(State, usize, char)> = vec![(start.clone(), 0, '\0')];
        let mut seen: Table<State, ()> = Table::from_iter([(start, ())]);
        let mut next = VecDeque::from([0]);
        let mut kinds = Vec::new();
        while let Some(at) = next.pop_front() {
            let Some((state, ..)) = states.get(at).cloned() else {
                break;
            };
            self.choices(&state, &mut kinds);
            for symbol in kinds.iter().copied() {
                let Some(to) = self.step(&state, symbol) else {
                    continue;
                };
                let Some(c) = self.alphabet.first(symbol) else {
                    continue;
                };
                if self.accepts(&to) {
                    return text(&states, at, Some(c));
                }
                if seen.insert(to.clone(), ()).is_none() {
                    match left.checked_sub(1) {
                        Some(fewer) => *left = fewer,
                        None => return Answer::Unknown,
                    }
                    next.push_back(states.len());
                    states.push((to, at, c));
                }
            }
        }
        Answer::Empty
    }

    /// The first state; `None` when there is no answer at all.
    pub(crate) fn start(&self) -> Option<State> {
        let mut state = vec![0; self.words].into_boxed_slice();
        for group in &self.all {
            group.start(state.get_mut(group.words.clone())?);
        }
        let excluded = self.none.start(state.get_mut(self.none.words.clone())?);
        (!excluded).then_some(state)
    }

    /// The state behind characters that there is no choice between.
    fn behind(&self, mut state: State, beginning: &[Step]) -> Option<State> {
        let mut next = vec![0; self.words].into_boxed_slice();
        for step in beginning {
            next.fill(0);
            self.step_into(&state, self.alphabet.mask(step.set()), &mut next)?;
            std::mem::swap(&mut state, &mut next);
        }
        Some(state)
    }

    /// The state behind a symbol; `None` when nothing behind it can be an answer.
    pub(crate) fn step(&self, from: &State, symbol: Mask) -> Option<State> {
        let mut to = vec![0; self.words].into_boxed_slice();
        self.step_into(from, symbol, &mut to).map(|()| to)
    }

    fn step_into(&self, from: &[u64], symbol: Mask, to: &mut [u64]) -> Option<()> {
        let mut follow = |group: &Group| {
            let (before, after) = (
                from.get(group.words.clone())?,
                to.get_mut(group.words.clone())?,
            );
            let rest = group.step(before, symbol, after);
            let lost = after.iter().all(|word| *word == 0);
            Some((rest, lost))
        };
        for group in &self.all {
            if follow(group)?.1 {
                return None;
            }
        }
        let (excluded, _) = follow(&self.none)?;
        (!excluded).then_some(())
    }

    /// Whether what was read is an answer.
    pub(crate) fn accepts(&self, state: &State) -> bool {
        let of = |group: &Group| {
            state
                .get(group.words.clone())
                .is_some_and(|part| group.accepts(part))
        };
        self.all.iter().all(of) && !of(&self.none)
    }

    /// The sets of characters by which a state tells what comes next apart.
    pub(crate) fn distinctions(&self, state: &State) -> Vec<Mask> {
        let groups = self.all.iter().chain([&self.none]);
        let of = |group: &Group| {
            let part = state.get(group.words.clone()).unwrap_or_default();
            group.live(part).collect::<Vec<Mask>>()
        };
        let mut masks: Vec<Mask> = groups.flat_map(of).collect();
        masks.sort_unstable();
        masks.dedup();
        masks
    }

    /// One symbol of each kind that goes on in every group of `all`, as far as the state tells kinds apart.
    fn choices(&self, state: &State, kinds: &mut Vec<Mask>) {
        let part = |group: &Group| state.get(group.words.clone()).unwrap_or_default();
        let mut onward = self.alphabet.all();
        for group in &self.all {
            onward &= group.live(part(group)).fold(0, |all, mask| all | mask);
        }
        kinds.clear();
        kinds.extend((onward != 0).then_some(onward));
        for group in self.all.iter().chain([&self.none]) {
            let mut before = 0;
            for mask in group.live(part(group)) {
                // Of many steps with the same set, as of a bounded length, the first is enough.
                if mask != before {
                    split(kinds, mask);
                    before = mask;
                }
            }
        }
        for kind in kinds.iter_mut() {
            *kind &= kind.wrapping_neg();
        }
        kinds.sort_unstable();
    }
}

/// Tells the symbols of each kind apart by whether they are in a set.
fn split(kinds: &mut Vec<Mask>, mask: Mask) {
    for at in 0..kinds.len() {
        if let Some(kind) = kinds.get_mut(at) {
            let (inside, outside) = (*kind & mask, *kind & !mask);
            if inside != 0 && outside != 0 {
                *kind = inside;
                kinds.push(outside);
            }
        }
    }
}

/// The text that leads to a state.
fn spell(states: &[(State, usize, char)], mut at: usize) -> impl Iterator<Item = char> {
    let mut reversed = Vec::new();
    while at != 0 {
        let Some((_, parent, c)) = states.get(at) else {
            break;
        };
        reversed.push(*c);
        at = *parent;
    }
    reversed.into_iter().rev()
}

#[cfg(test)]
mod tests;
