//! From the opinions of all policies to one answer (IAM User Guide, "Policy evaluation logic" and
//! "Cross-account policy evaluation logic"; Organizations User Guide, "SCP evaluation" and "RCP
//! evaluation").

use crate::case::{Caller, Case};
use crate::document::DocumentKind;
use crate::principal::Closeness;
use crate::statement::{Allowing, Opinion, opinion};
use crate::{Answer, Kind, Layer, Truth};

/// Decides a case.
pub(crate) fn decide(case: &Case) -> Answer {
    // The one action that needs no permission and heeds no Deny (STS, "GetCallerIdentity").
    if case.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
        return allow();
    }
    let layers = Layers::of(case);
    if let Some(layer) = layers.first_deny(Truth::Yes) {
        return deny(case, Kind::Explicit, layer);
    }
    if let Some(layer) = layers.first_deny(Truth::Unknown) {
        return deny(case, Kind::Indeterminate, layer);
    }
    match layers.first_lacking(case) {
        None => allow(),
        Some((layer, Allowing::Perhaps)) => deny(case, Kind::Indeterminate, layer),
        Some((layer, _)) => deny(case, Kind::Implicit, layer),
    }
}

fn allow() -> Answer {
    Answer {
        allowed: true,
        kind: None,
        layer: None,
        message: None,
    }
}

fn deny(case: &Case, kind: Kind, layer: Layer) -> Answer {
    let message = match kind {
        Kind::Indeterminate => None,
        Kind::Explicit | Kind::Implicit => Some(sentence(case, kind, layer)),
    };
    Answer {
        allowed: false,
        kind: Some(kind),
        layer: Some(layer),
        message,
    }
}

/// The opinions, policy type by policy type. A type that does not concern the request is `None`.
struct Layers {
    scps: Option<Vec<Opinion>>,
    rcps: Option<Vec<Opinion>>,
    endpoint: Option<Opinion>,
    resource: Option<Opinion>,
    identity: Opinion,
    boundary: Option<Opinion>,
    session: Option<Opinion>,
    resource_layer: Layer,
}

impl Layers {
    fn of(case: &Case) -> Self {
        let linked = case.caller.is_service_linked();
        let managed = |account: Option<&str>| {
            case.management_account.is_some() && account == case.management_account.as_deref()
        };
        // SCPs concern the principals of member accounts, RCPs the resources of member accounts;
        // neither concerns service-linked roles.
        let scps = case.caller.account().is_some() && !linked && !managed(case.caller.account());
        // To give up a grant of a key is free of RCPs (Organizations User Guide, "Resource control policies").
        let gives_up = case.action.eq_ignore_ascii_case("kms:RetireGrant");
        let rcps = !linked && !managed(case.resource_account.as_deref()) && !gives_up;
        // The root user and callers of no account have no policies of their own.
        let has_own = case.caller.account().is_some() && !is_root(case);
        let boundary = case.boundary.as_ref().filter(|_| has_own);
        let session = has_own && !case.session.is_empty();
        let opinions =
            |levels: &[Vec<_>]| levels.iter().map(|level| opinion(level, case)).collect();
        Self {
            scps: scps.then(|| opinions(&case.scps)),
            rcps: rcps.then(|| opinions(&case.rcps)),
            endpoint: case.endpoint.as_ref().map(|policy| opinion([policy], case)),
            resource: case
                .resource_policy
                .as_ref()
                .map(|policy| opinion([policy], case)),
            identity: opinion(case.identity.iter().filter(|_| has_own), case),
            boundary: boundary.map(|policy| opinion([policy], case)),
            session: session.then(|| opinion(&case.session, case)),
            resource_layer: match case.resource_kind {
                DocumentKind::Trust => Layer::Trust,
                _ => Layer::Resource,
            },
        }
    }

    /// The first policy type with a Deny that applies (or, with `Unknown`, that may apply).
    fn first_deny(&self, truth: Truth) -> Option<Layer> {
        let any = |levels: &Option<Vec<Opinion>>| {
            levels.iter().flatten().any(|opinion| opinion.deny == truth)
        };
        let one = |layer: &Option<Opinion>| layer.is_some_and(|opinion| opinion.deny == truth);
        let found = [
            (any(&self.scps), Layer::Scp),
            (any(&self.rcps), Layer::Rcp),
            (one(&self.endpoint), Layer::Endpoint),
            (one(&self.boundary), Layer::Boundary),
            (one(&self.session), Layer::Session),
            (one(&self.resource), self.resource_layer),
            (self.identity.deny == truth, Layer::Identity),
        ];
        found
            .into_iter()
            .find(|(denies, _)| *denies)
            .map(|(_, layer)| layer)
    }

    /// The first policy type that must allow and does not, and whether an Allow in it may apply.
    /// `None`: nothing is lacking.
    fn first_lacking(&self, case: &Case) -> Option<(Layer, Allowing)> {
        if let Some(found) = lacking(self.endpoint, Layer::Endpoint) {
            return Some(found);
        }
        // Every level of SCPs must allow.
        for level in self.scps.iter().flatten() {
            if let Some(found) = lacking(Some(*level), Layer::Scp) {
                return Some(found);
            }
        }
        let outsider = case.caller.account().is_none();
        let same_account = !outsider && case.caller.account() == case.resource_account.as_deref();
        let must_allow =
            !same_account || matches!(case.resource_kind, DocumentKind::Trust | DocumentKind::Key);
        let resource = self.resource.unwrap_or_default();
        if must_allow && let Some(found) = lacking(Some(resource), self.resource_layer) {
            return Some(found);
        }
        // A caller of no account has no identity policies. In its own account a caller that the
        // resource's policy names needs nothing else.
        if outsider || same_account && resource.closest == Closeness::Caller {
            return None;
        }
        let stands_in = |grant| same_account && grant >= Closeness::Role;
        if !stands_in(resource.closest)
            && self.identity.allowing() != Allowing::Yes
            && !is_root(case)
        {
            // A grant of the resource's policy could have stood in for the identity policies.
            let perhaps = stands_in(resource.hopeful);
            let allowing = if perhaps {
                Allowing::Perhaps
            } else {
                self.identity.allowing()
            };
            return Some((Layer::Identity, allowing));
        }
        self.limits(case)
    }

    /// What bounds the caller's own permissions: boundary and session policies.
    fn limits(&self, case: &Case) -> Option<(Layer, Allowing)> {
        if is_root(case) {
            return None;
        }
        if let Some(found) = lacking(self.boundary, Layer::Boundary) {
            return Some(found);
        }
        // A federated user has what its session policy gives it, and nothing without one.
        match (self.session, &case.caller) {
            (None, Caller::FederatedUser { .. }) => Some((Layer::Session, Allowing::No)),
            (session, _) => lacking(session, Layer::Session),
        }
    }
}

fn lacking(opinion: Option<Opinion>, layer: Layer) -> Option<(Layer, Allowing)> {
    let allowing = opinion?.allowing();
    (allowing != Allowing::Yes).then_some((layer, allowing))
}

fn is_root(case: &Case) -> bool {
    matches!(case.caller, Caller::Root { .. })
}

/// The sentence of the error (IAM User Guide, "Access denied error message examples").
fn sentence(case: &Case, kind: Kind, layer: Layer) -> String {
    let caller = match &case.caller {
        Caller::Root { arn } | Caller::User { arn } | Caller::FederatedUser { arn, .. } => arn,
        Caller::Role { arn, session } => session.as_ref().unwrap_or(arn),
        Caller::Service { name } => name,
        Caller::Anonymous => "anonymous",
        Caller::Federated { provider } => provider,
    };
    let action = &case.action;
    let policy = match layer {
        Layer::Scp => "service control policy",
        Layer::Rcp => "resource control policy",
        Layer::Endpoint => "VPC endpoint policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::Resource => "resource-based policy",
        Layer::Trust => "role trust policy",
        Layer::Identity => "identity-based policy",
    };
    let article = match layer {
        Layer::Identity => "an",
        Layer::Trust => "the",
        _ => "a",
    };
    let on = match case.resource.as_str() {
        "*" => String::new(),
        arn => format!(" on resource: {arn}"),
    };
    let reason = match kind {
        Kind::Explicit => format!("with an explicit deny in {article} {policy}"),
        _ => format!("because no {policy} allows the {action} action"),
    };
    format!("User: {caller} is not authorized to perform: {action}{on} {reason}")
}
