//! `AssumeRole`.

use platform::sessions::{self, Wish};
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use wire::value::Value;

pub(super) fn may_assume(call: &Call<'_>) -> Result<Checks, ApiError> {
    sessions::checks(call, wish(call)?)
}

pub(super) fn assume(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let session = sessions::assume(call, wish(call)?)?;
    let credentials = Value::map()
        .with("AccessKeyId", session.access_key_id)
        .with("SecretAccessKey", session.secret_access_key)
        .with("SessionToken", session.token)
        .with("Expiration", session.expires);
    let user = Value::map()
        .with("AssumedRoleId", session.assumed_role_id)
        .with("Arn", session.arn);
    Ok(Outcome::new(
        Value::map()
            .with("Credentials", credentials)
            .with("AssumedRoleUser", user)
            .with_some("SourceIdentity", session.source_identity),
    )
    .listed())
}

fn wish(call: &Call<'_>) -> Result<Wish, ApiError> {
    let input = call.input();
    for unsupported in ["SerialNumber", "TokenCode", "ProvidedContexts"] {
        if input.get(unsupported).is_some() {
            return Err(ApiError::unsupported(&format!("`{unsupported}`")));
        }
    }
    let owned = |member: &str| input.str(member).map(str::to_owned);
    Ok(Wish {
        role_arn: call.text("RoleArn")?.to_owned(),
        session_name: call.text("RoleSessionName")?.to_owned(),
        duration: input.int("DurationSeconds"),
        policy: owned("Policy"),
        policy_arns: input
            .list("PolicyArns")
            .iter()
            .filter_map(|policy| policy.str("arn").map(str::to_owned))
            .collect(),
        tags: platform::tags::read(input, "Tags"),
        transitive: platform::tags::keys(input, "TransitiveTagKeys"),
        source_identity: owned("SourceIdentity"),
        external_id: owned("ExternalId"),
    })
}
