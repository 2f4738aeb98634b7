//! Resource policies of secrets.

use platform::principal_ids::{self, BoundPolicy};
use platform::{ApiError, Call, Outcome, Permitted};
use policy::document::PrincipalEntry;
use policy::{Document, Effect, PolicyType};
use store::Read;
use wire::value::Value;

use super::name;
use super::record::Secret;

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let text = call.text("ResourcePolicy")?;
    let document = Document::parse(text, PolicyType::Resource).map_err(|rejected| {
        ApiError::new(
            "MalformedPolicyDocumentException",
            400,
            rejected.to_string(),
        )
    })?;
    if call.input().bool("BlockPublicPolicy") == Some(true) && is_public(&document) {
        return Err(ApiError::new(
            "PublicPolicyException",
            400,
            "You can't create a resource policy that gives broad access to the secret.",
        ));
    }
    change(call, Some(text))
}

/// Whether the policy lets everyone in, with no condition that could narrow it.
fn is_public(document: &Document) -> bool {
    document.statements.iter().any(|statement| {
        let everyone = |entry: &PrincipalEntry| {
            matches!(
                entry,
                PrincipalEntry::Everyone | PrincipalEntry::EveryoneAws
            )
        };
        statement.effect.value == Effect::Allow
            && statement.conditions.is_empty()
            && statement.principal.as_ref().is_some_and(|principal| {
                principal.not || principal.entries.iter().any(|entry| everyone(&entry.value))
            })
    })
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
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
    change(call, None)
}

fn change(call: &Permitted<Call<'_>>, policy: Option<&str>) -> Result<Outcome, ApiError> {
    let partition = call.platform().partition();
    call.write(|tx| {
        let mut secret = name::usable(call, &*tx)?;
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
