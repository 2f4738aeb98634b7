//! What was used when: access keys, and services by users and roles.
//!
//! Every request is noted in memory alone; once a minute one request writes what came together. What a
//! minute brought is lost when the process dies, and stands in the trail all the same.

use jiff::Timestamp;
use policy::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Key, Read, Record, Scan};

use crate::caller::{Caller, Identity};
use crate::error::ApiError;
use crate::platform::Platform;

/// After how many seconds what was noted is written.
const INTERVAL: i64 = 60;

/// The latest use of an access key. Its record stands under the key's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When.
    pub time: Timestamp,
    /// With which service, by its prefix.
    pub service: String,
    /// In which region.
    pub region: String,
}

impl Record for KeyUse {
    const KIND: &'static str = "iam-key-use";
    const VERSION: u32 = 1;
}

/// The latest use of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionUse {
    /// When.
    pub time: Timestamp,
    /// In which region.
    pub region: String,
}

/// The use of one service by a user or role. Its record stands under the account, the unique id of the
/// user or role, and the service's prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// The service's prefix.
    pub service: String,
    /// The latest use of each of its operations.
    pub actions: BTreeMap<String, ActionUse>,
}

impl Record for ServiceUse {
    const KIND: &'static str = "iam-service-use";
    const VERSION: u32 = 1;
}

impl ServiceUse {
    /// The latest use of all.
    #[must_use]
    pub fn latest(&self) -> Option<&ActionUse> {
        self.actions.values().max_by_key(|it| it.time)
    }

    fn merge(&mut self, other: &Self) {
        for (name, used) in &other.actions {
            let newer = self.actions.get(name).is_none_or(|it| it.time < used.time);
            if newer {
                self.actions.insert(name.clone(), used.clone());
            }
        }
    }
}

/// What was noted and is not written yet.
#[derive(Default)]
struct Held {
    keys: HashMap<String, KeyUse>,
    /// By the unique id of the user or role.
    services: HashMap<String, (AccountId, Vec<ServiceUse>)>,
}

/// What was used when.
#[derive(Default)]
pub struct Usage {
    held: Mutex<Held>,
    written: AtomicI64,
}

impl Usage {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request, whether it was allowed or not.
    pub(crate) fn note(
        &self,
        caller: &Caller,
        (source, action): (&str, &str),
        time: Timestamp,
        region: &str,
    ) {
        let (id, key) = match &caller.identity {
            Identity::User(user) => (user.id.as_str(), true),
            Identity::Session { role, .. } => (role.id.as_str(), false),
            Identity::Root => (caller.account.as_str(), true),
            _ => return,
        };
        let service = source.split('.').next().unwrap_or(source);
        let mut held = self.held();
        if key {
            note_key(
                &mut held.keys,
                &caller.access_key_id,
                (service, region),
                time,
            );
        }
        if !held.services.contains_key(id) {
            held.services
                .insert(id.to_owned(), (caller.account, Vec::new()));
        }
        let Some((_, services)) = held.services.get_mut(id) else {
            return;
        };
        let at = services.iter().position(|it| it.service == service);
        let at = at.unwrap_or_else(|| {
            services.push(ServiceUse {
                service: service.to_owned(),
                actions: BTreeMap::new(),
            });
            services.len() - 1
        });
        let Some(used) = services.get_mut(at) else {
            return;
        };
        match used.actions.get_mut(action) {
            Some(used) => {
                used.time = used.time.max(time);
                region.clone_into(&mut used.region);
            }
            None => {
                let region = region.to_owned();
                used.actions
                    .insert(action.to_owned(), ActionUse { time, region });
            }
        }
    }

    /// Writes what came together, when the last time is a minute ago.
    pub(crate) fn write_now_and_then(&self, platform: &Platform, now: Timestamp) {
        let (now, before) = (now.as_second(), self.written.load(Ordering::Relaxed));
        if now.saturating_sub(before) < INTERVAL {
            return;
        }
        let mine = self
            .written
            .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed);
        // The first request only starts the clock.
        if mine.is_err() || before == 0 {
            return;
        }
        let taken = std::mem::take(&mut *self.held());
        if let Err(error) = write(platform, &taken) {
            platform.report(&format!("what was last used cannot be written: {error}"));
        }
    }

    /// The latest use of an access key.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_key(&self, tx: &dyn Read, id: &str) -> Result<Option<KeyUse>, ApiError> {
        let stored: Option<KeyUse> = tx.get(&Key::new([id]))?;
        let noted = self.held().keys.get(id).cloned();
        Ok(stored.into_iter().chain(noted).max_by_key(|used| used.time))
    }

    /// The services that a user or role used, by its unique id.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_entity(
        &self,
        tx: &dyn Read,
        account: AccountId,
        id: &str,
    ) -> Result<Vec<ServiceUse>, ApiError> {
        let under = Scan::under(&Key::new([account.as_str(), id]));
        let stored = tx.scan::<ServiceUse>(&under)?;
        let mut all: Vec<ServiceUse> = stored.into_iter().map(|entry| entry.value).collect();
        if let Some((_, noted)) = self.held().services.get(id) {
            for used in noted {
                match all.iter_mut().find(|it| it.service == used.service) {
                    Some(held) => held.merge(used),
                    None => all.push(used.clone()),
                }
            }
        }
        Ok(all)
    }
}

fn note_key(
    keys: &mut HashMap<String, KeyUse>,
    id: &str,
    (service, region): (&str, &str),
    time: Timestamp,
) {
    match keys.get_mut(id) {
        Some(used) => {
            used.time = used.time.max(time);
            service.clone_into(&mut used.service);
            region.clone_into(&mut used.region);
        }
        None => {
            let used = KeyUse {
                time,
                service: service.to_owned(),
                region: region.to_owned(),
            };
            keys.insert(id.to_owned(), used);
        }
    }
}

fn write(platform: &Platform, taken: &Held) -> Result<(), ApiError> {
    platform.store().write(|tx| {
        for (id, used) in &taken.keys {
            let key = Key::new([id]);
            let stored: Option<KeyUse> = tx.get(&key)?;
            if stored.is_none_or(|stored| stored.time < used.time) {
                tx.put(&key, used)?;
            }
        }
        for (id, (account, services)) in &taken.services {
            for used in services {
                let key = Key::new([account.as_str(), id, &used.service]);
                let mut stored: ServiceUse = tx.get(&key)?.unwrap_or_else(|| ServiceUse {
                    service: used.service.clone(),
                    actions: BTreeMap::new(),
                });
                stored.merge(used);
                tx.put(&key, &stored)?;
            }
        }
        Ok(())
    })
}
