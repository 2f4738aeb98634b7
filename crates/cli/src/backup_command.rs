//! `palisade backup` and `palisade restore`.

use clap::Args;
use server::{Backup, Restore};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::flags::StoreFlags;

/// Writes everything that a platform is into one file, also while it serves.
///
/// The state, the objects and the trail are in it; `palisade restore` makes the platform anew from it, also
/// in another kind of store. The sealing keys, which open the secrets in the state, are left out unless
/// asked for, so that the file alone reveals none: keep a copy of `sealing-keys` apart from it.
#[derive(Debug, Args)]
pub(crate) struct BackupCommand {
    /// The directory of the platform
    #[arg(long, value_name = "DIR", default_value = "./palisade-data")]
    data: PathBuf,
    /// The file to write, which must not exist
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Put the sealing keys into the file, with which whoever has it reads every secret
    #[arg(long)]
    with_keys: bool,
    /// The file of root keys [default: `sealing-keys` in the data directory]
    #[arg(long, value_name = "FILE")]
    root_key_file: Option<PathBuf>,
    #[command(flatten)]
    store: StoreFlags,
}

impl BackupCommand {
    /// Writes the backup.
    pub(crate) fn run(self) -> ExitCode {
        let wanted = match self.store.options() {
            Ok(store) => Backup {
                data: self.data,
                store,
                root_key_file: self.root_key_file,
                to: self.to,
                with_keys: self.with_keys,
            },
            Err(problem) => return refuse(&problem),
        };
        let shared = wanted.store.is_some();
        match server::backup(&wanted) {
            Ok(done) => {
                for piece in &done.lost {
                    eprintln!(
                        "palisade: the piece `{piece}` of an object is not in the data directory, and \
                         not in the backup"
                    );
                }
                if shared && !done.lost.is_empty() {
                    eprintln!(
                        "palisade: where nodes share a database without `--objects`, each keeps the \
                         bytes that it took: back up each node's data directory"
                    );
                }
                let objects = done.objects.map_or_else(
                    || "no objects' pieces, which are in their own store,".to_owned(),
                    |count| format!("{count} objects' pieces"),
                );
                ended(&format!(
                    "palisade: {} holds {} records, {objects} and {} events\n",
                    wanted.to.display(),
                    done.records,
                    done.trail.position.0
                ))
            }
            Err(error) => failed(&error.to_string()),
        }
    }
}

/// Makes a platform anew from a backup.
///
/// Every byte of the backup and the chain of its trail are checked first. Nothing is overwritten: the
/// directory must not exist or be empty, and a database must hold no state.
#[derive(Debug, Args)]
pub(crate) struct RestoreCommand {
    /// The backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The directory of the new platform
    #[arg(long, value_name = "DIR", default_value = "./palisade-data")]
    data: PathBuf,
    /// The file of the sealing keys, where the backup was made without them
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    store: StoreFlags,
}

impl RestoreCommand {
    /// Restores the backup.
    pub(crate) fn run(self) -> ExitCode {
        let wanted = match self.store.options() {
            Ok(store) => Restore {
                from: self.from,
                data: self.data,
                store,
                keys: self.keys,
            },
            Err(problem) => return refuse(&problem),
        };
        match server::restore(&wanted) {
            Ok(done) => ended(&format!(
                "palisade: {} records and {} events are in {}\n",
                done.records,
                done.events,
                wanted.data.display()
            )),
            Err(error) => failed(&error.to_string()),
        }
    }
}

fn refuse(problem: &str) -> ExitCode {
    eprintln!("palisade: {problem}");
    ExitCode::from(crate::BAD_INPUT)
}

fn failed(problem: &str) -> ExitCode {
    eprintln!("palisade: {problem}");
    ExitCode::FAILURE
}

fn ended(text: &str) -> ExitCode {
    if crate::print(text) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
