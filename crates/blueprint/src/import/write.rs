//! The blueprint of what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Imported;
use super::gather::{Domain, Found};
use super::guess::{Guess, guess};
use crate::names;

/// A blueprint that is being written.
struct Writer<'f> {
    found: &'f Found,
    toml: String,
    notes: Vec<String>,
    several: bool,
    /// Prefixes that somebody has, by what they are part of.
    taken: Vec<(String, String)>,
    /// Roles, teams and domains that were named.
    roles: BTreeSet<String>,
    teams: BTreeSet<String>,
    domains: BTreeSet<String>,
    shares: BTreeMap<(String, String), (bool, Vec<String>)>,
}

pub(super) fn write(found: &Found) -> Imported {
    let mut writer = Writer {
        found,
        toml: String::new(),
        notes: Vec::new(),
        several: found.accounts.len() > 1,
        taken: Vec::new(),
        roles: BTreeSet::new(),
        teams: BTreeSet::new(),
        domains: BTreeSet::new(),
        shares: BTreeMap::new(),
    };
    writer.head();
    let guesses: Vec<(&String, &Domain, Guess)> = found
        .domains
        .iter()
        .map(|(id, domain)| (id, domain, writer.of_role(domain)))
        .collect();
    writer.resources(&guesses);
    for (id, domain, guess) in &guesses {
        writer.domain(id, domain, guess);
    }
    writer.roles_without_domain();
    writer.write_shares();
    Imported {
        toml: writer.toml,
        notes: writer.notes,
    }
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.map(|text| quoted(&text)).collect();
    format!("[{}]", texts.join(", "))
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.toml, "{line}");
    }

    /// Notes what could not be told, here and for the reader of the blueprint.
    fn unknown(&mut self, note: String) {
        let printable = note.replace(char::is_control, " ");
        self.line(&format!("# not told: {printable}"));
        self.notes.push(note);
    }

    fn region(&self) -> String {
        let regions = self.found.domains.values().map(|domain| &domain.region);
        let region = regions.into_iter().find(|it| names::region(it).is_ok());
        region.cloned().unwrap_or_else(|| {
            let of_partition = match self.found.partition.as_deref() {
                Some("aws-cn") => "cn-north-1",
                Some("aws-us-gov") => "us-gov-west-1",
                _ => "us-east-1",
            };
            of_partition.to_owned()
        })
    }

    fn head(&mut self) {
        self.line(
            "# A first blueprint, from what the account exported. Read it before you use it.\n",
        );
        let found = self.found;
        if let Some(partition) = found.partition.as_deref().filter(|it| *it != "aws") {
            self.line(&format!("partition = {}", quoted(partition)));
        }
        let region = self.region();
        self.line(&format!("region = {}", quoted(&region)));
        if found
            .domains
            .values()
            .all(|domain| domain.region.is_empty())
        {
            self.unknown("no domain tells the region: write yours".to_owned());
        }
        if let Some((id, management)) = &found.organization
            && names::organization_id(id).is_ok()
        {
            self.line("\n[organization]");
            self.line(&format!("id = {}", quoted(id)));
            self.line(&format!("management_account = {}", quoted(management)));
        }
        for account in &found.accounts {
            self.line("\n[[account]]");
            self.line(&format!("id = {}", quoted(account)));
        }
    }

    /// What the policies of a domain's role tell.
    fn of_role(&self, domain: &Domain) -> Guess {
        let role = domain
            .role
            .as_ref()
            .and_then(|arn| self.found.roles.get(arn));
        role.map(guess).unwrap_or_default()
    }

    fn home(&mut self, account: &str) {
        if self.several {
            self.line(&format!("account = {}", quoted(account)));
        }
    }

    /// Where it is not known which account has something: the first.
    fn some_account(&self) -> String {
        self.found.accounts.first().cloned().unwrap_or_default()
    }

    fn resources(&mut self, guesses: &[(&String, &Domain, Guess)]) {
        let account = self.some_account();
        let mut buckets = self.found.buckets.clone();
        for (_, _, guess) in guesses {
            buckets.extend(guess.storage.iter().map(|(bucket, _)| bucket.clone()));
            buckets.extend(guess.shares.iter().map(|(bucket, ..)| bucket.clone()));
        }
        buckets.extend(self.found.trails.values().cloned());
        for bucket in buckets.iter().filter(|it| names::bucket(it).is_ok()) {
            self.line("\n[[bucket]]");
            self.home(&account);
            self.line(&format!("name = {}", quoted(bucket)));
        }
        if self.several && !buckets.is_empty() {
            self.unknown(format!(
                "which account has which bucket: all of them are put into {account}"
            ));
        }
        let own = |alias: &&String| alias.starts_with("alias/") && !alias.starts_with("alias/aws/");
        let aliases: Vec<String> = self.found.aliases.iter().filter(own).cloned().collect();
        for alias in aliases {
            let name = alias.strip_prefix("alias/").unwrap_or_default();
            if names::key_alias(name).is_ok() {
                self.line("\n[[key]]");
                self.home(&account);
                self.line(&format!("name = {}", quoted(name)));
            }
        }
        let mut systems: BTreeMap<String, &str> = self.found.file_systems.clone();
        for (_, _, guess) in guesses {
            for (id, _) in &guess.directories {
                systems.entry(id.clone()).or_insert("FSxLustre");
            }
        }
        for (id, kind) in systems {
            if names::file_system_id(&id).is_err() {
                continue;
            }
            self.line("\n[[file_system]]");
            self.home(&account);
            self.line(&format!(
                "name = {0}\nid = {0}\ntype = {1}",
                quoted(&id),
                quoted(kind)
            ));
            if !self.found.file_systems.contains_key(&id) {
                self.unknown(format!("the type of the file system `{id}`"));
            }
        }
        for (name, bucket) in &self.found.trails {
            if names::trail_name(name).is_ok() && names::bucket(bucket).is_ok() {
                self.line("\n[[trail]]");
                self.home(&account);
                self.line(&format!(
                    "name = {}\nbucket = {}",
                    quoted(name),
                    quoted(bucket)
                ));
            }
        }
        if !self.found.secrets.is_empty() {
            let count = self.found.secrets.len();
            self.line("");
            self.unknown(format!(
                "the values of {count} secrets; describe those that need a policy of their own as `[[secret]]`"
            ));
        }
        self.users();
    }

    fn users(&mut self) {
        for account in &self.found.accounts {
            let users = self.found.users.iter();
            let names: Vec<String> = users
                .filter(|(home, name)| home == account && names::iam_name(name).is_ok())
                .map(|(_, name)| name.clone())
                .collect();
            if names.is_empty() {
                continue;
            }
            self.line("\n[[user]]");
            self.home(account);
            self.line(&format!("names = {}", list(names.into_iter())));
            self.line("access_key = \"none\"");
        }
    }

    fn domain(&mut self, id: &str, domain: &Domain, guess: &Guess) {
        let right = names::domain_name(&domain.name).is_ok()
            && self.domains.insert(domain.name.to_ascii_lowercase());
        let name = match right {
            true => domain.name.clone(),
            false => id.to_owned(),
        };
        let account = match domain.account.is_empty() {
            true => self.some_account(),
            false => domain.account.clone(),
        };
        self.line("\n[[domain]]");
        self.home(&account);
        self.line(&format!("name = {}\nid = {}", quoted(&name), quoted(id)));
        if names::region(&domain.region).is_ok() && domain.region != self.region() {
            self.line(&format!("region = {}", quoted(&domain.region)));
        }
        let mut profiles: Vec<String> = Vec::new();
        for profile in &domain.profiles {
            let right = names::profile_name(profile).is_ok()
                && !names::has_capital(profile)
                && !profile.contains("--")
                && profile.len() > 1;
            if right {
                profiles.push(profile.clone());
            } else {
                self.unknown(format!(
                    "the user profile `{profile}` of `{name}` is left out: its name has capitals, `--` or one \
                     character, and policies could not keep its bearer apart"
                ));
            }
        }
        self.line(&format!("user_profiles = {}", list(profiles.into_iter())));
        if let Some("DISABLED") = domain.names.as_deref() {
            self.unknown(format!(
                "sessions of `{name}` carry no names so far: set \
                 `ExecutionRoleIdentityConfig=USER_PROFILE_NAME` on the domain before its policies are replaced"
            ));
        }
        for profile in &domain.own_roles {
            self.unknown(format!(
                "the user profile `{profile}` of `{name}` has a role of its own, which is not taken over"
            ));
        }
        self.team(&name, &account, domain, guess);
    }

    fn team(&mut self, domain: &str, account: &str, found: &Domain, guess: &Guess) {
        let mut team = team_name(domain);
        let mut number = 2;
        while !self.teams.insert(team.clone()) {
            team = format!("{}-{number}", team_name(domain));
            number += 1;
        }
        self.line("\n[[team]]");
        self.home(account);
        self.line(&format!(
            "name = {}\ndomain = {}",
            quoted(&team),
            quoted(domain)
        ));
        self.execution_role(&team, account, found);
        let features = guess.features.iter().map(|it| it.name().to_owned());
        let features = list(features);
        match guess.features.is_empty() {
            true => {
                self.line("features = [\"studio\"]");
                self.unknown(format!("what the team `{team}` uses of SageMaker"));
            }
            false => self.line(&format!("features = {features}")),
        }
        let mut storage = Vec::new();
        for (bucket, prefix) in &guess.storage {
            if self.take(format!("s3/{bucket}"), prefix) {
                let (bucket, prefix) = (quoted(bucket), quoted(prefix));
                storage.push(format!("{{ bucket = {bucket}, prefix = {prefix} }}"));
            }
        }
        if !storage.is_empty() {
            self.line(&format!("storage = [{}]", storage.join(", ")));
        }
        let mut secrets = Vec::new();
        for prefix in &guess.secrets {
            if self.take(format!("secrets/{account}"), prefix) {
                secrets.push(prefix.clone());
            }
        }
        if !secrets.is_empty() {
            self.line(&format!("secrets = {}", list(secrets.into_iter())));
        }
        self.directories(guess);
        if guess.storage.is_empty() {
            self.unknown(format!(
                "where members of the team `{team}` have their files: add `storage`"
            ));
        }
        for beyond in &guess.beyond {
            self.unknown(format!("the role of the team `{team}` also had {beyond}"));
        }
        for (bucket, prefix, writable) in &guess.shares {
            let share = self.shares.entry((bucket.clone(), prefix.clone()));
            let (write, teams) = share.or_default();
            *write |= *writable;
            teams.push(team.clone());
        }
    }

    fn execution_role(&mut self, team: &str, account: &str, found: &Domain) {
        let role = found.role.as_deref();
        let Some(name) = role.and_then(|arn| arn.rsplit('/').next()) else {
            self.unknown(format!(
                "the role of the team `{team}`: add the output of `aws sagemaker describe-domain`"
            ));
            return;
        };
        if names::iam_name(name).is_err() || !self.roles.insert(format!("{account}/{name}")) {
            self.unknown(format!(
                "the role `{name}` is shared with another domain: the team `{team}` gets one of its own"
            ));
            return;
        }
        self.line(&format!("execution_role = {}", quoted(name)));
        if role.is_some_and(|arn| !self.found.roles.contains_key(arn)) {
            self.unknown(format!(
                "what `{name}` may do: add the output of `aws iam get-account-authorization-details`"
            ));
        }
    }

    /// Roles that are shared by people, as far as their policies tell, and that no domain was seen to work with.
    fn roles_without_domain(&mut self) {
        let found = self.found;
        if found.domains.is_empty() {
            self.line("");
            self.unknown(
                "who works in which domain: add the output of `aws sagemaker list-domains`, `describe-domain` and \
                 `list-user-profiles`"
                    .to_owned(),
            );
        }
        for (arn, role) in &found.roles {
            let mut domains = found.domains.values();
            let is_personal = {
                let guess = guess(role);
                let own = [
                    guess.storage.len(),
                    guess.secrets.len(),
                    guess.directories.len(),
                ];
                own.iter().any(|count| *count > 0)
            };
            if is_personal && !domains.any(|domain| domain.role.as_ref() == Some(arn)) {
                self.unknown(format!(
                    "which domain works with `{arn}`, which gives each person something of their own: add the \
                     output of `aws sagemaker describe-domain`"
                ));
            }
        }
    }

    fn directories(&mut self, guess: &Guess) {
        let mut mounts = Vec::new();
        for (id, directory) in &guess.directories {
            let path = directory.trim_matches('/');
            if names::file_system_id(id).is_ok() && self.take(format!("fs/{id}"), path) {
                let (id, directory) = (quoted(id), quoted(directory));
                mounts.push(format!("{{ name = {id}, directory = {directory} }}"));
            }
        }
        if !mounts.is_empty() {
            self.line(&format!("file_systems = [{}]", mounts.join(", ")));
        }
    }

    /// Whether a prefix reaches into none that somebody has.
    fn free(&self, container: &str, prefix: &str) -> bool {
        let within = |a: &str, b: &str| {
            b.is_empty() || a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'))
        };
        !self.taken.iter().any(|(known, other)| {
            known == container && (within(prefix, other) || within(other, prefix))
        })
    }

    /// Takes a prefix for members, unless it reaches into what somebody has.
    fn take(&mut self, container: String, prefix: &str) -> bool {
        let free = self.free(&container, prefix);
        if free {
            self.taken.push((container, prefix.to_owned()));
        } else {
            self.unknown(format!(
                "`{prefix}` reaches into what other members have, so that it is left out: give each team a prefix \
                 of its own"
            ));
        }
        free
    }

    fn write_shares(&mut self) {
        let shares = std::mem::take(&mut self.shares);
        for (number, ((bucket, prefix), (writable, teams))) in shares.into_iter().enumerate() {
            if !self.free(&format!("s3/{bucket}"), &prefix) {
                self.line("");
                self.unknown(format!(
                    "`{bucket}/{prefix}` was open to {}, and holds what is a member's: it is not shared",
                    teams.join(", ")
                ));
                continue;
            }
            self.line("\n[[share]]");
            self.line(&format!("name = \"share-{}\"", number + 1));
            self.line(&format!("teams = {}", list(teams.into_iter())));
            let (bucket, prefix) = (quoted(&bucket), quoted(&prefix));
            self.line(&format!(
                "objects = {{ bucket = {bucket}, prefix = {prefix} }}"
            ));
            if writable {
                self.line("access = \"write\"");
            }
        }
    }
}

/// A name for the team of a domain.
fn team_name(domain: &str) -> String {
    let words = domain.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let short: String = name.chars().take(36).collect();
    match short.trim_matches('-') {
        "" => "team".to_owned(),
        name => name.to_owned(),
    }
}
