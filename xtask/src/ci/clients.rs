//! Other people's clients against our server: pytest over `clients/`, in an environment of its own.

use super::python::Environment;
use super::{Outcome, tee};
use crate::{Result, repo};

/// The pinned packages that the clients need.
const REQUIREMENTS: &str = "clients/requirements.txt";

/// Prepares the environment, builds the program, and runs the tests with `PALISADE_BIN` naming it:
/// without TLS, then over it.
pub(super) fn run() -> Result<Outcome> {
    let environment = Environment::prepare(REQUIREMENTS)?;
    tee::run(repo::cargo().args(["build", "--package", "palisade", "--locked"]))?;
    let program = repo::target()?.join("debug/palisade");
    let mut counted = Vec::new();
    for tls in ["0", "1"] {
        let mut pytest = environment.python();
        pytest
            .args(["-m", "pytest", "clients"])
            .env("PALISADE_BIN", &program)
            .env("PALISADE_TLS", tls);
        counted.extend(tee::run(&mut pytest)?);
    }
    Ok(Outcome::Ran(counted))
}

/// Runs the integration tests of botocore and s3transfer, without TLS and over it, and compares what came
/// out with `docs/conformance.md`.
pub(super) fn suites() -> Result<Outcome> {
    let environment = Environment::prepare(REQUIREMENTS)?;
    tee::run(repo::cargo().args(["build", "--package", "palisade", "--locked"]))?;
    let program = repo::target()?.join("debug/palisade");
    let sources = repo::scratch()?.join("suites");
    let mut counted = Vec::new();
    for over in [&[][..], &["--tls"]] {
        let mut run = environment.python();
        run.arg("clients/suites/run.py")
            .args(over)
            .env("PALISADE_BIN", &program)
            .env("PALISADE_SUITES", &sources);
        counted.extend(tee::run(&mut run)?);
    }
    Ok(Outcome::Ran(counted))
}
