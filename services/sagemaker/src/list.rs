//! Listings: filtered, sorted, in pages.

use platform::paging::{self, InvalidToken};
use platform::{ApiError, Call, Outcome, Permitted};
use serde_json::Value as Json;
use store::Scan;
use wire::value::Value;

use super::item::{Item, Place};
use super::row::Row;
use super::{Kind, kept, show};

/// How many are on a page when the caller does not say.
const PAGE: i64 = 10;

pub(super) fn list<K: Kind>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let row = K::row();
    let under = Scan::under(&Place::of(call).all(row));
    let all = call
        .state()
        .scan::<Item>(&under)?
        .into_iter()
        .map(|entry| entry.value);
    let input = call.input();
    let by = input.str("SortBy").unwrap_or("CreationTime");
    let descending = match input.str("SortOrder") {
        Some(order) => order == "Descending",
        None => row.list.descending,
    };
    let mut ranked: Vec<(String, Item)> = all
        .filter(|item| selected(input, row, item))
        .map(|item| (rank(by, &item), item))
        .collect();
    ranked.sort_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
    page(call, row, ranked, descending)
}

/// The page that the input asks for. `ranked` is in the order of its first parts.
fn page(
    call: &Call<'_>,
    row: &Row,
    ranked: Vec<(String, Item)>,
    descending: bool,
) -> Result<Outcome, ApiError> {
    let input = call.input();
    let question = question(input);
    let after = paging::begin(call, &[&question], input.str("NextToken"))
        .map_err(|InvalidToken| ApiError::validation("The NextToken is not valid."))?;
    let size = usize::try_from(input.int("MaxResults").unwrap_or(PAGE)).unwrap_or(1);
    let mut rest = ranked.into_iter().filter(|(rank, _)| match &after {
        Some(after) if descending => rank < after,
        Some(after) => rank > after,
        None => true,
    });
    let items: Vec<(String, Item)> = rest.by_ref().take(size).collect();
    let next = match (rest.next(), items.last()) {
        (Some(_), Some((last, _))) => Some(paging::token(call, &[&question], last)?),
        _ => None,
    };
    let element = show::output(call.operation())?
        .member(row.list.member)
        .and_then(|list| list.shape().list_member())
        .ok_or_else(|| ApiError::internal(format!("no list `{}`", row.list.member)))?
        .shape();
    let shown = items
        .iter()
        .map(|(_, item)| Ok(show::only(element, show::show(call, row, item)?)))
        .collect::<Result<Vec<Value>, ApiError>>()?;
    Ok(Outcome::new(
        Value::map()
            .with(row.list.member, shown)
            .with_some("NextToken", next),
    ))
}

/// Everything in the input but which page: a token is good only for the listing it came from.
fn question(input: &Value) -> String {
    let mut json = kept::to_json(input);
    if let Json::Object(members) = &mut json {
        members.retain(|name, _| name != "NextToken" && name != "MaxResults");
    }
    json.to_string()
}

/// Whether a listing's filters let the resource through.
fn selected(input: &Value, row: &Row, item: &Item) -> bool {
    let name = item.names.last().map_or("", String::as_str);
    let within = |after: &str, before: &str, instant: jiff::Timestamp| {
        input.timestamp(after).is_none_or(|after| instant > after)
            && input
                .timestamp(before)
                .is_none_or(|before| instant < before)
    };
    let equal = |member: &str, held: Option<&str>| {
        input.str(member).is_none_or(|asked| held == Some(asked))
    };
    input.str(row.list.contains).is_none_or(|part| name.contains(part))
        && within("CreationTimeAfter", "CreationTimeBefore", item.created)
        && within("LastModifiedTimeAfter", "LastModifiedTimeBefore", item.modified)
        && equal("StatusEquals", item.status())
        && equal("DomainIdEquals", item.names.first().map(String::as_str))
        && equal("TrainingPlanArnEquals", item.text("ResourceConfig.TrainingPlanArn"))
        // There are no warm pools.
        && equal("WarmPoolStatusEquals", None)
}

/// A text by whose order resources are sorted; no two have the same.
fn rank(by: &str, item: &Item) -> String {
    let first = match by {
        "Name" => String::new(),
        "Status" => item.status().unwrap_or_default().to_owned(),
        "LastModifiedTime" => instant(item.modified),
        _ => instant(item.created),
    };
    format!("{first}\0{}", item.path())
}

/// An instant as a text of fixed length.
fn instant(instant: jiff::Timestamp) -> String {
    format!("{:020}", instant.as_nanosecond().max(0))
}
