//! `palisade serve`: runs the platform.

use clap::Args;
use platform::Operator;
use platform::root::RootKey;
use policy::AccountId;
use server::{Limits, Options, StartError};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// The environment variables of the first account's root key.
const ROOT_ID: &str = "PALISADE_ROOT_ACCESS_KEY_ID";
const ROOT_SECRET: &str = "PALISADE_ROOT_SECRET_ACCESS_KEY";

/// Runs an AWS-compatible platform that enforces its policies on every call.
///
/// The root user of the first account has the access key in PALISADE_ROOT_ACCESS_KEY_ID and
/// PALISADE_ROOT_SECRET_ACCESS_KEY; without these, one is generated and printed once. SIGTERM or
/// SIGINT stops it after the requests under way.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Keep everything in memory; it ends with the process
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4566")]
    listen: SocketAddr,
    /// Listen beyond loopback although requests are not encrypted
    #[arg(long)]
    plaintext_beyond_loopback: bool,
    /// An account to serve, 12 digits; may be repeated
    #[arg(long = "account", value_name = "ID", default_value = "123456789012", value_parser = account)]
    accounts: Vec<AccountId>,
    /// The region of resources that no request names
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The directory of state, trail and sealing keys
    #[arg(long, value_name = "DIR", default_value = "./palisade-data")]
    data: PathBuf,
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "an account id has twelve digits".to_owned())
}

impl Serve {
    /// Runs until told to stop.
    pub(crate) fn run(self) -> ExitCode {
        let options = match self.options() {
            Ok(options) => options,
            Err(problem) => {
                eprintln!("palisade: {problem}");
                return ExitCode::from(2);
            }
        };
        let runtime = match tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("palisade: cannot start: {error}");
                return ExitCode::FAILURE;
            }
        };
        match runtime.block_on(run(&options)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn options(self) -> Result<Options, String> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let root_key = match (variable(ROOT_ID), variable(ROOT_SECRET)) {
            (Some(id), Some(secret)) => Some(RootKey { id, secret }),
            (None, None) => None,
            _ => {
                return Err(format!(
                    "set both `{ROOT_ID}` and `{ROOT_SECRET}`, or neither"
                ));
            }
        };
        Ok(Options {
            listen: self.listen,
            plaintext_beyond_loopback: self.plaintext_beyond_loopback,
            data: (!self.ephemeral).then_some(self.data),
            accounts: self.accounts,
            region: self.region,
            root_key,
            limits: Limits::default(),
        })
    }
}

async fn run(options: &Options) -> Result<(), StartError> {
    let cannot = |error: std::io::Error| StartError::Platform(error.to_string());
    let stop = server::stop_signal().map_err(cannot)?;
    let listener = server::listen(options).await?;
    let composed = server::compose(options, Arc::new(Stderr))?;
    for (account, key) in &composed.new_root_keys {
        say(&format!(
            "palisade: root access key of account {account}: {}",
            key.id
        ));
        say(&format!(
            "palisade: its secret, shown this once: {}",
            key.secret
        ));
    }
    let address = listener.local_addr().map_err(cannot)?;
    say(&format!("palisade: ready at http://{address}"));
    server::serve(composed.platform, listener, options.limits, stop).await;
    Ok(())
}

/// Tells the operator on standard error.
struct Stderr;

impl Operator for Stderr {
    fn report(&self, line: &str) {
        eprintln!("palisade: {line}");
    }
}

/// Prints a line at once. Nobody reading it is no reason to stop serving.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
