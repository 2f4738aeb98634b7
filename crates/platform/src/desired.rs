//! What a service needs to make itself what a blueprint says.

use policy::AccountId;
use store::{Key, Record, Write};

use crate::error::ApiError;
use crate::platform::Platform;

/// Where things are wanted: what each service's `desired` works on.
pub struct Wanting<'t> {
    /// The platform.
    pub platform: &'t Platform,
    /// The account that is made as wanted.
    pub account: AccountId,
    /// The region of what has one.
    pub region: &'t str,
    /// The transaction in which all of it happens.
    pub tx: &'t mut dyn Write,
    /// How many records were written.
    pub changes: usize,
}

impl<'t> Wanting<'t> {
    /// Nothing was written so far.
    pub fn new(
        platform: &'t Platform,
        account: AccountId,
        region: &'t str,
        tx: &'t mut dyn Write,
    ) -> Self {
        Self {
            platform,
            account,
            region,
            tx,
            changes: 0,
        }
    }

    /// Writes a record unless it is there already.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put<T: Record + PartialEq>(
        &mut self,
        key: &Key,
        old: Option<&T>,
        new: &T,
    ) -> Result<(), ApiError> {
        if old != Some(new) {
            self.tx.put(key, new)?;
            self.changes += 1;
        }
        Ok(())
    }
}
