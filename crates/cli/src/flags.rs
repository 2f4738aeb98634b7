//! Flags that several commands have, or that belong together.

use clap::Args;
use server::{
    Certificate, Durability, Limits, PostgresOptions, ProxyOptions, Remote, RemoteCredentials,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The environment variable of the store's URL, which may hold a password there.
const STORE: &str = "PALISADE_STORE";
/// The environment variable of the store's password.
const STORE_PASSWORD: &str = "PALISADE_STORE_PASSWORD";

/// Where the state is, when not in the data directory.
#[derive(Clone, Debug, Args)]
pub(crate) struct StoreFlags {
    /// Keep the state in this PostgreSQL database instead of the data directory
    /// [env: PALISADE_STORE; its password: PALISADE_STORE_PASSWORD]
    #[arg(long, value_name = "postgres://USER@HOST/DATABASE")]
    store: Option<String>,
    /// The file with the password of the store, which only its owner may read
    #[arg(long, value_name = "FILE")]
    store_password_file: Option<PathBuf>,
    /// The certificates under which the store's must be [default: those that the system trusts]
    #[arg(long, value_name = "FILE.pem")]
    store_ca: Option<PathBuf>,
    /// What an acknowledged change, record or object survives. At `power-loss`, each is on the disk
    /// before the answer; at `process-end` it is with the operating system, which writes it within
    /// half a minute
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Survives::ProcessEnd)]
    durability: Survives,
}

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Survives {
    /// The end of the process, however sudden
    ProcessEnd,
    /// The loss of power
    PowerLoss,
}

impl StoreFlags {
    /// What an acknowledged write survives.
    pub(crate) fn durability(&self) -> Durability {
        match self.durability {
            Survives::ProcessEnd => Durability::ProcessEnd,
            Survives::PowerLoss => Durability::PowerLoss,
        }
    }

    /// The database, if the state is to be in one.
    pub(crate) fn options(&self) -> Result<Option<PostgresOptions>, String> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut options = match (&self.store, variable(STORE)) {
            (Some(url), _) => {
                let options = PostgresOptions::new(url);
                // Whoever can list processes would read it.
                if options.has_password() {
                    return Err(format!(
                        "a command line is no place for a password: set `{STORE_PASSWORD}`, or \
                         pass `--store-password-file`"
                    ));
                }
                options
            }
            (None, Some(url)) => PostgresOptions::new(&url),
            (None, None) => return Ok(None),
        };
        options.password = match &self.store_password_file {
            Some(path) => Some(server::read_secret(path).map_err(|error| error.to_string())?),
            None => variable(STORE_PASSWORD),
        };
        options.ca.clone_from(&self.store_ca);
        Ok(Some(options))
    }
}

/// The environment variables of the key by which the server asks another store for objects' bytes.
const OBJECTS_ID: &str = "PALISADE_OBJECTS_ACCESS_KEY_ID";
const OBJECTS_SECRET: &str = "PALISADE_OBJECTS_SECRET_ACCESS_KEY";
const OBJECTS_TOKEN: &str = "PALISADE_OBJECTS_SESSION_TOKEN";

/// Where the bytes of objects are, when not in the data directory.
#[derive(Clone, Debug, Args)]
pub(crate) struct ObjectsFlags {
    /// Keep the bytes of objects in this S3-compatible store instead of the data directory
    /// [env: its key: PALISADE_OBJECTS_ACCESS_KEY_ID, PALISADE_OBJECTS_SECRET_ACCESS_KEY,
    /// PALISADE_OBJECTS_SESSION_TOKEN]
    #[arg(long, value_name = "s3://BUCKET/PREFIX?endpoint=URL&region=REGION")]
    objects: Option<String>,
    /// The file with the key of that store, which only its owner may read: lines such as
    /// `aws_access_key_id = ID`
    #[arg(long, value_name = "FILE", requires = "objects")]
    objects_credentials_file: Option<PathBuf>,
}

impl ObjectsFlags {
    /// The store, if there is to be one.
    pub(crate) fn options(&self) -> Result<Option<Remote>, String> {
        let Some(url) = &self.objects else {
            return Ok(None);
        };
        let credentials = match &self.objects_credentials_file {
            Some(path) => {
                let text = server::read_secret(path).map_err(|error| error.to_string())?;
                let find = |name: &str| {
                    let mut lines = text.lines().filter_map(|line| line.split_once('='));
                    let (_, value) = lines.find(|(found, _)| found.trim() == name)?;
                    Some(value.trim().to_owned())
                };
                let names = ["aws_access_key_id", "aws_secret_access_key"];
                given(names.map(find), find("aws_session_token")).ok_or_else(|| {
                    let [id, secret] = names;
                    format!("`{}` lacks `{id}` or `{secret}`", path.display())
                })?
            }
            None => {
                let variable = |name: &str| std::env::var(name).ok().filter(|it| !it.is_empty());
                given(
                    [OBJECTS_ID, OBJECTS_SECRET].map(variable),
                    variable(OBJECTS_TOKEN),
                )
                .ok_or_else(|| {
                    format!(
                        "set `{OBJECTS_ID}` and `{OBJECTS_SECRET}`, or pass \
                         `--objects-credentials-file`"
                    )
                })?
            }
        };
        Remote::parse(url, credentials).map(Some)
    }
}

fn given(key: [Option<String>; 2], token: Option<String>) -> Option<RemoteCredentials> {
    let [id, secret] = key;
    Some(RemoteCredentials {
        id: id?,
        secret: secret?,
        token,
    })
}

/// Where the server listens, and to whom.
#[derive(Clone, Debug, Args)]
pub(crate) struct FrontFlags {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,
    /// Serve HTTPS with this certificate and those between it and a trusted one; read again on SIGHUP
    #[arg(long, value_name = "FILE.pem", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate; only its owner may read it
    #[arg(long, value_name = "FILE.pem", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve HTTPS with a certificate that the server issues to itself; clients trust it by the
    /// `ca.pem` in this directory [default: `tls` in the data directory]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, conflicts_with = "tls_cert")]
    tls_self_signed: Option<Option<PathBuf>>,
    /// Be an HTTPS proxy as well, at this address, that leads to this server whoever asks for a host of
    /// AWS's, and nowhere else: for SDKs whose endpoints cannot be set. Clients set HTTPS_PROXY to it and
    /// trust the `ca.pem` of the server's own authority
    #[arg(long, value_name = "ADDRESS:PORT")]
    proxy: Option<SocketAddr>,
    /// The directory of that authority [default: that of --tls-self-signed, or `tls` in the data
    /// directory]
    #[arg(long, value_name = "DIR", requires = "proxy")]
    proxy_authority: Option<PathBuf>,
    /// A name or address of this server beside this machine's own: for the certificate it issues to
    /// itself, and for buckets that stand before it; the first one stands in written profiles; may be
    /// repeated
    #[arg(long = "host-name", value_name = "NAME")]
    pub(crate) host_names: Vec<String>,
    /// Listen beyond loopback although requests are not encrypted
    #[arg(long)]
    pub(crate) plaintext_beyond_loopback: bool,
    /// Connections at a time; more wait to be accepted [default: 12000]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections: Option<u32>,
}

impl FrontFlags {
    /// The certificate, if the server is to have one; `data` is the data directory, if there is one.
    pub(crate) fn certificate(&self, data: Option<&Path>) -> Result<Option<Certificate>, String> {
        if let (Some(chain), Some(key)) = (self.tls_cert.clone(), self.tls_key.clone()) {
            return Ok(Some(Certificate::Files { chain, key }));
        }
        let directory = match (&self.tls_self_signed, data) {
            (None, _) => return Ok(None),
            (Some(Some(directory)), _) => directory.clone(),
            (Some(None), Some(data)) => data.join("tls"),
            (Some(None), None) => {
                let text = "name a directory for the authority, from which clients read its \
                            `ca.pem`: `--tls-self-signed=DIR`";
                return Err(text.to_owned());
            }
        };
        let listen = self.listen.ip();
        let own = (!listen.is_unspecified() && !listen.is_loopback()).then(|| listen.to_string());
        let names = self.host_names.iter().cloned().chain(own).collect();
        Ok(Some(Certificate::Own { directory, names }))
    }

    /// The proxy, if the server is to be one; `data` is the data directory, if there is one.
    pub(crate) fn proxy(&self, data: Option<&Path>) -> Result<Option<ProxyOptions>, String> {
        let Some(listen) = self.proxy else {
            return Ok(None);
        };
        let named = self.proxy_authority.clone();
        let authority = named
            .or_else(|| self.tls_self_signed.clone().flatten())
            .or_else(|| data.map(|data| data.join("tls")))
            .ok_or(
                "name a directory for the proxy's authority, from which clients read its `ca.pem`: \
                 `--proxy-authority DIR`",
            )?;
        Ok(Some(ProxyOptions { listen, authority }))
    }

    /// Bounds on what clients may do.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if let Some(number) = self.max_connections {
            limits.connections = usize::try_from(number).unwrap_or(usize::MAX);
        }
        limits
    }
}
