//! The evaluation of all layers (IAM User Guide, "Policy evaluation logic"; Organizations User Guide, SCPs and RCPs).

use crate::arn::AccountId;
use crate::compile::{Grant, PolicySet, Ruling};
use crate::document::PolicyType;
use crate::request::{Principal, Request};
use crate::verdict::{Denial, DenialKind, Permit, Verdict};

/// All policies that bear on one request, layer by layer.
///
/// Each layer takes policies of its type. Where a layer of policies that name principals is given some that do not, or the
/// reverse, the request is denied as indeterminate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// The caller's identity-based policies.
    pub identity: Option<&'a PolicySet>,
    /// The caller's permissions boundary.
    pub boundary: Option<&'a PolicySet>,
    /// The caller's session policies; `None` where the session was made without.
    pub session: Option<&'a PolicySet>,
    /// The resource's own policy: bucket policy, trust policy, key policy, …
    pub resource: Option<&'a PolicySet>,
    /// The policy of the VPC endpoint through which the request came.
    pub endpoint: Option<&'a PolicySet>,
    /// The service control policies, one set a level, from the root down.
    pub service_control: &'a [PolicySet],
    /// The resource control policies, one set a level. `RCPFullAWSAccess` is always attached, so they only ever deny.
    pub resource_control: &'a [PolicySet],
    /// The organisation's management account, which SCPs and RCPs leave alone.
    pub management_account: Option<AccountId>,
}

/// Decides a request. It does not allocate, lock or log.
pub fn decide(policies: &Policies<'_>, request: &Request) -> Verdict {
    match outcome(policies, request) {
        Ok(()) => Verdict::Allow(Permit::new()),
        Err(denial) => Verdict::Deny(denial),
    }
}

/// What the layers say together; the one place where they are combined.
pub(crate) fn outcome(policies: &Policies<'_>, request: &Request) -> Result<(), Denial> {
    if always_allowed(request) {
        return Ok(());
    }
    let mut evaluation = Evaluation {
        policies,
        request,
        may_deny: None,
    };
    let rulings = evaluation.rulings()?;
    match (evaluation.combine(&rulings), evaluation.may_deny) {
        (Ok(()), None) => Ok(()),
        (Ok(()), Some(policy_type)) => Err(Denial {
            kind: DenialKind::Indeterminate,
            policy_type,
        }),
        (Err(denial), None) => Err(denial),
        (Err(denial), Some(_)) => Err(Denial {
            kind: DenialKind::Indeterminate,
            ..denial
        }),
    }
}

/// The layers that would have to allow besides those that do, if nothing denies: with an Allow in each of them the request
/// passes.
pub(crate) fn lacking_layers(policies: &Policies<'_>, request: &Request) -> Vec<PolicyType> {
    let mut evaluation = Evaluation {
        policies,
        request,
        may_deny: None,
    };
    let Ok(mut rulings) = evaluation.rulings() else {
        return Vec::new();
    };
    let mut lacking = Vec::new();
    while let (Err(denial), None) = (evaluation.combine(&rulings), evaluation.may_deny) {
        if lacking.contains(&denial.policy_type) {
            return Vec::new();
        }
        lacking.push(denial.policy_type);
        rulings.suppose(denial.policy_type);
    }
    lacking
}

/// `sts:GetCallerIdentity` needs no permission and cannot be denied (STS API reference).
pub(crate) fn always_allowed(request: &Request) -> bool {
    request.action.lower().as_str() == "sts:getcalleridentity"
}

/// Whether SCPs bear on the caller (Organizations User Guide, "Service control policies").
pub(crate) fn service_control_applies(policies: &Policies<'_>, request: &Request) -> bool {
    let principal = &request.principal;
    principal.account().is_some()
        && principal.account() != policies.management_account
        && !principal.is_service_linked()
}

/// Whether RCPs bear on the resource (Organizations User Guide, "Resource control policies"): whoever holds a grant of a key
/// may always give it up.
pub(crate) fn resource_control_applies(policies: &Policies<'_>, request: &Request) -> bool {
    let managed = policies.management_account;
    let of_management = managed.is_some() && request.resource_account == managed;
    let gives_up = request.action.lower().as_str() == "kms:retiregrant";
    !of_management && !gives_up && !request.principal.is_service_linked()
}

struct Evaluation<'a> {
    policies: &'a Policies<'a>,
    request: &'a Request,
    /// The first layer with a Deny that could not be evaluated.
    may_deny: Option<PolicyType>,
}

/// What each layer says; a layer without policies says nothing.
struct Rulings {
    /// Whether every level of SCPs allows; `Err` tells whether an Allow of the lacking level was unknown.
    service_control: Result<(), bool>,
    endpoint: Option<Ruling>,
    boundary: Option<Ruling>,
    session: Option<Ruling>,
    resource: Option<Ruling>,
    identity: Ruling,
}

impl Rulings {
    /// Supposes that a layer allows. A resource's policy is supposed to name the account, which is the weakest grant.
    fn suppose(&mut self, policy_type: PolicyType) {
        let granted = |ruling: Option<Ruling>| {
            let grant = Some(Grant::Direct);
            Some(Ruling {
                grant,
                ..ruling.unwrap_or_default()
            })
        };
        match policy_type {
            PolicyType::ServiceControl => self.service_control = Ok(()),
            PolicyType::VpcEndpoint => self.endpoint = granted(self.endpoint),
            PolicyType::Boundary => self.boundary = granted(self.boundary),
            PolicyType::Session => self.session = granted(self.session),
            PolicyType::Identity => self.identity.grant = Some(Grant::Direct),
            PolicyType::Resource | PolicyType::Trust | PolicyType::Key => {
                let grant = Some(Grant::Delegated);
                self.resource = Some(Ruling {
                    grant,
                    ..self.resource.unwrap_or_default()
                });
            }
            PolicyType::ResourceControl => {}
        }
    }
}

impl Evaluation<'_> {
    /// Applies the layers in the order in which a Deny is reported; the first sure Deny ends the evaluation.
    fn rulings(&mut self) -> Result<Rulings, Denial> {
        let mut service_control = Ok(());
        if service_control_applies(self.policies, self.request) {
            for level in self.policies.service_control {
                let ruling = self.rule(level, PolicyType::ServiceControl)?;
                if ruling.grant.is_none() && service_control.is_ok() {
                    service_control = Err(ruling.may_grant.is_some());
                }
            }
        }
        if resource_control_applies(self.policies, self.request) {
            for level in self.policies.resource_control {
                self.rule(level, PolicyType::ResourceControl)?;
            }
        }
        let resource_type = self.request.resource_policy_type;
        let has_identity = self.request.principal.account().is_some();
        let is_root = matches!(self.request.principal, Principal::Root { .. });
        let limited = has_identity && !is_root;
        let endpoint = self.rule_if(self.policies.endpoint, PolicyType::VpcEndpoint)?;
        let boundary = self.rule_if(
            self.policies.boundary.filter(|_| limited),
            PolicyType::Boundary,
        )?;
        let session = self.rule_if(
            self.policies.session.filter(|_| limited),
            PolicyType::Session,
        )?;
        let resource = self.rule_if(self.policies.resource, resource_type)?;
        let identity = self.rule_if(
            self.policies.identity.filter(|_| limited),
            PolicyType::Identity,
        )?;
        let identity = match identity {
            Some(ruling) => ruling,
            None if is_root => Ruling {
                grant: Some(Grant::Direct),
                ..Ruling::default()
            },
            None => Ruling::default(),
        };
        Ok(Rulings {
            service_control,
            endpoint,
            boundary,
            session,
            resource,
            identity,
        })
    }

    fn rule_if(
        &mut self,
        layer: Option<&PolicySet>,
        policy_type: PolicyType,
    ) -> Result<Option<Ruling>, Denial> {
        layer.map(|layer| self.rule(layer, policy_type)).transpose()
    }

    fn rule(&mut self, layer: &PolicySet, policy_type: PolicyType) -> Result<Ruling, Denial> {
        let ruling = if layer.fits(policy_type) {
            layer.rule(self.request, self.policies.boundary.is_some())
        } else {
            Ruling {
                may_deny: true,
                ..Ruling::default()
            }
        };
        if ruling.denies {
            return Err(Denial {
                kind: DenialKind::Explicit,
                policy_type,
            });
        }
        if ruling.may_deny && self.may_deny.is_none() {
            self.may_deny = Some(policy_type);
        }
        Ok(ruling)
    }

    /// Combines what the layers say, none of which surely denies.
    fn combine(&self, rulings: &Rulings) -> Result<(), Denial> {
        let resource_type = self.request.resource_policy_type;
        if let Some(endpoint) = rulings.endpoint {
            require(endpoint, PolicyType::VpcEndpoint)?;
        }
        if let Err(may_allow) = rulings.service_control {
            return Err(lacking(may_allow, PolicyType::ServiceControl));
        }
        let resource = rulings.resource.unwrap_or_default();
        let Some(account) = self.request.principal.account() else {
            return require(resource, resource_type);
        };
        let same_account = self
            .request
            .resource_account
            .is_none_or(|owner| owner == account);
        let must_allow = matches!(resource_type, PolicyType::Trust | PolicyType::Key);
        if must_allow || !same_account {
            require(resource, resource_type)?;
        }
        let granted = resource.grant.filter(|_| same_account);
        if granted == Some(Grant::Direct) {
            return Ok(());
        }
        if granted != Some(Grant::AsRole) {
            let in_its_place = resource
                .may_grant
                .filter(|grant| same_account && *grant > Grant::Delegated);
            let identity = rulings.identity;
            let may_grant = identity.may_grant.or(in_its_place);
            require(
                Ruling {
                    may_grant,
                    ..identity
                },
                PolicyType::Identity,
            )?;
        }
        self.combine_limits(rulings)
    }

    fn combine_limits(&self, rulings: &Rulings) -> Result<(), Denial> {
        if let Some(boundary) = rulings.boundary {
            require(boundary, PolicyType::Boundary)?;
        }
        match rulings.session {
            Some(session) => require(session, PolicyType::Session),
            None if matches!(self.request.principal, Principal::FederatedUser { .. }) => {
                Err(lacking(false, PolicyType::Session))
            }
            None => Ok(()),
        }
    }
}

fn require(ruling: Ruling, policy_type: PolicyType) -> Result<(), Denial> {
    match ruling.grant {
        Some(_) => Ok(()),
        None => Err(lacking(ruling.may_grant.is_some(), policy_type)),
    }
}

fn lacking(may_allow: bool, policy_type: PolicyType) -> Denial {
    let kind = if may_allow {
        DenialKind::Indeterminate
    } else {
        DenialKind::Implicit
    };
    Denial { kind, policy_type }
}
