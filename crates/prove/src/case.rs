//! A request with its policies, as `palisade simulate` reads it.

use crate::layers::Stage;
use policy::{ContextValue, PolicySet, PolicyType, Principal, Request, Resource};
use serde_json::{Map, Value, json};

/// The JSON object of a request and the policies of a stage.
#[must_use]
pub fn case(stage: &Stage<'_>, request: &Request) -> Value {
    let mut case = Map::new();
    let (principal, read) = principal(request.principal());
    case.insert("principal".into(), principal);
    case.insert("action".into(), request.action().as_str().into());
    if let Resource::Arn(arn) = request.resource() {
        case.insert("resource".into(), arn.as_str().into());
    }
    let bare = Request::builder(read, request.action().clone(), request.resource().clone());
    let bare = bare.build();
    if request.resource_account() != bare.resource_account()
        && let Some(account) = request.resource_account()
    {
        case.insert("resourceAccount".into(), account.as_str().into());
    }
    if request.resource_policy_type() != bare.resource_policy_type() {
        let name = request.resource_policy_type().id();
        case.insert("resourcePolicyType".into(), name.into());
    }
    let context = context(request);
    if !context.is_empty() {
        case.insert("context".into(), context.into());
    }
    policies(stage, &mut case);
    case.into()
}

/// The caller as JSON, and as it is read from there.
fn principal(principal: &Principal) -> (Value, Principal) {
    match principal {
        Principal::Anonymous => (json!({"anonymous": true}), principal.clone()),
        Principal::Service { name } => (json!({"service": name}), principal.clone()),
        Principal::Federated { provider } => (json!({"federated": provider}), principal.clone()),
        Principal::FederatedUser {
            arn,
            parent: Some(parent),
            ..
        } => (
            json!({"arn": arn.as_str(), "parent": parent.as_str()}),
            principal.clone(),
        ),
        other => {
            let name = other.display_name();
            let read = Principal::parse(name).unwrap_or_else(|_| other.clone());
            (name.into(), read)
        }
    }
}

/// The keys that do not follow from the rest, and `null` for those that would and are absent.
fn context(request: &Request) -> Map<String, Value> {
    let (_, read) = principal(request.principal());
    let mut builder = Request::builder(read, request.action().clone(), request.resource().clone());
    if let Some(account) = request.resource_account() {
        builder = builder.resource_account(account);
    }
    let derived = builder.build();
    let mut context = Map::new();
    for (key, value) in request.context().iter() {
        if derived.context().get(key) == Some(value) {
            continue;
        }
        let value = match value {
            ContextValue::One(value) => Value::from(&**value),
            ContextValue::Many(values) => {
                values.iter().map(|value| Value::from(&**value)).collect()
            }
        };
        context.insert(key.to_owned(), value);
    }
    for (key, _) in derived.context().iter() {
        if request.context().get(key).is_none() {
            context.insert(key.to_owned(), Value::Null);
        }
    }
    context
}

fn policies(stage: &Stage<'_>, case: &mut Map<String, Value>) {
    let layers = &stage.policies;
    let list = |set: &PolicySet| -> Value { set.policies().iter().map(document).collect() };
    let one = |set: &PolicySet| set.policies().first().map_or(Value::Null, document);
    let single = [
        ("boundary", layers.boundary),
        ("resourcePolicy", layers.resource),
        ("endpoint", layers.endpoint),
    ];
    for (name, set) in [("identity", layers.identity), ("session", layers.session)] {
        if let Some(set) = set {
            case.insert(name.into(), list(set));
        }
    }
    for (name, set) in single {
        if let Some(set) = set {
            case.insert(name.into(), one(set));
        }
    }
    let levels = [
        ("scps", layers.service_control),
        ("rcps", layers.resource_control),
    ];
    for (name, levels) in levels {
        if !levels.is_empty() {
            case.insert(name.into(), levels.iter().map(list).collect());
        }
    }
    if let Some(account) = layers.management_account {
        case.insert("managementAccount".into(), account.as_str().into());
    }
}

fn document(named: &policy::NamedPolicy) -> Value {
    let written = named.document.source.slice(named.document.span);
    let document: Value = serde_json::from_str(written).unwrap_or(Value::Null);
    json!({"name": &*named.name, "document": document})
}

/// The type that a policy most likely has: `Principal` stands only in those of resources, and those of roles name no
/// resource.
#[must_use]
pub fn likely_type(text: &str) -> PolicyType {
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return PolicyType::Identity;
    };
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let has = |name: &str| {
        statements
            .iter()
            .any(|statement| statement.get(name).is_some())
    };
    if !has("Principal") && !has("NotPrincipal") {
        return PolicyType::Identity;
    }
    let assumes = |statement: &Value| {
        let actions = statement
            .get("Action")
            .map(Value::to_string)
            .unwrap_or_default();
        actions.to_ascii_lowercase().contains("sts:")
    };
    match has("Resource") || has("NotResource") || !statements.iter().all(assumes) {
        true => PolicyType::Resource,
        false => PolicyType::Trust,
    }
}
