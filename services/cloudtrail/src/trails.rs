//! Creating, changing and deleting trails.

use bytes::Bytes;
use platform::identity::Tag;
use platform::{ApiError, Call, Check, Checks, Fault, Outcome, Permitted, Platform, ServiceCaller};
use platform::{Target, id, tags};
use store::{Key, Read, Scan};
use wire::value::Value;

use crate::name::{self, Named};
use crate::record::{Progress, Retired, Trail};
use crate::{PRINCIPAL, error, show, tagging};

/// The most trails in a region (CloudTrail User Guide, "Quotas").
const MOST: usize = 5;

/// Members that ask for what is not built.
const UNSUPPORTED: &[&str] = &[
    "SnsTopicName",
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "KmsKeyId",
];

/// The type by which events list trails.
pub(crate) const TRAIL_TYPE: &str = "AWS::CloudTrail::Trail";

/// A trail as a resource, whether it exists or not.
pub(crate) fn target(call: &Call<'_>, named: &Named) -> Result<Target, ApiError> {
    let target = Target::arn(&named.arn(call))?.listed_as(TRAIL_TYPE);
    let trail = find(call.state(), named)?;
    Ok(match trail {
        Some(trail) => target.tagged("cloudtrail", &trail.tags),
        None => target,
    })
}

/// The trail that `named` names.
pub(crate) fn find(tx: &dyn Read, named: &Named) -> Result<Option<Trail>, ApiError> {
    let key = Trail::key(named.account.as_str(), &named.region, &named.name);
    Ok(tx.get(&key)?)
}

pub(crate) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let named = Named::read(call, call.text("Name")?)?;
    let given = tags::read(call.input(), "TagsList");
    let target = target(call, &named)?;
    let create = Check::new("cloudtrail:CreateTrail", target.clone())?.request_tags(&given);
    if given.is_empty() {
        return Ok(create.into());
    }
    let tag = Check::new("cloudtrail:AddTags", target)?.request_tags(&given);
    Ok(Checks::from(create).and(tag))
}

/// The operation of its own name on the trail in `Name`.
pub(crate) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let named = Named::read(call, call.text("Name")?)?;
    Ok(Check::of(call.action(), target(call, &named)?).into())
}

pub(crate) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let named = Named::read(call, call.text("Name")?)?;
    if named.by_arn {
        return Err(error::invalid_name("Trail name can not be an ARN."));
    }
    let given = tags::read(input, "TagsList");
    tagging::check(&given, &named.arn(call))?;
    let trail = configured(call, fresh(call.platform(), named, given)?)?;
    refuse_duplicates(call.state(), &trail)?;
    check_bucket(call.platform(), &trail)?;
    call.write(|tx| {
        refuse_duplicates(&*tx, &trail)?;
        let progress = Progress::from_now(call.platform());
        tx.put(&trail.own_key(), &progress)?;
        tx.put(&trail.own_key(), &trail)?;
        Ok(())
    })?;
    Ok(Outcome::new(show::configuration(call, &trail)))
}

/// A trail with nothing configured.
pub(crate) fn fresh(platform: &Platform, named: Named, tags: Vec<Tag>) -> Result<Trail, ApiError> {
    Ok(Trail {
        account: named.account.to_string(),
        region: named.region,
        name: named.name,
        bucket: String::new(),
        prefix: None,
        global_events: true,
        multi_region: false,
        validation: false,
        recursive: None,
        tags,
        selection: crate::selection::Selection::default(),
        id: id::uuid(platform.random())?,
    })
}

pub(crate) fn refuse_duplicates(tx: &dyn Read, trail: &Trail) -> Result<(), ApiError> {
    let held = of_account(tx, &trail.account)?;
    if held
        .iter()
        .any(|other| other.region == trail.region && other.name == trail.name)
    {
        return Err(error::exists(&trail.name, &trail.account));
    }
    let here = held
        .iter()
        .filter(|other| other.multi_region || other.region == trail.region)
        .count();
    if here >= MOST {
        return Err(error::too_many(&trail.account, here, &trail.region));
    }
    Ok(())
}

/// All trails of an account, by region and name.
pub(crate) fn of_account(tx: &dyn Read, account: &str) -> Result<Vec<Trail>, ApiError> {
    let found = tx.scan::<Trail>(&Scan::under(&Key::new([account])))?;
    Ok(found.into_iter().map(|entry| entry.value).collect())
}

/// The trail with what the input of `CreateTrail` or `UpdateTrail` says.
fn configured(call: &Call<'_>, mut trail: Trail) -> Result<Trail, ApiError> {
    let input = call.input();
    for member in UNSUPPORTED {
        if input.str(member).is_some_and(|text| !text.is_empty()) {
            return Err(ApiError::unsupported(&format!("`{member}` of a trail")));
        }
    }
    if input.bool("IsOrganizationTrail") == Some(true) {
        return Err(ApiError::unsupported("a trail of an organization"));
    }
    if let Some(bucket) = input.str("S3BucketName") {
        name::check_bucket(bucket)?;
        bucket.clone_into(&mut trail.bucket);
    }
    if let Some(prefix) = input.str("S3KeyPrefix") {
        name::check_prefix(prefix)?;
        trail.prefix = (!prefix.is_empty()).then(|| prefix.to_owned());
    }
    for (member, place) in [
        ("IncludeGlobalServiceEvents", &mut trail.global_events),
        ("IsMultiRegionTrail", &mut trail.multi_region),
        ("EnableLogFileValidation", &mut trail.validation),
    ] {
        if let Some(given) = input.bool(member) {
            *place = given;
        }
    }
    if trail.multi_region && !trail.global_events {
        return Err(error::combination(
            "Multi-Region trail must include global service events.",
        ));
    }
    trail.recursive = input.bool("RecursiveLogging").or(trail.recursive);
    Ok(trail)
}

/// Whether the bucket takes what would be delivered, by putting the folders there, as AWS does.
fn check_bucket(platform: &Platform, trail: &Trail) -> Result<(), ApiError> {
    let refused = |error: ApiError| match error.fault() {
        Fault::AccessDenied => error::bucket_refuses(&trail.bucket),
        Fault::Service {
            code: "NoSuchBucket",
            ..
        } => error::no_bucket(&trail.bucket),
        _ => error,
    };
    let served = platform.services().find(|service| service.api == "s3");
    let lists = served.is_some_and(|service| {
        let mut operations = service.operations.iter();
        operations.any(|operation| operation.name == "GetBucketAcl")
    });
    if lists {
        let input = Value::map().with("Bucket", trail.bucket.as_str());
        ask_s3(platform, trail, "GetBucketAcl", input, Bytes::new()).map_err(refused)?;
    }
    let folders = ["CloudTrail/", "CloudTrail-Digest/"];
    let wanted = if trail.validation { 2 } else { 1 };
    for folder in folders.iter().take(wanted) {
        let input = object(trail, &trail.object(folder));
        ask_s3(platform, trail, "PutObject", input, Bytes::new()).map_err(refused)?;
    }
    Ok(())
}

/// The input that puts an object for a trail.
pub(crate) fn object(trail: &Trail, key: &str) -> Value {
    Value::map()
        .with("Bucket", trail.bucket.as_str())
        .with("Key", key)
        .with("ACL", "bucket-owner-full-control")
}

/// Asks S3 as CloudTrail on behalf of a trail, in the region where the bucket lies.
pub(crate) fn ask_s3(
    platform: &Platform,
    trail: &Trail,
    operation: &str,
    input: Value,
    body: Bytes,
) -> Result<Value, ApiError> {
    let caller = ServiceCaller {
        service: PRINCIPAL.to_owned(),
        source_arn: trail.arn(platform.partition()),
        source_account: trail.account.clone(),
    };
    let ask = |region: &str| {
        let (input, body) = (input.clone(), body.clone());
        platform.call_as_service(&caller, region, ("s3", operation), input, body)
    };
    match ask(&trail.region) {
        Err(error) => match error.field("Region").and_then(Value::as_str) {
            Some(region) if region != trail.region => ask(region),
            _ => Err(error),
        },
        answered => answered,
    }
}

/// The trail that `named` names, to be changed: only from its home region.
pub(crate) fn to_change(
    call: &Call<'_>,
    tx: &dyn Read,
    named: &Named,
    given: &str,
) -> Result<Trail, ApiError> {
    let found = find(tx, named)?;
    let trail = found.ok_or_else(|| error::no_trail(given, call.account().as_str()))?;
    if trail.region != call.region() {
        return Err(error::away_from_home(&named.arn(call), &trail.region));
    }
    Ok(trail)
}

pub(crate) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = call.text("Name")?;
    let named = Named::read(call, given)?;
    let before = to_change(call, call.state(), &named, given)?;
    let after = configured(call, before.clone())?;
    if (&after.bucket, &after.prefix) != (&before.bucket, &before.prefix)
        || after.validation && !before.validation
    {
        check_bucket(call.platform(), &after)?;
    }
    let trail = call.write(|tx| {
        let trail = configured(call, to_change(call, &*tx, &named, given)?)?;
        tx.put(&trail.own_key(), &trail)?;
        if !trail.validation {
            // The chain breaks; what was delivered meanwhile will be in no digest.
            let mut progress: Progress = tx.get(&trail.own_key())?.unwrap_or_default();
            progress.chains.clear();
            tx.put(&trail.own_key(), &progress)?;
        }
        Ok(trail)
    })?;
    Ok(Outcome::new(show::configuration(call, &trail)))
}

pub(crate) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = call.text("Name")?;
    let named = Named::read(call, given)?;
    call.write(|tx| {
        let trail = to_change(call, &*tx, &named, given)?;
        let key = trail.own_key();
        let mut progress: Progress = tx.get(&key)?.unwrap_or_default();
        crate::logging::halt(&mut progress, call.time());
        tx.delete::<Progress>(&key)?;
        tx.delete::<Trail>(&key)?;
        if progress.draining {
            let key = Key::new([trail.id.as_str()]);
            tx.put(&key, &Retired { trail, progress })?;
        }
        Ok(())
    })?;
    Ok(Outcome::empty())
}
