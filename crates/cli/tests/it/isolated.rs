//! What `palisade synth` writes, `palisade prove isolation` proves.

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

/// The verdict of each obligation, of what `synth` writes for an account.
fn verdicts(blueprint: &Path, account: &str, folder: &Path) -> Vec<String> {
    let blueprint = blueprint.to_str().unwrap();
    let written = palisade(folder, &["synth", blueprint, "--out", "set"]);
    assert!(written.status.success());
    let set = format!("set/iam/{account}");
    let asked = [
        "prove",
        "isolation",
        "--policies",
        &set,
        "--blueprint",
        blueprint,
    ];
    let proved = palisade(folder, &[&asked[..], &["--format", "json"]].concat());
    let answer: serde_json::Value = serde_json::from_slice(&proved.stdout).unwrap();
    let obligations = answer.get("obligations").unwrap().as_array().unwrap();
    let verdict = |obligation: &serde_json::Value| {
        let text = |name: &str| obligation.get(name).unwrap().as_str().unwrap().to_owned();
        format!("{} {}", text("name"), text("verdict"))
    };
    obligations.iter().map(verdict).collect()
}

fn example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    folder.join(name).canonicalize().unwrap()
}

const ALL: [&str; 3] = ["access proved", "ownership proved", "identity proved"];

#[test]
fn what_is_synthesised_for_a_team_is_proved() {
    let folder = tempfile::tempdir().unwrap();
    let blueprint = example("account-export/platform.toml");
    assert_eq!(verdicts(&blueprint, "111122223333", folder.path()), ALL);
}

/// Those of the examples that take seconds; two teams or more in one account take minutes without optimisation.
#[test]
fn what_is_synthesised_for_the_examples_is_proved() {
    for (name, account) in [
        ("tenancies/china.toml", "123456789012"),
        ("tenancies/organization.toml", "333333333333"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            verdicts(&example(name), account, folder.path()),
            ALL,
            "{name}"
        );
    }
}
