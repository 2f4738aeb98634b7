//! Rules for the manifests of the workspace's crates.

use super::Finding;

/// Fields every crate takes from the workspace.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license"];

/// Tables of dependencies.
const DEPENDENCIES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Workspaces of their own, which cannot inherit from ours.
const APART: &[&str] = &["bench/", "fuzz/"];

pub(super) fn check(path: &str, text: &str, found: &mut Vec<Finding>) {
    if !path.ends_with("/Cargo.toml") || APART.iter().any(|folder| path.starts_with(folder)) {
        return;
    }
    let mut add = |message: String| {
        found.push(Finding {
            path: path.to_owned(),
            line: 0,
            message,
        });
    };
    let manifest: toml::Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return add(format!("not readable: {}", error.message())),
    };
    let inherits = |value: Option<&toml::Value>| {
        value
            .and_then(|value| value.get("workspace"))
            .and_then(toml::Value::as_bool)
            == Some(true)
    };
    if !inherits(manifest.get("lints")) {
        add("does not inherit the lints: add `[lints]` with `workspace = true`".to_owned());
    }
    for field in INHERITED {
        if !inherits(
            manifest
                .get("package")
                .and_then(|package| package.get(field)),
        ) {
            add(format!(
                "write `{field}.workspace = true` under `[package]`"
            ));
        }
    }
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let scopes = targets
        .into_iter()
        .flat_map(|t| t.values().filter_map(toml::Value::as_table));
    for scope in scopes.chain([&manifest]) {
        for table in DEPENDENCIES {
            let listed = scope.get(*table).and_then(toml::Value::as_table);
            for (name, value) in listed.into_iter().flatten() {
                if !inherits(Some(value)) {
                    add(format!(
                        "dependency `{name}` has its own version: put it under \
                         `[workspace.dependencies]` and write `{name}.workspace = true`"
                    ));
                }
            }
        }
    }
}
