//! Answers that need no search: where only certain texts can be the answer, where a plain text at hand is one, and where
//! the beginnings or the ends of patterns cannot agree.

use super::{Answer, Pattern, Question, Set, Step};

impl Question<'_> {
    /// The answer, if it is plain.
    pub(super) fn quick(&self) -> Option<Answer> {
        let (literal, open): (Vec<_>, Vec<_>) = self
            .all
            .iter()
            .partition(|group| group.iter().all(|pattern| pattern.is_literal()));
        if let Some(fewest) = literal.iter().min_by_key(|group| group.len()) {
            let mut texts: Vec<String> = fewest.iter().filter_map(|p| p.as_literal()).collect();
            texts.sort_by_key(String::len);
            let found = texts.into_iter().find(|text| self.holds(text));
            return Some(found.map_or(Answer::Empty, Answer::Text));
        }
        if self.conflicts() {
            return Some(Answer::Empty);
        }
        let firsts = open.iter().filter_map(|group| group.first());
        let Some(longest) = firsts.max_by_key(|pattern| pattern.fixed()) else {
            return ["", "a"]
                .into_iter()
                .find(|text| self.holds(text))
                .map(|text| Answer::Text(text.to_owned()));
        };
        let mut samples = (0..3).filter_map(|each| longest.sample(each));
        samples.find(|text| self.holds(text)).map(Answer::Text)
    }

    /// Whether a text is an answer.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let matched = |pattern: &&Pattern| pattern.matches(text);
        self.all.iter().all(|group| group.iter().any(matched)) && !self.none.iter().any(matched)
    }

    /// Whether two patterns, each alone in its group, begin or end with characters that are never the same.
    fn conflicts(&self) -> bool {
        let alone: Vec<&Pattern> = self
            .all
            .iter()
            .filter_map(|group| match group.as_slice() {
                [pattern] => Some(*pattern),
                _ => None,
            })
            .collect();
        alone.iter().enumerate().any(|(at, one)| {
            let others = alone.iter().take(at);
            others
                .into_iter()
                .any(|other| clash(&one.steps, &other.steps))
        })
    }
}

/// Whether two rows of steps plainly take no text in common. Where both come to a first colon in one place only, as ARNs do,
/// what is before it and what is behind it is looked at by itself.
fn clash(one: &[Step], other: &[Step]) -> bool {
    let (mut one, mut other) = (one, other);
    while let (Some((head, rest)), Some((part, behind))) = (cut(one), cut(other)) {
        if differ_plainly(head, part) {
            return true;
        }
        (one, other) = (rest, behind);
    }
    differ_plainly(one, other)
}

/// What stands before the first colon and behind it, where no step before it takes one.
fn cut(steps: &[Step]) -> Option<(&[Step], &[Step])> {
    let at = steps.iter().position(|step| step.set().contains(':'))?;
    let (head, rest) = steps.split_at_checked(at)?;
    match rest.split_first()? {
        (Step::One(Set::One(_)), behind) => Some((head, behind)),
        _ => None,
    }
}

fn differ_plainly(one: &[Step], other: &[Step]) -> bool {
    let other_text = |text: &[Step], steps: &[Step]| {
        let is_text = text.iter().all(|step| step.letter().is_some());
        is_text && !super::matching::takes(steps, text.iter().filter_map(Step::letter))
    };
    differ(one.iter(), other.iter())
        || differ(one.iter().rev(), other.iter().rev())
        || other_text(one, other)
        || other_text(other, one)
}

/// Whether two rows of steps meet characters that are never the same before either stops taking exactly one.
fn differ<'s>(one: impl Iterator<Item = &'s Step>, other: impl Iterator<Item = &'s Step>) -> bool {
    for pair in one.zip(other) {
        match pair {
            (Step::One(one), Step::One(other)) => {
                if disjoint(one, other) {
                    return true;
                }
            }
            _ => return false,
        }
    }
    false
}

/// Whether two sets surely share no character.
fn disjoint(one: &Set, other: &Set) -> bool {
    match (one, other) {
        (Set::One(c), set) | (set, Set::One(c)) => !set.contains(*c),
        _ => false,
    }
}

impl Pattern {
    /// Whether no text matches both, as both plainly show. May say no where it is so.
    pub(crate) fn clashes(&self, other: &Self) -> bool {
        clash(&self.steps, &other.steps)
    }

    /// How many steps take one character each, and how many there are.
    fn fixed(&self) -> (usize, usize) {
        let one = |step: &&Step| matches!(step, Step::One(_));
        (self.steps.iter().filter(one).count(), self.steps.len())
    }

    /// A text that matches, with so many characters for each run, and the fewest otherwise.
    pub(crate) fn sample(&self, each: usize) -> Option<String> {
        let mut text = String::with_capacity(self.steps.len() + each);
        for step in &self.steps {
            match step {
                Step::Maybe(_) => {}
                Step::One(set) => text.push(readable(set)?),
                Step::Run(_) if each == 0 => {}
                Step::Run(set) => {
                    let c = readable(set)?;
                    text.extend(std::iter::repeat_n(c, each));
                }
            }
        }
        Some(text)
    }
}

fn readable(set: &Set) -> Option<char> {
    match set {
        Set::One(c) | Set::EitherCase(c) => Some(*c),
        set => "a0A/:"
            .chars()
            .find(|c| set.contains(*c))
            .or_else(|| match set {
                Set::Ranges(ranges) => ranges.first().map(|(low, _)| *low),
                _ => None,
            }),
    }
}

#[cfg(test)]
mod tests;
