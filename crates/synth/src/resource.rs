//! What resources say for themselves: the second lock, which holds where a role was given too much.

mod bucket;
mod file_system;
mod key;
mod secret;

pub(crate) use bucket::bucket;
pub(crate) use file_system::file_system;
pub(crate) use key::key;
pub(crate) use secret::secret;
