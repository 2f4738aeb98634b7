//! `palisade prove`.

mod export;
mod input;
mod isolation;
mod output;
mod questions;
mod run;
mod verify;

use clap::{Args, Subcommand, ValueEnum};
use input::{FactFlags, LayerFlags};
use output::OutputFlags;
use prove::Report;
use prove::isolation::Memory;
use std::path::PathBuf;
use std::process::ExitCode;

/// Answers a question about all requests: proved, or a request that shows otherwise.
///
/// Exit code: 0 proved, 1 violated, 2 bad input, 3 unknown.
#[derive(Debug, Args)]
pub(crate) struct Prove {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Does a policy allow nothing that its old version does not?
    NoNewAccess(Change),
    /// Do the old and the new version of a policy allow the same?
    Same(Change),
    /// Do policies, attached together, never allow an action (on a resource)?
    NotGranted(NotGranted),
    /// Does a resource's policy let in no strangers?
    Public(Single),
    /// Does every statement of a policy matter?
    Dead(Single),
    /// Can services that a policy lets in be made to act for somebody else?
    Deputy(Deputy),
    /// Can no tenant ever reach what belongs to another?
    Isolation(isolation::Isolation),
    /// Does a certificate that was written with `--certificate` show what it says?
    Verify(verify::Verify),
    /// Lists the facts about condition keys that a proof may use.
    Facts(FactFlags),
}

/// Two versions of a policy.
#[derive(Debug, Args)]
struct Change {
    /// The old version
    old: PathBuf,
    /// The new version
    new: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// One policy.
#[derive(Debug, Args)]
struct Single {
    /// The policy
    policy: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// What must not be granted, and by which policies.
#[derive(Debug, Args)]
struct NotGranted {
    /// The action, with wildcards if need be, such as `iam:PassRole`
    action: String,
    /// The resource, with wildcards if need be [default: any]
    resource: Option<String>,
    /// Files with policies, or folders of them, that are attached together
    #[arg(long, num_args = 1.., required = true, value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// Ask of each policy by itself
    #[arg(long)]
    each: bool,
    #[command(flatten)]
    common: Common,
}

/// A policy that lets services in, and for whom they may act.
#[derive(Debug, Args)]
struct Deputy {
    /// The policy: a role's trust policy, or a resource's
    policy: PathBuf,
    /// The account that owns the role or resource
    #[arg(long, value_name = "ACCOUNT")]
    owner_account: String,
    /// Another account for whose resources services may act; may be repeated
    #[arg(long, value_name = "ACCOUNT")]
    trusted_account: Vec<String>,
    /// An organization for whose accounts services may act; may be repeated
    #[arg(long, value_name = "o-ID")]
    trusted_org: Vec<String>,
    /// The sources alone for which services may act, as an ARN with wildcards; may be repeated
    #[arg(long, value_name = "ARN")]
    source: Vec<String>,
    /// The type of the policy [default: as its elements tell]
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<input::Type>,
    #[command(flatten)]
    facts: FactFlags,
    #[command(flatten)]
    output: OutputFlags,
}

/// What every question has.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    layers: LayerFlags,
    #[command(flatten)]
    facts: FactFlags,
    #[command(flatten)]
    output: OutputFlags,
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
    /// JUnit XML, for CI
    Junit,
    /// SARIF, for code hosts
    Sarif,
}

impl Common {
    /// The facts that a proof may use.
    fn facts(&self) -> Result<prove::Facts, String> {
        Ok(self.output.certified(self.facts.facts()?))
    }
}

impl Prove {
    pub(crate) fn run(self) -> ExitCode {
        match &self.question {
            Question::Facts(flags) => flags.list().unwrap_or_else(|error| {
                eprintln!("palisade: {error}");
                ExitCode::from(crate::BAD_INPUT)
            }),
            Question::Verify(verify) => verify.run(),
            _ => run::run(self),
        }
    }

    /// Answers the question; `memory` is of when it was asked before.
    fn answer(&self, memory: &mut Memory) -> Result<Report, String> {
        match &self.question {
            Question::NoNewAccess(change) => change.no_new_access(),
            Question::Same(change) => change.same(),
            Question::NotGranted(question) => question.run(),
            Question::Public(single) => single.public(),
            Question::Dead(single) => single.dead(),
            Question::Deputy(question) => question.run(),
            Question::Isolation(question) => question.run(memory),
            Question::Facts(_) | Question::Verify(_) => Err("this is no question".to_owned()),
        }
    }

    fn output(&self) -> Option<&OutputFlags> {
        match &self.question {
            Question::NoNewAccess(change) | Question::Same(change) => Some(&change.common.output),
            Question::NotGranted(question) => Some(&question.common.output),
            Question::Public(single) | Question::Dead(single) => Some(&single.common.output),
            Question::Deputy(question) => Some(&question.output),
            Question::Isolation(question) => Some(&question.common.output),
            Question::Facts(_) | Question::Verify(_) => None,
        }
    }

    fn watches(&self) -> bool {
        self.output().is_some_and(|output| output.watch)
    }

    fn give(&self, report: &Report) -> ExitCode {
        let given = self.output().map(|output| output.give(report));
        given
            .unwrap_or(Ok(ExitCode::SUCCESS))
            .unwrap_or_else(|error| {
                eprintln!("palisade: {error}");
                ExitCode::from(crate::BAD_INPUT)
            })
    }

    /// The files that the answer depends on.
    fn files(&self) -> Vec<PathBuf> {
        match &self.question {
            Question::NoNewAccess(change) | Question::Same(change) => {
                let own = [change.old.clone(), change.new.clone()];
                [own.to_vec(), change.common.layers.files()].concat()
            }
            Question::NotGranted(question) => {
                [question.policies.clone(), question.common.layers.files()].concat()
            }
            Question::Public(single) | Question::Dead(single) => {
                [vec![single.policy.clone()], single.common.layers.files()].concat()
            }
            Question::Deputy(question) => vec![question.policy.clone()],
            Question::Isolation(question) => {
                let own = question.policies.iter();
                let own = own.chain(&question.tenancy).chain(&question.blueprint);
                [own.cloned().collect(), question.common.layers.files()].concat()
            }
            Question::Facts(_) | Question::Verify(_) => Vec::new(),
        }
    }
}
