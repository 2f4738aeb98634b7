//! Listings.

use platform::paging::{self, Page};
use platform::{ApiError, Call, Outcome, Permitted};
use store::{Entry, Key as StoreKey, Record, Scan};
use wire::value::Value;

use super::error;
use super::record::Key;

/// Everything of a kind in the call's account and region, by name.
pub(super) fn under<T: Record>(call: &Call<'_>) -> Result<Vec<Entry<T>>, ApiError> {
    let under = StoreKey::new([call.account().as_str(), call.region()]);
    Ok(call.state().scan::<T>(&Scan::under(&under))?)
}

/// The page that the input asks for, of `size` items unless it says how many. `items` are in the order
/// of their names.
pub(super) fn page<T>(
    call: &Call<'_>,
    filters: &[&str],
    items: Vec<T>,
    name: impl Fn(&T) -> &str,
    size: usize,
) -> Result<Page<T>, ApiError> {
    let input = call.input();
    let after = paging::begin(call, filters, input.str("Marker")).map_err(|_| error::marker())?;
    let size = match input.int("Limit") {
        Some(limit) => usize::try_from(limit).unwrap_or(size),
        None => size,
    };
    paging::cut(call, filters, items, name, after.as_deref(), size)
}

/// One page as KMS answers it.
pub(super) fn answer(member: &'static str, items: Value, next: Option<String>) -> Outcome {
    Outcome::new(
        Value::map()
            .with(member, items)
            .with("Truncated", next.is_some())
            .with_some("NextMarker", next),
    )
}

/// All keys of the account in the region, by id.
pub(super) fn keys(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let keys = under::<Key>(call)?.into_iter().map(|entry| entry.value);
    let keys = keys.filter(|key| key.is_there(call.time())).collect();
    let page = page(call, &[], keys, |key: &Key| &key.id, 100)?;
    let show = |key: &Key| {
        Value::map()
            .with("KeyId", key.id.as_str())
            .with("KeyArn", key.arn(call.platform()))
    };
    let shown: Value = page.items.iter().map(show).collect();
    Ok(answer("Keys", shown, page.next))
}
