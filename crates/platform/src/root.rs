//! The root user of an account: how an empty platform gets its first credentials.

use policy::AccountId;
use store::Write;

use crate::error::ApiError;
use crate::id::{self, Prefix};
use crate::identity::{AccessKey, Account, KeyOwner, KeyStatus, of_account};
use crate::platform::Platform;

/// An access key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RootKey {
    /// The key's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RootKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What came of [`ensure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ensured {
    /// The root user has the key that was given, and no other.
    Given,
    /// The root user already had a key, which stays.
    Kept,
    /// The root user got a new key. This is the only time that its secret is told.
    Generated(RootKey),
}

/// Makes sure that the account exists and that its root user has an access key: the `given` one
/// instead of any before, else the one that it has, else a new one.
///
/// # Errors
/// When the given key's id belongs to somebody else, or the store or the random source fails.
pub fn ensure(
    platform: &Platform,
    account: AccountId,
    given: Option<RootKey>,
) -> Result<Ensured, ApiError> {
    platform.store().write(|tx| {
        let key = of_account(account);
        let mut record: Account = tx.get(&key)?.unwrap_or_else(|| Account {
            created: platform.now(),
            root_keys: Vec::new(),
        });
        let ensured = match given {
            Some(given) => {
                for old in std::mem::take(&mut record.root_keys) {
                    tx.delete::<AccessKey>(&AccessKey::key(&old))?;
                }
                put(platform, tx, account, &mut record, &given)?;
                Ensured::Given
            }
            None if !record.root_keys.is_empty() => Ensured::Kept,
            None => {
                let random = platform.random();
                let key = RootKey {
                    id: id::unique(random, Prefix::AccessKey)?,
                    secret: id::secret_key(random)?,
                };
                put(platform, tx, account, &mut record, &key)?;
                Ensured::Generated(key)
            }
        };
        tx.put(&key, &record)?;
        Ok(ensured)
    })
}

fn put(
    platform: &Platform,
    tx: &mut dyn Write,
    account: AccountId,
    record: &mut Account,
    key: &RootKey,
) -> Result<(), ApiError> {
    let stored = AccessKey {
        account: account.to_string(),
        owner: KeyOwner::Root,
        sealed_secret: platform.sealer().seal(
            platform.random(),
            &AccessKey::purpose(&key.id),
            key.secret.as_bytes(),
        )?,
        status: KeyStatus::Active,
        created: platform.now(),
    };
    if !tx.insert(&AccessKey::key(&key.id), &stored)? {
        return Err(ApiError::internal(format!(
            "the access key `{}` already belongs to somebody else: give the root user another",
            key.id
        )));
    }
    record.root_keys.push(key.id.clone());
    Ok(())
}
