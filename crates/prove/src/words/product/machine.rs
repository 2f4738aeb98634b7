//! Languages followed character by character, their states numbered as they are reached.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::super::reduce::Reduced;
use super::state::Side;
use crate::language::{Alphabet, Mask, Pattern, Question, Search, State};

/// A language as an automaton.
pub(super) struct Machine<'a> {
    search: Search<'a>,
    states: Vec<State>,
    numbers: HashMap<State, u32>,
    steps: HashMap<(u32, Mask), Option<u32>>,
    accepting: Vec<bool>,
    distinctions: Vec<Vec<Mask>>,
}

impl<'a> Machine<'a> {
    /// `None` when no text is of the language.
    pub(super) fn new(question: &Question<'_>, alphabet: &'a Alphabet) -> Option<Self> {
        let search = Search::new(question, alphabet);
        let start = search.start()?;
        let mut machine = Self {
            search,
            states: Vec::new(),
            numbers: HashMap::new(),
            steps: HashMap::new(),
            accepting: Vec::new(),
            distinctions: Vec::new(),
        };
        machine.number(start);
        Some(machine)
    }

    fn number(&mut self, state: State) -> u32 {
        if let Some(number) = self.numbers.get(&state) {
            return *number;
        }
        let number = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        self.accepting.push(self.search.accepts(&state));
        self.distinctions.push(self.search.distinctions(&state));
        self.numbers.insert(state.clone(), number);
        self.states.push(state);
        number
    }

    /// The state behind a character; `None` when no text that goes on so is of the language.
    pub(super) fn step(&mut self, from: u32, symbol: Mask) -> Option<u32> {
        if let Some(known) = self.steps.get(&(from, symbol)) {
            return *known;
        }
        let next = self
            .states
            .get(from as usize)
            .and_then(|state| self.search.step(state, symbol))
            .map(|state| self.number(state));
        self.steps.insert((from, symbol), next);
        next
    }

    pub(super) fn accepts(&self, state: u32) -> bool {
        self.accepting.get(state as usize) == Some(&true)
    }

    /// The sets of characters that the state tells apart.
    pub(super) fn distinctions(&self, state: u32) -> &[Mask] {
        let masks = self.distinctions.get(state as usize);
        masks.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The languages of the text and of what its patterns hold, by class.
pub(super) fn questions<'q>(
    reduced: &'q Reduced<'_>,
    class: usize,
    sides: &[Side],
    known: &'q BTreeMap<usize, Pattern>,
) -> Vec<(usize, Question<'q>)> {
    let mut numbers: Vec<usize> = sides.iter().flat_map(Side::texts).collect();
    numbers.push(class);
    numbers.sort_unstable();
    numbers.dedup();
    let of = |number: usize| {
        let language = &reduced.classes.get(number)?.language;
        let group = |group: &'q Vec<Cow<'_, Pattern>>| group.iter().map(Cow::as_ref).collect();
        let mut all: Vec<Vec<&Pattern>> = language.all.iter().map(group).collect();
        all.extend(known.get(&number).map(|text| vec![text]));
        let none = language.none.iter().map(Cow::as_ref).collect();
        Some((number, Question { all, none }))
    };
    numbers.into_iter().filter_map(of).collect()
}
