//! Users, roles and policies as a blueprint wants them.
//!
//! What the blueprint names becomes what it says: documents, attachments, tags. What it does not name
//! is left alone, and what is already so is not written again.

use platform::ApiError;
use platform::id::{self, Prefix};
use platform::identity::{
    self, AccessKey, Attachments, KeyOwner, KeyStatus, ManagedPolicy, PolicyHolder, Role, User,
    named,
};
use store::Record;

use crate::document::bind_trust;
use platform::desired::Wanting;
use platform::tags;

use super::{quota, role as roles};

/// Writes a user or role unless it is there already.
fn save<T: PolicyHolder + PartialEq>(
    wanting: &mut Wanting<'_>,
    old: Option<&T>,
    new: &T,
) -> Result<(), ApiError> {
    if old != Some(new) {
        identity::save(wanting.tx, wanting.account, old, new)?;
        wanting.changes += 1;
    }
    Ok(())
}

fn get_named<T: Record>(wanting: &Wanting<'_>, name: &str) -> Result<Option<T>, ApiError> {
    Ok(wanting.tx.get(&named(wanting.account, name))?)
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

/// An access key that was made just now.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: String,
    /// Its secret, told this once.
    pub secret: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Makes a managed policy, or gives it a new version.
pub fn policy(
    wanting: &mut Wanting<'_>,
    wanted: &blueprint::ManagedPolicy,
) -> Result<(), ApiError> {
    let name = wanted.name.as_str();
    let old: Option<ManagedPolicy> = get_named(wanting, name)?;
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
            latest: 0,
            tags: Vec::new(),
        },
    };
    if new.document() != Some(wanted.document.text.as_str()) {
        new.add_version(&wanted.document.text, now, true);
        let surplus = new.versions.len().saturating_sub(quota::VERSIONS);
        new.versions.drain(..surplus);
    }
    if old.as_ref() != Some(&new) {
        new.save(wanting.tx, wanting.account, old.as_ref())?;
        wanting.changes += 1;
    }
    Ok(())
}

/// Gives every wanted role and user that does not exist yet its unique id, so that the policies of all
/// accounts can name them whichever comes first. Neither can do anything before it is made what is
/// wanted.
pub fn reserve(wanting: &mut Wanting<'_>, wanted: &blueprint::Account) -> Result<(), ApiError> {
    for role in &wanted.roles {
        if get_named::<Role>(wanting, &role.name)?.is_none() {
            let new = unmade_role(wanting, role)?;
            identity::save(wanting.tx, wanting.account, None, &new)?;
        }
    }
    for user in &wanted.users {
        if get_named::<User>(wanting, &user.name)?.is_none() {
            let new = unmade_user(wanting, user)?;
            identity::save(wanting.tx, wanting.account, None, &new)?;
        }
    }
    Ok(())
}

/// A role whom nobody may assume.
fn unmade_role(wanting: &Wanting<'_>, wanted: &blueprint::Role) -> Result<Role, ApiError> {
    let nobody = r#"{"Version":"2012-10-17","Statement":[]}"#;
    Ok(Role {
        name: wanted.name.clone(),
        path: wanted.path.clone(),
        id: id::unique(wanting.platform.random(), Prefix::Role)?,
        created: wanting.platform.now(),
        description: None,
        max_session_duration: wanted.max_session_duration.into(),
        trust: bind_trust(&*wanting.tx, wanting.platform.partition(), nobody)?,
        tags: Vec::new(),
        policies: Attachments::default(),
    })
}

/// A user without keys and policies.
fn unmade_user(wanting: &Wanting<'_>, wanted: &blueprint::User) -> Result<User, ApiError> {
    Ok(User {
        name: wanted.name.clone(),
        path: wanted.path.clone(),
        id: id::unique(wanting.platform.random(), Prefix::User)?,
        created: wanting.platform.now(),
        tags: Vec::new(),
        policies: Attachments::default(),
        access_keys: Vec::new(),
        groups: Vec::new(),
    })
}

/// Makes a [reserved](reserve) role what is wanted.
pub fn role(wanting: &mut Wanting<'_>, wanted: &blueprint::Role) -> Result<(), ApiError> {
    let name = wanted.name.as_str();
    if wanted.path.starts_with(roles::SERVICE_LINKED) {
        return Err(ApiError::validation(format!(
            "the role `{name}`: {}",
            roles::RESERVED
        )));
    }
    let old: Option<Role> = get_named(wanting, name)?;
    same_path(
        "role",
        name,
        old.as_ref().map(|it| it.path.as_str()),
        &wanted.path,
    )?;
    let trust = bind_trust(
        &*wanting.tx,
        wanting.platform.partition(),
        &wanted.trust.text,
    );
    let trust = trust.map_err(|error| {
        let origin = &wanted.trust.origin;
        ApiError::validation(format!(
            "`{origin}`, the trust policy of `{name}`: {error}: describe the principal too, or \
             remove it from the policy"
        ))
    })?;
    let made = match &old {
        Some(old) => old.clone(),
        None => unmade_role(wanting, wanted)?,
    };
    let new = Role {
        path: wanted.path.clone(),
        max_session_duration: wanted.max_session_duration.into(),
        trust,
        tags: tags::wanted(&wanted.tags),
        policies: attachments(&wanted.policies, &wanted.managed_policies, &wanted.boundary),
        ..made
    };
    save(wanting, old.as_ref(), &new)
}

/// Makes a [reserved](reserve) user what is wanted. Returns its access key if one was generated.
pub fn user(
    wanting: &mut Wanting<'_>,
    wanted: &blueprint::User,
) -> Result<Option<NewKey>, ApiError> {
    let name = wanted.name.as_str();
    let old: Option<User> = get_named(wanting, name)?;
    same_path(
        "user",
        name,
        old.as_ref().map(|it| it.path.as_str()),
        &wanted.path,
    )?;
    let reserved = match &old {
        Some(old) => old.clone(),
        None => unmade_user(wanting, wanted)?,
    };
    let mut new = User {
        path: wanted.path.clone(),
        tags: tags::wanted(&wanted.tags),
        policies: attachments(&wanted.policies, &wanted.managed_policies, &wanted.boundary),
        ..reserved
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
    save(wanting, old.as_ref(), &new)?;
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
