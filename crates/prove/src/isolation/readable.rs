//! Requests that a person understands at once: ann who reads what is anna's.

use super::breach::{Breach, Pin};
use crate::caller::session;
use crate::facts::Facts;
use crate::question::{Question, Replayed};
use policy::{Action, Principal, Request, Resource};

const DOMAINS: [&str; 2] = ["d-a1b2c3d4e5f6", "d-f6e5d4c3b2a1"];

/// A request that breaks the same and reads better, if there is one.
pub(super) fn read_well(
    question: &Question<'_>,
    breach: &Breach<'_>,
    request: &Request,
    facts: &Facts,
) -> Option<Replayed> {
    let named = owners(breach);
    let renamed = with_names(question, breach, names(breach, &named), facts);
    let request = renamed.as_ref().map_or(request, Replayed::request);
    with_file(question, request).or_else(|| {
        // What was found with more demands breaks what was asked without them.
        renamed
            .as_ref()
            .and_then(|found| Replayed::new(question, found.request().clone()))
    })
}

/// A request that breaks it between people whose names are given, where none was found for any names.
pub(super) fn between_known(
    question: &Question<'_>,
    breach: &Breach<'_>,
    facts: &Facts,
) -> Option<Replayed> {
    let names = names(breach, &owners(breach));
    let found = with_names(question, breach, names, facts)?;
    Replayed::new(question, found.request().clone())
}

/// The identity keys by which the owner is told.
fn owners(breach: &Breach<'_>) -> Vec<usize> {
    let marks = breach.theirs.iter();
    let mut named: Vec<usize> = marks.flat_map(|mark| mark.template().owners()).collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn with_names(
    question: &Question<'_>,
    breach: &Breach<'_>,
    names: Vec<Vec<(Pin, String)>>,
    facts: &Facts,
) -> Option<Replayed> {
    names.into_iter().find_map(|pins| {
        let pinned = Breach {
            pins,
            ..breach.clone()
        };
        let question = Question {
            beyond: Some(&pinned),
            ..question.clone()
        };
        question.find(facts)
    })
}

/// The names of caller and owner, which of [`DOMAINS`] they are in, and whether the caller's are given at all.
type Choice = ((&'static str, &'static str), (usize, usize), bool);

const CLEAR: [Choice; 5] = [
    (("ann", "anna"), (0, 0), true),
    (("ann", "bob"), (0, 0), true),
    (("ann", "ann"), (0, 1), true),
    (("ann", "anna"), (0, 0), false),
    (("ann", "Ann"), (0, 0), true),
];

/// Names to try, the clearest first.
fn names(breach: &Breach<'_>, named: &[usize]) -> Vec<Vec<(Pin, String)>> {
    if named.is_empty() {
        return Vec::new();
    }
    let pins = |&((caller, owner), domains, with_caller): &Choice| {
        let mut pins = Vec::new();
        for number in named {
            let key = breach.tenancy.identity.get(*number);
            let is_domain =
                key.is_some_and(|key| key.key.eq_ignore_ascii_case("sagemaker:DomainId"));
            let domain = |at: usize| DOMAINS.get(at).copied().unwrap_or_default();
            let (caller, owner) = match is_domain {
                true => (domain(domains.0), domain(domains.1)),
                false => (caller, owner),
            };
            if with_caller {
                pins.push((Pin::Caller(*number), caller.to_owned()));
            }
            pins.push((Pin::Owner(*number), owner.to_owned()));
        }
        pins
    };
    CLEAR.iter().map(pins).collect()
}

/// The request of a session of the role in question.
pub(super) fn with_role(
    question: &Question<'_>,
    role: &str,
    request: &Request,
) -> Option<Replayed> {
    let Principal::RoleSession {
        role: own,
        session: Some(own_session),
        ..
    } = request.principal()
    else {
        return None;
    };
    let (before, _) = own.as_str().rsplit_once("role/")?;
    let (_, name) = own_session.as_str().rsplit_once('/')?;
    let arn = format!("{before}role/{role}");
    let builder = request.to_builder().principal(session(&arn, name)?);
    let builder = match request.context().get("aws:PrincipalArn") {
        Some(_) => builder.set("aws:PrincipalArn", arn.as_str()),
        None => builder,
    };
    Replayed::new(question, builder.build())
}

/// The request for reading, and for a file, where it is for a folder or for something else.
fn with_file(question: &Question<'_>, request: &Request) -> Option<Replayed> {
    let Resource::Arn(arn) = request.resource() else {
        return None;
    };
    let text = arn.as_str();
    if !text.contains(":s3:") {
        return None;
    }
    let file = if text.ends_with('/') {
        "report.csv"
    } else {
        ""
    };
    let resource = Resource::parse(&format!("{text}{file}")).ok()?;
    let bare = request.to_builder().resource(resource);
    let reading = Action::parse("s3:GetObject")
        .ok()
        .map(|action| bare.clone().action(action));
    [reading, Some(bare)]
        .into_iter()
        .flatten()
        .find_map(|builder| Replayed::new(question, builder.build()))
}
