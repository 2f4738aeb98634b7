//! Gets an npm package and unpacks it.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest as _, Sha512};

use super::VERSION;
use crate::generated::hex;
use crate::{Result, repo};

/// Where the archive is kept between runs.
pub(super) fn archive() -> Result<PathBuf> {
    Ok(repo::scratch()?.join(format!("iam-data-{VERSION}.tgz")))
}

/// Gets the package with `npm pack` unless an earlier run kept it, checks its hash and unpacks it;
/// returns the folder.
pub(super) fn package(name: &str, version: &str, sha512: &str) -> Result<PathBuf> {
    let archive = archive()?;
    let folder = repo::scratch()?.join(format!("iam-data-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    if !archive.is_file() {
        if !repo::on_path("npm") {
            return Err("npm is not installed; it comes with Node.js (`apt install npm`)".into());
        }
        let mut npm = repo::command("npm");
        npm.arg("pack")
            .arg(format!("{name}@{version}"))
            .arg("--pack-destination")
            .arg(&folder);
        repo::output(&mut npm)?;
        let packed = fs::read_dir(&folder)?
            .next()
            .ok_or("npm packed nothing")??;
        fs::rename(packed.path(), &archive)?;
    }
    let found = hex(&Sha512::digest(fs::read(&archive)?));
    if found != sha512 {
        fs::remove_file(&archive)?;
        return Err(format!("{name} {version} has SHA-512 {found}, not the one expected").into());
    }
    let mut tar = repo::command("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(&folder);
    repo::output(&mut tar)?;
    Ok(folder)
}
