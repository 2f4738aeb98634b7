//! What users and roles have in common.

use platform::identity::{Attachments, Role, Tag, User};
use platform::{ApiError, Call, Outcome, Permitted};
use policy::AccountId;
use store::{Key, Read, Record};

/// A user or a role.
pub(super) trait Entity: Record + Clone {
    /// `role` or `user`: in ARNs and in AWS's texts.
    const NOUN: &'static str;
    /// The member of an input that names one.
    const NAME: &'static str;
    /// The type by which the trail lists one.
    const TRAIL_TYPE: &'static str;
    /// The characters that its inline policies may have together, white space apart.
    const INLINE_CHARACTERS: usize;

    fn name(&self) -> &str;
    fn path(&self) -> &str;
    fn tags(&self) -> &[Tag];
    fn tags_mut(&mut self) -> &mut Vec<Tag>;
    fn policies(&self) -> &Attachments;
    fn policies_mut(&mut self) -> &mut Attachments;
    fn arn(&self, partition: &str, account: AccountId) -> String;

    /// The key of its record.
    fn key(account: AccountId, name: &str) -> Key {
        platform::identity::named(account, name)
    }
}

macro_rules! entity {
    ($type:ident, $noun:literal, $name:literal, $trail:literal, $characters:literal) => {
        impl Entity for $type {
            const NOUN: &'static str = $noun;
            const NAME: &'static str = $name;
            const TRAIL_TYPE: &'static str = $trail;
            const INLINE_CHARACTERS: usize = $characters;

            fn name(&self) -> &str {
                &self.name
            }
            fn path(&self) -> &str {
                &self.path
            }
            fn tags(&self) -> &[Tag] {
                &self.tags
            }
            fn tags_mut(&mut self) -> &mut Vec<Tag> {
                &mut self.tags
            }
            fn policies(&self) -> &Attachments {
                &self.policies
            }
            fn policies_mut(&mut self) -> &mut Attachments {
                &mut self.policies
            }
            fn arn(&self, partition: &str, account: AccountId) -> String {
                $type::arn(self, partition, account)
            }
        }
    };
}

entity!(Role, "role", "RoleName", "AWS::IAM::Role", 10_240);
entity!(User, "user", "UserName", "AWS::IAM::User", 2_048);

/// The entity of this name, if there is one. Names compare exactly, although no two may differ in
/// case only.
pub(super) fn find<E: Entity>(
    tx: &dyn Read,
    account: AccountId,
    name: &str,
) -> Result<Option<E>, ApiError> {
    let found: Option<E> = tx.get(&E::key(account, name))?;
    Ok(found.filter(|entity| entity.name() == name))
}

/// The entity that the input names.
pub(super) fn get<E: Entity>(call: &Call<'_>) -> Result<E, ApiError> {
    let name = call.text(E::NAME)?;
    find(call.state(), call.account(), name)?.ok_or_else(|| missing::<E>(name))
}

/// There is no such entity.
pub(super) fn missing<E: Entity>(name: &str) -> ApiError {
    no_such(format!("The {} with name {name} cannot be found.", E::NOUN))
}

/// `NoSuchEntity` with this text.
pub(super) fn no_such(text: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", 404, text)
}

/// Changes the entity that the input names.
pub(super) fn update<E: Entity>(
    call: &Permitted<Call<'_>>,
    change: impl FnOnce(&mut E) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text(E::NAME)?);
    call.write(|tx| {
        let mut entity: E = find(&*tx, account, name)?.ok_or_else(|| missing::<E>(name))?;
        change(&mut entity)?;
        tx.put(&E::key(account, name), &entity)?;
        Ok(Outcome::empty())
    })
}

/// Refuses to delete an entity that still has policies.
pub(super) fn without_policies<E: Entity>(entity: &E) -> Result<(), ApiError> {
    let conflict = |text: &'static str| Err(ApiError::new("DeleteConflict", 409, text));
    if !entity.policies().managed.is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if !entity.policies().inline.is_empty() {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    Ok(())
}
