//! From the opinions of all policies to one answer (IAM User Guide, "Policy evaluation logic" and
//! "Cross-account policy evaluation logic"; Organizations User Guide, "SCP evaluation" and "RCP
//! evaluation").

use crate::case::{Caller, Case};
use crate::document::DocumentKind;
use crate::principal::Closeness;
use crate::statement::{Opinion, opinion};
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
    let lacking = layers.first_lacking(case);
    if let Some(layer) = layers.first_deny(Truth::Unknown) {
        return deny(case, Kind::Indeterminate, layer);
    }
    match lacking {
        None => allow(),
        Some((layer, Truth::Unknown)) => deny(case, Kind::Indeterminate, layer),
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
        let rcps = !linked && !managed(case.resource_account.as_deref());
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
            identity: opinion(&case.identity, case),
            boundary: case.boundary.as_ref().map(|policy| opinion([policy], case)),
            session: (!case.session.is_empty()).then(|| opinion(&case.session, case)),
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

    /// The first policy type that should allow and does not, and whether an Allow in it is
    /// unknown. `None`: nothing is lacking.
    fn first_lacking(&self, case: &Case) -> Option<(Layer, Truth)> {
        let lacking = |opinion: &Opinion, layer| {
            (opinion.allow != Truth::Yes).then_some((layer, opinion.allow))
        };
        if let Some(found) = self
            .endpoint
            .as_ref()
            .and_then(|o| lacking(o, Layer::Endpoint))
        {
            return Some(found);
        }
        for level in self.scps.iter().flatten() {
            if let Some(found) = lacking(level, Layer::Scp) {
                return Some(found);
            }
        }
        let closest = match self.resource_side(case) {
            Ok(closest) => closest,
            Err(unknown) => return Some((self.resource_layer, unknown)),
        };
        let same_account = case.caller.account() == case.resource_account.as_deref();
        let outsider = case.caller.account().is_none();
        if outsider || same_account && closest == Closeness::Caller {
            return None;
        }
        self.identity_side(case, same_account && closest == Closeness::Role)
    }

    /// What the resource's policy grants. `Err`: it would have to allow, and does not.
    fn resource_side(&self, case: &Case) -> Result<Closeness, Truth> {
        let outsider = case.caller.account().is_none();
        let same_account = !outsider && case.caller.account() == case.resource_account.as_deref();
        let must =
            !same_account || matches!(case.resource_kind, DocumentKind::Trust | DocumentKind::Key);
        match &self.resource {
            Some(opinion) if must && opinion.allow != Truth::Yes => Err(opinion.allow),
            None if must => Err(Truth::No),
            Some(opinion) => Ok(opinion.closest),
            None => Ok(Closeness::None),
        }
    }

    /// Identity policies (unless the resource's policy stands in for them), boundary, session.
    fn identity_side(&self, case: &Case, resource_stands_in: bool) -> Option<(Layer, Truth)> {
        if matches!(case.caller, Caller::Root { .. }) {
            return None;
        }
        let federated = matches!(case.caller, Caller::FederatedUser { .. });
        if !resource_stands_in && self.identity.allow != Truth::Yes {
            return Some((Layer::Identity, self.identity.allow));
        }
        let boundary = self
            .boundary
            .map(|opinion| (Layer::Boundary, opinion.allow));
        let session = match self.session {
            Some(opinion) => Some((Layer::Session, opinion.allow)),
            // A federated user has what its session policy gives it, and nothing without one.
            None => federated.then_some((Layer::Session, Truth::No)),
        };
        [boundary, session]
            .into_iter()
            .flatten()
            .find(|(_, allow)| *allow != Truth::Yes)
    }
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
