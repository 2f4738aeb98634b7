//! `GetSessionToken` and `GetFederationToken`.

use platform::sessions::{self, Wish};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Session, Target};
use wire::value::Value;

use super::assume::{credentials, policy_arns, token_size};

/// Why a second factor is not accepted: there are no devices that could be somebody's.
pub(super) fn without_mfa(call: &Call<'_>) -> Result<(), ApiError> {
    let input = call.input();
    if input.str("SerialNumber").is_none() && input.str("TokenCode").is_none() {
        return Ok(());
    }
    Err(ApiError::access_denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA \
         serial number is valid and associated with this user.",
    ))
}

/// No permission is needed, and no policy can take it away (IAM User Guide, "Permissions for
/// `GetSessionToken`"). Of that kind the engine knows one action, which stands for this.
pub(super) fn may_ask(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("sts:GetCallerIdentity", Target::any())?.into())
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    without_mfa(call)?;
    let duration = call.input().int("DurationSeconds");
    let session = sessions::of_caller(call, duration, token_size(call))?;
    Ok(Outcome::new(Value::map().with("Credentials", credentials(session))).listed())
}

/// `sts:GetFederationToken` on the federated user, and `sts:TagSession` where there are tags.
pub(super) fn may_federate(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (partition, account) = (call.platform().partition(), call.account());
    let name = call.text("Name")?;
    let user = format!("arn:{partition}:sts::{account}:federated-user/{name}");
    let tags = platform::tags::read(call.input(), "Tags");
    let check = |action| Check::new(action, Target::arn(&user)?);
    let checks = Checks::from(check("sts:GetFederationToken")?.request_tags(&tags));
    if tags.is_empty() {
        return Ok(checks);
    }
    Ok(checks.and(check("sts:TagSession")?.request_tags(&tags)))
}

pub(super) fn federate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let wish = Wish {
        duration: input.int("DurationSeconds"),
        policy: input.str("Policy").map(str::to_owned),
        policy_arns: policy_arns(input),
        tags: platform::tags::read(input, "Tags"),
        token_size: token_size(call),
        ..Wish::default()
    };
    let session = sessions::federated(call, call.text("Name")?, wish)?;
    let packed = session.packed;
    let user = federated_user(&session);
    Ok(Outcome::new(
        Value::map()
            .with("Credentials", credentials(session))
            .with("FederatedUser", user)
            .with_some(
                "PackedPolicySize",
                packed.and_then(|it| i64::try_from(it).ok()),
            ),
    )
    .listed())
}

fn federated_user(session: &Session) -> Value {
    Value::map()
        .with("FederatedUserId", session.user_id.as_str())
        .with("Arn", session.arn.as_str())
}
