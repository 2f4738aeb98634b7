//! Creating secrets.

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use store::Write;
use wire::value::Value;

use super::record::{SealedValue, Secret};
use super::{change, check, error, name, tag};

/// The letters of suffixes.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Members that ask for what is not built.
const UNSUPPORTED: &[&str] = &[
    "KmsKeyId",
    "AddReplicaRegions",
    "Type",
    "CrossAccountPrimaryARN",
];

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let name = wanted(call)?;
    let held: Option<Secret> =
        call.state()
            .get(&Secret::key(call.account().as_str(), call.region(), name))?;
    let arn = held.map_or_else(|| new_arn(call, name), |held| held.arn);
    let target = check::new_target(&arn, name)?;
    let input = call.input();
    let tags = tag::read(call)?;
    let creation = Check::new("secretsmanager:CreateSecret", target.clone())?
        .key("secretsmanager:Name", name)
        .key_if("secretsmanager:Description", input.str("Description"))
        .key_if("secretsmanager:KmsKeyId", input.str("KmsKeyId"))
        .request_tags(&tags);
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
    let (account, region) = (call.account().to_string(), call.region().to_owned());
    let key = Secret::key(&account, &region, name);
    let (arn, version) = call.write(|tx| {
        if let Some(held) = tx.get::<Secret>(&key)? {
            match held.deletion {
                Some(due) if due <= call.time() => forget(tx, &held)?,
                Some(_) => {
                    return Err(error::request(
                        "You can't create this secret because a secret with this name is already \
                         scheduled for deletion.",
                    ));
                }
                None => {
                    let again = change::same(call, &*tx, &held, &token, value.as_ref())?;
                    let text =
                        format!("The operation failed because the secret {name} already exists.");
                    return if again {
                        Ok((held.arn, Some(token.clone())))
                    } else {
                        Err(error::exists(text))
                    };
                }
            }
        }
        let mut secret = new(call, name)?;
        let version = match &value {
            Some(value) => {
                change::add(call, tx, &mut secret, &token, value, &[])?;
                Some(token.clone())
            }
            None => None,
        };
        tx.put(&key, &secret)?;
        Ok((secret.arn, version))
    })?;
    Ok(Outcome::new(
        Value::map()
            .with("ARN", arn)
            .with("Name", name)
            .with_some("VersionId", version),
    ))
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
    tx.delete::<Secret>(&name::key(secret)?)?;
    Ok(())
}
