//! The path of a visit through a [`Door`].

use http::Method;
use http::request::Parts;
use policy::AccountId;
use wire::error::Family;
use wire::protocol::Dialect;

use super::arrive::{self, Arrived};
use super::{Answered, respond};
use crate::door::{Door, Page, Visit};
use crate::error::ApiError;
use crate::operation::{Category, Effect};
use crate::platform::{Platform, Served};
use crate::record::{self, Happened, Who};
use crate::sessions;

/// The door that a request knocks at.
pub(super) fn find<'p>(platform: &'p Platform, parts: &Parts) -> Option<(&'p Served, &'p Door)> {
    let at = |door: &&Door| door.path == parts.uri.path() && parts.method == Method::GET;
    platform
        .served()
        .find_map(|served| Some((served, served.service.doors.iter().find(at)?)))
}

/// Opens the door, assumes the role, records and answers.
pub(super) fn pass(
    platform: &Platform,
    (served, door): (&Served, &Door),
    arrived: &Arrived,
) -> Answered {
    let query = arrived.parts.uri.query().unwrap_or_default();
    let visit = Visit {
        platform,
        envelope: arrive::envelope(
            platform,
            &arrived.parts,
            arrived.source_ip,
            arrived.tls.clone(),
        ),
        parameters: parameters(query),
    };
    let (account, result) = enter(&visit, door);
    let happened = Happened {
        platform,
        envelope: &visit.envelope,
        family: Family::of(served.api),
        source: served.service.principal,
        operation: door.event,
        effect: Effect::Write,
        category: Category::Management,
        who: Who::Service(served.service.principal, account),
        verified: None,
        targets: &[],
    };
    let answer = record::record_visit(&happened, result)?;
    let dialect = Dialect::of(served.api, &arrived.parts);
    Ok(respond::write(platform, &dialect, &visit.envelope, answer))
}

/// What came of the visit, and the account that it is about: the one of the resource for which the
/// service acts, or the first when there is none.
fn enter(visit: &Visit<'_>, door: &Door) -> (AccountId, Result<Page, ApiError>) {
    let store = visit.platform.store();
    let first = visit.platform.config().account;
    let assumption = match store.write(|tx| (door.open)(visit, tx)) {
        Ok(assumption) => assumption,
        Err(error) => return (first, Err(error)),
    };
    let account = AccountId::parse(&assumption.caller.source_account).unwrap_or(first);
    let session = sessions::assume_as_service(visit.platform, assumption);
    (account, session.map(|session| (door.show)(visit, &session)))
}

/// The parameters of a query, decoded. What is not UTF-8 is left out.
fn parameters(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| String::from_utf8(wire::uri::decode(text)).ok();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter_map(|(name, value)| Some((decode(name)?, decode(value)?)))
        .collect()
}
