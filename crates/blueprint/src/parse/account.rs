//! Accounts, and what belongs to which.

use crate::names;
use crate::suggest::closest;
use crate::table::{Table, Text};
use crate::{AccessKey, Account, SecretText};

use super::Parser;

impl Parser<'_> {
    /// `[[account]]`
    pub(super) fn account(&mut self, mut table: Table<'_>) {
        let report = &mut self.report;
        let id = table.required("id", names::account_id, report);
        let name = table.text("name", names::account_name, report);
        let root = table.table("root_access_key", report);
        let root_access_key = root.and_then(|key| self.access_key(key));
        table.finish(&mut self.report);
        let Some(id) = id else { return };
        let name = name.unwrap_or_else(|| id.clone());
        // An account may be named by its id or by its name, so both must be unmistakable.
        if self.unique(0, "account", &id)
            && (name.value == id.value || self.unique(0, "account", &name))
        {
            let account = Account::empty(&id.value, &name.value);
            self.accounts.push(Account {
                root_access_key,
                ..account
            });
        }
    }

    /// `{ id = "…", secret = "…" }`
    pub(super) fn access_key(&mut self, mut table: Table<'_>) -> Option<AccessKey> {
        let report = &mut self.report;
        let id = table.required("id", names::access_key_id, report);
        let secret = table.required("secret", names::access_key_secret, report);
        table.finish(report);
        let (id, secret) = (id?, secret?);
        let secret = SecretText(secret.value);
        self.unique(0, "access key", &id).then_some(AccessKey {
            id: id.value,
            secret,
        })
    }

    /// The account that a thing belongs to: the one it names, or the only one.
    pub(super) fn account_of(&mut self, table: &mut Table<'_>) -> Option<usize> {
        let named: Option<Text> = table.text("account", names::any, &mut self.report);
        let Some(named) = named else {
            if self.accounts.len() > 1 && !table.was_given("account") {
                let reason = "there are several accounts, and nothing says which";
                let fix = "add `account = …` with the account's name or id";
                self.report.mistake(&table.place(), reason, fix);
            }
            // Without any account that is the mistake, noted once.
            return (self.accounts.len() == 1).then_some(0);
        };
        let is_meant = |account: &Account| [&account.id, &account.name].contains(&&named.value);
        let found = self.accounts.iter().position(is_meant);
        if found.is_none() && !self.accounts.is_empty() {
            let names = self.accounts.iter().map(|account| account.name.as_str());
            let fix = match closest(&named.value, names) {
                Some(name) => format!("write `{name}`"),
                None => "name an account that `[[account]]` describes".to_owned(),
            };
            let reason = format!("there is no account `{}`", named.value);
            self.report.mistake(&named.place, reason, fix);
        }
        found
    }
}
