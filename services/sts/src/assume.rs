//! `AssumeRole` and `AssumeRoleWithWebIdentity`.

use platform::sessions::{self, Wish};
use platform::{ApiError, Call, Checks, FederatedCaller, Identity, Outcome, Permitted, Session};
use wire::value::Value;

use super::own::without_mfa;

pub(super) fn may_assume(call: &Call<'_>) -> Result<Checks, ApiError> {
    if call.input().get("ProvidedContexts").is_some() {
        return Err(ApiError::unsupported("`ProvidedContexts`"));
    }
    sessions::checks(call, wish(call)?)
}

pub(super) fn assume(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    without_mfa(call)?;
    let session = sessions::assume(call, wish(call)?)?;
    Ok(Outcome::new(answer(session)).listed())
}

pub(super) fn may_assume_with_token(call: &Call<'_>) -> Result<Checks, ApiError> {
    sessions::checks(call, wish_of_token(call, proven(call)?)?)
}

pub(super) fn assume_with_token(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let federated = proven(call)?;
    let session = sessions::assume(call, wish_of_token(call, federated)?)?;
    Ok(Outcome::new(
        answer(session)
            .with("SubjectFromWebIdentityToken", federated.subject.as_str())
            .with("Provider", federated.federation.provider.as_str())
            .with("Audience", federated.audience.as_str()),
    )
    .listed())
}

/// Whom the token names.
fn proven<'c>(call: &'c Call<'_>) -> Result<&'c FederatedCaller, ApiError> {
    match call.caller().identity() {
        Identity::Federated(federated) => Ok(federated),
        _ => Err(ApiError::internal("a token that nobody verified")),
    }
}

fn answer(session: Session) -> Value {
    let user = Value::map()
        .with("AssumedRoleId", session.user_id.as_str())
        .with("Arn", session.arn.as_str());
    let packed = session.packed.and_then(|it| i64::try_from(it).ok());
    let source_identity = session.source_identity.clone();
    Value::map()
        .with("Credentials", credentials(session))
        .with("AssumedRoleUser", user)
        .with_some("PackedPolicySize", packed)
        .with_some("SourceIdentity", source_identity)
}

/// Credentials as answers carry them.
pub(super) fn credentials(session: Session) -> Value {
    Value::map()
        .with("AccessKeyId", session.access_key_id)
        .with("SecretAccessKey", session.secret_access_key)
        .with("SessionToken", session.token)
        .with("Expiration", session.expires)
}

/// The ARNs of managed session policies in an input.
pub(super) fn policy_arns(input: &Value) -> Vec<String> {
    let arns = input.list("PolicyArns").iter();
    arns.filter_map(|policy| policy.str("arn").map(str::to_owned))
        .collect()
}

/// The least length of the token that an input asks for.
pub(super) fn token_size(call: &Call<'_>) -> Option<usize> {
    let asked = call.input().int("MinimumSessionTokenSize")?;
    usize::try_from(asked).ok()
}

/// What both operations are asked alike.
fn common(call: &Call<'_>) -> Result<Wish, ApiError> {
    let input = call.input();
    Ok(Wish {
        role_arn: call.text("RoleArn")?.to_owned(),
        session_name: call.text("RoleSessionName")?.to_owned(),
        duration: input.int("DurationSeconds"),
        policy: input.str("Policy").map(str::to_owned),
        policy_arns: policy_arns(input),
        token_size: token_size(call),
        ..Wish::default()
    })
}

fn wish(call: &Call<'_>) -> Result<Wish, ApiError> {
    let input = call.input();
    let owned = |member: &str| input.str(member).map(str::to_owned);
    Ok(Wish {
        tags: platform::tags::read(input, "Tags"),
        transitive: platform::tags::keys(input, "TransitiveTagKeys"),
        source_identity: owned("SourceIdentity"),
        external_id: owned("ExternalId"),
        ..common(call)?
    })
}

/// Tags and source identity of a session that a token asks for stand in the token.
fn wish_of_token(call: &Call<'_>, federated: &FederatedCaller) -> Result<Wish, ApiError> {
    Ok(Wish {
        tags: federated.tags.clone(),
        transitive: federated.transitive.clone(),
        source_identity: federated.source_identity.clone(),
        ..common(call)?
    })
}
