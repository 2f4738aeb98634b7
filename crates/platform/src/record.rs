//! Recording: what happened goes into the trail, and only then is there something to answer.

mod detail;
mod identity;
mod service;
mod withheld;

pub(crate) use detail::member_of_s3;
use identity::user_identity;
pub(crate) use service::{assumption, event as service_event};
use withheld::unrecorded;
pub use withheld::{Release, Unrecorded, Withheld, release_all};

use catalog::shapes::Operation;
use policy::AccountId;
use trail::{Event, EventType, Identified, UserIdentity};
use wire::error::{Family, WireError};

use crate::call::{Envelope, Verified};
use crate::caller::{Caller, Identity};
use crate::digits;
use crate::door::Page;
use crate::error::{ApiError, Fault};
use crate::id;
use crate::listing;
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
) -> Result<Vec<Event>, Unrecorded> {
    let asked = happened.verified.map(|verified| verified.asked.take());
    let own = events(happened, result).map_err(unrecorded)?;
    Ok(match asked {
        Some(mut all) if !all.is_empty() => {
            all.extend(own);
            all
        }
        _ => own,
    })
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

/// The event of the caller's account, and one for each other account whose resource was touched.
fn events(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
) -> Result<Vec<Event>, crate::port::RandomError> {
    let platform = happened.platform;
    if let Who::Known(caller) = &happened.who
        && caller.is_nobody()
    {
        return events_of_nobody(happened, answer);
    }
    let (user_identity, home) = match &happened.who {
        Who::Known(caller) => {
            let identified = caller.identified(|| user_identity(platform, caller));
            (identified.clone(), caller.account)
        }
        Who::Claimed(key) => {
            let unknown = UserIdentity::unknown(*key);
            (unknown.into(), platform.config().account)
        }
        Who::Service(name, account) => (UserIdentity::service(name).into(), *account),
    };
    let mut first = event(happened, answer, user_identity, home)?;
    let Who::Known(caller) = &happened.who else {
        return Ok(vec![first]);
    };
    let mut others: Vec<AccountId> = happened.targets.iter().filter_map(|t| t.account).collect();
    others.retain(|account| *account != home);
    others.sort_unstable();
    others.dedup();
    let mut all = Vec::with_capacity(1 + others.len());
    if !others.is_empty() {
        first.shared_event_id = Some(id::uuid(platform.random())?);
    }
    for account in others {
        let mut copy = first.clone();
        copy.event_id = id::uuid(platform.random())?;
        if !matches!(caller.identity, Identity::Service(_)) {
            copy.user_identity =
                UserIdentity::other_account(&caller.user_id(), home.as_str()).into();
        }
        copy.recipient_account_id = account.to_string();
        all.push(copy);
    }
    all.insert(0, first);
    Ok(all)
}

/// An event for each account whose resource somebody asked for without a signature.
fn events_of_nobody(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
) -> Result<Vec<Event>, crate::port::RandomError> {
    let mut owners: Vec<AccountId> = happened.targets.iter().filter_map(|t| t.account).collect();
    owners.sort_unstable();
    owners.dedup();
    if owners.is_empty() {
        owners.push(happened.platform.config().account);
    }
    let one = |owner| event(happened, answer, UserIdentity::anonymous().into(), owner);
    owners.into_iter().map(one).collect()
}

fn event(
    happened: &Happened<'_>,
    answer: Result<&Outcome, &WireError>,
    mut user_identity: Identified,
    account: AccountId,
) -> Result<Event, crate::port::RandomError> {
    let Happened {
        platform,
        envelope,
        verified,
        ..
    } = happened;
    let mut input =
        verified.and_then(|verified| listing::members(verified.api.input(), &verified.input));
    if let Who::Known(caller) = &happened.who
        && happened.source == "sts.amazonaws.com"
    {
        input = identity::with_inherited(input, happened.operation, caller);
    }
    let reads = happened.effect == Effect::Read;
    let listed = |outcome: &&Outcome| match outcome.listing {
        Listing::ByEffect => !reads,
        Listing::Always => true,
        Listing::Never => false,
    };
    let output = answer.ok().filter(listed).and_then(|outcome| {
        listing::members(
            verified.and_then(|verified| verified.api.output()),
            &outcome.output,
        )
    });
    let error = answer.err();
    let mut resources = resources(happened.targets, account);
    if happened.category == Category::Data {
        objects_of_bucket(&mut resources);
    }
    if let Some(service) = envelope.via.last() {
        user_identity.invoked_by = Some(service.clone());
    }
    Ok(Event {
        event_version: trail::EVENT_VERSION.into(),
        user_identity,
        event_time: envelope.time,
        event_source: happened.source.into(),
        event_name: event_name(happened).into(),
        aws_region: region(happened).to_owned(),
        source_ip_address: source(envelope),
        user_agent: detail::user_agent(happened),
        error_code: error.map(|error| detail::error_code(error.code())),
        error_message: error.map(|error| error.message().to_owned()),
        request_parameters: detail::parameters(happened, input),
        response_elements: output,
        additional_event_data: detail::additional(happened, answer.ok()),
        request_id: envelope.request_id.clone(),
        event_id: id::uuid(platform.random())?,
        read_only: reads,
        resources,
        event_type: match happened.who {
            Who::Service(..) => EventType::AwsServiceEvent,
            Who::Known(_) | Who::Claimed(_) => EventType::AwsApiCall,
        },
        api_version: None,
        management_event: happened.category == Category::Management,
        recipient_account_id: account.to_string(),
        service_event_details: None,
        shared_event_id: None,
        vpc_endpoint_id: None,
        event_category: match happened.category {
            Category::Management => trail::Category::Management,
            Category::Data => trail::Category::Data,
        },
        tls_details: detail::tls_details(envelope),
    })
}

/// The region that the call was for: of one that names none, where what it is about lies.
fn region<'a>(happened: &Happened<'a>) -> &'a str {
    let mut regions = happened.targets.iter();
    let found = regions.find_map(|target| target.region.as_deref());
    found.unwrap_or(&happened.envelope.region)
}

/// Where a call comes from: an address, or the service that made it.
fn source(envelope: &Envelope) -> String {
    match envelope.via.last() {
        Some(service) => service.clone(),
        None => digits::address(envelope.source_ip.to_canonical()),
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

/// What the trail lists of the targets, each resource once, as far as a record goes.
fn resources(targets: &[Target], account: AccountId) -> Vec<trail::Resource> {
    let most = trail::Limits::default().resources;
    let mut listed: Vec<trail::Resource> = Vec::new();
    for target in targets {
        let own = target.trail_type.map(|kind| (kind, target.as_str()));
        let parent = target
            .parent
            .as_ref()
            .map(|(kind, arn)| (*kind, arn.as_str()));
        for (kind, arn) in own.into_iter().chain(parent) {
            let is = |it: &trail::Resource| {
                it.arn.as_deref() == Some(arn) && it.kind.as_deref() == Some(kind)
            };
            if listed.len() < most && !listed.iter().any(is) {
                listed.push(trail::Resource {
                    account_id: Some(target.account.unwrap_or(account).to_string()),
                    kind: Some(kind.into()),
                    arn: Some(arn.to_owned()),
                    arn_prefix: None,
                });
            }
        }
    }
    listed
}

/// A data event about a bucket concerns all its objects, and is selected like one about each.
fn objects_of_bucket(listed: &mut Vec<trail::Resource>) {
    let is = |kind: &'static str| {
        move |resource: &trail::Resource| resource.kind.as_deref() == Some(kind)
    };
    if listed.iter().any(is("AWS::S3::Object")) {
        return;
    }
    let bucket = listed
        .iter()
        .find(|resource| is("AWS::S3::Bucket")(resource));
    if let Some(arn) = bucket.and_then(|bucket| bucket.arn.clone()) {
        let objects = trail::Resource {
            account_id: None,
            kind: Some("AWS::S3::Object".into()),
            arn: None,
            arn_prefix: Some(format!("{arn}/")),
        };
        listed.insert(0, objects);
    }
}
