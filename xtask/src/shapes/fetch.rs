//! Gets a release of botocore through pip and unpacks it.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::generated::hex;
use crate::{Result, repo};

/// An unpacked release. Dropping it removes the files.
pub(super) struct Unpacked(PathBuf);

impl Unpacked {
    /// The package's own directory.
    pub(super) fn package(&self) -> PathBuf {
        self.0.join("botocore")
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // A directory that stays behind does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Where the archive is kept between runs.
pub(super) fn archive(version: &str) -> Result<PathBuf> {
    Ok(repo::scratch()?.join(format!("botocore-{version}-py3-none-any.whl")))
}

/// Downloads the wheel with pip unless an earlier run kept it, checks its hash and unpacks it.
pub(super) fn botocore(version: &str, sha256: &str) -> Result<Unpacked> {
    let archive = archive(version)?;
    if !archive.is_file() {
        let mut pip = repo::command("python3");
        pip.args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        pip.args(["--no-deps", "--only-binary", ":all:"]);
        pip.arg(format!("botocore=={version}"))
            .arg("--dest")
            .arg(repo::scratch()?);
        repo::output(&mut pip)?;
    }
    let found = hex(&Sha256::digest(fs::read(&archive)?));
    if found != sha256 {
        fs::remove_file(&archive)?;
        return Err(format!("botocore {version} has SHA-256 {found}, not the one expected").into());
    }
    let unpacked = Unpacked(repo::scratch()?.join(format!("botocore-{}", std::process::id())));
    unzip(&archive, &unpacked.0)?;
    Ok(unpacked)
}

fn unzip(archive: &Path, folder: &Path) -> Result {
    let mut unzip = repo::command("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(archive).arg(folder);
    repo::output(&mut unzip)?;
    Ok(())
}
