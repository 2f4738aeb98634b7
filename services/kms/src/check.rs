//! What must be allowed for operations on keys (KMS Developer Guide, "KMS permissions" and "Condition
//! keys").
//!
//! The rule that is KMS's own: a key's policy must allow, be it the caller or the account, whose own
//! policies then decide. The engine applies it to whatever is asked of a `key/` ARN, so that
//! all that is needed here is to give every key its policy.

use jiff::{SignedDuration, Timestamp};
use platform::{ApiError, Call, Check, Checks, Target};
use policy::{AccountId, Action, Arn, ContextValue};
use std::sync::Arc;
use wire::value::Value;

use super::grant::Asked;
use super::key_id::{KeyId, Named};
use super::managed;
use super::material::Context;
use super::record::Key;
use super::{grant, key_policy};

pub(super) const TRAIL_TYPE: &str = "AWS::KMS::Key";

/// Through which service the call came: `secretsmanager.us-east-1.amazonaws.com`.
pub(super) fn via(call: &Call<'_>) -> Option<String> {
    let last = call.envelope().via.last()?;
    let service = last.strip_suffix(".amazonaws.com").unwrap_or(last);
    Some(managed::via_name(service, call.region()))
}

/// So many days later.
pub(super) fn in_days(from: Timestamp, days: i64) -> Result<Timestamp, ApiError> {
    from.checked_add(SignedDuration::from_hours(24 * days))
        .map_err(ApiError::internal)
}

/// Whether an operation reaches keys of other accounts (KMS Developer Guide, "KMS permissions", column
/// "Cross-account use").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Own,
    Across,
}

/// `action` on the key that `id` names. Of one that is not there it is asked on its would-be ARN, as if its policy
/// left it to its account, so that only who may use it learns that there is none.
pub(super) fn on(
    call: &Call<'_>,
    action: &Action,
    id: &KeyId,
    reach: Reach,
) -> Result<Check, ApiError> {
    on_asked(call, action, id, reach, Asked::Plain)
}

/// [`on`] with what grants have to know of what is asked.
pub(super) fn on_asked(
    call: &Call<'_>,
    action: &Action,
    id: &KeyId,
    reach: Reach,
    asked: Asked<'_>,
) -> Result<Check, ApiError> {
    let found = id.find(call, call.state())?;
    on_found(call, action, (id, found), reach, asked)
}

/// The same where the key that the id names, if any, is known.
fn on_found(
    call: &Call<'_>,
    action: &Action,
    (id, found): (&KeyId, Option<Arc<Key>>),
    reach: Reach,
    asked: Asked<'_>,
) -> Result<Check, ApiError> {
    let foreign = id.account != call.account().as_str();
    let check = match &found {
        Some(key) if foreign && reach == Reach::Own => Check::of(action, bare(call, key)?),
        Some(key) => of_key(Check::of(action, target(call, key, asked)?), key),
        None => Check::of(action, absent(call, id, foreign)?),
    };
    Ok(of_call(call, check).key_if("kms:RequestAlias", id.alias()))
}

fn absent(call: &Call<'_>, id: &KeyId, foreign: bool) -> Result<Target, ApiError> {
    let target = Target::arn(&id.would_be(call))?.listed_as(TRAIL_TYPE);
    if foreign {
        return Ok(target.vague_to_others());
    }
    let text = key_policy::default(call.platform(), &id.account);
    Ok(target.policy(key_policy::compiled(call.platform(), &text)?))
}

/// The key with this ARN. One of the asker's own account that is not there counts as one whose policy leaves
/// it to the account.
pub(super) fn find(
    call: &Call<'_>,
    arn: &Arn,
    asker: AccountId,
) -> Result<Option<Target>, ApiError> {
    let Some(id) = arn.resource().strip_prefix("key/") else {
        return Ok(None);
    };
    let id = KeyId {
        account: arn.account().to_owned(),
        region: arn.region().to_owned(),
        named: Named::Id(id.to_owned()),
    };
    match id.find(call, call.state())? {
        Some(key) => target(call, &key, Asked::Plain).map(Some),
        None if id.account == asker.as_str() => absent(call, &id, false).map(Some),
        None => Ok(None),
    }
}

/// A key with its policy and grants.
fn target(call: &Call<'_>, key: &Key, asked: Asked<'_>) -> Result<Target, ApiError> {
    let grants = grant::as_policy(call, key, asked)?;
    let policy = key_policy::with_grants(call.platform(), &key.policy, grants.as_deref())?;
    Ok(bare(call, key)?.policy(policy))
}

/// A key without its policy.
pub(super) fn bare(call: &Call<'_>, key: &Key) -> Result<Target, ApiError> {
    let target = Target::arn(&key.arn(call.platform()))?
        .tagged_plainly(&key.tags)
        .listed_as(TRAIL_TYPE)
        .vague_to_others();
    Ok(match AccountId::parse(&key.account) {
        Some(account) => target.owned_by(account),
        None => target,
    })
}

/// What is known of the key, as condition keys.
pub(super) fn of_key(check: Check, key: &Key) -> Check {
    let aliases = key.aliases.iter().map(String::as_str);
    let aliases = (aliases.len() > 0).then(|| aliases.collect::<ContextValue>());
    check
        .key_if("kms:ResourceAliases", aliases)
        .key("kms:KeySpec", ContextValue::fixed(key.spec.name()))
        .key("kms:KeyUsage", ContextValue::fixed(key.spec.usage()))
        .key("kms:KeyOrigin", ContextValue::fixed("AWS_KMS"))
        .key("kms:MultiRegion", false)
}

/// What is known of the call, as condition keys.
pub(super) fn of_call(call: &Call<'_>, check: Check) -> Check {
    let account = call.account();
    let known = !call.caller().is_nobody();
    check
        .key_if("kms:CallerAccount", known.then_some(account.as_str()))
        .key_if("kms:ViaService", via(call))
}

/// The pairs of a member of the input.
///
/// # Errors
/// When two names differ in case alone: condition keys do not tell them apart, so that what a
/// policy says of one could be said of the other.
pub(super) fn context(input: &Value, member: &str) -> Result<Context, ApiError> {
    let mut pairs = Context::new();
    let given = input.get(member).and_then(Value::as_map);
    for (name, value) in given.into_iter().flat_map(|map| map.iter()) {
        let value = value.as_str().unwrap_or_default();
        if pairs.keys().any(|held| held.eq_ignore_ascii_case(name)) {
            return Err(ApiError::validation(format!(
                "The encryption context has the key {name} twice in different cases."
            )));
        }
        pairs.insert(name.to_owned(), value.to_owned());
    }
    Ok(pairs)
}

/// The encryption context, as condition keys.
pub(super) fn with_context(mut check: Check, context: &Context) -> Check {
    for (name, value) in context {
        let key = ["kms:EncryptionContext:", name].concat();
        check = check.key(key, value.as_str());
    }
    let names = context.keys().map(String::as_str);
    let names = (names.len() > 0).then(|| names.collect::<ContextValue>());
    check.key_if("kms:EncryptionContextKeys", names)
}

/// The operation's own action on the key in `KeyId`, which may not be an alias nor another account's.
pub(super) fn on_own_key(call: &Call<'_>) -> Result<Check, ApiError> {
    let id = KeyId::parse_key(call, call.text("KeyId")?)?;
    on(call, call.action(), &id, Reach::Own)
}

/// `action` on a key by the id that names it, with the encryption context in `member` of the input.
pub(super) fn on_context(
    call: &Call<'_>,
    action: &Action,
    key: (&KeyId, Option<Arc<Key>>),
    member: &str,
) -> Result<Check, ApiError> {
    let context = context(call.input(), member)?;
    let check = on_found(call, action, key, Reach::Across, Asked::With(&context))?;
    Ok(with_context(check, &context))
}

/// The operation's own action on the key in `KeyId`, which may be another account's.
pub(super) fn on_any_key(call: &Call<'_>) -> Result<Check, ApiError> {
    let id = KeyId::parse(call, call.text("KeyId")?)?;
    on(call, call.action(), &id, Reach::Across)
}

pub(super) fn own_key(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(on_own_key(call)?.into())
}

pub(super) fn any_key(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(on_any_key(call)?.into())
}

/// An action that knows no resource.
pub(super) fn nothing(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(of_call(call, Check::of(call.action(), Target::any())).into())
}

/// The key in `KeyId`, as of now, for an operation that takes no aliases.
pub(super) fn own(call: &Call<'_>, tx: &dyn store::Read) -> Result<Arc<Key>, ApiError> {
    KeyId::parse_key(call, call.text("KeyId")?)?.get(call, tx)
}

/// The same, to change it.
pub(super) fn own_to_change(call: &Call<'_>, tx: &dyn store::Read) -> Result<Key, ApiError> {
    own(call, tx).map(Arc::unwrap_or_clone)
}

/// The key in `KeyId`, as of now.
pub(super) fn any(call: &Call<'_>, tx: &dyn store::Read) -> Result<Arc<Key>, ApiError> {
    KeyId::parse(call, call.text("KeyId")?)?.get(call, tx)
}
