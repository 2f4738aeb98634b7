//! Settings of buckets that this server does not have: what AWS answers for a bucket that never
//! used them, and a refusal of everything else.

use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

use super::{check, config, error};

/// Of a setting whose absence is an empty answer.
pub(super) fn empty(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    check::bucket(call)?;
    Ok(Outcome::empty())
}

/// Of a list of settings that holds none.
pub(super) fn none(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    check::bucket(call)?;
    Ok(Outcome::new(Value::map().with("IsTruncated", false)))
}

pub(super) fn get_payment(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    check::bucket(call)?;
    Ok(Outcome::new(Value::map().with("Payer", "BucketOwner")))
}

pub(super) fn put_payment(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("RequestPaymentConfiguration");
    match asked.and_then(|it| it.str("Payer")) {
        Some("BucketOwner") => config::change(call, |_| Ok(())),
        Some(_) => Err(error::not_built("payment by the requester")),
        None => Err(error::malformed_xml()),
    }
}

/// Only that nothing is logged can be set.
pub(super) fn put_logging(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("BucketLoggingStatus");
    if asked.is_some_and(|it| it.get("LoggingEnabled").is_some()) {
        return Err(error::not_built("access logging"));
    }
    config::change(call, |_| Ok(()))
}

/// Only that nobody is told can be set.
pub(super) fn put_notification(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("NotificationConfiguration");
    let members = [
        "TopicConfigurations",
        "QueueConfigurations",
        "LambdaFunctionConfigurations",
        "EventBridgeConfiguration",
    ];
    let told = asked.is_some_and(|it| members.iter().any(|name| it.get(name).is_some()));
    if told {
        return Err(error::not_built("notification"));
    }
    config::change(call, |_| Ok(()))
}

/// Removes what no bucket has, which is no error.
pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    check::bucket(call)?;
    Ok(Outcome::empty())
}

pub(super) fn get_website(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let text = "The specified bucket does not have a website configuration";
    let bucket = check::bucket(call)?;
    Err(config::absent("NoSuchWebsiteConfiguration", text, &bucket))
}

pub(super) fn get_replication(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let text = "The replication configuration was not found";
    let bucket = check::bucket(call)?;
    Err(config::absent(
        "ReplicationConfigurationNotFoundError",
        text,
        &bucket,
    ))
}
