//! Recording: what happened goes into the trail, and only then is there something to answer.

mod detail;
mod identity;
mod members;
mod resources;
mod service;
mod withheld;

use detail::{Additional, Parameters};
use identity::user_identity;
use members::Members;
pub(crate) use service::{assumption, event as service_event};
use withheld::unrecorded;
pub use withheld::{Release, Unrecorded, Withheld, release_all};

use catalog::shapes::Operation;
use policy::AccountId;
use std::borrow::Cow;
use trail::{Draft, Element, Entries, EventType, Identified, UserIdentity};
use wire::error::{Family, WireError};

use crate::call::{Envelope, Verified};
use crate::caller::{Caller, Identity};
use crate::digits;
use crate::door::Page;
use crate::error::{ApiError, Fault};
use crate::id;
use crate::operation::{Category, Effect};
use crate::outcome::{Listing, Outcome};
use crate::platform::Platform;
use crate::resource::Target;

/// What a client is told.
pub(crate) enum Answer {
    Output(Operation, Outcome),
    Page(Page),
    Nothing,
    Error(Option<Operation>, WireError),
}

/// Everything that the trail says about a call.
pub(crate) struct Happened<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) envelope: &'a Envelope,
    pub(crate) family: Family,
    /// The service's name in events, such as `sts.amazonaws.com`.
    pub(crate) source: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) effect: Effect,
    pub(crate) category: Category,
    pub(crate) who: Who<'a>,
    pub(crate) verified: Option<&'a Verified<'a>>,
    pub(crate) targets: &'a [Target],
}

/// Who called, as far as it is known.
pub(crate) enum Who<'a> {
    /// The caller.
    Known(&'a Caller),
    /// Somebody who claims an access key.
    Claimed(Option<&'a str>),
    /// A service, for somebody who came through one of its doors to something of an account.
    Service(&'a str, AccountId),
}

/// Records what happened. Of an internal failure, the client learns only that there was one.
pub(crate) fn record(
    happened: &Happened<'_>,
    api: Operation,
    result: Result<Outcome, ApiError>,
) -> Result<Withheld<Answer>, Unrecorded> {
    let result = result.map_err(|error| told(happened, &error));
    let events = all_events(happened, result.as_ref())?;
    let answer = match result {
        Ok(outcome) => Answer::Output(api, outcome),
        Err(error) => Answer::Error(Some(api), error),
    };
    Ok(Withheld::new(answer, events))
}

/// Records what was asked so far on the way of a call that goes on only when more of it comes.
pub(crate) fn record_asked(verified: &Verified<'_>) -> Result<(), Unrecorded> {
    let asked = verified.asked.take();
    match asked.is_empty() {
        true => Ok(()),
        false => Withheld::new((), asked).release(verified.platform),
    }
}

/// Records a refusal that happened before the operation was reached.
pub(crate) fn record_refusal(
    happened: &Happened<'_>,
    error: WireError,
) -> Result<Withheld<Answer>, Unrecorded> {
    let events = all_events(happened, Err(&error))?;
    Ok(Withheld::new(Answer::Error(None, error), events))
}

/// Records what came of a visit through a door.
pub(crate) fn record_visit(
    happened: &Happened<'_>,
    result: Result<Page, ApiError>,
) -> Result<Withheld<Answer>, Unrecorded> {
    let result = result.map_err(|error| told(happened, &error));
    // What a door hands out is secret; the trail lists nothing of it.
    let listed = Outcome::empty().unlisted();
    let events = all_events(happened, result.as_ref().map(|_| &listed))?;
    let answer = match result {
        Ok(page) => Answer::Page(page),
        Err(error) => Answer::Error(None, error),
    };
    Ok(Withheld::new(answer, events))
}

/// Records something whose answer is only its headers.
pub(crate) fn record_without_answer(
    happened: &Happened<'_>,
    result: Result<(), ApiError>,
) -> Result<Withheld<Answer>, Unrecorded> {
    let result = result.map_err(|error| told(happened, &error));
    let nothing = Outcome::empty().unlisted();
    let events = all_events(happened, result.as_ref().map(|()| &nothing))?;
    let answer = match result {
        Ok(()) => Answer::Nothing,
        Err(error) => Answer::Error(None, error),
    };
    Ok(Withheld::new(answer, events))
}

/// Everything that the trail will say of a call: what it asked of other services on its way, and itself.
fn all_events(
    happened: &Happened<'_>,
    result: Result<&Outcome, &WireError>,
) -> Result<Entries, Unrecorded> {
    let asked = happened.verified.map(|verified| verified.asked.take());
    let mut entries = asked.unwrap_or_default();
    events(happened, result, &mut entries)?;
    Ok(entries)
}

/// An error in the words of the service's protocol. Why the platform failed goes to its operator.
fn told(happened: &Happened<'_>, error: &ApiError) -> WireError {
    if error.fault() == Fault::Internal {
        let Happened {
            source,
            operation,
            envelope,
            ..
        } = happened;
        happened.platform.report(&format!(
            "{source} {operation}, request {}: {error}",
            envelope.request_id
        ));
    }
    error.to_wire(happened.family)
}

/// Writes the event of the caller's account, and one for each other account whose resource was touched.
fn events(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
    entries: &mut Entries,
) -> Result<(), Unrecorded> {
    let platform = happened.platform;
    let caller = match &happened.who {
        Who::Known(caller) if caller.is_nobody() => {
            return events_of_nobody(happened, answer, entries);
        }
        Who::Known(caller) => caller,
        Who::Claimed(key) => {
            let unknown = UserIdentity::unknown(*key).into();
            let home = platform.config().account;
            return one_event(happened, answer, &unknown, home, entries);
        }
        Who::Service(name, account) => {
            let service = UserIdentity::service(name).into();
            return one_event(happened, answer, &service, *account, entries);
        }
    };
    let identity = caller.identified(|| user_identity(platform, caller));
    let others = resources::accounts(happened.targets, Some(caller.account));
    let shared = match others.is_empty() {
        true => None,
        false => Some(id::uuid(platform.random()).map_err(unrecorded)?),
    };
    event(happened, answer, identity, caller.account, |draft| {
        let own = Draft {
            shared_event_id: shared.as_deref(),
            ..*draft
        };
        entries.push(&own).map_err(unrecorded)?;
        if others.is_empty() {
            return Ok(());
        }
        let seen = match caller.identity {
            Identity::Service(_) => None,
            _ => Some(UserIdentity::other_account(
                &caller.user_id(),
                caller.account.as_str(),
            )),
        };
        let seen = seen.map(Identified::from);
        for account in &others {
            let copy = Draft {
                event_id: &id::uuid(platform.random()).map_err(unrecorded)?,
                user_identity: seen.as_ref().unwrap_or(identity),
                invoked_by: own.invoked_by.filter(|_| seen.is_none()),
                recipient_account_id: account.as_str(),
                ..own
            };
            entries.push(&copy).map_err(unrecorded)?;
        }
        Ok(())
    })
}

/// Writes an event for each account whose resource somebody asked for without a signature.
fn events_of_nobody(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
    entries: &mut Entries,
) -> Result<(), Unrecorded> {
    let mut owners = resources::accounts(happened.targets, None);
    if owners.is_empty() {
        owners.push(happened.platform.config().account);
    }
    let anonymous = UserIdentity::anonymous().into();
    let mut owners = owners.into_iter();
    owners.try_for_each(|owner| one_event(happened, answer, &anonymous, owner, entries))
}

/// Writes one event, of which there are no copies.
fn one_event(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
    user_identity: &Identified,
    account: AccountId,
    entries: &mut Entries,
) -> Result<(), Unrecorded> {
    event(happened, answer, user_identity, account, |draft| {
        entries.push(draft).map_err(unrecorded)
    })
}

/// Says to `write` what happened.
fn event(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
    user_identity: &Identified,
    account: AccountId,
    write: impl FnOnce(&Draft<'_>) -> Result<(), Unrecorded>,
) -> Result<(), Unrecorded> {
    let Happened {
        platform, envelope, ..
    } = happened;
    let parameters = Parameters::of(happened);
    let output = answer.ok().and_then(|outcome| listed(happened, outcome));
    let additional = Additional::of(happened, answer.ok());
    let error = answer.err();
    let resources = resources::of(happened.targets, &account, happened.category);
    let user_agent = detail::user_agent(happened);
    let tls_details = detail::tls_details(envelope);
    let draft = Draft {
        event_version: trail::EVENT_VERSION,
        user_identity,
        invoked_by: envelope.via.last().map(String::as_str),
        event_time: envelope.time,
        event_source: happened.source,
        event_name: event_name(happened),
        aws_region: region(happened),
        source_ip_address: &source(envelope),
        user_agent: user_agent.as_deref(),
        error_code: error.map(|error| detail::error_code(error.code())),
        error_message: error.map(WireError::message),
        request_parameters: parameters.as_ref().map(|it| it as &dyn Element),
        response_elements: output.as_ref().map(|it| it as &dyn Element),
        additional_event_data: additional.as_ref().map(|it| it as &dyn Element),
        request_id: &envelope.request_id,
        event_id: &id::uuid(platform.random()).map_err(unrecorded)?,
        read_only: happened.effect == Effect::Read,
        resources: &resources,
        event_type: match happened.who {
            Who::Service(..) => EventType::AwsServiceEvent,
            Who::Known(_) | Who::Claimed(_) => EventType::AwsApiCall,
        },
        api_version: None,
        management_event: happened.category == Category::Management,
        recipient_account_id: account.as_str(),
        service_event_details: None,
        shared_event_id: None,
        vpc_endpoint_id: None,
        event_category: match happened.category {
            Category::Management => trail::Category::Management,
            Category::Data => trail::Category::Data,
        },
        tls_details: tls_details.as_ref(),
    };
    write(&draft)
}

/// What the trail lists of an answer.
fn listed<'a>(happened: &Happened<'a>, outcome: &'a Outcome) -> Option<Members<'a>> {
    let is_listed = match outcome.listing {
        Listing::ByEffect => happened.effect != Effect::Read,
        Listing::Always => true,
        Listing::Never => false,
    };
    let shape = happened.verified.and_then(|verified| verified.api.output());
    is_listed.then(|| Members::of(shape, &outcome.output))?
}

/// The region that the call was for: of one that names none, where what it is about lies.
fn region<'a>(happened: &Happened<'a>) -> &'a str {
    let mut regions = happened.targets.iter();
    let found = regions.find_map(|target| target.region.as_deref());
    found.unwrap_or(&happened.envelope.region)
}

/// Where a call comes from: an address, or the service that made it.
fn source(envelope: &Envelope) -> Cow<'_, str> {
    match envelope.via.last() {
        Some(service) => Cow::Borrowed(service),
        None => Cow::Owned(digits::address(envelope.source_ip.to_canonical())),
    }
}

/// What events call an operation: its name in the API, but for some of S3's (Amazon S3 User Guide,
/// "Amazon S3 CloudTrail events").
fn event_name(happened: &Happened<'_>) -> &'static str {
    let api = happened
        .verified
        .map(|verified| verified.api.service().name());
    match (happened.source, happened.operation) {
        (_, operation) if api == Some("s3control") => match operation {
            "GetPublicAccessBlock" => "GetAccountPublicAccessBlock",
            "PutPublicAccessBlock" => "PutAccountPublicAccessBlock",
            "DeletePublicAccessBlock" => "DeleteAccountPublicAccessBlock",
            other => other,
        },
        ("s3.amazonaws.com", operation) => match operation {
            "ListObjectsV2" => "ListObjects",
            "GetBucketLifecycleConfiguration" => "GetBucketLifecycle",
            "PutBucketLifecycleConfiguration" => "PutBucketLifecycle",
            "GetBucketNotificationConfiguration" => "GetBucketNotification",
            "PutBucketNotificationConfiguration" => "PutBucketNotification",
            "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
            "PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
            "DeletePublicAccessBlock" => "DeleteBucketPublicAccessBlock",
            other => other,
        },
        (_, operation) => operation,
    }
}
