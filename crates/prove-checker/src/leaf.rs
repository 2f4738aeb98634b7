//! Whether literals are met by no request: field by field where they are apart, together where the values of keys stand in
//! texts of others or follow from the caller.

use crate::callers::{Bound, Callers, variables};
use crate::data::{
    Atom, Certificate, Condition, Demand, Literal, Measured, Set, Step, Test, Text, Token,
};
use crate::domain::{Domain, domain};
use crate::tied::{self, Line, Part, steps};
use crate::wanted::{Count, Need, Wanted, need, split_arns, split_bools};
use crate::{Refusal, refuse};
use policy::view::{self, Truth};
use policy::{Document, NamedPolicy, PolicySet, PolicyType};
use std::collections::{BTreeMap, BTreeSet};

/// The leaves of one certificate.
pub(crate) struct Leaves<'c> {
    certificate: &'c Certificate,
    callers: Callers,
    domains: Vec<Domain>,
    measured: BTreeMap<Measured, PolicySet>,
    known: BTreeMap<Vec<Literal>, bool>,
}

/// How many combinations of counts are looked at.
const SHAPES: usize = 4_000;

impl<'c> Leaves<'c> {
    pub(crate) fn new(certificate: &'c Certificate) -> Result<Self, Refusal> {
        let mut measured = BTreeMap::new();
        for atom in &certificate.atoms {
            if let Atom::Condition(Condition {
                test: Test::Measured(test),
                ..
            }) = atom
            {
                measured.insert(test.clone(), compiled(test)?);
            }
        }
        Ok(Self {
            certificate,
            callers: crate::formula::callers(certificate)?,
            domains: certificate
                .keys
                .iter()
                .map(domain)
                .collect::<Result<_, _>>()?,
            measured,
            known: BTreeMap::new(),
        })
    }

    /// Whether no request meets all of these; `false` also where it is not found out.
    pub(crate) fn is_refuted(&mut self, literals: &[Literal]) -> bool {
        let mut sorted = literals.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if let Some(known) = self.known.get(&sorted) {
            return *known;
        }
        let answer = self.refute(&sorted);
        self.known.insert(sorted, answer);
        answer
    }

    pub(crate) fn describe(&self, literals: &[Literal]) -> String {
        let one = |literal: &Literal| match self.certificate.atoms.get(literal.atom) {
            Some(atom) => format!("{:?} {atom:?}", literal.demand),
            None => format!("{literal:?}"),
        };
        literals.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    fn refute(&self, literals: &[Literal]) -> bool {
        let opposed = |one: &Literal| {
            literals
                .iter()
                .any(|other| one.atom == other.atom && one.demand.excludes(other.demand))
        };
        if literals.iter().any(opposed) {
            return true;
        }
        let of =
            |literal: &Literal| Some((self.certificate.atoms.get(literal.atom)?, literal.demand));
        let Some(demands) = literals.iter().map(of).collect::<Option<Vec<_>>>() else {
            return false;
        };
        let mut seen: Vec<Vec<(usize, Bound)>> = Vec::new();
        for caller in 0..self.certificate.callers.len().max(1) {
            let meets = demands.iter().all(|(atom, demand)| match atom {
                Atom::Caller(members) => demand.meets(Some(members.get(caller) == Some(&true))),
                _ => true,
            });
            if !meets {
                continue;
            }
            let keys = self.keys(caller, &demands);
            if seen.contains(&keys) {
                continue;
            }
            let mut shapes = SHAPES;
            for resource in [true, false] {
                if !self.counts(&demands, &keys, resource, &mut Vec::new(), &mut shapes) {
                    return false;
                }
            }
            seen.push(keys);
        }
        true
    }

    /// The keys that demands speak of, with what follows from the caller.
    fn keys(&self, caller: usize, demands: &[(&'c Atom, Demand)]) -> Vec<(usize, Bound)> {
        let mut open: Vec<usize> = Vec::new();
        for (atom, _) in demands {
            if let Atom::Condition(condition) = atom {
                open.push(condition.key);
            }
            for text in texts(atom) {
                if let Text::Open(tokens) = text {
                    open.extend(tokens.iter().filter_map(|token| match token {
                        Token::Key(variable) => Some(variable.key),
                        Token::Step(_) => None,
                    }));
                }
            }
        }
        let mut found: BTreeMap<usize, Bound> = BTreeMap::new();
        while let Some(key) = open.pop() {
            if found.contains_key(&key) {
                continue;
            }
            let bound = match self.certificate.keys.get(key) {
                Some(own) if !own.free => self.callers.bound(self.certificate, caller, &own.name),
                _ => Bound::Free,
            };
            open.extend(variables(&bound));
            found.insert(key, bound);
        }
        found.into_iter().collect()
    }

    /// Whether no combination of counts of values from here on has texts.
    fn counts(
        &self,
        demands: &[(&'c Atom, Demand)],
        keys: &[(usize, Bound)],
        resource: bool,
        chosen: &mut Vec<Count>,
        shapes: &mut usize,
    ) -> bool {
        let Some((key, bound)) = keys.get(chosen.len()) else {
            if *shapes == 0 {
                return false;
            }
            *shapes -= 1;
            return self.shape(demands, keys, chosen, resource);
        };
        let counts: Vec<Count> = match bound {
            Bound::Absent => vec![Count::None],
            Bound::Texts { .. } => vec![Count::One],
            Bound::Free => self
                .domains
                .get(*key)
                .map_or_else(Vec::new, |domain| domain.counts.clone()),
        };
        counts.into_iter().all(|count| {
            chosen.push(count);
            let refuted = self.counts(demands, keys, resource, chosen, shapes);
            chosen.pop();
            refuted
        })
    }

    /// Whether no texts meet the demands where the keys have so many values.
    fn shape(
        &self,
        demands: &[(&'c Atom, Demand)],
        keys: &[(usize, Bound)],
        counts: &[Count],
        resource: bool,
    ) -> bool {
        let single: Vec<usize> = keys
            .iter()
            .zip(counts)
            .filter(|(_, count)| **count == Count::One)
            .map(|((key, _), _)| *key)
            .collect();
        let slot_of = |key: usize| single.iter().position(|own| *own == key);
        let mut wanted: Vec<Wanted<'c>> = vec![Wanted::default(); single.len()];
        for ((key, bound), count) in keys.iter().zip(counts) {
            let mut on: Vec<(bool, &'c Condition, Demand)> = Vec::new();
            for (atom, demand) in demands {
                let Atom::Condition(condition) = atom else {
                    continue;
                };
                if condition.key != *key {
                    continue;
                }
                match need(condition, *demand, *count) {
                    Need::Met => {}
                    Need::Unmet => return true,
                    Need::Each(demand) => on.push((true, condition, demand)),
                    Need::Some(demand) => on.push((false, condition, demand)),
                }
            }
            let base = || self.base(*key, bound, &slot_of);
            let each = |wanted: &mut Wanted<'c>| {
                for (_, condition, demand) in on.iter().filter(|(each, ..)| *each) {
                    wanted.hold(&condition.test, *demand, &slot_of);
                }
            };
            match (count, slot_of(*key)) {
                (Count::One, Some(at)) => {
                    let mut own = base();
                    each(&mut own);
                    if let Some(place) = wanted.get_mut(at) {
                        *place = own;
                    }
                }
                (Count::Many, _) => {
                    let mut made = false;
                    for (_, condition, demand) in on.iter().filter(|(each, ..)| !*each) {
                        let mut own = base();
                        each(&mut own);
                        own.hold(&condition.test, *demand, &slot_of);
                        wanted.push(own);
                        made = true;
                    }
                    if !made {
                        let mut own = base();
                        each(&mut own);
                        wanted.push(own);
                    }
                }
                _ => {}
            }
        }
        match self.rest(demands, resource, &slot_of) {
            None => true,
            Some(rest) => {
                wanted.extend(rest);
                self.cases(wanted)
            }
        }
    }

    /// A text of a key, of which nothing is demanded yet.
    fn base(
        &self,
        key: usize,
        bound: &Bound,
        slot_of: &dyn Fn(usize) -> Option<usize>,
    ) -> Wanted<'c> {
        let mut wanted = Wanted::default();
        if let Some(domain) = self.domains.get(key) {
            wanted.slot.all.extend(domain.texts.iter().cloned());
        }
        if let Bound::Texts { all, none } = bound {
            for group in all {
                wanted.slot.texts(group, true, slot_of);
            }
            wanted.slot.texts(none, false, slot_of);
        }
        wanted
    }

    /// The texts of the action and of the resource; `None` where there is no such request.
    fn rest(
        &self,
        demands: &[(&'c Atom, Demand)],
        resource: bool,
        slot_of: &dyn Fn(usize) -> Option<usize>,
    ) -> Option<Vec<Wanted<'c>>> {
        let (mut action, mut arn) = (Wanted::default(), Wanted::default());
        action.slot.all.push(vec![action_shape()]);
        arn.slot.all.push(vec![arn_shape()]);
        for (atom, demand) in demands {
            let holds = matches!(demand, Demand::True | Demand::NotFalse);
            match atom {
                Atom::Action(texts) => action.slot.texts(texts, holds, slot_of),
                Atom::Resource { any: true, .. } if holds => {}
                Atom::Resource { any: true, .. } => return None,
                Atom::Resource { texts, .. } if resource => arn.slot.texts(texts, holds, slot_of),
                Atom::Resource { .. } if holds => return None,
                _ => {}
            }
        }
        let mut all = vec![action];
        all.extend(resource.then_some(arn));
        Some(all)
    }

    /// Splits by what texts are where that decides how they are read.
    fn cases(&self, mut wanted: Vec<Wanted<'c>>) -> bool {
        let at = wanted
            .iter()
            .position(|w| !w.arns.is_empty() || !w.bools.is_empty());
        let Some(at) = at else {
            return self.base_case(wanted);
        };
        let Some(own) = wanted.get_mut(at) else {
            return false;
        };
        let (arns, bools) = (
            std::mem::take(&mut own.arns),
            std::mem::take(&mut own.bools),
        );
        let mut cases: Vec<Wanted<'c>> = vec![own.clone()];
        if !arns.is_empty() {
            cases = cases
                .into_iter()
                .flat_map(|case| split_arns(case, &arns))
                .collect();
        }
        if !bools.is_empty() {
            cases = cases
                .into_iter()
                .flat_map(|case| split_bools(case, &bools))
                .collect();
        }
        cases.into_iter().all(|case| {
            let mut all = wanted.clone();
            if let Some(place) = all.get_mut(at) {
                *place = case;
            }
            self.cases(all)
        })
    }

    fn base_case(&self, mut wanted: Vec<Wanted<'c>>) -> bool {
        for own in &mut wanted {
            self.keep_measured(own);
        }
        wanted.iter().any(|own| self.has_no_measure(own))
            || tied::refuted(wanted.into_iter().map(|own| own.slot).collect())
    }

    /// Leaves out the texts that are no number, date or address as demanded.
    fn keep_measured(&self, wanted: &mut Wanted<'c>) {
        let measured = &wanted.measured;
        let meets = |text: &String| {
            let mut demands = measured.iter();
            demands.all(|(test, demand)| demand.meets(self.measure(test, text)))
        };
        for group in &mut wanted.slot.all {
            group.retain(|line| tied::literal(line).as_ref().is_none_or(meets));
        }
    }

    /// Whether no number, date or address is as demanded.
    fn has_no_measure(&self, wanted: &Wanted<'c>) -> bool {
        let mut kinds: BTreeMap<&str, Vec<(&Measured, Demand)>> = BTreeMap::new();
        for (test, demand) in &wanted.measured {
            let kind = ["Numeric", "Date"]
                .into_iter()
                .find(|kind| test.operator.starts_with(kind));
            kinds
                .entry(kind.unwrap_or("Address"))
                .or_default()
                .push((test, *demand));
        }
        let meets = |text: &str, demands: &[(&Measured, Demand)]| {
            demands
                .iter()
                .all(|(test, demand)| demand.meets(self.measure(test, text)))
        };
        kinds.values().any(|demands| {
            let texts: BTreeSet<String> = demands
                .iter()
                .filter_map(|(test, _)| self.measured.get(*test).and_then(condition))
                .flat_map(|condition| condition.representatives(0))
                .collect();
            !texts.is_empty() && !texts.iter().any(|text| meets(text, demands))
        })
    }

    fn measure(&self, test: &Measured, text: &str) -> Option<bool> {
        let condition = self.measured.get(test).and_then(condition)?;
        match condition.matches_value(text) {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        }
    }
}

/// Six segments, of which the first is `arn`.
pub(crate) fn arn_shape() -> Line {
    let start = steps("arn:");
    let segment = [Step::Run(Set::Except(':')), Step::One(Set::One(':'))];
    let rest = (0..4)
        .flat_map(|_| segment.clone())
        .chain([Step::Run(Set::Any)]);
    start.chain(rest).map(Part::Step).collect()
}

/// A service and an operation, in lower case.
fn action_shape() -> Line {
    let word = || Set::Ranges(vec![('a', 'z'), ('0', '9'), ('-', '.'), ('_', '_')]);
    let some = || [Step::One(word()), Step::Run(word())];
    let colon = [Step::One(Set::One(':'))];
    some()
        .into_iter()
        .chain(colon)
        .chain(some())
        .map(Part::Step)
        .collect()
}

fn texts(atom: &Atom) -> &[Text] {
    match atom {
        Atom::Caller(_) => &[],
        Atom::Action(texts) | Atom::Resource { texts, .. } => texts,
        Atom::Condition(condition) => match &condition.test {
            Test::Text(texts) | Test::Arn(texts) | Test::Bool(texts) => texts,
            Test::Null { .. } | Test::Measured(_) => &[],
        },
    }
}

/// The policy of one comparison, for the engine to read values as it does.
pub(crate) fn compiled(test: &Measured) -> Result<PolicySet, Refusal> {
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {test.operator.clone(): {"a:key": test.values}},
        },
    });
    match Document::parse(&text.to_string(), PolicyType::Identity) {
        Ok(document) => Ok(PolicySet::compile([NamedPolicy::new(
            "comparison",
            document,
        )])),
        Err(error) => refuse(format!("`{}` cannot be read: {error}", test.operator)),
    }
}

pub(crate) fn condition(set: &PolicySet) -> Option<view::Condition<'_>> {
    view::statements(set).next()?.conditions().next()
}
