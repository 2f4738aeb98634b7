//! Which policies let a user, group or role into a service (IAM API Reference,
//! "ListPoliciesGrantingServiceAccess").

use platform::identity::{Group, PolicyHolder, Role, User, managed_document};
use platform::{ApiError, Call, Outcome, Permitted};
use policy::document::{Document, Effect, Statement};
use policy::{Arn, PolicyType};
use wire::value::Value;

use super::entity::{Entity, find, missing};
use super::list::Pager;

/// A policy with how the answer shows it.
struct Held {
    document: Document,
    shown: Value,
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let held = held(call, call.text("Arn")?)?;
    let namespaces = call.input().list("ServiceNamespaces").iter();
    let mut namespaces: Vec<&str> = namespaces.filter_map(Value::as_str).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let entries = namespaces.into_iter().map(|namespace| {
        let granting = held
            .iter()
            .filter(|policy| {
                policy
                    .document
                    .statements
                    .iter()
                    .any(|it| grants(it, namespace))
            })
            .map(|policy| policy.shown.clone());
        let entry = Value::map()
            .with("ServiceNamespace", namespace)
            .with("Policies", granting.collect::<Value>());
        (namespace.to_owned(), entry)
    });
    let mut pager = Pager::begin(call, "")?;
    let entries = pager.few("", entries);
    pager.finish(Value::map().with("PoliciesGrantingServiceAccess", entries))
}

/// Whether a statement allows anything of a service.
fn grants(statement: &Statement, namespace: &str) -> bool {
    if statement.effect.value != Effect::Allow {
        return false;
    }
    let mut patterns = statement.actions.patterns.iter().map(|it| &*it.value.text);
    if statement.actions.not {
        // What is left out may be all of the service.
        return !patterns.any(|text| {
            let (service, action) = text.split_once(':').unwrap_or((text, "*"));
            names(service, namespace) && action.chars().all(|c| c == '*')
        });
    }
    patterns.any(|text| names(text.split(':').next().unwrap_or(text), namespace))
}

/// Whether the part of an action before its colon is a service's. It has no wildcards, but for an action that
/// is nothing else.
fn names(pattern: &str, namespace: &str) -> bool {
    pattern.chars().all(|c| c == '*') || pattern.eq_ignore_ascii_case(namespace)
}

/// The policies of the user, group or role with this ARN, and of a user's groups.
fn held(call: &Call<'_>, text: &str) -> Result<Vec<Held>, ApiError> {
    let invalid = || ApiError::new("InvalidInput", 400, format!("ARN {text} is not valid."));
    let arn = Arn::parse(text).map_err(|_| invalid())?;
    let (kind, path) = arn.resource().split_once('/').ok_or_else(invalid)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    if arn.service() != "iam" || arn.account() != call.account().as_str() {
        return Err(invalid());
    }
    let mut all = Vec::new();
    match kind {
        "user" => {
            let user: User = of_arn(call, name, text)?;
            add(call, &user, &mut all)?;
            for name in &user.groups {
                if let Some(group) = find::<Group>(call.state(), call.account(), name)? {
                    add(call, &group, &mut all)?;
                }
            }
        }
        "group" => add(call, &of_arn::<Group>(call, name, text)?, &mut all)?,
        "role" => add(call, &of_arn::<Role>(call, name, text)?, &mut all)?,
        _ => return Err(invalid()),
    }
    Ok(all)
}

fn of_arn<E: Entity>(call: &Call<'_>, name: &str, arn: &str) -> Result<E, ApiError> {
    let found: Option<E> = find(call.state(), call.account(), name)?;
    let partition = call.platform().partition();
    found
        .filter(|entity| entity.arn(partition, call.account()) == arn)
        .ok_or_else(|| missing::<E>(name))
}

fn add<H: PolicyHolder>(call: &Call<'_>, holder: &H, all: &mut Vec<Held>) -> Result<(), ApiError> {
    let policies = holder.policies();
    for (name, text) in &policies.inline {
        let shown = Value::map()
            .with("PolicyName", name.as_str())
            .with("PolicyType", "INLINE")
            .with("EntityType", H::NOUN.to_ascii_uppercase())
            .with("EntityName", holder.name());
        all.push(Held {
            document: read(text)?,
            shown,
        });
    }
    for arn in &policies.managed {
        let partition = call.platform().partition();
        let Some(text) = managed_document(call.state(), partition, call.account(), arn)? else {
            continue;
        };
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let shown = Value::map()
            .with("PolicyName", name)
            .with("PolicyType", "MANAGED")
            .with("PolicyArn", arn.as_str());
        all.push(Held {
            document: read(&text)?,
            shown,
        });
    }
    Ok(())
}

fn read(text: &str) -> Result<Document, ApiError> {
    Document::parse(text, PolicyType::Identity)
        .map_err(|_| ApiError::internal("a stored policy cannot be read"))
}
