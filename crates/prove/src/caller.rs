//! Who may call: one caller of each kind that the policies tell apart, and the keys that follow from who it is.

mod bind;
mod names;

use crate::model::KeyId;
use crate::text::Text;
use policy::view::{Grant, Statement};
use policy::{Action, Principal, Request, Resource};
use std::collections::BTreeMap;

pub(crate) use names::{Names, session};

/// One kind of caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// A caller of the kind.
    pub(crate) principal: Principal,
    /// Its unique id, where policies name it.
    pub(crate) user_id: Option<String>,
    /// How much of it is this caller alone.
    pub(crate) known: Known,
    /// What follows for keys.
    pub(crate) keys: BTreeMap<KeyId, Bound>,
}

/// How much of a caller is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The kind is this caller alone.
    Whole,
    /// It is this session, of a role whose path is open.
    Session,
    /// It is everybody of its kind that no policy names.
    Kind,
}

/// What a caller says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The request does not have it.
    Absent,
    /// Nothing.
    Free,
    /// It has one value: one of each of `all` and none of `none`.
    Texts {
        all: Vec<Vec<Text>>,
        none: Vec<Text>,
    },
}

/// Which callers a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Those to whom identity-based policies are attached: users and roles of one account.
    Identities,
    /// Everybody who can reach a resource.
    Everybody,
}

impl Caller {
    fn new(principal: Principal, known: Known) -> Self {
        Self {
            principal,
            user_id: None,
            known,
            keys: BTreeMap::new(),
        }
    }

    /// The keys that stand in what follows for other keys.
    pub(crate) fn variables(&self) -> impl Iterator<Item = KeyId> {
        self.keys.values().flat_map(|bound| {
            let groups: &[Vec<Text>] = match bound {
                Bound::Texts { all, .. } => all,
                Bound::Absent | Bound::Free => &[],
            };
            groups.iter().flatten().flat_map(Text::keys)
        })
    }

    /// A request by the caller, to ask the engine whom statements reach.
    pub(crate) fn sample(&self) -> Option<Request> {
        let action = Action::parse("a:b").ok()?;
        let builder = Request::builder(self.principal.clone(), action, Resource::Any);
        Some(match &self.user_id {
            Some(id) => builder.set("aws:userid", id.as_str()).build(),
            None => builder.build(),
        })
    }
}

/// By caller, whether a statement reaches it at least as strongly as `least`.
pub(crate) fn reached(
    samples: &[Request],
    statement: Statement<'_>,
    has_boundary: bool,
    least: Grant,
) -> Box<[bool]> {
    if statement.principals().is_none() {
        return vec![true; samples.len()].into();
    }
    let reaches = |sample: &Request| {
        statement
            .reaches(sample, has_boundary)
            .is_some_and(|grant| grant >= least)
    };
    samples.iter().map(reaches).collect()
}
