//! What to serve, and why it cannot be served.

use platform::root::RootKey;
use policy::AccountId;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use store::{Durability, PostgresOptions};

use crate::remote::Remote;
use crate::tls::authority;

/// What to serve and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// What the server shows of itself over TLS; `None` serves plain HTTP.
    pub certificate: Option<Certificate>,
    /// Where clients find the server under AWS's own names.
    pub proxy: Option<ProxyOptions>,
    /// Names by which clients reach the server, beside this machine's own. Buckets may stand before
    /// them (`bucket.NAME`, `bucket.s3.NAME`).
    pub hosts: Vec<String>,
    /// Allows to listen beyond loopback without TLS.
    pub plaintext_beyond_loopback: bool,
    /// The directory of state, trail, objects and sealing keys; `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// What an acknowledged change, record or object in `data` survives.
    pub durability: Durability,
    /// The database of the state, instead of a file in `data`.
    pub store: Option<PostgresOptions>,
    /// The file of root keys; `None` is `sealing-keys` in `data`.
    pub root_key_file: Option<PathBuf>,
    /// Where the bytes of objects lie, instead of in `data`.
    pub objects: Option<Remote>,
    /// The accounts, each with its root key if that is given. What cannot be told to be of any
    /// account is in the trail of the first.
    pub accounts: Vec<(AccountId, Option<RootKey>)>,
    /// The partition in every ARN: `aws`.
    pub partition: String,
    /// The region of what is not tied to a request.
    pub region: String,
    /// How often trails deliver.
    pub trails: cloudtrail::Schedule,
    /// Bounds.
    pub limits: Limits,
}

impl Options {
    /// The file by which clients trust a certificate that the server issues to itself.
    #[must_use]
    pub fn ca_bundle(&self) -> Option<PathBuf> {
        match &self.certificate {
            Some(Certificate::Own { directory, .. }) => Some(authority::bundle(directory)),
            Some(Certificate::Files { .. }) | None => None,
        }
    }
}

/// A proxy for clients whose endpoints cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyOptions {
    /// Where it listens. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the authority is kept under which it issues certificates for AWS's names.
    pub authority: PathBuf,
}

impl ProxyOptions {
    /// The file by which clients trust those certificates.
    #[must_use]
    pub fn ca_bundle(&self) -> PathBuf {
        authority::bundle(&self.authority)
    }
}

/// Where a server's certificate comes from. It is read again on SIGHUP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Two PEM files.
    Files {
        /// The certificate and those between it and a trusted one, in this order.
        chain: PathBuf,
        /// Its private key, which only its owner may read.
        key: PathBuf,
    },
    /// Issued by the server itself, under an authority of its own for clients to trust.
    Own {
        /// Where the authority is kept: `ca.pem` for the clients, and its key.
        directory: PathBuf,
        /// Names and addresses of the server, beside this machine's own.
        names: Vec<String>,
    },
}

/// Bounds on what clients may send. Each is a defence against one client taking all there is.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's body, unless it is received while it comes, as objects are. Default 64 MiB.
    pub body: usize,
    /// Bytes of a request's line and headers. Default 64 KiB.
    pub head: usize,
    /// Headers of a request. Default 100.
    pub headers: usize,
    /// Connections at a time; more wait to be accepted. Default 12,000.
    pub connections: usize,
    /// Bytes of all such bodies that are held at a time, beside the first 64 KiB of each. Default 256
    /// MiB.
    pub bodies: usize,
    /// How long the handshake of TLS may take. Default 10 seconds.
    pub handshake_time: Duration,
    /// How long the head of a request may take, and how long a connection may be idle. Default 60
    /// seconds.
    pub head_time: Duration,
    /// How long the body of a request may take that is not received while it comes. Default 5 minutes.
    pub body_time: Duration,
    /// How long a body that is received while it comes may pause. Default 30 seconds.
    pub body_pause: Duration,
    /// Bytes of such a body that must come in a second, on average. Default 1,024.
    pub upload_rate: u64,
    /// How long the peer of a connection may take for 64 KiB of an answer. Default 60 seconds.
    pub answer_pause: Duration,
    /// How long requests may go on after the server was told to stop. Default 10 seconds.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 << 20,
            head: 64 << 10,
            headers: 100,
            connections: 12_000,
            bodies: 256 << 20,
            handshake_time: Duration::from_secs(10),
            head_time: Duration::from_secs(60),
            body_time: Duration::from_secs(300),
            body_pause: Duration::from_secs(30),
            upload_rate: 1_024,
            answer_pause: Duration::from_secs(60),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// Why the server cannot start.
#[derive(Debug)]
pub enum StartError {
    /// The address is not on loopback, and nobody said that this is all right.
    BeyondLoopback(SocketAddr),
    /// The address cannot be listened at.
    Listen {
        /// The address.
        address: SocketAddr,
        /// The flag that names it.
        flag: &'static str,
        /// Why.
        reason: std::io::Error,
    },
    /// Something in the data directory cannot be used.
    Data {
        /// What.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The platform cannot be put together.
    Platform(String),
}

impl std::error::Error for StartError {}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeyondLoopback(address) => write!(
                f,
                "`{address}` can be reached from other machines, and requests are not encrypted: \
                 listen on `127.0.0.1`, give a certificate (`--tls-cert`, `--tls-key`), or put \
                 TLS in front and pass `--plaintext-beyond-loopback`"
            ),
            Self::Listen {
                address,
                flag,
                reason,
            } => write!(
                f,
                "cannot listen at `{address}`: {reason}; choose another with `{flag}`"
            ),
            Self::Data { path, reason } => write!(f, "cannot use `{}`: {reason}", path.display()),
            Self::Platform(reason) => f.write_str(reason),
        }
    }
}
