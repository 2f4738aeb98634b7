//! What must be allowed for operations on secrets (Service Authorization Reference, "AWS Secrets
//! Manager").

use platform::{ApiError, Call, Check, Checks, Target};
use policy::{AccountId, Action, Arn, PolicyType};

use super::kms_key;
use super::name::{self, SecretId};
use super::record::{CURRENT, Secret};

const TRAIL_TYPE: &str = "AWS::SecretsManager::Secret";

/// The operation's own action on the secret that the input names. Of a secret that is not there it
/// is asked on the ARN that it would have, so that only who may use it learns that there is none.
pub(super) fn check(call: &Call<'_>) -> Result<Check, ApiError> {
    of(call, call.action(), &name::read(call)?)
}

/// An action on a secret.
pub(super) fn of(call: &Call<'_>, action: &Action, id: &SecretId<'_>) -> Result<Check, ApiError> {
    let target = match id.find(call, call.state())? {
        Some(secret) => target(call, &secret)?,
        None => Target::arn(&id.would_be(call.platform().partition()))?.listed_as(TRAIL_TYPE),
    };
    // A denial calls it what the caller called it, so that it tells neither whether there is one nor
    // the rest of its ARN.
    let target = target.shown_as(id.given);
    let arn = target.as_str().to_owned();
    let check = Check::of(action, target);
    // Secrets have no replicas here, so that each is at home where it is.
    Ok(check
        .key("secretsmanager:SecretId", arn)
        .key("secretsmanager:SecretPrimaryRegion", call.region()))
}

/// The secret with this ARN.
pub(super) fn find(
    call: &Call<'_>,
    arn: &Arn,
    _asker: AccountId,
) -> Result<Option<Target>, ApiError> {
    let Ok(id) = name::parse(call, arn.as_str()) else {
        return Ok(None);
    };
    let held = id.held(call, call.state())?;
    held.map(|secret| target(call, &secret)).transpose()
}

fn target(call: &Call<'_>, secret: &Secret) -> Result<Target, ApiError> {
    let target = Target::arn(&secret.arn)?
        .tagged("secretsmanager", &secret.tags)
        .listed_as(TRAIL_TYPE);
    let target = match AccountId::parse(secret.account()) {
        Some(account) => target.owned_by(account),
        None => target,
    };
    Ok(match &secret.policy {
        Some(policy) => {
            let (kind, name) = (PolicyType::Resource, "resource policy");
            target.policy(policy.compiled(call.platform(), kind, name)?)
        }
        None => target,
    })
}

/// A secret that is to be made.
pub(super) fn new_target(arn: &str, name: &str) -> Result<Target, ApiError> {
    Ok(Target::arn(arn)?.shown_as(name).listed_as(TRAIL_TYPE))
}

pub(super) fn on_secret(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check(call)?.into())
}

pub(super) fn on_value(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (version, stage) = (
        call.input().str("VersionId"),
        call.input().str("VersionStage"),
    );
    // Who names neither gets the current value.
    let stage = stage.or(if version.is_none() {
        Some(CURRENT)
    } else {
        None
    });
    Ok(check(call)?
        .key_if("secretsmanager:VersionId", version)
        .key_if("secretsmanager:VersionStage", stage)
        .into())
}

pub(super) fn on_update(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let id = name::read(call)?;
    let check = check(call)?
        .key_if("secretsmanager:Description", input.str("Description"))
        .key_if("secretsmanager:Type", input.str("Type"));
    Ok(kms_key::keys(call, check, id.account())?.into())
}

pub(super) fn on_stage(call: &Call<'_>) -> Result<Checks, ApiError> {
    let stage = call.text("VersionStage")?;
    Ok(check(call)?
        .key("secretsmanager:VersionStage", stage)
        .into())
}

pub(super) fn on_rotation(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let now = input.bool("RotateImmediately") != Some(false);
    let role = input.str("ExternalSecretRotationRoleArn");
    Ok(check(call)?
        .key_if(
            "secretsmanager:RotationLambdaARN",
            input.str("RotationLambdaARN"),
        )
        .key_if("secretsmanager:ExternalSecretRotationRoleArn", role)
        .key("secretsmanager:RotateImmediately", now)
        .key(
            "secretsmanager:ModifyRotationRules",
            input.get("RotationRules").is_some(),
        )
        .into())
}

/// A policy that is looked at for a secret, or for none.
pub(super) fn on_validation(call: &Call<'_>) -> Result<Checks, ApiError> {
    match call.input().str("SecretId") {
        Some(_) => on_secret(call),
        None => on_nothing(call),
    }
}

pub(super) fn on_deletion(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let window = input
        .int("RecoveryWindowInDays")
        .map(|days| days.to_string());
    Ok(check(call)?
        .key_if(
            "secretsmanager:ForceDeleteWithoutRecovery",
            input.bool("ForceDeleteWithoutRecovery"),
        )
        .key_if("secretsmanager:RecoveryWindowInDays", window)
        .into())
}

pub(super) fn on_policy(call: &Call<'_>) -> Result<Checks, ApiError> {
    let block = call.input().bool("BlockPublicPolicy");
    Ok(check(call)?
        .key_if("secretsmanager:BlockPublicPolicy", block)
        .into())
}

/// An action that knows no resource.
pub(super) fn on_nothing(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), Target::any()).into())
}
