//! How SageMaker becomes an execution role. What it says about itself differs from feature to
//! feature, and stands here in one place (SageMaker Developer Guide, "Cross-service confused deputy
//! prevention").

use platform::identity::{Role, Tag};
use platform::sessions::{Attempt, ServiceAssumption, attempt_as_service};
use platform::{ApiError, Call, Fault, ServiceCaller, Target};
use policy::{AccountId, Arn};
use store::Read;

/// The service principal.
pub(super) const PRINCIPAL: &str = "sagemaker.amazonaws.com";
/// The name of the sessions of execution roles.
pub(super) const SESSION_NAME: &str = "SageMaker";
/// The tag of a training job that hands on the session tags of its creator.
const CHAINING_TAG: &str = "sagemaker:EnableSessionTagChaining";

/// How the role of a feature is assumed.
pub(super) struct Assumption {
    /// What `aws:SourceArn` is.
    source: Source,
    /// Whether the creator's source identity goes with the session.
    source_identity: bool,
    /// Whether the creator's session tags can go with the session.
    session_tags: bool,
}

/// What `aws:SourceArn` is.
pub(super) enum Source {
    /// The ARN of the resource.
    Resource,
    /// The literal text `arn:P:sagemaker:R:A:*`, whose asterisk is no wildcard.
    Account,
}

/// Training jobs.
pub(super) const TRAINING: Assumption = Assumption {
    source: Source::Resource,
    source_identity: true,
    session_tags: true,
};
/// Processing jobs.
pub(super) const PROCESSING: Assumption = Assumption {
    source: Source::Resource,
    source_identity: true,
    session_tags: false,
};
/// Models and what serves them.
pub(super) const INFERENCE: Assumption = Assumption {
    source: Source::Account,
    source_identity: false,
    session_tags: false,
};
/// Studio. Its sessions have the name of the user profile, not of a creator.
pub(super) const STUDIO: Source = Source::Account;

impl Source {
    /// The caller that the role's trust policy sees.
    pub(super) fn caller(
        &self,
        partition: &str,
        region: &str,
        account: AccountId,
        resource: &str,
    ) -> ServiceCaller {
        let source_arn = match self {
            Self::Resource => resource.to_owned(),
            Self::Account => format!("arn:{partition}:sagemaker:{region}:{account}:*"),
        };
        ServiceCaller {
            service: PRINCIPAL.to_owned(),
            source_arn,
            source_account: account.to_string(),
        }
    }
}

/// Assumes the role of a new resource as SageMaker does before it accepts it, within the transaction that
/// makes the resource.
pub(super) fn try_role(
    call: &Call<'_>,
    tx: &dyn Read,
    assumption: &Assumption,
    role_arn: &str,
    resource: &str,
    tags: &[Tag],
) -> Attempt {
    let (partition, region) = (call.platform().partition(), call.region());
    let claims = call.caller().claims();
    let chained = claims.filter(|_| assumption.session_tags && chains(call, tags));
    let asked = ServiceAssumption {
        caller: assumption
            .source
            .caller(partition, region, call.account(), resource),
        role_arn: role_arn.to_owned(),
        session_name: SESSION_NAME.to_owned(),
        region: region.to_owned(),
        duration: None,
        source_identity: claims
            .filter(|_| assumption.source_identity)
            .and_then(|claims| claims.source_identity.clone()),
        tags: chained
            .map(|claims| claims.tags.clone())
            .unwrap_or_default(),
        transitive: chained
            .map(|claims| claims.transitive.clone())
            .unwrap_or_default(),
        studio: None,
        asked_by: Some(call.caller().arn().to_owned()),
    };
    attempt_as_service(call.platform(), tx, asked)
}

/// The error of an assumption that failed, in SageMaker's words.
pub(super) fn refusal(attempt: &Attempt, role_arn: &str) -> Result<(), ApiError> {
    match attempt.error() {
        None => Ok(()),
        Some(error) if error.fault() == Fault::Internal => Err(error.clone()),
        Some(_) => Err(ApiError::validation(format!(
            "Could not assume role {role_arn}. Please ensure that the role exists and allows \
             principal '{PRINCIPAL}' to assume the role."
        ))),
    }
}

/// Whether the creator's session tags shall go with the job's session.
fn chains(call: &Call<'_>, tags: &[Tag]) -> bool {
    let tagged = tags
        .iter()
        .any(|tag| tag.key == CHAINING_TAG && tag.value == "true");
    let member = "SessionChainingConfig.EnableSessionTagChaining";
    tagged
        || call
            .input()
            .at(member)
            .and_then(wire::value::Value::as_bool)
            == Some(true)
}

/// A role that is handed on, with its tags if it exists.
pub(super) fn role_target(tx: &dyn Read, role_arn: &str) -> Result<Target, ApiError> {
    let target = Target::arn(role_arn)?;
    let parsed = Arn::parse(role_arn).map_err(ApiError::internal)?;
    let name = parsed.resource().rsplit('/').next().unwrap_or_default();
    let Some(account) = AccountId::parse(parsed.account()) else {
        return Ok(target);
    };
    let role: Option<Role> = tx.get(&Role::key(account, name))?;
    Ok(
        match role.filter(|role| role.arn(parsed.partition(), account) == role_arn) {
            Some(role) => target.tagged("iam", &role.tags),
            None => target,
        },
    )
}
