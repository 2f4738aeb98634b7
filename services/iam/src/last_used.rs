//! When keys, roles and services were last used.

use jiff::Timestamp;
use platform::identity::{
    AccessKey, Group, KeyOwner, Membership, PolicyUse, Role, Usage as PolicyUsage, User, to_second,
};
use platform::usage::ServiceUse;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, id};
use policy::document::Effect;
use policy::{Arn, Document, PolicyType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Key, Record, Scan};
use wire::value::Value;

use super::entity::{find, no_such};
use super::list::Pager;
use super::simulate::documents_of;
use super::{check, managed};

/// A request for what was last used. Its record stands under the account and its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    arn: String,
    actions: bool,
    created: Timestamp,
}

impl Record for Job {
    const KIND: &'static str = "iam-last-accessed-job";
    const VERSION: u32 = 1;
}

fn key_owner(call: &Call<'_>) -> Result<Option<KeyOwner>, ApiError> {
    let key: Option<AccessKey> = call
        .state()
        .get(&AccessKey::key(call.text("AccessKeyId")?))?;
    let own = key.filter(|key| key.account == call.account().as_str());
    Ok(own.map(|key| key.owner))
}

pub(super) fn may_key(call: &Call<'_>) -> Result<Checks, ApiError> {
    match key_owner(call)? {
        Some(KeyOwner::User { name, .. }) => Ok(check::check_on::<User>(call, &name)?.into()),
        Some(KeyOwner::Root) | None => check::on_nothing(call),
    }
}

pub(super) fn key(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = call.text("AccessKeyId")?;
    let name = match key_owner(call)? {
        Some(KeyOwner::User { name, .. }) => Some(name),
        Some(KeyOwner::Root) => None,
        None => {
            let text = format!("The Access Key with id {id} cannot be found.");
            return Err(no_such(text));
        }
    };
    let shown = match call.platform().usage().of_key(call.state(), id)? {
        Some(used) => Value::map()
            .with("LastUsedDate", to_second(used.time))
            .with("ServiceName", used.service)
            .with("Region", used.region),
        None => Value::map()
            .with("ServiceName", "N/A")
            .with("Region", "N/A"),
    };
    Ok(Outcome::new(
        Value::map()
            .with_some("UserName", name)
            .with("AccessKeyLastUsed", shown),
    ))
}

/// When a role was last used, as answers show it.
pub(super) fn of_role(call: &Call<'_>, role: &Role) -> Result<Value, ApiError> {
    let usage = call.platform().usage();
    let services = usage.of_entity(call.state(), call.account(), &role.id)?;
    let latest = services
        .iter()
        .filter_map(ServiceUse::latest)
        .max_by_key(|it| it.time);
    Ok(latest.map_or_else(Value::map, |used| {
        Value::map()
            .with("LastUsedDate", to_second(used.time))
            .with("Region", used.region.as_str())
    }))
}

/// The operation's action on the user, group, role or policy whose ARN the input has.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let target = Target::arn(call.text("Arn")?)?;
    Ok(Check::of(call.action(), target).into())
}

pub(super) fn generate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("Arn")?;
    entities(call, arn)?;
    let job = Job {
        arn: arn.to_owned(),
        actions: call.input().str("Granularity") == Some("ACTION_LEVEL"),
        created: call.time(),
    };
    let id = id::uuid(call.platform().random())?;
    call.write(|tx| Ok(tx.put(&Key::new([call.account().as_str(), &id]), &job)?))?;
    Ok(Outcome::new(Value::map().with("JobId", id)))
}

/// A user or role whose use counts.
struct Entity {
    arn: String,
    name: String,
    path: String,
    id: String,
    kind: &'static str,
}

/// Those whose use counts for a user, group, role or policy.
fn entities(call: &Call<'_>, arn: &str) -> Result<Vec<Entity>, ApiError> {
    let missing = || no_such(format!("ARN {arn} not found"));
    let parsed = Arn::parse(arn).map_err(|_| missing())?;
    let (kind, path) = parsed.resource().split_once('/').ok_or_else(missing)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut all = Vec::new();
    match kind {
        "user" => all.extend(user(call, name)?),
        "role" => all.extend(role(call, name)?),
        "group" => {
            find::<Group>(call.state(), call.account(), name)?.ok_or_else(missing)?;
            members(call, name, &mut all)?;
            return Ok(all);
        }
        "policy" => {
            let known = managed::of_aws(call, arn).is_some();
            if !known && managed::find(call.state(), call, arn)?.is_none() {
                return Err(missing());
            }
            holders(call, arn, &mut all)?;
            return Ok(all);
        }
        _ => {}
    }
    match all.iter().any(|entity| entity.arn == arn) {
        true => Ok(all),
        false => Err(missing()),
    }
}

fn user(call: &Call<'_>, name: &str) -> Result<Option<Entity>, ApiError> {
    let user: Option<User> = find(call.state(), call.account(), name)?;
    Ok(user.map(|user| Entity {
        arn: user.arn(call.platform().partition(), call.account()),
        name: user.name,
        path: user.path,
        id: user.id,
        kind: "USER",
    }))
}

fn role(call: &Call<'_>, name: &str) -> Result<Option<Entity>, ApiError> {
    let role: Option<Role> = find(call.state(), call.account(), name)?;
    Ok(role.map(|role| Entity {
        arn: role.arn(call.platform().partition(), call.account()),
        name: role.name,
        path: role.path,
        id: role.id,
        kind: "ROLE",
    }))
}

fn members(call: &Call<'_>, group: &str, all: &mut Vec<Entity>) -> Result<(), ApiError> {
    let under = Scan::under(&Membership::of_group(call.account(), group));
    for member in call.state().scan::<Membership>(&under)? {
        let name = member.value.user;
        if !all.iter().any(|it| it.kind == "USER" && it.name == name) {
            all.extend(user(call, &name)?);
        }
    }
    Ok(())
}

/// Whoever has a policy, themselves or by a group.
fn holders(call: &Call<'_>, arn: &str, all: &mut Vec<Entity>) -> Result<(), ApiError> {
    for noun in ["user", "role", "group"] {
        let usage = PolicyUsage::Permissions;
        let under = Scan::under(&PolicyUse::of_policy(call.account(), arn, usage, noun));
        for entry in call.state().scan::<PolicyUse>(&under)? {
            let name = entry.value.name;
            match noun {
                "user" => all.extend(user(call, &name)?),
                "role" => all.extend(role(call, &name)?),
                _ => members(call, &name, all)?,
            }
        }
    }
    Ok(())
}

fn job(call: &Call<'_>) -> Result<Job, ApiError> {
    let id = call.text("JobId")?;
    let job: Option<Job> = call.state().get(&Key::new([call.account().as_str(), id]))?;
    job.ok_or_else(|| no_such(format!("Job {id} not found")))
}

/// The services that the policies of `arn` allow something of.
fn allowed(call: &Call<'_>, arn: &str) -> Result<Vec<&'static str>, ApiError> {
    let documents = match managed::of_aws(call, arn) {
        Some(policy) => vec![policy.document.to_owned()],
        None => match managed::find(call.state(), call, arn)? {
            Some(policy) => policy.document().map(str::to_owned).into_iter().collect(),
            None => documents_of(call, arn)?,
        },
    };
    let mut prefixes: Vec<String> = Vec::new();
    let mut all = false;
    for text in &documents {
        let Ok(document) = Document::parse(text, PolicyType::Identity) else {
            continue;
        };
        for statement in &document.statements {
            if statement.effect.value != Effect::Allow {
                continue;
            }
            all |= statement.actions.not;
            for pattern in &statement.actions.patterns {
                let prefix = pattern.value.text.split(':').next().unwrap_or("*");
                all |= prefix.contains(['*', '?']);
                prefixes.push(prefix.to_ascii_lowercase());
            }
        }
    }
    let services = catalog::services().map(catalog::Service::prefix);
    Ok(services
        .filter(|prefix| all || prefixes.iter().any(|held| held == prefix))
        .collect())
}

/// Of each service: who used it, and how.
type Used<'e> = BTreeMap<String, Vec<(&'e Entity, ServiceUse)>>;

fn used<'e>(call: &Call<'_>, entities: &'e [Entity]) -> Result<Used<'e>, ApiError> {
    let mut by_service: Used<'e> = BTreeMap::new();
    for entity in entities {
        let usage = call.platform().usage();
        for used in usage.of_entity(call.state(), call.account(), &entity.id)? {
            let of = by_service.entry(used.service.clone()).or_default();
            of.push((entity, used));
        }
    }
    Ok(by_service)
}

pub(super) fn details(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let job = job(call)?;
    let entities = entities(call, &job.arn)?;
    let mut by_service = used(call, &entities)?;
    for prefix in allowed(call, &job.arn)? {
        by_service.entry(prefix.to_owned()).or_default();
    }
    let shown = by_service.into_iter().map(|(service, users)| {
        let shown = one(&service, &users, job.actions);
        (service, shown)
    });
    let granularity = match job.actions {
        true => "ACTION_LEVEL",
        false => "SERVICE_LEVEL",
    };
    let mut pager = Pager::begin(call, "")?;
    let services = pager.few("", shown);
    pager.finish(
        done(&job)
            .with("JobType", granularity)
            .with("ServicesLastAccessed", services),
    )
}

fn done(job: &Job) -> Value {
    Value::map()
        .with("JobStatus", "COMPLETED")
        .with("JobCreationDate", to_second(job.created))
        .with("JobCompletionDate", to_second(job.created))
}

fn one(service: &str, users: &[(&Entity, ServiceUse)], actions: bool) -> Value {
    let latest = users
        .iter()
        .filter_map(|(entity, used)| Some((entity, used.latest()?)))
        .max_by_key(|(_, used)| used.time);
    let mut shown = Value::map()
        .with("ServiceName", service)
        .with("ServiceNamespace", service)
        .with(
            "TotalAuthenticatedEntities",
            i64::try_from(users.len()).unwrap_or(i64::MAX),
        );
    if let Some((entity, used)) = latest {
        shown = shown
            .with("LastAuthenticated", to_second(used.time))
            .with("LastAuthenticatedEntity", entity.arn.as_str())
            .with("LastAuthenticatedRegion", used.region.as_str());
    }
    if !actions {
        return shown;
    }
    let mut tracked: BTreeMap<&str, (&Entity, &platform::usage::ActionUse)> = BTreeMap::new();
    for (entity, used) in users {
        for (name, action) in &used.actions {
            let newer = tracked
                .get(name.as_str())
                .is_none_or(|(_, it)| it.time < action.time);
            if newer {
                tracked.insert(name, (entity, action));
            }
        }
    }
    let tracked = tracked.into_iter().map(|(name, (entity, action))| {
        Value::map()
            .with("ActionName", name)
            .with("LastAccessedEntity", entity.arn.as_str())
            .with("LastAccessedTime", to_second(action.time))
            .with("LastAccessedRegion", action.region.as_str())
    });
    shown.with("TrackedActionsLastAccessed", tracked.collect::<Value>())
}

pub(super) fn with_entities(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (job, service) = (job(call)?, call.text("ServiceNamespace")?);
    let entities = entities(call, &job.arn)?;
    let by_service = used(call, &entities)?;
    let users = by_service.get(service).map_or(&[][..], Vec::as_slice);
    let shown = users.iter().map(|(entity, used)| {
        let info = Value::map()
            .with("Arn", entity.arn.as_str())
            .with("Name", entity.name.as_str())
            .with("Type", entity.kind)
            .with("Id", entity.id.as_str())
            .with("Path", entity.path.as_str());
        let latest = used.latest().map(|used| to_second(used.time));
        let shown = Value::map()
            .with("EntityInfo", info)
            .with_some("LastAuthenticated", latest);
        (entity.arn.clone(), shown)
    });
    let mut shown: Vec<(String, Value)> = shown.collect();
    shown.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut pager = Pager::begin(call, "")?;
    let list = pager.few("", shown.into_iter());
    pager.finish(done(&job).with("EntityDetailsList", list))
}
