//! What `palisade prove` prints.

use super::Format;
use crate::{BAD_INPUT, print};
use clap::Args;
use prove::Report;
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
}

impl OutputFlags {
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
