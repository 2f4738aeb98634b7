//! Events of services: what one does as itself, in the trail of the account concerned.

use jiff::Timestamp;
use policy::AccountId;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use trail::{Event, EventType, Resource, UserIdentity};
use wire::error::Family;

use super::resources;
use crate::context::to_iso;
use crate::error::ApiError;
use crate::id;
use crate::operation::Category;
use crate::platform::Platform;
use crate::resource::Target;
use crate::session::Session;
use crate::sessions::{ServiceAssumption, Wish};

/// Records a service's assumption of a role in the trail of the role's account.
pub(crate) fn assumption(
    platform: &Platform,
    now: Timestamp,
    asked: &ServiceAssumption,
    wish: &Wish,
    result: &Result<Session, ApiError>,
) -> Result<(), ApiError> {
    let target = Target::arn(&wish.role_arn)?.listed_as("AWS::IAM::Role");
    let account = match &target.resource {
        policy::Resource::Arn(arn) => AccountId::parse(arn.account()),
        policy::Resource::Any => None,
    };
    let account = account.unwrap_or(platform.config().account);
    let denied = result.as_ref().err();
    let error = denied.map(|error| error.to_wire(Family::Query));
    let service = &asked.caller.service;
    append(
        platform,
        Event {
            event_source: "sts.amazonaws.com".into(),
            event_name: "AssumeRole".into(),
            event_time: now,
            aws_region: asked.region.clone(),
            error_code: error.as_ref().map(|error| error.code().to_owned()),
            error_message: error.as_ref().map(|error| error.message().to_owned()),
            request_parameters: Some(parameters(wish)),
            response_elements: result.as_ref().ok().map(elements),
            additional_event_data: Some(behalf(asked)),
            resources: own(resources::of(
                std::slice::from_ref(&target),
                &account,
                Category::Management,
            )),
            event_type: EventType::AwsApiCall,
            read_only: true,
            ..blank(platform, service, account)?
        },
    )
}

/// Records something that the platform did without a call.
pub(crate) fn event(
    platform: &Platform,
    source: &str,
    name: &str,
    account: AccountId,
    details: Json,
) -> Result<(), ApiError> {
    append(
        platform,
        Event {
            event_name: name.to_owned().into(),
            service_event_details: Some(details),
            ..blank(platform, source, account)?
        },
    )
}

/// An event of a service that says nothing yet of what happened.
fn blank(platform: &Platform, service: &str, account: AccountId) -> Result<Event, ApiError> {
    Ok(Event {
        event_version: trail::EVENT_VERSION.into(),
        user_identity: UserIdentity::service(service).into(),
        event_time: platform.now(),
        event_source: service.to_owned().into(),
        event_name: "".into(),
        aws_region: platform.config().region.clone(),
        source_ip_address: service.to_owned(),
        user_agent: Some(service.to_owned()),
        error_code: None,
        error_message: None,
        request_parameters: None,
        response_elements: None,
        additional_event_data: None,
        request_id: id::uuid(platform.random())?,
        event_id: id::uuid(platform.random())?,
        read_only: false,
        resources: Vec::new(),
        event_type: EventType::AwsServiceEvent,
        api_version: None,
        management_event: true,
        recipient_account_id: account.to_string(),
        service_event_details: None,
        shared_event_id: None,
        vpc_endpoint_id: None,
        event_category: trail::Category::Management,
        tls_details: None,
    })
}

/// Resources that nobody has to lend.
fn own(lent: Vec<Resource<'_>>) -> Vec<Resource<'static>> {
    let text = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
    let own = |it: Resource<'_>| Resource {
        account_id: text(it.account_id),
        kind: text(it.kind),
        arn: text(it.arn),
        arn_prefix: text(it.arn_prefix),
    };
    lent.into_iter().map(own).collect()
}

fn append(platform: &Platform, event: Event) -> Result<(), ApiError> {
    let appended = platform.trail().append(vec![event]);
    appended.map(|_| ()).map_err(ApiError::internal)
}

fn parameters(wish: &Wish) -> Json {
    let tag = |tag: &crate::identity::Tag| json!({"key": tag.key, "value": tag.value});
    let tags: Vec<Json> = wish.tags.iter().map(tag).collect();
    let mut members = Map::new();
    members.insert("roleArn".to_owned(), json!(wish.role_arn));
    members.insert("roleSessionName".to_owned(), json!(wish.session_name));
    if let Some(seconds) = wish.duration {
        members.insert("durationSeconds".to_owned(), json!(seconds));
    }
    if let Some(name) = &wish.source_identity {
        members.insert("sourceIdentity".to_owned(), json!(name));
    }
    if !tags.is_empty() {
        members.insert("tags".to_owned(), Json::Array(tags));
    }
    Json::Object(members)
}

/// For what the service acts, and for whom.
fn behalf(asked: &ServiceAssumption) -> Json {
    let caller = &asked.caller;
    let mut members = Map::new();
    members.insert("sourceArn".to_owned(), json!(caller.source_arn));
    members.insert("sourceAccount".to_owned(), json!(caller.source_account));
    if let Some(arn) = &asked.asked_by {
        members.insert("askedBy".to_owned(), json!(arn));
    }
    Json::Object(members)
}

fn elements(session: &Session) -> Json {
    let mut members = Map::new();
    let credentials = json!({
        "accessKeyId": session.access_key_id,
        "expiration": to_iso(session.expires),
    });
    let user = json!({"assumedRoleId": session.user_id, "arn": session.arn});
    members.insert("credentials".to_owned(), credentials);
    members.insert("assumedRoleUser".to_owned(), user);
    if let Some(name) = &session.source_identity {
        members.insert("sourceIdentity".to_owned(), json!(name));
    }
    Json::Object(members)
}
