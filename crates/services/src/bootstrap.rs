//! Applying a blueprint: making a platform what one file says.
//!
//! Everything of an account is made in one transaction, so a blueprint is applied whole or not at
//! all. Applying it again changes nothing. What the blueprint names becomes what it says; what it
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

/// Applies a blueprint. The trail of each account that changed gets an event.
///
/// # Errors
/// What cannot be as the blueprint says, and why. The account in question is as before.
pub fn apply(platform: &Platform, blueprint: &Blueprint) -> Result<Applied, ApiError> {
    let mut applied = Applied::default();
    for wanted in &blueprint.accounts {
        let account = AccountId::parse(&wanted.id)
            .ok_or_else(|| ApiError::validation(format!("`{}` is no account id", wanted.id)))?;
        let (changes, new_keys) = apply_account(platform, account, &blueprint.region, wanted)?;
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

fn apply_account(
    platform: &Platform,
    account: AccountId,
    region: &str,
    wanted: &blueprint::Account,
) -> Result<(usize, Vec<UserKey>), ApiError> {
    platform.store().write(|tx| {
        let mut wanting = Wanting {
            platform,
            account,
            region,
            tx,
            changes: 0,
        };
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
        for bucket in &wanted.buckets {
            s3::desired::bucket(&mut wanting, bucket)?;
        }
        for secret in &wanted.secrets {
            secretsmanager::desired::secret(&mut wanting, secret)?;
        }
        for domain in &wanted.domains {
            sagemaker::desired::domain(&mut wanting, domain)?;
        }
        Ok((wanting.changes, new_keys))
    })
}
