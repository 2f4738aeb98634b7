//! Managed policies.

use jiff::Timestamp;
use policy::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record, Write};

use super::{Tag, Totals, aws_managed};

/// A customer managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id, `ANPA…`.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// Its versions, oldest first; never empty.
    pub versions: Vec<PolicyVersion>,
    /// The id of the version that is in force.
    pub default_version: String,
    /// The number of the latest version that was ever made: numbers of deleted versions do not return.
    #[serde(default)]
    pub latest: u64,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// One version of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// `v1`, `v2`, …
    pub id: String,
    /// The document.
    pub document: String,
    /// When it was made.
    pub created: Timestamp,
}

impl Record for ManagedPolicy {
    const KIND: &'static str = "iam-policy";
    const VERSION: u32 = 1;
}

impl ManagedPolicy {
    /// The key of the record of the policy of this name.
    #[must_use]
    pub fn key(account: AccountId, name: &str) -> Key {
        super::named(account, name)
    }

    /// `arn:P:iam::A:policy/PATH/NAME`
    #[must_use]
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!(
            "arn:{partition}:iam::{account}:policy{}{}",
            self.path, self.name
        )
    }

    /// Adds a version and returns its id.
    pub fn add_version(&mut self, document: &str, created: Timestamp, default: bool) -> String {
        let numbers = self
            .versions
            .iter()
            .filter_map(|version| version.id.strip_prefix('v')?.parse::<u64>().ok());
        self.latest = numbers.fold(self.latest, u64::max).saturating_add(1);
        let id = format!("v{}", self.latest);
        self.versions.push(PolicyVersion {
            id: id.clone(),
            document: document.to_owned(),
            created,
        });
        if default {
            self.default_version.clone_from(&id);
        }
        id
    }

    /// Writes the policy in the place of `old`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn save(
        &self,
        tx: &mut dyn Write,
        account: AccountId,
        old: Option<&Self>,
    ) -> Result<(), store::Error> {
        let before = old.map_or(0, |old| old.versions.len() as u64);
        let now = self.versions.len() as u64;
        if old.is_none() || before != now {
            Totals::change(tx, account, |totals| {
                totals.policies += u64::from(old.is_none());
                totals.policy_versions = (totals.policy_versions + now).saturating_sub(before);
            })?;
        }
        tx.put(&Self::key(account, &self.name), self)
    }

    /// Removes the policy.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove(&self, tx: &mut dyn Write, account: AccountId) -> Result<(), store::Error> {
        tx.delete::<Self>(&Self::key(account, &self.name))?;
        Totals::change(tx, account, |totals| {
            totals.policies = totals.policies.saturating_sub(1);
            let versions = self.versions.len() as u64;
            totals.policy_versions = totals.policy_versions.saturating_sub(versions);
        })
    }

    /// The version with this id.
    #[must_use]
    pub fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The document that is in force.
    #[must_use]
    pub fn document(&self) -> Option<&str> {
        self.version(&self.default_version)
            .map(|version| version.document.as_str())
    }
}

/// The account and name in the ARN of a customer managed policy; `None` for any other text.
#[must_use]
pub fn parse_policy_arn(text: &str) -> Option<(AccountId, String)> {
    let arn = Arn::parse(text).ok()?;
    let account = AccountId::parse(arn.account())?;
    let rest = arn.resource().strip_prefix("policy/")?;
    let name = rest.rsplit('/').next()?;
    (arn.service() == "iam" && arn.region().is_empty() && !name.is_empty())
        .then(|| (account, name.to_owned()))
}

/// The document in force of the managed policy `arn`, as seen from `account`: one of its own, or one
/// that AWS manages.
///
/// # Errors
/// When the store fails.
pub fn managed_document(
    tx: &dyn Read,
    partition: &str,
    account: AccountId,
    arn: &str,
) -> Result<Option<String>, store::Error> {
    if let Some(policy) = aws_managed(partition, arn) {
        return Ok(Some(policy.document.to_owned()));
    }
    let Some((_, name)) = parse_policy_arn(arn).filter(|(owner, _)| *owner == account) else {
        return Ok(None);
    };
    let policy: Option<ManagedPolicy> = tx.get(&ManagedPolicy::key(account, &name))?;
    Ok(policy
        .filter(|policy| policy.arn(partition, account) == arn)
        .and_then(|policy| policy.document().map(str::to_owned)))
}
