//! The condition keys that the platform itself gives to every request (IAM User Guide, "AWS global
//! condition context keys"). A client can set none of them: they are put last, and those that do not
//! apply are put as absent.

use jiff::Timestamp;
use policy::{
    AccountId, ContextKey, ContextValue, KeyMask, KnownCaller, Request, RequestBuilder, Resource,
};
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
fn of_check(request: &mut RequestBuilder, check: &Check) {
    for (name, value) in &check.keys {
        if request.wants(name) {
            request.put(name.clone(), value.clone());
        }
    }
    let mut name = String::new();
    for (prefix, tag) in check.target.tags_by_prefix() {
        name.clear();
        [prefix, ":ResourceTag/", &tag.key]
            .into_iter()
            .for_each(|part| name.push_str(part));
        if request.wants_named(&name) {
            request.put(name.clone(), tag.value.as_str());
        }
    }
}

/// The request that a check of a signed call asks of the engine: with all condition keys, or of those that are not the
/// caller's only with the ones that are `kept`.
pub(crate) fn of_caller(
    caller: &Caller,
    envelope: &Envelope,
    check: &Check,
    owner: Option<&Controls>,
    kept: Option<KeyMask>,
) -> Request {
    let (action, resource) = (check.action.clone(), check.target.resource.clone());
    let mut request = match kept {
        Some(kept) => caller.asking().brief_request(action, resource, kept),
        None => caller.asking().request(action, resource),
    };
    if let Some(account) = check.target.account {
        request = request.resource_account(account);
    }
    of_check(&mut request, check);
    of_owner(&mut request, check, owner);
    let secure = envelope.transport.is_secure();
    let region = check.target.region.as_deref().unwrap_or(&envelope.region);
    time_and_place(&mut request, envelope.time, region, secure);
    came_via(&mut request, envelope);
    put(
        &mut request,
        key::USER_AGENT,
        envelope.user_agent.as_deref(),
    );
    put(&mut request, key::REFERER, envelope.referer.as_deref());
    request.build()
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
    let mut request = Request::builder(
        principal.clone(),
        check.action.clone(),
        check.target.resource.clone(),
    );
    if let Some(account) = check.target.account {
        request = request.resource_account(account);
    }
    of_check(&mut request, check);
    of_owner(&mut request, check, owner);
    organizations(
        &mut request,
        [key::SOURCE_ORG_ID, key::SOURCE_ORG_PATHS],
        source,
    );
    time_and_place(&mut request, time, region, true);
    request.put("aws:SourceArn", service.source_arn.as_str());
    request.put("aws:SourceAccount", service.source_account.as_str());
    request.put(
        "aws:PrincipalServiceNamesList",
        vec![service.service.clone()],
    );
    request.build()
}

/// The organization of an account, under two keys.
fn organizations(
    request: &mut RequestBuilder,
    [id, paths]: [ContextKey; 2],
    account: Option<&Controls>,
) {
    match account {
        Some(controls) => {
            request.put(id, controls.organization());
            request.put(paths, vec![controls.path().to_owned()]);
        }
        None => {
            request.put_absent(id);
            request.put_absent(paths);
        }
    }
}

/// The organization of the account whose resource it is.
fn of_owner(request: &mut RequestBuilder, check: &Check, owner: Option<&Controls>) {
    let owner = owner.filter(|_| matches!(check.target.resource, Resource::Arn(_)));
    organizations(
        request,
        [key::RESOURCE_ORG_ID, key::RESOURCE_ORG_PATHS],
        owner,
    );
}

fn time_and_place(request: &mut RequestBuilder, time: Timestamp, region: &str, secure: bool) {
    if request.wants(&key::CURRENT_TIME) {
        request.put(key::CURRENT_TIME, to_iso(time));
    }
    if request.wants(&key::EPOCH_TIME) {
        request.put(key::EPOCH_TIME, time.as_second().to_string());
    }
    request.put(key::REQUESTED_REGION, region);
    request.put(key::SECURE_TRANSPORT, secure);
    request.put(key::VIA_AWS_SERVICE, false);
}

/// Where a request comes from: an address, or services inside the platform, which have none (IAM User
/// Guide, "Forward access sessions").
fn came_via(request: &mut RequestBuilder, envelope: &Envelope) {
    let (Some(first), Some(last)) = (envelope.via.first(), envelope.via.last()) else {
        if request.wants(&key::SOURCE_IP) {
            let address = digits::address(envelope.source_ip.to_canonical());
            request.put(key::SOURCE_IP, address);
        }
        for key in [key::CALLED_VIA, key::CALLED_VIA_FIRST, key::CALLED_VIA_LAST] {
            request.put_absent(key);
        }
        return;
    };
    request.put_absent(key::SOURCE_IP);
    request.put(key::VIA_AWS_SERVICE, true);
    let all: ContextValue = envelope.via.iter().map(String::as_str).collect();
    request.put(key::CALLED_VIA, all);
    request.put(key::CALLED_VIA_FIRST, first.as_str());
    request.put(key::CALLED_VIA_LAST, last.as_str());
}

fn put(request: &mut RequestBuilder, key: ContextKey, value: Option<&str>) {
    match value {
        Some(value) => request.put(key, value),
        None => request.put_absent(key),
    }
}

/// An instant as policies write it, to the second: `2026-11-22T05:00:00Z`.
pub(crate) fn to_iso(instant: Timestamp) -> String {
    digits::second(instant)
}
