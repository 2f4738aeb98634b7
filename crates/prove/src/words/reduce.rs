//! A system with equal texts made one, and patterns joined where they can be cut.

use std::borrow::Cow;

use super::align::{Merged, Outcome, align};
use super::split::plain;
use super::{Answer, Language, Piece, Reason, System};
use crate::language::{Pattern, Set, Step};

/// How often texts are looked at again before it is given up.
const ROUNDS: usize = 1_000;

/// Texts that are equal.
#[derive(Clone, Debug, Default)]
pub(super) struct Class<'p> {
    pub(super) language: Language<'p>,
    /// Each of these matches.
    pub(super) patterns: Vec<Vec<Piece>>,
}

impl Class<'_> {
    /// Whether finding a value takes a search: otherwise it is whatever its one pattern spells, or any text of its language.
    pub(super) fn needs_search(&self) -> bool {
        match self.patterns.len() {
            0 => false,
            1 => !self.language.is_everything(),
            _ => true,
        }
    }
}

/// A system in which each text is one of few classes, and the numbers in patterns are those of classes.
#[derive(Clone, Debug)]
pub(super) struct Reduced<'p> {
    /// The class of each text, or a text that leads to it.
    parents: Vec<usize>,
    pub(super) classes: Vec<Class<'p>>,
    pub(super) differ: Vec<Vec<(usize, usize)>>,
}

impl<'p> Reduced<'p> {
    /// Reduces a system in which every pattern matches.
    ///
    /// # Errors
    /// That there is no answer, or that it could not be reduced.
    pub(super) fn new(system: &System<'p>) -> Result<Self, Answer> {
        let class = |language: &Language<'p>| Class {
            language: language.clone(),
            patterns: Vec::new(),
        };
        let mut reduced = Self {
            parents: (0..system.texts.len()).collect(),
            classes: system.texts.iter().map(class).collect(),
            differ: Vec::new(),
        };
        for equation in &system.equations {
            if let Some(class) = reduced.classes.get_mut(equation.text) {
                class.patterns.push(equation.pattern.clone());
            }
        }
        let mut rounds = 0;
        while reduced.simplify()? || reduced.join()? {
            rounds += 1;
            if rounds > ROUNDS {
                return Err(Answer::Unknown(Reason::Cycle));
            }
        }
        for group in &system.differ {
            let classes = group
                .iter()
                .map(|(a, b)| (reduced.class_of(*a), reduced.class_of(*b)));
            let mut pairs: Vec<(usize, usize)> = classes.filter(|(a, b)| a != b).collect();
            pairs.dedup();
            if pairs.is_empty() {
                return Err(Answer::None);
            }
            reduced.differ.push(pairs);
        }
        Ok(reduced)
    }

    /// The class of a text.
    pub(super) fn class_of(&self, text: usize) -> usize {
        let mut at = text;
        while let Some(parent) = self.parents.get(at).filter(|parent| **parent != at) {
            at = *parent;
        }
        at
    }

    /// How many texts there are, with those that were added.
    pub(super) fn text_count(&self) -> usize {
        self.parents.len()
    }

    /// The numbers of the classes.
    pub(super) fn roots(&self) -> impl Iterator<Item = usize> {
        (0..self.parents.len()).filter(|at| self.parents.get(*at) == Some(at))
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.class_of(a), self.class_of(b));
        if a == b {
            return;
        }
        if let Some(parent) = self.parents.get_mut(b) {
            *parent = a;
        }
        let other = self.classes.get_mut(b).map(std::mem::take);
        if let (Some(class), Some(other)) = (self.classes.get_mut(a), other) {
            class.patterns.extend(other.patterns);
            for group in other.language.all {
                if !class.language.all.contains(&group) {
                    class.language.all.push(group);
                }
            }
            class.language.none.extend(other.language.none);
        }
    }

    /// Takes out of the patterns what they say plainly. Returns whether anything changed.
    fn simplify(&mut self) -> Result<bool, Answer> {
        let mut changed = false;
        for root in self.roots().collect::<Vec<_>>() {
            if self.class_of(root) != root {
                continue;
            }
            let Some(class) = self.classes.get_mut(root) else {
                continue;
            };
            let mut kept: Vec<Vec<Piece>> = Vec::new();
            for pattern in std::mem::take(&mut class.patterns) {
                let pattern = self.spelled(&pattern);
                let own = |piece: &Piece| *piece == Piece::Text(root);
                if let [Piece::Text(other)] = pattern.as_slice() {
                    self.unite(root, *other);
                    changed = true;
                } else if let Some(pattern) = plain(&pattern) {
                    if let Some(class) = self.classes.get_mut(root) {
                        class.language.all.push(vec![Cow::Owned(pattern)]);
                    }
                    changed = true;
                } else if pattern.iter().any(own) {
                    within_itself(&pattern)?;
                    changed = true;
                } else if !kept.contains(&pattern) {
                    kept.push(pattern);
                }
            }
            if let Some(class) = self.classes.get_mut(root) {
                class.patterns.extend(kept);
            }
        }
        Ok(changed)
    }

    /// A pattern with the numbers of classes, and with the texts of those that have only one.
    fn spelled(&self, pattern: &[Piece]) -> Vec<Piece> {
        let mut spelled = Vec::with_capacity(pattern.len());
        for piece in pattern {
            match piece {
                Piece::Step(Step::Run(Set::Any))
                    if spelled.last() == Some(&Piece::Step(Step::Run(Set::Any))) => {}
                Piece::Step(_) => spelled.push(piece.clone()),
                Piece::Text(text) => {
                    let class = self.class_of(*text);
                    match self
                        .classes
                        .get(class)
                        .and_then(|class| only_text(&class.language))
                    {
                        Some(text) => {
                            let step = |step: &Step| Piece::Step(step.clone());
                            spelled.extend(text.steps.iter().map(step));
                        }
                        None => spelled.push(Piece::Text(class)),
                    }
                }
            }
        }
        spelled
    }

    /// Joins two patterns of one class, or a pattern and the class's language. Returns whether anything changed.
    fn join(&mut self) -> Result<bool, Answer> {
        for root in self.roots().collect::<Vec<_>>() {
            let Some(class) = self.classes.get(root).filter(|c| !c.patterns.is_empty()) else {
                continue;
            };
            if class.patterns.len() == 1 && class.language.is_everything() {
                continue;
            }
            if self.join_patterns(root)? || self.join_language(root)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn aligned(&self, left: &[Piece], right: &[Piece]) -> Outcome {
        let excludes = |text: usize, c: char| {
            self.classes
                .get(text)
                .is_some_and(|class| class.language.excludes(c))
        };
        align(left, right, &excludes)
    }

    fn join_patterns(&mut self, root: usize) -> Result<bool, Answer> {
        let patterns = self.patterns(root);
        for (at, left) in patterns.iter().enumerate() {
            for (other, right) in patterns.iter().enumerate().skip(at + 1) {
                match self.aligned(left, right) {
                    Outcome::Clash => return Err(Answer::None),
                    Outcome::Unclear => {}
                    Outcome::Merged(merged) => {
                        if let Some(class) = self.classes.get_mut(root) {
                            class.patterns.remove(other);
                            class.patterns.remove(at);
                        }
                        self.adopt(root, merged);
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn join_language(&mut self, root: usize) -> Result<bool, Answer> {
        for (at, pattern) in self.patterns(root).iter().enumerate() {
            let Some(language) = self.classes.get(root).map(|class| class.language.clone()) else {
                continue;
            };
            let clashes = |other: &Cow<'p, Pattern>| {
                matches!(self.aligned(pattern, &pieces(other)), Outcome::Clash)
            };
            let mut narrowed = language.clone();
            narrowed.none.retain(|other| !clashes(other));
            for group in &mut narrowed.all {
                group.retain(|other| !clashes(other));
                if group.is_empty() {
                    return Err(Answer::None);
                }
            }
            let single = narrowed.all.iter().enumerate().find_map(|(number, group)| {
                match group.as_slice() {
                    [only] => match self.aligned(pattern, &pieces(only)) {
                        Outcome::Merged(merged) => Some((number, merged)),
                        Outcome::Clash | Outcome::Unclear => None,
                    },
                    _ => None,
                }
            });
            let changed = narrowed != language || single.is_some();
            if let Some((number, _)) = &single {
                narrowed.all.remove(*number);
            }
            if let Some(class) = self.classes.get_mut(root) {
                class.language = narrowed;
                if single.is_some() {
                    class.patterns.remove(at);
                }
            }
            if let Some((_, merged)) = single {
                self.adopt(root, merged);
            }
            if changed {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn patterns(&self, root: usize) -> Vec<Vec<Piece>> {
        let patterns = self.classes.get(root).map(|class| class.patterns.clone());
        patterns.unwrap_or_default()
    }

    /// Takes over what two patterns were joined to.
    fn adopt(&mut self, root: usize, mut merged: Merged) {
        if let Some((left, right)) = merged.tails {
            let fresh = self.parents.len();
            self.parents.push(fresh);
            self.classes.push(Class {
                language: Language {
                    all: vec![vec![Cow::Owned(left)], vec![Cow::Owned(right)]],
                    none: Vec::new(),
                },
                patterns: Vec::new(),
            });
            merged.pattern.push(Piece::Text(fresh));
        }
        let own = (root, merged.pattern);
        for (text, pattern) in merged.bindings.into_iter().chain([own]) {
            let class = self.class_of(text);
            if let Some(class) = self.classes.get_mut(class) {
                class.patterns.push(pattern);
            }
        }
    }
}

/// The pieces of a pattern without other texts.
fn pieces(pattern: &Pattern) -> Vec<Piece> {
    pattern.steps.iter().cloned().map(Piece::Step).collect()
}

/// The one text of a language, where it is plain that there is no other.
fn only_text<'l>(language: &'l Language<'_>) -> Option<&'l Pattern> {
    let literal = |pattern: &Pattern| {
        let mut steps = pattern.steps.iter();
        steps.all(|step| matches!(step, Step::One(Set::One(_))))
    };
    language
        .all
        .iter()
        .find_map(|group| match group.as_slice() {
            [only] if literal(only) => Some(only.as_ref()),
            _ => None,
        })
}

/// A text that matches a pattern with itself in it: always, if all else may be empty; never, if something may not.
fn within_itself(pattern: &[Piece]) -> Result<(), Answer> {
    let mut texts = 0;
    for piece in pattern {
        match piece {
            Piece::Step(Step::One(_)) => return Err(Answer::None),
            Piece::Step(_) => {}
            Piece::Text(_) => texts += 1,
        }
    }
    match texts {
        1 => Ok(()),
        _ => Err(Answer::Unknown(Reason::Cycle)),
    }
}
