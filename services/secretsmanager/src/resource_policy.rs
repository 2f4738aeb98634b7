//! Resource policies of secrets.

use platform::principal_ids::{self, BoundPolicy};
use platform::public::is_public;
use platform::{ApiError, Call, Outcome, Permitted};
use policy::{Document, PolicyType};
use std::sync::Arc;
use store::Read;
use wire::value::Value;

use super::name;
use super::record::Secret;

const NAME: &str = "default";

const TOO_BROAD: &str = "You can't create a resource policy that gives broad access to the secret.";

/// The document in the input.
fn given(call: &Call<'_>) -> Result<Document, ApiError> {
    Document::parse(call.text("ResourcePolicy")?, PolicyType::Resource).map_err(|rejected| {
        let text = rejected.to_string();
        ApiError::new("MalformedPolicyDocumentException", 400, text)
    })
}

/// Secrets have one policy, which is called `default`.
fn named(call: &Call<'_>) -> Result<(), ApiError> {
    match call.input().str("PolicyName") {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(ApiError::unsupported("the parameter PolicyName")),
    }
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    named(call)?;
    let text = call.text("ResourcePolicy")?;
    let document = given(call)?;
    if call.input().bool("BlockPublicPolicy") == Some(true) && is_public(&document) {
        return Err(ApiError::new("PublicPolicyException", 400, TOO_BROAD));
    }
    change(call, Some(text))
}

/// Says what is wrong with a policy before somebody puts it somewhere.
pub(super) fn validate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    if call.input().str("SecretId").is_some() {
        name::usable(call, call.state())?;
    }
    let document = given(call)?;
    let partition = call.platform().partition();
    let mut findings = Vec::new();
    if is_public(&document) {
        findings.push(("PublicAccess", TOO_BROAD.to_owned()));
    }
    if let Err(unknown) = bind(call.state(), partition, call.text("ResourcePolicy")?) {
        findings.push(("Principal", unknown.message().to_owned()));
    }
    let passed = findings.is_empty();
    let show = |(check, text): (&str, String)| {
        Value::map()
            .with("CheckName", check)
            .with("ErrorMessage", text)
    };
    Ok(Outcome::new(
        Value::map().with("PolicyValidationPassed", passed).with(
            "ValidationErrors",
            findings.into_iter().map(show).collect::<Value>(),
        ),
    ))
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    named(call)?;
    let secret = name::usable(call, call.state())?;
    let policy = secret.policy.as_ref();
    let partition = call.platform().partition();
    let policy = policy
        .map(|policy| policy.shown(call.state(), partition))
        .transpose()?;
    Ok(Outcome::new(
        answer(&secret).with_some("ResourcePolicy", policy),
    ))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    named(call)?;
    change(call, None)
}

fn change(call: &Permitted<Call<'_>>, policy: Option<&str>) -> Result<Outcome, ApiError> {
    let partition = call.platform().partition();
    call.write(|tx| {
        let mut secret = Arc::unwrap_or_clone(name::usable(call, &*tx)?);
        secret.policy = match policy {
            Some(text) => Some(bind(&*tx, partition, text)?),
            None => None,
        };
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(Outcome::new(answer(&secret)))
    })
}

/// The resource policy in `text`, with its principals bound.
pub(super) fn bind(tx: &dyn Read, partition: &str, text: &str) -> Result<BoundPolicy, ApiError> {
    principal_ids::bind(tx, partition, PolicyType::Resource, text).map_err(|unbound| {
        unbound.or(|_| {
            let text = "This resource policy contains an unsupported principal.";
            ApiError::new("MalformedPolicyDocumentException", 400, text)
        })
    })
}

fn answer(secret: &Secret) -> Value {
    Value::map()
        .with("ARN", secret.arn.as_str())
        .with("Name", secret.name.as_str())
}
