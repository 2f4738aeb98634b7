//! `[[team]]`: who works in a domain, and what with.

use toml::de::DeValue;

use crate::suggest::closest;
use crate::table::{Place, Table, Text, table_of, text_of, wrong_type};
use crate::{Area, IdentityConfig, IdentitySource, Mount, Ownership, Team, names};

use super::Parser;
use super::area::{Claim, Owner};

/// A domain without an execution role, which a team may have.
pub(super) struct Roleless {
    pub(super) account: usize,
    pub(super) name: String,
    pub(super) place: Place,
}

impl Parser<'_> {
    /// `[[team]]`
    pub(super) fn team(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::team_name, &mut self.report);
        let domain = table.text("domain", names::domain_name, &mut self.report);
        let domain = domain.or_else(|| name.clone());
        let own = name
            .as_ref()
            .map_or_else(String::new, |name| name.value.clone());
        let execution_role = self.role_name(&mut table, "execution_role", &own, "execution");
        let service_role = self.role_name(&mut table, "service_role", &own, "service");
        let features = self.features(&mut table);
        self.unsupported(&mut table);
        let storage = self.storage(&mut table, &own);
        let secrets = self.private_secrets(&mut table, account, &own);
        let file_systems = self.mounts(&mut table, account, &own);
        let clusters = self.clusters(&mut table, account);
        let catalogs = self.known(&mut table, "catalogs", "catalog", account);
        let repositories = table.texts("repositories", names::repository, &mut self.report);
        let identity_source = self.identity_source(&mut table);
        let rule = names::profile_pattern;
        let pattern = table.text("user_profile_pattern", rule, &mut self.report);
        let listings = self.flag(&mut table, "listings");
        let session_tags = self.flag(&mut table, "session_tags");
        let feature_store = self.flag(&mut table, "feature_store");
        let ownership = self.ownership(&mut table);
        let place = table.place();
        table.finish(&mut self.report);
        let (Some(index), Some(name), Some(domain)) = (account, name, domain) else {
            return;
        };
        let roles = [execution_role.as_ref(), service_role.as_ref()];
        for role in roles.into_iter().flatten() {
            self.unique(index, "role", role);
        }
        if !self.unique(0, "team", &name) || !self.claim_domain(index, &domain, &place) {
            return;
        }
        if let Some(pattern) = &pattern {
            self.check_pattern(index, &domain.value, pattern);
        }
        let role_name = |role: Option<Text>| role.map_or_else(String::new, |role| role.value);
        let execution_role = role_name(execution_role);
        let arn = self.arn(index, "role", "/", &execution_role);
        let Some(account) = self.accounts.get_mut(index) else {
            return;
        };
        let of_team = account
            .domains
            .iter_mut()
            .find(|known| known.name == domain.value);
        if let Some(of_team) = of_team {
            of_team.execution_role = arn;
        }
        account.teams.push(Team {
            name: name.value,
            domain: domain.value,
            execution_role,
            service_role: role_name(service_role),
            features,
            feature_store: feature_store.unwrap_or(false),
            storage,
            secrets,
            file_systems,
            clusters,
            catalogs,
            repositories: repositories.into_iter().map(|text| text.value).collect(),
            identity_source,
            user_profile_pattern: pattern.map(|text| text.value),
            listings: listings.unwrap_or(true),
            session_tags: session_tags.unwrap_or(false),
            ownership,
        });
    }

    /// Notes what a domain's team must find in it.
    fn claim_domain(&mut self, account: usize, domain: &Text, place: &Place) -> bool {
        let domains = self
            .accounts
            .get(account)
            .map_or(&[][..], |it| it.domains.as_slice());
        let Some(known) = domains.iter().find(|known| known.name == domain.value) else {
            let names = domains.iter().map(|known| known.name.as_str());
            let fix = match closest(&domain.value, names) {
                Some(name) => format!("write `{name}`"),
                None => format!("describe it: `[[domain]] name = \"{}\"`", domain.value),
            };
            let reason = format!("there is no domain `{}` in this account", domain.value);
            self.report.mistake(&domain.place, reason, fix);
            return false;
        };
        if known.execution_role_identity_config == IdentityConfig::Disabled {
            let reason = format!(
                "sessions of the domain `{}` carry no source identity, which tells its members apart",
                domain.value
            );
            let fix =
                "write `execution_role_identity_config = \"USER_PROFILE_NAME\"` in the domain";
            self.report.mistake(&domain.place, reason, fix);
        }
        let waiting = self
            .roleless
            .iter()
            .position(|it| it.account == account && it.name == domain.value);
        if let Some(waiting) = waiting {
            self.roleless.swap_remove(waiting);
            return true;
        }
        let reason = format!(
            "the domain `{}` has an execution role already, of its own or of another team",
            domain.value
        );
        let fix = "give the team a domain of its own, without `execution_role`";
        self.report.mistake(place, reason, fix);
        false
    }

    /// Notes a pattern that a listed member is not like, and whose session the trust policy would refuse.
    fn check_pattern(&mut self, account: usize, domain: &str, pattern: &Text) {
        let domains = self.accounts.get(account).map(|account| &account.domains);
        let mut domains = domains.into_iter().flatten();
        let known = domains.find(|known| known.name == domain);
        let mut profiles = known.into_iter().flat_map(|known| &known.user_profiles);
        let other = profiles.find(|profile| !names::is_like(&profile.name, &pattern.value));
        if let Some(other) = other {
            let reason = format!(
                "the user profile `{}` is not like `{}`, and would get no session",
                other.name, pattern.value
            );
            let fix = "write a pattern that all names are like, or leave it out";
            self.report.mistake(&pattern.place, reason, fix);
        }
    }

    /// Notes the domains that are left without a role.
    pub(super) fn without_role(&mut self) {
        for domain in std::mem::take(&mut self.roleless) {
            let fix = "add `execution_role = …`, or a `[[team]]` that works in the domain";
            self.report
                .mistake(&domain.place, "`execution_role` is missing", fix);
        }
    }

    fn role_name(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        team: &str,
        ending: &str,
    ) -> Option<Text> {
        let given = table.text(key, names::iam_name, &mut self.report);
        let derived = Text {
            value: format!("{team}-{ending}"),
            place: table.place(),
        };
        given.or_else(|| (!team.is_empty() && !table.was_given(key)).then_some(derived))
    }

    /// `{ bucket = "…", prefix = "…" }`, each.
    fn storage(&mut self, table: &mut Table<'_>, team: &str) -> Vec<Area> {
        let mut areas = Vec::new();
        for entry in table.tables("storage", &mut self.report) {
            let default = format!("{team}/users");
            let owner = Owner::Members(team.to_owned());
            areas.extend(self.area(entry, Some(default), owner));
        }
        areas
    }

    /// `{ bucket = "…", prefix = "…" }`, claimed for somebody.
    pub(super) fn area(
        &mut self,
        mut table: Table<'_>,
        default: Option<String>,
        owner: Owner,
    ) -> Option<Area> {
        let bucket = table.required("bucket", names::bucket, &mut self.report);
        let prefix = self.prefix(&mut table, default);
        table.finish(&mut self.report);
        let bucket = self.known_bucket(&bucket?)?;
        let prefix = prefix?;
        let area = Area {
            bucket,
            prefix: prefix.value.clone(),
        };
        let container = format!("the bucket `{}`", area.bucket);
        self.claims.push(Claim {
            container,
            prefix,
            owner,
        });
        Some(area)
    }

    fn prefix(&mut self, table: &mut Table<'_>, default: Option<String>) -> Option<Text> {
        match default {
            Some(value) if !table.has("prefix") => {
                // So that the key is known.
                let _ = table.take("prefix");
                Some(Text {
                    value,
                    place: table.place(),
                })
            }
            _ => table.required("prefix", names::prefix, &mut self.report),
        }
    }

    fn private_secrets(
        &mut self,
        table: &mut Table<'_>,
        account: Option<usize>,
        team: &str,
    ) -> Vec<String> {
        let prefixes = table.texts("secrets", names::secret_prefix, &mut self.report);
        let account = account.and_then(|index| self.accounts.get(index));
        let id = account.map_or("", |account| account.id.as_str());
        let container = format!("the secrets of {id}");
        for prefix in &prefixes {
            self.claims.push(Claim {
                container: container.clone(),
                prefix: prefix.clone(),
                owner: Owner::Members(team.to_owned()),
            });
        }
        prefixes.into_iter().map(|text| text.value).collect()
    }

    /// `{ name = "…", directory = "…", access = "rw" }`, each.
    fn mounts(&mut self, table: &mut Table<'_>, account: Option<usize>, team: &str) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for mut entry in table.tables("file_systems", &mut self.report) {
            let name = entry.required("name", names::account_name, &mut self.report);
            let directory = entry.required("directory", names::directory, &mut self.report);
            let writable = self.access(&mut entry, ("rw", "ro"));
            entry.finish(&mut self.report);
            let (Some(name), Some(directory)) = (name, directory) else {
                continue;
            };
            let Some(file_system) = self.described("file system", &name, account) else {
                continue;
            };
            self.claims.push(Claim {
                container: format!("the file system `{file_system}`"),
                prefix: Text {
                    value: directory.value.trim_matches('/').to_owned(),
                    place: directory.place,
                },
                owner: Owner::Members(team.to_owned()),
            });
            mounts.push(Mount {
                file_system,
                directory: directory.value.trim_end_matches('/').to_owned(),
                writable,
            });
        }
        mounts
    }

    /// Which of two words `access` is; the first unless said otherwise.
    pub(super) fn access(&mut self, table: &mut Table<'_>, words: (&str, &str)) -> bool {
        let access = table.text("access", names::any, &mut self.report);
        match access {
            None => true,
            Some(word) if word.value == words.0 => true,
            Some(word) => {
                if word.value != words.1 {
                    let reason = format!("`{}` is no `access`", word.value);
                    let fix = format!("write `{}` or `{}`", words.0, words.1);
                    self.report.mistake(&word.place, reason, fix);
                }
                false
            }
        }
    }

    /// A list of names of what the account describes.
    fn known(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        kind: &'static str,
        account: Option<usize>,
    ) -> Vec<String> {
        let names = table.texts(key, names::any, &mut self.report);
        names
            .iter()
            .filter_map(|name| self.described(kind, name, account))
            .collect()
    }

    /// The team's own: the instances of a cluster work in the name of everybody who works on it.
    fn clusters(&mut self, table: &mut Table<'_>, account: Option<usize>) -> Vec<String> {
        let names = table.texts("clusters", names::any, &mut self.report);
        let mut known = Vec::new();
        for name in &names {
            let Some(cluster) = self.described("cluster", name, account) else {
                continue;
            };
            let teams = account.and_then(|index| self.accounts.get(index));
            let mut teams = teams.into_iter().flat_map(|account| &account.teams);
            let other = teams.find(|team| team.clusters.contains(&cluster));
            if let Some(other) = other.map(|team| team.name.clone()) {
                let reason = format!(
                    "the team `{other}` has the cluster `{cluster}`, and its instances could work in the name of both"
                );
                let fix = "give each team a `[[cluster]]` with an instance role of its own";
                self.report.mistake(&name.place, reason, fix);
            }
            known.push(cluster);
        }
        known
    }

    fn identity_source(&mut self, table: &mut Table<'_>) -> IdentitySource {
        let Some(value) = table.take("identity_source") else {
            return IdentitySource::Iam;
        };
        match value.get_ref() {
            DeValue::String(word) if word == "iam" => IdentitySource::Iam,
            DeValue::String(word) if word == "source_identity" => IdentitySource::SourceIdentity,
            DeValue::Table(_) => {
                let entries = table_of(value, "identity_source", &mut self.report);
                let tag = entries.and_then(|mut table| {
                    let tag = table.required("principal_tag", names::key_tag, &mut self.report);
                    table.finish(&mut self.report);
                    tag
                });
                tag.map_or(IdentitySource::Iam, |tag| {
                    IdentitySource::PrincipalTag(tag.value)
                })
            }
            _ => {
                let fix = "write `\"iam\"`, `\"source_identity\"` or `{ principal_tag = \"…\" }`";
                let reason = "`identity_source` is not understood";
                self.report.mistake(&value.span(), reason, fix);
                IdentitySource::Iam
            }
        }
    }

    fn ownership(&mut self, table: &mut Table<'_>) -> Ownership {
        let Some(value) = table.take("ownership") else {
            return Ownership::Required;
        };
        let rule: names::Rule = |word| match word {
            "required" | "automatic" => Ok(()),
            _ => Err("`required` or `automatic`"),
        };
        match text_of(value, "ownership", rule, &mut self.report) {
            Some(word) if word.value == "automatic" => Ownership::Automatic,
            _ => Ownership::Required,
        }
    }

    /// A truth value.
    fn flag(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<bool> {
        let value = table.take(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            wrong_type(value, key, "`true` or `false`", &mut self.report);
        }
        flag
    }
}
