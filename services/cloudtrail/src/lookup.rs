//! Looking events up (CloudTrail API Reference, "LookupEvents"): management events of 90 days, newest
//! first. Data events are in the files of trails that select them. Where several nodes share the state, they are
//! looked up in what all of them have [copied](crate::shared) there.

use jiff::{SignedDuration, Timestamp};
use platform::paging;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use trail::{Attribute, Event, Position, Query};
use wire::value::Value;

use crate::error;
use crate::shared::{self, Place};

/// The most events on a page.
const PAGE: usize = 50;

/// How long events can be looked up.
pub(crate) const DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(crate) fn may_look_up(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("cloudtrail:LookupEvents", Target::any())?.into())
}

pub(crate) fn look_up(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let mut query = query(call)?;
    let filters = filters(&query);
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    let place = before(call, &filters)?;
    if call.input().str("EventCategory").is_some() {
        // The one category that can be asked for, `insight`, is of what CloudTrail notices itself.
        let nothing = Value::map().with("Events", Value::List(Vec::new()));
        return Ok(Outcome::new(nothing));
    }
    query.start = query.start.max(call.time().checked_sub(DAYS).ok());
    let (events, next) = match call.platform().node() {
        Some(_) => of_all_nodes(call, &query, place)?,
        None => of_this_one(call, query, place)?,
    };
    let next = next.map(|place| paging::token(call, &filters, &place));
    let next = next.transpose()?;
    let events: Vec<Value> = events.iter().map(show).collect::<Result<_, _>>()?;
    Ok(Outcome::new(
        Value::map()
            .with("Events", events)
            .with_some("NextToken", next),
    ))
}

/// The events of a page, and the place where the next one begins.
type Page = (Vec<Event>, Option<String>);

fn of_this_one(call: &Call<'_>, mut query: Query, place: Option<String>) -> Result<Page, ApiError> {
    let place = place.map(|place| place.parse().map(Position).map_err(|_| no_place()));
    query.before = place.transpose()?;
    let found = call.platform().trail().lookup(&query);
    let page = found.map_err(ApiError::internal)?;
    let events = page.records.into_iter().map(|record| record.event);
    Ok((events.collect(), page.next.map(|next| next.to_string())))
}

fn of_all_nodes(call: &Call<'_>, query: &Query, place: Option<String>) -> Result<Page, ApiError> {
    let place = place.map(|place| Place::parse(&place).ok_or_else(no_place));
    let place = place.transpose()?;
    shared::copy(call.platform())?;
    let page = call
        .platform()
        .store()
        .read(|tx| shared::look_up(tx, query, place.as_ref()))?;
    Ok((page.events, page.next.map(|next| next.text())))
}

fn no_place() -> ApiError {
    let text = "The next token is not valid or has expired.";
    ApiError::new("InvalidNextTokenException", 400, text)
}

/// What is asked for, apart from the page.
fn query(call: &Call<'_>) -> Result<Query, ApiError> {
    let input = call.input();
    let (start, end) = (input.timestamp("StartTime"), input.timestamp("EndTime"));
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        return Err(error::time_range());
    }
    let size = input
        .int("MaxResults")
        .and_then(|size| usize::try_from(size).ok());
    Ok(Query {
        region: Some(call.region().to_owned()),
        attributes: attributes(input)?,
        start,
        end,
        max: size.unwrap_or(PAGE).clamp(1, PAGE),
        ..Query::new(call.account().as_str())
    })
}

/// By what events are found that CloudTrail notices itself.
const OF_INSIGHTS: &[&str] = &["EventId", "EventName", "EventSource"];

/// The longest value of an attribute, where some characters count twice.
const LONGEST: usize = 2_000;

fn attributes(input: &Value) -> Result<Vec<Attribute>, ApiError> {
    let given = input.list("LookupAttributes");
    let invalid = |text: &str| ApiError::new("InvalidLookupAttributesException", 400, text);
    if given.len() > 1 {
        return Err(invalid("You can only specify one lookup attribute."));
    }
    let of_insights = input.str("EventCategory").is_some();
    let read = |attribute: &Value| {
        let key = attribute.str("AttributeKey").unwrap_or_default();
        let value = attribute.str("AttributeValue").unwrap_or_default();
        if of_insights && !OF_INSIGHTS.contains(&key) {
            return Err(invalid(
                "The lookup attribute key is not valid for Insights events.",
            ));
        }
        if weight(value) > LONGEST {
            return Err(invalid("The lookup attribute value is too long."));
        }
        let text = value.to_owned();
        Ok(match key {
            "EventId" => Attribute::EventId(text),
            "EventName" => Attribute::EventName(text),
            "ReadOnly" => Attribute::ReadOnly(match value {
                "true" => true,
                "false" => false,
                _ => return Err(invalid("The value of ReadOnly must be true or false.")),
            }),
            "Username" => Attribute::Username(text),
            "ResourceType" => Attribute::ResourceType(text),
            "ResourceName" => Attribute::ResourceName(text),
            "EventSource" => Attribute::EventSource(text),
            "AccessKeyId" => Attribute::AccessKeyId(text),
            _ => return Err(invalid("The lookup attribute key is not valid.")),
        })
    };
    given.iter().map(read).collect()
}

/// How long a value is (CloudTrail API Reference, "LookupAttribute").
fn weight(value: &str) -> usize {
    let of = |c| if "_ ,\n".contains(c) { 2 } else { 1 };
    value.chars().map(of).sum()
}

/// What a page's token is bound to.
fn filters(query: &Query) -> [String; 3] {
    let time = |instant: Option<Timestamp>| {
        instant
            .map(|instant| instant.as_second().to_string())
            .unwrap_or_default()
    };
    [
        format!("{:?}", query.attributes),
        time(query.start),
        time(query.end),
    ]
}

/// The place that the token of a page says.
fn before(call: &Call<'_>, filters: &[&str]) -> Result<Option<String>, ApiError> {
    let token = call.input().str("NextToken");
    paging::begin(call, filters, token).map_err(|_| no_place())
}

fn show(event: &Event) -> Result<Value, ApiError> {
    let resource = |resource: &trail::Resource| {
        Value::map()
            .with_some("ResourceType", resource.kind.as_deref())
            .with_some("ResourceName", resource.name())
    };
    let text = serde_json::to_string(event).map_err(ApiError::internal)?;
    Ok(Value::map()
        .with("EventId", event.event_id.as_str())
        .with("EventName", event.event_name.as_ref())
        .with("ReadOnly", if event.read_only { "true" } else { "false" })
        .with_some("AccessKeyId", event.user_identity.access_key_id.as_deref())
        .with("EventTime", event.event_time)
        .with("EventSource", event.event_source.as_ref())
        .with_some("Username", event.username())
        .with(
            "Resources",
            event.resources.iter().map(resource).collect::<Value>(),
        )
        .with("CloudTrailEvent", text))
}
