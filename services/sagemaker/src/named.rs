//! Resources that a call names, and what must be allowed on them.

use platform::{ApiError, Call, Check, Checks, Target};
use std::sync::Arc;

use super::Kind;
use super::item::{Item, Place};
use super::row::Row;

/// The resource that the input names, if there is one.
pub(super) fn find(call: &Call<'_>, row: &Row) -> Result<Option<Arc<Item>>, ApiError> {
    Place::of(call).find(call.state(), row, &row.names_in(call)?)
}

/// The resource that the input names.
pub(super) fn get(call: &Call<'_>, row: &Row) -> Result<Arc<Item>, ApiError> {
    find(call, row)?.ok_or_else(|| {
        row.names_in(call)
            .map_or_else(|e| e, |it| row.missing(call, &it))
    })
}

/// The resource that the input names as authorization sees it, whether it exists or not.
pub(super) fn target(call: &Call<'_>, row: &Row) -> Result<Target, ApiError> {
    let names = row.names_in(call)?;
    let item = Place::of(call).find(call.state(), row, &names)?;
    target_of(&row.arn(call, &names), row, item.as_deref())
}

/// The same with the resource at hand.
pub(super) fn target_of(arn: &str, row: &Row, item: Option<&Item>) -> Result<Target, ApiError> {
    let target = Target::arn(arn)?.listed_as(row.trail_type);
    Ok(match item {
        Some(item) => target.tagged("sagemaker", &item.tags),
        None => target,
    })
}

/// The call's own action on the resource that it names.
pub(super) fn may<K: Kind>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), target(call, K::row())?).into())
}

/// The call's own action, which knows no resource.
pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), Target::any()).into())
}
