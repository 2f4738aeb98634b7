//! What facts say of the values of keys.

use crate::data::{Claim, Fact, Key, Set, Step};
use crate::tied::{Line, Part, steps};
use crate::wanted::Count;
use crate::{Refusal, refuse};

/// What is known of the values of a key.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    pub(crate) counts: Vec<Count>,
    pub(crate) texts: Vec<Vec<Line>>,
}

/// Whether a fact is about the key of this name.
pub(crate) fn is_about(fact: &Fact, name: &str) -> bool {
    match fact.key.strip_suffix('*') {
        Some(start) => name
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => fact.key.eq_ignore_ascii_case(name),
    }
}

/// What the facts of a key say.
pub(crate) fn domain(key: &Key) -> Result<Domain, Refusal> {
    let mut counts = match key.free {
        true => vec![Count::One],
        false => vec![Count::None, Count::One, Count::Many],
    };
    let mut texts = Vec::new();
    for fact in &key.facts {
        if !key.free && !is_about(fact, &key.name) {
            return refuse(format!(
                "the fact `{}` is not about `{}`",
                fact.id, key.name
            ));
        }
        let line = |steps: Vec<Step>| -> Line { steps.into_iter().map(Part::Step).collect() };
        match &fact.claim {
            Claim::Single => counts.retain(|count| *count != Count::Many),
            Claim::Multivalued => counts.retain(|count| *count != Count::One),
            Claim::Present => counts.retain(|count| *count != Count::None),
            Claim::Texts {
                characters,
                least,
                most,
            } => {
                let set = characters_of(characters);
                let mut steps = vec![Step::One(set.clone()); *least];
                match most {
                    Some(most) => {
                        let more = most.saturating_sub(*least);
                        steps.extend(std::iter::repeat_n(Step::Maybe(set), more));
                    }
                    None => steps.push(Step::Run(set)),
                }
                texts.push(vec![line(steps)]);
            }
            Claim::Arn => texts.push(sources()),
            Claim::Like(globs) => {
                let step = |c| match c {
                    '*' => Step::Run(Set::Any),
                    '?' => Step::One(Set::Any),
                    c => Step::One(Set::One(c)),
                };
                let globs = globs
                    .iter()
                    .map(|glob| line(glob.chars().map(step).collect()));
                texts.push(globs.collect());
            }
        }
    }
    Ok(Domain { counts, texts })
}

/// Single characters and ranges; a backslash takes away a character's meaning. Empty: every character.
fn characters_of(text: &str) -> Set {
    let mut ranges = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let low = match c {
            '\\' => rest.next().unwrap_or(c),
            c => c,
        };
        let high = match rest.next_if_eq(&'-') {
            Some(_) => rest.next().unwrap_or(low),
            None => low,
        };
        ranges.push((low, high));
    }
    match ranges.is_empty() {
        true => Set::Any,
        false => Set::Ranges(ranges),
    }
}

/// ARNs with a service, and with an account of twelve digits or none.
fn sources() -> Vec<Line> {
    let word = Set::Ranges(vec![('a', 'z'), ('0', '9'), ('-', '-')]);
    let digits = vec![Step::One(Set::Ranges(vec![('0', '9')])); 12];
    let colon = || std::iter::once(Step::One(Set::One(':')));
    let of = |account: Vec<Step>| -> Line {
        steps("arn:aws")
            .chain([Step::Run(Set::Ranges(vec![('a', 'z'), ('-', '-')]))])
            .chain(colon())
            .chain([Step::One(word.clone()), Step::Run(word.clone())])
            .chain(colon())
            .chain([Step::Run(word.clone())])
            .chain(colon())
            .chain(account)
            .chain(colon())
            .chain([Step::One(Set::Any), Step::Run(Set::Any)])
            .map(Part::Step)
            .collect()
    };
    vec![of(digits), of(Vec::new())]
}
