//! What follows without trying: equal texts, texts that are known, values that are read off.

use super::{Contradiction, Texts};
use crate::arn;
use crate::language::{Answer, Pattern, Set, Step};
use crate::solve::slot::{Inner, Part, Piece, Row, Slot, steps_of};
use crate::solve::unify::{Fact, Seen, unify};
use std::borrow::Cow;
use std::rc::Rc;

type Step1 = Result<bool, Contradiction>;

impl<'m> Texts<'m> {
    /// Draws every conclusion.
    pub(super) fn propagate(&mut self) -> Result<(), Contradiction> {
        loop {
            self.settle_case();
            self.settle_segments();
            let changed = self.substitute_known()? | self.merge_equal()? | self.unify_pairs()?;
            if !changed {
                return Ok(());
            }
        }
    }

    /// A value without letters, such as an account, is itself whether its case counts or not.
    fn settle_case(&mut self) {
        let folds = |row: &Row| row.folded().collect::<Vec<usize>>();
        let mut found: Vec<usize> = self.rows().flat_map(|(_, row)| folds(row)).collect();
        found.sort_unstable();
        found.dedup();
        let lettered = Set::ranges(vec![('A', 'Z'), ('a', 'z'), ('\u{80}', char::MAX)]);
        found.retain(|at| self.lacks_all(*at, &lettered));
        if found.is_empty() {
            return;
        }
        for slot in &mut self.slots {
            let bools = slot.bools.iter_mut().flat_map(|(pieces, _)| pieces);
            let pieces = slot.all.iter_mut().flatten().chain(&mut slot.none);
            for piece in pieces.chain(bools) {
                if let Piece::Open(row) = piece
                    && row.folded().next().is_some()
                {
                    for part in Rc::make_mut(&mut row.parts) {
                        if let Part::Slot(inner) = part
                            && found.contains(&inner.slot)
                        {
                            inner.fold = false;
                        }
                    }
                }
            }
        }
    }

    /// A value in a segment of a pattern that must match holds no colon.
    fn settle_segments(&mut self) {
        let mut without = Vec::new();
        for slot in &mut self.slots {
            for group in &mut slot.all {
                if let [Piece::Open(row)] = group.as_mut_slice()
                    && row.segments().next().is_some()
                {
                    for part in Rc::make_mut(&mut row.parts) {
                        if let Part::Slot(inner) = part
                            && std::mem::take(&mut inner.segment)
                        {
                            without.push(inner.slot);
                        }
                    }
                }
            }
        }
        for at in without {
            if let Some(slot) = self.slots.get_mut(at) {
                let steps = vec![Step::Run(Set::Except(':'))];
                let piece = Piece::Plain(Cow::Owned(Pattern { steps }));
                slot.all.push(vec![piece]);
            }
        }
        let found: Vec<usize> = self.rows().flat_map(|(_, row)| row.segments()).collect();
        for at in found
            .into_iter()
            .filter(|at| self.lacks(*at, ':'))
            .collect::<Vec<_>>()
        {
            for slot in &mut self.slots {
                for piece in &mut slot.none {
                    super::settle_segment(piece, at, true);
                }
            }
        }
    }

    /// Whether a slot's text surely lacks a character.
    pub(super) fn lacks(&self, at: usize, c: char) -> bool {
        let Some(slot) = self.slots.get(at) else {
            return false;
        };
        if let Some(known) = slot.plainly_lacks(c) {
            return known;
        }
        self.lacks_all(at, &Set::One(c))
    }

    /// Whether a slot's text surely lacks every character of a set.
    fn lacks_all(&self, at: usize, set: &Set) -> bool {
        let Some(slot) = self.slots.get(at) else {
            return false;
        };
        let run = || Step::Run(Set::Any);
        let holding = Pattern {
            steps: vec![run(), Step::One(set.clone()), run()],
        };
        let mut question = slot.plain_question();
        question.all.push(vec![&holding]);
        self.budget.text(&question) == Answer::Empty
    }

    fn substitute_known(&mut self) -> Step1 {
        let known: Vec<(usize, String)> = self
            .referenced()
            .into_iter()
            .filter_map(|at| Some((at, self.slots.get(at)?.known()?)))
            .collect();
        for (at, text) in &known {
            self.substitute(*at, text)?;
        }
        Ok(!known.is_empty())
    }

    /// Puts a text into every pattern that holds it.
    pub(super) fn substitute(&mut self, at: usize, text: &str) -> Result<(), Contradiction> {
        for slot in &mut self.slots {
            for group in &mut slot.all {
                replace(group, at, text);
                if group.is_empty() {
                    return Err(Contradiction);
                }
            }
            replace(&mut slot.none, at, text);
            for (pieces, _) in &mut slot.bools {
                replace(pieces, at, text);
            }
        }
        Ok(())
    }

    fn merge_equal(&mut self) -> Step1 {
        for at in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(at) else {
                continue;
            };
            if !slot.settle_own(at) {
                return Err(Contradiction);
            }
            let other = slot.all.iter().find_map(|group| match group.as_slice() {
                [Piece::Open(row)] => row.whole().filter(|inner| !inner.fold && !inner.segment),
                _ => None,
            });
            if let Some(other) = other {
                self.merge(at, other.slot);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes `from` a part of `into`.
    fn merge(&mut self, into: usize, from: usize) {
        let moved = self
            .slots
            .get_mut(from)
            .map(std::mem::take)
            .unwrap_or_default();
        if let Some(root) = self.root.get_mut(from) {
            *root = into;
        }
        if let Some(slot) = self.slots.get_mut(into) {
            slot.all.extend(moved.all);
            slot.none.extend(moved.none);
            slot.measured.extend(moved.measured);
            slot.bools.extend(moved.bools);
        }
        let pieces = self.slots.iter_mut().flat_map(|slot| {
            let bools = slot.bools.iter_mut().flat_map(|(pieces, _)| pieces);
            slot.all
                .iter_mut()
                .flatten()
                .chain(&mut slot.none)
                .chain(bools)
        });
        for piece in pieces {
            if let Piece::Open(row) = piece
                && row.slots().any(|slot| slot == from)
            {
                for part in Rc::make_mut(&mut row.parts) {
                    if let Part::Slot(inner) = part
                        && inner.slot == from
                    {
                        inner.slot = into;
                    }
                }
            }
        }
    }

    fn unify_pairs(&mut self) -> Step1 {
        let mut facts = Vec::new();
        let is_open = |piece: &Piece<'_>| matches!(piece, Piece::Open(_));
        let tied = |slot: &&Slot<'_>| {
            let mut groups = slot.all.iter();
            slot.all.len() > 1 && groups.any(|group| group.len() == 1 && group.iter().all(is_open))
        };
        for slot in self.slots.iter().filter(tied) {
            let single: Vec<Vec<Seen<'_>>> = slot
                .all
                .iter()
                .filter_map(|group| match group.as_slice() {
                    [piece] => Some(piece.parts()),
                    _ => None,
                })
                .collect();
            let open = |parts: &[Seen<'_>]| parts.iter().any(|part| matches!(part, Seen::Slot(_)));
            for (number, one) in single.iter().enumerate() {
                for other in single.iter().take(number) {
                    if (open(one) || open(other)) && one != other {
                        facts.extend(unify(one, other, &mut |at, c| self.lacks(at, c)));
                    }
                }
            }
        }
        let mut changed = false;
        for fact in facts {
            match fact {
                Fact::Conflict => return Err(Contradiction),
                Fact::Is(at, text) => changed |= self.learn(at, &text),
                Fact::Equal(one, other) => {
                    let (one, other) = (self.root_of(one), self.root_of(other));
                    if one != other {
                        self.merge(one, other);
                        changed = true;
                    }
                }
            }
        }
        Ok(changed)
    }

    /// A slot's text is this one. Whether that is news.
    fn learn(&mut self, at: usize, text: &str) -> bool {
        let at = self.root_of(at);
        let Some(slot) = self.slots.get_mut(at) else {
            return false;
        };
        let group = vec![Piece::Plain(Cow::Owned(Pattern::literal(text)))];
        let news = !slot.all.contains(&group);
        if news {
            slot.all.push(group);
        }
        news
    }
}

/// When a text equals itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Always,
    /// Where it is an ARN.
    IfArn,
}

impl Slot<'_> {
    /// Says plainly what patterns say that are the slot's own text, the number of which is `at`. Whether they can be met.
    fn settle_own(&mut self, at: usize) -> bool {
        if self
            .none
            .iter()
            .any(|piece| piece.own(at) == Some(Own::Always))
        {
            return false;
        }
        let arn = || Piece::Plain(Cow::Borrowed(arn::shape()));
        let is_met = |piece: &Piece<'_>| piece.own(at) == Some(Own::Always);
        self.all.retain(|group| !group.iter().any(is_met));
        for piece in self.all.iter_mut().flatten().chain(&mut self.none) {
            if piece.own(at) == Some(Own::IfArn) {
                *piece = arn();
            }
        }
        true
    }

    /// Whether no text of it has a character, where that is plain: one of the patterns must match, and none takes it; or
    /// there are no demands but one pattern, which does.
    fn plainly_lacks(&self, c: char) -> Option<bool> {
        let takes = |piece: &Piece<'_>| match piece {
            Piece::Plain(pattern) => pattern.steps.iter().any(|step| step.set().contains(c)),
            Piece::Open(_) => true,
        };
        if self.all.iter().any(|group| !group.iter().any(takes)) {
            return Some(true);
        }
        let closed = |group: &&Vec<Piece<'_>>| {
            let mut pieces = group.iter();
            pieces.all(|piece| matches!(piece, Piece::Plain(_)))
        };
        let excluded = self
            .none
            .iter()
            .any(|piece| matches!(piece, Piece::Plain(_)));
        // A set without characters would be a pattern without texts; there are none.
        (!excluded && self.all.iter().filter(closed).count() < 2).then_some(false)
    }

    /// The text, if a demand leaves no other.
    fn known(&self) -> Option<String> {
        self.all.iter().find_map(|group| match group.as_slice() {
            [Piece::Plain(pattern)] => pattern.as_literal(),
            _ => None,
        })
    }
}

impl Piece<'_> {
    /// What it says where it is the slot's own text and nothing else: a text always equals itself. `None` where it is not.
    fn own(&self, at: usize) -> Option<Own> {
        let Self::Open(row) = self else {
            return None;
        };
        let whole = row.whole()?;
        (whole.slot == at && !whole.segment).then_some(match row.arn {
            true => Own::IfArn,
            false => Own::Always,
        })
    }

    fn parts(&self) -> Vec<Seen<'_>> {
        match self {
            Self::Open(row) => row.parts.iter().map(Seen::from).collect(),
            Self::Plain(pattern) => pattern.steps.iter().map(Seen::Step).collect(),
        }
    }
}

impl Row {
    /// The slot, if the row is one slot and nothing else.
    pub(super) fn whole(&self) -> Option<Inner> {
        match self.parts.as_slice() {
            [Part::Slot(inner)] => Some(*inner),
            _ => None,
        }
    }

    /// The slots whose case does not count.
    fn folded(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(inner) if inner.fold => Some(inner.slot),
            _ => None,
        })
    }

    /// The slots that stand in segments of an ARN.
    fn segments(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(inner) if inner.segment => Some(inner.slot),
            _ => None,
        })
    }
}

/// Puts a text in the place of a slot; pieces that match nothing then are left out.
fn replace(pieces: &mut Vec<Piece<'_>>, at: usize, text: &str) {
    let holds = |piece: &Piece<'_>| match piece {
        Piece::Open(row) => row.slots().any(|slot| slot == at),
        Piece::Plain(_) => false,
    };
    if !pieces.iter().any(holds) {
        return;
    }
    let old = std::mem::take(pieces);
    pieces.extend(old.into_iter().filter_map(|piece| match piece {
        Piece::Open(row) => filled(row, at, text),
        plain => Some(plain),
    }));
}

fn filled<'m>(row: Row, at: usize, text: &str) -> Option<Piece<'m>> {
    let mut parts = Vec::with_capacity(row.parts.len() + text.len());
    for part in row.parts.iter() {
        match part {
            Part::Slot(inner) if inner.slot == at => {
                if inner.segment && text.contains(':') {
                    return None;
                }
                parts.extend(steps_of(text, inner.fold).map(Part::Step));
            }
            part => parts.push(part.clone()),
        }
    }
    Row {
        parts: Rc::new(parts),
        arn: row.arn,
    }
    .closed()
}
