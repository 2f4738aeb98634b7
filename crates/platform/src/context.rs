//! The condition keys that the platform itself gives to every request (IAM User Guide, "AWS global
//! condition context keys"). A client can set none of them: they are put last, and those that do not
//! apply are put as absent.

use jiff::Timestamp;
use policy::{AccountId, ContextValue, Request, RequestBuilder, Resource};
use std::sync::Arc;
use store::Read;

use crate::call::Envelope;
use crate::caller::{Caller, Identity};
use crate::error::ApiError;
use crate::operation::Check;
use crate::organization::Controls;
use crate::platform::Platform;

/// A service that calls as itself on behalf of a resource.
#[derive(Clone, Debug)]
pub struct ServiceCaller {
    /// The service principal, such as `sagemaker.amazonaws.com`.
    pub service: String,
    /// `aws:SourceArn`: the resource that the call is for, as the service documents it.
    pub source_arn: String,
    /// `aws:SourceAccount`: the account of that resource.
    pub source_account: String,
}

impl ServiceCaller {
    /// What organizations mean for the account of the resource that the call is for.
    pub(crate) fn controls(
        &self,
        platform: &Platform,
        tx: &dyn Read,
    ) -> Result<Option<Arc<Controls>>, ApiError> {
        match AccountId::parse(&self.source_account) {
            Some(account) => platform.controls(tx, account),
            None => Ok(None),
        }
    }
}

/// Starts a request for a check: the keys from the input, then what is known of the target.
fn of_check(principal: &policy::Principal, check: &Check) -> RequestBuilder {
    let target = &check.target;
    let mut request = Request::builder(
        principal.clone(),
        check.action.clone(),
        target.resource.clone(),
    );
    for (name, value) in &check.keys {
        request = request.set(name, value.clone());
    }
    if let Some(account) = target.account {
        request = request.resource_account(account);
    }
    for (key, value) in target.tag_keys() {
        request = request.set(&key, value);
    }
    request
}

/// The request that a check of a signed call asks of the engine.
pub(crate) fn of_caller(
    caller: &Caller,
    envelope: &Envelope,
    check: &Check,
    owner: Option<&Controls>,
) -> Request {
    let mut request = of_check(&caller.principal, check);
    let own = caller.organization.as_deref();
    request = organizations(
        request,
        ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"],
        own,
    );
    request = of_owner(request, check, owner);
    let secure = envelope.transport.is_secure();
    let region = check.target.region.as_deref().unwrap_or(&envelope.region);
    request = time_and_place(request, envelope.time, region, secure);
    request = came_via(request, envelope);
    let user_id = caller.user_id();
    let signed = !matches!(caller.identity, Identity::Nobody | Identity::Federated(_));
    let user_id = signed.then_some(user_id.as_str());
    request = put(request, "aws:userid", user_id);
    request = put(request, "aws:UserAgent", envelope.user_agent.as_deref());
    request = put(request, "aws:referer", envelope.referer.as_deref());
    request = put(request, "aws:SourceIdentity", caller.source_identity());
    for tag in &caller.tags {
        request = request.set(&format!("aws:PrincipalTag/{}", tag.key), tag.value.as_str());
    }
    if let policy::Principal::RoleSession { role, .. } = &caller.principal {
        request = request.set("aws:PrincipalArn", role.as_str());
    }
    let claims = caller.claims();
    let issued = claims.map(|claims| to_iso(claims.issued));
    request = put(request, "aws:TokenIssueTime", issued.as_deref());
    request = put(
        request,
        "aws:MultiFactorAuthPresent",
        claims.map(|_| "false"),
    );
    request = federation(request, caller);
    let studio = claims.and_then(|claims| claims.studio.as_ref());
    request = put(
        request,
        "sagemaker:DomainId",
        studio.map(|it| it.domain_id.as_str()),
    );
    let profile = studio.and_then(|it| it.user_profile_name.as_deref());
    request = put(request, "sagemaker:UserProfileName", profile);
    if !matches!(caller.identity, Identity::User(_)) {
        request = request.absent("aws:username");
    }
    for key in [
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:PrincipalServiceName",
    ] {
        request = request.absent(key);
    }
    request.build()
}

/// The keys of the identity provider behind a caller: of the call that brings its token, and of the
/// sessions that come of it (IAM User Guide, "Available keys for AWS OIDC federation").
fn federation(request: RequestBuilder, caller: &Caller) -> RequestBuilder {
    let behind = match &caller.identity {
        Identity::Federated(federated) => Some((&federated.federation, federated.told.as_slice())),
        _ => caller
            .claims()
            .and_then(|claims| Some((claims.federation.as_ref()?, &[][..]))),
    };
    let Some((federation, told)) = behind else {
        return request.absent("aws:FederatedProvider");
    };
    let mut request = request.set("aws:FederatedProvider", federation.provider.as_str());
    for (name, values) in federation.keys.iter().chain(told) {
        request = match values.as_slice() {
            [one] => request.set(name, one.as_str()),
            many => request.set(name, many.to_vec()),
        };
    }
    request
}

/// The request that a check of a call by a service asks of the engine.
pub(crate) fn of_service(
    principal: &policy::Principal,
    service: &ServiceCaller,
    time: Timestamp,
    region: &str,
    check: &Check,
    owner: Option<&Controls>,
    source: Option<&Controls>,
) -> Request {
    let request = of_owner(of_check(principal, check), check, owner);
    let request = organizations(request, ["aws:SourceOrgID", "aws:SourceOrgPaths"], source);
    time_and_place(request, time, region, true)
        .set("aws:SourceArn", service.source_arn.as_str())
        .set("aws:SourceAccount", service.source_account.as_str())
        .set(
            "aws:PrincipalServiceNamesList",
            vec![service.service.clone()],
        )
        .build()
}

/// The organization of an account, under two keys.
fn organizations(
    request: RequestBuilder,
    [id, paths]: [&str; 2],
    account: Option<&Controls>,
) -> RequestBuilder {
    match account {
        Some(controls) => request
            .set(id, controls.organization())
            .set(paths, vec![controls.path().to_owned()]),
        None => request.absent(id).absent(paths),
    }
}

/// The organization of the account whose resource it is.
fn of_owner(request: RequestBuilder, check: &Check, owner: Option<&Controls>) -> RequestBuilder {
    let owner = owner.filter(|_| matches!(check.target.resource, Resource::Arn(_)));
    organizations(
        request,
        ["aws:ResourceOrgID", "aws:ResourceOrgPaths"],
        owner,
    )
}

fn time_and_place(
    request: RequestBuilder,
    time: Timestamp,
    region: &str,
    secure: bool,
) -> RequestBuilder {
    request
        .set("aws:CurrentTime", to_iso(time))
        .set("aws:EpochTime", time.as_second().to_string())
        .set("aws:RequestedRegion", region)
        .set("aws:SecureTransport", secure)
        .set("aws:ViaAWSService", false)
}

/// Where a request comes from: an address, or services inside the platform, which have none (IAM User
/// Guide, "Forward access sessions").
fn came_via(request: RequestBuilder, envelope: &Envelope) -> RequestBuilder {
    let (Some(first), Some(last)) = (envelope.via.first(), envelope.via.last()) else {
        let address = envelope.source_ip.to_canonical().to_string();
        let mut request = request.set("aws:SourceIp", address);
        for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
            request = request.absent(key);
        }
        return request;
    };
    request
        .absent("aws:SourceIp")
        .set("aws:ViaAWSService", true)
        .set("aws:CalledVia", envelope.via.clone())
        .set("aws:CalledViaFirst", first.as_str())
        .set("aws:CalledViaLast", last.as_str())
}

fn put(request: RequestBuilder, key: &str, value: Option<&str>) -> RequestBuilder {
    match value {
        Some(value) => request.set(key, ContextValue::from(value)),
        None => request.absent(key),
    }
}

/// An instant as policies write it, to the second: `2026-11-22T05:00:00Z`.
pub(crate) fn to_iso(instant: Timestamp) -> String {
    crate::identity::to_second(instant).to_string()
}
