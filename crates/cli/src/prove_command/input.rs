//! What `palisade prove` reads: policies, the layers around them, facts.

use crate::print;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum};
use policy::text::Source;
use policy::{AccountId, Document, NamedPolicy, Options, PolicySet, PolicyType};
use prove::{Fact, Facts, Owner, Stage, alone};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The type of a policy.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Type {
    /// Attached to a user, group or role
    Identity,
    /// Attached to a resource
    Resource,
    /// A role's trust policy
    Trust,
    /// A KMS key's policy
    Key,
    /// A permissions boundary
    Boundary,
    /// Passed when a session is made
    Session,
    /// A service control policy
    Scp,
    /// A resource control policy
    Rcp,
    /// Attached to a VPC endpoint
    Endpoint,
}

impl From<Type> for PolicyType {
    fn from(kind: Type) -> Self {
        match kind {
            Type::Identity => Self::Identity,
            Type::Resource => Self::Resource,
            Type::Trust => Self::Trust,
            Type::Key => Self::Key,
            Type::Boundary => Self::Boundary,
            Type::Session => Self::Session,
            Type::Scp => Self::ServiceControl,
            Type::Rcp => Self::ResourceControl,
            Type::Endpoint => Self::VpcEndpoint,
        }
    }
}

/// The layers around the policies in question.
#[derive(Debug, Args)]
pub(super) struct LayerFlags {
    /// The type of the policies in question [default: as their elements tell]
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<Type>,
    /// The account that owns the resource
    #[arg(long, value_name = "ACCOUNT")]
    owner_account: Option<String>,
    /// The caller's identity-based policies
    #[arg(long, num_args = 1.., value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// The caller's permissions boundary
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    /// The caller's session policies
    #[arg(long, num_args = 1.., value_name = "FILE")]
    session: Vec<PathBuf>,
    /// The resource's own policy
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    #[command(flatten)]
    scp: ServiceControl,
    /// A resource control policy; once for each level
    #[arg(long, value_name = "FILE")]
    rcp: Vec<PathBuf>,
}

/// The service control policies of each level.
#[derive(Clone, Debug)]
struct ServiceControl {
    levels: Vec<Vec<PathBuf>>,
}

impl ServiceControl {
    const NAME: &str = "scp";
}

impl Args for ServiceControl {
    fn augment_args(command: Command) -> Command {
        let help = "Service control policies of one level, from the root down; once for each level";
        let flag = Arg::new(Self::NAME).long(Self::NAME).help(help);
        let files = flag.value_name("FILE").num_args(1..);
        command.arg(
            files
                .value_parser(clap::value_parser!(PathBuf))
                .action(ArgAction::Append),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServiceControl {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let levels = matches.get_occurrences::<PathBuf>(Self::NAME);
        let levels = levels.into_iter().flatten();
        Ok(Self {
            levels: levels.map(|files| files.cloned().collect()).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Which facts about condition keys are used.
#[derive(Debug, Args)]
pub(super) struct FactFlags {
    /// Do not use this fact; `catalog` stands for all that the catalog says
    #[arg(long, value_name = "FACT")]
    without_fact: Vec<String>,
    /// Use no facts at all, but for those of `--fact-file`
    #[arg(long)]
    no_facts: bool,
    /// Use the facts in this file too: a JSON list in the form of `assumptions` in JSON answers
    #[arg(long, value_name = "FILE.json")]
    fact_file: Vec<PathBuf>,
}

impl FactFlags {
    pub(super) fn facts(&self) -> Result<Facts, String> {
        let mut facts = match self.no_facts {
            true => Facts::none(),
            false => Facts::default(),
        };
        for path in &self.fact_file {
            let added: Vec<Fact> = serde_json::from_str(&read_text(path)?)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            for fact in added {
                if facts.contains(&fact.id) {
                    let (file, id) = (path.display(), &fact.id);
                    return Err(format!(
                        "{file}: there is a fact `{id}` already: call it otherwise"
                    ));
                }
                facts.add(fact);
            }
        }
        for id in &self.without_fact {
            let known = facts.contains(id) || Facts::default().contains(id);
            if !id.starts_with("count:") && !id.starts_with("type:") && !known {
                return Err(format!(
                    "`{id}` is no fact: `palisade prove facts` lists them"
                ));
            }
            facts.remove(id);
        }
        Ok(facts)
    }

    pub(super) fn list(&self) -> Result<ExitCode, String> {
        let facts = self.facts()?;
        let mut text: String = facts
            .iter()
            .map(|fact| prove::describe(fact) + "\n")
            .collect();
        text += "and for each condition key that AWS lists: whether it has one value or several, \
                 and whether it is `true` or `false` (Service Authorization Reference; facts `count:KEY` and \
                 `type:KEY`, all of them `catalog`)\n";
        print(&text);
        Ok(ExitCode::SUCCESS)
    }
}

/// The layers around the policies in question, read.
#[derive(Debug)]
pub(super) struct Around {
    owner: Option<AccountId>,
    identity: Option<PolicySet>,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    resource: Option<(PolicyType, PolicySet)>,
    service_control: Vec<PolicySet>,
    resource_control: Vec<PolicySet>,
}

impl LayerFlags {
    /// The type of a policy: as the flag says, else as its elements tell.
    pub(super) fn type_of(&self, text: &str) -> PolicyType {
        self.kind
            .map_or_else(|| prove::likely_type(text), Into::into)
    }

    /// The files of the layers.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let lists = [&self.identity, &self.session, &self.rcp];
        let lists = lists.into_iter().chain(&self.scp.levels);
        let single = [&self.boundary, &self.resource_policy]
            .into_iter()
            .flatten();
        lists.flatten().chain(single).cloned().collect()
    }

    /// Reads the layers around the policies in question.
    pub(super) fn read(&self) -> Result<Around, String> {
        let owner = match &self.owner_account {
            None => None,
            Some(text) => Some(
                AccountId::parse(text)
                    .ok_or_else(|| format!("`{text}` is no account id: write its twelve digits"))?,
            ),
        };
        let several = |paths: &[PathBuf], kind| match paths {
            [] => Ok(None),
            paths => read_set(paths, kind).map(Some),
        };
        let one = |path: &Option<PathBuf>, kind| match path {
            None => Ok(None),
            Some(path) => read_set(std::slice::from_ref(path), kind).map(Some),
        };
        let levels = |levels: &[Vec<PathBuf>], kind| {
            let each = levels.iter().map(|paths| read_set(paths, kind));
            each.collect::<Result<Vec<_>, String>>()
        };
        let rcp: Vec<Vec<PathBuf>> = self.rcp.iter().map(|path| vec![path.clone()]).collect();
        let resource = match &self.resource_policy {
            None => None,
            Some(path) => {
                let kind = prove::likely_type(&read_text(path)?);
                if !kind.has_principal() {
                    let path = path.display();
                    return Err(format!(
                        "{path}: a resource's policy says for whom it is: add `Principal`"
                    ));
                }
                Some((kind, read_set(std::slice::from_ref(path), kind)?))
            }
        };
        Ok(Around {
            owner,
            identity: several(&self.identity, PolicyType::Identity)?,
            boundary: one(&self.boundary, PolicyType::Boundary)?,
            session: several(&self.session, PolicyType::Session)?,
            resource,
            service_control: levels(&self.scp.levels, PolicyType::ServiceControl)?,
            resource_control: levels(&rcp, PolicyType::ResourceControl)?,
        })
    }
}

impl Around {
    /// The account that owns the resource.
    pub(super) fn owner(&self) -> Option<AccountId> {
        self.owner
    }

    /// The policies that limit the caller.
    pub(super) fn limits(&self) -> impl Iterator<Item = &PolicySet> {
        [&self.boundary, &self.session].into_iter().flatten()
    }

    /// The stage of the policies in question with the layers around them.
    pub(super) fn stage<'p>(&'p self, set: &'p PolicySet, kind: PolicyType) -> Stage<'p> {
        let mut stage = alone(set, kind, self.owner.map(Owner::Account));
        let policies = &mut stage.policies;
        if let Some(identity) = &self.identity {
            policies.identity = Some(identity);
        }
        if let Some(boundary) = &self.boundary {
            policies.boundary = Some(boundary);
        }
        if let Some(session) = &self.session {
            policies.session = Some(session);
        }
        if let Some((kind, resource)) = &self.resource {
            policies.resource = Some(resource);
            stage.resource_type = *kind;
        }
        if !self.service_control.is_empty() {
            policies.service_control = &self.service_control;
        }
        if !self.resource_control.is_empty() {
            policies.resource_control = &self.resource_control;
        }
        stage
    }
}

/// The text of a file.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The files that are meant: a folder stands for the JSON files in it and below.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut within: Vec<PathBuf> = Vec::new();
        for entry in entries {
            within.push(
                entry
                    .map_err(|e| format!("{}: {e}", path.display()))?
                    .path(),
            );
        }
        within.sort();
        within.retain(|path| path.is_dir() || path.extension().is_some_and(|e| e == "json"));
        found.extend(files(&within)?);
    }
    if found.is_empty() {
        return Err("there are no policies: name JSON files, or folders that hold some".to_owned());
    }
    Ok(found)
}

/// The policies of some files, as one layer.
pub(super) fn read_set(paths: &[PathBuf], kind: PolicyType) -> Result<PolicySet, String> {
    let mut policies = Vec::new();
    for path in files(paths)? {
        policies.push(read_policy(&path, &read_text(&path)?, kind)?);
    }
    Ok(PolicySet::compile(policies))
}

/// A policy with its file's name.
pub(super) fn read_policy(
    path: &Path,
    text: &str,
    kind: PolicyType,
) -> Result<NamedPolicy, String> {
    let name = path.display().to_string();
    let source = Source::named(name.as_str(), text);
    let document = Document::parse_source(&source, kind, &Options::default());
    Ok(NamedPolicy::new(
        name,
        document.map_err(|error| error.to_string())?,
    ))
}
