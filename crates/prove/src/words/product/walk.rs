//! The walk through the states of a search, the shortest texts first.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::super::{Piece, Reason, take};
use super::machine::Machine;
use super::state::{Occurrence, Pair, Side, Track};
use crate::language::{Alphabet, Mask, Step};

/// How pairs are followed.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    /// Whether those that differ are followed by length and letter; otherwise by whether they are ever out of step.
    pub(super) apart: bool,
    /// Whether what stands in several places is kept in step; otherwise only its lengths are kept equal.
    pub(super) together: bool,
}

/// How a walk ended.
pub(super) enum End {
    Found(BTreeMap<usize, String>),
    /// Nothing was found; `reached` tells whether there was a text for which the pairs only seemed to be as they must.
    Nothing {
        reached: bool,
    },
    Unknown(Reason),
}

#[derive(Clone, Copy)]
enum Place {
    One(Mask),
    Maybe(Mask),
    Run(Mask),
    /// A text, by the number of its machine.
    Text(usize),
}

/// Where a pattern stands: its place, and the state of the text there.
type At = (usize, u32);

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    sides: Vec<At>,
    text: u32,
    tracks: Vec<Track>,
}

struct Node {
    state: State,
    parent: usize,
    symbol: Mask,
    /// The place of each pattern that took the symbol.
    taken: Vec<usize>,
}

pub(super) struct Walk<'a> {
    class: usize,
    sides: Vec<Vec<Place>>,
    pairs: Vec<Pair>,
    occurrences: BTreeMap<usize, Vec<Occurrence>>,
    machines: Vec<Machine<'a>>,
    text: usize,
    alphabet: &'a Alphabet,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        class: usize,
        sides: &[Side],
        pairs: Vec<Pair>,
        machines: Vec<(usize, Machine<'a>)>,
        alphabet: &'a Alphabet,
    ) -> Self {
        let machine_of = |wanted: usize| {
            let mut numbers = machines.iter().map(|(number, _)| *number);
            numbers.position(|number| number == wanted).unwrap_or(0)
        };
        let place = |piece: &Piece| match piece {
            Piece::Step(step) => match step {
                Step::One(set) => Place::One(alphabet.mask(set)),
                Step::Maybe(set) => Place::Maybe(alphabet.mask(set)),
                Step::Run(set) => Place::Run(alphabet.mask(set)),
            },
            Piece::Text(class) => Place::Text(machine_of(*class)),
        };
        let places = |side: &Side| side.pieces.iter().map(place).collect();
        Self {
            class,
            sides: sides.iter().map(places).collect(),
            occurrences: super::state::occurrences(sides),
            pairs,
            text: machine_of(class),
            machines: machines.into_iter().map(|(_, machine)| machine).collect(),
            alphabet,
        }
    }

    /// Whether some text stands in several places.
    pub(super) fn has_equal_pairs(&self) -> bool {
        self.pairs.iter().any(|pair| !pair.differ)
    }

    /// Walks until values are found, or all states have been seen, or the budget is used up.
    pub(super) fn run(&mut self, mode: Mode, left: &mut usize) -> End {
        let track = |pair: &Pair| Track::start(pair, mode.apart, mode.together);
        let start = State {
            sides: vec![(0, 0); self.sides.len()],
            text: 0,
            tracks: self.pairs.iter().map(track).collect(),
        };
        let mut seen = HashSet::from([start.clone()]);
        let mut nodes = vec![Node {
            state: start,
            parent: 0,
            symbol: 0,
            taken: Vec::new(),
        }];
        let (mut reached, mut capped) = (false, false);
        let mut next = VecDeque::from([0]);
        while let Some(at) = next.pop_front() {
            let Some(state) = nodes.get(at).map(|node| node.state.clone()) else {
                break;
            };
            if self.accepts(&state) {
                let values = self.values(&nodes, at);
                match self.values_fit(&values) {
                    Some(values) => return End::Found(values),
                    None => reached = true,
                }
            }
            for symbol in self.choices(&state) {
                for (to, taken) in self.follow(&state, symbol, &mut capped) {
                    if !seen.insert(to.clone()) {
                        continue;
                    }
                    if !take(left) {
                        return End::Unknown(Reason::Budget);
                    }
                    next.push_back(nodes.len());
                    nodes.push(Node {
                        state: to,
                        parent: at,
                        symbol,
                        taken,
                    });
                }
            }
        }
        match capped {
            true => End::Unknown(Reason::Unbounded),
            false => End::Nothing { reached },
        }
    }

    fn place(&self, side: usize, at: usize) -> Option<Place> {
        self.sides.get(side)?.get(at).copied()
    }

    fn machine_accepts(&self, machine: usize, state: u32) -> bool {
        let machine = self.machines.get(machine);
        machine.is_some_and(|machine| machine.accepts(state))
    }

    /// The places of a pattern from which a character can be taken, and whether its end is reached without one.
    fn open(&self, side: usize, (mut at, mut state): At) -> (Vec<At>, bool) {
        let mut places = Vec::new();
        loop {
            let Some(place) = self.place(side, at) else {
                return (places, true);
            };
            places.push((at, state));
            match place {
                Place::One(_) => return (places, false),
                Place::Text(machine) if !self.machine_accepts(machine, state) => {
                    return (places, false);
                }
                Place::Maybe(_) | Place::Run(_) | Place::Text(_) => (at, state) = (at + 1, 0),
            }
        }
    }

    fn accepts(&self, state: &State) -> bool {
        let mut sides = state.sides.iter().enumerate();
        let mut pairs = state.tracks.iter().zip(&self.pairs);
        self.machine_accepts(self.text, state.text)
            && sides.all(|(side, at)| self.open(side, *at).1)
            && pairs.all(|(track, pair)| track.accepts(pair))
    }

    /// One symbol of each kind that goes on, as far as the state tells kinds apart; as many as may have to differ from each
    /// other where they matter themselves.
    fn choices(&self, state: &State) -> Vec<Mask> {
        let mut kinds = vec![self.alphabet.all()];
        let mut split = |mask: Mask| {
            if kinds
                .iter()
                .all(|kind| kind & mask == 0 || kind & !mask == 0)
            {
                return;
            }
            let halves = |kind: &Mask| [kind & mask, kind & !mask];
            kinds = kinds
                .iter()
                .flat_map(halves)
                .filter(|kind| *kind != 0)
                .collect();
        };
        for (side, at) in state.sides.iter().enumerate() {
            for (at, inner) in self.open(side, *at).0 {
                match self.place(side, at) {
                    Some(Place::One(mask) | Place::Maybe(mask) | Place::Run(mask)) => split(mask),
                    Some(Place::Text(machine)) => {
                        let machine = self.machines.get(machine);
                        let masks = machine.map(|machine| machine.distinctions(inner));
                        masks.into_iter().flatten().for_each(|mask| split(*mask));
                    }
                    None => {}
                }
            }
        }
        let text = self.machines.get(self.text);
        let masks = text.map(|machine| machine.distinctions(state.text));
        masks.into_iter().flatten().for_each(|mask| split(*mask));
        let open = state.tracks.iter().zip(&self.pairs);
        let open = open.filter(|(track, pair)| track.is_open(pair)).count();
        let mut choices = Vec::new();
        for mut kind in kinds {
            for _ in 0..=open {
                let lowest = kind & kind.wrapping_neg();
                if lowest != 0 {
                    choices.push(lowest);
                }
                kind &= !lowest;
            }
        }
        choices.sort_unstable();
        choices
    }

    /// The states behind a symbol, each with the places that took it.
    fn follow(
        &mut self,
        state: &State,
        symbol: Mask,
        capped: &mut bool,
    ) -> Vec<(State, Vec<usize>)> {
        let text = self.text;
        let Some(text) = self
            .machines
            .get_mut(text)
            .and_then(|machine| machine.step(state.text, symbol))
        else {
            return Vec::new();
        };
        let mut partial: Vec<(Vec<At>, Vec<usize>)> = vec![(Vec::new(), Vec::new())];
        for (side, at) in state.sides.iter().enumerate() {
            let moves = self.moves(side, *at, symbol);
            let extended = |(to, taken): &(Vec<At>, Vec<usize>)| {
                let longer = |(by, next): &(usize, At)| {
                    let mut longer = (to.clone(), taken.clone());
                    longer.0.push(*next);
                    longer.1.push(*by);
                    longer
                };
                moves.iter().map(longer).collect::<Vec<_>>()
            };
            partial = partial.iter().flat_map(extended).collect();
        }
        let mut states = Vec::new();
        for (sides, taken) in partial {
            for tracks in self.tracks(state, &taken, symbol, capped) {
                let sides = sides.clone();
                states.push((
                    State {
                        sides,
                        text,
                        tracks,
                    },
                    taken.clone(),
                ));
            }
        }
        states
    }

    /// The places of one pattern that take a symbol, each with where it stands then.
    fn moves(&mut self, side: usize, at: At, symbol: Mask) -> Vec<(usize, At)> {
        let mut moves = Vec::new();
        for (at, inner) in self.open(side, at).0 {
            match self.place(side, at) {
                Some(Place::One(mask) | Place::Maybe(mask)) if mask & symbol != 0 => {
                    moves.push((at, (at + 1, 0)));
                }
                Some(Place::Run(mask)) if mask & symbol != 0 => moves.push((at, (at, 0))),
                Some(Place::Text(machine)) => {
                    let machine = self.machines.get_mut(machine);
                    let next = machine.and_then(|machine| machine.step(inner, symbol));
                    moves.extend(next.map(|next| (at, (at, next))));
                }
                _ => {}
            }
        }
        moves
    }

    /// What may become of all pairs.
    fn tracks(
        &self,
        state: &State,
        taken: &[usize],
        symbol: Mask,
        capped: &mut bool,
    ) -> Vec<Vec<Track>> {
        let takes = |(side, at): Occurrence| taken.get(side) == Some(&at);
        let mut all: Vec<Vec<Track>> = vec![Vec::new()];
        for (track, pair) in state.tracks.iter().zip(&self.pairs) {
            let next = track.follow(pair, (takes(pair.left), takes(pair.right)), symbol);
            *capped |= next.capped;
            let extended = |tracks: &Vec<Track>| {
                let longer = |track: &Track| [tracks.as_slice(), &[*track]].concat();
                next.tracks.iter().map(longer).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(extended).collect();
        }
        all
    }

    /// The text that leads to a node, and what stands at each place where the patterns hold texts.
    fn values(&self, nodes: &[Node], mut at: usize) -> (String, BTreeMap<Occurrence, String>) {
        let mut text = Vec::new();
        let mut held: BTreeMap<Occurrence, Vec<char>> = BTreeMap::new();
        while at != 0 {
            let Some(node) = nodes.get(at) else {
                break;
            };
            if let Some(c) = self.alphabet.first(node.symbol) {
                text.push(c);
                for (side, place) in node.taken.iter().enumerate() {
                    held.entry((side, *place)).or_default().push(c);
                }
            }
            at = node.parent;
        }
        let spelled = |reversed: Vec<char>| reversed.into_iter().rev().collect();
        let held = held.into_iter().map(|(place, text)| (place, spelled(text)));
        (spelled(text), held.collect())
    }

    /// The values of all classes, if each class has only one and pairs differ that must.
    fn values_fit(
        &self,
        (text, held): &(String, BTreeMap<Occurrence, String>),
    ) -> Option<BTreeMap<usize, String>> {
        let of = |place: &Occurrence| held.get(place).cloned().unwrap_or_default();
        let fit = |pair: &Pair| (of(&pair.left) != of(&pair.right)) == pair.differ;
        if !self.pairs.iter().all(fit) {
            return None;
        }
        let first =
            |(class, places): (&usize, &Vec<Occurrence>)| Some((*class, of(places.first()?)));
        let mut values: BTreeMap<usize, String> =
            self.occurrences.iter().filter_map(first).collect();
        values.insert(self.class, text.clone());
        Some(values)
    }
}
