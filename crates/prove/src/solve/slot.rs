//! What is demanded of one text.

use super::Solved;
use super::measured;
use crate::arn;
use crate::language::{Answer, Pattern, Question, Set, Step};
use crate::model::{Atom, Demand, KeyId, MeasureId, Model, Test};
use crate::state::{any, bool_truth};
use crate::text::{Text, Token, case_set};
use policy::view::Truth;
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::LazyLock;

/// A pattern, or a row of steps with other texts in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'m> {
    Plain(Cow<'m, Pattern>),
    Open(Row),
}

/// A row of steps with other texts in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Copies share them: many cases of one question hold the same rows.
    pub(crate) parts: Rc<Vec<Part>>,
    /// It matches only where the whole is an ARN.
    pub(crate) arn: bool,
}

/// One part of a [`Row`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Step(Step),
    Slot(Inner),
}

/// Another text within a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inner {
    pub(crate) slot: usize,
    /// It matches nothing where it holds a colon.
    pub(crate) segment: bool,
    /// Its case does not count.
    pub(crate) fold: bool,
}

/// What is demanded of one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot<'m> {
    /// One of each matches.
    pub(crate) all: Vec<Vec<Piece<'m>>>,
    /// None matches.
    pub(crate) none: Vec<Piece<'m>>,
    pub(crate) measured: Vec<(MeasureId, Demand)>,
    /// Booleans that say what other texts say.
    pub(crate) bools: Vec<(Vec<Piece<'m>>, Demand)>,
}

type SlotOf<'a> = &'a dyn Fn(KeyId) -> Option<usize>;

impl<'m> Slot<'m> {
    /// Nothing is right.
    pub(crate) fn never(&mut self) {
        self.all.push(Vec::new());
    }

    /// It is an action.
    pub(crate) fn is_action(&mut self) {
        static ACTION: LazyLock<Pattern> = LazyLock::new(|| {
            let word = Set::ranges(vec![('a', 'z'), ('0', '9'), ('-', '.'), ('_', '_')]);
            let some = [Step::One(word.clone()), Step::Run(word)];
            let colon = [Step::One(Set::One(':'))];
            Pattern {
                steps: [&some[..], &colon, &some].concat(),
            }
        });
        self.all.push(vec![Piece::Plain(Cow::Borrowed(&ACTION))]);
    }

    /// It is the ARN of a resource, its head in lower case.
    pub(crate) fn is_resource(&mut self) {
        let shape = Piece::Plain(Cow::Borrowed(arn::folded_shape()));
        self.all.push(vec![shape]);
    }

    /// It is within what is known of the values of a key.
    pub(crate) fn within(&mut self, model: &'m Model<'_>, key: KeyId) {
        if let Some(key) = model.keys.get(key.index()) {
            let plain = |pattern| Piece::Plain(Cow::Borrowed(pattern));
            let groups = key.domain.texts.iter();
            self.all
                .extend(groups.map(|group| group.iter().map(plain).collect()));
        }
    }

    /// One value is held against an atom, before the operator's `Not`.
    pub(crate) fn demand_atom(&mut self, atom: &'m Atom, demand: Demand, slot_of: SlotOf<'_>) {
        match atom {
            Atom::Caller(_) => {}
            Atom::Action(texts) | Atom::Resource { texts, .. } => {
                self.demand_texts(texts, demand, slot_of);
            }
            Atom::Condition(condition) => self.demand_test(&condition.test, demand, slot_of),
        }
    }

    pub(crate) fn demand_texts(&mut self, texts: &'m [Text], demand: Demand, slot_of: SlotOf<'_>) {
        let pieces = pieces(texts, false, slot_of);
        match demand {
            Demand::True | Demand::NotFalse => self.all.push(pieces),
            Demand::False | Demand::NotTrue => self.none.extend(pieces),
        }
    }

    fn demand_test(&mut self, test: &'m Test, demand: Demand, slot_of: SlotOf<'_>) {
        match test {
            Test::Text(texts) => self.demand_texts(texts, demand, slot_of),
            Test::Arn(texts) => self.demand_arn(texts, demand, slot_of),
            Test::Bool(texts) => {
                let pieces = pieces(texts, false, slot_of);
                match pieces.iter().any(|piece| matches!(piece, Piece::Open(_))) {
                    true => self.bools.push((pieces, demand)),
                    false => self.demand_bool(&pieces, demand),
                }
            }
            Test::Measured(id) => self.measured.push((*id, demand)),
            Test::Null { null, value } => {
                let empty = Piece::Plain(Cow::Owned(Pattern::default()));
                match (demand.meets((*null).into()), demand.meets((*value).into())) {
                    (true, true) => {}
                    (true, false) => self.all.push(vec![empty]),
                    (false, true) => self.none.push(empty),
                    (false, false) => self.never(),
                }
            }
        }
    }

    fn demand_arn(&mut self, texts: &'m [Text], demand: Demand, slot_of: SlotOf<'_>) {
        let shape = || vec![Piece::Plain(Cow::Borrowed(arn::shape()))];
        let mut pieces = pieces(texts, true, slot_of);
        match demand {
            Demand::True => {
                self.all.push(shape());
                self.all.push(pieces);
            }
            Demand::NotTrue => self.none.extend(pieces),
            Demand::False => {
                self.all.push(shape());
                self.none.extend(pieces);
            }
            Demand::NotFalse => {
                let others = arn::other_shapes().iter();
                pieces.extend(others.map(|shape| Piece::Plain(Cow::Borrowed(shape))));
                self.all.push(pieces);
            }
        }
    }

    /// The pieces are plain.
    pub(crate) fn demand_bool(&mut self, pieces: &[Piece<'m>], demand: Demand) {
        let truth = |value| {
            let each = pieces.iter().map(|piece| match piece {
                Piece::Plain(pattern) => bool_truth(std::slice::from_ref(pattern), value),
                Piece::Open(_) => Truth::Unknown,
            });
            any(each)
        };
        let words = [("true", truth(true)), ("false", truth(false))];
        let [meeting, failing] = [true, false].map(|wanted| {
            let kept = words.iter().filter(|(_, t)| demand.meets(*t) == wanted);
            kept.map(|(word, _)| Piece::Plain(Cow::Owned(either_case(word))))
                .collect::<Vec<_>>()
        });
        // What is neither word is unknown.
        match demand.meets(Truth::Unknown) {
            true => self.none.extend(failing),
            false => self.all.push(meeting),
        }
    }

    /// The question about the text, as far as nothing in it is open.
    pub(crate) fn plain_question(&self) -> Question<'_> {
        fn pattern<'a>(piece: &'a Piece<'_>) -> Option<&'a Pattern> {
            match piece {
                Piece::Plain(pattern) => Some(pattern),
                Piece::Open(_) => None,
            }
        }
        let closed = |group: &&Vec<Piece<'m>>| group.iter().all(|p| pattern(p).is_some());
        Question {
            all: self
                .all
                .iter()
                .filter(closed)
                .map(|group| group.iter().filter_map(pattern).collect())
                .collect(),
            none: self.none.iter().filter_map(pattern).collect(),
        }
    }

    /// A text that meets what is demanded; nothing is open.
    pub(crate) fn answer(&self, model: &Model<'_>) -> Solved<String> {
        if !self.measured.is_empty() {
            return measured::answer(model, self);
        }
        match model.budget.text(&self.plain_question()) {
            Answer::Text(text) => Solved::Found(text),
            Answer::Empty => Solved::Empty(Vec::new()),
            Answer::Unknown => Solved::Unknown("patterns of a text take too many states".into()),
        }
    }
}

fn either_case(word: &str) -> Pattern {
    Pattern {
        steps: word
            .chars()
            .map(|c| Step::One(Set::EitherCase(c)))
            .collect(),
    }
}

/// Texts as pieces; one that matches nothing is left out. `arn`: what they match counts only where it is an ARN.
fn pieces<'m>(texts: &'m [Text], arn: bool, slot_of: SlotOf<'_>) -> Vec<Piece<'m>> {
    texts
        .iter()
        .filter_map(|text| piece(text, arn, slot_of))
        .collect()
}

fn piece<'m>(text: &'m Text, arn: bool, slot_of: SlotOf<'_>) -> Option<Piece<'m>> {
    let tokens = match text {
        Text::Plain(pattern) => return Some(Piece::Plain(Cow::Borrowed(pattern))),
        Text::Open(tokens) => tokens,
    };
    let mut parts = Vec::with_capacity(tokens.len());
    for token in tokens {
        let variable = match token {
            Token::Step(step) => {
                parts.push(Part::Step(step.clone()));
                continue;
            }
            Token::Key(variable) => variable,
        };
        match (slot_of(variable.key), &variable.default) {
            (Some(slot), _) => parts.push(Part::Slot(Inner {
                slot,
                segment: variable.segment,
                fold: variable.fold,
            })),
            (None, Some(default)) => {
                if variable.segment && default.contains(':') {
                    return None;
                }
                parts.extend(steps_of(default, variable.fold).map(Part::Step));
            }
            (None, None) => return None,
        }
    }
    Row {
        parts: Rc::new(parts),
        arn,
    }
    .closed()
}

/// The steps of a value that stands within a text.
pub(crate) fn steps_of(value: &str, fold: bool) -> impl Iterator<Item = Step> {
    let exact = value.chars().filter(move |_| !fold).map(Set::One);
    let lower = value
        .chars()
        .filter(move |_| fold)
        .flat_map(char::to_lowercase);
    exact.chain(lower.map(case_set)).map(Step::One)
}

impl Row {
    /// The row as a piece: a pattern where no other text is in it. `None` where it matches nothing.
    pub(crate) fn closed<'m>(self) -> Option<Piece<'m>> {
        let steps: Option<Vec<Step>> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Step(step) => Some(step.clone()),
                Part::Slot(_) => None,
            })
            .collect();
        let Some(steps) = steps else {
            return Some(Piece::Open(self));
        };
        let pattern = Pattern { steps };
        let no_arn = || {
            let text = pattern.as_literal();
            text.is_some_and(|text| !arn::shape().matches(&text))
        };
        if self.arn && no_arn() {
            return None;
        }
        Some(Piece::Plain(Cow::Owned(pattern)))
    }
}
