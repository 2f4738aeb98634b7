//! Encrypting and decrypting.

use bytes::Bytes;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use policy::Action;
use std::sync::Arc;
use wire::value::Value;

use super::key_id::{KeyId, Named};
use super::material::{self, Context, Head};
use super::record::{Key, Spec};
use super::{check, error, grant, managed, rotation};

const ALGORITHM: &str = "SYMMETRIC_DEFAULT";
const CONTEXT: &str = "EncryptionContext";

/// The operation's own action on the key in `KeyId`, with the encryption context and the algorithm. Data
/// keys are encrypted too, by the one that there is.
pub(super) fn may_use(call: &Call<'_>) -> Result<Checks, ApiError> {
    let id = KeyId::parse(call, call.text("KeyId")?)?;
    let found = id.find(call, call.state())?;
    Ok(
        check::on_context(call, call.action(), (&id, found), CONTEXT)?
            .key("kms:EncryptionAlgorithm", algorithm(call, ""))
            .into(),
    )
}

pub(super) fn may_decrypt(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (id, found) = told(call, "KeyId")?;
    Ok(
        check::on_context(call, call.action(), (&id, found), CONTEXT)?
            .key("kms:EncryptionAlgorithm", algorithm(call, ""))
            .into(),
    )
}

pub(super) fn may_re_encrypt(call: &Call<'_>) -> Result<Checks, ApiError> {
    let to = destination(call)?;
    let (from, found) = told(call, "SourceKeyId")?;
    let to_found = to.find(call, call.state())?;
    let same = match (&found, &to_found) {
        (Some(from), Some(to)) => from.own_key() == to.own_key(),
        _ => false,
    };
    let one = |action: &str, named: (&KeyId, Option<Arc<Key>>), side: &str| {
        let action = Action::parse(action).map_err(ApiError::internal)?;
        let check = check::on_context(call, &action, named, &format!("{side}{CONTEXT}"))?;
        Ok::<Check, ApiError>(
            check
                .key("kms:ReEncryptOnSameKey", same)
                .key("kms:EncryptionAlgorithm", algorithm(call, side)),
        )
    };
    Ok(
        Checks::from(one("kms:ReEncryptFrom", (&from, found), "Source")?).and(one(
            "kms:ReEncryptTo",
            (&to, to_found),
            "Destination",
        )?),
    )
}

fn destination(call: &Call<'_>) -> Result<KeyId, ApiError> {
    KeyId::parse(call, call.text("DestinationKeyId")?)
}

/// The key that the member of the input names, or else the one that the ciphertext tells.
fn source(call: &Call<'_>, member: &str) -> Result<KeyId, ApiError> {
    if let Some(text) = call.input().str(member) {
        return KeyId::parse(call, text);
    }
    let (head, _) = Head::read(ciphertext(call)?).ok_or_else(error::ciphertext)?;
    Ok(KeyId {
        account: head.account,
        region: head.region,
        named: Named::Id(head.key),
    })
}

/// The same where it is first asked for: of a key that only the ciphertext tells nobody learns that it is not
/// there.
fn told(call: &Call<'_>, member: &str) -> Result<(KeyId, Option<Arc<Key>>), ApiError> {
    let id = source(call, member)?;
    let named = call.input().str(member).is_some();
    let found = match named || id.region == call.region() {
        true => id.find(call, call.state())?,
        false => None,
    };
    if named || found.is_some() {
        return Ok((id, found));
    }
    Err(ApiError::access_denied(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this \
         region, or you are not allowed to access.",
    ))
}

fn ciphertext<'t>(call: &Call<'t>) -> Result<&'t Bytes, ApiError> {
    call.input()
        .blob("CiphertextBlob")
        .ok_or_else(|| missing("ciphertextBlob"))
}

fn missing(member: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must \
         not be null"
    ))
}

fn algorithm<'t>(call: &Call<'t>, side: &str) -> &'t str {
    let member = [side, "EncryptionAlgorithm"].concat();
    call.input().str(&member).unwrap_or(ALGORITHM)
}

/// Refuses what a key cannot be used for, or not now.
fn ready(call: &Call<'_>, key: &Key, operation: &str, side: &str) -> Result<(), ApiError> {
    let arn = || key.arn(call.platform());
    if key.spec != Spec::Symmetric {
        return Err(error::usage(&arn(), key.spec.usage(), operation));
    }
    let algorithm = algorithm(call, side);
    if algorithm != ALGORITHM {
        let text = format!(
            "{} does not support the encryption algorithm {algorithm}.",
            arn()
        );
        return Err(ApiError::new("InvalidKeyUsageException", 400, text));
    }
    grant::tokens(call)?;
    key.usable(call.platform())
}

/// Refuses what is asked of an enclave's or for show only.
fn last_words(call: &Call<'_>) -> Result<(), ApiError> {
    let input = call.input();
    if input.get("Recipient").is_some() {
        return Err(error::unsupported(
            "Recipient is not supported: there are no attested enclaves here.",
        ));
    }
    match input.bool("DryRun") {
        Some(true) => Err(error::dry_run()),
        _ => Ok(()),
    }
}

/// The key to encrypt with: made if it is one of AWS's own, rotated if that is due.
fn current(call: &Permitted<Call<'_>>, id: &KeyId) -> Result<Arc<Key>, ApiError> {
    let key = id.get(call, call.state())?;
    let key = managed::ensure(call, key)?;
    ready(
        call,
        &key,
        call.operation(),
        if call.operation() == "ReEncrypt" {
            "Destination"
        } else {
            ""
        },
    )?;
    rotation::if_due(call, key)
}

pub(super) fn encrypt(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let key = current(call, &KeyId::parse(call, call.text("KeyId")?)?)?;
    let plain = input
        .blob("Plaintext")
        .ok_or_else(|| missing("plaintext"))?;
    last_words(call)?;
    let context = check::context(input, CONTEXT)?;
    let blob = material::encrypt(call.platform(), &key, &context, plain)?;
    Ok(Outcome::new(
        Value::map()
            .with("CiphertextBlob", blob)
            .with("KeyId", key.arn(call.platform()))
            .with("EncryptionAlgorithm", ALGORITHM),
    ))
}

/// What a ciphertext holds, the key that it was encrypted with, and the number of the material.
fn opened(
    call: &Call<'_>,
    id: &KeyId,
    operation: &str,
    side: &str,
) -> Result<(Arc<Key>, Vec<u8>, usize), ApiError> {
    let key = id.get(call, call.state())?;
    ready(call, &key, operation, side)?;
    let context: Context = check::context(call.input(), &[side, CONTEXT].concat())?;
    let (plain, number) = material::decrypt(call.platform(), &key, &context, ciphertext(call)?)?;
    Ok((key, plain, number))
}

/// The id of a key's material with this number.
fn material_id(key: &Key, number: usize) -> Option<&str> {
    let material = key.materials.get(number)?;
    Some(&material.id)
}

pub(super) fn decrypt(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (key, plain, number) = opened(call, &source(call, "KeyId")?, "Decrypt", "")?;
    last_words(call)?;
    Ok(Outcome::new(
        Value::map()
            .with("KeyId", key.arn(call.platform()))
            .with("Plaintext", Bytes::from(plain))
            .with("EncryptionAlgorithm", ALGORITHM)
            .with_some("KeyMaterialId", material_id(&key, number)),
    ))
}

pub(super) fn re_encrypt(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let to = destination(call)?;
    let from = source(call, "SourceKeyId")?;
    let (from, plain, number) = opened(call, &from, "ReEncrypt", "Source")?;
    let to = current(call, &to)?;
    last_words(call)?;
    let context = check::context(call.input(), "DestinationEncryptionContext")?;
    let blob = material::encrypt(call.platform(), &to, &context, &plain)?;
    let now = to.materials.last().map(|material| material.id.clone());
    Ok(Outcome::new(
        Value::map()
            .with("CiphertextBlob", blob)
            .with("SourceKeyId", from.arn(call.platform()))
            .with("KeyId", to.arn(call.platform()))
            .with("SourceEncryptionAlgorithm", ALGORITHM)
            .with("DestinationEncryptionAlgorithm", ALGORITHM)
            .with_some("SourceKeyMaterialId", material_id(&from, number))
            .with_some("DestinationKeyMaterialId", now),
    ))
}

/// How many bytes of data key are asked for.
fn length(input: &Value) -> Result<usize, ApiError> {
    match (input.str("KeySpec"), input.int("NumberOfBytes")) {
        (Some("AES_128"), None) => Ok(16),
        (Some(_), None) => Ok(32),
        (None, Some(bytes)) => usize::try_from(bytes).map_err(ApiError::internal),
        _ => Err(ApiError::validation(
            "Please specify either number of bytes or key spec.",
        )),
    }
}

fn data_key(call: &Permitted<Call<'_>>, shown: bool) -> Result<Outcome, ApiError> {
    let length = length(call.input())?;
    let key = current(call, &KeyId::parse(call, call.text("KeyId")?)?)?;
    last_words(call)?;
    let mut plain = vec![0; length];
    call.platform().random().fill(&mut plain)?;
    let context = check::context(call.input(), CONTEXT)?;
    let blob = material::encrypt(call.platform(), &key, &context, &plain)?;
    let material = key.materials.last().map(|material| material.id.clone());
    Ok(Outcome::new(
        Value::map()
            .with("CiphertextBlob", blob)
            .with_some("Plaintext", shown.then(|| Bytes::from(plain)))
            .with("KeyId", key.arn(call.platform()))
            .with_some("KeyMaterialId", material),
    ))
}

pub(super) fn generate_data_key(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    data_key(call, true)
}

pub(super) fn generate_hidden_data_key(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    data_key(call, false)
}

pub(super) fn generate_random(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    if input.get("CustomKeyStoreId").is_some() {
        return Err(error::unsupported("Custom key stores are not supported."));
    }
    last_words(call)?;
    let length = input
        .int("NumberOfBytes")
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(|| missing("numberOfBytes"))?;
    let mut bytes = vec![0; length];
    call.platform().random().fill(&mut bytes)?;
    Ok(Outcome::new(
        Value::map().with("Plaintext", Bytes::from(bytes)),
    ))
}
