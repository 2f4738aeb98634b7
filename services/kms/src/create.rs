//! Making and describing keys.

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use std::collections::BTreeSet;
use wire::value::Value;

use super::record::{Key, Rotation, Spec};
use super::{check, error, key_policy, managed, material, tag};

/// Members that ask for keys that are not made here.
const ELSEWHERE: &[&str] = &["CustomKeyStoreId", "XksKeyId"];

/// What the input asks for: spec and usage by name.
fn wanted<'t>(call: &Call<'t>) -> (&'t str, Option<&'t str>) {
    let input = call.input();
    let spec = input.str("KeySpec").or(input.str("CustomerMasterKeySpec"));
    (
        spec.unwrap_or(Spec::Symmetric.name()),
        input.str("KeyUsage"),
    )
}

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let (spec, usage) = wanted(call);
    let tags = tag::read(call)?;
    let bypass = input.bool("BypassPolicyLockoutSafetyCheck") == Some(true);
    let make = Check::new("kms:CreateKey", Target::any())?
        .key("kms:KeySpec", spec)
        .key("kms:KeyUsage", usage.unwrap_or("ENCRYPT_DECRYPT"))
        .key("kms:KeyOrigin", input.str("Origin").unwrap_or("AWS_KMS"))
        .key("kms:MultiRegion", input.bool("MultiRegion") == Some(true))
        .key("kms:BypassPolicyLockoutSafetyCheck", bypass)
        .request_tags(&tags);
    let make = check::of_call(call, make);
    if tags.is_empty() {
        return Ok(make.into());
    }
    // "kms:TagResource (IAM policy)" (KMS API Reference, "CreateKey", `Tags`): there is no key policy yet
    // that could stand in the way.
    let text = key_policy::default(call.platform(), call.account().as_str());
    let arn = call.arn("kms", &format!("key/{}", new_id(call)));
    let target = Target::arn(&arn)?.policy(key_policy::compiled(call.platform(), &text)?);
    let tagging = Check::new("kms:TagResource", target)?.request_tags(&tags);
    Ok(Checks::from(make).and(check::of_call(call, tagging)))
}

/// The id of the key that this call makes: one of the call's own, so that what is decided on is what is
/// made.
fn new_id(call: &Call<'_>) -> String {
    managed::id(&["created", call.request_id()])
}

/// The spec of the key to make.
///
/// # Errors
/// When keys of that kind are not made here, or do not fit what they are to be used for.
fn spec(call: &Call<'_>) -> Result<Spec, ApiError> {
    let input = call.input();
    let (name, usage) = wanted(call);
    if let Some(member) = ELSEWHERE.iter().find(|member| input.get(member).is_some()) {
        return Err(error::unsupported(format!(
            "{member} is not supported: this KMS keeps all key material itself."
        )));
    }
    if let Some(origin) = input.str("Origin").filter(|origin| *origin != "AWS_KMS") {
        return Err(error::unsupported(format!(
            "Origin {origin} is not supported: this KMS makes all key material itself."
        )));
    }
    if input.bool("MultiRegion") == Some(true) {
        return Err(error::unsupported("Multi-Region keys are not supported."));
    }
    let spec = Spec::parse(name)
        .ok_or_else(|| error::unsupported(format!("KeySpec {name} is not supported.")))?;
    match usage {
        None if spec != Spec::Symmetric => Err(ApiError::validation(
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        )),
        Some(usage) if usage != spec.usage() => Err(ApiError::validation(format!(
            "KeyUsage {usage} is not compatible with KeySpec {name}"
        ))),
        _ => Ok(spec),
    }
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = call.input().str("Policy");
    let account = call.account().to_string();
    let default = key_policy::default(call.platform(), &account);
    let mut key = Key {
        region: call.region().to_owned(),
        id: new_id(call),
        description: call.input().str("Description").unwrap_or("").to_owned(),
        spec: spec(call)?,
        created: call.time(),
        enabled: true,
        deletion: None,
        manager: None,
        policy: key_policy::bind(call.state(), call.platform(), &default)?,
        tags: tag::read(call)?,
        aliases: BTreeSet::new(),
        rotation: Rotation::default(),
        materials: Vec::new(),
        account,
    };
    material::add(call.platform(), &mut key)?;
    call.write(|tx| {
        if let Some(text) = given {
            key.policy = key_policy::accept(call, &*tx, &key, text)?;
        }
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::new(
            Value::map().with("KeyMetadata", show(call, &key)),
        ))
    })
}

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = check::any(call, call.state())?;
    Ok(Outcome::new(
        Value::map().with("KeyMetadata", show(call, &key)),
    ))
}

/// A key's metadata.
fn show(call: &Call<'_>, key: &Key) -> Value {
    let symmetric = key.spec == Spec::Symmetric;
    let algorithms = symmetric.then(|| vec![Spec::Symmetric.name()]);
    let manager = if key.manager.is_some() {
        "AWS"
    } else {
        "CUSTOMER"
    };
    let material = key.materials.last().map(|material| material.id.as_str());
    Value::map()
        .with("AWSAccountId", key.account.as_str())
        .with("KeyId", key.id.as_str())
        .with("Arn", key.arn(call.platform()))
        .with("CreationDate", key.created)
        .with("Enabled", key.state() == "Enabled")
        .with("Description", key.description.as_str())
        .with("KeyUsage", key.spec.usage())
        .with("KeyState", key.state())
        .with_some("DeletionDate", key.deletion.map(|deletion| deletion.due))
        .with("Origin", "AWS_KMS")
        .with("KeyManager", manager)
        .with("CustomerMasterKeySpec", key.spec.name())
        .with("KeySpec", key.spec.name())
        .with_some("EncryptionAlgorithms", algorithms)
        .with_some("MacAlgorithms", key.spec.mac().map(|mac| vec![mac]))
        .with("MultiRegion", false)
        .with_some("CurrentKeyMaterialId", material.filter(|_| symmetric))
}

pub(super) fn update_description(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let text = call.text("Description")?;
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        key.not_pending(call.platform())?;
        text.clone_into(&mut key.description);
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::empty())
    })
}
