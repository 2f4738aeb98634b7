//! Keys as a blueprint wants them.

use platform::desired::Wanting;
use platform::{ApiError, KeyAlias};
use std::collections::BTreeSet;

use super::record::{Key, Rotation, Spec};
use super::{key_policy, managed, material};

/// Makes a symmetric key with its alias, and gives it its policy. What a key encrypts with is made once and stays.
///
/// # Errors
/// When the alias names another key, or the policy names nobody.
pub fn key(wanting: &mut Wanting<'_>, wanted: &blueprint::Key) -> Result<(), ApiError> {
    let platform = wanting.platform;
    let (account, region) = (wanting.account.to_string(), wanting.region.to_owned());
    let id = match &wanted.id {
        Some(id) => id.clone(),
        None => managed::id(&["blueprint", &account, &region, &wanted.name]),
    };
    let name = format!("alias/{}", wanted.name);
    let alias_key = KeyAlias::key(&account, &region, &name);
    let alias: Option<KeyAlias> = wanting.tx.get(&alias_key)?;
    if let Some(other) = alias.as_ref().filter(|alias| alias.key != id) {
        return Err(ApiError::validation(format!(
            "`{name}` names the key `{}`, and the blueprint wants `{id}`: delete the alias, or give the key this \
             `id` in the blueprint",
            other.key
        )));
    }
    let policy = match &wanted.policy {
        Some(document) => document.text.clone(),
        None => key_policy::default(platform, &account),
    };
    let policy = key_policy::bind(&*wanting.tx, platform, &policy).map_err(|error| {
        ApiError::validation(format!("the policy of the key `{name}`: {error}"))
    })?;
    let mut new = Key {
        account,
        region,
        id,
        description: String::new(),
        spec: Spec::Symmetric,
        created: platform.now(),
        enabled: true,
        deletion: None,
        manager: None,
        policy: policy.clone(),
        tags: Vec::new(),
        aliases: BTreeSet::new(),
        rotation: Rotation::default(),
        materials: Vec::new(),
    };
    let old: Option<Key> = wanting.tx.get(&new.own_key())?;
    match &old {
        Some(old) => new = old.clone(),
        None => material::add(platform, &mut new)?,
    }
    new.policy = policy;
    new.aliases.insert(name);
    wanting.put(&new.own_key(), old.as_ref(), &new)?;
    if alias.is_none() {
        let made = KeyAlias {
            key: new.id,
            created: platform.now(),
            changed: platform.now(),
        };
        wanting.tx.put(&alias_key, &made)?;
        wanting.changes += 1;
    }
    Ok(())
}
