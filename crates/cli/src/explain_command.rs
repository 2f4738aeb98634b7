//! `palisade explain`.

use crate::{BAD_INPUT, print};
use clap::Args;
use lint::rules;
use std::process::ExitCode;

/// Prints the page of a rule of `palisade check`: what it looks for, why, an example and the fix.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A rule's code or name, such as PAL100, or the issue code of a finding of IAM Access Analyzer, such as
    /// MISSING_VERSION; without one, all rules are listed.
    code: Option<String>,
}

impl Explain {
    pub(crate) fn run(self) -> ExitCode {
        let text = match self.code {
            None => rules::all()
                .map(|rule| format!("{}  {:10}  {}\n", rule.code, rule.severity, rule.name))
                .collect(),
            Some(code) => {
                let pages = pages(&code);
                if pages.is_empty() {
                    eprintln!("palisade: there is no rule `{code}`; `palisade explain` lists them");
                    return ExitCode::from(BAD_INPUT);
                }
                pages.join("\n")
            }
        };
        match print(&text) {
            true => ExitCode::SUCCESS,
            false => ExitCode::from(BAD_INPUT),
        }
    }
}

/// The page of a rule, or of all that cover an issue code of AWS's.
fn pages(code: &str) -> Vec<String> {
    if let Some(rule) = rules::find(code) {
        return vec![rules::page(rule)];
    }
    let wanted = code.to_ascii_uppercase();
    let covers = |rule: &&lint::Rule| rule.aws.contains(&wanted.as_str());
    rules::all().filter(covers).map(rules::page).collect()
}
