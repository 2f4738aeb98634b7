//! What is said of a whole account: its alias, its password policy, how much it has.

use jiff::Timestamp;
use platform::identity::{Account, Totals, of_account};
use platform::{ApiError, Call, Outcome, Permitted};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::value::Value;

use super::entity::{already, no_such};
use super::{list, quota};

/// The alias of an account. Its record stands under the account's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Alias {
    name: String,
}

impl Record for Alias {
    const KIND: &'static str = "iam-account-alias";
    const VERSION: u32 = 1;
}

/// Whose alias it is. Its record stands under the alias, of which there is one in the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AliasOwner {
    account: String,
}

impl Record for AliasOwner {
    const KIND: &'static str = "iam-alias-owner";
    const VERSION: u32 = 1;
}

pub(super) fn create_alias(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("AccountAlias")?;
    let account = call.account();
    call.write(|tx| {
        let owner = AliasOwner {
            account: account.to_string(),
        };
        let before: Option<AliasOwner> = tx.get(&Key::new([name]))?;
        if before.is_some_and(|before| before != owner) {
            return Err(already(format!("The account alias {name} already exists.")));
        }
        // An account has one alias: a new one takes the place of the old.
        if let Some(old) = tx.get::<Alias>(&of_account(account))? {
            tx.delete::<AliasOwner>(&Key::new([&old.name]))?;
        }
        tx.put(&Key::new([name]), &owner)?;
        let name = name.to_owned();
        tx.put(&of_account(account), &Alias { name })?;
        Ok(Outcome::empty())
    })
}

pub(super) fn delete_alias(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("AccountAlias")?;
    let key = of_account(call.account());
    call.write(|tx| {
        let held: Option<Alias> = tx.get(&key)?;
        if held.is_none_or(|held| held.name != name) {
            return Err(no_such(format!(
                "The Account Alias {name} cannot be found."
            )));
        }
        tx.delete::<Alias>(&key)?;
        tx.delete::<AliasOwner>(&Key::new([name]))?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list_aliases(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let held: Option<Alias> = call.state().get(&of_account(call.account()))?;
    let all: Vec<Alias> = held.into_iter().collect();
    let show = |alias: &Alias| Value::from(alias.name.as_str());
    list::page(call, "AccountAliases", "", all, |it| &it.name, show)
}

/// What passwords in an account must be like. Its record stands under the account's id. There are no
/// passwords here, so that nothing is held to it; it is kept for who audits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PasswordPolicy {
    minimum_length: i64,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    users_may_change: bool,
    max_age: Option<i64>,
    reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

impl Record for PasswordPolicy {
    const KIND: &'static str = "iam-password-policy";
    const VERSION: u32 = 1;
}

/// The length that is demanded where the policy does not say.
const MINIMUM_LENGTH: i64 = 6;

/// Members that are not passed return to what they are by default (IAM API Reference,
/// `UpdateAccountPasswordPolicy`).
pub(super) fn put_passwords(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let is = |member: &str| input.bool(member).unwrap_or(false);
    let policy = PasswordPolicy {
        minimum_length: input.int("MinimumPasswordLength").unwrap_or(MINIMUM_LENGTH),
        symbols: is("RequireSymbols"),
        numbers: is("RequireNumbers"),
        uppercase: is("RequireUppercaseCharacters"),
        lowercase: is("RequireLowercaseCharacters"),
        users_may_change: is("AllowUsersToChangePassword"),
        max_age: input.int("MaxPasswordAge"),
        reuse_prevention: input.int("PasswordReusePrevention"),
        hard_expiry: input.bool("HardExpiry"),
    };
    call.write(|tx| Ok(tx.put(&of_account(call.account()), &policy)?))?;
    Ok(Outcome::empty())
}

pub(super) fn get_passwords(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let held: Option<PasswordPolicy> = call.state().get(&of_account(call.account()))?;
    let policy = held.ok_or_else(|| no_passwords(call))?;
    let shown = Value::map()
        .with("MinimumPasswordLength", policy.minimum_length)
        .with("RequireSymbols", policy.symbols)
        .with("RequireNumbers", policy.numbers)
        .with("RequireUppercaseCharacters", policy.uppercase)
        .with("RequireLowercaseCharacters", policy.lowercase)
        .with("AllowUsersToChangePassword", policy.users_may_change)
        .with("ExpirePasswords", policy.max_age.is_some())
        .with_some("MaxPasswordAge", policy.max_age)
        .with_some("PasswordReusePrevention", policy.reuse_prevention)
        .with_some("HardExpiry", policy.hard_expiry);
    Ok(Outcome::new(Value::map().with("PasswordPolicy", shown)))
}

pub(super) fn delete_passwords(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        if tx.delete::<PasswordPolicy>(&of_account(call.account()))? {
            Ok(Outcome::empty())
        } else {
            Err(no_passwords(call))
        }
    })
}

fn no_passwords(call: &Call<'_>) -> ApiError {
    no_such(format!(
        "The Password Policy with domain name {} cannot be found.",
        call.account()
    ))
}

/// What stands for no limit.
const NO_LIMIT: u64 = i32::MAX as u64;

/// How much there is, and the limits that hold here. What has no limit here has the greatest number that the
/// answer can tell; of what there cannot be any, the limit is none.
pub(super) fn summary(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (state, account) = (call.state(), call.account());
    let totals = Totals::of(state, account)?;
    let root: Option<Account> = state.get(&of_account(account))?;
    let root_keys = root.is_some_and(|root| !root.root_keys.is_empty());
    let limit = |number: usize| number as u64;
    let all = [
        ("Users", totals.users),
        ("Groups", totals.groups),
        ("GroupsQuota", limit(quota::GROUPS)),
        ("UsersQuota", NO_LIMIT),
        ("Roles", totals.roles),
        ("RolesQuota", NO_LIMIT),
        ("Policies", totals.policies),
        ("PoliciesQuota", NO_LIMIT),
        ("PolicyVersionsInUse", totals.policy_versions),
        ("PolicyVersionsInUseQuota", NO_LIMIT),
        ("InstanceProfilesQuota", NO_LIMIT),
        ("ServerCertificatesQuota", 0),
        ("SigningCertificatesPerUserQuota", 0),
        // Tokens are good in every region, whichever endpoint gave them.
        ("GlobalEndpointTokenVersion", 2),
        ("VersionsPerPolicyQuota", limit(quota::VERSIONS)),
        ("InstanceProfiles", totals.instance_profiles),
        ("Providers", totals.providers),
        ("AccessKeysPerUserQuota", limit(quota::ACCESS_KEYS)),
        ("GroupsPerUserQuota", limit(quota::GROUPS_PER_USER)),
        (
            "AttachedPoliciesPerUserQuota",
            limit(quota::MANAGED_POLICIES),
        ),
        (
            "AttachedPoliciesPerGroupQuota",
            limit(quota::MANAGED_POLICIES),
        ),
        (
            "AttachedPoliciesPerRoleQuota",
            limit(quota::MANAGED_POLICIES),
        ),
        ("PolicySizeQuota", limit(quota::POLICY_CHARACTERS)),
        ("AssumeRolePolicySizeQuota", limit(quota::TRUST_CHARACTERS)),
        ("UserPolicySizeQuota", limit(quota::USER_INLINE)),
        ("GroupPolicySizeQuota", limit(quota::GROUP_INLINE)),
        ("RolePolicySizeQuota", limit(quota::ROLE_INLINE)),
        ("AccountAccessKeysPresent", u64::from(root_keys)),
        ("AccountMFAEnabled", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
        ("ServerCertificates", 0),
    ];
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let map = all.into_iter().fold(Value::map(), |map, (name, number)| {
        map.with(name, count(number))
    });
    Ok(Outcome::new(Value::map().with("SummaryMap", map)))
}

/// When the account was made, as far as that is known.
pub(super) fn created(call: &Call<'_>) -> Result<Timestamp, ApiError> {
    let account: Option<Account> = call.state().get(&of_account(call.account()))?;
    Ok(platform::identity::to_second(
        account.map_or(call.time(), |account| account.created),
    ))
}
