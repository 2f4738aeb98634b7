//! Bringing a state from earlier programs up to date, as far as one record alone cannot tell how.

use platform::principal_ids::{bind_all, enter_all};
use platform::{ApiError, Platform};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// What was done to the state as a whole.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Migrated {
    /// Principals stand in policies by their unique ids.
    principal_ids: bool,
    /// Who uses a managed policy is found from the policy, and everybody is counted.
    derived: bool,
}

impl Record for Migrated {
    const KIND: &'static str = "migrated";
    const VERSION: u32 = 1;
}

/// Does what is still to be done. It must be done before the platform is used.
///
/// # Errors
/// When the store fails. Nothing was changed then.
pub fn migrate(platform: &Platform) -> Result<(), ApiError> {
    let key = Key::new(["state"]);
    let done: Option<Migrated> = platform.store().read(|tx| tx.get(&key))?;
    let done = done.unwrap_or_default();
    if done.principal_ids && done.derived {
        return Ok(());
    }
    let partition = platform.partition();
    platform.store().write(|tx| {
        if !done.principal_ids {
            enter_all(tx)?;
            bind_all::<platform::identity::Role>(tx, partition)?;
            s3::bind_policies(tx, partition)?;
            secretsmanager::bind_policies(tx, partition)?;
        }
        if !done.derived {
            platform::identity::derive_all(tx)?;
        }
        let done = Migrated {
            principal_ids: true,
            derived: true,
        };
        Ok(tx.put(&key, &done)?)
    })
}
