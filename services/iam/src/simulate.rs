//! Simulations: what the engine would decide.
//!
//! The same engine answers as for requests, with everything that would bear on one: identity policies,
//! groups, boundaries, the policies of organizations, and trust policies of roles. Results stand for one
//! action on one resource each.

mod input;
mod keys;
mod layers;

pub(super) use keys::{custom as keys_of_custom, principal as keys_of_principal};
pub(super) use layers::documents_of;

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use policy::document::Effect;
use policy::explain::{Applies, StatementTrace, statements};
use policy::{DenialKind, Policies, PolicyType, Request, explain};
use wire::value::Value;

use super::check;
use super::list::Pager;
use layers::Layers;

/// The operation's action on the user, group or role whose policies the input asks for.
pub(super) fn may_principal(call: &Call<'_>) -> Result<Checks, ApiError> {
    let arn = call.text("PolicySourceArn")?;
    Ok(Check::new(&check::action(call), Target::arn(arn)?)?.into())
}

pub(super) fn custom(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    run(call, &Layers::custom(call)?)
}

pub(super) fn principal(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    run(call, &Layers::of_principal(call)?)
}

fn run(call: &Call<'_>, layers: &Layers) -> Result<Outcome, ApiError> {
    let (actions, resources) = (input::actions(call)?, input::resources(call)?);
    let entries = input::entries(call)?;
    input::handling(call)?;
    let mut results = Vec::with_capacity(actions.len() * resources.len());
    for action in &actions {
        for resource in &resources {
            let at = format!("{:06}", results.len());
            let request = layers.request(call, action, resource, &entries)?;
            let stored = layers.stored_policy(call, action, resource)?;
            results.push((at, one(call, layers, &request, stored.as_ref())?));
        }
    }
    let mut pager = Pager::begin(call, "")?;
    let shown = pager.few("", results.into_iter());
    pager.finish(Value::map().with("EvaluationResults", shown))
}

fn one(
    call: &Call<'_>,
    layers: &Layers,
    request: &Request,
    stored: Option<&policy::PolicySet>,
) -> Result<Value, ApiError> {
    let owner = request.resource_account();
    let owner = match owner {
        Some(owner) => call.platform().controls(call.state(), owner)?,
        None => None,
    };
    let resource_control = layers.resource_control(owner.as_deref());
    let policies = Policies {
        identity: Some(&layers.identity),
        boundary: layers.boundary.as_ref(),
        resource: layers.resource.as_ref().or(stored),
        service_control: layers.service_control(),
        resource_control,
        ..Policies::default()
    };
    let explanation = explain(&policies, request);
    let decision = match explanation.denial.map(|denial| denial.kind) {
        None => "allowed",
        Some(DenialKind::Explicit) => "explicitDeny",
        Some(DenialKind::Implicit | DenialKind::Indeterminate) => "implicitDeny",
    };
    let decisive = match decision {
        "explicitDeny" => Effect::Deny,
        _ => Effect::Allow,
    };
    let traces = statements(&policies, request);
    let matched: Value = traces
        .iter()
        .filter(|trace| matches(trace, decisive))
        .map(|trace| layers.show(trace))
        .collect();
    let missing: Value = explanation
        .missing
        .iter()
        .map(|key| Value::from(*key))
        .collect();
    let resource = request.resource().as_str();
    let boundary = layers.boundary.as_ref().map(|boundary| {
        let alone = Policies {
            identity: Some(layers::everything()),
            boundary: Some(boundary),
            ..Policies::default()
        };
        let allowed = policy::decide(&alone, request).is_allow();
        Value::map().with("AllowedByPermissionsBoundary", allowed)
    });
    let specific = Value::map()
        .with("EvalResourceName", resource)
        .with("EvalResourceDecision", decision)
        .with("MatchedStatements", matched.clone())
        .with("MissingContextValues", missing.clone())
        .with_some("PermissionsBoundaryDecisionDetail", boundary.clone());
    let specific: Value = std::iter::once(specific)
        .filter(|_| resource != "*")
        .collect();
    let organizations = layers.in_organization().then(|| {
        let alone = Policies {
            identity: Some(layers::everything()),
            service_control: layers.service_control(),
            resource_control,
            ..Policies::default()
        };
        let allowed = policy::decide(&alone, request).is_allow();
        Value::map().with("AllowedByOrganizations", allowed)
    });
    Ok(Value::map()
        .with("EvalActionName", request.action().as_str())
        .with("EvalResourceName", resource)
        .with("EvalDecision", decision)
        .with("MatchedStatements", matched)
        .with("MissingContextValues", missing)
        .with_some("OrganizationsDecisionDetail", organizations)
        .with_some("PermissionsBoundaryDecisionDetail", boundary)
        .with("ResourceSpecificResults", specific))
}

/// Whether a statement is among those that decided. What only bounds never grants.
fn matches(trace: &StatementTrace<'_>, decisive: Effect) -> bool {
    let bounds = matches!(
        trace.place.policy_type,
        PolicyType::ServiceControl | PolicyType::ResourceControl | PolicyType::Boundary
    );
    trace.applies == Applies::Yes
        && trace.statement.effect.value == decisive
        && (decisive == Effect::Deny || !bounds)
}
