//! The question of a certificate, as JSON.

use crate::caller::{Caller, Known};
use crate::layers::{Owner, Stage};
use crate::model::NodeId;
use crate::question::Question;
use policy::{AccountId, PolicySet, PolicyType, Principal};
use serde_json::{Value, json};

pub(super) fn question(
    question: &Question<'_>,
    beyond: Option<NodeId>,
    owner: Option<&PolicySet>,
) -> Value {
    let within = question.within.iter().copied().chain(owner);
    json!({
        "allowed": stage(&question.allowed),
        "denied": question.denied.as_ref().map(stage),
        "within": within.map(policies).collect::<Vec<Value>>(),
        "callers": kinds(question.caller),
        "everybody": question.everybody,
        "by_policy": question.by_policy,
        "beyond": beyond,
        "breach": question.beyond.and_then(|beyond| beyond.described()),
    })
}

pub(super) fn caller(caller: &Caller) -> Value {
    let principal = &caller.principal;
    let of = match principal {
        Principal::RoleSession { role, .. } => Some(role.as_str()),
        Principal::FederatedUser { parent, .. } => parent.as_ref().map(policy::Arn::as_str),
        _ => None,
    };
    json!({
        "kind": kind(principal),
        "name": match principal {
            Principal::Service { name } => name,
            Principal::Federated { provider } => provider,
            other => other.display_name(),
        },
        "of": of,
        "user_id": caller.user_id,
        "known": match caller.known {
            Known::Whole => "whole",
            Known::Session => "session",
            Known::Kind => "kind",
        },
    })
}

fn stage(stage: &Stage<'_>) -> Value {
    let own = &stage.policies;
    let single = [
        (PolicyType::Identity, own.identity),
        (PolicyType::Boundary, own.boundary),
        (PolicyType::Session, own.session),
        (PolicyType::Resource, own.resource),
        (PolicyType::VpcEndpoint, own.endpoint),
    ];
    let single = single
        .into_iter()
        .filter_map(|(kind, set)| Some((kind, set?)));
    let service = own.service_control.iter();
    let resource = own.resource_control.iter();
    let levels = service
        .map(|set| (PolicyType::ServiceControl, set))
        .chain(resource.map(|set| (PolicyType::ResourceControl, set)));
    let layer = |(kind, set): (PolicyType, &PolicySet)| json!({"layer": kind.id(), "policies": policies(set)});
    json!({
        "layers": single.chain(levels).map(layer).collect::<Vec<Value>>(),
        "management_account": own.management_account.as_ref().map(AccountId::as_str),
        "resource_type": stage.resource_type.id(),
        "owner": match &stage.owner {
            Owner::OfCaller => "caller",
            Owner::Stranger => "stranger",
            Owner::Account(account) => account.as_str(),
        },
    })
}

fn policies(set: &PolicySet) -> Value {
    let one = |policy: &policy::NamedPolicy| json!({"name": &*policy.name, "text": policy.document.to_json()});
    set.policies().iter().map(one).collect()
}

fn kind(principal: &Principal) -> &'static str {
    match principal {
        Principal::Anonymous => "anonymous",
        Principal::Service { .. } => "service",
        Principal::Federated { .. } => "federated",
        Principal::Root { .. } => "root",
        Principal::User { .. } => "user",
        Principal::RoleSession { .. } => "role",
        Principal::FederatedUser { .. } => "federated-user",
    }
}

/// The kinds of callers that a question is about.
fn kinds(is_meant: fn(&Principal) -> bool) -> Vec<&'static str> {
    let named = [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/example",
        "arn:aws:sts::111122223333:assumed-role/example/example",
        "arn:aws:sts::111122223333:federated-user/example",
    ];
    let named = named
        .into_iter()
        .filter_map(|name| Principal::parse(name).ok());
    let provider = "example.com".into();
    let others = [
        Principal::Anonymous,
        Principal::service("example.amazonaws.com"),
        Principal::Federated { provider },
    ];
    let meant = named.chain(others).filter(is_meant);
    meant.map(|principal| kind(&principal)).collect()
}
