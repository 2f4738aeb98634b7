//! Why a request is allowed or denied: who decided, what came closest and why it did not match, what is missing, what
//! would change the answer, and the sentence that AWS prints.
//!
//! An explanation looks at every statement, where a decision looks at those that the index yields. Both use the same
//! matchers and the same combination of layers, so that they cannot disagree.

mod change;
mod message;
mod trace;

pub use change::{Change, Counterfactual};
pub use trace::{Applies, Mismatch, Place, StatementTrace, expand, statements};

use crate::document::{Effect, PolicyType};
use crate::evaluate::{self, Policies};
use crate::request::Request;
use crate::verdict::{Denial, DenialKind};

/// The explanation of one decision.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// The request.
    pub request: &'a Request,
    /// `None` if the request is allowed.
    pub denial: Option<Denial>,
    /// The statement that decided: the Deny that applies, the Allow that grants, or the statement that could not be
    /// evaluated. `None` where no statement did.
    pub decided_by: Option<StatementTrace<'a>>,
    /// The Allow statements that came closest in the layer that lacks one, the closest first; at most three.
    pub closest: Vec<StatementTrace<'a>>,
    /// Condition keys that statements about this action name and the request lacks, sorted.
    pub missing: Vec<&'a str>,
    /// The layers that would have to allow besides those that do; with an Allow in each of them the request would pass.
    pub lacking: Vec<PolicyType>,
    /// Changes of the request with which it would pass, each verified by deciding again.
    pub counterfactuals: Vec<Counterfactual>,
}

/// How many near misses an explanation names.
const CLOSEST: usize = 3;

/// Explains the decision on a request. Always agrees with [`decide`](crate::decide).
#[must_use]
pub fn explain<'a>(policies: &Policies<'a>, request: &'a Request) -> Explanation<'a> {
    let denial = evaluate::outcome(policies, request).err();
    let traces = statements(policies, request);
    let decided_by = decided_by(denial, request, &traces).cloned();
    let closest = match denial {
        Some(denial) if denial.kind != DenialKind::Explicit => closest(denial.policy_type, &traces),
        _ => Vec::new(),
    };
    let lacking = match denial {
        Some(Denial {
            kind: DenialKind::Implicit | DenialKind::Indeterminate,
            ..
        }) => evaluate::lacking_layers(policies, request),
        _ => Vec::new(),
    };
    let suspects = match &decided_by {
        Some(decided) if denial.is_some() => std::slice::from_ref(decided),
        _ => &closest,
    };
    let counterfactuals = change::counterfactuals(policies, request, suspects, denial);
    let missing = trace::missing_keys(&traces, request);
    Explanation {
        request,
        denial,
        decided_by,
        closest,
        missing,
        lacking,
        counterfactuals,
    }
}

impl Explanation<'_> {
    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        self.denial.is_none()
    }

    /// The sentence that AWS prints for the denial (IAM User Guide, "Troubleshoot access denied error messages"); `None`
    /// if the request is allowed.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        self.denial
            .map(|denial| message::sentence(self.request, denial))
    }
}

fn decided_by<'t, 'a>(
    denial: Option<Denial>,
    request: &Request,
    traces: &'t [StatementTrace<'a>],
) -> Option<&'t StatementTrace<'a>> {
    let find = |effect: Effect, applies: Applies, types: &[PolicyType]| {
        traces.iter().find(|trace| {
            trace.statement.effect.value == effect
                && trace.applies == applies
                && types.contains(&trace.place.policy_type)
        })
    };
    if evaluate::always_allowed(request) {
        return None;
    }
    let resource = request.resource_policy_type();
    match denial {
        None => {
            let direct = traces.iter().find(|trace| trace.grants_directly(resource));
            direct
                .or_else(|| find(Effect::Allow, Applies::Yes, &[PolicyType::Identity]))
                .or_else(|| find(Effect::Allow, Applies::Yes, &[resource]))
        }
        Some(Denial {
            kind: DenialKind::Explicit,
            policy_type,
        }) => find(Effect::Deny, Applies::Yes, &[policy_type]),
        Some(Denial {
            kind: DenialKind::Implicit,
            ..
        }) => None,
        Some(Denial {
            kind: DenialKind::Indeterminate,
            policy_type,
        }) => find(Effect::Deny, Applies::Unknown, &PolicyType::ALL)
            .or_else(|| find(Effect::Allow, Applies::Unknown, &[policy_type, resource])),
    }
}

fn closest<'a>(lacking: PolicyType, traces: &[StatementTrace<'a>]) -> Vec<StatementTrace<'a>> {
    let mut candidates: Vec<&StatementTrace<'_>> = traces
        .iter()
        .filter(|trace| {
            trace.place.policy_type == lacking
                && trace.statement.effect.value == Effect::Allow
                && trace.applies != Applies::Yes
                && !trace
                    .mismatches
                    .iter()
                    .any(|m| matches!(m, Mismatch::Action))
        })
        .collect();
    candidates.sort_by_key(|trace| trace.mismatches.len());
    candidates.into_iter().take(CLOSEST).cloned().collect()
}
