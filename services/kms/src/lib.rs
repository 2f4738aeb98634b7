//! AWS Key Management Service: keys that never leave it, what they encrypt, and who may use them.
//!
//! Symmetric encryption keys and HMAC keys are built, with key policies, grants, aliases, rotation and
//! deletion. Key material is sealed before it reaches the state, each bound to its key. What a key's policy
//! does not allow, directly or by leaving it to the account, no policy of an account can (`check`). Asymmetric keys,
//! imported material, key stores elsewhere and keys of several regions are refused. Sources of codes
//! and texts: the KMS API Reference and Developer Guide.

mod alias;
mod check;
mod create;
mod crypt;
pub mod desired;
mod error;
mod grant;
mod key_id;
mod key_policy;
mod list;
mod mac;
mod managed;
mod material;
mod record;
mod rotation;
mod state;
mod tag;

use platform::{ApiError, Operation, Random, Service, seal::Sealer};
use store::{Format, Scan, Write};

pub use state::{expire, has_expired};

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateKey", create::may, create::create),
    Operation::read("DescribeKey", check::any_key, create::describe),
    Operation::write(
        "UpdateKeyDescription",
        check::own_key,
        create::update_description,
    ),
    Operation::read("ListKeys", check::nothing, list::keys),
    Operation::write("CreateAlias", alias::may_create, alias::create),
    Operation::write("UpdateAlias", alias::may_update, alias::update),
    Operation::write("DeleteAlias", alias::may_delete, alias::delete),
    Operation::read("ListAliases", check::nothing, alias::list),
    Operation::read("Encrypt", crypt::may_use, crypt::encrypt),
    Operation::read("Decrypt", crypt::may_decrypt, crypt::decrypt),
    Operation::read("ReEncrypt", crypt::may_re_encrypt, crypt::re_encrypt),
    Operation::read("GenerateDataKey", crypt::may_use, crypt::generate_data_key),
    Operation::read(
        "GenerateDataKeyWithoutPlaintext",
        crypt::may_use,
        crypt::generate_hidden_data_key,
    ),
    Operation::read("GenerateRandom", check::nothing, crypt::generate_random),
    Operation::read("GenerateMac", mac::may, mac::generate),
    Operation::read("VerifyMac", mac::may, mac::verify),
    Operation::write("PutKeyPolicy", key_policy::may_put, key_policy::put),
    Operation::read("GetKeyPolicy", check::own_key, key_policy::get),
    Operation::read("ListKeyPolicies", check::own_key, key_policy::list),
    Operation::write("CreateGrant", grant::may_create, grant::create),
    Operation::read("ListGrants", grant::may_list, grant::list),
    Operation::read("ListRetirableGrants", check::nothing, grant::list_retirable),
    Operation::write("RetireGrant", grant::may_retire, grant::retire),
    Operation::write("RevokeGrant", grant::may_list, grant::revoke),
    Operation::write("EnableKey", check::own_key, state::enable),
    Operation::write("DisableKey", check::own_key, state::disable),
    Operation::write("ScheduleKeyDeletion", state::may_schedule, state::schedule),
    Operation::write("CancelKeyDeletion", check::own_key, state::cancel),
    Operation::write("EnableKeyRotation", rotation::may_enable, rotation::enable),
    Operation::write("DisableKeyRotation", check::own_key, rotation::disable),
    Operation::write("RotateKeyOnDemand", check::own_key, rotation::on_demand),
    Operation::read("GetKeyRotationStatus", check::any_key, rotation::status),
    Operation::read("ListKeyRotations", check::own_key, rotation::list),
    Operation::write("TagResource", tag::may_tag, tag::tag),
    Operation::write("UntagResource", tag::may_untag, tag::untag),
    Operation::read("ListResourceTags", check::own_key, tag::list),
];

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[Format::of::<record::Grant>(), Format::of::<record::Key>()];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "kms",
        principal: "kms.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
        resource: Some(check::find),
    }
}

/// Seals the material of all keys anew, with the sealer's current key. Returns how many keys there are.
///
/// # Errors
/// When some of it was sealed with a key that is not at hand, or the store fails.
pub fn reseal(tx: &mut dyn Write, sealer: &Sealer, random: &dyn Random) -> Result<usize, ApiError> {
    let all = tx.scan::<record::Key>(&Scan::under(&store::Key::new([] as [&str; 0])))?;
    for entry in &all {
        let mut key = entry.value.clone();
        material::reseal(sealer, random, &mut key)?;
        tx.put(&entry.key, &key)?;
    }
    Ok(all.len())
}
