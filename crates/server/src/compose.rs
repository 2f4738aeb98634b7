//! Putting a platform together.

use platform::root::{self, Ensured, RootKey};
use platform::{Config, Operator, Platform, Ports, id};
use policy::AccountId;
use s3::ObjectBytes;
use std::path::Path;
use std::sync::Arc;
use store::{Durability, MemoryStore, PostgresOptions, PostgresStore, SqliteStore, Store};
use sts::Issuers;
use trail::{FileLog, FileOptions, MemoryLog};

use crate::issuers::Web;
use crate::keys;
use crate::options::{Options, StartError};
use crate::ports::{SystemClock, SystemRandom};
use crate::private;

/// The file of the state in the data directory.
pub(crate) const STATE: &str = "state.sqlite";

/// A platform that is ready to be served.
pub struct Composed {
    /// The platform.
    pub platform: Arc<Platform>,
    /// Root keys that were made just now; their secrets are told this once.
    pub new_root_keys: Vec<(AccountId, RootKey)>,
}

/// Opens everything that the platform stands on and makes its accounts.
///
/// # Errors
/// When the data directory cannot be used, or no account is named.
pub fn compose(options: &Options, operator: Arc<dyn Operator>) -> Result<Composed, StartError> {
    let (first, _) = options
        .accounts
        .first()
        .ok_or_else(|| StartError::Platform("no account to serve: pass `--account`".to_owned()))?;
    let config = Config {
        partition: options.partition.clone(),
        account: *first,
        region: options.region.clone(),
    };
    let ports = match &options.data {
        Some(directory) => durable(directory, options, operator)?,
        None => ephemeral(operator)?,
    };
    let bytes = objects(options)?;
    // What a crash left is removed beside the first requests.
    bytes.spare_new();
    let mut platform = Platform::new(config, ports, services::all())
        .map_err(|error| StartError::Platform(error.to_string()))?
        .with_hosts(options.hosts.iter().map(String::as_str))
        .with_part(bytes)
        .with_part(Issuers::new(Web::default()));
    if options.objects.is_some() {
        platform = platform.with_far_part();
    }
    if let (Some(directory), Some(_)) = (&options.data, &options.store) {
        let name = node(directory)?;
        platform = cloudtrail::as_node(platform, &name)
            .map_err(|error| StartError::Platform(error.to_string()))?;
    }
    services::migrate(&platform).map_err(|error| StartError::Platform(error.to_string()))?;
    s3::claim(&platform).map_err(|error| StartError::Platform(error.to_string()))?;
    let mut new_root_keys = Vec::new();
    for (account, given) in &options.accounts {
        let ensured = root::ensure(&platform, *account, given.clone())
            .map_err(|error| StartError::Platform(error.to_string()))?;
        if let Ensured::Generated(key) = ensured {
            new_root_keys.push((*account, key));
        }
    }
    Ok(Composed {
        platform: Arc::new(platform),
        new_root_keys,
    })
}

/// The file with the name by which other nodes know this one.
pub(crate) const NODE: &str = "node";

/// The name of the node that uses the data directory: as random as it was when it first started.
fn node(directory: &Path) -> Result<String, StartError> {
    let path = directory.join(NODE);
    let refuse = |reason: String| StartError::Data {
        path: path.clone(),
        reason,
    };
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(refuse(error.to_string()));
        }
        _ => {}
    }
    let name = id::lower(&SystemRandom, 26).map_err(|error| refuse(error.to_string()))?;
    private::write(&path, &name).map_err(|error| refuse(error.to_string()))?;
    Ok(name)
}

/// Where the bytes of objects lie.
fn objects(options: &Options) -> Result<ObjectBytes, StartError> {
    let refuse = |error: s3::BytesError| StartError::Platform(error.to_string());
    match (&options.objects, &options.data) {
        (Some(remote), _) => {
            ObjectBytes::remote(remote.open()?, options.store.is_some()).map_err(refuse)
        }
        (None, Some(directory)) => {
            ObjectBytes::on_disk(&directory.join("objects"), options.durability).map_err(refuse)
        }
        (None, None) => ObjectBytes::in_memory().map_err(refuse),
    }
}

fn ephemeral(operator: Arc<dyn Operator>) -> Result<Ports, StartError> {
    let random = SystemRandom;
    Ok(Ports {
        store: Arc::new(MemoryStore::new()),
        trail: Arc::new(MemoryLog::default()),
        clock: Arc::new(SystemClock),
        random: Arc::new(random),
        operator,
        sealer: keys::ephemeral(&random)?,
    })
}

/// Opens the trail first: it is locked, so that no second server gets at the rest.
fn durable(
    directory: &Path,
    options: &Options,
    operator: Arc<dyn Operator>,
) -> Result<Ports, StartError> {
    let refuse = |reason: String| StartError::Data {
        path: directory.to_owned(),
        reason,
    };
    private::directory(directory).map_err(|error| refuse(error.to_string()))?;
    let written = FileOptions {
        flush: options.durability == Durability::PowerLoss,
        ..FileOptions::default()
    };
    let trail = FileLog::open(&directory.join("trail"), written)
        .map_err(|error| StartError::Platform(error.to_string()))?;
    let random = SystemRandom;
    let sealer = keys::load(directory, options.root_key_file.as_deref(), &random)?;
    let store: Arc<dyn Store> = match &options.store {
        None => {
            let alone = open_file(directory, options.durability).and_then(SqliteStore::alone);
            let alone = alone.map_err(|error| StartError::Platform(error.to_string()))?;
            for file in alone.set_aside() {
                operator.report(&format!(
                    "changes of the state are missing, so later ones are not believed: they are set \
                     aside in `{}`",
                    file.display()
                ));
            }
            Arc::new(alone)
        }
        database => open_store(directory, database.as_ref(), options.durability)?,
    };
    Ok(Ports {
        store,
        trail: Arc::new(trail),
        clock: Arc::new(SystemClock),
        random: Arc::new(random),
        operator,
        sealer,
    })
}

/// The state: in a database, or in a file of the data directory.
pub(crate) fn open_store(
    directory: &Path,
    database: Option<&PostgresOptions>,
    durability: Durability,
) -> Result<Arc<dyn Store>, StartError> {
    let refuse = |error: store::Error| StartError::Platform(error.to_string());
    Ok(match database {
        Some(database) => Arc::new(PostgresStore::open(database).map_err(refuse)?),
        None => Arc::new(open_file(directory, durability).map_err(refuse)?),
    })
}

fn open_file(directory: &Path, durability: Durability) -> Result<SqliteStore, store::Error> {
    SqliteStore::open(&directory.join(STATE), durability)
}
