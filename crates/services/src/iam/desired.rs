//! Users, roles and policies as a blueprint wants them.
//!
//! What the blueprint names becomes what it says: documents, attachments, tags. What it does not name
//! is left alone, and what is already so is not written again.

use platform::ApiError;
use platform::id::{self, Prefix};
use platform::identity::{
    AccessKey, Attachments, KeyOwner, KeyStatus, ManagedPolicy, PolicyVersion, Role, User, named,
};
use store::Record;

use crate::bootstrap::{NewKey, Wanting};
use crate::tags;

/// The versions of a managed policy that are kept.
const VERSIONS: usize = 5;

impl Wanting<'_> {
    /// Writes a record of IAM unless it is there already.
    fn put_named<T: Record + PartialEq>(
        &mut self,
        name: &str,
        old: Option<&T>,
        new: &T,
    ) -> Result<(), ApiError> {
        self.put(&named(self.account, name), old, new)
    }

    fn get_named<T: Record>(&self, name: &str) -> Result<Option<T>, ApiError> {
        Ok(self.tx.get(&named(self.account, name))?)
    }
}

/// Refuses to move something to another path, which would be another ARN.
fn same_path(noun: &str, name: &str, old: Option<&str>, new: &str) -> Result<(), ApiError> {
    match old {
        Some(old) if old != new => Err(ApiError::validation(format!(
            "the {noun} `{name}` exists with the path `{old}`, and the blueprint wants `{new}`: \
             delete it first, or keep the path"
        ))),
        _ => Ok(()),
    }
}

/// Makes a managed policy, or gives it a new version.
pub(crate) fn policy(
    wanting: &mut Wanting<'_>,
    wanted: &blueprint::ManagedPolicy,
) -> Result<(), ApiError> {
    let name = wanted.name.as_str();
    let old: Option<ManagedPolicy> = wanting.get_named(name)?;
    same_path(
        "policy",
        name,
        old.as_ref().map(|it| it.path.as_str()),
        &wanted.path,
    )?;
    let now = wanting.platform.now();
    let mut new = match &old {
        Some(old) => old.clone(),
        None => ManagedPolicy {
            name: name.to_owned(),
            path: wanted.path.clone(),
            id: id::unique(wanting.platform.random(), Prefix::ManagedPolicy)?,
            created: now,
            description: None,
            versions: Vec::new(),
            default_version: String::new(),
            tags: Vec::new(),
        },
    };
    if new.document() != Some(wanted.document.text.as_str()) {
        let latest = new
            .versions
            .last()
            .and_then(|it| it.id.get(1..)?.parse().ok());
        let id = format!(
            "v{}",
            latest.map_or(1, |number: u64| number.saturating_add(1))
        );
        new.versions.push(PolicyVersion {
            id: id.clone(),
            document: wanted.document.text.clone(),
            created: now,
        });
        new.default_version = id;
        let surplus = new.versions.len().saturating_sub(VERSIONS);
        new.versions.drain(..surplus);
    }
    wanting.put_named(name, old.as_ref(), &new)
}

/// Makes a role, or makes it what is wanted.
pub(crate) fn role(wanting: &mut Wanting<'_>, wanted: &blueprint::Role) -> Result<(), ApiError> {
    let name = wanted.name.as_str();
    let old: Option<Role> = wanting.get_named(name)?;
    same_path(
        "role",
        name,
        old.as_ref().map(|it| it.path.as_str()),
        &wanted.path,
    )?;
    let (id, created) = match &old {
        Some(old) => (old.id.clone(), old.created),
        None => (
            id::unique(wanting.platform.random(), Prefix::Role)?,
            wanting.platform.now(),
        ),
    };
    let new = Role {
        name: name.to_owned(),
        path: wanted.path.clone(),
        id,
        created,
        description: old.as_ref().and_then(|old| old.description.clone()),
        max_session_duration: wanted.max_session_duration.into(),
        trust: wanted.trust.text.clone(),
        tags: tags::wanted(&wanted.tags),
        policies: attachments(&wanted.policies, &wanted.managed_policies, &wanted.boundary),
    };
    wanting.put_named(name, old.as_ref(), &new)
}

/// Makes a user, or makes it what is wanted. Returns its access key if one was generated.
pub(crate) fn user(
    wanting: &mut Wanting<'_>,
    wanted: &blueprint::User,
) -> Result<Option<NewKey>, ApiError> {
    let name = wanted.name.as_str();
    let old: Option<User> = wanting.get_named(name)?;
    same_path(
        "user",
        name,
        old.as_ref().map(|it| it.path.as_str()),
        &wanted.path,
    )?;
    let (id, created, access_keys) = match &old {
        Some(old) => (old.id.clone(), old.created, old.access_keys.clone()),
        None => (
            id::unique(wanting.platform.random(), Prefix::User)?,
            wanting.platform.now(),
            Vec::new(),
        ),
    };
    let mut new = User {
        name: name.to_owned(),
        path: wanted.path.clone(),
        id,
        created,
        tags: tags::wanted(&wanted.tags),
        policies: attachments(&wanted.policies, &wanted.managed_policies, &wanted.boundary),
        access_keys,
    };
    let made = match &wanted.access_key {
        blueprint::UserKey::None => None,
        blueprint::UserKey::Generate if !new.access_keys.is_empty() => None,
        blueprint::UserKey::Generate => {
            let random = wanting.platform.random();
            let made = NewKey {
                id: id::unique(random, Prefix::AccessKey)?,
                secret: id::secret_key(random)?,
            };
            key(wanting, &mut new, &made)?;
            Some(made)
        }
        blueprint::UserKey::Given(given) => {
            let given = NewKey {
                id: given.id.clone(),
                secret: given.secret.0.clone(),
            };
            key(wanting, &mut new, &given)?;
            None
        }
    };
    wanting.put_named(name, old.as_ref(), &new)?;
    Ok(made)
}

/// Gives the user this access key.
fn key(wanting: &mut Wanting<'_>, user: &mut User, wanted: &NewKey) -> Result<(), ApiError> {
    let owner = KeyOwner::User {
        name: user.name.clone(),
        id: user.id.clone(),
    };
    let (sealer, purpose) = (wanting.platform.sealer(), AccessKey::purpose(&wanted.id));
    let old: Option<AccessKey> = wanting.tx.get(&AccessKey::key(&wanted.id))?;
    if let Some(old) = old {
        if old.owner != owner || old.account != wanting.account.as_str() {
            return Err(ApiError::validation(format!(
                "the access key `{}` of the user `{}` already belongs to somebody else",
                wanted.id, user.name
            )));
        }
        if sealer.open(&purpose, &old.sealed_secret).as_deref() == Ok(wanted.secret.as_bytes()) {
            return Ok(());
        }
    }
    let key = AccessKey {
        account: wanting.account.to_string(),
        owner,
        sealed_secret: sealer.seal(
            wanting.platform.random(),
            &purpose,
            wanted.secret.as_bytes(),
        )?,
        status: KeyStatus::Active,
        created: wanting.platform.now(),
    };
    wanting.tx.put(&AccessKey::key(&wanted.id), &key)?;
    wanting.changes += 1;
    if !user.access_keys.contains(&wanted.id) {
        user.access_keys.push(wanted.id.clone());
    }
    Ok(())
}

fn attachments(
    inline: &[blueprint::InlinePolicy],
    managed: &[String],
    boundary: &Option<String>,
) -> Attachments {
    Attachments {
        inline: inline
            .iter()
            .map(|policy| (policy.name.clone(), policy.document.text.clone()))
            .collect(),
        managed: managed.to_vec(),
        boundary: boundary.clone(),
    }
}
