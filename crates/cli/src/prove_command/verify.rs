//! `palisade prove verify`.

use super::input::read_text;
use crate::{BAD_INPUT, print};
use clap::Args;
use prove_checker::{Checked, check};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// The certificates to check.
///
/// They are checked by other code than that which wrote them. Exit code: 0 they show what they say, 1 they do not, 2 bad
/// input.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file that `--certificate` wrote
    file: PathBuf,
}

impl Verify {
    pub(super) fn run(&self) -> ExitCode {
        let text = read_text(&self.file);
        let read = text.and_then(|text| {
            let value: Result<Value, _> = serde_json::from_str(&text);
            value.map_err(|error| format!("{}: {error}", self.file.display()))
        });
        let certificates = match read {
            Ok(Value::Array(all)) if !all.is_empty() => all,
            Ok(one @ Value::Object(_)) => vec![one],
            Ok(_) => {
                return bad(&format!(
                    "{}: there is no certificate in it",
                    self.file.display()
                ));
            }
            Err(error) => return bad(&error),
        };
        let checked: Result<Vec<Checked>, _> = certificates.iter().map(check).collect();
        let (text, code) = match checked {
            Ok(checked) => (shown(&checked), ExitCode::SUCCESS),
            Err(refusal) => (format!("refused: {refusal}\n"), ExitCode::from(1)),
        };
        match print(&text) {
            true => code,
            false => ExitCode::from(BAD_INPUT),
        }
    }
}

fn bad(error: &str) -> ExitCode {
    eprintln!("palisade: {error}");
    ExitCode::from(BAD_INPUT)
}

fn shown(checked: &[Checked]) -> String {
    let leaves: usize = checked.iter().map(|one| one.leaves).sum();
    let mut text = format!(
        "verified: {} proved, {leaves} reasons checked\n",
        checked.len()
    );
    let policies: BTreeSet<_> = checked.iter().flat_map(|one| &one.policies).collect();
    text.push_str("  about\n");
    for (layer, name) in policies {
        let _ = writeln!(text, "    {name} ({layer})");
    }
    let facts: BTreeSet<_> = checked.iter().flat_map(|one| &one.facts).collect();
    if !facts.is_empty() {
        text.push_str("  taken as given\n");
    }
    for (id, key, source) in facts {
        let _ = writeln!(text, "    {id}: `{key}` ({source})");
    }
    if checked.iter().any(|one| one.beyond) {
        text.push_str(
            "  what kind of request is meant beyond the policies is as the certificate says\n",
        );
    }
    text
}
