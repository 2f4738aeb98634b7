//! PostgreSQL for the tests of the store in it, which start clusters of their own.

use std::path::Path;

use super::{Outcome, tee};
use crate::{Result, repo};

/// Where Debian's packages put the programs.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// Installs the package where that is possible and it is absent.
pub(super) fn run() -> Result<Outcome> {
    if Path::new(PROGRAMS).is_dir() {
        println!("PostgreSQL is in {PROGRAMS}");
        return Ok(Outcome::Ran(Vec::new()));
    }
    let user = repo::output(repo::command("id").arg("-u"))?;
    if user.trim_ascii() != b"0" || !repo::on_path("apt-get") {
        let reason = "PostgreSQL is absent, and so are the tests of the store in it";
        return Ok(Outcome::LeftOut(reason.to_owned()));
    }
    // A machine without the network goes on without them.
    let mut install = repo::command("apt-get");
    install
        .args([
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
            "postgresql",
        ])
        .env("DEBIAN_FRONTEND", "noninteractive");
    match tee::run(&mut install) {
        Ok(_) => Ok(Outcome::Ran(Vec::new())),
        Err(error) => Ok(Outcome::LeftOut(format!("it cannot be installed: {error}"))),
    }
}
