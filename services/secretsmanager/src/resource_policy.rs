//! Resource policies of secrets.

use platform::{ApiError, Call, Outcome, Permitted};
use policy::document::PrincipalEntry;
use policy::{Document, Effect, PolicyType};
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
    change(call, Some(text.to_owned()))
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
    let policy = secret.policy.clone();
    Ok(Outcome::new(
        answer(&secret).with_some("ResourcePolicy", policy),
    ))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, None)
}

fn change(call: &Permitted<Call<'_>>, policy: Option<String>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut secret = name::usable(call, &*tx)?;
        secret.policy = policy;
        tx.put(&name::key(&secret)?, &secret)?;
        Ok(Outcome::new(answer(&secret)))
    })
}

fn answer(secret: &Secret) -> Value {
    Value::map()
        .with("ARN", secret.arn.as_str())
        .with("Name", secret.name.as_str())
}
