//! The questions that people ask.

use super::Question;
use super::owner::{everything, everything_of_others, is_supposed};
use super::strangers::is_shared_provider;
use crate::layers::{Owner, Stage};
use policy::explain::StatementTrace;
use policy::view;
use policy::{NamedPolicy, Policies, PolicySet, PolicyType, Principal};

/// A statement that allows what it should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// The name of its policy.
    pub policy: String,
    /// The type of its policy.
    pub policy_type: PolicyType,
    /// Its number in the policy, from zero.
    pub number: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Where it begins.
    pub line: u32,
    /// Where it begins.
    pub column: u32,
    /// As it is written.
    pub text: String,
}

impl Blamed {
    /// A statement of a policy.
    #[must_use]
    pub fn of(policy: &NamedPolicy, policy_type: PolicyType, number: usize) -> Option<Self> {
        let document = &policy.document;
        let statement = document.statements.get(number)?;
        let at = document.source.position(statement.span.start);
        Some(Self {
            policy: policy.name.to_string(),
            policy_type,
            number,
            sid: statement.sid.as_ref().map(|sid| sid.value.clone()),
            line: at.line,
            column: at.column,
            text: document.source.slice(statement.span).to_owned(),
        })
    }

    pub(super) fn new(trace: &StatementTrace<'_>) -> Self {
        let at = trace.position();
        Self {
            policy: trace.place.policy.to_string(),
            policy_type: trace.place.policy_type,
            number: trace.place.number,
            sid: trace.statement.sid.as_ref().map(|sid| sid.value.clone()),
            line: at.line,
            column: at.column,
            text: trace.text().to_owned(),
        }
    }
}

/// The stage of one layer alone. What other layers would have to allow is supposed to be allowed: the identity-based policies
/// of other accounts for a resource's policy, and of all accounts for a trust or key policy. `owner` is whose the resource
/// is; without, it is nobody's of whom the policy speaks.
#[must_use]
pub fn alone<'p>(set: &'p PolicySet, policy_type: PolicyType, owner: Option<Owner>) -> Stage<'p> {
    let mut policies = Policies::default();
    let owned = owner.unwrap_or(match policy_type.has_principal() {
        true => Owner::Stranger,
        false => Owner::OfCaller,
    });
    let resource_type = match policy_type {
        PolicyType::Trust | PolicyType::Key => policy_type,
        _ => PolicyType::Resource,
    };
    match policy_type {
        PolicyType::Identity => policies.identity = Some(set),
        PolicyType::Boundary => {
            policies.boundary = Some(set);
            policies.identity = everything();
        }
        PolicyType::Session => {
            policies.session = Some(set);
            policies.identity = everything();
        }
        PolicyType::ServiceControl => {
            policies.service_control = std::slice::from_ref(set);
            policies.identity = everything();
        }
        PolicyType::ResourceControl => {
            policies.resource_control = std::slice::from_ref(set);
            policies.identity = everything();
        }
        PolicyType::VpcEndpoint => {
            policies.endpoint = Some(set);
            policies.identity = everything();
        }
        PolicyType::Resource | PolicyType::Trust | PolicyType::Key => {
            policies.resource = Some(set);
            policies.identity = match owned {
                Owner::Account(owner) if policy_type == PolicyType::Resource => {
                    everything_of_others(owner)
                }
                Owner::OfCaller if policy_type == PolicyType::Resource => None,
                _ => everything(),
            };
        }
    }
    Stage {
        policies,
        resource_type,
        owner: match policy_type {
            PolicyType::ResourceControl | PolicyType::VpcEndpoint => {
                owner.unwrap_or(Owner::OfCaller)
            }
            _ => owned,
        },
    }
}

/// Does `new` allow nothing that `old` does not?
#[must_use]
pub fn no_new_access<'p>(old: Stage<'p>, new: Stage<'p>) -> Question<'p> {
    // Root users have no identity-based policies, but service control policies bear on them.
    let levels = [old.policies.service_control, new.policies.service_control];
    let everybody = [old, new].iter().any(lets_others_in) || levels.iter().any(|l| !l.is_empty());
    Question {
        denied: Some(old),
        everybody,
        ..every(new)
    }
}

/// Does a stage allow nothing of the kind that `target` describes? The target is a policy that allows what is meant. Where
/// the stage has identity-based policies in question, it is about those to whom they are attached.
#[must_use]
pub fn not_granted<'p>(stage: Stage<'p>, target: &'p PolicySet) -> Question<'p> {
    let identity = stage.policies.identity;
    let attached = identity.is_some_and(|set| !is_supposed(set, stage.owner));
    Question {
        within: vec![target],
        by_policy: false,
        caller: match attached {
            true => |p| p.account().is_some() && !matches!(p, Principal::Root { .. }),
            false => |_| true,
        },
        ..every(stage)
    }
}

/// Does a stage let in no strangers? They are described by [`strangers`](super::strangers) of the policy in question.
#[must_use]
pub fn public<'p>(stage: Stage<'p>, strangers: &'p PolicySet) -> Question<'p> {
    let statements = stage
        .policies
        .resource
        .into_iter()
        .flat_map(view::statements);
    let mut principals = statements.flat_map(|s| s.principals().into_iter().flatten());
    Question {
        caller: match principals.any(is_shared_provider) {
            true => |p| !matches!(p, Principal::Service { .. } | Principal::Root { .. }),
            false => |p| {
                !matches!(
                    p,
                    Principal::Service { .. }
                        | Principal::Federated { .. }
                        | Principal::Root { .. }
                )
            },
        },
        within: vec![strangers],
        everybody: true,
        ..every(stage)
    }
}

/// Any request that a stage allows.
pub(crate) fn every(stage: Stage<'_>) -> Question<'_> {
    Question {
        allowed: stage,
        denied: None,
        within: Vec::new(),
        caller: |_| true,
        everybody: lets_others_in(&stage),
        by_policy: true,
        beyond: None,
    }
}

/// Whether a layer bears on callers other than those with identity-based policies.
fn lets_others_in(stage: &Stage<'_>) -> bool {
    stage.policies.resource.is_some()
        || stage.policies.endpoint.is_some()
        || !stage.policies.resource_control.is_empty()
}
