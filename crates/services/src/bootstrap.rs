//! Applying a blueprint: making a platform what one file says.
//!
//! Everything is made in one transaction, so a blueprint is applied whole or not at all. Applying it again changes nothing. What the blueprint names becomes what it says; what it
//! does not name is left alone.

use blueprint::Blueprint;
use iam::desired::NewKey;
use platform::desired::Wanting;
use platform::{ApiError, Platform};
use policy::AccountId;
use serde_json::json;

/// What came of applying a blueprint.
#[derive(Debug, Default)]
pub struct Applied {
    /// How many things were made or changed.
    pub changes: usize,
    /// Access keys that were generated; their secrets are told this once.
    pub new_keys: Vec<UserKey>,
}

/// A user's new access key.
#[derive(Clone, Debug)]
pub struct UserKey {
    /// The user's account.
    pub account: AccountId,
    /// The user's name.
    pub user: String,
    /// The key.
    pub key: NewKey,
}

/// Applies a blueprint, with what is synthesised for its teams. The trail of each account that changed gets an event.
///
/// # Errors
/// What cannot be as the blueprint says, and why. Everything is as before then.
pub fn apply(platform: &Platform, blueprint: &Blueprint) -> Result<Applied, ApiError> {
    let blueprint =
        synth::complete(blueprint).map_err(|it| ApiError::validation(it.to_string()))?;
    let mut accounts = Vec::with_capacity(blueprint.accounts.len());
    for wanted in &blueprint.accounts {
        let account = AccountId::parse(&wanted.id)
            .ok_or_else(|| ApiError::validation(format!("`{}` is no account id", wanted.id)))?;
        accounts.push((account, wanted));
    }
    let made = platform.store().write(|tx| {
        let region = blueprint.region.as_str();
        for (account, wanted) in &accounts {
            let mut wanting = Wanting::new(platform, *account, region, tx);
            iam::desired::reserve(&mut wanting, wanted)?;
        }
        let mut made = Vec::with_capacity(accounts.len());
        for (account, wanted) in &accounts {
            made.push(make(Wanting::new(platform, *account, region, tx), wanted)?);
        }
        if let (Some((account, _)), Some((changes, _))) = (accounts.first(), made.first_mut()) {
            let mut wanting = Wanting::new(platform, *account, region, tx);
            organizations::desired::organization(&mut wanting, &blueprint)?;
            *changes += wanting.changes;
        }
        Ok::<_, ApiError>(made)
    })?;
    let mut applied = Applied::default();
    for ((account, wanted), (changes, new_keys)) in accounts.into_iter().zip(made) {
        if changes > 0 {
            let details = json!({"account": wanted.name, "changes": changes});
            platform.record_service_event(
                "iam.amazonaws.com",
                "ApplyBlueprint",
                account,
                details,
            )?;
        }
        applied.changes += changes;
        applied.new_keys.extend(new_keys);
    }
    Ok(applied)
}

/// Makes what is wanted of an account whose users and roles are reserved: how much that changed, and
/// the keys that were generated.
fn make(
    mut wanting: Wanting<'_>,
    wanted: &blueprint::Account,
) -> Result<(usize, Vec<UserKey>), ApiError> {
    let account = wanting.account;
    let mut new_keys = Vec::new();
    for policy in &wanted.policies {
        iam::desired::policy(&mut wanting, policy)?;
    }
    for role in &wanted.roles {
        iam::desired::role(&mut wanting, role)?;
    }
    for user in &wanted.users {
        if let Some(key) = iam::desired::user(&mut wanting, user)? {
            let user = user.name.clone();
            new_keys.push(UserKey { account, user, key });
        }
    }
    for key in &wanted.keys {
        kms::desired::key(&mut wanting, key)?;
    }
    for bucket in &wanted.buckets {
        s3::desired::bucket(&mut wanting, bucket)?;
    }
    for secret in &wanted.secrets {
        secretsmanager::desired::secret(&mut wanting, secret)?;
    }
    for trail in &wanted.trails {
        cloudtrail::desired::trail(&mut wanting, trail)?;
    }
    for domain in &wanted.domains {
        sagemaker::desired::domain(&mut wanting, domain)?;
    }
    Ok((wanting.changes, new_keys))
}
