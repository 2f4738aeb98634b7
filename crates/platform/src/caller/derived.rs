//! What follows from a caller: made once, for all of their requests.

use policy::KnownCaller;
use std::sync::OnceLock;
use trail::{Identified, UserIdentity};

use super::Caller;
use crate::context;

/// What was asked for so far.
#[derive(Clone, Default)]
pub(crate) struct Derived {
    asking: OnceLock<KnownCaller>,
    identity: OnceLock<Identified>,
}

impl Caller {
    /// The caller as the engine knows them in all of their requests.
    pub(crate) fn asking(&self) -> &KnownCaller {
        self.derived.asking.get_or_init(|| context::known(self))
    }

    /// The caller as the trail names them, as `make` says it.
    pub(crate) fn identified(&self, make: impl FnOnce() -> UserIdentity) -> &Identified {
        self.derived
            .identity
            .get_or_init(|| Identified::from(make()).written())
    }
}
