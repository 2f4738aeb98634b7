//! `palisade serve`: runs the platform.

use blueprint::Blueprint;
use clap::Args;
use iam::desired::NewKey;
use jiff::SignedDuration;
use platform::Operator;
use platform::root::RootKey;
use policy::AccountId;
use server::{Courier, Housekeeper, Options, Schedule, StartError};
use services::bootstrap::{self, UserKey};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use crate::aws_config::{AwsConfig, Endpoint};
use crate::flags::{FrontFlags, ObjectsFlags, StoreFlags};

/// The environment variables of the first account's root key.
const ROOT_ID: &str = "PALISADE_ROOT_ACCESS_KEY_ID";
const ROOT_SECRET: &str = "PALISADE_ROOT_SECRET_ACCESS_KEY";

/// Runs an AWS-compatible platform that enforces its policies on every call.
///
/// With a blueprint, the platform becomes what the file says: applied whole or not at all, and only
/// where something differs. Without one, it is an empty account.
///
/// The root user of the first account has the access key in PALISADE_ROOT_ACCESS_KEY_ID and
/// PALISADE_ROOT_SECRET_ACCESS_KEY; without these, one is generated and printed once. SIGTERM or
/// SIGINT stops it after the requests under way.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// What the platform shall be: a TOML file
    #[arg(value_name = "BLUEPRINT.toml")]
    blueprint: Option<PathBuf>,
    /// Keep everything in memory; it ends with the process
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    #[command(flatten)]
    front: FrontFlags,
    #[command(flatten)]
    store: StoreFlags,
    #[command(flatten)]
    objects: ObjectsFlags,
    /// An account to serve, 12 digits; may be repeated [default: 123456789012]
    #[arg(long = "account", value_name = "ID", value_parser = account, conflicts_with = "blueprint")]
    accounts: Vec<AccountId>,
    /// The region of resources that no request names [default: us-east-1]
    #[arg(long, conflicts_with = "blueprint")]
    region: Option<String>,
    /// Where to write profiles for the AWS clients: the blueprint's tenants and users, with their
    /// access keys [default: `aws-config` in the data directory]
    #[arg(long, value_name = "FILE", requires = "blueprint")]
    aws_config: Option<PathBuf>,
    /// The directory of state, trail, objects and sealing keys
    #[arg(long, value_name = "DIR", default_value = "./palisade-data")]
    data: PathBuf,
    /// The file of root keys, which seal what is kept secret; only its owner may read it [default:
    /// `sealing-keys` in the data directory, made at the first start]
    #[arg(long, value_name = "FILE", conflicts_with = "ephemeral")]
    root_key_file: Option<PathBuf>,
    /// The time between two deliveries of a trail's log files
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = interval)]
    trail_delivery_interval: SignedDuration,
    /// The time between two digest files of a trail
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = interval)]
    trail_digest_interval: SignedDuration,
    /// How long the platform's own log is kept at least, in days [default: for good]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    trail_retention: Option<u16>,
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "an account id has twelve digits".to_owned())
}

fn interval(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "write a time of at least a second, such as `30s`, `5m` or `1h`".to_owned();
    let time: SignedDuration = text.parse().map_err(|_| wrong())?;
    (time >= SignedDuration::from_secs(1))
        .then_some(time)
        .ok_or_else(wrong)
}

impl Serve {
    /// Runs until told to stop.
    pub(crate) fn run(self) -> ExitCode {
        let prepared = self.blueprint().and_then(|blueprint| {
            let options = self.options(blueprint.as_ref())?;
            Ok((options, blueprint))
        });
        let (options, blueprint) = match prepared {
            Ok(prepared) => prepared,
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
        let profiles = self.aws_config.clone().or_else(|| {
            let data = options.data.as_ref()?;
            Some(data.join("aws-config"))
        });
        let host = self.front.host_names.first().map(String::as_str);
        let wanted = Wanted {
            options: &options,
            blueprint: blueprint.as_ref(),
            profiles: profiles.as_deref(),
            host,
        };
        match runtime.block_on(run(wanted)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn blueprint(&self) -> Result<Option<Blueprint>, String> {
        let Some(path) = &self.blueprint else {
            return Ok(None);
        };
        crate::blueprint_command::read(path).map(Some)
    }

    fn options(&self, blueprint: Option<&Blueprint>) -> Result<Options, String> {
        let empty;
        let blueprint = match blueprint {
            Some(blueprint) => blueprint,
            None => {
                empty = self.empty();
                &empty
            }
        };
        let mut accounts = Vec::new();
        for wanted in &blueprint.accounts {
            let key = wanted.root_access_key.as_ref().map(|key| RootKey {
                id: key.id.clone(),
                secret: key.secret.0.clone(),
            });
            accounts.push((account(&wanted.id)?, key));
        }
        if let (Some((_, key)), Some(given)) = (accounts.first_mut(), root_key()?) {
            *key = Some(given);
        }
        let data = (!self.ephemeral).then(|| self.data.clone());
        let store = self.store.options()?;
        let objects = self.objects.options()?;
        if data.is_none() && (store.is_some() || objects.is_some()) {
            return Err("`--ephemeral` keeps nothing: leave it out to use a store".to_owned());
        }
        Ok(Options {
            listen: self.front.listen,
            certificate: self.front.certificate(data.as_deref())?,
            proxy: self.front.proxy(data.as_deref())?,
            hosts: self.front.host_names.clone(),
            plaintext_beyond_loopback: self.front.plaintext_beyond_loopback,
            data,
            durability: self.store.durability(),
            store,
            root_key_file: self.root_key_file.clone(),
            objects,
            accounts,
            partition: blueprint.partition.clone(),
            region: blueprint.region.clone(),
            trails: Schedule {
                delivery: self.trail_delivery_interval,
                digest: self.trail_digest_interval,
                retention: self
                    .trail_retention
                    .map(|days| SignedDuration::from_hours(24 * i64::from(days))),
            },
            limits: self.front.limits(),
        })
    }

    /// What is served without a blueprint.
    fn empty(&self) -> Blueprint {
        let region = self.region.as_deref().unwrap_or("us-east-1");
        let ids: Vec<&str> = self.accounts.iter().map(AccountId::as_str).collect();
        let first = ids.first().copied().unwrap_or("123456789012");
        let mut blueprint = Blueprint::empty("aws", region, first);
        for id in ids.iter().skip(1) {
            blueprint
                .accounts
                .extend(Blueprint::empty("aws", region, id).accounts);
        }
        blueprint
    }
}

/// The root key in the environment.
fn root_key() -> Result<Option<RootKey>, String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (variable(ROOT_ID), variable(ROOT_SECRET)) {
        (Some(id), Some(secret)) => Ok(Some(RootKey { id, secret })),
        (None, None) => Ok(None),
        _ => Err(format!(
            "set both `{ROOT_ID}` and `{ROOT_SECRET}`, or neither"
        )),
    }
}

/// What to run.
struct Wanted<'w> {
    options: &'w Options,
    blueprint: Option<&'w Blueprint>,
    /// Where to write profiles.
    profiles: Option<&'w Path>,
    /// The name by which clients reach the server.
    host: Option<&'w str>,
}

async fn run(wanted: Wanted<'_>) -> Result<(), StartError> {
    let options = wanted.options;
    let cannot = |error: std::io::Error| StartError::Platform(error.to_string());
    let stop = server::stop_signal().map_err(cannot)?;
    let listening = server::listen(options).await?;
    let composed = server::compose(options, Arc::new(Stderr))?;
    for (account, key) in &composed.new_root_keys {
        let RootKey { id, secret } = key;
        say(&format!(
            "palisade: root of {account} signs with {}",
            variables(id, secret)
        ));
    }
    let endpoint = Endpoint {
        url: listening.url(wanted.host),
        ca_bundle: options.ca_bundle(),
    };
    if let Some(blueprint) = wanted.blueprint {
        let applied = bootstrap::apply(&composed.platform, blueprint)
            .map_err(|error| StartError::Platform(error.to_string()))?;
        say(&format!(
            "palisade: the blueprint is applied, {}",
            changes(applied.changes)
        ));
        match wanted.profiles {
            Some(path) => {
                let config =
                    AwsConfig::write(&composed.platform, blueprint, path, endpoint.clone())?;
                config.explain().for_each(|line| say(&line));
            }
            None => tell(blueprint, &applied.new_keys),
        }
    }
    if let Some(path) = &endpoint.ca_bundle {
        say(&format!(
            "palisade: clients trust it with AWS_CA_BUNDLE='{}'",
            path.display()
        ));
    }
    if let (Some(proxy), Some(url)) = (&options.proxy, listening.proxy_url(wanted.host)) {
        say(&format!(
            "palisade: AWS's own names lead here with HTTPS_PROXY={url} AWS_CA_BUNDLE='{}'",
            proxy.ca_bundle().display()
        ));
    }
    say(&format!("palisade: ready at {}", endpoint.url));
    let mut courier = Courier::start(Arc::clone(&composed.platform), options.trails)?;
    let superseded = courier.superseded();
    let stop = async move {
        tokio::select! {
            () = stop => {}
            () = superseded => {}
        }
    };
    let housekeeper = Housekeeper::start(Arc::clone(&composed.platform))?;
    server::serve(composed.platform, listening, options.limits, stop).await;
    drop(housekeeper);
    drop(courier);
    Ok(())
}

fn changes(number: usize) -> String {
    match number {
        0 => "nothing had to change".to_owned(),
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    }
}

/// Prints keys and commands, for there is no file to hold them.
fn tell(blueprint: &Blueprint, new_keys: &[UserKey]) {
    for UserKey { account, user, key } in new_keys {
        let NewKey { id, secret } = key;
        say(&format!(
            "palisade: {user} of {account} signs with {}",
            variables(id, secret)
        ));
    }
    for tenant in tenants(blueprint) {
        say(&tenant);
    }
}

/// What to set in order to sign with a key. Its secret is printed this once.
fn variables(id: &str, secret: &str) -> String {
    format!("AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}")
}

/// How to become each tenant.
fn tenants(blueprint: &Blueprint) -> impl Iterator<Item = String> {
    let domains = blueprint
        .accounts
        .iter()
        .flat_map(|account| &account.domains);
    domains.flat_map(|domain| {
        domain.user_profiles.iter().map(|profile| {
            format!(
                "palisade: {}/{} opens Studio with `aws sagemaker create-presigned-domain-url \
                 --domain-id {} --user-profile-name {}`",
                domain.name, profile.name, domain.id, profile.name
            )
        })
    })
}

/// Tells the operator on standard error.
struct Stderr;

impl Operator for Stderr {
    fn report(&self, line: &str) {
        // Nobody reading it is no reason to stop serving.
        drop(writeln!(std::io::stderr().lock(), "palisade: {line}"));
    }
}

/// Prints a line at once. Nobody reading it is no reason to stop serving.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
