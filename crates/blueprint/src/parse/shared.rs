//! What teams work with and share: organisation, guard rails, file systems, clusters, catalogs, keys, trails.

use crate::suggest::closest;
use crate::table::{Table, Text};
use crate::{
    Catalog, Cluster, FileSystem, FileSystemType, GuardRail, GuardRails, Key, Organization, Share,
    Shared, Trail, names,
};

use super::Parser;
use super::area::{Claim, Owner};

impl Parser<'_> {
    /// `[organization]`
    pub(super) fn organization(&mut self, mut table: Table<'_>) -> Option<Organization> {
        let report = &mut self.report;
        let id = table.required("id", names::organization_id, report);
        let management = table.text("management_account", names::account_id, report);
        let trusted = table.texts("trusted_accounts", names::account_id, report);
        table.finish(report);
        Some(Organization {
            id: id?.value,
            management_account: management.map(|text| text.value),
            trusted_accounts: values(trusted),
        })
    }

    /// `[guard_rails]`
    pub(super) fn guard_rails(&mut self, mut table: Table<'_>) -> GuardRails {
        let all = !table.has("wanted");
        let words = table.texts("wanted", names::any, &mut self.report);
        let rule = names::administrator;
        let administrators = table.texts("administrators", rule, &mut self.report);
        let mut wanted = if all {
            GuardRail::ALL.to_vec()
        } else {
            Vec::new()
        };
        for word in words {
            let known = GuardRail::ALL
                .into_iter()
                .find(|rail| rail.name() == word.value);
            if let Some(rail) = known {
                wanted.push(rail);
                continue;
            }
            let known = GuardRail::ALL.map(GuardRail::name);
            let fix = match closest(&word.value, known.into_iter()) {
                Some(name) => format!("write `{name}`"),
                None => format!("write one of: `{}`", known.join("`, `")),
            };
            let reason = format!("`{}` is no guard rail", word.value);
            self.report.mistake(&word.place, reason, fix);
        }
        wanted.sort_unstable();
        wanted.dedup();
        let place = table.place();
        table.finish(&mut self.report);
        if wanted.contains(&GuardRail::Deputies) && !self.has_organization {
            let reason = "the guard rail `deputies` keeps to an organisation, and there is none";
            let fix = "add `[organization]` with its `id`, or leave `deputies` out of `wanted`";
            self.report.mistake(&place, reason, fix);
        }
        GuardRails {
            wanted,
            administrators: values(administrators),
        }
    }

    /// `[[file_system]]`
    pub(super) fn file_system(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::account_name, &mut self.report);
        let id = table.required("id", names::file_system_id, &mut self.report);
        let rule: names::Rule = |word| match word {
            "EFS" | "FSxLustre" => Ok(()),
            _ => Err("`EFS` or `FSxLustre`"),
        };
        let kind = table.required("type", rule, &mut self.report);
        table.finish(&mut self.report);
        let (Some(index), Some(name), Some(id), Some(kind)) = (account, name, id, kind) else {
            return;
        };
        let kind = match kind.value.as_str() {
            "EFS" => FileSystemType::Efs,
            _ => FileSystemType::FsxLustre,
        };
        if self.unique(index, "file system", &name)
            && self.unique(index, "file system id", &id)
            && let Some(account) = self.accounts.get_mut(index)
        {
            let (name, id) = (name.value, id.value);
            account.file_systems.push(FileSystem { name, id, kind });
        }
    }

    /// `[[cluster]]`
    pub(super) fn cluster(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::team_name, &mut self.report);
        let role = table.required("instance_role", names::iam_name, &mut self.report);
        let tag = table.text("tag", names::user_tag, &mut self.report);
        table.finish(&mut self.report);
        let (Some(index), Some(name), Some(role)) = (account, name, role) else {
            return;
        };
        if self.unique(index, "cluster", &name)
            && let Some(account) = self.accounts.get_mut(index)
        {
            account.clusters.push(Cluster {
                name: name.value,
                instance_role: role.value,
                tag: tag.map_or_else(|| "user".to_owned(), |tag| tag.value),
            });
        }
    }

    /// `[[catalog]]`
    pub(super) fn catalog(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::account_name, &mut self.report);
        let database = table.required("database", names::database, &mut self.report);
        let tables = table.texts("tables", names::table, &mut self.report);
        let workgroup = table.required("workgroup", names::workgroup, &mut self.report);
        let owner = Owner::Share(
            name.as_ref()
                .map_or_else(String::new, |it| it.value.clone()),
        );
        let mut data = Vec::new();
        for area in table.tables("data", &mut self.report) {
            data.extend(self.area(area, None, owner.clone()));
        }
        table.finish(&mut self.report);
        let (Some(index), Some(name)) = (account, name) else {
            return;
        };
        let (Some(database), Some(workgroup)) = (database, workgroup) else {
            return;
        };
        let mut tables = values(tables);
        if tables.is_empty() {
            tables.push("*".to_owned());
        }
        if self.unique(index, "catalog", &name)
            && let Some(account) = self.accounts.get_mut(index)
        {
            account.catalogs.push(Catalog {
                name: name.value,
                database: database.value,
                tables,
                workgroup: workgroup.value,
                data,
            });
        }
    }

    /// `[[key]]`
    pub(super) fn key(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::key_alias, &mut self.report);
        let id = table.text("id", names::key_id, &mut self.report);
        table.finish(&mut self.report);
        let (Some(index), Some(name)) = (account, name) else {
            return;
        };
        if self.unique(index, "key", &name)
            && let Some(account) = self.accounts.get_mut(index)
        {
            account.keys.push(Key {
                name: name.value,
                id: id.map(|text| text.value),
                policy: None,
            });
        }
    }

    /// `[[trail]]`
    pub(super) fn trail(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::trail_name, &mut self.report);
        let bucket = table.required("bucket", names::bucket, &mut self.report);
        table.finish(&mut self.report);
        let bucket = bucket.and_then(|bucket| self.known_bucket(&bucket));
        let (Some(index), Some(name), Some(bucket)) = (account, name, bucket) else {
            return;
        };
        if self.unique(index, "trail", &name)
            && let Some(account) = self.accounts.get_mut(index)
        {
            let name = name.value;
            account.trails.push(Trail {
                name,
                bucket,
                selectors: None,
            });
        }
    }

    /// `[[share]]`
    pub(super) fn share(&mut self, mut table: Table<'_>) -> Option<Share> {
        let name = table.required("name", names::team_name, &mut self.report);
        let all = !table.has("teams");
        let words = table.texts("teams", names::any, &mut self.report);
        let owner = Owner::Share(
            name.as_ref()
                .map_or_else(String::new, |it| it.value.clone()),
        );
        let writable = !self.access(&mut table, ("read", "write"));
        let mut teams = Vec::new();
        for word in &words {
            teams.extend(self.known_team(word));
        }
        if all {
            let known = self.accounts.iter().flat_map(|account| &account.teams);
            teams = known.map(|team| team.name.clone()).collect();
        }
        let what = self.what_is_shared(&mut table, owner, &teams);
        table.finish(&mut self.report);
        let name = name.filter(|name| self.unique(0, "share", name))?;
        Some(Share {
            name: name.value,
            teams,
            what: what?,
            writable,
        })
    }

    fn what_is_shared(
        &mut self,
        table: &mut Table<'_>,
        owner: Owner,
        teams: &[String],
    ) -> Option<Shared> {
        let kinds = ["objects", "secrets", "feature_groups"];
        let given: Vec<_> = kinds.into_iter().filter(|kind| table.has(kind)).collect();
        let objects = table.table("objects", &mut self.report);
        let secrets = table.text("secrets", names::secret_prefix, &mut self.report);
        let groups = table.texts("feature_groups", names::group_pattern, &mut self.report);
        let [kind] = given.as_slice() else {
            let reason = "a share is of one thing";
            let fix = "write one of `objects`, `secrets`, `feature_groups`; add a `[[share]]` for \
                       each";
            self.report.mistake(&table.place(), reason, fix);
            return None;
        };
        if *kind != "objects" {
            self.check_one_account(table, teams);
        }
        match *kind {
            "objects" => self.area(objects?, None, owner).map(Shared::Objects),
            "secrets" => {
                let prefix = secrets?;
                let account = self.accounts_of(teams).first().copied();
                let account = account.and_then(|index| self.accounts.get(index));
                let id = account.map_or("", |account| account.id.as_str());
                self.claims.push(Claim {
                    container: format!("the secrets of {id}"),
                    prefix: prefix.clone(),
                    owner,
                });
                Some(Shared::Secrets(prefix.value))
            }
            _ => Some(Shared::FeatureGroups(values(groups))),
        }
    }

    fn check_one_account(&mut self, table: &Table<'_>, teams: &[String]) {
        if self.accounts_of(teams).len() > 1 {
            let reason = "only objects are shared between accounts, and these teams are in several";
            let fix = "name teams of one account in `teams`";
            self.report.mistake(&table.place(), reason, fix);
        }
    }

    /// The accounts that these teams are in.
    fn accounts_of(&self, teams: &[String]) -> Vec<usize> {
        let holds =
            |account: &crate::Account| account.teams.iter().any(|team| teams.contains(&team.name));
        let indexed = self.accounts.iter().enumerate();
        indexed
            .filter(|(_, account)| holds(account))
            .map(|(index, _)| index)
            .collect()
    }

    fn known_team(&mut self, name: &Text) -> Option<String> {
        let known = self.accounts.iter().flat_map(|account| &account.teams);
        let known: Vec<String> = known.map(|team| team.name.clone()).collect();
        self.pick("team", name, &known)
    }

    pub(super) fn known_bucket(&mut self, name: &Text) -> Option<String> {
        let known = self.accounts.iter().flat_map(|account| &account.buckets);
        let known: Vec<String> = known.map(|bucket| bucket.name.clone()).collect();
        self.pick("bucket", name, &known)
    }

    /// The name of something that the account describes.
    pub(super) fn described(
        &mut self,
        kind: &'static str,
        name: &Text,
        account: Option<usize>,
    ) -> Option<String> {
        let account = self.accounts.get(account?)?;
        let known: Vec<String> = match kind {
            "cluster" => account.clusters.iter().map(|it| it.name.clone()).collect(),
            "catalog" => account.catalogs.iter().map(|it| it.name.clone()).collect(),
            "key" => account.keys.iter().map(|it| it.name.clone()).collect(),
            _ => account
                .file_systems
                .iter()
                .map(|it| it.name.clone())
                .collect(),
        };
        self.pick(kind, name, &known)
    }

    fn pick(&mut self, kind: &str, name: &Text, known: &[String]) -> Option<String> {
        if known.contains(&name.value) {
            return Some(name.value.clone());
        }
        let section = kind.replace(' ', "_");
        let fix = match closest(&name.value, known.iter().map(String::as_str)) {
            Some(known) => format!("write `{known}`"),
            None => format!("describe it: `[[{section}]] name = \"{}\"`", name.value),
        };
        let reason = format!("there is no {kind} `{}`", name.value);
        self.report.mistake(&name.place, reason, fix);
        None
    }
}

fn values(texts: Vec<Text>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}
