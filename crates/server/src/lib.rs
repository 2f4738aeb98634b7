//! The server: puts a platform together, listens, and stops cleanly.
//!
//! Only this crate and the command line know the clock, randomness, the environment and sockets;
//! everything below gets them handed down.
//!
//! - [`Options`] say what to serve and where.
//! - [`compose`] opens state, trail and sealing keys and puts the platform on them.
//! - [`listen`] and [`serve`] run it until told to stop, over TLS when there is a [`Certificate`].
//! - [`Courier`] delivers what trails record, as long as it lives.
//! - [`Housekeeper`] ends what the lifecycles of buckets end, as long as it lives.

mod backup;
mod compose;
mod courier;
mod descriptors;
mod download;
mod housekeeper;
mod http;
mod issuers;
mod keys;
mod lanes;
mod options;
mod patience;
mod ports;
mod private;
mod proxy;
mod remote;
mod root_key;
mod run;
mod tls;
mod turn;
mod upload;

pub use backup::{BackedUp, Backup, BackupError, Restore, Restored, backup, restore};
pub use cloudtrail::Schedule;
pub use compose::{Composed, compose};
pub use courier::Courier;
pub use housekeeper::Housekeeper;
pub use options::{Certificate, Limits, Options, ProxyOptions, StartError};
pub use ports::{SystemClock, SystemRandom};
pub use private::read_secret;
pub use remote::{Remote, RemoteCredentials};
pub use root_key::{RootKeyRotated, RootKeyRotation, rotate_root_key};
pub use run::{Listening, listen, serve, stop_signal};
pub use store::{Durability, PostgresOptions};
