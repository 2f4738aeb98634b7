//! From text to [`Blueprint`], section by section, noting mistakes and going on.

mod account;
mod area;
mod features;
mod identity;
mod resource;
mod shared;
mod team;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use policy::text::Source;

use crate::document::Files;
use crate::table::{self, Place, Report, Table, Text};
use crate::template::Variables;
use crate::{Account, Blueprint, GuardRails, Mistakes, Organization, Share, names};

use area::Claim;
use team::Roleless;

/// Reads the file at a path: `|path| std::fs::read(path)`.
pub type Reader<'a> = dyn Fn(&Path) -> io::Result<Vec<u8>> + 'a;

/// Reads a blueprint. `path` is where `text` comes from: mistakes name it, and the files that the
/// blueprint names are looked for beside it, with `read`.
///
/// # Errors
/// Everything that is wrong with the blueprint and the files it names.
pub fn read(path: &str, text: &str, read: &Reader<'_>) -> Result<Blueprint, Mistakes> {
    let base = Path::new(path).parent().unwrap_or(Path::new("")).to_owned();
    table::read(Source::named(path, text), |root, report| {
        let own = std::mem::replace(report, Report::new(report.source().clone()));
        let mut parser = Parser::new(Files { base, read }, own);
        let blueprint = parser.blueprint(root);
        *report = parser.report;
        blueprint
    })
}

/// What is known while a blueprint is read.
struct Parser<'a> {
    files: Files<'a>,
    report: Report,
    partition: String,
    region: String,
    /// What `{{…}}` stands for everywhere.
    variables: Variables,
    accounts: Vec<Account>,
    /// Where each name was given: by account, kind of thing and name.
    given: BTreeMap<(usize, &'static str, String), Place>,
    /// Whether there is a `[[team]]`, which may be what gives a domain its role.
    has_teams: bool,
    /// Whether there is an `[organization]`.
    has_organization: bool,
    /// The domains that have no role so far.
    roleless: Vec<Roleless>,
    /// Who is to have which part of what.
    claims: Vec<Claim>,
}

impl<'a> Parser<'a> {
    fn new(files: Files<'a>, report: Report) -> Parser<'a> {
        Parser {
            files,
            report,
            partition: String::new(),
            region: String::new(),
            variables: Variables::new(),
            accounts: Vec::new(),
            given: BTreeMap::new(),
            has_teams: false,
            has_organization: false,
            roleless: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// Reads the whole. `None` when it is of no use.
    fn blueprint(&mut self, mut root: Table<'_>) -> Option<Blueprint> {
        self.place_and_variables(&mut root);
        self.has_teams = root.has("team");
        self.has_organization = root.has("organization");
        let accounts = root.tables("account", &mut self.report);
        if accounts.is_empty() {
            root.missing_list("account", "id = \"123456789012\"", &mut self.report);
        }
        accounts.into_iter().for_each(|table| self.account(table));
        self.resources(&mut root);
        let (organization, guard_rails, shares) = self.tenancy(&mut root);
        self.without_role();
        self.check_areas();
        root.finish(&mut self.report);
        Some(Blueprint {
            partition: std::mem::take(&mut self.partition),
            region: std::mem::take(&mut self.region),
            accounts: std::mem::take(&mut self.accounts),
            organization,
            guard_rails,
            shares,
            controls: Vec::new(),
        })
    }

    fn place_and_variables(&mut self, root: &mut Table<'_>) {
        let partition = root.text("partition", names::partition, &mut self.report);
        let region = root.required("region", names::region, &mut self.report);
        let own = region
            .as_ref()
            .map_or("aws", |text| policy::partition_of(&text.value));
        self.partition = partition.map_or_else(|| own.to_owned(), |text| text.value);
        if let Some(region) = &region {
            self.in_partition(region);
        }
        self.region = region.map_or_else(String::new, |text| text.value);
        self.define("partition", self.partition.clone());
        self.define("region", self.region.clone());
        let rules: (names::Rule, names::Rule) = (names::variable, |_| Ok(()));
        for (name, value) in root.pairs("variables", rules, &mut self.report) {
            if self.variables.contains_key(&name.value) || name.value == "account" {
                let reason = format!("`{}` is defined by the platform", name.value);
                self.report
                    .mistake(&name.place, reason, "choose another name");
            } else {
                self.define(&name.value, value.value);
            }
        }
    }

    /// Whether a region is in the platform's partition: no ARN is right otherwise.
    fn in_partition(&mut self, region: &Text) {
        let own = policy::partition_of(&region.value);
        if own != self.partition {
            let (name, partition) = (&region.value, &self.partition);
            let reason =
                format!("`{name}` is a region of the partition `{own}`, not of `{partition}`");
            let fix = format!("write another region, or `partition = \"{own}\"` at the top");
            self.report.mistake(&region.place, reason, fix);
        }
    }

    /// What is in the accounts, in this order, because later ones refer to earlier ones.
    fn resources(&mut self, root: &mut Table<'_>) {
        type Section<'p, 't> = fn(&mut Parser<'p>, Table<'t>);
        let sections: [(&'static str, Section<'_, '_>); 11] = [
            ("policy", Parser::managed_policy),
            ("role", Parser::role),
            ("user", Parser::users),
            ("key", Parser::key),
            ("bucket", Parser::bucket),
            ("secret", Parser::secret),
            ("file_system", Parser::file_system),
            ("cluster", Parser::cluster),
            ("catalog", Parser::catalog),
            ("trail", Parser::trail),
            ("domain", Parser::domain),
        ];
        for (name, section) in sections {
            for table in root.tables(name, &mut self.report) {
                section(self, table);
            }
        }
    }

    /// The teams and what they share.
    fn tenancy(&mut self, root: &mut Table<'_>) -> (Option<Organization>, GuardRails, Vec<Share>) {
        let tables = root.tables("team", &mut self.report);
        tables.into_iter().for_each(|table| self.team(table));
        let tables = root.tables("share", &mut self.report);
        let shares = tables.into_iter().filter_map(|table| self.share(table));
        let shares = shares.collect();
        let table = root.table("organization", &mut self.report);
        let organization = table.and_then(|table| self.organization(table));
        let table = root.table("guard_rails", &mut self.report);
        let guard_rails = table.map(|table| self.guard_rails(table));
        (organization, guard_rails.unwrap_or_default(), shares)
    }

    fn define(&mut self, name: &str, value: String) {
        self.variables.insert(name.to_owned(), value);
    }

    /// The variables that documents of `account` may use, with some more.
    fn variables(&self, account: usize, more: &[(&str, &str)]) -> Variables {
        let mut variables = self.variables.clone();
        let id = self.accounts.get(account).map(|account| account.id.clone());
        variables.insert("account".to_owned(), id.unwrap_or_default());
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        variables.extend(more);
        variables
    }

    /// Notes a name that was given before; case makes no difference.
    fn unique(&mut self, account: usize, kind: &'static str, name: &Text) -> bool {
        let key = (account, kind, name.value.to_lowercase());
        match self.given.get(&key) {
            Some(before) => {
                let line = self.report.line(before);
                let reason = format!(
                    "the {kind} `{}` was given in line {line} already",
                    name.value
                );
                let fix = "choose another name, or remove one of the two; capitals make no \
                           difference";
                self.report.mistake(&name.place, reason, fix);
                false
            }
            None => {
                self.given.insert(key, name.place.clone());
                true
            }
        }
    }
}
