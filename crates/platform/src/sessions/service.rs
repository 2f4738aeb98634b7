//! Assumption by a service as itself: how an execution role gets to work.

use jiff::Timestamp;
use policy::{Policies, Principal};
use store::Read;

use super::Wish;
use super::plan::{Origin, Plan, issue};
use crate::authorize::{self, decide};
use crate::context::{self, ServiceCaller};
use crate::error::ApiError;
use crate::identity::Tag;
use crate::organization::Controls;
use crate::platform::Platform;
use crate::record;
use crate::session::{Session, Studio};

/// What a service asks for when it assumes a role on behalf of a resource.
#[derive(Clone, Debug)]
pub struct ServiceAssumption {
    /// The service, and the resource for which it acts.
    pub caller: ServiceCaller,
    /// The role.
    pub role_arn: String,
    /// The session's name; SageMaker's is `SageMaker`.
    pub session_name: String,
    /// The region in which the service acts.
    pub region: String,
    /// How long the session shall last, in seconds; without it, as AWS does by default.
    pub duration: Option<i64>,
    /// The source identity to set.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: Vec<Tag>,
    /// Keys of those that go with every further assumption.
    pub transitive: Vec<String>,
    /// The Studio application that the session is for.
    pub studio: Option<Studio>,
    /// On whose behalf the service acts, as far as it knows: the ARN of who asked it to.
    pub asked_by: Option<String>,
}

/// An assumption that a service tried, and what came of it. It must be [recorded](Attempt::record),
/// outside any write transaction.
#[must_use = "an assumption that was tried belongs in the trail"]
pub struct Attempt {
    asked: ServiceAssumption,
    wish: Wish,
    time: Timestamp,
    result: Result<Session, ApiError>,
}

impl Attempt {
    /// Why it failed, if it did.
    #[must_use]
    pub fn error(&self) -> Option<&ApiError> {
        self.result.as_ref().err()
    }

    /// Records it in the trail of the role's account, whatever its result: by `AWSService`, invoked by
    /// the service. Only then there is a session.
    ///
    /// # Errors
    /// When the trail cannot be written, or the assumption failed.
    pub fn record(self, platform: &Platform) -> Result<Session, ApiError> {
        record::assumption(platform, self.time, &self.asked, &self.wish, &self.result)?;
        self.result
    }
}

/// Assumes a role as a service, against the role's trust policy, with `aws:SourceArn` and
/// `aws:SourceAccount` in the request. The attempt is in the trail then.
///
/// # Errors
/// A denial ([`Fault::AccessDenied`](crate::Fault::AccessDenied)) where the trust policy does not
/// allow it or the role does not exist. The service answers in its own words.
pub fn assume_as_service(
    platform: &Platform,
    asked: ServiceAssumption,
) -> Result<Session, ApiError> {
    let attempt = {
        let tx = platform.store().begin_read()?;
        attempt_as_service(platform, &*tx, asked)
    };
    attempt.record(platform)
}

/// [`assume_as_service`] within a transaction that writes: what came of it is known at once and recorded
/// when the transaction is over.
pub fn attempt_as_service(platform: &Platform, tx: &dyn Read, asked: ServiceAssumption) -> Attempt {
    let time = platform.now();
    let wish = Wish {
        role_arn: asked.role_arn.clone(),
        session_name: asked.session_name.clone(),
        duration: asked.duration,
        source_identity: asked.source_identity.clone(),
        tags: asked.tags.clone(),
        transitive: asked.transitive.clone(),
        ..Wish::default()
    };
    let result = assume(platform, tx, &asked, wish.clone(), time);
    Attempt {
        asked,
        wish,
        time,
        result,
    }
}

fn assume(
    platform: &Platform,
    tx: &dyn Read,
    asked: &ServiceAssumption,
    wish: Wish,
    time: Timestamp,
) -> Result<Session, ApiError> {
    let principal = Principal::service(&asked.caller.service);
    let origin = Origin::Service(asked.studio.clone());
    let plan = Plan::new(tx, platform.partition(), wish, None, origin)?;
    let checks = plan.checks(platform)?;
    let permitted = authorize::permit(plan, &checks, |_, check| {
        let owner = check.target.owner();
        let owner = owner
            .map(|owner| platform.controls(tx, owner))
            .transpose()?;
        let owner = owner.as_ref().and_then(Option::as_deref);
        let caller = &asked.caller;
        let source = caller.controls(platform, tx)?;
        let (region, source) = (&asked.region, source.as_deref());
        let request = context::of_service(&principal, caller, time, region, check, owner, source);
        let policies = Policies {
            resource: check.target.policy.as_deref(),
            resource_control: owner.map_or(&[], Controls::resource_control),
            ..Policies::default()
        };
        decide(&policies, &request, |_| None)
    })?;
    issue(platform, time, &permitted)
}
