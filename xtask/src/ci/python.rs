//! Environments of Python, each with the packages of one list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::tee;
use crate::{Result, generated, repo};

/// A Python with the packages of a list.
#[derive(Clone)]
pub(super) enum Environment {
    /// A virtual environment.
    Virtual(PathBuf),
    /// A folder of packages beside the machine's own Python, where `venv` is missing (Debian has it
    /// in a package of its own).
    Folder(PathBuf),
}

impl Environment {
    /// Finds the environment that an earlier run made from the same list, a pip requirements file, or makes it.
    pub(super) fn prepare(requirements: &str) -> Result<Self> {
        let list = fs::read(repo::root().join(requirements))?;
        let version = repo::output(repo::command("python3").arg("--version"))?;
        let mut hash = Sha256::new();
        hash.update(&version);
        hash.update(&list);
        let name = generated::hex(&hash.finalize());
        let folder = repo::scratch()?
            .join("python")
            .join(name.get(..16).unwrap_or(&name));
        let whole = folder.join("whole");
        let choices = [
            Self::Virtual(folder.join("venv")),
            Self::Folder(folder.join("packages")),
        ];
        if whole.is_file()
            && let Some(made) = choices.iter().find(|choice| choice.folder().is_dir())
        {
            return Ok(made.clone());
        }
        for choice in choices {
            // What an interrupted run or the first choice left behind cannot be trusted.
            if folder.is_dir() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
            match choice.install(requirements) {
                Ok(()) => {
                    fs::write(&whole, b"")?;
                    return Ok(choice);
                }
                Err(error) => println!("{error}"),
            }
        }
        Err(
            "no Python environment could be made; `apt install python3-venv` is the usual cure"
                .into(),
        )
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Virtual(folder) | Self::Folder(folder) => folder,
        }
    }

    fn install(&self, requirements: &str) -> Result {
        let mut pip = match self {
            Self::Virtual(folder) => {
                tee::run(repo::command("python3").args(["-m", "venv"]).arg(folder))?;
                let mut pip = self.python();
                pip.args(["-m", "pip", "install"]);
                pip
            }
            Self::Folder(folder) => {
                let mut pip = repo::command("python3");
                pip.args(["-m", "pip", "install", "--target"]).arg(folder);
                pip
            }
        };
        pip.args([
            "--quiet",
            "--disable-pip-version-check",
            "--root-user-action",
            "ignore",
        ]);
        pip.args(["--requirement", requirements]);
        tee::run(&mut pip).map(drop)
    }

    /// Its `python3`, with its programs (such as `aws`) first on the path.
    pub(super) fn python(&self) -> Command {
        let programs = self.folder().join("bin");
        let mut python = match self {
            Self::Virtual(_) => repo::command(programs.join("python3")),
            Self::Folder(folder) => {
                let mut python = repo::command("python3");
                python.env("PYTHONPATH", folder);
                python
            }
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(programs).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            python.env("PATH", path);
        }
        python
    }
}
