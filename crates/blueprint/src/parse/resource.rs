//! Buckets, secrets and SageMaker domains.

use policy::PolicyType;
use sha2::{Digest as _, Sha256};
use toml::de::DeValue;

use crate::suggest::closest;
use crate::table::{Table, Text, list_of, table_of, text_of, wrong_type};
use crate::{
    Bucket, Document, Domain, IdentityConfig, Object, Secret, SecretText, UserProfile, names,
};

use super::Parser;
use super::team::Roleless;

/// The shortest source identity that STS takes (STS API Reference, `AssumeRole`).
const MIN_SOURCE_IDENTITY: usize = 2;

impl Parser<'_> {
    /// `[[bucket]]`
    pub(super) fn bucket(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::bucket, &mut self.report);
        let own = name.as_ref().map_or("", |name| name.value.as_str());
        let policy = self.resource_policy(account, &mut table, ("bucket.name", own));
        let key = table.text("key", names::key_alias, &mut self.report);
        let key = key.and_then(|key| self.described("key", &key, account));
        let objects = table.tables("objects", &mut self.report);
        let objects = objects
            .into_iter()
            .filter_map(|object| self.object(object))
            .collect();
        table.finish(&mut self.report);
        let (Some(account), Some(name)) = (account, name) else {
            return;
        };
        // Bucket names are unique in the whole platform.
        if self.unique(0, "bucket", &name)
            && let Some(account) = self.accounts.get_mut(account)
        {
            account.buckets.push(Bucket {
                name: name.value,
                policy,
                key,
                objects,
            });
        }
    }

    /// `{ key = "…", text = "…" }` or `{ key = "…", file = "…" }`
    fn object(&mut self, mut table: Table<'_>) -> Option<Object> {
        let report = &mut self.report;
        let key = table.required("key", names::object_key, report);
        let text = table.text("text", |_| Ok(()), report);
        let file = table.text("file", names::any, report);
        let bytes = match (text, file) {
            (Some(text), None) => Some(text.value.into_bytes()),
            (None, Some(path)) => self.files.bytes(&path, report).map(|(_, bytes)| bytes),
            (Some(_), Some(file)) => {
                let reason = "an object has either a `text` or a `file`";
                report.mistake(&file.place, reason, "remove one of the two");
                None
            }
            (None, None) => {
                if !table.was_given("text") && !table.was_given("file") {
                    table.missing("text", report);
                }
                None
            }
        };
        table.finish(report);
        Some(Object {
            key: key?.value,
            bytes: bytes?,
        })
    }

    /// `[[secret]]`
    pub(super) fn secret(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::secret_name, &mut self.report);
        let value = table.required("value", names::secret_value, &mut self.report);
        let description = table.text("description", |_| Ok(()), &mut self.report);
        let own = name.as_ref().map_or("", |name| name.value.as_str());
        let policy = self.resource_policy(account, &mut table, ("secret.name", own));
        let tags = self.tags(&mut table);
        table.finish(&mut self.report);
        let (Some(account), Some(name)) = (account, name) else {
            return;
        };
        if self.unique(account, "secret", &name)
            && let Some(value) = value
            && let Some(account) = self.accounts.get_mut(account)
        {
            account.secrets.push(Secret {
                name: name.value,
                description: description.map(|text| text.value),
                value: SecretText(value.value),
                policy,
                tags,
            });
        }
    }

    fn resource_policy(
        &mut self,
        account: Option<usize>,
        table: &mut Table<'_>,
        own: (&str, &str),
    ) -> Option<Document> {
        let value = table.take("policy")?;
        let variables = self.variables(account.unwrap_or(0), &[own]);
        let kind = PolicyType::Resource;
        let read = self
            .files
            .document(value, kind, &variables, &mut self.report);
        read.map(|(_, document)| document)
    }

    /// `[[domain]]`
    pub(super) fn domain(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::domain_name, &mut self.report);
        let given = table.text("id", names::domain_id, &mut self.report);
        let region = table.text("region", names::region, &mut self.report);
        if let Some(region) = &region {
            self.in_partition(region);
        }
        let region = region.map_or_else(|| self.region.clone(), |text| text.value);
        let id_given = given.is_some();
        let id = given.or_else(|| {
            let name = name.as_ref()?;
            Some(self.derived_id(account, &region, name))
        });
        let of_team = self.has_teams && !table.has("execution_role");
        let config = self.identity_config(&mut table, of_team);
        let own = name.as_ref().map_or("", |name| name.value.as_str());
        let own_id = id.as_ref().map_or("", |id| id.value.as_str());
        let names = [("domain.name", own), ("domain.id", own_id)];
        let role = if of_team {
            self.await_team(account, own, &mut table)
        } else {
            self.execution_role(account, &mut table, &names)
        };
        let user_profiles = self.user_profiles(account, &mut table, (config, of_team));
        let tags = self.tags(&mut table);
        table.finish(&mut self.report);
        let (Some(account), Some(name), Some(id)) = (account, name, id) else {
            return;
        };
        if self.unique(account, "domain", &name)
            && self.unique(account, "domain id", &id)
            && let Some(execution_role) = role
            && let Some(account) = self.accounts.get_mut(account)
        {
            account.domains.push(Domain {
                name: name.value,
                id: id.value,
                id_given,
                region,
                execution_role,
                execution_role_identity_config: config,
                user_profiles,
                tags,
            });
        }
    }

    /// Notes a domain whose role a team gives; its ARN is filled in then.
    fn await_team(
        &mut self,
        account: Option<usize>,
        name: &str,
        table: &mut Table<'_>,
    ) -> Option<String> {
        // So that the key is known.
        let _ = table.take("execution_role");
        self.roleless.push(Roleless {
            account: account?,
            name: name.to_owned(),
            place: table.place(),
        });
        Some(String::new())
    }

    /// An id that is the same whenever the same domain is described.
    fn derived_id(&self, account: Option<usize>, region: &str, name: &Text) -> Text {
        let account = account.and_then(|index| self.accounts.get(index));
        let account = account.map_or("", |account| account.id.as_str());
        let digest = Sha256::digest(format!("{account}/{region}/{}", name.value));
        let digits: String = hex::encode(digest).chars().take(12).collect();
        Text {
            value: format!("d-{digits}"),
            place: name.place.clone(),
        }
    }

    /// Sessions of a team's domain carry names unless it says otherwise.
    fn identity_config(&mut self, table: &mut Table<'_>, of_team: bool) -> IdentityConfig {
        let key = "execution_role_identity_config";
        let rule: names::Rule = |word| match word {
            "DISABLED" | "USER_PROFILE_NAME" => Ok(()),
            _ => Err("`USER_PROFILE_NAME` or `DISABLED`"),
        };
        let word = table.text(key, rule, &mut self.report);
        let word = word.as_ref().map(|word| word.value.as_str());
        if word == Some("USER_PROFILE_NAME") || (of_team && !table.was_given(key)) {
            IdentityConfig::UserProfileName
        } else {
            IdentityConfig::Disabled
        }
    }

    /// A role described here and now, or the name of one described before. Gives its ARN.
    fn execution_role(
        &mut self,
        account: Option<usize>,
        table: &mut Table<'_>,
        variables: &[(&str, &str)],
    ) -> Option<String> {
        let Some(value) = table.take("execution_role") else {
            table.missing("execution_role", &mut self.report);
            return None;
        };
        match value.get_ref() {
            DeValue::Table(_) => {
                let role = table_of(value, "execution_role", &mut self.report)?;
                self.role_in(account, role, variables)
            }
            DeValue::String(_) => {
                let name = text_of(value, "execution_role", names::iam_name, &mut self.report)?;
                self.role_arn(account, &name)
            }
            _ => {
                let expected = "the name of a role, or a table that describes one";
                wrong_type(value, "execution_role", expected, &mut self.report);
                None
            }
        }
    }

    fn role_arn(&mut self, account: Option<usize>, name: &Text) -> Option<String> {
        let index = account?;
        let roles = self
            .accounts
            .get(index)
            .map(|account| account.roles.as_slice());
        let roles = roles.unwrap_or_default();
        if let Some(role) = roles.iter().find(|role| role.name == name.value) {
            return Some(self.arn(index, "role", &role.path, &role.name));
        }
        let fix = match closest(&name.value, roles.iter().map(|role| role.name.as_str())) {
            Some(known) => format!("write `{known}`"),
            None => format!("describe it: `[[role]] name = \"{}\"`", name.value),
        };
        let reason = format!("there is no role `{}` in this account", name.value);
        self.report.mistake(&name.place, reason, fix);
        None
    }

    fn user_profiles(
        &mut self,
        account: Option<usize>,
        table: &mut Table<'_>,
        (config, of_team): (IdentityConfig, bool),
    ) -> Vec<UserProfile> {
        let Some(value) = table.take("user_profiles") else {
            return Vec::new();
        };
        let mut profiles: Vec<UserProfile> = Vec::new();
        for element in list_of(value, "user_profiles", &mut self.report) {
            let (name, execution_role) = match element.get_ref() {
                DeValue::Table(entries) => {
                    let mut table = Table::new(entries, element.span());
                    let report = &mut self.report;
                    let name = table.required("name", names::profile_name, report);
                    let role = table.text("execution_role", names::iam_name, report);
                    table.finish(report);
                    (name, role.and_then(|role| self.role_arn(account, &role)))
                }
                _ => {
                    let rule = names::profile_name;
                    (
                        text_of(element, "user profile", rule, &mut self.report),
                        None,
                    )
                }
            };
            let Some(name) = name else { continue };
            self.check_profile(&name, &profiles, config);
            if of_team {
                self.check_member(&name, execution_role.is_some());
            }
            profiles.push(UserProfile {
                name: name.value,
                execution_role,
            });
        }
        profiles
    }

    fn check_profile(&mut self, name: &Text, before: &[UserProfile], config: IdentityConfig) {
        if before
            .iter()
            .any(|profile| profile.name.eq_ignore_ascii_case(&name.value))
        {
            let reason = format!("the domain has a user profile `{}` already", name.value);
            self.report
                .mistake(&name.place, reason, "remove it, or choose another name");
        }
        if config == IdentityConfig::UserProfileName && name.value.len() < MIN_SOURCE_IDENTITY {
            let reason = format!(
                "`{}` cannot be a source identity, which has at least two characters",
                name.value
            );
            self.report
                .mistake(&name.place, reason, "choose a longer name");
        }
    }

    /// What a name must be for the synthesised policies to tell its bearer apart.
    fn check_member(&mut self, name: &Text, has_role: bool) {
        let mut wrong = |reason: String, fix: &str| self.report.mistake(&name.place, reason, fix);
        if names::has_capital(&name.value) {
            let reason = format!(
                "`{}` has capitals, which SageMaker may write small in the tags that tell owners",
                name.value
            );
            wrong(reason, "write it in lower-case letters");
        }
        if name.value.contains("--") {
            let reason = format!(
                "`{}` contains `--`, which ends the owner's name in the names of models",
                name.value
            );
            wrong(reason, "write single hyphens");
        }
        if has_role {
            let reason = format!(
                "`{}` has a role of its own, and what a team may do is synthesised for the domain's",
                name.value
            );
            wrong(reason, "remove its `execution_role`");
        }
    }
}
