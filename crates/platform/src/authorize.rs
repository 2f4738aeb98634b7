//! Authorization: the one place where a [`Permitted`] is made.

use policy::{DenialKind, Explanation, Permit, Policies, PolicyType, Request, Verdict};
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use store::{Read, Write};

use crate::call::{Call, Verified};
use crate::caller::{Caller, Identity, Rejected};
use crate::context;
use crate::denial;
use crate::error::ApiError;
use crate::operation::{Check, Checks};
use crate::organization::Controls;
use crate::resource::{Shown, Target};

/// Something that the engine allowed, with the permits to show for it.
///
/// Handlers demand one, and nothing outside this module can make one:
///
/// ```compile_fail
/// # use platform::{ApiError, Call, Outcome, Permitted};
/// fn handle(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
///     Ok(Outcome::empty())
/// }
/// fn sneak(call: &Call<'_>) -> Result<Outcome, ApiError> {
///     handle(call) // a call that nobody allowed: does not compile
/// }
/// ```
pub struct Permitted<T> {
    inner: T,
    _permits: Vec<Permit>,
    verdicts: Vec<Result<(), ApiError>>,
}

impl<T> Deref for Permitted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.inner
    }
}

/// Asks every check for `inner`. Where each is decided by itself, a denial is no more than a verdict.
pub(crate) fn permit<T>(
    inner: T,
    checks: &Checks,
    mut decide: impl FnMut(&T, &Check) -> Result<Permit, ApiError>,
) -> Result<Permitted<T>, ApiError> {
    let (mut permits, mut verdicts) = (Vec::new(), Vec::new());
    for check in checks.iter() {
        match decide(&inner, check) {
            Ok(permit) => {
                permits.push(permit);
                verdicts.push(Ok(()));
            }
            Err(error) if checks.each && error.is_denial() => verdicts.push(Err(error)),
            Err(error) => return Err(error),
        }
    }
    if verdicts.is_empty() {
        return Err(ApiError::internal("an operation that demands nothing"));
    }
    Ok(Permitted {
        inner,
        _permits: permits,
        verdicts,
    })
}

/// A verified request on its way through authorization, with what the trail wants to know of it
/// even when it is refused.
pub(crate) struct Attempt<'t> {
    pub(crate) result: Result<Permitted<Call<'t>>, ApiError>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) targets: Vec<Target>,
}

/// A caller, with the transaction as of which they are known.
pub(crate) struct Known<'p> {
    pub(crate) tx: Box<dyn Read + 'p>,
    pub(crate) caller: Arc<Caller>,
}

impl<'p> Known<'p> {
    /// Who asks, as of now.
    ///
    /// # Errors
    /// When the state cannot be read, or the credentials ended since they were verified.
    pub(crate) fn now(verified: &Verified<'p>) -> Result<Self, ApiError> {
        let tx = verified.platform.store().begin_read()?;
        let (key, holder) = (&verified.access_key_id, &verified.holder);
        let caller = Caller::learn(verified.platform, &*tx, key, holder).map_err(|rejected| {
            told(
                rejected,
                "The security token included in the request is invalid.",
            )
        })?;
        Ok(Self { tx, caller })
    }
}

/// Why there is no caller; `ended` is said when their credentials are over.
fn told(rejected: Rejected, ended: &str) -> ApiError {
    match rejected {
        Rejected::Failed(error) => error,
        Rejected::Unknown | Rejected::Expired => ApiError::access_denied(ended),
    }
}

/// Asks everything that the operation demands of the caller, who is known as of `tx`.
pub(crate) fn authorize<'t>(
    verified: &'t Verified<'t>,
    tx: &'t dyn Read,
    caller: Arc<Caller>,
) -> Attempt<'t> {
    let call = Call {
        verified,
        caller: Arc::clone(&caller),
        tx,
        received: RefCell::default(),
    };
    let checks = match call
        .caller
        .admitted(verified.source, verified.operation.name)
        .and_then(|()| (verified.operation.checks)(&call))
    {
        Ok(checks) => checks,
        Err(error) => {
            return Attempt {
                result: Err(error),
                caller,
                targets: Vec::new(),
            };
        }
    };
    let result = permit(call, &checks, |call, check| call.decide(check));
    Attempt {
        result,
        caller,
        targets: checks.into_targets(),
    }
}

impl Call<'_> {
    /// The engine's answer to a check.
    pub(crate) fn decide(&self, check: &Check) -> Result<Permit, ApiError> {
        let permit = self.decide_one(check)?;
        match &check.target.held {
            None => Ok(permit),
            Some(own) => self.decide(&Check {
                target: Target::clone(own),
                ..check.clone()
            }),
        }
    }

    fn decide_one(&self, check: &Check) -> Result<Permit, ApiError> {
        let owner = self.controls_of_owner(check)?;
        let owner = owner.as_deref();
        let policies = self.policies(check, owner);
        if let Some(permit) = self.permitted_in_brief(&policies, check, owner) {
            return Ok(permit);
        }
        let envelope = &self.verified.envelope;
        let request = match &self.caller.identity {
            Identity::Service(service) => {
                let source = service.controls(self.platform(), self.tx)?;
                let (time, region) = (envelope.time, &envelope.region);
                let (principal, source) = (&self.caller.principal, source.as_deref());
                context::of_service(principal, service, time, region, check, owner, source)
            }
            _ => context::of_caller(&self.caller, envelope, check, owner, None),
        };
        self.decide_request(&policies, &request, check)
    }

    /// All policies that count for a check of something whose owner has these controls.
    fn policies<'c>(&'c self, check: &'c Check, owner: Option<&'c Controls>) -> Policies<'c> {
        let layers = &self.caller.layers;
        let own = self.caller.organization.as_deref();
        Policies {
            identity: layers.identity.as_deref(),
            boundary: layers.boundary.as_deref(),
            session: layers.session.as_deref(),
            resource: check.target.policy.as_deref(),
            service_control: own.map_or(&[], Controls::service_control),
            resource_control: owner.map_or(&[], Controls::resource_control),
            ..Policies::default()
        }
    }

    /// The permit, if the condition keys that policies asked for so far are enough to give it. Should one of these policies
    /// ask for another, nothing is decided, and it is there from now on.
    fn permitted_in_brief(
        &self,
        policies: &Policies<'_>,
        check: &Check,
        owner: Option<&Controls>,
    ) -> Option<Permit> {
        if matches!(self.caller.identity, Identity::Service(_)) {
            return None;
        }
        let (asked, envelope) = (self.platform().asked_keys(), &self.verified.envelope);
        let kept = Some(asked.now());
        let request = context::of_caller(&self.caller, envelope, check, owner, kept);
        let verdict = policy::decide(policies, &request);
        let missed = request.context().missed();
        match verdict {
            Verdict::Allow(permit) if missed.is_empty() => Some(permit),
            _ => {
                asked.add(missed);
                None
            }
        }
    }

    fn decide_request(
        &self,
        policies: &Policies<'_>,
        request: &Request,
        check: &Check,
    ) -> Result<Permit, ApiError> {
        let platform = self.verified.platform;
        // Of another account's resource the message would tell its tags and what its policy says.
        let others = check
            .target
            .owner()
            .is_some_and(|owner| owner != self.caller.account);
        let encode = |explained: &Explanation<'_>| match others {
            true => None,
            false => denial::encode(platform, &self.caller, explained),
        };
        decide(policies, request, encode).map_err(|denied| {
            let target = &check.target;
            if denied.is_denial() && matches!(self.caller.identity, Identity::Federated(_)) {
                let action = check.action.as_str();
                return ApiError::access_denied(format!("Not authorized to perform {action}"));
            }
            let stranger = target.unexplained && target.account != Some(self.caller.account);
            if denied.is_denial() && (stranger || self.caller.is_nobody()) {
                return ApiError::access_denied("Access Denied");
            }
            if target.vague && target.account != Some(self.caller.account) {
                return vague(denied, self.caller.arn(), &check.action);
            }
            shown(denied, target)
        })
    }

    /// Whether the policy of the check's target alone lets the caller, or leaves it to the policies of the
    /// caller's account, as a policy must that does not lock its own author out.
    #[must_use]
    pub fn passes_resource_policy(&self, check: &Check) -> bool {
        let Ok(owner) = self.controls_of_owner(check) else {
            return false;
        };
        let envelope = &self.verified.envelope;
        let request = context::of_caller(&self.caller, envelope, check, owner.as_deref(), None);
        let policies = Policies {
            resource: check.target.policy.as_deref(),
            ..Policies::default()
        };
        match policy::decide(&policies, &request) {
            Verdict::Allow(_) => true,
            Verdict::Deny(denial) => {
                denial.kind == DenialKind::Implicit && denial.policy_type == PolicyType::Identity
            }
        }
    }

    /// What organizations mean for the account whose resource it is.
    fn controls_of_owner(&self, check: &Check) -> Result<Option<Arc<Controls>>, ApiError> {
        let own = self.caller.principal.account();
        match check.target.owner().or(own) {
            Some(owner) if Some(owner) == own => Ok(self.caller.organization.clone()),
            Some(owner) => self.platform().controls(self.tx, owner),
            None => Ok(None),
        }
    }

    /// Demands one more thing while the call is already being handled, such as each key of a list.
    ///
    /// # Errors
    /// AWS's denial.
    pub fn demand(&self, check: &Check) -> Result<(), ApiError> {
        self.decide(check).map(|_| ())
    }
}

/// The denial of a stranger by a resource's policy, which may not be there at all. What the stranger's own
/// policies deny is told.
fn vague(denied: ApiError, caller: &str, action: &policy::Action) -> ApiError {
    if !denied.is_denial() || !denied.message().contains("resource-based policy") {
        return denied;
    }
    ApiError::access_denied(format!(
        "User: {caller} is not authorized to perform: {} on this resource because the resource \
         does not exist in this Region, no resource-based policies allow access, or a resource-based \
         policy explicitly denies access",
        action.as_str()
    ))
}

/// The denial with the resource as its service calls it.
fn shown(denied: ApiError, target: &Target) -> ApiError {
    let arn = target.as_str();
    let named = format!(" on resource: {arn}");
    let renamed = match &target.shown {
        Shown::Arn => return denied,
        Shown::Quoted => format!(" on resource: \"{arn}\""),
        Shown::As(shown) if shown.is_empty() => String::new(),
        Shown::As(shown) => format!(" on resource: {shown}"),
    };
    let text = denied.message().replacen(&named, &renamed, 1);
    let headers = denied.headers().iter();
    headers.fold(ApiError::access_denied(text), |error, (name, value)| {
        error.header(name, value.as_str())
    })
}

/// The engine's answer as a permit, or AWS's sentence about the denial. `encode` seals what it was about.
pub(crate) fn decide(
    policies: &Policies<'_>,
    request: &Request,
    encode: impl FnOnce(&Explanation<'_>) -> Option<String>,
) -> Result<Permit, ApiError> {
    match policy::decide(policies, request) {
        Verdict::Allow(permit) => Ok(permit),
        Verdict::Deny(_) => {
            let explanation = policy::explain(policies, request);
            let text = explanation.message().unwrap_or_default();
            let denied = ApiError::access_denied(text);
            Err(match encode(&explanation) {
                Some(message) => denied.header(denial::HEADER, message),
                None => denied,
            })
        }
    }
}

impl Permitted<Call<'_>> {
    /// Changes the state: runs `body` in a write transaction and commits when it returns `Ok`.
    ///
    /// The caller and everything that the operation demands are checked again within the very
    /// transaction that makes the change, so that nothing that was decided on can have changed in
    /// between. Where it is known that nothing at all has, the answers are the same.
    ///
    /// # Errors
    /// What `body` returns, or a denial; in both cases nothing was changed.
    pub fn write<T>(
        &self,
        body: impl FnOnce(&mut dyn Write) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.write_each(|tx, _| body(tx))
    }

    /// [`write`](Self::write) for an operation whose checks are decided one by one
    /// ([`Checks::each`]): `body` gets the verdicts, in the order of the checks.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_each<T>(
        &self,
        body: impl FnOnce(&mut dyn Write, &[Result<(), ApiError>]) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let verified = self.verified;
        verified.platform.store().write(|tx| {
            let (key, holder) = (&verified.access_key_id, &verified.holder);
            let caller = Caller::resolve(verified.platform, &*tx, key, holder)
                .map_err(|rejected| told(rejected, "the caller's credentials ended"))?;
            let as_of = self.tx.as_of();
            if as_of.is_some() && as_of == tx.as_of() {
                return body(tx, &self.verdicts);
            }
            let verdicts = authorize(verified, &*tx, caller).result?.verdicts;
            body(tx, &verdicts)
        })
    }
}
