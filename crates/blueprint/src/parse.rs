//! From text to [`Blueprint`], section by section, noting mistakes and going on.

mod account;
mod identity;
mod resource;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use policy::text::Source;

use crate::document::Files;
use crate::table::{self, Place, Report, Table, Text};
use crate::template::Variables;
use crate::{Account, Blueprint, Mistakes, names};

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
        }
    }

    /// Reads the whole. `None` when it is of no use.
    fn blueprint(&mut self, mut root: Table<'_>) -> Option<Blueprint> {
        let partition = root.text("partition", names::partition, &mut self.report);
        self.partition = partition.map_or_else(|| "aws".to_owned(), |text| text.value);
        let region = root.required("region", names::region, &mut self.report);
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
        let accounts = root.tables("account", &mut self.report);
        if accounts.is_empty() {
            root.missing_list("account", "id = \"123456789012\"", &mut self.report);
        }
        accounts.into_iter().for_each(|table| self.account(table));
        // In this order, because later ones refer to earlier ones.
        let tables = root.tables("policy", &mut self.report);
        tables
            .into_iter()
            .for_each(|table| self.managed_policy(table));
        let tables = root.tables("role", &mut self.report);
        tables.into_iter().for_each(|table| self.role(table));
        let tables = root.tables("user", &mut self.report);
        tables.into_iter().for_each(|table| self.users(table));
        let tables = root.tables("bucket", &mut self.report);
        tables.into_iter().for_each(|table| self.bucket(table));
        let tables = root.tables("secret", &mut self.report);
        tables.into_iter().for_each(|table| self.secret(table));
        let tables = root.tables("domain", &mut self.report);
        tables.into_iter().for_each(|table| self.domain(table));
        root.finish(&mut self.report);
        Some(Blueprint {
            partition: std::mem::take(&mut self.partition),
            region: std::mem::take(&mut self.region),
            accounts: std::mem::take(&mut self.accounts),
        })
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
