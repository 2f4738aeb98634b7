//! Buckets and objects as a blueprint wants them.

use platform::identity::to_second;
use platform::{ApiError, id};
use std::collections::BTreeMap;

use super::bucket_policy::bind;
use super::checksum::{Algorithm, Declared, Digests};
use super::content::Intake;
use super::encryption::Encryption;
use super::public_access;
use super::record::{Bucket, Object, Standing};
use super::settings::ByDefault;
use super::versions;
use platform::desired::Wanting;

/// Makes a bucket, gives it its policy, and puts the objects that are not there. Objects that are
/// there stay, whatever has become of them.
pub fn bucket(wanting: &mut Wanting<'_>, wanted: &blueprint::Bucket) -> Result<(), ApiError> {
    let (name, key) = (wanted.name.as_str(), Bucket::key(&wanted.name));
    let old: Option<Bucket> = wanting.tx.get(&key)?;
    if let Some(old) = old
        .as_ref()
        .filter(|old| old.account != wanting.account.as_str())
    {
        return Err(ApiError::validation(format!(
            "the bucket `{name}` exists in the account {}: choose another name",
            old.account
        )));
    }
    let mut new = match &old {
        Some(old) => old.clone(),
        None => Bucket::new(
            name,
            id::lower(wanting.platform.random(), 26)?,
            wanting.account.as_str(),
            wanting.region.to_owned(),
            wanting.platform.now(),
        ),
    };
    if let Some(policy) = &wanted.policy
        && old.is_none()
        && public_access::is_public(&policy.text).unwrap_or(false)
    {
        // Whoever writes down that everyone may come in means it.
        new.public_access = None;
    }
    new.policy = match &wanted.policy {
        Some(policy) => {
            let partition = wanting.platform.partition();
            let bound = bind(&*wanting.tx, &policy.text, partition, name);
            Some(bound.map_err(|error| {
                let origin = &policy.origin;
                ApiError::validation(format!("`{origin}`, the policy of `{name}`: {error}"))
            })?)
        }
        None => None,
    };
    if let Some(name) = &wanted.key {
        let partition = wanting.platform.partition();
        let (account, region) = (wanting.account, wanting.region);
        let alias = format!("arn:{partition}:kms:{region}:{account}:alias/{name}");
        new.encryption.by_default = ByDefault::Kms(Some(alias));
    }
    wanting.put(&key, old.as_ref(), &new)?;
    for wanted in &wanted.objects {
        object(wanting, &new, wanted)?;
    }
    Ok(())
}

fn object(
    wanting: &mut Wanting<'_>,
    bucket: &Bucket,
    wanted: &blueprint::Object,
) -> Result<(), ApiError> {
    if versions::find(&*wanting.tx, bucket, &wanted.key, None)?.is_some() {
        return Ok(());
    }
    let body = bytes::Bytes::copy_from_slice(&wanted.bytes);
    let digests = Digests::new(Declared::default(), Algorithm::Crc64Nvme);
    let staged = Intake::new(wanting.platform, digests)?.all(body)?;
    let mut new = Object {
        content: staged.put(wanting.tx, None)?,
        etag: staged.sums.md5.clone(),
        modified: to_second(wanting.platform.now()),
        headers: BTreeMap::new(),
        metadata: BTreeMap::new(),
        checksum: staged.sums.checksum.clone(),
        tags: Vec::new(),
        standing: Standing::default(),
        encryption: Encryption::default(),
    };
    let random = wanting.platform.random();
    versions::put(wanting.tx, random, bucket, &wanted.key, None, &mut new)?;
    wanting.changes += 1;
    // Should the blueprint fail after all, the next sweep finds them.
    staged.keep();
    Ok(())
}
