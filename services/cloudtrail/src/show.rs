//! Showing trails.

use jiff::Timestamp;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, paging};
use wire::value::Value;

use crate::name::Named;
use crate::record::{Progress, Trail};
use crate::selection::Selection;
use crate::{error, trails};

/// The trails on a page of `ListTrails`.
const PAGE: usize = 100;

pub(crate) fn may_describe(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("cloudtrail:DescribeTrails", Target::any())?.into())
}

pub(crate) fn may_list(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("cloudtrail:ListTrails", Target::any())?.into())
}

/// What `CreateTrail` and `UpdateTrail` answer.
pub(crate) fn configuration(call: &Call<'_>, trail: &Trail) -> Value {
    Value::map()
        .with("Name", trail.name.as_str())
        .with("S3BucketName", trail.bucket.as_str())
        .with_some("S3KeyPrefix", trail.prefix.as_deref())
        .with("IncludeGlobalServiceEvents", trail.global_events)
        .with("IsMultiRegionTrail", trail.multi_region)
        .with("TrailARN", trail.arn(call.platform().partition()))
        .with("LogFileValidationEnabled", trail.validation)
        .with("IsOrganizationTrail", false)
        .with_some("RecursiveLogging", trail.recursive)
}

fn description(call: &Call<'_>, trail: &Trail) -> Value {
    configuration(call, trail)
        .with("HomeRegion", trail.region.as_str())
        .with(
            "HasCustomEventSelectors",
            trail.selection != Selection::default(),
        )
        .with("HasInsightSelectors", false)
}

/// The trail in `member` of the input, to be read: its ARN, or its name in its home region.
pub(crate) fn to_read(call: &Call<'_>, member: &str) -> Result<Trail, ApiError> {
    let given = call.text(member)?;
    let named = Named::read(call, given)?;
    let found = trails::find(call.state(), &named)?;
    found.ok_or_else(|| error::no_trail(given, call.account().as_str()))
}

pub(crate) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trail = description(call, &to_read(call, "Name")?);
    Ok(Outcome::new(Value::map().with("Trail", trail)))
}

pub(crate) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let shadows = input.bool("includeShadowTrails") != Some(false);
    let given: Vec<&str> = input
        .list("trailNameList")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let named = given.iter().map(|text| Named::read(call, text));
    let named: Vec<Named> = named.collect::<Result<_, _>>()?;
    let wanted = |trail: &Trail| {
        let here = trail.region == call.region();
        let named = named.is_empty()
            || named.iter().any(|named| {
                named.name == trail.name
                    && (!named.by_arn
                        || (named.region == trail.region
                            && named.account.as_str() == trail.account))
            });
        named && (here || shadows && trail.multi_region)
    };
    let found = trails::of_account(call.state(), call.account().as_str())?;
    let shown: Value = found
        .iter()
        .filter(|trail| wanted(trail))
        .map(|trail| description(call, trail))
        .collect();
    Ok(Outcome::new(Value::map().with("trailList", shown)))
}

pub(crate) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let after = paging::begin(call, &[], call.input().str("NextToken"))
        .map_err(|_| ApiError::validation("The pagination token is not valid."))?;
    let found = trails::of_account(call.state(), call.account().as_str())?;
    let partition = call.platform().partition();
    let mut arns: Vec<(String, Trail)> = found
        .into_iter()
        .map(|trail| (trail.arn(partition), trail))
        .collect();
    arns.sort_by(|(a, _), (b, _)| a.cmp(b));
    let page = paging::cut(call, &[], arns, |(arn, _)| arn, after.as_deref(), PAGE)?;
    let show = |(arn, trail): (String, Trail)| {
        Value::map()
            .with("TrailARN", arn)
            .with("Name", trail.name)
            .with("HomeRegion", trail.region)
    };
    let shown: Value = page.items.into_iter().map(show).collect();
    Ok(Outcome::new(
        Value::map()
            .with("Trails", shown)
            .with_some("NextToken", page.next),
    ))
}

pub(crate) fn status(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trail = to_read(call, "Name")?;
    let progress: Progress = call.state().get(&trail.own_key())?.unwrap_or_default();
    let progress = progress.together();
    let text = |time: Option<Timestamp>| time.map(iso).unwrap_or_default();
    let succeeded = progress.attempted.filter(|_| progress.error.is_none());
    Ok(Outcome::new(
        Value::map()
            .with("IsLogging", progress.is_logging)
            .with_some("LatestDeliveryError", progress.error.as_deref())
            .with_some("LatestDeliveryTime", progress.delivered)
            .with_some("StartLoggingTime", progress.started)
            .with_some("StopLoggingTime", progress.stopped)
            .with_some("LatestDigestDeliveryTime", progress.digested)
            .with_some(
                "LatestDigestDeliveryError",
                progress.digest_error.as_deref(),
            )
            .with("LatestDeliveryAttemptTime", text(progress.attempted))
            .with("LatestNotificationAttemptTime", "")
            .with("LatestNotificationAttemptSucceeded", "")
            .with("LatestDeliveryAttemptSucceeded", text(succeeded))
            .with("TimeLoggingStarted", text(progress.started))
            .with("TimeLoggingStopped", text(progress.stopped)),
    ))
}

/// A time to the second: `2026-11-22T05:00:00Z`.
pub(crate) fn iso(time: Timestamp) -> String {
    platform::identity::to_second(time).to_string()
}
