//! Everything that continuous integration runs, cheapest first.
//!
//! All steps run even when one fails, so that one run shows everything there is to mend. What the
//! test runners counted is repeated at the very end.

mod clients;
mod oracle;
mod postgres;
mod python;
mod tee;

use std::time::{Duration, Instant};

use crate::{Result, catalog, deps, repo, shapes, tidy};

/// How a step ended when it did not fail.
pub(crate) enum Outcome {
    /// It ran; the lines in which test runners say how many tests passed.
    Ran(Vec<String>),
    /// It could not run here, for this reason.
    LeftOut(String),
}

/// One step.
struct Step {
    name: &'static str,
    run: fn() -> Result<Outcome>,
}

/// The steps, cheapest first.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        run: fmt,
    },
    Step {
        name: "tidy",
        run: || here(tidy::run),
    },
    Step {
        name: "deps",
        run: || here(deps::run),
    },
    Step {
        name: "catalog",
        run: catalog_check,
    },
    Step {
        name: "shapes",
        run: shapes_check,
    },
    Step {
        name: "clippy",
        run: || {
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-Dwarnings",
            ])
        },
    },
    Step {
        name: "docs",
        run: docs,
    },
    Step {
        name: "postgres",
        run: postgres::run,
    },
    Step {
        name: "tests",
        run: tests,
    },
    Step {
        name: "doctests",
        run: || cargo(&["test", "--workspace", "--doc", "--locked"]),
    },
    Step {
        name: "clients",
        run: clients::run,
    },
    Step {
        name: "suites",
        run: clients::suites,
    },
    Step {
        name: "oracle",
        run: oracle::run,
    },
    Step {
        name: "differential",
        run: differential,
    },
];

/// Every file of Rust is formatted, also where a macro declares its module, which `cargo fmt` does not see.
fn fmt() -> Result<Outcome> {
    let mut rustfmt = repo::command("rustfmt");
    rustfmt.args(["--check", "--edition", "2024"]);
    let files = repo::files()?.into_iter();
    rustfmt.args(files.filter(|name| name.ends_with(".rs")));
    tee::run(&mut rustfmt).map(Outcome::Ran)
}

/// A million random cases, on which the engine and the reference must agree.
fn differential() -> Result<Outcome> {
    cargo(&[
        "run",
        "--release",
        "--locked",
        "--package",
        "palisade-reference",
        "--example",
        "differential",
        "--",
        "1000000",
    ])
}

/// Runs all steps, or only those named in the arguments.
///
/// # Errors
/// Names the steps that failed, or an argument that is no step.
pub fn run(args: &[String]) -> Result {
    let known = |name: &String| STEPS.iter().any(|step| step.name == name);
    if let Some(unknown) = args.iter().find(|name| !known(name)) {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("no step `{unknown}`; the steps are: {}", names.join(", ")).into());
    }
    let chosen = |step: &&Step| args.is_empty() || args.iter().any(|name| name == step.name);
    let mut report = Report::default();
    for step in STEPS.iter().filter(chosen) {
        println!("\n--- {} ---", step.name);
        let start = Instant::now();
        let ended = (step.run)();
        report.add(step.name, ended, start.elapsed());
    }
    report.finish()
}

/// What is said at the end.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    counted: Vec<String>,
    failed: Vec<&'static str>,
}

impl Report {
    fn add(&mut self, name: &'static str, ended: Result<Outcome>, time: Duration) {
        let mut counted = Vec::new();
        let how = match ended {
            Ok(Outcome::Ran(lines)) => {
                counted = lines;
                "ok".to_owned()
            }
            Ok(Outcome::LeftOut(reason)) => {
                println!("left out: {reason}");
                format!("left out: {reason}")
            }
            Err(error) => {
                println!("{error}");
                self.failed.push(name);
                if let Ok(failed) = error.downcast::<tee::Failed>() {
                    counted = failed.counted;
                }
                "FAILED".to_owned()
            }
        };
        self.counted
            .extend(counted.iter().map(|line| format!("{name}: {line}")));
        self.lines
            .push(format!("{name:<12} {:>7.1} s  {how}", time.as_secs_f64()));
    }

    fn finish(self) -> Result {
        println!("\n--- times ---");
        for line in self.lines.iter().chain(&self.counted) {
            println!("{line}");
        }
        match self.failed.as_slice() {
            [] => Ok(()),
            failed => Err(format!("failed: {}", failed.join(", ")).into()),
        }
    }
}

/// A chore of this program as a step.
fn here(chore: fn(&[String]) -> Result) -> Result<Outcome> {
    chore(&[]).map(|()| Outcome::Ran(Vec::new()))
}

/// A cargo command as a step.
fn cargo(args: &[&str]) -> Result<Outcome> {
    tee::run(repo::cargo().args(args)).map(Outcome::Ran)
}

/// Links in the documentation lead somewhere.
fn docs() -> Result<Outcome> {
    let mut cargo = repo::cargo();
    cargo
        .args(["doc", "--workspace", "--no-deps", "--locked"])
        .env("RUSTDOCFLAGS", "-Dwarnings");
    tee::run(&mut cargo).map(Outcome::Ran)
}

fn tests() -> Result<Outcome> {
    if repo::on_path("cargo-nextest") {
        cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ])
    } else {
        cargo(&[
            "test",
            "--workspace",
            "--all-targets",
            "--locked",
            "--no-fail-fast",
        ])
    }
}

fn catalog_check() -> Result<Outcome> {
    made_anew(catalog::available(), "npm", catalog::run)
}

fn shapes_check() -> Result<Outcome> {
    made_anew(shapes::available(), "pip", shapes::run)
}

/// Makes generated files anew and compares them, where the tool that gets their source is there.
fn made_anew(available: bool, tool: &str, chore: fn(&[String]) -> Result) -> Result<Outcome> {
    if !available {
        return Ok(Outcome::LeftOut(format!(
            "{tool} is absent, so the files cannot be made anew (a test compares their stamp)"
        )));
    }
    chore(&["--check".to_owned()]).map(|()| Outcome::Ran(Vec::new()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn each_step_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = super::STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), super::STEPS.len());
        assert!(
            super::run(&["none".to_owned()])
                .unwrap_err()
                .to_string()
                .contains("clippy")
        );
    }
}
