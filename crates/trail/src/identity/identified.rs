//! An identity that stands in many events.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::UserIdentity;
use crate::Limits;

/// Who called, shared by all events that say so. What was [written](Identified::written) once is not
/// written again.
#[derive(Debug, Clone)]
pub struct Identified(Arc<Shared>);

#[derive(Debug, Clone)]
struct Shared {
    identity: UserIdentity,
    /// Of an identity within the limits, its JSON.
    json: Option<Box<[u8]>>,
}

impl Identified {
    /// The same within the [`Limits`], and written for all events to come. A change of it is written anew.
    #[must_use]
    pub fn written(mut self) -> Identified {
        let shared = Arc::make_mut(&mut self.0);
        Limits::default().apply_to_identity(&mut shared.identity);
        // What cannot be written fails where it is needed.
        shared.json = serde_json::to_vec(&shared.identity).ok().map(Into::into);
        self
    }

    /// Its JSON, if it was written.
    pub(crate) fn json(&self) -> Option<&[u8]> {
        self.0.json.as_deref()
    }

    /// Whether nothing of its JSON would stand behind `invokedBy`, nor is there one.
    pub(crate) fn ends_before_invoked_by(&self) -> bool {
        self.invoked_by.is_none() && self.identity_provider.is_none()
    }
}

impl From<UserIdentity> for Identified {
    fn from(identity: UserIdentity) -> Identified {
        Identified(Arc::new(Shared {
            identity,
            json: None,
        }))
    }
}

impl Deref for Identified {
    type Target = UserIdentity;

    fn deref(&self) -> &UserIdentity {
        &self.0.identity
    }
}

impl DerefMut for Identified {
    fn deref_mut(&mut self) -> &mut UserIdentity {
        let shared = Arc::make_mut(&mut self.0);
        shared.json = None;
        &mut shared.identity
    }
}

impl PartialEq for Identified {
    fn eq(&self, other: &Identified) -> bool {
        self.0.identity == other.0.identity
    }
}

impl Serialize for Identified {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.identity.serialize(out)
    }
}

impl<'de> Deserialize<'de> for Identified {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Identified, D::Error> {
        UserIdentity::deserialize(from).map(Identified::from)
    }
}
