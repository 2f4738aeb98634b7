//! What `palisade synth` writes, `palisade prove isolation` proves.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn palisade(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The obligations that are not proved of what `synth` writes for a blueprint, account by account, and what the proofs rest
/// on beside what is known of keys.
fn unproved(blueprint: &Path) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let blueprint = blueprint.to_str().unwrap();
    let written = palisade(folder.path(), &["synth", blueprint, "--out", "set"]);
    assert!(written.status.success());
    let (mut unproved, mut trusted) = (Vec::new(), Vec::new());
    let mut asked = 0;
    for account in std::fs::read_dir(folder.path().join("set/iam")).unwrap() {
        let account = account.unwrap().path();
        // Accounts without roles hold what others reach, and no tenants.
        if !account.join("trust").is_dir() {
            continue;
        }
        let set = account.to_str().unwrap();
        let question = [
            "prove",
            "isolation",
            "--policies",
            set,
            "--blueprint",
            blueprint,
        ];
        let proved = palisade(
            folder.path(),
            &[&question[..], &["--format", "json"]].concat(),
        );
        let answer: Value = serde_json::from_slice(&proved.stdout).unwrap();
        let obligations = answer.get("obligations").unwrap().as_array().unwrap();
        assert_eq!(obligations.len(), 3, "{answer}");
        asked += 1;
        for claim in obligations
            .iter()
            .flat_map(|it| it["claims"].as_array().unwrap())
        {
            if claim["verdict"] != "proved" {
                unproved.push(format!("{set}: {claim:#}"));
            }
        }
        let assumptions = answer
            .get("assumptions")
            .unwrap()
            .as_array()
            .unwrap()
            .iter();
        trusted.extend(assumptions.filter_map(|it| Some(it["trusted"].as_str()?.to_owned())));
    }
    assert!(asked > 0, "{blueprint}: no account has roles");
    (unproved, trusted)
}

fn example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    folder.join(name).canonicalize().unwrap()
}

/// Proved, and resting on nobody's good behaviour.
fn is_proved(name: &str) {
    let (unproved, trusted) = unproved(&example(name));
    assert!(unproved.is_empty(), "{name}:\n{}", unproved.join("\n"));
    assert_eq!(trusted, [""; 0], "{name}");
}

#[test]
fn a_team_of_an_exported_account() {
    is_proved("account-export/platform.toml");
}

#[test]
fn the_two_teams() {
    is_proved("tenancies/two-teams.toml");
}

#[test]
fn three_hundred_users_in_twelve_domains() {
    is_proved("tenancies/three-hundred.toml");
}

#[test]
fn a_shared_feature_store_with_private_prefixes() {
    is_proved("tenancies/feature-store.toml");
}

#[test]
fn several_accounts_under_one_organisation() {
    is_proved("tenancies/organization.toml");
}

#[test]
fn another_partition() {
    is_proved("tenancies/china.toml");
}

/// Whose work a cluster does, its instances alone say: the proof says that it rests on them.
#[test]
fn a_cluster_for_each_user() {
    let (unproved, trusted) = unproved(&example("tenancies/emr.toml"));
    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
    assert_eq!(trusted, ["arn:aws:iam::123456789012:role/EmrInstances"]);
}

/// Every feature together, for one may open what another closes.
#[test]
fn everything_that_a_team_can_use() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let (unproved, trusted) = unproved(&folder.join("everything.toml"));
    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
    assert_eq!(trusted.len(), 2, "{trusted:?}");
}

/// An example that nothing above proves is none.
#[test]
fn every_example_is_proved() {
    let this = include_str!("isolated.rs");
    for entry in std::fs::read_dir(example("tenancies")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(this.contains(&format!("\"tenancies/{name}\"")), "{name}");
    }
}
