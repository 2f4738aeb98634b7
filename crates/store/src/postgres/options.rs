//! Where the database is, and how it is reached.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};

use super::connection::{Bare, Driver, Lost};
use super::tls::Tls;
use crate::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What every connection begins with. A reader may read for as long as an upload takes.
const SESSION: &str = "SET lock_timeout = '10s'; SET statement_timeout = '50s';
    SET idle_in_transaction_session_timeout = '30min'; SET client_min_messages = 'warning';";

/// Where a [`PostgresStore`](super::PostgresStore) is, and how it is reached.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://USER@HOST:PORT/DATABASE`, with the parameters that libpq knows; several hosts
    /// are tried in turn. Beyond this machine the connection is encrypted, and the server's
    /// certificate verified, unless the URL says `sslmode=disable`.
    pub url: String,
    /// The password; takes the place of one in the URL.
    pub password: Option<String>,
    /// A PEM file with the certificates under which the server's must be; the system's when `None`.
    pub ca: Option<PathBuf>,
    /// The schema in which the tables are: a lower-case SQL name. `palisade` unless several stores
    /// share a database.
    pub schema: String,
    /// Connections of read transactions at a time. One more is for writing.
    pub connections: usize,
}

impl PostgresOptions {
    /// A store at `url`, with a schema and a number of connections that usually do.
    #[must_use]
    pub fn new(url: &str) -> PostgresOptions {
        PostgresOptions {
            url: url.to_owned(),
            password: None,
            ca: None,
            schema: "palisade".to_owned(),
            connections: 32,
        }
    }

    /// Whether the URL holds a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        Config::from_str(&self.url).is_ok_and(|config| config.get_password().is_some())
    }
}

impl fmt::Debug for PostgresOptions {
    /// Without the password, wherever it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("schema", &self.schema)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Makes connections.
pub(super) struct Connector {
    config: Config,
    tls: Option<Tls>,
    schema: String,
    place: String,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Connector {
    pub(super) fn new(options: &PostgresOptions) -> Result<Connector, Error> {
        let refuse = |place: &str, reason: String| Error::Backend {
            doing: "opening",
            place: place.to_owned(),
            reason,
        };
        // The parser's error would show the URL, which may hold a password.
        let mut config = Config::from_str(&options.url).map_err(|error| {
            let reason = std::error::Error::source(&error).map(ToString::to_string);
            let reason = reason.unwrap_or_else(|| "it cannot be read".to_owned());
            refuse("the URL of the store", reason)
        })?;
        let place = place(&config);
        if !is_name(&options.schema) {
            let reason = format!("`{}` is no name of a schema", options.schema);
            return Err(refuse(&place, reason));
        }
        if let Some(password) = &options.password {
            config.password(password);
        }
        let said = options.url.contains("sslmode=");
        let mode = match config.get_ssl_mode() {
            SslMode::Prefer if said => {
                let reason = "`sslmode=prefer` gives way to whoever cuts the encryption off: say \
                              `require` or `disable`";
                return Err(refuse(&place, reason.to_owned()));
            }
            SslMode::Prefer if is_local(&config) => SslMode::Disable,
            SslMode::Disable => SslMode::Disable,
            _ => SslMode::Require,
        };
        config.ssl_mode(mode);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config.keepalives_idle(Duration::from_secs(30));
        if config.get_application_name().is_none() {
            config.application_name("palisade");
        }
        let tls = match mode {
            SslMode::Disable => None,
            _ => Some(Tls::new(options.ca.as_deref()).map_err(|reason| refuse(&place, reason))?),
        };
        Ok(Connector {
            config,
            tls,
            schema: options.schema.clone(),
            place,
        })
    }

    /// The database, for people.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn connect(&self, driver: &Arc<Driver>) -> Result<Bare, Lost> {
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let session = format!("{SESSION} SET search_path = \"{}\";", self.schema);
        let client = driver.wait(async move {
            let client = match tls {
                Some(tls) => {
                    let (client, connection) = config.connect(tls).await?;
                    // How it ends is learned by whoever asks next.
                    drop(tokio::spawn(async move { drop(connection.await) }));
                    client
                }
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    drop(tokio::spawn(async move { drop(connection.await) }));
                    client
                }
            };
            client.batch_execute(&session).await?;
            Ok(client)
        })?;
        Ok(Bare {
            driver: Arc::clone(driver),
            client: Arc::new(client),
        })
    }
}

/// The database without what is secret.
fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(i, host)| {
            let host = match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            let port = ports.get(i).or(ports.first()).copied().unwrap_or(5432);
            format!("{host}:{port}")
        })
        .collect();
    let name = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    format!("postgres://{}/{name}", hosts.join(","))
}

/// Whether nobody else can listen on the way.
fn is_local(config: &Config) -> bool {
    config
        .get_hostaddrs()
        .iter()
        .all(std::net::IpAddr::is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost"
                    || name
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
        })
}

fn is_name(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(url: &str) -> Result<Connector, Error> {
        Connector::new(&PostgresOptions::new(url))
    }

    fn encrypted(url: &str) -> bool {
        connector(url).unwrap().tls.is_some()
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        assert!(encrypted("postgres://u@db.example/p"));
        assert!(encrypted("postgres://u@127.0.0.1,db.example/p"));
        assert!(encrypted("postgres://u@localhost/p?sslmode=require"));
        assert!(!encrypted("postgres://u@localhost/p"));
        assert!(!encrypted("postgres://u@[::1]:5433/p"));
        assert!(!encrypted("postgres:///p?host=/run/postgresql&user=u"));
        assert!(!encrypted("postgres://u@db.example/p?sslmode=disable"));
        assert!(connector("postgres://u@h/p?sslmode=prefer").is_err());
    }

    #[test]
    fn passwords_are_not_told() {
        let secret = "hunter2";
        let url = format!("postgres://u:{secret}@h:1/p?sslmode=disable");
        let made = connector(&url).unwrap();
        assert_eq!(made.place(), "postgres://h:1/p");
        assert!(!format!("{made:?}{:?}", PostgresOptions::new(&url)).contains(secret));
        for bad in [
            format!("postgres://u:{secret}@h:x/p"),
            format!("pg:{secret}"),
        ] {
            let refused = connector(&bad).unwrap_err().to_string();
            assert!(!refused.contains(secret), "{refused}");
        }
    }

    #[test]
    fn a_schema_is_a_plain_name() {
        for bad in ["", "a\"b", "A", "1a", "a;b"] {
            let options = PostgresOptions {
                schema: bad.to_owned(),
                ..PostgresOptions::new("postgres://u@localhost/p")
            };
            assert!(Connector::new(&options).is_err(), "{bad}");
        }
    }
}
