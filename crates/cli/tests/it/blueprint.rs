//! `palisade serve BLUEPRINT`, and becoming those whom it describes.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::serve::{Running, serve};

fn two_teams() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/two-teams.toml")
}

/// The command that the file for the AWS clients gives for a profile.
fn credential_process(config: &str, profile: &str) -> Command {
    let (_, section) = config.split_once(&format!("[profile {profile}]")).unwrap();
    let line = section
        .lines()
        .find(|line| line.starts_with("credential_process"))
        .unwrap();
    let (_, command) = line.split_once(" = ").unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[test]
fn a_blueprint_is_applied_once_and_its_tenants_can_be_become() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let blueprint = two_teams();
    let start = || {
        Running::start(&mut serve(&[
            blueprint.to_str().unwrap(),
            "--data",
            data.to_str().unwrap(),
        ]))
    };
    let mut first = start();
    let told = first.before_ready.concat();
    assert!(told.contains("aws --profile alice "), "{told}");
    let path = data.join("aws-config");
    assert!(told.contains(path.to_str().unwrap()), "{told}");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds secrets");
    let config = std::fs::read_to_string(&path).unwrap();
    let output = credential_process(&config, "alice").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let credentials: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(credentials.get("Version"), Some(&1.into()), "{text}");
    assert!(credentials.get("SessionToken").is_some());
    assert_eq!(first.stop("-TERM"), Some(0));

    let gone = credential_process(&config, "alice").output().unwrap();
    assert!(!gone.status.success());
    let said = String::from_utf8(gone.stderr).unwrap();
    assert!(said.contains("is the server running?"), "{said}");

    let mut second = start();
    let told = second.before_ready.concat();
    assert!(told.contains("nothing had to change"), "{told}");
    let config = std::fs::read_to_string(&path).unwrap();
    assert!(
        credential_process(&config, "carol")
            .output()
            .unwrap()
            .status
            .success()
    );
    // Somebody else's user profile.
    let foreign = config.replace("--as carol-user", "--as bob-user");
    let denied = credential_process(&foreign, "carol").output().unwrap();
    let said = String::from_utf8(denied.stderr).unwrap();
    assert!(said.contains("is not authorized to perform"), "{said}");
    assert_eq!(second.stop("-TERM"), Some(0));
}

#[test]
fn the_file_goes_where_it_is_wanted_and_the_keys_nowhere_else() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config");
    let blueprint = two_teams();
    let arguments = [
        blueprint.to_str().unwrap(),
        "--ephemeral",
        "--aws-config",
        config.to_str().unwrap(),
    ];
    let running = Running::start(&mut serve(&arguments));
    let said = running.before_ready.concat();
    assert!(!said.contains("alice of 123456789012 signs with"), "{said}");
    assert!(
        std::fs::read_to_string(&config)
            .unwrap()
            .contains("[profile alice]")
    );
}
