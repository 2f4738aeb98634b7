//! `palisade rotate-root-key`: another key for everything that is kept sealed.

use clap::Args;
use server::{RootKeyRotated, RootKeyRotation};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::flags::StoreFlags;

/// Seals everything that a platform keeps sealed with a new root key.
///
/// The server must be stopped; with a PostgreSQL store, all of them. The new key goes above the earlier
/// ones in the file of root keys, and what is kept (secrets of access keys, key material of KMS, values
/// of secrets, keys that sign digests) is sealed with it. The earlier keys stay, so that sessions and
/// links that were given out before are good for as long as they were meant to be; they open nothing
/// else any more. With --forget-earlier they are removed, and those sessions and links end.
///
/// When it is interrupted, run it again.
#[derive(Debug, Args)]
pub(crate) struct RotateRootKey {
    /// The directory of the platform
    #[arg(long, value_name = "DIR", default_value = "./palisade-data")]
    data: PathBuf,
    #[command(flatten)]
    store: StoreFlags,
    /// The file of root keys [default: `sealing-keys` in the data directory]
    #[arg(long, value_name = "FILE")]
    root_key_file: Option<PathBuf>,
    /// Make no new key: seal with the first one of the file, above which you put it yourself
    #[arg(long)]
    with_first: bool,
    /// Remove the earlier keys from the file in the end
    #[arg(long)]
    forget_earlier: bool,
}

impl RotateRootKey {
    /// Does it, and says what was done.
    pub(crate) fn run(self) -> ExitCode {
        let store = match self.store.options() {
            Ok(store) => store,
            Err(problem) => {
                eprintln!("palisade: {problem}");
                return ExitCode::from(2);
            }
        };
        let wanted = RootKeyRotation {
            data: self.data,
            store,
            root_key_file: self.root_key_file,
            make_new: !self.with_first,
            forget_earlier: self.forget_earlier,
        };
        match server::rotate_root_key(&wanted) {
            Ok(rotated) if crate::print(&told(&rotated)) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

fn told(rotated: &RootKeyRotated) -> String {
    let resealed = rotated.resealed;
    let mut text = format!(
        "sealed with the new root key: {} access keys, {} keys of KMS, {} values of secrets, {} keys \
         of objects, {} keys that sign digests\n",
        resealed.access_keys,
        resealed.kms_keys,
        resealed.secret_values,
        resealed.object_keys,
        resealed.digest_keys
    );
    if rotated.forgotten > 0 {
        text.push_str("earlier keys removed: sessions and links given out before are over\n");
    }
    if rotated.kept > 0 {
        text.push_str(
            "earlier keys kept, for sessions and links given out before alone: remove their lines, or \
             pass `--forget-earlier`, to end those\n",
        );
    }
    text
}
