//! The condition keys that the platform itself gives to every request (IAM User Guide, "AWS global
//! condition context keys"). A client can set none of them: they are put last, and those that do not
//! apply are put as absent.

use jiff::Timestamp;
use policy::{AccountId, ContextValue, KnownCaller, Request, RequestBuilder, Resource};
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

/// Adds to a request what a check says: the keys from the input, then what is known of the target.
fn of_check(mut request: RequestBuilder, check: &Check) -> RequestBuilder {
    let target = &check.target;
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
    let (action, resource) = (check.action.clone(), check.target.resource.clone());
    let mut request = of_check(caller.asking().request(action, resource), check);
    request = of_owner(request, check, owner);
    let secure = envelope.transport.is_secure();
    let region = check.target.region.as_deref().unwrap_or(&envelope.region);
    request = time_and_place(request, envelope.time, region, secure);
    request = came_via(request, envelope);
    request = put(request, "aws:UserAgent", envelope.user_agent.as_deref());
    put(request, "aws:referer", envelope.referer.as_deref()).build()
}

/// The caller as the engine knows them in all of their requests.
pub(crate) fn known(caller: &Caller) -> KnownCaller {
    KnownCaller::new(caller.principal.clone(), keys_of(caller))
}

/// The condition keys that belong to a caller, whatever they ask: with their values, or absent.
fn keys_of(caller: &Caller) -> Vec<(String, Option<ContextValue>)> {
    let mut keys: Vec<(String, Option<ContextValue>)> = Vec::new();
    let mut put = |key: &str, value: Option<ContextValue>| keys.push((key.to_owned(), value));
    let own = caller.organization.as_deref();
    put(
        "aws:PrincipalOrgID",
        own.map(|own| own.organization().into()),
    );
    put(
        "aws:PrincipalOrgPaths",
        own.map(|own| vec![own.path().to_owned()].into()),
    );
    let signed = !matches!(caller.identity, Identity::Nobody | Identity::Federated(_));
    put("aws:userid", signed.then(|| caller.user_id().into()));
    put(
        "aws:SourceIdentity",
        caller.source_identity().map(Into::into),
    );
    for tag in &caller.tags {
        let key = format!("aws:PrincipalTag/{}", tag.key);
        put(&key, Some(tag.value.as_str().into()));
    }
    if let policy::Principal::RoleSession { role, .. } = &caller.principal {
        put("aws:PrincipalArn", Some(role.as_str().into()));
    }
    let claims = caller.claims();
    put(
        "aws:TokenIssueTime",
        claims.map(|claims| to_iso(claims.issued).into()),
    );
    put("aws:MultiFactorAuthPresent", claims.map(|_| "false".into()));
    federation(&mut put, caller);
    let studio = claims.and_then(|claims| claims.studio.as_ref());
    put(
        "sagemaker:DomainId",
        studio.map(|it| it.domain_id.as_str().into()),
    );
    let profile = studio.and_then(|it| it.user_profile_name.as_deref());
    put("sagemaker:UserProfileName", profile.map(Into::into));
    if !matches!(caller.identity, Identity::User(_)) {
        put("aws:username", None);
    }
    for key in [
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:PrincipalServiceName",
    ] {
        put(key, None);
    }
    keys
}

/// The keys of the identity provider behind a caller: of the call that brings its token, and of the
/// sessions that come of it (IAM User Guide, "Available keys for AWS OIDC federation").
fn federation(put: &mut impl FnMut(&str, Option<ContextValue>), caller: &Caller) {
    let behind = match &caller.identity {
        Identity::Federated(federated) => Some((&federated.federation, federated.told.as_slice())),
        _ => caller
            .claims()
            .and_then(|claims| Some((claims.federation.as_ref()?, &[][..]))),
    };
    let Some((federation, told)) = behind else {
        put("aws:FederatedProvider", None);
        return;
    };
    let provider = federation.provider.as_str();
    put("aws:FederatedProvider", Some(provider.into()));
    for (name, values) in federation.keys.iter().chain(told) {
        let value = match values.as_slice() {
            [one] => one.as_str().into(),
            many => many.to_vec().into(),
        };
        put(name, Some(value));
    }
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
    let request = Request::builder(
        principal.clone(),
        check.action.clone(),
        check.target.resource.clone(),
    );
    let request = of_owner(of_check(request, check), check, owner);
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
