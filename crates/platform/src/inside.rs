//! One service asking another inside the platform: the same hallway without HTTP. What is asked is
//! authorized, handled and recorded like every other call.
//!
//! - [`Call::forward`] asks on the caller's behalf (IAM User Guide, "Forward access sessions"): with the
//!   caller's permissions, and `aws:CalledVia` naming the services that it came through.
//! - [`Platform::call_as_service`] asks as a service, for a resource of its own: what is allowed stands in
//!   the policy of the resource that is asked for, which sees `aws:SourceArn` and `aws:SourceAccount`.
//!
//! Neither may be used inside a write transaction: what is asked may begin one of its own.

use bytes::Bytes;
use http::HeaderMap;
use std::cell::RefCell;
use std::sync::Arc;
use wire::protocol::Dialect;
use wire::validate;
use wire::value::Value;

use crate::call::{Call, Envelope, Facts, Transport, Verified};
use crate::caller::Holder;
use crate::context::ServiceCaller;
use crate::error::ApiError;
use crate::hallway;
use crate::id;
use crate::platform::{Built, Platform};

impl Call<'_> {
    /// Asks `operation` of the API `api` (as botocore spells it) on the caller's behalf, and returns its
    /// output. The event says that this service invoked it.
    ///
    /// # Errors
    /// What the other service answers, a denial among it; or when the trail cannot be written.
    pub fn forward(&self, api: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.forward_in(self.region(), api, operation, input)
    }

    /// [`forward`](Self::forward) in another region than the call's own.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn forward_in(
        &self,
        region: &str,
        api: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let platform = self.platform();
        let Facts {
            envelope,
            access_key_id,
            holder,
            source,
            ..
        } = &self.verified.facts;
        let mut via = envelope.via.clone();
        via.push((*source).to_owned());
        let asked = Asked {
            api,
            operation,
            input,
            body: Bytes::new(),
        };
        let envelope = Envelope {
            request_id: id::uuid(platform.random()).map_err(ApiError::internal)?,
            region: region.to_owned(),
            via,
            ..envelope.clone()
        };
        let on_way_of = Some(&self.verified.facts);
        asked.walk(platform, envelope, access_key_id, holder.clone(), on_way_of)
    }
}

impl Platform {
    /// Asks `operation` of the API `api` (as botocore spells it) as a service, and returns its output.
    /// `body` is what the API streams, such as an object's bytes; mostly nothing.
    ///
    /// # Errors
    /// What the other service answers, a denial among it; or when the trail cannot be written.
    pub fn call_as_service(
        &self,
        caller: &ServiceCaller,
        region: &str,
        (api, operation): (&str, &str),
        input: Value,
        body: Bytes,
    ) -> Result<Value, ApiError> {
        let envelope = Envelope {
            request_id: id::uuid(self.random()).map_err(ApiError::internal)?,
            time: self.now(),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
            user_agent: Some(caller.service.clone()),
            referer: None,
            host: None,
            region: region.to_owned(),
            transport: Transport::Inside,
            via: vec![caller.service.clone()],
        };
        let asked = Asked {
            api,
            operation,
            input,
            body,
        };
        let holder = Holder::Service(Arc::new(caller.clone()));
        asked.walk(self, envelope, "", holder, None)
    }
}

/// What one service asks of another.
struct Asked<'a> {
    api: &'a str,
    operation: &'a str,
    input: Value,
    body: Bytes,
}

impl Asked<'_> {
    fn walk(
        self,
        platform: &Platform,
        envelope: Envelope,
        access_key_id: &str,
        holder: Holder,
        on_way_of: Option<&Facts>,
    ) -> Result<Value, ApiError> {
        let (built, api) = self.find(platform)?;
        let (request, ()) = http::Request::new(()).into_parts();
        validate::input(api, &self.input)
            .map_err(|error| ApiError::internal(format!("{}: {error}", self.operation)))?;
        let receives = built.operation.receive.is_some();
        let facts = Facts {
            envelope,
            access_key_id: access_key_id.to_owned(),
            holder,
            source: built.source,
            operation: built.operation,
            action: built.action.clone(),
            api,
            dialect: Dialect::of(api.service(), &request),
            input: self.input,
            headers: HeaderMap::new(),
            body: if receives {
                Bytes::new()
            } else {
                self.body.clone()
            },
            signature: None,
            link: Vec::new(),
            hosted: false,
            asked: RefCell::default(),
        };
        let verified = Verified { platform, facts };
        hallway::handle_inside(&verified, receives.then_some(self.body), on_way_of)
    }

    fn find<'p>(
        &self,
        platform: &'p Platform,
    ) -> Result<(Built<'p>, catalog::shapes::Operation), ApiError> {
        let missing = || {
            let Self { api, operation, .. } = self;
            ApiError::internal(format!("no service here answers `{api}:{operation}`"))
        };
        let served = platform
            .served()
            .find(|served| served.api.name() == self.api)
            .ok_or_else(missing)?;
        let built = served.operation(self.operation).ok_or_else(missing)?;
        let api = served.api.operation(self.operation).ok_or_else(missing)?;
        Ok((built, api))
    }
}
