//! When objects end by themselves (Amazon S3 User Guide, "Managing the lifecycle of objects").

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use platform::identity::Tag;
use platform::{ApiError, Call, Outcome, Permitted, id};
use wire::value::Value;

use super::record::{Bucket, Object};
use super::settings::{Expiration, Filter, FilterForm, LifecycleRule, Noncurrent};
use super::{body, check, config, error, tagging};
use platform::tags;

/// The most rules of a bucket.
const MOST: usize = 1_000;

/// The most versions that a rule may keep.
const MOST_KEPT: i64 = 100;

/// From which size on storage classes would change; none do here.
const SMALLEST: &str = "all_storage_classes_128K";

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    if bucket.lifecycle.is_empty() {
        let text = "The lifecycle configuration does not exist";
        return Err(config::absent(
            "NoSuchLifecycleConfiguration",
            text,
            &bucket,
        ));
    }
    let rules = bucket.lifecycle.iter().map(show).collect::<Value>();
    Ok(Outcome::new(
        Value::map()
            .with("Rules", rules)
            .with("TransitionDefaultMinimumObjectSize", SMALLEST),
    ))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    body::verify(call)?;
    let asked = call.input().get("LifecycleConfiguration");
    let asked = asked.map(|it| it.list("Rules")).unwrap_or_default();
    if asked.is_empty() || asked.len() > MOST {
        return Err(error::malformed_xml());
    }
    let mut rules: Vec<LifecycleRule> = Vec::with_capacity(asked.len());
    for value in asked {
        let rule = read(call, value)?;
        if rules.iter().any(|other| other.id == rule.id) {
            let text = "Rule ID must be unique. Found same ID for more than one rule";
            return Err(ApiError::new("InvalidArgument", 400, text));
        }
        rules.push(rule);
    }
    config::change(call, |bucket| {
        bucket.lifecycle = rules;
        Ok(())
    })?;
    Ok(Outcome::new(
        Value::map().with("TransitionDefaultMinimumObjectSize", SMALLEST),
    ))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    config::change(call, |bucket| {
        bucket.lifecycle = Vec::new();
        Ok(())
    })
}

fn wrong(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgument", 400, text)
}

/// A positive number of days.
fn days(value: i64, member: &str, action: &str) -> Result<u32, ApiError> {
    let days = u32::try_from(value).ok().filter(|days| *days > 0);
    days.ok_or_else(|| {
        wrong(format!(
            "'{member}' for {action} action must be a positive integer"
        ))
    })
}

fn read(call: &Call<'_>, value: &Value) -> Result<LifecycleRule, ApiError> {
    if !value.list("Transitions").is_empty()
        || !value.list("NoncurrentVersionTransitions").is_empty()
    {
        return Err(error::not_built("transition to another storage class"));
    }
    let id = match value.str("ID").filter(|id| !id.is_empty()) {
        Some(id) if id.len() > 255 => {
            return Err(wrong("ID length should not exceed allowed limit of 255"));
        }
        Some(id) => id.to_owned(),
        None => id::lower(call.platform().random(), 48)?,
    };
    let rule = LifecycleRule {
        id,
        enabled: match value.str("Status") {
            Some("Enabled") => true,
            Some("Disabled") => false,
            _ => return Err(error::malformed_xml()),
        },
        filter: filter(value)?,
        expiration: value.get("Expiration").map(expiration).transpose()?,
        noncurrent: value
            .get("NoncurrentVersionExpiration")
            .map(noncurrent)
            .transpose()?,
        abort_days: value
            .get("AbortIncompleteMultipartUpload")
            .map(|it| {
                let given = it
                    .int("DaysAfterInitiation")
                    .ok_or_else(error::malformed_xml)?;
                days(
                    given,
                    "DaysAfterInitiation",
                    "AbortIncompleteMultipartUpload",
                )
            })
            .transpose()?,
    };
    consistent(&rule)?;
    Ok(rule)
}

fn consistent(rule: &LifecycleRule) -> Result<(), ApiError> {
    let invalid = |text: &str| Err(error::invalid_request(text));
    let tagged = !rule.filter.tags.is_empty();
    let sized = rule.filter.larger.is_some() || rule.filter.smaller.is_some();
    if rule.expiration.is_none() && rule.noncurrent.is_none() && rule.abort_days.is_none() {
        return invalid("At least one action needs to be specified in a rule");
    }
    if rule.expiration == Some(Expiration::DeleteMarker) && tagged {
        return invalid("ExpiredObjectDeleteMarker cannot be specified with Tags.");
    }
    if rule.abort_days.is_some() && tagged {
        return invalid("AbortIncompleteMultipartUpload cannot be specified with Tags.");
    }
    if rule.abort_days.is_some() && sized {
        return invalid("AbortIncompleteMultipartUpload cannot be specified with Object Size.");
    }
    if let (Some(larger), Some(smaller)) = (rule.filter.larger, rule.filter.smaller)
        && smaller <= larger + 1
    {
        return invalid(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        );
    }
    Ok(())
}

fn filter(value: &Value) -> Result<Filter, ApiError> {
    let bare = value.str("Prefix");
    let filter = match (bare, value.get("Filter")) {
        (Some(prefix), None) => {
            return Ok(Filter {
                form: FilterForm::Bare,
                prefix: Some(prefix.to_owned()),
                ..Filter::default()
            });
        }
        (None, Some(filter)) => filter,
        _ => return Err(error::malformed_xml()),
    };
    let tag = filter.get("Tag").map(|tag| {
        let text = |name: &str| tag.str(name).unwrap_or_default();
        Tag::new(text("Key"), text("Value"))
    });
    let whole = |form, from: &Value, tags: Vec<Tag>| -> Result<Filter, ApiError> {
        let size = |name: &str| match from.int(name) {
            Some(size) => u64::try_from(size)
                .map(Some)
                .map_err(|_| wrong(format!("'{name}' must be a non-negative integer"))),
            None => Ok(None),
        };
        tagging::check_each(&tags)?;
        Ok(Filter {
            form,
            prefix: from.str("Prefix").map(str::to_owned),
            tags,
            larger: size("ObjectSizeGreaterThan")?,
            smaller: size("ObjectSizeLessThan")?,
        })
    };
    let single = whole(FilterForm::Single, filter, tag.into_iter().collect())?;
    match (filter.get("And"), parts(&single)) {
        (Some(and), 0) => {
            let joined = whole(FilterForm::And, and, tags::read(and, "Tags"))?;
            if parts(&joined) < 2 {
                return Err(error::malformed_xml());
            }
            Ok(joined)
        }
        (None, 0 | 1) => Ok(single),
        _ => Err(error::malformed_xml()),
    }
}

fn parts(filter: &Filter) -> usize {
    usize::from(filter.prefix.is_some())
        + filter.tags.len()
        + usize::from(filter.larger.is_some())
        + usize::from(filter.smaller.is_some())
}

fn expiration(value: &Value) -> Result<Expiration, ApiError> {
    let marker = value.bool("ExpiredObjectDeleteMarker");
    match (value.int("Days"), value.timestamp("Date"), marker) {
        (Some(given), None, None) => Ok(Expiration::Days(days(given, "Days", "Expiration")?)),
        (None, Some(date), None) if date == midnight(date) => Ok(Expiration::Date(date)),
        (None, Some(_), None) => Err(wrong("'Date' must be at midnight GMT")),
        (None, None, Some(true)) => Ok(Expiration::DeleteMarker),
        _ => Err(error::malformed_xml()),
    }
}

fn noncurrent(value: &Value) -> Result<Noncurrent, ApiError> {
    let given = value
        .int("NoncurrentDays")
        .ok_or_else(error::malformed_xml)?;
    let keep = value.int("NewerNoncurrentVersions");
    if keep.is_some_and(|keep| !(1..=MOST_KEPT).contains(&keep)) {
        let text = "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a \
                    positive integer no greater than 100";
        return Err(wrong(text));
    }
    Ok(Noncurrent {
        days: days(given, "NoncurrentDays", "NoncurrentVersionExpiration")?,
        keep: keep.and_then(|keep| u32::try_from(keep).ok()).unwrap_or(0),
    })
}

fn show(rule: &LifecycleRule) -> Value {
    let number = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let filter = &rule.filter;
    let whole = Value::map()
        .with_some("Prefix", filter.prefix.as_deref())
        .with_some("ObjectSizeGreaterThan", filter.larger.map(number))
        .with_some("ObjectSizeLessThan", filter.smaller.map(number));
    let shown = match filter.form {
        FilterForm::Bare => None,
        FilterForm::Single => {
            Some(whole.with_some("Tag", filter.tags.first().map(tags::write_one)))
        }
        FilterForm::And => {
            let tags = (!filter.tags.is_empty()).then(|| tags::write(&filter.tags));
            Some(Value::map().with("And", whole.with_some("Tags", tags)))
        }
    };
    let expiration = rule.expiration.map(|expiration| match expiration {
        Expiration::Days(days) => Value::map().with("Days", i64::from(days)),
        Expiration::Date(date) => Value::map().with("Date", date),
        Expiration::DeleteMarker => Value::map().with("ExpiredObjectDeleteMarker", true),
    });
    let noncurrent = rule.noncurrent.map(|noncurrent| {
        let keep = (noncurrent.keep > 0).then_some(i64::from(noncurrent.keep));
        Value::map()
            .with("NoncurrentDays", i64::from(noncurrent.days))
            .with_some("NewerNoncurrentVersions", keep)
    });
    let abort = rule
        .abort_days
        .map(|days| Value::map().with("DaysAfterInitiation", i64::from(days)));
    let bare = filter.prefix.as_deref();
    Value::map()
        .with_some("Expiration", expiration)
        .with("ID", rule.id.as_str())
        .with_some("Prefix", bare.filter(|_| filter.form == FilterForm::Bare))
        .with_some("Filter", shown)
        .with("Status", if rule.enabled { "Enabled" } else { "Disabled" })
        .with_some("NoncurrentVersionExpiration", noncurrent)
        .with_some("AbortIncompleteMultipartUpload", abort)
}

/// What a filter looks at.
pub(super) struct Looked<'o> {
    pub(super) key: &'o str,
    pub(super) size: u64,
    pub(super) tags: &'o [Tag],
}

impl Filter {
    /// Whether an object is one that the rule is about.
    pub(super) fn fits(&self, looked: &Looked<'_>) -> bool {
        self.prefix
            .as_deref()
            .is_none_or(|prefix| looked.key.starts_with(prefix))
            && self.tags.iter().all(|tag| looked.tags.contains(tag))
            && self.larger.is_none_or(|larger| looked.size > larger)
            && self.smaller.is_none_or(|smaller| looked.size < smaller)
    }

    /// Whether an upload or a delete marker of this key is one that the rule is about: neither has a
    /// size or tags.
    pub(super) fn fits_key(&self, key: &str) -> bool {
        self.tags.is_empty()
            && self.larger.is_none()
            && self.smaller.is_none()
            && self
                .prefix
                .as_deref()
                .is_none_or(|prefix| key.starts_with(prefix))
    }
}

/// The midnight, in UTC, at which a day begins.
pub(super) fn midnight(instant: Timestamp) -> Timestamp {
    let day = instant.to_zoned(TimeZone::UTC).date();
    day.to_zoned(TimeZone::UTC)
        .map_or(instant, |start| start.timestamp())
}

/// When something that was made, or became old, at `since` has been so for `days`: S3 counts to the
/// next midnight (Amazon S3 User Guide, "Lifecycle rules: based on an object's age").
pub(super) fn after_days(since: Timestamp, days: u32) -> Timestamp {
    const DAY: i64 = 86_400;
    let due = since.saturating_add(SignedDuration::from_secs(i64::from(days) * DAY));
    let due = due.unwrap_or(Timestamp::MAX);
    if midnight(due) == due {
        return due;
    }
    let next = due.saturating_add(SignedDuration::from_secs(DAY));
    midnight(next.unwrap_or(Timestamp::MAX))
}

/// When the current version of an object ends, and by which rule: the earliest.
pub(super) fn ends<'r>(
    rules: &'r [LifecycleRule],
    looked: &Looked<'_>,
    made: Timestamp,
) -> Option<(Timestamp, &'r LifecycleRule)> {
    let end = |rule: &'r LifecycleRule| {
        let end = match rule.expiration? {
            Expiration::Days(days) => after_days(made, days),
            Expiration::Date(date) => date,
            Expiration::DeleteMarker => return None,
        };
        Some((end, rule))
    };
    let fitting = rules
        .iter()
        .filter(|rule| rule.enabled && rule.filter.fits(looked));
    fitting.filter_map(end).min_by_key(|(end, _)| *end)
}

/// The `x-amz-expiration` header of an object.
pub(super) fn of(bucket: &Bucket, key: &str, object: &Object) -> Option<String> {
    if bucket.lifecycle.is_empty() {
        return None;
    }
    let looked = Looked {
        key,
        size: object.size(),
        tags: &object.tags,
    };
    header(&bucket.lifecycle, &looked, object.modified)
}

/// The `x-amz-expiration` header.
fn header(rules: &[LifecycleRule], looked: &Looked<'_>, made: Timestamp) -> Option<String> {
    let (end, rule) = ends(rules, looked, made)?;
    let date = end.strftime("%a, %d %b %Y %H:%M:%S GMT");
    Some(format!(
        "expiry-date=\"{date}\", rule-id=\"{}\"",
        wire::uri::encode(&rule.id)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn ages_are_counted_to_the_next_midnight() {
        for (since, days, expected) in [
            ("2026-01-15T10:30:00Z", 3, "2026-01-19T00:00:00Z"),
            ("2026-01-15T00:00:00Z", 3, "2026-01-18T00:00:00Z"),
            ("2026-12-31T23:59:59Z", 1, "2027-01-02T00:00:00Z"),
        ] {
            assert_eq!(after_days(at(since), days), at(expected), "{since}");
        }
        assert!(after_days(at("2026-01-15T00:00:00Z"), u32::MAX) > at("2026-01-15T00:00:00Z"));
    }

    #[test]
    fn the_earliest_rule_that_fits_ends_an_object() {
        let rule = |id: &str, prefix: &str, days| LifecycleRule {
            id: id.to_owned(),
            enabled: true,
            filter: Filter {
                prefix: Some(prefix.to_owned()),
                ..Filter::default()
            },
            expiration: Some(Expiration::Days(days)),
            noncurrent: None,
            abort_days: None,
        };
        let mut rules = vec![
            rule("all", "", 30),
            rule("log s", "logs/", 2),
            rule("tmp", "tmp/", 1),
        ];
        let looked = Looked {
            key: "logs/a",
            size: 1,
            tags: &[],
        };
        assert_eq!(
            header(&rules, &looked, at("2026-01-02T03:04:05Z")).unwrap(),
            "expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\", rule-id=\"log%20s\""
        );
        rules[1].enabled = false;
        let (_, first) = ends(&rules, &looked, at("2026-01-02T03:04:05Z")).unwrap();
        assert_eq!(first.id, "all");
        rules[0].filter.larger = Some(1);
        assert!(ends(&rules, &looked, at("2026-01-02T03:04:05Z")).is_none());
    }
}
