//! Where things are in the checkout, and running other programs from its root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;

/// The root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    // Cargo says it at run time, too: the program in a target folder that checkouts share may be another's. To
    // the tests of other crates it says where these are.
    let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let manifest = told
        .filter(|told| told.ends_with("xtask"))
        .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    manifest.parent().unwrap_or(&manifest).to_path_buf()
}

/// Cargo's target folder.
///
/// # Errors
/// Cargo could not be asked.
pub fn target() -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["metadata", "--format-version=1", "--no-deps"]);
    let metadata: Value = serde_json::from_slice(&output(&mut cargo)?)?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    Ok(folder.ok_or("cargo names no target folder")?.into())
}

/// Where chores keep what they may throw away, inside the target folder.
///
/// # Errors
/// Cargo could not be asked where that is.
pub fn scratch() -> Result<PathBuf> {
    Ok(target()?.join("xtask"))
}

/// A command that will run at the root of the checkout.
#[must_use]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The `cargo` that runs this program, or the one on the path.
#[must_use]
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end and returns what it wrote to standard output.
///
/// # Errors
/// The program could not be started, or ended with a code other than 0 (its standard error is in the
/// message).
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "`{shown}` ended with {}: {}",
        output.status,
        stderr.trim_end()
    )
    .into())
}

/// The command as one would type it.
#[must_use]
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// Whether a program of this name is on the path.
#[must_use]
pub fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// The files git tracks or would track (not ignored), relative to the root, sorted.
///
/// # Errors
/// Git is missing, or this is no checkout.
pub fn files() -> Result<Vec<String>> {
    let mut git = command("git");
    git.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]);
    let listed = output(&mut git)?;
    let mut files: Vec<String> = listed
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .filter(|name| root().join(name).is_file())
        .collect();
    files.sort_unstable();
    files.dedup();
    Ok(files)
}
