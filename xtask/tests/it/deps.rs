//! The arrows between crates, and licences.

use serde_json::Value;
use std::process::Command;

use xtask::deps::{Graph, Package, allowed};

#[test]
fn the_workspace_keeps_its_arrows_and_licences() {
    let graph = Graph::load().unwrap();
    assert!(
        graph
            .packages
            .iter()
            .any(|package| package.name == "palisade-policy")
    );
    assert_eq!(graph.problems(), Vec::<String>::new());
}

/// What is said about one package.
fn problems(package: Package) -> Vec<String> {
    Graph {
        packages: vec![package],
    }
    .problems()
}

fn ours(name: &str, uses: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        member: true,
        uses: uses.iter().map(|used| (*used).to_owned()).collect(),
        ..Package::default()
    }
}

#[test]
fn arrows_go_down_only() {
    assert!(problems(ours("palisade-catalog", &["palisade-policy"])).is_empty());
    assert_eq!(
        problems(ours("palisade-policy", &["palisade-catalog"])).len(),
        1
    );
    // Neighbours in a row do not use each other.
    assert_eq!(
        problems(ours("palisade-store", &["palisade-wire"])).len(),
        1
    );
    assert_eq!(
        problems(ours("palisade-wire", &["palisade-testkit"])).len(),
        1
    );
    assert!(problems(ours("xtask", &["palisade-catalog"])).is_empty());
}

#[test]
fn every_crate_has_a_place() {
    assert_eq!(problems(ours("palisade-attic", &[])).len(), 1);
}

#[test]
fn other_licences_are_found() {
    let theirs = |licence: &str| Package {
        licence: licence.to_owned(),
        ..Package::default()
    };
    assert!(problems(theirs("MIT")).is_empty());
    assert_eq!(problems(theirs("GPL-3.0")).len(), 1);
    assert_eq!(problems(theirs("")).len(), 1);
}

#[test]
fn licence_expressions_are_read() {
    assert!(allowed("MIT OR Apache-2.0"));
    assert!(allowed("MIT/Apache-2.0"));
    assert!(allowed("GPL-3.0 OR MIT"));
    assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(allowed("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
    assert!(!allowed("GPL-3.0 AND MIT"));
    assert!(!allowed("MIT AND (GPL-2.0 OR LGPL-3.0)"));
    assert!(!allowed("GPL-2.0 WITH LLVM-exception"));
    assert!(!allowed("(MIT"));
    assert!(!allowed("MIT MIT"));
    assert!(!allowed(""));
}

#[test]
fn packages_in_two_versions_are_reported() {
    let version = |version: &str| Package {
        name: "x".to_owned(),
        version: version.to_owned(),
        ..Package::default()
    };
    let graph = Graph {
        packages: vec![version("1.0.0"), version("2.0.0")],
    };
    assert_eq!(graph.duplicates(), ["x 1.0.0, 2.0.0"]);
}

/// `cargo run` without further words must find one program: it is what the README says first.
#[test]
fn there_is_one_program_to_run() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version=1", "--no-deps", "--locked"]);
    let printed = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let programs: Vec<&str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package["name"] != "xtask")
        .flat_map(|package| package["targets"].as_array().unwrap())
        .filter(|target| target["kind"][0] == "bin")
        .map(|target| target["name"].as_str().unwrap())
        .collect();
    assert_eq!(programs, ["palisade"]);
}
