//! `palisade blueprint`.

use crate::{BAD_INPUT, print};
use blueprint::Blueprint;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Checks a blueprint, or helps to write one.
///
/// Exit code: 0 done, 2 bad input.
#[derive(Debug, Args)]
pub(crate) struct BlueprintCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Shows every mistake in a blueprint, at its place.
    Check {
        /// The blueprint.
        file: PathBuf,
    },
    /// Prints the JSON schema of blueprints, for editors.
    Schema,
}

impl BlueprintCommand {
    pub(crate) fn run(self) -> ExitCode {
        match self.verb {
            Verb::Schema => {
                print(&format!("{:#}\n", blueprint::schema()));
                ExitCode::SUCCESS
            }
            Verb::Check { file } => match read(&file) {
                Ok(blueprint) => {
                    print(&summary(&blueprint));
                    ExitCode::SUCCESS
                }
                Err(error) => {
                    eprintln!("{error}");
                    ExitCode::from(BAD_INPUT)
                }
            },
        }
    }
}

/// Reads a blueprint and the files that it names.
pub(crate) fn read(path: &Path) -> Result<Blueprint, String> {
    let name = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read `{name}`: {error}"))?;
    let read = |path: &Path| std::fs::read(path);
    blueprint::read(&name, &text, &read).map_err(|mistakes| mistakes.to_string())
}

fn summary(blueprint: &Blueprint) -> String {
    let count =
        |of: fn(&blueprint::Account) -> usize| -> usize { blueprint.accounts.iter().map(of).sum() };
    let profiles = |account: &blueprint::Account| -> usize {
        let domains = account.domains.iter();
        domains.map(|domain| domain.user_profiles.len()).sum()
    };
    let parts = [
        (blueprint.accounts.len(), "accounts"),
        (count(|account| account.domains.len()), "domains"),
        (count(profiles), "user profiles"),
        (count(|account| account.teams.len()), "teams"),
        (count(|account| account.buckets.len()), "buckets"),
        (blueprint.shares.len(), "shares"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    format!("no mistakes: {}\n", parts.join(", "))
}
