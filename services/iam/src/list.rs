//! Listings in pages.

use platform::paging;
use platform::{ApiError, Call, Check, Checks, Outcome, Target};
use store::{Read, Scan};
use wire::value::Value;

use super::check;
use super::entity::Entity;

/// How many are on a page when the caller does not say.
const PAGE: i64 = 100;

/// `iam:ListRoles` on `role/`, with the path prefix that is asked for.
pub(super) fn may_list<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let target = Target::arn(&check::arn(call, &format!("{}{path}", E::NOUN)))?;
    Ok(Check::new(&check::action(call), target)?.into())
}

/// All entities of the caller's account whose path begins as asked, by name.
pub(super) fn all<E: Entity>(call: &Call<'_>) -> Result<Vec<E>, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let all = scan::<E>(call.state(), call)?;
    Ok(all
        .into_iter()
        .filter(|entity| entity.path().starts_with(path))
        .collect())
}

/// All entities of the caller's account, by name.
pub(super) fn scan<E: Entity>(tx: &dyn Read, call: &Call<'_>) -> Result<Vec<E>, ApiError> {
    let under = Scan::under(&platform::identity::of_account(call.account()));
    let mut all: Vec<E> = tx
        .scan::<E>(&under)?
        .into_iter()
        .map(|entry| entry.value)
        .collect();
    all.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(all)
}

/// The page of `items` that the input asks for, as member `member` of the answer. `items` are in the
/// order of `name`; `filter` tells listings of one operation apart.
pub(super) fn page<T>(
    call: &Call<'_>,
    member: &'static str,
    filter: &str,
    items: Vec<T>,
    name: impl Fn(&T) -> &str,
    show: impl Fn(&T) -> Value,
) -> Result<Outcome, ApiError> {
    let input = call.input();
    let after = paging::begin(call, &[filter], input.str("Marker"))
        .map_err(|_| ApiError::validation("Invalid Marker."))?;
    let size = usize::try_from(input.int("MaxItems").unwrap_or(PAGE)).unwrap_or(1);
    let page = paging::cut(call, &[filter], items, name, after.as_deref(), size)?;
    Ok(Outcome::new(
        Value::map()
            .with(member, page.items.iter().map(show).collect::<Value>())
            .with("IsTruncated", page.next.is_some())
            .with_some("Marker", page.next),
    ))
}
