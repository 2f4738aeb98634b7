//! What `palisade prove` prints.

use super::Format;
use crate::{BAD_INPUT, print};
use clap::Args;
use prove::{Facts, Report};
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit code for what is neither proved nor violated.
const UNKNOWN: u8 = 3;

/// How an answer is given.
#[derive(Debug, Args)]
pub(super) struct OutputFlags {
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Write the request that shows otherwise to this file, with its policies, for `palisade simulate`
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Write why it is proved to this file, for others to check: `palisade prove verify FILE`
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Ask again whenever a file changes, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
}

impl OutputFlags {
    /// The facts; proofs that may use them come with certificates if these are wanted.
    pub(super) fn certified(&self, facts: Facts) -> Facts {
        match self.certificate {
            Some(_) => facts.certified(),
            None => facts,
        }
    }

    /// Writes why a question is proved, if that is wanted. Where it is not proved, or nothing can be written down, a file of an
    /// earlier run must not stand for it.
    fn certify(&self, report: &Report) -> Result<(), String> {
        let Some(path) = &self.certificate else {
            return Ok(());
        };
        let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
        let certificates = report.certificates();
        if certificates.is_empty() {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(wrong(error)),
                _ => Ok(()),
            };
        }
        let text = serde_json::to_string(&certificates).map_err(|error| error.to_string())?;
        std::fs::write(path, text + "\n").map_err(wrong)
    }

    /// Prints an answer and gives its exit code.
    pub(super) fn give(&self, report: &Report) -> Result<ExitCode, String> {
        let text = match self.format {
            Format::Human => report.to_text(),
            Format::Json => format!("{}\n", report.to_json()),
            Format::Junit => report.to_junit(),
            Format::Sarif => format!("{}\n", report.to_sarif()),
        };
        if let (Some(path), Some(case)) = (&self.replay, &report.case) {
            std::fs::write(path, format!("{case:#}\n"))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        self.certify(report)?;
        if !print(&text) {
            return Ok(ExitCode::from(BAD_INPUT));
        }
        Ok(match report.outcome.name() {
            "proved" => ExitCode::SUCCESS,
            "violated" => ExitCode::from(1),
            _ => ExitCode::from(UNKNOWN),
        })
    }
}
