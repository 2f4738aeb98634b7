//! Who may call: one caller of each kind that the policies tell apart, and the keys that follow from who it is.

mod bind;
mod names;

use crate::model::KeyId;
use crate::text::Text;
use policy::view::{Grant, Statement};
use policy::{Action, Principal, Request, Resource};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

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

/// One caller of each kind, each with a request of its own.
pub(crate) type Cast = Vec<(Caller, Request)>;

/// The callers of a kind that policies tell apart; there may be others among them.
pub(crate) fn cast(names: &Names, who: Who, kind: fn(&Principal) -> bool) -> Cow<'static, Cast> {
    // Most policies name nobody.
    static IDENTITIES: LazyLock<Cast> =
        LazyLock::new(|| with_samples(&Names::default(), Who::Identities, |_| true));
    static EVERYBODY: LazyLock<Cast> =
        LazyLock::new(|| with_samples(&Names::default(), Who::Everybody, |_| true));
    match (names.is_empty(), who) {
        (true, Who::Identities) => Cow::Borrowed(&IDENTITIES),
        (true, Who::Everybody) => Cow::Borrowed(&EVERYBODY),
        (false, who) => Cow::Owned(with_samples(names, who, kind)),
    }
}

fn with_samples(names: &Names, who: Who, kind: fn(&Principal) -> bool) -> Cast {
    let with_sample = |caller: Caller| {
        let sample = caller.sample()?;
        Some((caller, sample))
    };
    let callers = names.callers(who).into_iter();
    let of_kind = callers.filter(|caller| kind(&caller.principal));
    of_kind.filter_map(with_sample).collect()
}

/// By caller, whether a statement reaches it at least as strongly as `least`.
pub(crate) fn reached(
    samples: &[&Request],
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
    samples.iter().copied().map(reaches).collect()
}
