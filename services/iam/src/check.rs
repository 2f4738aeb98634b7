//! What must be allowed for operations on a user, group or role.

use platform::identity::{Role, Tag, User};
use platform::{ApiError, Call, Check, Checks, Target};
use policy::{AccountId, Arn, PolicyType};

use super::entity::{self, Entity};
use platform::tags;

/// The operation's own action on the entity that the input names.
pub(super) fn on<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check_on::<E>(call, call.text(E::NAME)?)?.into())
}

/// As [`on`], with the entity's boundary in `iam:PermissionsBoundary`.
pub(super) fn on_bounded<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(bounded::<E>(call)?.into())
}

/// The check of [`on_bounded`].
pub(super) fn bounded<E: Entity>(call: &Call<'_>) -> Result<Check, ApiError> {
    let name = call.text(E::NAME)?;
    let entity: Option<E> = entity::find(call.state(), call.account(), name)?;
    let boundary = entity.and_then(|entity| entity.policies().boundary.clone());
    Ok(check_on::<E>(call, name)?.key_if("iam:PermissionsBoundary", boundary))
}

/// The operation's action on the entity of this name.
pub(super) fn check_on<E: Entity>(call: &Call<'_>, name: &str) -> Result<Check, ApiError> {
    Ok(Check::of(call.action(), target::<E>(call, name)?))
}

/// The entity of this name, for authorization.
pub(super) fn target<E: Entity>(call: &Call<'_>, name: &str) -> Result<Target, ApiError> {
    let entity: Option<E> = entity::find(call.state(), call.account(), name)?;
    let target = match &entity {
        Some(entity) => {
            let arn = entity.arn(call.platform().partition(), call.account());
            Target::arn(&arn)?.tagged("iam", entity.tags())
        }
        None => Target::arn(&arn(call, &format!("{}/{name}", E::NOUN)))?,
    };
    Ok(target.listed_as(E::TRAIL_TYPE))
}

/// The user or role with this ARN; a role with its trust policy.
pub(super) fn find(
    call: &Call<'_>,
    arn: &Arn,
    _asker: AccountId,
) -> Result<Option<Target>, ApiError> {
    let (Some((kind, path)), Some(account)) = (
        arn.resource().split_once('/'),
        AccountId::parse(arn.account()),
    ) else {
        return Ok(None);
    };
    let (state, name) = (call.state(), path.rsplit('/').next().unwrap_or(path));
    let own = |entity_arn: String| entity_arn == arn.as_str();
    let partition = call.platform().partition();
    match kind {
        "user" => {
            let user: Option<User> = entity::find(state, account, name)?;
            let user = user.filter(|user| own(user.arn(partition, account)));
            let target = |user: User| Ok(Target::arn(arn.as_str())?.tagged("iam", &user.tags));
            user.map(target).transpose()
        }
        "role" => {
            let role: Option<Role> = entity::find(state, account, name)?;
            let role = role.filter(|role| own(role.arn(partition, account)));
            let target = |role: Role| {
                let (kind, text) = (PolicyType::Trust, role.trust.text());
                let trust = call
                    .platform()
                    .resource_policy(kind, "trust policy", text)?;
                let target = Target::arn(arn.as_str())?.tagged("iam", &role.tags);
                Ok(target.policy(trust))
            };
            role.map(target).transpose()
        }
        _ => Ok(None),
    }
}

/// The operation's action, which knows no resource.
pub(super) fn on_nothing(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), Target::any()).into())
}

/// The operation's action on the entity that the input names and on its new ARN, where it gets another
/// name or path.
pub(super) fn on_renamed<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (name, input) = (call.text(E::NAME)?, call.input());
    let check = check_on::<E>(call, name)?;
    let entity: Option<E> = entity::find(call.state(), call.account(), name)?;
    let old = entity.as_ref().map_or("/", |entity| entity.path());
    let new_path = input.str("NewPath").unwrap_or(old);
    let new_name = input.str(&format!("New{}", E::NAME)).unwrap_or(name);
    let new = arn(call, &format!("{}{new_path}{new_name}", E::NOUN));
    let tags = entity.as_ref().map_or(&[][..], |entity| entity.tags());
    let target = Target::arn(&new)?.tagged("iam", tags);
    Ok(Checks::from(check).and(Check::of(call.action(), target)))
}

/// The operation's action on a user, group or role that is to be made as the input says, with its boundary
/// and its tags.
pub(super) fn on_new<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let path = input.str("Path").unwrap_or("/");
    let arn = arn(call, &format!("{}{path}{}", E::NOUN, call.text(E::NAME)?));
    let target = Target::arn(&arn)?.listed_as(E::TRAIL_TYPE);
    let creation = Check::of(call.action(), target.clone())
        .key_if("iam:PermissionsBoundary", input.str("PermissionsBoundary"));
    let noun = E::NAME.trim_end_matches("Name");
    with_tags(
        creation,
        &format!("iam:Tag{noun}"),
        target,
        &tags::read(input, "Tags"),
    )
}

/// A creation with these tags. Where there are any, the action `tagging` is demanded too (IAM User
/// Guide, "Tags for IAM resources").
pub(super) fn with_tags(
    creation: Check,
    tagging: &str,
    target: Target,
    tags: &[Tag],
) -> Result<Checks, ApiError> {
    let checks = Checks::from(creation.request_tags(tags));
    if tags.is_empty() {
        return Ok(checks);
    }
    Ok(checks.and(Check::new(tagging, target)?.request_tags(tags)))
}

/// The ARN of something in the caller's account.
pub(super) fn arn(call: &Call<'_>, resource: &str) -> String {
    format!(
        "arn:{}:iam::{}:{resource}",
        call.platform().partition(),
        call.account()
    )
}
