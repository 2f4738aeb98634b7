//! Which statements could matter to a request: by action; where many share an action by the beginning of the resource;
//! and where many share that too by the value that a condition demands. The index only narrows; each statement it yields is
//! still matched in full.

use super::statement::Statement;
use crate::condition::Clause;
use crate::document::Effect;
use crate::names::{Name, NameTable};
use crate::request::{Context, ContextValue, Request, Resource};
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

/// Indices of statements.
type Numbers = Box<[u32]>;

/// Statements that share an action pattern, or more.
#[derive(Clone, Debug)]
enum Bucket {
    /// They are looked at one by one.
    Each(Numbers),
    /// By the literal beginning of the resource part.
    ByResource(Box<Prefixes<Bucket>>),
    ByValue(ByValue),
}

/// Statements told apart by the values that they demand of one key.
#[derive(Clone, Debug)]
struct ByValue {
    key: Name,
    /// Sorted by value.
    values: Box<[(Box<str>, Numbers)]>,
    /// Those that demand none.
    others: Numbers,
}

/// How many statements are looked at one by one before they are told apart further.
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
        let bucket = |numbers: Vec<u32>| Bucket::by_resource(numbers, statements);
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
    fn by_resource(numbers: Vec<u32>, statements: &[Statement]) -> Self {
        if numbers.len() <= FEW {
            return Self::Each(numbers.into());
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
        let prefixes = by_resource
            .into_iter()
            .map(|(prefix, n)| (prefix.into(), Self::by_value(n, statements)));
        Self::ByResource(Box::new(prefixes.collect()))
    }

    fn by_value(numbers: Vec<u32>, statements: &[Statement]) -> Self {
        let Some(key) = most_demanded(&numbers, statements).filter(|_| numbers.len() > FEW) else {
            return Self::Each(numbers.into());
        };
        let mut values: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut others = Vec::new();
        for number in numbers {
            let clauses = statements.get(number as usize).map(|s| s.clauses.iter());
            let demanded = clauses
                .into_iter()
                .flatten()
                .filter(|clause| clause.key.same(key))
                .find_map(Clause::demanded_values);
            match demanded {
                Some(demanded) => {
                    for value in demanded {
                        push(values.entry(value).or_default(), number);
                    }
                }
                None => others.push(number),
            }
        }
        Self::ByValue(ByValue {
            key: key.clone(),
            values: values
                .into_iter()
                .map(|(value, n)| (value.into(), n.into()))
                .collect(),
            others: others.into(),
        })
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
            Self::Each(numbers) => all(numbers),
            Self::ByResource(prefixes) => {
                let resource = match &request.resource {
                    Resource::Arn(arn) => arn.resource(),
                    Resource::Any => "",
                };
                prefixes.visit(resource, &mut |bucket| {
                    bucket.visit(request, statements, each)
                })
            }
            Self::ByValue(by_value) => {
                by_value.visit(&request.context, &mut all)?;
                all(&by_value.others)
            }
        }
    }
}

impl ByValue {
    /// Calls `all` with the statements whose demand the request could meet. A missing key meets none.
    fn visit(
        &self,
        context: &Context,
        all: &mut impl FnMut(&[u32]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match context.find(&self.key) {
            None => ControlFlow::Continue(()),
            Some(ContextValue::One(value)) => {
                let found = self
                    .values
                    .binary_search_by(|(known, _)| (**known).cmp(value));
                let numbers = found.ok().and_then(|at| self.values.get(at));
                numbers.map_or(ControlFlow::Continue(()), |(_, numbers)| all(numbers))
            }
            // What an operator without qualifier makes of a list is an option.
            Some(ContextValue::Many(_)) => {
                self.values.iter().try_for_each(|(_, numbers)| all(numbers))
            }
        }
    }
}

/// The key of which more than half of the statements demand certain values, and most of them.
fn most_demanded<'s>(numbers: &[u32], statements: &'s [Statement]) -> Option<&'s Name> {
    let mut counts: BTreeMap<String, (usize, &Name)> = BTreeMap::new();
    let clauses = numbers
        .iter()
        .filter_map(|number| statements.get(*number as usize))
        .flat_map(|statement| statement.clauses.iter());
    for clause in clauses.filter(|clause| clause.demanded_values().is_some()) {
        let key = clause.key.as_str().to_ascii_lowercase();
        counts.entry(key).or_insert((0, &clause.key)).0 += 1;
    }
    let (count, key) = counts.into_values().max_by_key(|(count, _)| *count)?;
    (count > numbers.len() / 2).then_some(key)
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
