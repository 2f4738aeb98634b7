//! Which statements could matter to a request: by action, and where many share an action by the beginning of the
//! resource. The index only narrows; each statement it yields is still matched in full.

use super::statement::Statement;
use crate::document::Effect;
use crate::names::{Name, NameTable};
use crate::request::{Request, Resource};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The statements of one effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Statements that name an action in full.
    exact: NameTable<Bucket>,
    /// Statements with wildcards or `NotAction`, by the literal beginning of the action pattern.
    open: Prefixes<Bucket>,
}

/// Statements that share an action pattern.
#[derive(Clone, Debug)]
enum Bucket {
    Few(Box<[u32]>),
    ByResource(Prefixes<Box<[u32]>>),
}

/// How many statements are looked at one by one before they are told apart by resource.
const FEW: usize = 8;

impl Index {
    pub(crate) fn new(statements: &[Statement], effect: Effect) -> Self {
        let mut exact: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut open: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (number, statement) in (0_u32..).zip(statements) {
            if statement.effect != effect {
                continue;
            }
            if statement.actions.not {
                push(open.entry("").or_default(), number);
                continue;
            }
            for pattern in &statement.actions.patterns {
                match pattern.as_literal() {
                    Some(action) => push(exact.entry(action).or_default(), number),
                    None => push(open.entry(pattern.literal_prefix()).or_default(), number),
                }
            }
        }
        let bucket = |numbers: Vec<u32>| Bucket::new(numbers, statements);
        Self {
            exact: exact
                .into_iter()
                .map(|(action, n)| (Name::new(action), bucket(n)))
                .collect(),
            open: open
                .into_iter()
                .map(|(prefix, n)| (prefix.into(), bucket(n)))
                .collect(),
        }
    }

    /// Calls `each` with every statement that could apply to the request, some of them more than once.
    pub(crate) fn visit(
        &self,
        request: &Request,
        statements: &[Statement],
        each: &mut impl FnMut(&Statement) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let action = request.action.lower();
        if let Some(bucket) = self.exact.find(action) {
            bucket.visit(request, statements, each)?;
        }
        self.open.visit(action.as_str(), &mut |bucket| {
            bucket.visit(request, statements, each)
        })
    }
}

fn push(numbers: &mut Vec<u32>, number: u32) {
    if numbers.last() != Some(&number) {
        numbers.push(number);
    }
}

impl Bucket {
    fn new(numbers: Vec<u32>, statements: &[Statement]) -> Self {
        if numbers.len() <= FEW {
            return Self::Few(numbers.into());
        }
        let mut by_resource: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for number in numbers {
            let Some(statement) = statements.get(number as usize) else {
                continue;
            };
            match &statement.resources {
                Some(resources) if !resources.not => {
                    for pattern in &resources.patterns {
                        push(
                            by_resource.entry(pattern.literal_prefix()).or_default(),
                            number,
                        );
                    }
                }
                _ => push(by_resource.entry("").or_default(), number),
            }
        }
        Self::ByResource(
            by_resource
                .into_iter()
                .map(|(p, n)| (p.into(), n.into()))
                .collect(),
        )
    }

    fn visit(
        &self,
        request: &Request,
        statements: &[Statement],
        each: &mut impl FnMut(&Statement) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut all = |numbers: &[u32]| {
            numbers
                .iter()
                .filter_map(|number| statements.get(*number as usize))
                .try_for_each(&mut *each)
        };
        match self {
            Self::Few(numbers) => all(numbers),
            Self::ByResource(prefixes) => {
                let resource = match &request.resource {
                    Resource::Arn(arn) => arn.resource(),
                    Resource::Any => "",
                };
                prefixes.visit(resource, &mut |numbers| all(numbers))
            }
        }
    }
}

/// A map from texts that finds, for a word, every text with which the word begins.
#[derive(Clone, Debug)]
struct Prefixes<V> {
    /// What belongs to the empty text, with which every word begins.
    root: Option<V>,
    /// Sorted by text. Each knows the longest other text with which it begins, as an index plus one; zero is none.
    nodes: Vec<(Box<str>, u32, V)>,
}

impl<V> Default for Prefixes<V> {
    fn default() -> Self {
        Self {
            root: None,
            nodes: Vec::new(),
        }
    }
}

impl<V> FromIterator<(Box<str>, V)> for Prefixes<V> {
    /// The texts come sorted, each once.
    fn from_iter<I: IntoIterator<Item = (Box<str>, V)>>(pairs: I) -> Self {
        let mut pairs = pairs.into_iter().peekable();
        let root = pairs.next_if(|(text, _)| text.is_empty());
        let mut nodes: Vec<(Box<str>, u32, V)> = Vec::new();
        let mut ancestors: Vec<u32> = Vec::new();
        for (number, (text, value)) in (1_u32..).zip(pairs) {
            while let Some(above) = ancestors.last()
                && !begins_with(&nodes, *above, &text)
            {
                ancestors.pop();
            }
            nodes.push((text, ancestors.last().copied().unwrap_or(0), value));
            ancestors.push(number);
        }
        Self {
            root: root.map(|(_, value)| value),
            nodes,
        }
    }
}

fn begins_with<V>(nodes: &[(Box<str>, u32, V)], number: u32, text: &str) -> bool {
    let node = (number as usize)
        .checked_sub(1)
        .and_then(|at| nodes.get(at));
    node.is_some_and(|(prefix, ..)| text.starts_with(&**prefix))
}

impl<V> Prefixes<V> {
    /// Every prefix of `word` is the last text not behind `word`, or one of that text's ancestors.
    fn visit(&self, word: &str, each: &mut impl FnMut(&V) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut number = self.nodes.partition_point(|(text, ..)| **text <= *word);
        while let Some((text, above, value)) =
            number.checked_sub(1).and_then(|at| self.nodes.get(at))
        {
            if word.starts_with(&**text) {
                each(value)?;
            }
            number = *above as usize;
        }
        self.root.iter().try_for_each(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_found_and_nothing_else() {
        let texts = [
            "", "a", "ab", "abc", "abd", "b", "ba", "job/", "job/x", "job/y*",
        ];
        let prefixes: Prefixes<&str> = texts.iter().map(|text| ((*text).into(), *text)).collect();
        for word in [
            "", "a", "abc", "abce", "abd", "abz", "b", "bz", "c", "job/x1", "job/z", "zz",
        ] {
            let mut found = Vec::new();
            let _ = prefixes.visit(word, &mut |text| {
                found.push(*text);
                ControlFlow::Continue(())
            });
            found.sort_unstable();
            let expected: Vec<&str> = texts
                .iter()
                .copied()
                .filter(|t| word.starts_with(t))
                .collect();
            assert_eq!(found, expected, "{word}");
        }
    }
}
