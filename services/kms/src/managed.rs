//! Keys that AWS manages: one for each service that encrypts by default, made when it first asks (KMS
//! Developer Guide, "AWS managed keys").

use platform::{ApiError, Call, KeyAlias, Permitted, Platform};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

use super::key_id::{KeyId, Named};
use super::record::{Key, Rotation, Spec};
use super::{check, key_policy, material};

/// Aliases that nobody but services may make.
pub(super) const RESERVED: &str = "alias/aws/";

/// The services that have such a key.
const SERVICES: &[&str] = &["s3", "secretsmanager"];

/// How often they rotate, in days.
const PERIOD: i64 = 365;

/// The key of the service that asks, before it is made. Its id follows from account, region and service, so that
/// whoever decides on it decides on the key that will be made.
pub(super) fn would_be(call: &Call<'_>, id: &KeyId) -> Result<Option<Key>, ApiError> {
    let Named::Alias(name) = &id.named else {
        return Ok(None);
    };
    let service = name.strip_prefix(RESERVED).unwrap_or_default();
    let asks = check::via(call).is_some_and(|via| via == via_name(service, &id.region));
    if !asks || !SERVICES.contains(&service) || id.account != call.account().as_str() {
        return Ok(None);
    }
    key(call, service, &id.account, &id.region).map(Some)
}

/// What `kms:ViaService` calls a service: `s3.us-east-1.amazonaws.com`.
pub(super) fn via_name(service: &str, region: &str) -> String {
    [service, ".", region, ".amazonaws.com"].concat()
}

/// Makes the key unless it is there.
pub(super) fn ensure(call: &Permitted<Call<'_>>, key: Arc<Key>) -> Result<Arc<Key>, ApiError> {
    if key.manager.is_none() || !key.materials.is_empty() {
        return Ok(key);
    }
    call.write(|tx| {
        if let Some(held) = tx.get::<Key>(&key.own_key())? {
            return Ok(Arc::new(held));
        }
        let mut made = Key::clone(&key);
        material::add(call.platform(), &mut made)?;
        for name in &made.aliases {
            let alias = KeyAlias {
                key: made.id.clone(),
                created: call.time(),
                changed: call.time(),
            };
            tx.put(&KeyAlias::key(&made.account, &made.region, name), &alias)?;
        }
        tx.put(&made.own_key(), &made)?;
        Ok(Arc::new(made))
    })
}

fn key(call: &Call<'_>, service: &str, account: &str, region: &str) -> Result<Key, ApiError> {
    let (platform, now) = (call.platform(), call.time());
    let next = check::in_days(now, PERIOD)?;
    let policy = policy(platform, service, account, region);
    Ok(Key {
        account: account.to_owned(),
        region: region.to_owned(),
        id: id(&["managed", account, region, service]),
        description: format!(
            "Default key that protects what {service} keeps when no other key is defined"
        ),
        spec: Spec::Symmetric,
        created: now,
        enabled: true,
        deletion: None,
        manager: Some(service.to_owned()),
        policy: key_policy::bind(call.state(), platform, &policy)?,
        tags: Vec::new(),
        aliases: BTreeSet::from([format!("{RESERVED}{service}")]),
        rotation: Rotation {
            plan: Some((PERIOD, next)),
            period: Some(PERIOD),
            done: Vec::new(),
        },
        materials: Vec::new(),
    })
}

/// The id of a key that follows from these parts.
pub(super) fn id(parts: &[&str]) -> String {
    let mut hasher = Sha256::new().chain_update("kms-key-id");
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let half = digest.first_chunk::<16>().copied().unwrap_or_default();
    let mut number = u128::from_be_bytes(half);
    number = (number & !(0xf_u128 << 76)) | (0x4_u128 << 76);
    number = (number & !(0x3_u128 << 62)) | (0x2_u128 << 62);
    material::uuid(number)
}

/// Everyone in the account may use the key, but only through the service; the account itself may look
/// at it and no more.
fn policy(platform: &Platform, service: &str, account: &str, region: &str) -> String {
    let root = format!("arn:{}:iam::{account}:root", platform.partition());
    let through = json!({"StringEquals": {
        "kms:ViaService": via_name(service, region),
        "kms:CallerAccount": account,
    }});
    json!({
        "Version": "2012-10-17",
        "Id": format!("auto-{service}"),
        "Statement": [
            {
                "Sid": "UseThroughTheService",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                    "kms:CreateGrant", "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": through,
            },
            {
                "Sid": "LookAtMetadata",
                "Effect": "Allow",
                "Principal": {"AWS": root},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    })
    .to_string()
}
