//! What users, groups and roles have in common.

use platform::identity::{self, Attachments, Group, PolicyHolder, Role, Tag, User};
use platform::{ApiError, Call, Outcome, Permitted};
use policy::AccountId;
use store::{Read, Write};

use super::quota;

/// A user, a group or a role.
pub(super) trait Entity: PolicyHolder {
    /// The member of an input that names one.
    const NAME: &'static str;
    /// The type by which the trail lists one.
    const TRAIL_TYPE: &'static str;
    /// The characters that its inline policies may have together, white space apart.
    const INLINE_CHARACTERS: usize;
    /// The name of the limit of attached managed policies.
    const ATTACHED: &'static str;
    /// What an answer calls one: `User`, `Group` or `Role`.
    const MEMBER: &'static str;

    fn tags(&self) -> &[Tag] {
        &[]
    }
    fn policies_mut(&mut self) -> &mut Attachments;
    fn arn(&self, partition: &str, account: AccountId) -> String;
    fn moved(&mut self, name: Option<&str>, path: Option<&str>);
}

macro_rules! entity {
    ($type:ident, $member:literal, $name:literal, $characters:ident $(, $tags:ident)?) => {
        impl Entity for $type {
            const NAME: &'static str = $name;
            const TRAIL_TYPE: &'static str = concat!("AWS::IAM::", $member);
            const INLINE_CHARACTERS: usize = quota::$characters;
            const ATTACHED: &'static str = concat!("PoliciesPer", $member);
            const MEMBER: &'static str = $member;

            $(fn tags(&self) -> &[Tag] {
                &self.$tags
            })?
            fn policies_mut(&mut self) -> &mut Attachments {
                &mut self.policies
            }
            fn arn(&self, partition: &str, account: AccountId) -> String {
                $type::arn(self, partition, account)
            }
            fn moved(&mut self, name: Option<&str>, path: Option<&str>) {
                if let Some(name) = name {
                    name.clone_into(&mut self.name);
                }
                if let Some(path) = path {
                    path.clone_into(&mut self.path);
                }
            }
        }
    };
}

entity!(Role, "Role", "RoleName", ROLE_INLINE, tags);
entity!(User, "User", "UserName", USER_INLINE, tags);
entity!(Group, "Group", "GroupName", GROUP_INLINE);

/// The entity of this name, if there is one. Names compare exactly, although no two may differ in
/// case only.
pub(super) fn find<E: Entity>(
    tx: &dyn Read,
    account: AccountId,
    name: &str,
) -> Result<Option<E>, ApiError> {
    let found: Option<E> = tx.get(&identity::named(account, name))?;
    Ok(found.filter(|entity| entity.name() == name))
}

/// The entity of this name.
pub(super) fn need<E: Entity>(
    tx: &dyn Read,
    account: AccountId,
    name: &str,
) -> Result<E, ApiError> {
    find(tx, account, name)?.ok_or_else(|| missing::<E>(name))
}

/// The entity that the input names.
pub(super) fn get<E: Entity>(call: &Call<'_>) -> Result<E, ApiError> {
    need(call.state(), call.account(), call.text(E::NAME)?)
}

/// There is no such entity.
pub(super) fn missing<E: Entity>(name: &str) -> ApiError {
    no_such(format!("The {} with name {name} cannot be found.", E::NOUN))
}

/// There is one of this name already.
pub(super) fn exists<E: Entity>(name: &str) -> ApiError {
    already(format!("{} with name {name} already exists.", E::MEMBER))
}

/// `NoSuchEntity` with this text.
pub(super) fn no_such(text: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", 404, text)
}

/// `EntityAlreadyExists` with this text.
pub(super) fn already(text: impl Into<String>) -> ApiError {
    ApiError::new("EntityAlreadyExists", 409, text)
}

/// `DeleteConflict` with this text.
pub(super) fn conflict(text: impl Into<String>) -> ApiError {
    ApiError::new("DeleteConflict", 409, text)
}

/// Writes an entity that must be new.
pub(super) fn insert<E: Entity>(
    tx: &mut dyn Write,
    account: AccountId,
    new: &E,
) -> Result<(), ApiError> {
    if tx
        .get::<E>(&identity::named(account, new.name()))?
        .is_some()
    {
        return Err(exists::<E>(new.name()));
    }
    Ok(identity::save(tx, account, None, new)?)
}

/// Changes the entity that the input names.
pub(super) fn update<E: Entity>(
    call: &Permitted<Call<'_>>,
    change: impl FnOnce(&dyn Read, &mut E) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text(E::NAME)?);
    call.write(|tx| {
        let old: E = need(&*tx, account, name)?;
        let mut new = old.clone();
        change(&*tx, &mut new)?;
        identity::save(tx, account, Some(&old), &new)?;
        Ok(Outcome::empty())
    })
}

/// Refuses to delete an entity that still has policies.
pub(super) fn without_policies<E: Entity>(entity: &E) -> Result<(), ApiError> {
    if !entity.policies().managed.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !entity.policies().inline.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    Ok(())
}

/// The entity that the input names, and what it becomes with the new name (the member `member`) or
/// path that the input asks for.
pub(super) fn rename<E: Entity>(
    tx: &dyn Read,
    call: &Call<'_>,
    member: &str,
) -> Result<(E, E), ApiError> {
    let (account, input) = (call.account(), call.input());
    let old: E = need(tx, account, call.text(E::NAME)?)?;
    let name = input.str(member);
    let mut new = old.clone();
    new.moved(name, input.str("NewPath"));
    let (from, to) = (old.name(), new.name());
    let taken =
        !from.eq_ignore_ascii_case(to) && tx.get::<E>(&identity::named(account, to))?.is_some();
    match taken {
        true => Err(exists::<E>(to)),
        false => Ok((old, new)),
    }
}
