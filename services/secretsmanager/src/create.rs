//! Creating secrets.

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use store::Write;
use wire::value::Value;

use super::record::{Accessed, Plain, Secret};
use super::seal::SealedValue;
use super::{change, check, error, kms_key, name, tag};

/// The letters of suffixes.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Members that ask for what is not built.
const UNSUPPORTED: &[&str] = &["AddReplicaRegions", "Type", "CrossAccountPrimaryARN"];

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let name = wanted(call)?;
    let held: Option<Secret> =
        call.state()
            .get(&Secret::key(call.account().as_str(), call.region(), name))?;
    let arn = held.map_or_else(|| new_arn(call, name), |held| held.arn);
    let target = check::new_target(&arn, name)?;
    let input = call.input();
    let tags = tag::read(call)?;
    let regions = input.list("AddReplicaRegions").iter();
    let regions: Vec<String> = regions
        .filter_map(|region| region.str("Region").map(str::to_owned))
        .collect();
    let creation = Check::new("secretsmanager:CreateSecret", target.clone())?
        .key("secretsmanager:Name", name)
        .key_if("secretsmanager:Description", input.str("Description"))
        .key_if("secretsmanager:Type", input.str("Type"))
        .key_if(
            "secretsmanager:ForceOverwriteReplicaSecret",
            input.bool("ForceOverwriteReplicaSecret"),
        )
        .key_if(
            "secretsmanager:AddReplicaRegions",
            (!regions.is_empty()).then_some(regions),
        )
        .request_tags(&tags);
    let creation = kms_key::keys(call, creation, call.account().as_str())?;
    if tags.is_empty() {
        return Ok(creation.into());
    }
    // "If you include tags" (Secrets Manager API Reference, "CreateSecret", required permissions).
    let tagging = Check::new("secretsmanager:TagResource", target)?.request_tags(&tags);
    Ok(Checks::from(creation).and(tagging))
}

fn wanted<'t>(call: &Call<'t>) -> Result<&'t str, ApiError> {
    let name = call.text("Name")?;
    if name::is_valid(name) {
        Ok(name)
    } else {
        Err(name::invalid())
    }
}

/// The ARN that a secret gets which this call makes: one of the call's own, so that the very ARN that
/// is made is what is decided on.
fn new_arn(call: &Call<'_>, name: &str) -> String {
    let digest = Sha256::new()
        .chain_update("secret-suffix:")
        .chain_update(call.request_id())
        .finalize();
    let letter = |byte: &u8| {
        let letter = LETTERS.get(usize::from(*byte) % LETTERS.len());
        letter.copied().map_or('A', char::from)
    };
    let suffix: String = digest.iter().take(6).map(letter).collect();
    call.arn("secretsmanager", &format!("secret:{name}-{suffix}"))
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    supported(call, UNSUPPORTED)?;
    let name = wanted(call)?;
    let value = change::given(call.input())?;
    let token = change::token(call)?;
    let mut secret = new(call, name)?;
    let key = name::key(&secret)?;
    let held: Option<Secret> = call.state().get(&key)?;
    let is_new = held.is_none_or(|held| !held.is_there(call.time()));
    let sealed = match &value {
        Some(value) if is_new => {
            let at = (secret.arn.as_str(), token.as_str());
            let kms_key = secret.kms_key.as_deref();
            Some(SealedValue::seal(call, at, kms_key, value)?)
        }
        _ => None,
    };
    let held = call.write(|tx| {
        if let Some(held) = tx.get::<Secret>(&key)? {
            if held.is_there(call.time()) {
                return Ok(Some(held));
            }
            forget(tx, &held)?;
        }
        if let Some(sealed) = &sealed {
            change::add(call.time(), tx, &mut secret, &token, sealed, &[])?;
        }
        tx.put(&key, &secret)?;
        Ok(None)
    })?;
    let (secret, version) = match held {
        Some(held) => (made_before(call, held, &token, value.as_ref())?, true),
        None => (secret, value.is_some()),
    };
    Ok(Outcome::new(
        Value::map()
            .with("ARN", secret.arn)
            .with("Name", name)
            .with_some("VersionId", version.then_some(token)),
    ))
}

/// The secret that has the name already, if this very call made it before.
fn made_before(
    call: &Call<'_>,
    held: Secret,
    token: &str,
    value: Option<&Plain>,
) -> Result<Secret, ApiError> {
    if held.deletion.is_some() {
        return Err(error::request(
            "You can't create this secret because a secret with this name is already scheduled for \
             deletion.",
        ));
    }
    if !held.versions.contains_key(token) {
        let name = &held.name;
        let text = format!("The operation failed because the secret {name} already exists.");
        return Err(error::exists(text));
    }
    change::again(call, &held, token, value)?;
    Ok(held)
}

fn new(call: &Call<'_>, name: &str) -> Result<Secret, ApiError> {
    Ok(Secret {
        name: name.to_owned(),
        arn: new_arn(call, name),
        description: call.input().str("Description").map(str::to_owned),
        tags: tag::read(call)?,
        policy: None,
        created: call.time(),
        changed: call.time(),
        deletion: None,
        versions: BTreeMap::new(),
        kms_key: kms_key::given(call, call.account().as_str())?,
    })
}

/// Refuses members that ask for what is not built.
pub(super) fn supported(call: &Call<'_>, unsupported: &[&str]) -> Result<(), ApiError> {
    let asks = |member: &&&str| match call.input().get(member) {
        Some(Value::List(values)) => !values.is_empty(),
        Some(_) => true,
        None => false,
    };
    match unsupported.iter().find(asks) {
        Some(member) => Err(ApiError::unsupported(&format!("the parameter {member}"))),
        None => Ok(()),
    }
}

/// Removes a secret and its values.
pub(super) fn forget(tx: &mut dyn Write, secret: &Secret) -> Result<(), ApiError> {
    for version in secret.versions.keys() {
        tx.delete::<SealedValue>(&SealedValue::key(&secret.arn, version))?;
    }
    tx.delete::<Accessed>(&Accessed::key(&secret.arn))?;
    tx.delete::<Secret>(&name::key(secret)?)?;
    Ok(())
}
