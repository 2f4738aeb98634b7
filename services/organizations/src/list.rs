//! Listings in pages.

use platform::{ApiError, Call, Outcome, paging};
use store::{Key, Record};
use wire::value::Value;

use super::error;

/// How many are on a page at most.
const PAGE: i64 = 20;

/// The page of the records under a key that the input asks for. `show` may leave some out.
pub(super) fn page<T: Record>(
    call: &Call<'_>,
    member: &'static str,
    filter: &str,
    under: &Key,
    show: impl FnMut(T) -> Result<Option<Value>, ApiError>,
) -> Result<Outcome, ApiError> {
    page_behind(call, member, filter, under, None, show)
}

/// As [`page`], with one thing more in front of the first page.
pub(super) fn page_behind<T: Record>(
    call: &Call<'_>,
    member: &'static str,
    filter: &str,
    under: &Key,
    first: Option<Value>,
    show: impl FnMut(T) -> Result<Option<Value>, ApiError>,
) -> Result<Outcome, ApiError> {
    let input = call.input();
    let after = paging::begin(call, &[filter], input.str("NextToken"))
        .map_err(|_| error::invalid("INVALID_NEXT_TOKEN", "You specified an invalid value."))?;
    let size = usize::try_from(input.int("MaxResults").unwrap_or(PAGE)).unwrap_or(1);
    let mut page: Vec<Value> = first.filter(|_| after.is_none()).into_iter().collect();
    let room = size.saturating_sub(page.len());
    let (shown, more) = paging::read(call.state(), under, after.as_deref(), room, show)?;
    page.extend(shown);
    let next = more
        .map(|after| paging::token(call, &[filter], &after))
        .transpose()?;
    Ok(Outcome::new(
        Value::map()
            .with(member, Value::List(page))
            .with_some("NextToken", next),
    ))
}

/// All of a few, which fit on one page.
pub(super) fn all(member: &'static str, items: impl IntoIterator<Item = Value>) -> Outcome {
    let items: Value = items.into_iter().collect();
    Outcome::new(Value::map().with(member, items))
}
