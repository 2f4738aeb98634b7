//! Managed policies, roles and users.

use policy::PolicyType;
use toml::Spanned;
use toml::de::DeValue;

use crate::suggest::closest;
use crate::table::{Report, Table, Text, check, list_of, table_of, wrong_type};
use crate::template::Variables;
use crate::{Document, InlinePolicy, ManagedPolicy, Role, User, UserKey, names};

use super::Parser;

/// How long a role's sessions last at most unless the blueprint says so: an hour, as at AWS.
const SESSION_SECONDS: u32 = 3600;

/// What roles and users have in common.
struct Permissions {
    path: String,
    policies: Vec<InlinePolicy>,
    managed_policies: Vec<String>,
    boundary: Option<String>,
    tags: Vec<(String, String)>,
}

impl Parser<'_> {
    /// `[[policy]]`
    pub(super) fn managed_policy(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let name = table.required("name", names::policy_name, &mut self.report);
        let path = self.iam_path(&mut table);
        let variables = self.variables(account.unwrap_or(0), &[]);
        let kind = PolicyType::Identity;
        let document = self.required_document(&mut table, "document", kind, &variables);
        table.finish(&mut self.report);
        let (Some(account), Some(name)) = (account, name) else {
            return;
        };
        if self.unique(account, "managed policy", &name)
            && let Some(account) = self.accounts.get_mut(account)
        {
            let document = document.unwrap_or_default();
            account.policies.push(ManagedPolicy {
                name: name.value,
                path,
                document,
            });
        }
    }

    /// `[[role]]`
    pub(super) fn role(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        self.role_in(account, table, &[]);
    }

    /// A role with its account and further variables for its documents. Gives its ARN.
    ///
    /// A role whose documents are wrong is known nevertheless: what refers to it is not wrong as
    /// well, and with a mistake noted there is no blueprint in the end.
    pub(super) fn role_in(
        &mut self,
        account: Option<usize>,
        mut table: Table<'_>,
        variables: &[(&str, &str)],
    ) -> Option<String> {
        let name = table.required("name", names::iam_name, &mut self.report);
        let own = [(
            "role.name",
            name.as_ref().map_or("", |name| name.value.as_str()),
        )];
        let variables = self.variables(account.unwrap_or(0), &[&own, variables].concat());
        let trust = self.required_document(&mut table, "trust", PolicyType::Trust, &variables);
        let permissions = self.permissions(account, &mut table, &variables);
        let max_session_duration = session_seconds(&mut table, &mut self.report);
        table.finish(&mut self.report);
        let (index, name) = (account?, name?);
        let unique = self.unique(index, "role", &name);
        let arn = self.arn(index, "role", &permissions.path, &name.value);
        let account = self.accounts.get_mut(index).filter(|_| unique)?;
        account.roles.push(Role {
            name: name.value,
            path: permissions.path,
            trust: trust.unwrap_or_default(),
            policies: permissions.policies,
            managed_policies: permissions.managed_policies,
            boundary: permissions.boundary,
            max_session_duration,
            tags: permissions.tags,
        });
        Some(arn)
    }

    /// `[[user]]`: one user, or several that are alike.
    pub(super) fn users(&mut self, mut table: Table<'_>) {
        let account = self.account_of(&mut table);
        let one = table.text("name", names::iam_name, &mut self.report);
        let mut all = table.texts("names", names::iam_name, &mut self.report);
        if !table.was_given("name") && !table.was_given("names") {
            table.missing("name", &mut self.report);
        }
        all.extend(one);
        let key = self.user_key(&mut table);
        if let (UserKey::Given(_), [_, second, ..]) = (&key, all.as_slice()) {
            let fix = "describe each in a `[[user]]` of its own";
            self.report.mistake(
                &second.place,
                "several users cannot have one access key",
                fix,
            );
        }
        for name in all {
            let mut table = table.clone();
            let variables = self.variables(account.unwrap_or(0), &[("user.name", &name.value)]);
            let permissions = self.permissions(account, &mut table, &variables);
            table.finish(&mut self.report);
            let Some(index) = account else { continue };
            if self.unique(index, "user", &name)
                && let Some(account) = self.accounts.get_mut(index)
            {
                account.users.push(User {
                    name: name.value,
                    path: permissions.path,
                    policies: permissions.policies,
                    managed_policies: permissions.managed_policies,
                    boundary: permissions.boundary,
                    access_key: key.clone(),
                    tags: permissions.tags,
                });
            }
        }
    }

    fn user_key(&mut self, table: &mut Table<'_>) -> UserKey {
        let Some(value) = table.take("access_key") else {
            return UserKey::Generate;
        };
        match value.get_ref() {
            DeValue::String(word) if word == "generate" => UserKey::Generate,
            DeValue::String(word) if word == "none" => UserKey::None,
            DeValue::Table(_) => {
                let key = table_of(value, "access_key", &mut self.report);
                key.and_then(|key| self.access_key(key))
                    .map_or(UserKey::None, UserKey::Given)
            }
            _ => {
                let reason = "`access_key` is not understood";
                let fix = "write `\"generate\"`, `\"none\"` or `{ id = …, secret = … }`";
                self.report.mistake(&value.span(), reason, fix);
                UserKey::None
            }
        }
    }

    fn permissions(
        &mut self,
        account: Option<usize>,
        table: &mut Table<'_>,
        variables: &Variables,
    ) -> Permissions {
        let path = self.iam_path(table);
        let policies = self.inline_policies(table, variables);
        let managed = table.texts("managed_policies", names::policy_name, &mut self.report);
        let managed = managed
            .iter()
            .filter_map(|name| self.managed_arn(account, name));
        let managed_policies = managed.collect();
        let boundary = table.text("boundary", names::policy_name, &mut self.report);
        let boundary = boundary.and_then(|name| self.managed_arn(account, &name));
        let tags = self.tags(table);
        Permissions {
            path,
            policies,
            managed_policies,
            boundary,
            tags,
        }
    }

    fn inline_policies(
        &mut self,
        table: &mut Table<'_>,
        variables: &Variables,
    ) -> Vec<InlinePolicy> {
        let Some(value) = table.take("policies") else {
            return Vec::new();
        };
        let mut policies: Vec<InlinePolicy> = Vec::new();
        for element in list_of(value, "policies", &mut self.report) {
            let Some((name, document)) = self.inline_policy(element, variables) else {
                continue;
            };
            if policies.iter().any(|policy| policy.name == name.value) {
                let reason = format!("there is a policy `{}` before this one", name.value);
                self.report
                    .mistake(&name.place, reason, "give one of them another `name`");
            }
            policies.push(InlinePolicy {
                name: name.value,
                document,
            });
        }
        policies
    }

    /// The path of a file, or `{ name = "…", document = … }`.
    fn inline_policy(
        &mut self,
        element: &Spanned<DeValue<'_>>,
        variables: &Variables,
    ) -> Option<(Text, Document)> {
        let (kind, place) = (PolicyType::Identity, element.span());
        if let DeValue::Table(entries) = element.get_ref()
            && !entries.contains_key("Statement")
        {
            let mut table = Table::new(entries, place);
            let name = table.required("name", names::policy_name, &mut self.report);
            let document = self.required_document(&mut table, "document", kind, variables);
            table.finish(&mut self.report);
            return Some((name?, document?));
        }
        let (stem, document) = self
            .files
            .document(element, kind, variables, &mut self.report)?;
        let Some(stem) = stem else {
            let fix = "write `{ name = \"…\", document = … }`";
            self.report
                .mistake(&place, "the inline policy has no name", fix);
            return None;
        };
        let name = Text { value: stem, place };
        check(&name, "policy name", names::policy_name, &mut self.report)
            .then_some((name, document))
    }

    /// The ARN of a managed policy that the blueprint describes.
    fn managed_arn(&mut self, account: Option<usize>, name: &Text) -> Option<String> {
        let index = account?;
        let policies = self
            .accounts
            .get(index)
            .map(|account| account.policies.as_slice());
        let policies = policies.unwrap_or_default();
        if let Some(policy) = policies.iter().find(|policy| policy.name == name.value) {
            return Some(self.arn(index, "policy", &policy.path, &policy.name));
        }
        let fix = match closest(
            &name.value,
            policies.iter().map(|policy| policy.name.as_str()),
        ) {
            Some(known) => format!("write `{known}`"),
            None => format!("describe it: `[[policy]] name = \"{}\"`", name.value),
        };
        let reason = format!(
            "there is no managed policy `{}` in this account",
            name.value
        );
        self.report.mistake(&name.place, reason, fix);
        None
    }

    fn iam_path(&mut self, table: &mut Table<'_>) -> String {
        let path = table.text("path", names::iam_path, &mut self.report);
        path.map_or_else(|| "/".to_owned(), |path| path.value)
    }

    /// The ARN of something in IAM.
    pub(super) fn arn(&self, account: usize, kind: &str, path: &str, name: &str) -> String {
        let account = self
            .accounts
            .get(account)
            .map_or("", |account| account.id.as_str());
        format!("arn:{}:iam::{account}:{kind}{path}{name}", self.partition)
    }

    pub(super) fn tags(&mut self, table: &mut Table<'_>) -> Vec<(String, String)> {
        let rules: (names::Rule, names::Rule) = (names::tag_key, names::tag_value);
        let tags = table.pairs("tags", rules, &mut self.report);
        tags.into_iter()
            .map(|(key, value)| (key.value, value.value))
            .collect()
    }

    fn required_document(
        &mut self,
        table: &mut Table<'_>,
        name: &'static str,
        kind: PolicyType,
        variables: &Variables,
    ) -> Option<Document> {
        let Some(value) = table.take(name) else {
            table.missing(name, &mut self.report);
            return None;
        };
        let read = self
            .files
            .document(value, kind, variables, &mut self.report);
        read.map(|(_, document)| document)
    }
}

fn session_seconds(table: &mut Table<'_>, report: &mut Report) -> u32 {
    let Some(value) = table.take("max_session_duration") else {
        return SESSION_SECONDS;
    };
    let Some(number) = value.get_ref().as_integer() else {
        wrong_type(value, "max_session_duration", "a number of seconds", report);
        return SESSION_SECONDS;
    };
    let seconds = u32::from_str_radix(number.as_str(), number.radix()).ok();
    match seconds.filter(|seconds| (3600..=43_200).contains(seconds)) {
        Some(seconds) => seconds,
        None => {
            let reason = "`max_session_duration` is out of range";
            report.mistake(&value.span(), reason, "write a number from 3600 to 43200");
            SESSION_SECONDS
        }
    }
}
