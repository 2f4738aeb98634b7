//! The condition keys that the platform itself gives to every request (IAM User Guide, "AWS global
//! condition context keys"). A client can set none of them: they are put last, and those that do not
//! apply are put as absent.

use jiff::Timestamp;
use policy::{AccountId, ContextKey, ContextValue, KnownCaller, Request, RequestBuilder, Resource};
use std::sync::Arc;
use store::Read;

use crate::call::Envelope;
use crate::caller::{Caller, Identity};
use crate::digits;
use crate::error::ApiError;
use crate::operation::Check;
use crate::organization::Controls;
use crate::platform::Platform;

/// The keys of every request.
mod key {
    use policy::ContextKey;

    pub(super) const CALLED_VIA: ContextKey = ContextKey::new("aws:CalledVia");
    pub(super) const CALLED_VIA_FIRST: ContextKey = ContextKey::new("aws:CalledViaFirst");
    pub(super) const CALLED_VIA_LAST: ContextKey = ContextKey::new("aws:CalledViaLast");
    pub(super) const CURRENT_TIME: ContextKey = ContextKey::new("aws:CurrentTime");
    pub(super) const EPOCH_TIME: ContextKey = ContextKey::new("aws:EpochTime");
    pub(super) const REFERER: ContextKey = ContextKey::new("aws:referer");
    pub(super) const REQUESTED_REGION: ContextKey = ContextKey::new("aws:RequestedRegion");
    pub(super) const RESOURCE_ORG_ID: ContextKey = ContextKey::new("aws:ResourceOrgID");
    pub(super) const RESOURCE_ORG_PATHS: ContextKey = ContextKey::new("aws:ResourceOrgPaths");
    pub(super) const SECURE_TRANSPORT: ContextKey = ContextKey::new("aws:SecureTransport");
    pub(super) const SOURCE_IP: ContextKey = ContextKey::new("aws:SourceIp");
    pub(super) const SOURCE_ORG_ID: ContextKey = ContextKey::new("aws:SourceOrgID");
    pub(super) const SOURCE_ORG_PATHS: ContextKey = ContextKey::new("aws:SourceOrgPaths");
    pub(super) const USER_AGENT: ContextKey = ContextKey::new("aws:UserAgent");
    pub(super) const VIA_AWS_SERVICE: ContextKey = ContextKey::new("aws:ViaAWSService");
}

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
        request = request.set(name.clone(), value.clone());
    }
    if let Some(account) = target.account {
        request = request.resource_account(account);
    }
    for (key, value) in target.tag_keys() {
        request = request.set(key, value);
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
    request = put(request, key::USER_AGENT, envelope.user_agent.as_deref());
    put(request, key::REFERER, envelope.referer.as_deref()).build()
}

/// The caller as the engine knows them in all of their requests.
pub(crate) fn known(caller: &Caller) -> KnownCaller {
    KnownCaller::new(caller.principal.clone(), keys_of(caller).0)
}

/// Condition keys with their values, or absent.
#[derive(Default)]
struct Keys(Vec<(ContextKey, Option<ContextValue>)>);

impl Keys {
    fn put(&mut self, key: impl Into<ContextKey>, value: Option<impl Into<ContextValue>>) {
        self.0.push((key.into(), value.map(Into::into)));
    }

    fn absent(&mut self, key: &'static str) {
        self.0.push((key.into(), None));
    }
}

/// The condition keys that belong to a caller, whatever they ask.
fn keys_of(caller: &Caller) -> Keys {
    let mut keys = Keys::default();
    let own = caller.organization.as_deref();
    keys.put("aws:PrincipalOrgID", own.map(Controls::organization));
    let path = own.map(|own| vec![own.path().to_owned()]);
    keys.put("aws:PrincipalOrgPaths", path);
    let signed = !matches!(caller.identity, Identity::Nobody | Identity::Federated(_));
    keys.put("aws:userid", signed.then(|| caller.user_id()));
    keys.put("aws:SourceIdentity", caller.source_identity());
    for tag in &caller.tags {
        let key = format!("aws:PrincipalTag/{}", tag.key);
        keys.put(key, Some(tag.value.as_str()));
    }
    if let policy::Principal::RoleSession { role, .. } = &caller.principal {
        keys.put("aws:PrincipalArn", Some(role.as_str()));
    }
    let claims = caller.claims();
    let issued = claims.map(|claims| to_iso(claims.issued));
    keys.put("aws:TokenIssueTime", issued);
    keys.put("aws:MultiFactorAuthPresent", claims.map(|_| false));
    federation(&mut keys, caller);
    let studio = claims.and_then(|claims| claims.studio.as_ref());
    let domain = studio.map(|it| it.domain_id.as_str());
    keys.put("sagemaker:DomainId", domain);
    let profile = studio.and_then(|it| it.user_profile_name.as_deref());
    keys.put("sagemaker:UserProfileName", profile);
    if !matches!(caller.identity, Identity::User(_)) {
        keys.absent("aws:username");
    }
    for key in [
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:PrincipalServiceName",
    ] {
        keys.absent(key);
    }
    keys
}

/// The keys of the identity provider behind a caller: of the call that brings its token, and of the
/// sessions that come of it (IAM User Guide, "Available keys for AWS OIDC federation").
fn federation(keys: &mut Keys, caller: &Caller) {
    let behind = match &caller.identity {
        Identity::Federated(federated) => Some((&federated.federation, federated.told.as_slice())),
        _ => caller
            .claims()
            .and_then(|claims| Some((claims.federation.as_ref()?, &[][..]))),
    };
    let Some((federation, told)) = behind else {
        keys.absent("aws:FederatedProvider");
        return;
    };
    let provider = federation.provider.as_str();
    keys.put("aws:FederatedProvider", Some(provider));
    for (name, values) in federation.keys.iter().chain(told) {
        let value = match values.as_slice() {
            [one] => ContextValue::from(one.as_str()),
            many => many.to_vec().into(),
        };
        keys.put(name, Some(value));
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
    let request = organizations(request, [key::SOURCE_ORG_ID, key::SOURCE_ORG_PATHS], source);
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
    [id, paths]: [ContextKey; 2],
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
        [key::RESOURCE_ORG_ID, key::RESOURCE_ORG_PATHS],
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
        .set(key::CURRENT_TIME, to_iso(time))
        .set(key::EPOCH_TIME, time.as_second().to_string())
        .set(key::REQUESTED_REGION, region)
        .set(key::SECURE_TRANSPORT, secure)
        .set(key::VIA_AWS_SERVICE, false)
}

/// Where a request comes from: an address, or services inside the platform, which have none (IAM User
/// Guide, "Forward access sessions").
fn came_via(request: RequestBuilder, envelope: &Envelope) -> RequestBuilder {
    let (Some(first), Some(last)) = (envelope.via.first(), envelope.via.last()) else {
        let address = digits::address(envelope.source_ip.to_canonical());
        let mut request = request.set(key::SOURCE_IP, address);
        for key in [key::CALLED_VIA, key::CALLED_VIA_FIRST, key::CALLED_VIA_LAST] {
            request = request.absent(key);
        }
        return request;
    };
    request
        .absent(key::SOURCE_IP)
        .set(key::VIA_AWS_SERVICE, true)
        .set(key::CALLED_VIA, envelope.via.clone())
        .set(key::CALLED_VIA_FIRST, first.as_str())
        .set(key::CALLED_VIA_LAST, last.as_str())
}

fn put(request: RequestBuilder, key: ContextKey, value: Option<&str>) -> RequestBuilder {
    match value {
        Some(value) => request.set(key, value),
        None => request.absent(key),
    }
}

/// An instant as policies write it, to the second: `2026-11-22T05:00:00Z`.
pub(crate) fn to_iso(instant: Timestamp) -> String {
    digits::second(instant)
}
