//! `palisade explain`.

use crate::{BAD_INPUT, print};
use clap::Args;
use lint::rules;
use std::process::ExitCode;

/// Prints the page of a rule of `palisade check`: what it looks for, why, an example and the fix.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A rule's code or name, such as PAL100; without one, all rules are listed.
    code: Option<String>,
}

impl Explain {
    pub(crate) fn run(self) -> ExitCode {
        let text = match self.code {
            None => rules::all()
                .map(|rule| format!("{}  {:10}  {}\n", rule.code, rule.severity, rule.name))
                .collect(),
            Some(code) => match rules::find(&code) {
                Some(rule) => rules::page(rule),
                None => {
                    eprintln!("palisade: there is no rule `{code}`; `palisade explain` lists them");
                    return ExitCode::from(BAD_INPUT);
                }
            },
        };
        match print(&text) {
            true => ExitCode::SUCCESS,
            false => ExitCode::from(BAD_INPUT),
        }
    }
}
