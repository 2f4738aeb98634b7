//! The `palisade` command.

mod as_service;
mod aws_config;
mod backup_command;
mod blueprint_command;
mod check_command;
mod connect;
mod explain_command;
mod flags;
mod lsp_command;
mod prove_command;
mod rotate_root_key_command;
mod serve_command;
mod simulate_command;
mod studio_session_command;
mod synth_command;
mod version;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Access control for shared machine-learning platforms.
#[derive(Debug, Parser)]
#[command(name = "palisade", disable_version_flag = true)]
struct Arguments {
    /// Print the version; with --verbose also the facts about AWS that are built in.
    #[arg(short = 'V', long)]
    version: bool,
    /// Say more.
    #[arg(short, long)]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check_command::CheckCommand),
    Explain(explain_command::Explain),
    Lsp(lsp_command::Lsp),
    Prove(Box<prove_command::Prove>),
    RotateRootKey(rotate_root_key_command::RotateRootKey),
    Serve(Box<serve_command::Serve>),
    Backup(backup_command::BackupCommand),
    Restore(backup_command::RestoreCommand),
    Simulate(simulate_command::Simulate),
    Blueprint(blueprint_command::BlueprintCommand),
    Synth(synth_command::Synth),
    StudioSession(studio_session_command::StudioSession),
}

/// The exit code for input that cannot be used.
const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.version {
        return version::print(arguments.verbose);
    }
    match arguments.command {
        Some(Command::Check(check)) => check.run(),
        Some(Command::Explain(explain)) => explain.run(),
        Some(Command::Lsp(server)) => server.run(),
        Some(Command::Prove(prove)) => prove.run(),
        Some(Command::RotateRootKey(rotation)) => rotation.run(),
        Some(Command::Serve(serve)) => serve.run(),
        Some(Command::Backup(backup)) => backup.run(),
        Some(Command::Restore(restore)) => restore.run(),
        Some(Command::Simulate(simulate)) => simulate.run(),
        Some(Command::Blueprint(blueprint)) => blueprint.run(),
        Some(Command::Synth(synth)) => synth.run(),
        Some(Command::StudioSession(session)) => session.run(),
        None => {
            eprintln!("palisade: name a command; `palisade --help` lists them");
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// Prints to standard output. A reader that has gone away is no error.
fn print(text: &str) -> bool {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => true,
        Err(error) => {
            eprintln!("palisade: standard output: {error}");
            false
        }
    }
}
