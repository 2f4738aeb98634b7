//! The prover beside a general solver that knows nothing of it.

use super::python::Environment;
use super::{Outcome, tee};
use crate::{Result, repo};

/// The solver, pinned.
const REQUIREMENTS: &str = "crates/prove/oracle/requirements.txt";
/// How many of the recorded questions are asked in one run, chosen at random; all take minutes.
const SAMPLE: &str = "1500";

/// Asks the prover questions of which the solver's answers are on record, and both a few that are new.
pub(super) fn run() -> Result<Outcome> {
    let environment = Environment::prepare(REQUIREMENTS)?;
    tee::run(repo::cargo().args(["build", "--package", "palisade", "--locked"]))?;
    let mut run = environment.python();
    run.args(["crates/prove/oracle/run.py", "--sample", SAMPLE])
        .env("PALISADE_BIN", repo::target()?.join("debug/palisade"));
    tee::run(&mut run).map(Outcome::Ran)
}
