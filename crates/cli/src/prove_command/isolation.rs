//! `palisade prove isolation`.

use super::Common;
use super::export::{self, ExportedRole};
use super::input::{files, read_policy, read_text};
use clap::Args;
use policy::document::PrincipalEntry;
use policy::view;
use policy::{Effect, NamedPolicy, PolicySet, PolicyType};
use prove::isolation::{Memory, Role, by_name};
use prove::tenancy::Tenancy;
use prove::{Owner, Report, alone};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Whose policies, and who the tenants are.
#[derive(Debug, Args)]
pub(super) struct Isolation {
    /// Files with policies, or folders of them, that are attached to the role that tenants share. A folder with folders in
    /// it holds several roles: each folder has the name of its role; a folder with `attachments.json` is an account as
    /// `palisade synth` writes it. What `aws iam get-account-authorization-details` prints holds the roles of an account.
    /// Trust policies and a resource's policy are told by their elements
    #[arg(long, num_args = 1.., required = true, value_name = "FILE")]
    pub(super) policies: Vec<PathBuf>,
    /// The roles that tenants work with, of several, with those whose trust policies name them; may be repeated [default: all]
    #[arg(long = "role", value_name = "NAME", conflicts_with = "by_name")]
    only: Vec<String>,
    /// Who the tenants are and what is whose, as TOML [default: SageMaker's user profiles]
    #[arg(long, value_name = "FILE")]
    pub(super) tenancy: Option<PathBuf>,
    /// A blueprint whose teams are the tenants
    #[arg(long, value_name = "FILE", conflicts_with = "tenancy")]
    pub(super) blueprint: Option<PathBuf>,
    /// Each file, or folder of files, holds the policies of the tenant that it is named after; asks for access alone
    #[arg(long)]
    by_name: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

/// The policies of one role.
#[derive(Default)]
struct Policies {
    name: String,
    identity: PolicySet,
    trust: Option<PolicySet>,
    boundary: Option<PolicySet>,
    resource: Option<PolicySet>,
}

impl Isolation {
    /// Answers the question, with what was found when it was asked before.
    pub(super) fn run(&self, memory: &mut Memory) -> Result<Report, String> {
        let around = self.common.layers.read()?;
        let facts = self.common.facts()?;
        let all = self.roles()?;
        let roles: Vec<Role<'_>> = all
            .iter()
            .map(|policies| {
                let mut stage = around.stage(&policies.identity, PolicyType::Identity);
                if let Some(resource) = &policies.resource {
                    stage.policies.resource = Some(resource);
                }
                if let Some(boundary) = &policies.boundary {
                    stage.policies.boundary = Some(boundary);
                }
                let owner = around.owner().map(Owner::Account);
                let trust = policies.trust.as_ref();
                Role {
                    name: policies.name.clone(),
                    stage,
                    trust: trust.map(|trust| alone(trust, PolicyType::Trust, owner)),
                }
            })
            .collect();
        let tenancy = match (&self.tenancy, &self.blueprint) {
            // What a boundary leaves shows whose things are whose as well.
            (None, None) => Tenancy::built_in(
                all.iter()
                    .flat_map(|policies| [Some(&policies.identity), policies.boundary.as_ref()])
                    .flatten()
                    .chain(around.limits()),
            ),
            (Some(path), _) => Tenancy::read(&path.display().to_string(), &read_text(path)?)
                .map_err(|mistakes| mistakes.to_string())?,
            (None, Some(path)) => {
                let name = path.display().to_string();
                let files = |path: &Path| std::fs::read(path);
                let blueprint = blueprint::read(&name, &read_text(path)?, &files)
                    .map_err(|mistakes| mistakes.to_string())?;
                Tenancy::of_blueprint(&name, &blueprint)
            }
        };
        let answer = match self.by_name {
            true => by_name(&roles, tenancy, &facts),
            false => memory.answer(&roles, tenancy, &facts),
        };
        Ok(answer.into_report())
    }

    /// The roles in question, with their policies.
    fn roles(&self) -> Result<Vec<Policies>, String> {
        let (mut all, mut paths) = (Vec::new(), Vec::new());
        for path in &self.policies {
            let exported = match path.is_file() && !self.by_name {
                true => export::roles(&path.display().to_string(), &read_text(path)?)?,
                false => None,
            };
            match exported {
                Some(roles) => all.extend(roles.into_iter().map(Policies::from)),
                None => paths.push(path.clone()),
            }
        }
        for (name, files) in roles(&paths, self.by_name)? {
            all.push(Policies::read(name, &files)?);
        }
        if let Some(unknown) = self
            .only
            .iter()
            .find(|name| all.iter().all(|role| role.name != **name))
        {
            let known: Vec<_> = all.iter().map(|role| role.name.as_str()).collect();
            return Err(format!(
                "there is no role `{unknown}` among {}",
                known.join(", ")
            ));
        }
        Ok(match self.only.is_empty() {
            true => all,
            false => with_named(all, &self.only),
        })
    }
}

/// These roles, and those whose trust policies name them, or everybody: who is named needs no permission of their own to
/// assume such a role of the account, so that the sessions of these are theirs too.
fn with_named(mut all: Vec<Policies>, only: &[String]) -> Vec<Policies> {
    let is_only = |role: &Policies| only.contains(&role.name);
    let (mut found, mut others): (Vec<_>, Vec<_>) = all.drain(..).partition(is_only);
    let mut at = 0;
    while let Some(name) = found.get(at).map(|role| role.name.clone()) {
        let (named, rest): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|other| other.lets_in(&name));
        found.extend(named);
        others = rest;
        at += 1;
    }
    found
}

/// The role that an ARN names, or whose session it does.
fn role_of(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    match resource.split_once('/')? {
        ("role", path) => path.rsplit('/').next(),
        ("assumed-role", session) => session.split('/').next(),
        _ => None,
    }
}

impl From<ExportedRole> for Policies {
    fn from(role: ExportedRole) -> Self {
        Self {
            name: role.name,
            identity: PolicySet::compile(role.identity),
            trust: Some(PolicySet::compile([role.trust])),
            boundary: role.boundary.map(|boundary| PolicySet::compile([boundary])),
            resource: None,
        }
    }
}

/// The roles that paths hold, with their files.
fn roles(paths: &[PathBuf], by_name: bool) -> Result<Vec<(String, Vec<PathBuf>)>, String> {
    let mut loose = Vec::new();
    let mut roles = Vec::new();
    for path in paths {
        let attachments = path.join("attachments.json");
        if attachments.is_file() {
            roles.extend(attached(path, &attachments)?);
            continue;
        }
        let folders = match path.is_dir() {
            true => folders(path)?,
            false => Vec::new(),
        };
        if folders.is_empty() {
            loose.push(path.clone());
            continue;
        }
        for folder in folders {
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            roles.push((name, files(&[folder])?));
        }
    }
    if by_name && !loose.is_empty() {
        for file in files(&loose)? {
            let name = file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            roles.push((name, vec![file]));
        }
    } else if !loose.is_empty() {
        let files = files(&loose)?;
        roles.insert(0, (named(&files).unwrap_or_default(), files));
    }
    Ok(roles)
}

/// The roles of an account as `palisade synth` writes it: those whose trust policy is there. Others are somebody else's,
/// and get a policy more.
fn attached(account: &Path, attachments: &Path) -> Result<Vec<(String, Vec<PathBuf>)>, String> {
    let wrong = |error| format!("{}: {error}", attachments.display());
    let all: BTreeMap<String, Vec<String>> =
        serde_json::from_str(&read_text(attachments)?).map_err(wrong)?;
    let file = |folder: &str, name: &str| account.join(folder).join(format!("{name}.json"));
    let mut roles = Vec::new();
    for (role, policies) in all {
        let trust = file("trust", &role);
        if trust.is_file() {
            let policies = policies.iter().map(|policy| file("policies", policy));
            roles.push((role, policies.chain([trust]).collect()));
        }
    }
    match roles.is_empty() {
        true => Err(format!(
            "{}: none of its roles has a trust policy in `trust`",
            attachments.display()
        )),
        false => Ok(roles),
    }
}

/// The role that files are named after: that of its trust policy `ROLE.json`, where all others are `ROLE-….json`.
fn named(files: &[PathBuf]) -> Option<String> {
    let stem = |path: &PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let is_trust = |path: &&PathBuf| {
        let text = read_text(path).unwrap_or_default();
        prove::likely_type(&text) == PolicyType::Trust
    };
    let mut trusts = files.iter().filter(is_trust);
    let role = stem(trusts.next()?).filter(|_| trusts.next().is_none())?;
    let before = format!("{role}-");
    let mut stems = files.iter().map(stem);
    let all = stems.all(|stem| stem.is_some_and(|stem| stem == role || stem.starts_with(&before)));
    (all && files.len() > 1).then_some(role)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry
            .map_err(|e| format!("{}: {e}", path.display()))?
            .path();
        if entry.is_dir() {
            folders.push(entry);
        }
    }
    folders.sort();
    Ok(folders)
}

impl Policies {
    /// Whether the trust policy names a role, or everybody.
    fn lets_in(&self, name: &str) -> bool {
        let trust = self.trust.iter().flat_map(view::statements);
        let allows = trust.filter(|statement| statement.effect() == Effect::Allow);
        let mut entries = allows.flat_map(|s| s.principals().into_iter().flatten());
        entries.any(|entry| match entry {
            PrincipalEntry::Arn(arn) => role_of(arn) == Some(name),
            PrincipalEntry::Everyone | PrincipalEntry::EveryoneAws => true,
            _ => false,
        })
    }

    fn read(name: String, paths: &[PathBuf]) -> Result<Self, String> {
        let (mut identity, mut trust, mut resource) = (Vec::new(), Vec::new(), Vec::new());
        for path in paths {
            let text = read_text(path)?;
            let kind = prove::likely_type(&text);
            let policy = read_policy(path, &text, kind)?;
            match kind {
                PolicyType::Trust => trust.push(policy),
                PolicyType::Identity => identity.push(policy),
                _ => resource.push(policy),
            }
        }
        Ok(Self {
            identity: PolicySet::compile(identity),
            trust: one(trust, "trust policy of a role")?,
            boundary: None,
            resource: one(resource, "policy of a resource")?,
            name,
        })
    }
}

/// A request meets one trust policy, and one policy of a resource.
fn one(policies: Vec<NamedPolicy>, what: &str) -> Result<Option<PolicySet>, String> {
    match policies.as_slice() {
        [] => Ok(None),
        [_] => Ok(Some(PolicySet::compile(policies))),
        [first, second, ..] => Err(format!(
            "{} and {} are each the {what}: ask of each in a run of its own",
            first.name, second.name
        )),
    }
}
