//! The arrows between the crates, the licences of what we depend on, and duplicates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{Result, no_arguments, repo};

/// The crates from the top of the house down. A crate may use what stands in a later row; crates of
/// one row do not use each other.
pub const ROWS: &[&[&str]] = &[
    &["palisade"],
    &["palisade-server"],
    &["palisade-services"],
    &[
        "palisade-cloudtrail",
        "palisade-iam",
        "palisade-kms",
        "palisade-organizations",
        "palisade-s3",
        "palisade-sagemaker",
        "palisade-secretsmanager",
        "palisade-sts",
    ],
    &["palisade-platform"],
    &["palisade-prove", "palisade-synth"],
    &[
        "palisade-blueprint",
        "palisade-lint",
        "palisade-prove-checker",
        "palisade-simulate",
    ],
    &["palisade-store", "palisade-trail", "palisade-wire"],
    &["palisade-catalog"],
    &["palisade-policy"],
];

/// Beside the house: may use anything, and nothing in the house may use them in what it ships.
pub const BESIDE: &[&str] = &["xtask", "palisade-testkit", "palisade-reference"];

/// Licences a dependency may have. Each allows use in an Apache-2.0 work without further duties
/// than the notice.
pub const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "MIT",
    "MIT-0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "BSL-1.0",
    "CC0-1.0",
    "0BSD",
    "Unlicense",
];

/// Dependencies with another licence (name, licence, why it is all right).
pub const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Checks the workspace as `cargo metadata` shows it.
///
/// # Errors
/// Lists what is wrong, or says why the metadata could not be had.
pub fn run(args: &[String]) -> Result {
    no_arguments(args)?;
    let graph = Graph::load()?;
    for line in graph.duplicates() {
        println!("duplicate: {line}");
    }
    let problems = graph.problems();
    if problems.is_empty() {
        println!("deps: arrows and licences are as they should be");
        return Ok(());
    }
    for problem in &problems {
        println!("{problem}");
    }
    Err(format!("{} findings", problems.len()).into())
}

/// One package of the resolved graph.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its name in the manifest.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression; empty when it names none.
    pub licence: String,
    /// Whether it is ours.
    pub member: bool,
    /// Names of the packages that its library or program uses.
    pub uses: Vec<String>,
}

/// The packages that end up in a build of the workspace.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// All packages, ours and others.
    pub packages: Vec<Package>,
}

impl Graph {
    /// Asks `cargo metadata`.
    ///
    /// # Errors
    /// Cargo failed, or answered in a form this program does not know.
    pub fn load() -> Result<Self> {
        let host = host()?;
        let mut cargo = repo::cargo();
        cargo.args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--filter-platform",
            &host,
        ]);
        let metadata: Value = serde_json::from_slice(&repo::output(&mut cargo)?)?;
        Ok(Self {
            packages: list(&metadata, "packages").iter().map(package).collect(),
        })
    }

    /// Everything that is wrong: arrows and licences.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for package in &self.packages {
            if package.member {
                arrows(package, &mut problems);
            } else {
                licence(package, &mut problems);
            }
        }
        problems.sort();
        problems
    }

    /// Packages that are built in more than one version.
    #[must_use]
    pub fn duplicates(&self) -> Vec<String> {
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for package in &self.packages {
            versions
                .entry(&package.name)
                .or_default()
                .insert(&package.version);
        }
        versions
            .into_iter()
            .filter(|(_, versions)| versions.len() > 1)
            .map(|(name, versions)| {
                format!(
                    "{name} {}",
                    versions.into_iter().collect::<Vec<_>>().join(", ")
                )
            })
            .collect()
    }
}

/// The platform that the compiler builds for when not told otherwise. Packages for other platforms
/// are not looked at: they may not even be there without a network.
fn host() -> Result<String> {
    let mut rustc = repo::command(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let version = String::from_utf8(repo::output(rustc.arg("-vV"))?)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` names no host")?.to_owned())
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text(value: &Value, field: &str) -> String {
    value
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn package(value: &Value) -> Package {
    let shipped = |dependency: &&Value| dependency.get("kind").is_none_or(|kind| kind != "dev");
    Package {
        name: text(value, "name"),
        version: text(value, "version"),
        licence: text(value, "license"),
        member: value.get("source").is_none_or(Value::is_null),
        uses: list(value, "dependencies")
            .iter()
            .filter(shipped)
            .map(|d| text(d, "name"))
            .collect(),
    }
}

/// The row of one of our crates.
fn row(name: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&name))
}

fn arrows(package: &Package, problems: &mut Vec<String>) {
    let name = &package.name;
    if BESIDE.contains(&name.as_str()) {
        return;
    }
    let Some(here) = row(name) else {
        problems.push(format!(
            "`{name}` has no place in the house: add it to `ROWS` in xtask/src/deps.rs"
        ));
        return;
    };
    for used in &package.uses {
        if BESIDE.contains(&used.as_str()) {
            problems.push(format!(
                "`{name}` uses `{used}` in what it ships: only tests may"
            ));
        } else if row(used).is_some_and(|there| there <= here) {
            problems.push(format!(
                "`{name}` uses `{used}`, which is not below it: arrows go down only"
            ));
        }
    }
}

fn licence(package: &Package, problems: &mut Vec<String>) {
    let Package {
        name,
        version,
        licence,
        ..
    } = package;
    let excepted = EXCEPTIONS
        .iter()
        .any(|(who, what, _)| who == name && what == licence);
    if !excepted && !allowed(licence) {
        problems.push(format!(
            "`{name}` {version} has the licence `{licence}`, which is not on the list in xtask/src/deps.rs"
        ));
    }
}

/// Whether an SPDX expression can be satisfied by allowed licences alone.
#[must_use]
pub fn allowed(expression: &str) -> bool {
    // The registry still holds the old spelling `MIT/Apache-2.0` for "or".
    let expression = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let tokens: Vec<&str> = expression.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    either(&mut rest) && rest.is_empty()
}

fn either(rest: &mut &[&str]) -> bool {
    let mut good = both(rest);
    while let Some(("OR", after)) = rest.split_first().map(|(first, after)| (*first, after)) {
        *rest = after;
        good |= both(rest);
    }
    good
}

fn both(rest: &mut &[&str]) -> bool {
    let mut good = one(rest);
    while let Some(("AND", after)) = rest.split_first().map(|(first, after)| (*first, after)) {
        *rest = after;
        good &= one(rest);
    }
    good
}

fn one(rest: &mut &[&str]) -> bool {
    match **rest {
        ["(", ..] => {
            *rest = rest.get(1..).unwrap_or_default();
            let good = either(rest);
            let closed = rest.first() == Some(&")");
            *rest = rest.get(1..).unwrap_or_default();
            good && closed
        }
        [name, "WITH", exception, ..] => {
            *rest = rest.get(3..).unwrap_or_default();
            LICENCES.contains(&format!("{name} WITH {exception}").as_str())
        }
        [name, ..] => {
            *rest = rest.get(1..).unwrap_or_default();
            LICENCES.contains(&name)
        }
        [] => false,
    }
}
