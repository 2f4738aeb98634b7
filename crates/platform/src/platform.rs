//! The platform: state, trail, keys and services, put together once at the start.

use jiff::Timestamp;
use policy::{AccountId, Action, Arn, AskedKeys, PolicySet, PolicyType};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use store::{Read, Store};
use trail::Log;
use wire::route::Router;
use wire::sigv4::KeyCache;

use crate::call::Call;
use crate::caller::Callers;
use crate::compiled::Compiled;
use crate::error::ApiError;
use crate::operation::{Operation, Service};
use crate::organization::{self, Controls};
use crate::port::{Clock, Operator, Random};
use crate::record;
use crate::resource::Target;
use crate::seal::Sealer;
use crate::usage::Usage;

/// The hosts below which a bucket may stand in the host's name, where this machine calls itself so.
const S3_DOMAINS: [&str; 2] = ["s3.localhost", "localhost"];

/// How many derived signing keys are kept. Each serves one access key for one day, region and
/// service.
const SIGNING_KEYS: usize = 4_096;

/// What is fixed for the life of a platform.
#[derive(Clone, Debug)]
pub struct Config {
    /// The partition in every ARN: `aws`.
    pub partition: String,
    /// The account that is there from the start.
    pub account: AccountId,
    /// The region of what is not tied to a request, such as a blueprint's resources.
    pub region: String,
}

/// What the platform stands on.
pub struct Ports {
    /// The state.
    pub store: Arc<dyn Store>,
    /// The trail.
    pub trail: Arc<dyn Log>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Hears of failures.
    pub operator: Arc<dyn Operator>,
    /// Seals session tokens and secrets.
    pub sealer: Sealer,
}

/// A platform. Shared by all requests.
pub struct Platform {
    config: Config,
    ports: Ports,
    served: Vec<Served>,
    parts: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    compiled: Compiled,
    callers: Callers,
    asked_keys: AskedKeys,
    organizations: organization::Cache,
    usage: Usage,
    keys: KeyCache,
    /// Whether a part lies behind a network.
    far: bool,
    node: Option<String>,
    router: Router,
}

/// A service with the shapes of its API.
pub(crate) struct Served {
    pub(crate) service: Service,
    pub(crate) api: &'static catalog::shapes::Service,
    /// The actions that have the operations' names, in their order.
    actions: Vec<Action>,
}

/// An operation in the tables.
#[derive(Clone, Copy)]
pub(crate) struct Built<'p> {
    /// The service's name in events.
    pub(crate) source: &'static str,
    pub(crate) operation: &'static Operation,
    /// The action that has its name.
    pub(crate) action: &'p Action,
}

/// A table of operations does not fit the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotServable {
    /// There are no shapes of this API.
    UnknownService(&'static str),
    /// The API has no such operation.
    UnknownOperation {
        /// The API.
        service: &'static str,
        /// The name in the table.
        operation: &'static str,
    },
    /// A door whose path an S3 bucket could have.
    DoorPath(&'static str),
}

impl std::error::Error for NotServable {}

impl fmt::Display for NotServable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownService(name) => write!(f, "there are no shapes of an API `{name}`"),
            Self::UnknownOperation { service, operation } => {
                write!(f, "the API `{service}` has no operation `{operation}`")
            }
            Self::DoorPath(path) => write!(f, "the path `{path}` of a door must begin with `/_`"),
        }
    }
}

impl Served {
    fn new(service: Service) -> Result<Self, NotServable> {
        let name = service.api;
        let api = catalog::shapes::service(name).ok_or(NotServable::UnknownService(name))?;
        let prefix = service.prefix();
        let action = |operation: &Operation| {
            let known = api.operation(operation.name);
            let action = Action::parse(&format!("{prefix}:{}", operation.name));
            known.and(action.ok()).ok_or(NotServable::UnknownOperation {
                service: name,
                operation: operation.name,
            })
        };
        let actions = service.operations.iter().map(action);
        let actions = actions.collect::<Result<_, _>>()?;
        // The names of buckets begin with a letter or digit (S3 User Guide, "Bucket naming rules").
        match service
            .doors
            .iter()
            .find(|door| !door.path.starts_with("/_"))
        {
            Some(door) => Err(NotServable::DoorPath(door.path)),
            None => Ok(Self {
                service,
                api,
                actions,
            }),
        }
    }

    /// What is built of this name.
    pub(crate) fn operation(&self, name: &str) -> Option<Built<'_>> {
        let mut all = self.service.operations.iter().zip(&self.actions);
        let (operation, action) = all.find(|(operation, _)| operation.name == name)?;
        Some(Built {
            source: self.service.principal,
            operation,
            action,
        })
    }
}

impl Platform {
    /// A platform with these services.
    ///
    /// # Errors
    /// When a service or operation is not one of AWS's.
    pub fn new(
        config: Config,
        ports: Ports,
        services: impl IntoIterator<Item = Service>,
    ) -> Result<Self, NotServable> {
        let served = services
            .into_iter()
            .map(Served::new)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            config,
            ports,
            served,
            parts: HashMap::new(),
            compiled: Compiled::default(),
            callers: Callers::default(),
            asked_keys: AskedKeys::default(),
            organizations: organization::Cache::default(),
            usage: Usage::default(),
            keys: KeyCache::new(SIGNING_KEYS),
            far: false,
            node: None,
            router: Router::new(S3_DOMAINS),
        })
    }

    /// Says by which names clients reach the server, so that a bucket's name may stand before one of
    /// them, or before one of them that begins with `s3.`.
    #[must_use]
    pub fn with_hosts<'h>(mut self, hosts: impl IntoIterator<Item = &'h str>) -> Self {
        let own = hosts
            .into_iter()
            .flat_map(|host| [format!("s3.{host}"), host.to_owned()]);
        self.router = Router::new(S3_DOMAINS.map(str::to_owned).into_iter().chain(own));
        self
    }

    /// Says that a part lies behind a network, so that no operation is answered without waiting.
    #[must_use]
    pub fn with_far_part(mut self) -> Self {
        self.far = true;
        self
    }

    /// Says that other nodes share the state, and by which name they know this one. Each has a trail of
    /// its own.
    #[must_use]
    pub fn with_node(mut self, name: impl Into<String>) -> Self {
        self.node = Some(name.into());
        self
    }

    /// The name of this node, where others may share the state.
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// Whether state, trail or a part makes operations wait for more than memory and the operating
    /// system.
    pub(crate) fn waits(&self) -> bool {
        self.far || self.store().waits() || self.trail().waits()
    }

    /// Adds something that a service keeps beside the state, such as where objects' bytes lie. One
    /// of each type.
    #[must_use]
    pub fn with_part<T: Any + Send + Sync>(mut self, part: T) -> Self {
        self.parts.insert(TypeId::of::<T>(), Box::new(part));
        self
    }

    /// The part of this type.
    ///
    /// # Errors
    /// When the platform was put together without it.
    pub fn part<T: Any>(&self) -> Result<&T, ApiError> {
        self.parts
            .get(&TypeId::of::<T>())
            .and_then(|part| part.downcast_ref())
            .ok_or_else(|| {
                let name = std::any::type_name::<T>();
                ApiError::internal(format!("the platform was put together without `{name}`"))
            })
    }

    /// The partition in every ARN.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.config.partition
    }

    /// What is fixed.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.ports.store
    }

    /// The trail.
    #[must_use]
    pub fn trail(&self) -> &dyn Log {
        &*self.ports.trail
    }

    /// The source of random bytes.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.ports.random
    }

    /// Seals and opens.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.ports.sealer
    }

    /// Tells the operator.
    pub fn report(&self, line: &str) {
        self.ports.operator.report(line);
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// The services.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.served().map(|served| &served.service)
    }

    pub(crate) fn served(&self) -> impl Iterator<Item = &Served> {
        self.served.iter()
    }

    pub(crate) fn router(&self) -> &Router {
        &self.router
    }

    pub(crate) fn signing_keys(&self) -> &KeyCache {
        &self.keys
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    pub(crate) fn callers(&self) -> &Callers {
        &self.callers
    }

    /// The condition keys that policies asked for so far.
    pub(crate) fn asked_keys(&self) -> &AskedKeys {
        &self.asked_keys
    }

    /// What was used when.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// What organizations mean for an account, as `tx` sees it; `None` when it is in none. Asking again
    /// costs little while nothing changes. Not for a transaction that itself changed an organization:
    /// what it did may never come to be.
    ///
    /// # Errors
    /// When the store fails, or what it holds of organizations does not fit together.
    pub fn controls(
        &self,
        tx: &dyn Read,
        account: AccountId,
    ) -> Result<Option<Arc<Controls>>, ApiError> {
        self.organizations.of(tx, account)
    }

    /// Records something that the platform did without a call, such as applying a blueprint.
    ///
    /// # Errors
    /// When the trail cannot be written.
    pub fn record_service_event(
        &self,
        source: &str,
        name: &str,
        account: AccountId,
        details: serde_json::Value,
    ) -> Result<(), ApiError> {
        record::service_event(self, source, name, account, details)
    }

    /// What the service of an ARN keeps of that resource, for callers of the account `asker`; `None` when
    /// there is no such resource, or nothing is kept of its kind.
    ///
    /// # Errors
    /// When the store fails.
    pub fn resource(
        &self,
        call: &Call<'_>,
        arn: &Arn,
        asker: AccountId,
    ) -> Result<Option<Target>, ApiError> {
        if arn.partition() != self.partition() {
            return Ok(None);
        }
        let of = |service: &&Service| service.prefix() == arn.service();
        let service = self.services().find(of);
        match service.and_then(|service| service.resource) {
            Some(find) => find(call, arn, asker),
            None => Ok(None),
        }
    }

    /// The compiled form of a policy that is attached to a resource. Compiled once per text.
    ///
    /// # Errors
    /// When the text is no such policy; it was checked when it was stored, so the call fails.
    pub fn resource_policy(
        &self,
        kind: PolicyType,
        name: &str,
        text: &str,
    ) -> Result<Arc<PolicySet>, ApiError> {
        self.resource_policies(kind, &[(name, text)])
    }

    /// The same of several that count together, each with its name.
    ///
    /// # Errors
    /// As [`resource_policy`](Self::resource_policy).
    pub fn resource_policies(
        &self,
        kind: PolicyType,
        policies: &[(&str, &str)],
    ) -> Result<Arc<PolicySet>, ApiError> {
        self.compiled.set(kind, policies).map_err(|unreadable| {
            ApiError::internal(format!(
                "the stored policy `{}` cannot be read",
                unreadable.name
            ))
        })
    }
}
