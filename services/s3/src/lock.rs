//! Object Lock: versions that nobody removes before their time (Amazon S3 User Guide, "Locking objects with
//! Object Lock").

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Read;
use wire::value::Value;

use super::record::{Bucket, Object};
use super::settings::Versioning;
use super::{body, check, config, error, object, tagging, versions};

/// The longest default retention.
const MOST_DAYS: i64 = 36_500;
const MOST_YEARS: i64 = 100;

/// The header by which whoever may passes over governance.
const BYPASS: &str = "BypassGovernanceRetention";

/// What locks are for in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Locking {
    /// How new objects are kept where a request does not say.
    by_default: Option<ByDefault>,
}

/// How long new objects are kept, and by which mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ByDefault {
    mode: Mode,
    period: Period,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Period {
    Days(u32),
    Years(u32),
}

/// What holds a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lock {
    #[serde(default)]
    retention: Option<Retention>,
    /// Whether it is held; none where that was never said.
    #[serde(default)]
    hold: Option<bool>,
}

/// Until when a version is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Retention {
    mode: Mode,
    until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Mode {
    /// Whoever has the permission passes over it.
    Governance,
    /// Nobody does.
    Compliance,
}

impl Mode {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "GOVERNANCE" => Some(Self::Governance),
            "COMPLIANCE" => Some(Self::Compliance),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

impl Period {
    fn from(self, begin: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Days(days) => begin
                .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
                .ok(),
            Self::Years(years) => {
                let begin = begin.to_zoned(TimeZone::UTC);
                let end = begin.checked_add(Span::new().years(i64::from(years)));
                end.ok().map(|end| end.timestamp())
            }
        }
    }
}

impl Locking {
    /// A bucket where locks are possible and nothing is kept by default.
    pub(super) const ON: Self = Self { by_default: None };
}

impl Lock {
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn retained(&self, now: Timestamp) -> Option<Retention> {
        self.retention.filter(|retention| retention.until > now)
    }

    /// Whether nobody may remove the version at this time, or only who may pass over governance.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.hold == Some(true) || self.retained(now).is_some()
    }

    fn is_governed(&self, now: Timestamp) -> bool {
        let retained = self.retained(now);
        retained.is_some_and(|it| it.mode == Mode::Governance)
    }
}

/// Whether a request asks to pass over governance.
fn bypasses(call: &Call<'_>) -> bool {
    call.input().bool(BYPASS) == Some(true)
}

/// Whether a request to remove a version, or to change what holds it, passes over governance: then it takes
/// a permission of its own.
pub(super) fn passes_over(call: &Call<'_>, held: Option<&Object>) -> bool {
    let governed = held.is_some_and(|held| held.standing.lock.is_governed(call.time()));
    bypasses(call) && governed
}

/// `s3:BypassGovernanceRetention` on a version.
pub(super) fn check_bypass(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<Check, ApiError> {
    let target = check::object_target(call, bucket, key)?;
    let check = check::ask(call, "s3:BypassGovernanceRetention", target, bucket)?;
    Ok(check.key_if("s3:versionid", version))
}

/// Lets a version be removed that nothing holds, or governance alone, which the request passes over.
///
/// # Errors
/// AWS's denial.
pub(super) fn may_remove(call: &Call<'_>, held: &Object) -> Result<(), ApiError> {
    let lock = &held.standing.lock;
    let passed_over = lock.hold != Some(true) && passes_over(call, Some(held));
    match passed_over || !lock.holds(call.time()) {
        true => Ok(()),
        false => Err(protected()),
    }
}

fn protected() -> ApiError {
    ApiError::access_denied("Access Denied because object protected by object lock.")
}

fn not_locking() -> ApiError {
    error::invalid_request("Bucket is missing Object Lock Configuration")
}

/// What a request to make an object says of its lock.
///
/// # Errors
/// When it makes no sense, or the bucket locks nothing.
pub(super) fn asked(call: &Call<'_>, bucket: &Bucket) -> Result<Lock, ApiError> {
    let input = call.input();
    let (mode, until) = (
        input.str("ObjectLockMode"),
        input.timestamp("ObjectLockRetainUntilDate"),
    );
    let hold = input.str("ObjectLockLegalHoldStatus");
    if mode.is_none() && until.is_none() && hold.is_none() {
        return Ok(Lock::default());
    }
    if bucket.lock.is_none() {
        return Err(not_locking());
    }
    let wrong =
        |name: &str, value: &str, text: &str| Err(error::invalid_argument(name, value, text));
    let retention = match (mode, until) {
        (None, None) => None,
        (Some(mode), Some(until)) => match Mode::parse(mode) {
            None => {
                return wrong(
                    "x-amz-object-lock-mode",
                    mode,
                    "Unknown wormMode directive.",
                );
            }
            Some(mode) => Some(Retention { mode, until }),
        },
        _ => {
            let text = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be \
                        supplied";
            return wrong("x-amz-object-lock-mode", mode.unwrap_or("null"), text);
        }
    };
    in_future(call, retention)?;
    let hold = match hold {
        None => None,
        Some("ON") => Some(true),
        Some("OFF") => Some(false),
        Some(other) => {
            let text = "Legal Hold must be either of 'ON' or 'OFF'";
            return wrong("x-amz-object-lock-legal-hold", other, text);
        }
    };
    Ok(Lock { retention, hold })
}

fn in_future(call: &Call<'_>, retention: Option<Retention>) -> Result<(), ApiError> {
    match retention {
        Some(Retention { until, .. }) if until <= call.time() => Err(error::invalid_argument(
            "x-amz-object-lock-retain-until-date",
            &until.to_string(),
            "The retain until date must be in the future!",
        )),
        _ => Ok(()),
    }
}

/// The lock of an object that is made at `made`: what was asked for, or else what the bucket gives.
///
/// # Errors
/// When its time is over before the end of all times.
pub(super) fn of_new(bucket: &Bucket, asked: Lock, made: Timestamp) -> Result<Lock, ApiError> {
    let by_default = bucket.lock.as_ref().and_then(|lock| lock.by_default);
    let Some(ByDefault { mode, period }) = by_default.filter(|_| asked.retention.is_none()) else {
        return Ok(asked);
    };
    let until = period.from(made);
    let until = until.ok_or_else(|| ApiError::internal("a retention without an end"))?;
    Ok(Lock {
        retention: Some(Retention { mode, until }),
        ..asked
    })
}

/// Whoever locks an object must be allowed to.
pub(super) fn with_lock(
    call: &Call<'_>,
    bucket: &Bucket,
    checks: Checks,
) -> Result<Checks, ApiError> {
    let given = |member: &str| call.input().get(member).is_some();
    let retains = given("ObjectLockMode") || given("ObjectLockRetainUntilDate");
    let retains = retains.then_some("s3:PutObjectRetention");
    let holds = given("ObjectLockLegalHoldStatus").then_some("s3:PutObjectLegalHold");
    let actions = retains.into_iter().chain(holds);
    let demanded = actions.map(|action| {
        let target = check::object_target(call, bucket, call.text("Key")?)?;
        Ok(keys(call, check::ask(call, action, target, bucket)?))
    });
    Ok(checks.and_all(demanded.collect::<Result<Vec<_>, ApiError>>()?))
}

/// The condition keys of a lock that a request asks for: in headers, or in its document.
pub(super) fn keys(call: &Call<'_>, check: Check) -> Check {
    let input = call.input();
    let (retention, hold) = (input.get("Retention"), input.get("LegalHold"));
    let mode = input.str("ObjectLockMode");
    let until = input.timestamp("ObjectLockRetainUntilDate");
    let mode = mode.or_else(|| retention?.str("Mode"));
    let until = until.or_else(|| retention?.timestamp("RetainUntilDate"));
    let hold = input
        .str("ObjectLockLegalHoldStatus")
        .or_else(|| hold?.str("Status"));
    let days = until.map(|until| {
        let left = until.duration_since(call.time()).as_secs().max(0);
        ((left + 86_399) / 86_400).to_string()
    });
    check
        .key_if("s3:object-lock-mode", mode)
        .key_if("s3:object-lock-legal-hold", hold)
        .key_if(
            "s3:object-lock-retain-until-date",
            until.map(|until| until.to_string()),
        )
        .key_if("s3:object-lock-remaining-retention-days", days)
}

/// Adds what a reader is told of the lock: who may ask for it.
pub(super) fn show(
    call: &Call<'_>,
    bucket: &Bucket,
    held: &Object,
    mut output: Value,
) -> Result<Value, ApiError> {
    let Lock { retention, hold } = held.standing.lock;
    let may = |action: &str| -> Result<bool, ApiError> {
        let target = check::object_target(call, bucket, call.text("Key")?)?;
        match call.demand(&check::ask(call, action, target, bucket)?) {
            Ok(()) => Ok(true),
            Err(denied) if denied.is_denial() => Ok(false),
            Err(error) => Err(error),
        }
    };
    if let Some(Retention { mode, until }) = retention
        && may("s3:GetObjectRetention")?
    {
        output = output
            .with("ObjectLockMode", mode.as_str())
            .with("ObjectLockRetainUntilDate", until);
    }
    if let Some(hold) = hold
        && may("s3:GetObjectLegalHold")?
    {
        output = output.with("ObjectLockLegalHoldStatus", status(hold));
    }
    Ok(output)
}

fn status(hold: bool) -> &'static str {
    if hold { "ON" } else { "OFF" }
}

/// The configuration of a bucket.
pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    let Some(lock) = &bucket.lock else {
        let text = "Object Lock configuration does not exist for this bucket";
        let code = "ObjectLockConfigurationNotFoundError";
        return Err(config::absent(code, text, &bucket));
    };
    let rule = lock.by_default.map(|ByDefault { mode, period }| {
        let kept = Value::map().with("Mode", mode.as_str());
        let kept = match period {
            Period::Days(days) => kept.with("Days", i64::from(days)),
            Period::Years(years) => kept.with("Years", i64::from(years)),
        };
        Value::map().with("DefaultRetention", kept)
    });
    let shown = Value::map()
        .with("ObjectLockEnabled", "Enabled")
        .with_some("Rule", rule);
    Ok(Outcome::new(
        Value::map().with("ObjectLockConfiguration", shown),
    ))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("ObjectLockConfiguration");
    let nothing = || ApiError::new("MissingRequestBodyError", 400, "Request Body is empty");
    let asked = asked.ok_or_else(nothing)?;
    if asked.str("ObjectLockEnabled") != Some("Enabled") {
        return Err(error::malformed_xml());
    }
    let by_default = match asked.get("Rule") {
        None => None,
        Some(rule) => Some(by_default(rule)?),
    };
    config::change(call, |bucket| {
        if bucket.versioning != Versioning::Enabled {
            let text = "Versioning must be 'Enabled' on the bucket to apply a Object Lock \
                        configuration";
            return Err(ApiError::new("InvalidBucketState", 409, text));
        }
        bucket.lock = Some(Locking { by_default });
        Ok(())
    })
}

fn by_default(rule: &Value) -> Result<ByDefault, ApiError> {
    let kept = rule.get("DefaultRetention");
    let kept = kept.ok_or_else(error::malformed_xml)?;
    if kept.get("DefaultEventHold").is_some() {
        return Err(error::not_built("an event hold"));
    }
    let mode = kept.str("Mode").and_then(Mode::parse);
    let mode = mode.ok_or_else(error::malformed_xml)?;
    let within = |given: i64, most: i64| {
        let wrong = |text: &str| ApiError::new("InvalidArgument", 400, text);
        match u32::try_from(given) {
            Ok(0) | Err(_) => Err(wrong(
                "Default retention period must be a positive integer value.",
            )),
            Ok(_) if given > most => Err(wrong("Default retention period too large.")),
            Ok(given) => Ok(given),
        }
    };
    let period = match (kept.int("Days"), kept.int("Years")) {
        (Some(days), None) => Period::Days(within(days, MOST_DAYS)?),
        (None, Some(years)) => Period::Years(within(years, MOST_YEARS)?),
        _ => return Err(error::malformed_xml()),
    };
    Ok(ByDefault { mode, period })
}

/// The operation's own action on the version that the input names, and what it takes to pass over
/// governance.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (bucket, key) = (check::bucket(call)?, call.text("Key")?);
    let version = call.input().str("VersionId");
    let held = versions::object(call.state(), &bucket, key, version)?;
    let target = check::object_target(call, &bucket, key)?;
    let check = check::ask(call, &format!("s3:{}", call.operation()), target, &bucket)?;
    let check = keys(call, check.key_if("s3:versionid", version));
    let checks = Checks::from(tagging::existing(check, held.as_deref()));
    if !passes_over(call, held.as_deref()) {
        return Ok(checks);
    }
    Ok(checks.and(check_bypass(call, &bucket, key, version)?))
}

/// The version that the input names, as of `tx`, in a bucket that locks.
fn locked(call: &Call<'_>, tx: &dyn Read) -> Result<(Arc<Bucket>, Arc<Object>), ApiError> {
    let bucket = check::bucket_in(call, tx)?;
    if bucket.lock.is_none() {
        return Err(not_locking());
    }
    let object = object::named(call, tx, &bucket, call.text("Key")?)?;
    Ok((bucket, object))
}

fn none() -> ApiError {
    let text = "The specified object does not have a ObjectLock configuration";
    ApiError::new("NoSuchObjectLockConfiguration", 404, text)
}

pub(super) fn get_retention(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (_, object) = locked(call, call.state())?;
    let Retention { mode, until } = object.standing.lock.retention.ok_or_else(none)?;
    let shown = Value::map()
        .with("Mode", mode.as_str())
        .with("RetainUntilDate", until);
    Ok(Outcome::new(Value::map().with("Retention", shown)))
}

pub(super) fn put_retention(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    let asked = call.input().get("Retention");
    let asked = asked.ok_or_else(error::malformed_xml)?;
    if asked.get("EventHold").is_some() || asked.get("EventHoldDuration").is_some() {
        return Err(error::not_built("an event hold"));
    }
    let asked = match (asked.str("Mode"), asked.timestamp("RetainUntilDate")) {
        (None, None) => None,
        (Some(mode), Some(until)) => {
            let mode = Mode::parse(mode).ok_or_else(error::malformed_xml)?;
            Some(Retention { mode, until })
        }
        _ => return Err(error::malformed_xml()),
    };
    in_future(call, asked)?;
    call.write(|tx| {
        let (bucket, object) = locked(call, &*tx)?;
        let mut object = Arc::unwrap_or_clone(object);
        let bypass = passes_over(call, Some(&object));
        if !may_become(object.standing.lock.retained(call.time()), asked, bypass) {
            return Err(protected());
        }
        object.standing.lock.retention = asked;
        versions::change(tx, &bucket, call.text("Key")?, object)?;
        Ok(Outcome::empty())
    })
}

/// Whether one retention may take the place of another that is not over: a longer one of the same mode,
/// or any where governance is passed over.
fn may_become(held: Option<Retention>, asked: Option<Retention>, bypass: bool) -> bool {
    let Some(held) = held else {
        return true;
    };
    let longer = asked.is_some_and(|new| new.mode == held.mode && new.until >= held.until);
    longer || (bypass && held.mode == Mode::Governance)
}

pub(super) fn get_hold(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (_, object) = locked(call, call.state())?;
    let hold = object.standing.lock.hold.ok_or_else(none)?;
    let shown = Value::map().with("Status", status(hold));
    Ok(Outcome::new(Value::map().with("LegalHold", shown)))
}

pub(super) fn put_hold(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    let asked = call
        .input()
        .get("LegalHold")
        .and_then(|it| it.str("Status"));
    let hold = match asked {
        Some("ON") => true,
        Some("OFF") => false,
        _ => return Err(error::malformed_xml()),
    };
    call.write(|tx| {
        let (bucket, object) = locked(call, &*tx)?;
        let mut object = Arc::unwrap_or_clone(object);
        object.standing.lock.hold = Some(hold);
        versions::change(tx, &bucket, call.text("Key")?, object)?;
        Ok(Outcome::empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_grows_and_only_governance_gives_way() {
        let at = |mode, second| {
            let until = Timestamp::from_second(second).unwrap();
            Some(Retention { mode, until })
        };
        let (governance, compliance) = (Mode::Governance, Mode::Compliance);
        for (held, asked, plainly, with_bypass) in [
            (None, at(compliance, 1), true, true),
            (None, None, true, true),
            (at(governance, 5), at(governance, 5), true, true),
            (at(governance, 5), at(governance, 6), true, true),
            (at(governance, 5), at(governance, 4), false, true),
            (at(governance, 5), at(compliance, 6), false, true),
            (at(governance, 5), None, false, true),
            (at(compliance, 5), at(compliance, 6), true, true),
            (at(compliance, 5), at(compliance, 4), false, false),
            (at(compliance, 5), at(governance, 6), false, false),
            (at(compliance, 5), None, false, false),
        ] {
            assert_eq!(
                may_become(held, asked, false),
                plainly,
                "{held:?} {asked:?}"
            );
            assert_eq!(
                may_become(held, asked, true),
                with_bypass,
                "{held:?} {asked:?}"
            );
        }
    }

    #[test]
    fn years_are_those_of_the_calendar() {
        let begin: Timestamp = "2027-03-01T00:00:00Z".parse().unwrap();
        let end = Period::Years(1).from(begin).unwrap();
        assert_eq!(end.to_string(), "2028-03-01T00:00:00Z");
        let end = Period::Days(2).from(begin).unwrap();
        assert_eq!(end.to_string(), "2027-03-03T00:00:00Z");
    }
}
