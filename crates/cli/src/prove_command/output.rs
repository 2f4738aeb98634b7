//! What `palisade prove` prints.

use super::Format;
use crate::{BAD_INPUT, print};
use clap::Args;
use prove::{Report, Verdict};
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
    /// Write the first request that shows otherwise to this file, with its policies, for `palisade simulate`
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
}

impl OutputFlags {
    /// Prints answers and gives the exit code of the worst.
    pub(super) fn give(&self, reports: &[Report]) -> Result<ExitCode, String> {
        let text: String = match (self.format, reports) {
            (Format::Human, reports) => reports.iter().map(Report::to_text).collect(),
            (Format::Json, [report]) => format!("{}\n", report.to_json()),
            (Format::Json, reports) => {
                let all: Vec<_> = reports.iter().map(Report::to_json).collect();
                format!("{}\n", serde_json::Value::from(all))
            }
        };
        if let Some(path) = &self.replay
            && let Some(case) = reports.iter().find_map(|report| report.case.as_ref())
        {
            std::fs::write(path, format!("{case:#}\n"))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if !print(&text) {
            return Ok(ExitCode::from(BAD_INPUT));
        }
        Ok(exit_code(reports))
    }
}

fn exit_code(reports: &[Report]) -> ExitCode {
    let any = |is: fn(&Verdict) -> bool| reports.iter().any(|report| is(&report.verdict));
    if any(|verdict| matches!(verdict, Verdict::Violated(_))) {
        ExitCode::from(1)
    } else if any(|verdict| matches!(verdict, Verdict::Unknown { .. })) {
        ExitCode::from(UNKNOWN)
    } else {
        ExitCode::SUCCESS
    }
}
