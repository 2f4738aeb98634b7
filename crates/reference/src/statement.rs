//! Whether a statement applies to a request.

use crate::Truth;
use crate::case::Case;
use crate::document::{Policy, Statement};
use crate::pattern::{self, Piece, Token, Wildcards};
use crate::principal::{Closeness, concerns};

impl Statement {
    /// How closely the statement concerns the caller, and whether it applies: principal, action,
    /// resource and every condition.
    pub(crate) fn applies(&self, case: &Case) -> (Closeness, Truth) {
        let closeness = match &self.principal {
            None => Closeness::Caller,
            Some(element) => concerns(element, self.allow, case),
        };
        let mut truth = Truth::from(closeness != Closeness::None)
            .and(Truth::from(self.matches_action(&case.action)))
            .and(Truth::from(self.matches_resource(case)));
        for condition in &self.conditions {
            truth = truth.and(condition.holds(&case.context));
        }
        (closeness, truth)
    }

    /// IAM User Guide, "Action": case does not matter; `*` and `?` stand in the name.
    fn matches_action(&self, action: &str) -> bool {
        let listed = self
            .actions
            .entries
            .iter()
            .any(|entry| entry == "*" || matches_plain(entry, action));
        listed != self.actions.not
    }

    fn matches_resource(&self, case: &Case) -> bool {
        let Some(listed) = &self.resources else {
            return true;
        };
        let null =
            |entry: &Vec<Piece>| pattern::expand(entry, &case.context, Wildcards::Match).is_none();
        let never = listed.not && self.options.null_not_resource_never_applies;
        if never && listed.entries.iter().any(null) {
            return false;
        }
        listed
            .entries
            .iter()
            .any(|entry| self.matches_entry(entry, case))
            != listed.not
    }

    /// IAM User Guide, "Resource": part by part; an action without resources needs `*`. An entry
    /// with a variable that has no value matches nothing.
    fn matches_entry(&self, entry: &[Piece], case: &Case) -> bool {
        if entry == [Piece::Many] {
            return true;
        }
        if case.resource == "*" {
            return false;
        }
        let mut patterns = Vec::new();
        for part in pattern::piece_segments(entry) {
            match pattern::expand(part, &case.context, Wildcards::Match) {
                Some(tokens) => patterns.push(tokens),
                None => return false,
            }
        }
        if patterns.len() < 6 && !self.kind.pads_short_arns() {
            return false;
        }
        while patterns.len() < 6 {
            patterns.push(vec![Token::Many]);
        }
        let parts = pattern::segments(&case.resource);
        patterns
            .iter()
            .zip(parts)
            .enumerate()
            .all(|(index, (pattern, part))| {
                if index < 5 {
                    glob_ignoring_case(pattern, part)
                } else {
                    pattern::glob(pattern, part)
                }
            })
    }
}

/// A pattern without variables, ignoring the case of ASCII letters.
fn matches_plain(entry: &str, text: &str) -> bool {
    let tokens: Vec<Token> = entry
        .chars()
        .map(|c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            c => Token::Char(c),
        })
        .collect();
    glob_ignoring_case(&tokens, text)
}

fn glob_ignoring_case(tokens: &[Token], text: &str) -> bool {
    let lower: Vec<Token> = tokens
        .iter()
        .map(|token| match token {
            Token::Char(c) => Token::Char(c.to_ascii_lowercase()),
            other => *other,
        })
        .collect();
    pattern::glob(&lower, &text.to_ascii_lowercase())
}

/// What a set of policies says about a request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Opinion {
    /// Whether a Deny applies.
    pub(crate) deny: Truth,
    /// The closest Allow that applies for sure.
    pub(crate) closest: Closeness,
    /// The closest Allow that applies or may apply.
    pub(crate) hopeful: Closeness,
}

/// Whether a set of policies allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowing {
    Yes,
    /// No Allow applies, but one may: a value of the request could not be read.
    Perhaps,
    No,
}

impl Opinion {
    pub(crate) fn allowing(&self) -> Allowing {
        match (self.closest, self.hopeful) {
            (Closeness::None, Closeness::None) => Allowing::No,
            (Closeness::None, _) => Allowing::Perhaps,
            _ => Allowing::Yes,
        }
    }
}

/// Reads every statement of every policy.
pub(crate) fn opinion<'a>(policies: impl IntoIterator<Item = &'a Policy>, case: &Case) -> Opinion {
    let mut opinion = Opinion::default();
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        let (closeness, truth) = statement.applies(case);
        if !statement.allow {
            opinion.deny = opinion.deny.or(truth);
            continue;
        }
        if truth == Truth::Yes {
            opinion.closest = opinion.closest.max(closeness);
        }
        if truth != Truth::No {
            opinion.hopeful = opinion.hopeful.max(closeness);
        }
    }
    opinion
}
