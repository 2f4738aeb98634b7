//! What `palisade prove` prints.

use super::Format;
use crate::{BAD_INPUT, print};
use clap::Args;
use prove::{Facts, Question, Report, Verdict};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

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
    /// The certificates so far
    #[arg(skip)]
    written: Mutex<Vec<serde_json::Value>>,
    /// Ask again whenever a file changes, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
}

impl OutputFlags {
    /// Writes why a question is proved, if that is wanted.
    pub(super) fn certify(
        &self,
        question: &Question<'_>,
        verdict: &Verdict,
        facts: &Facts,
    ) -> Result<(), String> {
        let Some(path) = self.certificate.as_ref().filter(|_| verdict.is_proved()) else {
            return Ok(());
        };
        let certificate = question.certificate(facts);
        let text = certificate.map(|it| serde_json::to_value(&it)).transpose();
        let text = text.map_err(|error| error.to_string())?;
        if let Ok(mut written) = self.written.lock() {
            written.extend(text);
            let text = serde_json::Value::from(written.clone());
            std::fs::write(path, format!("{text}\n"))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
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
        // The next answer has certificates of its own.
        if let Ok(mut written) = self.written.lock() {
            written.clear();
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
