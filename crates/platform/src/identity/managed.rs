//! Managed policies.

use jiff::Timestamp;
use policy::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record};

use super::Tag;

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

/// The policies that AWS itself manages and this platform knows: name and document. Their ARNs are
/// `arn:P:iam::aws:policy/NAME`, in every account.
const AWS_MANAGED: &[(&str, &str)] = &[
    (
        "AdministratorAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "AWSDenyAll",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#,
    ),
];

/// The document of a policy that AWS itself manages. Only its one ARN in `partition` finds it: under
/// another it would escape policies that name it.
#[must_use]
pub fn aws_managed_document(partition: &str, arn: &str) -> Option<&'static str> {
    let name = arn.strip_prefix(&format!("arn:{partition}:iam::aws:policy/"))?;
    AWS_MANAGED
        .iter()
        .find(|(held, _)| *held == name)
        .map(|(_, document)| *document)
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
    if let Some(document) = aws_managed_document(partition, arn) {
        return Ok(Some(document.to_owned()));
    }
    let Some((_, name)) = parse_policy_arn(arn).filter(|(owner, _)| *owner == account) else {
        return Ok(None);
    };
    let policy: Option<ManagedPolicy> = tx.get(&ManagedPolicy::key(account, &name))?;
    Ok(policy
        .filter(|policy| policy.arn(partition, account) == arn)
        .and_then(|policy| policy.document().map(str::to_owned)))
}
