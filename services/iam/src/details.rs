//! `GetAccountAuthorizationDetails`: everybody with all policies, for tools that look at whole accounts.

use platform::identity::{
    Group, ManagedPolicy, Role, User, Uses, all_aws_managed, of_account, to_second,
};
use platform::{ApiError, Call, Outcome, Permitted, tags};
use wire::value::Value;

use super::entity::Entity;
use super::list::Pager;
use super::{attach, boundary, document, last_used, managed, profile};

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let filter = tags::keys(call.input(), "Filter");
    let wanted = |kind: &str| filter.is_empty() || filter.iter().any(|it| it == kind);
    let mut pager = Pager::begin(call, &filter.join(" "))?;
    let under = of_account(call.account());
    let none = || Value::List(Vec::new());
    let users = match wanted("User") {
        true => pager.records("user", &under, |it: User| Ok(Some(user(call, &it))))?,
        false => none(),
    };
    let groups = match wanted("Group") {
        true => pager.records("group", &under, |it: Group| Ok(Some(group(call, &it))))?,
        false => none(),
    };
    let roles = match wanted("Role") {
        true => pager.records("role", &under, |it: Role| full_role(call, &it).map(Some))?,
        false => none(),
    };
    let mut policies = Vec::new();
    if wanted("LocalManagedPolicy") {
        let shown = pager.records("local", &under, |it| local(call, &it).map(Some))?;
        policies.extend(shown.as_list().unwrap_or_default().iter().cloned());
    }
    if wanted("AWSManagedPolicy") {
        let shown = pager.few("aws", of_aws(call)?.into_iter());
        policies.extend(shown.as_list().unwrap_or_default().iter().cloned());
    }
    pager.finish(
        Value::map()
            .with("UserDetailList", users)
            .with("GroupDetailList", groups)
            .with("RoleDetailList", roles)
            .with("Policies", Value::List(policies)),
    )
}

/// What users, groups and roles have in common.
fn common<E: Entity>(call: &Call<'_>, entity: &E) -> Value {
    let held = entity.policies();
    let inline = held.inline.iter().map(|(name, text)| {
        Value::map()
            .with("PolicyName", name.as_str())
            .with("PolicyDocument", document::write(text))
    });
    let attached = held.managed.iter().map(|arn| attach::show(arn));
    let (partition, account) = (call.platform().partition(), call.account());
    Value::map()
        .with("Path", entity.path())
        .with(format!("{}Name", E::MEMBER), entity.name())
        .with(format!("{}Id", E::MEMBER), entity.id())
        .with("Arn", entity.arn(partition, account))
        .with(
            format!("{}PolicyList", E::MEMBER),
            inline.collect::<Value>(),
        )
        .with("AttachedManagedPolicies", attached.collect::<Value>())
        .with_some(
            "PermissionsBoundary",
            held.boundary.as_deref().map(boundary::write),
        )
}

fn user(call: &Call<'_>, user: &User) -> Value {
    let groups: Value = user
        .groups
        .iter()
        .map(|it| Value::from(it.as_str()))
        .collect();
    common(call, user)
        .with("CreateDate", to_second(user.created))
        .with("GroupList", groups)
        .with("Tags", tags::write(&user.tags))
}

fn group(call: &Call<'_>, group: &Group) -> Value {
    common(call, group).with("CreateDate", to_second(group.created))
}

fn full_role(call: &Call<'_>, it: &Role) -> Result<Value, ApiError> {
    let profiles = profile::all_of_role(call, &it.name)?;
    let trust = it.trust.shown(call.state(), call.platform().partition())?;
    Ok(common(call, it)
        .with("CreateDate", to_second(it.created))
        .with("AssumeRolePolicyDocument", document::write(&trust))
        .with("InstanceProfileList", Value::List(profiles))
        .with("RoleLastUsed", last_used::of_role(call, it)?)
        .with("Tags", tags::write(&it.tags)))
}

fn local(call: &Call<'_>, policy: &ManagedPolicy) -> Result<Value, ApiError> {
    let arn = policy.arn(call.platform().partition(), call.account());
    let uses = Uses::of(call.state(), call.account(), &arn)?;
    let versions = policy.versions.iter().rev();
    let versions = versions.map(|version| managed::show_version(policy, version));
    Ok(managed::show(call, policy, uses)
        .with_some("Description", policy.description.as_deref())
        .with("PolicyVersionList", versions.collect::<Value>()))
}

/// Those of AWS's own policies that are in use.
fn of_aws(call: &Call<'_>) -> Result<Vec<(String, Value)>, ApiError> {
    let mut shown = Vec::new();
    for policy in all_aws_managed() {
        let arn = policy.arn(call.platform().partition());
        let uses = Uses::of(call.state(), call.account(), &arn)?;
        if uses != Uses::default() {
            let versions: Value = [managed::aws_version(policy)].into_iter().collect();
            let one = managed::show_aws(call, policy, uses).with("PolicyVersionList", versions);
            shown.push((policy.name.to_owned(), one));
        }
    }
    Ok(shown)
}
