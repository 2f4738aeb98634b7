//! Values for the classes of a reduced system.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::product::{self, Found};
use super::reduce::Reduced;
use super::{Answer, Piece, Reason, take};
use crate::language::{self, Alphabet, Pattern, Question, Set, Step};

/// How often values are denied to texts, so that others differ from them, before it is given up.
const DENIALS: usize = 64;

/// How deeply patterns may hold texts that are patterns of others.
const DEPTH: usize = 32;

type Pairs = [(usize, usize)];

/// Values of classes.
type Values = BTreeMap<usize, String>;

impl Reduced<'_> {
    /// Finds texts.
    pub(super) fn solve(&self, left: &mut usize) -> Answer {
        self.choose(&mut Vec::new(), left)
    }

    /// Chooses from each group the pair that differs.
    fn choose(&self, chosen: &mut Vec<(usize, usize)>, left: &mut usize) -> Answer {
        if !take(left) {
            return Answer::Unknown(Reason::Budget);
        }
        let Some(group) = self.differ.get(chosen.len()) else {
            let mut denials = DENIALS;
            return self.clone().attempt(chosen, &mut denials, left);
        };
        let mut unknown = None;
        for pair in group {
            chosen.push(*pair);
            let answer = self.choose(chosen, left);
            chosen.pop();
            match answer {
                Answer::None => {}
                Answer::Unknown(reason) => unknown = Some(reason),
                Answer::Texts(_) => return answer,
            }
        }
        unknown.map_or(Answer::None, Answer::Unknown)
    }

    /// Finds texts of which those of each pair differ.
    fn attempt(&self, pairs: &Pairs, denials: &mut usize, left: &mut usize) -> Answer {
        let mut values = Values::new();
        if let Err(answer) = self.search(pairs, &mut values, left) {
            return answer;
        }
        for class in self.roots() {
            if !values.contains_key(&class) && self.is_free(class) {
                match self.pick(class, pairs, &values, left) {
                    Ok(text) => values.insert(class, text),
                    Err(answer) => return answer,
                };
            }
        }
        for class in self.roots() {
            match self.spell(class, &values, DEPTH) {
                Some(text) => values.insert(class, text),
                None => return Answer::Unknown(Reason::Cycle),
            };
        }
        let equal = |(a, b): &&(usize, usize)| values.get(a) == values.get(b);
        if let Some((a, b)) = pairs.iter().find(equal) {
            let value = values.get(a).cloned().unwrap_or_default();
            return self.without(&value, [*a, *b], pairs, denials, left);
        }
        let text = |text| values.get(&self.class_of(text)).cloned();
        let texts: Option<Vec<String>> = (0..self.text_count()).map(text).collect();
        texts.map_or(Answer::Unknown(Reason::Cycle), Answer::Texts)
    }

    /// Finds texts where one or the other class has not this value: of two that differ, one has not.
    fn without(
        &self,
        value: &str,
        classes: [usize; 2],
        pairs: &Pairs,
        denials: &mut usize,
        left: &mut usize,
    ) -> Answer {
        let mut unknown = None;
        for class in classes {
            let Some(fewer) = denials.checked_sub(1) else {
                return Answer::Unknown(Reason::Budget);
            };
            *denials = fewer;
            let mut narrower = self.clone();
            if let Some(class) = narrower.classes.get_mut(class) {
                let denied = Cow::Owned(Pattern::literal(value));
                class.language.none.push(denied);
            }
            match narrower.attempt(pairs, denials, left) {
                Answer::None => {}
                Answer::Unknown(reason) => unknown = Some(reason),
                found @ Answer::Texts(_) => return found,
            }
        }
        unknown.map_or(Answer::None, Answer::Unknown)
    }

    fn is_free(&self, class: usize) -> bool {
        self.classes
            .get(class)
            .is_some_and(|class| class.patterns.is_empty())
    }

    /// Finds values of the classes that take a search, and of those that their patterns hold.
    fn search(&self, pairs: &Pairs, values: &mut Values, left: &mut usize) -> Result<(), Answer> {
        let searched = |class: &usize| {
            let class = self.classes.get(*class);
            class.is_some_and(super::reduce::Class::needs_search)
        };
        let mut unknown = None;
        for class in self.roots().filter(searched) {
            let Some(patterns) = self.inlined(class) else {
                unknown = Some(Reason::Repeated);
                continue;
            };
            let held = |piece: &Piece| match piece {
                Piece::Text(text) => Some(*text),
                Piece::Step(_) => None,
            };
            let variables = patterns.iter().flatten().filter_map(held);
            let known: Values = variables
                .chain([class])
                .filter_map(|variable| Some((variable, values.get(&variable)?.clone())))
                .collect();
            let mut found = product::search(self, class, &patterns, pairs, &known, left);
            if matches!(found, Found::None) && !known.is_empty() {
                // With other values of what was found before there may be some.
                found = match product::search(self, class, &patterns, pairs, &Values::new(), left) {
                    Found::None => Found::None,
                    Found::Values(_) | Found::Unknown(_) => Found::Unknown(Reason::Repeated),
                };
            }
            match found {
                Found::None => return Err(Answer::None),
                Found::Unknown(reason) => unknown = Some(reason),
                Found::Values(more) => values.extend(more),
            }
        }
        unknown.map_or(Ok(()), |reason| Err(Answer::Unknown(reason)))
    }

    /// The patterns of a class, with those of classes that are nothing but one pattern written out in them; `None` where
    /// they hold a class that takes a search of its own.
    fn inlined(&self, class: usize) -> Option<Vec<Vec<Piece>>> {
        let mut patterns = Vec::new();
        for pattern in &self.classes.get(class)?.patterns {
            let mut pieces = Vec::new();
            self.inline(pattern, &mut pieces, DEPTH)?;
            patterns.push(pieces);
        }
        Some(patterns)
    }

    fn inline(&self, pattern: &[Piece], pieces: &mut Vec<Piece>, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        for piece in pattern {
            let Piece::Text(text) = piece else {
                pieces.push(piece.clone());
                continue;
            };
            let number = self.class_of(*text);
            let class = self.classes.get(number)?;
            match class.patterns.as_slice() {
                [] => pieces.push(Piece::Text(number)),
                [only] if !class.needs_search() => self.inline(only, pieces, depth)?,
                _ => return None,
            }
        }
        Some(())
    }

    /// A value of a class that is in no pattern, not that of one from which it differs where that can be.
    fn pick(
        &self,
        class: usize,
        pairs: &Pairs,
        values: &Values,
        left: &mut usize,
    ) -> Result<String, Answer> {
        let other = |(a, b): &(usize, usize)| match (*a == class, *b == class) {
            (true, _) => values.get(b),
            (_, true) => values.get(a),
            _ => None,
        };
        let taken: Vec<Pattern> = pairs
            .iter()
            .filter_map(other)
            .map(|text| Pattern::literal(text))
            .collect();
        let Some(own) = self.classes.get(class) else {
            return Ok(String::new());
        };
        let mut question = Question {
            all: own
                .language
                .all
                .iter()
                .map(|group| group.iter().map(Cow::as_ref).collect())
                .collect(),
            none: own.language.none.iter().map(Cow::as_ref).collect(),
        };
        let needed = question.none.len();
        question.none.extend(&taken);
        let mut answer = question.answer_within(left);
        if answer == language::Answer::Empty && !taken.is_empty() {
            question.none.truncate(needed);
            answer = question.answer_within(left);
        }
        match answer {
            language::Answer::Text(text) => Ok(text),
            language::Answer::Empty => Err(Answer::None),
            language::Answer::Unknown => Err(Answer::Unknown(Reason::Budget)),
        }
    }

    /// The text of a class: its value, or the shortest that its pattern spells.
    fn spell(&self, class: usize, values: &Values, depth: usize) -> Option<String> {
        if let Some(value) = values.get(&class) {
            return Some(value.clone());
        }
        let depth = depth.checked_sub(1)?;
        let pattern = self.classes.get(class)?.patterns.first()?;
        let mut text = String::new();
        for piece in pattern {
            match piece {
                Piece::Step(Step::One(set)) => text.push(readable(set)?),
                Piece::Step(_) => {}
                Piece::Text(other) => {
                    text.push_str(&self.spell(self.class_of(*other), values, depth)?)
                }
            }
        }
        Some(text)
    }
}

/// A character of a set.
fn readable(set: &Set) -> Option<char> {
    match set {
        Set::One(c) => Some(*c),
        _ => {
            let alphabet = Alphabet::new([set].into_iter())?;
            alphabet.first(alphabet.mask(set))
        }
    }
}
