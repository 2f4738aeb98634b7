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
    /// Prints a first blueprint of an account that exists, and says what could not be told.
    ///
    /// Reads the JSON output of `aws iam get-account-authorization-details`, `aws sagemaker list-domains`, `describe-domain`,
    /// `list-user-profiles`, `describe-user-profile`, `aws s3api list-buckets`, `aws secretsmanager list-secrets`,
    /// `aws efs` or `fsx describe-file-systems`, `aws kms list-aliases`, `aws cloudtrail describe-trails` and
    /// `aws organizations describe-organization`. What a file is, it tells itself.
    Import {
        /// What the account exported.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Prints the JSON schema of blueprints, for editors.
    Schema,
}

impl BlueprintCommand {
    pub(crate) fn run(self) -> ExitCode {
        match self.verb {
            Verb::Import { files } => match import(&files) {
                Ok(toml) => {
                    print(&toml);
                    ExitCode::SUCCESS
                }
                Err(error) => {
                    eprintln!("palisade: {error}");
                    ExitCode::from(BAD_INPUT)
                }
            },
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

fn import(files: &[PathBuf]) -> Result<String, String> {
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        let name = file.display().to_string();
        let text =
            std::fs::read_to_string(file).map_err(|it| format!("cannot read `{name}`: {it}"))?;
        texts.push((name, text));
    }
    let exports: Vec<_> = texts
        .iter()
        .map(|(name, text)| blueprint::Export { name, text })
        .collect();
    let imported = blueprint::import(&exports).map_err(|error| error.to_string())?;
    for note in &imported.notes {
        eprintln!("palisade: not told: {note}");
    }
    Ok(imported.toml)
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
        (blueprint.accounts.len(), "account"),
        (count(|account| account.domains.len()), "domain"),
        (count(profiles), "user profile"),
        (count(|account| account.teams.len()), "team"),
        (count(|account| account.buckets.len()), "bucket"),
        (blueprint.shares.len(), "share"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(number, what)| match number {
            1 => format!("1 {what}"),
            _ => format!("{number} {what}s"),
        })
        .collect();
    format!("no mistakes: {}\n", parts.join(", "))
}
