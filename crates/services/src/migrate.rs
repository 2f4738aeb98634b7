//! Bringing a state from earlier programs up to date, as far as one record alone cannot tell how.

use platform::principal_ids::{bind_all, enter_all};
use platform::{ApiError, Platform};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// What was done to the state as a whole.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Migrated {
    /// Principals stand in policies by their unique ids.
    principal_ids: bool,
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
    if done.unwrap_or_default().principal_ids {
        return Ok(());
    }
    let partition = platform.partition();
    platform.store().write(|tx| {
        enter_all(tx)?;
        bind_all::<platform::identity::Role>(tx, partition)?;
        s3::bind_policies(tx, partition)?;
        secretsmanager::bind_policies(tx, partition)?;
        let done = Migrated {
            principal_ids: true,
        };
        Ok(tx.put(&key, &done)?)
    })
}
