//! Simulations: what the engine would decide.
//!
//! The same engine answers as for requests, with everything that would bear on one: identity policies,
//! groups, boundaries, the policies of organizations, and the policies of the resources themselves.
//! Results stand for one action on one resource each.

mod input;
mod keys;
mod layers;
mod stored;

pub(super) use keys::{custom as keys_of_custom, principal as keys_of_principal};
pub(super) use layers::documents_of;

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target};
use policy::document::Effect;
use policy::explain::{Applies, StatementTrace, statements};
use policy::{DenialKind, Policies, PolicyType, Request, explain};
use wire::value::Value;

use super::list::Pager;
use layers::Layers;
use stored::Stored;

/// The operation's action on the user, group or role whose policies the input asks for.
pub(super) fn may_principal(call: &Call<'_>) -> Result<Checks, ApiError> {
    let arn = call.text("PolicySourceArn")?;
    Ok(Check::of(call.action(), Target::arn(arn)?).into())
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
    let mut pager = Pager::begin(call, "")?;
    let all = actions
        .iter()
        .flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    // Nothing is decided that is on another page.
    let page = pager.numbered("", actions.len() * resources.len());
    let mut results = Vec::with_capacity(page.len());
    for (action, resource) in all.skip(page.start).take(page.len()) {
        let stored = layers.stored(call, action, resource, &entries)?;
        let request = |stored: &Stored| layers.request(call, (action, resource), stored, &entries);
        let requests = Requests {
            real: request(&stored)?,
            told: request(&stored.told())?,
        };
        results.push(one(call, layers, &requests, &stored)?);
    }
    pager.finish(Value::map().with("EvaluationResults", results))
}

/// The simulated request, and as far as the caller may know of its resource.
struct Requests {
    real: Request,
    told: Request,
}

fn one(
    call: &Call<'_>,
    layers: &Layers,
    requests: &Requests,
    stored: &Stored,
) -> Result<Value, ApiError> {
    let Requests {
        real,
        told: request,
    } = requests;
    let owner = match real.resource_account() {
        Some(owner) => call.platform().controls(call.state(), owner)?,
        None => None,
    };
    let all = Policies {
        identity: Some(&layers.identity),
        boundary: layers.boundary.as_ref(),
        resource: layers.resource.as_ref().or(stored.policy()),
        service_control: layers.service_control(),
        resource_control: layers.resource_control(owner.as_deref()),
        ..Policies::default()
    };
    let allowed = policy::decide(&all, real).is_allow();
    // What follows of another account's resource, beyond that, is found without it.
    let policies = match stored.hidden {
        true => Policies {
            resource: None,
            resource_control: &[],
            ..all
        },
        false => all,
    };
    let explanation = explain(&policies, request);
    let explicit =
        matches!(&explanation.denial, Some(denial) if denial.kind == DenialKind::Explicit);
    let (decision, decisive) = match (allowed, explicit) {
        (true, _) => ("allowed", Effect::Allow),
        (false, true) => ("explicitDeny", Effect::Deny),
        (false, false) => ("implicitDeny", Effect::Allow),
    };
    let traces = statements(&policies, request);
    let matched: Value = traces
        .iter()
        .filter(|trace| matches(trace, decisive))
        .map(|trace| layers.show(trace))
        .collect();
    let missing = names(&explanation.missing);
    let boundary = layers.boundary.as_ref().map(|boundary| {
        let alone = Policies {
            boundary: Some(boundary),
            ..layers.open()
        };
        let allowed = policy::decide(&alone, request).is_allow();
        Value::map().with("AllowedByPermissionsBoundary", allowed)
    });
    let organizations = layers.in_organization().then(|| {
        let alone = Policies {
            service_control: policies.service_control,
            resource_control: policies.resource_control,
            ..layers.open()
        };
        let allowed = policy::decide(&alone, request).is_allow();
        Value::map().with("AllowedByOrganizations", allowed)
    });
    Ok(result(
        request,
        decision,
        [matched, missing],
        [boundary, organizations],
    ))
}

fn names(keys: &[&str]) -> Value {
    keys.iter().map(|key| Value::from(*key)).collect()
}

/// A result as the API shows it. Missing keys stand with the resource where there is one (IAM API
/// Reference, "EvaluationResult").
fn result(
    request: &Request,
    decision: &str,
    [matched, missing]: [Value; 2],
    [boundary, organizations]: [Option<Value>; 2],
) -> Value {
    let resource = request.resource().as_str();
    let of_resource = resource != "*";
    let nothing = || Value::List(Vec::new());
    let (missing, specific_missing) = if of_resource {
        (nothing(), missing)
    } else {
        (missing, nothing())
    };
    let specific = Value::map()
        .with("EvalResourceName", resource)
        .with("EvalResourceDecision", decision)
        .with("MatchedStatements", matched.clone())
        .with("MissingContextValues", specific_missing)
        .with_some("PermissionsBoundaryDecisionDetail", boundary.clone());
    let specific: Value = std::iter::once(specific).filter(|_| of_resource).collect();
    Value::map()
        .with("EvalActionName", request.action().as_str())
        .with("EvalResourceName", resource)
        .with("EvalDecision", decision)
        .with("MatchedStatements", matched)
        .with("MissingContextValues", missing)
        .with_some("OrganizationsDecisionDetail", organizations)
        .with_some("PermissionsBoundaryDecisionDetail", boundary)
        .with("ResourceSpecificResults", specific)
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
