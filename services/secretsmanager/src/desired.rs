//! Secrets as a blueprint wants them.

use platform::{ApiError, id};
use std::collections::BTreeMap;

use super::record::{CURRENT, Plain, Secret, Version};
use super::resource_policy::bind;
use super::seal::SealedValue;
use platform::desired::Wanting;
use platform::tags;

/// The letters that Secrets Manager puts behind the name in an ARN.
const SUFFIX: usize = 6;

/// Makes a secret with its first value, or gives it the description, policy and tags that are
/// wanted; its value stays. One whose deletion was asked for is left alone.
pub fn secret(wanting: &mut Wanting<'_>, wanted: &blueprint::Secret) -> Result<(), ApiError> {
    let key = Secret::key(wanting.account.as_str(), wanting.region, &wanted.name);
    let old: Option<Secret> = wanting.tx.get(&key)?;
    let mut new = match &old {
        Some(old) if old.deletion.is_some() => return Ok(()),
        Some(old) => old.clone(),
        None => made(wanting, wanted)?,
    };
    new.description.clone_from(&wanted.description);
    new.policy = match &wanted.policy {
        Some(policy) => {
            let bound = bind(&*wanting.tx, wanting.platform.partition(), &policy.text);
            Some(bound.map_err(|error| {
                let (origin, name) = (&policy.origin, &wanted.name);
                ApiError::validation(format!("`{origin}`, the policy of `{name}`: {error}"))
            })?)
        }
        None => None,
    };
    tags::put(&mut new.tags, tags::wanted(&wanted.tags));
    wanting.put(&key, old.as_ref(), &new)
}

fn made(wanting: &mut Wanting<'_>, wanted: &blueprint::Secret) -> Result<Secret, ApiError> {
    let platform = wanting.platform;
    let (partition, account, region) = (platform.partition(), wanting.account, wanting.region);
    let (name, suffix) = (&wanted.name, id::lower(platform.random(), SUFFIX)?);
    let arn = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{suffix}");
    let (now, version) = (platform.now(), id::uuid(platform.random())?);
    let value = Plain::Text(wanted.value.0.clone());
    let sealed = SealedValue::seal_with_root(platform, (&arn, &version), &value)?;
    wanting.put(&SealedValue::key(&arn, &version), None, &sealed)?;
    let first = Version {
        created: now,
        stages: vec![CURRENT.to_owned()],
        kms_key: None,
    };
    Ok(Secret {
        name: name.clone(),
        arn,
        description: None,
        tags: Vec::new(),
        policy: None,
        created: now,
        changed: now,
        deletion: None,
        versions: BTreeMap::from([(version, first)]),
        kms_key: None,
    })
}
