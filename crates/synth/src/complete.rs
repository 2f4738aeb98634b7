//! A blueprint with all that is synthesised from it, for the platform to enforce.

use blueprint::{
    Account, Blueprint, Control, ControlKind, Document, IdentitySource, ManagedPolicy,
};

use serde_json::Value;

use crate::plan::{AccountPlan, Named};
use crate::{Problem, size, synthesise};

/// How long sessions of a synthesised role last at most, in seconds: an hour, as at AWS unless told otherwise.
const SESSION_SECONDS: u32 = 3600;

/// Adds to a blueprint what is synthesised from it: roles, policies, what buckets and secrets say for themselves, and the
/// guard rails. A
/// blueprint without teams is given back as it is.
///
/// # Errors
/// What AWS would not take, and names that are given already.
pub fn complete(blueprint: &Blueprint) -> Result<Blueprint, Problem> {
    let mut whole = blueprint.clone();
    if blueprint
        .accounts
        .iter()
        .all(|account| account.teams.is_empty())
    {
        return Ok(whole);
    }
    let plan = synthesise(blueprint)?;
    for (account, planned) in whole.accounts.iter_mut().zip(&plan.accounts) {
        add(account, planned)?;
    }
    let controls = [
        (ControlKind::Service, &plan.controls.service),
        (ControlKind::Resource, &plan.controls.resource),
    ];
    for (kind, all) in controls {
        whole.controls.extend(all.iter().map(|named| Control {
            name: named.name.clone(),
            kind,
            document: document(&named.policy, size::CONTROL),
        }));
    }
    Ok(whole)
}

fn add(account: &mut Account, planned: &AccountPlan) -> Result<(), Problem> {
    let arn = |name: &str| {
        format!(
            "arn:{}:iam::{}:policy/{name}",
            planned.partition, planned.id
        )
    };
    for Named { name, policy } in &planned.policies {
        if account.policies.iter().any(|known| known.name == *name) {
            return Err(taken("policy", name));
        }
        account.policies.push(ManagedPolicy {
            name: name.clone(),
            path: "/".to_owned(),
            document: document(policy, usize::MAX),
        });
    }
    for role in &planned.roles {
        if account.roles.iter().any(|known| known.name == role.name) {
            return Err(taken("role", &role.name));
        }
        account.roles.push(blueprint::Role {
            name: role.name.clone(),
            path: "/".to_owned(),
            trust: document(&role.trust, usize::MAX),
            policies: Vec::new(),
            managed_policies: role.policies.iter().map(|name| arn(name)).collect(),
            boundary: None,
            max_session_duration: SESSION_SECONDS,
            tags: vec![("team".to_owned(), role.team.clone())],
        });
    }
    for Named { name, policy } in &planned.buckets {
        let buckets = account.buckets.iter_mut();
        for bucket in buckets.filter(|bucket| bucket.name == *name) {
            bucket.policy = Some(document(policy, size::BUCKET));
        }
    }
    for Named { name, policy } in &planned.secrets {
        let secrets = account.secrets.iter_mut();
        for secret in secrets.filter(|secret| secret.name == *name) {
            secret.policy = Some(document(policy, size::SECRET));
        }
    }
    for planned in &planned.keys {
        let keys = account.keys.iter_mut();
        for key in keys.filter(|key| key.name == planned.name) {
            key.policy = Some(document(&planned.policy, size::KEY));
        }
    }
    for planned in &planned.trails {
        let trails = account.trails.iter_mut();
        for trail in trails.filter(|trail| trail.name == planned.name) {
            trail.selectors = Some(Value::from(planned.selectors.clone()).to_string());
        }
    }
    for (policy, role) in &planned.attachments {
        let roles = account.roles.iter_mut();
        for role in roles.filter(|known| Some(&known.name) == role.as_ref()) {
            role.managed_policies.push(arn(policy));
        }
    }
    people(account, planned, arn);
    Ok(())
}

/// Gives IAM users who are members of a team what opens their Studio.
fn people(account: &mut Account, planned: &AccountPlan, arn: impl Fn(&str) -> String) {
    let teams = account.teams.iter();
    for team in teams.filter(|team| team.identity_source == IdentitySource::Iam) {
        let policy = format!("{}-open-studio", team.name);
        if !planned.policies.iter().any(|named| named.name == policy) {
            continue;
        }
        let domains = account.domains.iter();
        let members = domains
            .filter(|domain| domain.name == team.domain)
            .flat_map(|domain| &domain.user_profiles);
        let members: Vec<&str> = members.map(|profile| profile.name.as_str()).collect();
        for user in &mut account.users {
            if members.contains(&user.name.as_str()) {
                user.managed_policies.push(arn(&policy));
            }
        }
    }
}

fn document(policy: &crate::Policy, limit: usize) -> Document {
    Document {
        text: policy.fitting(limit),
        origin: "synth".to_owned(),
    }
}

fn taken(kind: &str, name: &str) -> Problem {
    Problem(format!(
        "the blueprint describes the {kind} `{name}`, which is also the name of one that is synthesised: \
         give it another name"
    ))
}
