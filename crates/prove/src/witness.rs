//! From what the solver found to a whole request.

use crate::caller::{Known, session};
use crate::layers::{Owner, Stage};
use crate::model::Model;
use crate::state::{State, Value};
use policy::{Action, Arn, ContextValue, Principal, Request, Resource};

/// Keys that the engine derives where a request does not say otherwise.
const DERIVED: [&str; 8] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:username",
    "aws:userid",
    "aws:ResourceAccount",
];

/// The request of a state, on a stage. `None` where the parts make no request.
pub(crate) fn request(model: &Model<'_>, stage: &Stage<'_>, state: &State) -> Option<Request> {
    let principal = principal(model, state)?;
    let action = Action::parse(&known_action(&state.action)).ok()?;
    let resource = match &state.resource {
        Some(arn) => Resource::parse(arn).ok()?,
        None => Resource::Any,
    };
    let owner = match stage.owner {
        Owner::OfCaller => principal.account(),
        Owner::Account(account) => Some(account),
        Owner::Stranger => stranger(&principal),
    };
    let mut builder =
        Request::builder(principal, action, resource).resource_policy_type(stage.resource_type);
    if let Some(owner) = owner {
        builder = builder.resource_account(owner);
    }
    for (key, value) in model.keys.iter().zip(&state.keys) {
        if key.free {
            continue;
        }
        builder = match value {
            Value::One(text) => builder.set(&key.name, text.as_str()),
            Value::Many(texts) => builder.set(&key.name, ContextValue::from(texts.clone())),
            Value::Absent
                if DERIVED
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&key.name)) =>
            {
                builder.absent(&key.name)
            }
            Value::Absent => builder,
        };
    }
    Some(builder.build())
}

/// The caller, with the name that its keys say.
fn principal(model: &Model<'_>, state: &State) -> Option<Principal> {
    let caller = model.callers.get(state.caller)?;
    let said = |key: &str| match state.value(model.find_key(key)?) {
        Value::One(text) => Some(text.as_str()),
        Value::Absent | Value::Many(_) => None,
    };
    let own = || Some(caller.principal.clone());
    if caller.known == Known::Whole {
        return own();
    }
    match (&caller.principal, said("aws:PrincipalArn")) {
        (Principal::Service { .. }, _) => match said("aws:PrincipalServiceName") {
            Some(name) => Some(Principal::service(name)),
            None => own(),
        },
        (_, None) => own(),
        (
            Principal::RoleSession {
                session: own,
                account,
                ..
            },
            Some(arn),
        ) => match caller.known {
            Known::Session => Some(Principal::RoleSession {
                role: Arn::parse(arn).ok()?,
                session: own.clone(),
                account: *account,
            }),
            Known::Kind | Known::Whole => session(arn, "example"),
        },
        (Principal::User { .. } | Principal::Root { .. }, Some(arn)) => Principal::parse(arn).ok(),
        (
            Principal::FederatedUser {
                parent, parent_id, ..
            },
            Some(arn),
        ) => {
            let Principal::FederatedUser { arn, account, .. } = Principal::parse(arn).ok()? else {
                return None;
            };
            Some(Principal::FederatedUser {
                arn,
                account,
                parent: parent.clone(),
                parent_id: parent_id.clone(),
            })
        }
        _ => own(),
    }
}

/// An account that is not the caller's.
fn stranger(principal: &Principal) -> Option<policy::AccountId> {
    let known = ["123456789012", "210987654321"];
    let mut known = known
        .iter()
        .filter_map(|text| policy::AccountId::parse(text));
    known.find(|account| principal.account() != Some(*account))
}

/// The action as AWS writes it, where it is known.
fn known_action(lower: &str) -> String {
    catalog::action(lower).map_or_else(|| lower.to_owned(), |action| action.to_string())
}
