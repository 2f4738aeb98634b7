//! A whole platform in memory: state, trail, clock and randomness are the test's own.
//!
//! ```
//! use testkit::{World, ACCOUNT};
//!
//! let world = World::new();
//! let answer = world.query(world.root(), "sts", "GetCallerIdentity", &[]);
//! assert_eq!(answer.status, 200);
//! assert_eq!(answer.xml("Account"), ACCOUNT);
//! assert_eq!(world.last_event().event_name, "GetCallerIdentity");
//! ```

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

mod answer;
pub mod bucket;
pub mod documents;
mod ports;
pub mod team;
mod web;

pub use answer::Answer;
pub use ports::{CountingRandom, Silent, TestClock};
pub use web::Web;

use bytes::Bytes;
use http::request::Parts;
use platform::hallway::{self, Arrived};
use platform::root::{self, RootKey};
use platform::seal::{Sealer, SealingKey};
use platform::{Config, Platform, Ports};
use policy::AccountId;
use s3::ObjectBytes;
use std::sync::Arc;
use store::{MemoryStore, Store};
use sts::Issuers;
use trail::{Event, Log as _, MemoryLog, Position};
use wire::sigv4::{Payload, Signer};

/// The account of a [`World`].
pub const ACCOUNT: &str = "123456789012";
/// Another account of a [`World`].
pub const OTHER_ACCOUNT: &str = "210987654321";
/// The region that requests are signed for.
pub const REGION: &str = "us-east-1";

/// Whose signature a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The access key's id.
    pub access_key_id: String,
    /// Its secret.
    pub secret: String,
    /// The session token, of temporary credentials.
    pub token: Option<String>,
}

/// A platform with every service, in memory.
pub struct World {
    /// The platform.
    pub platform: Platform,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its trail.
    pub trail: Arc<MemoryLog>,
    /// Where it asks identity providers for their keys.
    pub web: Web,
    /// The region that requests are signed for.
    pub region: String,
    root: Credentials,
    other_root: Credentials,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A platform with two empty accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::with_services(services::all())
    }

    /// The same with these services.
    #[must_use]
    pub fn with_services(services: Vec<platform::Service>) -> Self {
        let random = CountingRandom::default();
        let place = ("aws", REGION);
        Self::assemble(place, services, Arc::new(MemoryStore::new()), random)
    }

    /// A platform in another partition or region.
    #[must_use]
    pub fn within(partition: &str, region: &str) -> Self {
        let random = CountingRandom::default();
        let store = Arc::new(MemoryStore::new());
        Self::assemble((partition, region), services::all(), store, random)
    }

    /// A platform whose state is in this store, which must do its work while the platform is made.
    #[must_use]
    pub fn on(store: Arc<dyn Store>) -> Self {
        let random = CountingRandom::default();
        Self::assemble(("aws", REGION), services::all(), store, random)
    }

    /// One of the nodes whose state is in this store.
    #[must_use]
    pub fn node(store: Arc<dyn Store>, name: &str) -> Self {
        let random = CountingRandom::of(name);
        let world = Self::assemble(("aws", REGION), services::all(), store, random);
        Self {
            platform: world.platform.with_node(name),
            ..world
        }
    }

    /// The same world with another platform, made of its own.
    ///
    /// # Errors
    /// What `change` returns.
    pub fn with_platform<E>(
        self,
        change: impl FnOnce(Platform) -> Result<Platform, E>,
    ) -> Result<Self, E> {
        let Self {
            platform,
            clock,
            trail,
            web,
            root,
            other_root,
            region,
        } = self;
        Ok(Self {
            platform: change(platform)?,
            clock,
            trail,
            web,
            root,
            other_root,
            region,
        })
    }

    fn assemble(
        (partition, region): (&str, &str),
        services: Vec<platform::Service>,
        store: Arc<dyn Store>,
        random: CountingRandom,
    ) -> Self {
        let clock = Arc::new(TestClock::default());
        let trail = Arc::new(MemoryLog::default());
        let ports = Ports {
            store,
            trail: Arc::clone(&trail) as Arc<dyn trail::Log>,
            clock: Arc::clone(&clock) as Arc<dyn platform::Clock>,
            random: Arc::new(random),
            operator: Arc::new(Silent),
            sealer: Sealer::new(SealingKey::new(&[7; 32]), Vec::new()),
        };
        let config = Config {
            partition: partition.to_owned(),
            account: account(ACCOUNT),
            region: region.to_owned(),
        };
        let web = Web::default();
        let bytes = ObjectBytes::in_memory().expect("a thread for the bytes of objects");
        let platform = Platform::new(config, ports, services)
            .expect("services that AWS has")
            .with_part(bytes)
            .with_part(Issuers::new(web.clone()));
        let [root, other_root] = [(ACCOUNT, "AKIAROOT"), (OTHER_ACCOUNT, "AKIAOTHER")]
            .map(|(of, id)| root_key(&platform, of, id));
        Self {
            platform,
            clock,
            trail,
            web,
            region: region.to_owned(),
            root,
            other_root,
        }
    }

    /// The root user of [`ACCOUNT`].
    #[must_use]
    pub fn root(&self) -> &Credentials {
        &self.root
    }

    /// The root user of [`OTHER_ACCOUNT`].
    #[must_use]
    pub fn other_root(&self) -> &Credentials {
        &self.other_root
    }

    /// The root user of any account.
    #[must_use]
    pub fn root_of(&self, account: &str) -> Credentials {
        root_key(&self.platform, account, &format!("AKIA{account}"))
    }

    /// Calls an operation of STS or IAM.
    #[must_use]
    pub fn query(
        &self,
        who: &Credentials,
        service: &str,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Answer {
        let version = api(service).api_version();
        let mut form = format!("Action={operation}&Version={version}");
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={}", wire::uri::encode(value)));
        }
        let headers = [(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )];
        self.http(who, service, "POST", "/", &headers, form.into())
    }

    /// Calls an operation of a JSON service.
    #[must_use]
    pub fn json(
        &self,
        who: &Credentials,
        service: &str,
        operation: &str,
        input: &serde_json::Value,
    ) -> Answer {
        let api = api(service);
        let target = format!("{}.{operation}", api.target_prefix().unwrap_or_default());
        let version = api.json_version().unwrap_or("1.1");
        let headers = [
            ("content-type", format!("application/x-amz-json-{version}")),
            ("x-amz-target", target),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        self.http(
            who,
            service,
            "POST",
            "/",
            &headers,
            input.to_string().into(),
        )
    }

    /// Signs and sends a request.
    #[must_use]
    pub fn http(
        &self,
        who: &Credentials,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let parts = parts(method, path, headers);
        self.signed(who, service, &self.region, parts, body)
    }

    /// Signs a request for a region and sends it.
    #[must_use]
    pub fn signed(
        &self,
        who: &Credentials,
        service: &str,
        region: &str,
        mut parts: Parts,
        body: Bytes,
    ) -> Answer {
        let signer = Signer {
            access_key: who.access_key_id.clone(),
            secret: who.secret.clone(),
            session_token: who.token.clone(),
            region: region.to_owned(),
            service: api(service).signing_name().to_owned(),
        };
        signer
            .sign(&mut parts, self.platform.now(), Payload::Bytes(&body))
            .expect("a request that can be signed");
        self.send(parts, body)
    }

    /// Sends a request as it is.
    #[must_use]
    pub fn send(&self, parts: Parts, body: Bytes) -> Answer {
        let arrived = Arrived {
            parts,
            body: Ok(body),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
            tls: None,
        };
        let response = hallway::walk(&self.platform, arrived).expect("a trail that can be written");
        Answer::new(response)
    }

    /// Sends a request that nobody signed, without headers or a body.
    #[must_use]
    pub fn unsigned(&self, method: &str, path: &str) -> Answer {
        self.send(parts(method, path, &[]), Bytes::new())
    }

    /// Every event so far, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let records = self
            .trail
            .read(Position(1), usize::MAX)
            .expect("a trail that can be read");
        records.into_iter().map(|record| record.event).collect()
    }

    /// The latest event.
    #[must_use]
    pub fn last_event(&self) -> Event {
        self.events().pop().expect("an event")
    }

    /// Makes a user with an access key.
    #[must_use]
    pub fn user(&self, name: &str) -> Credentials {
        self.query(&self.root, "iam", "CreateUser", &[("UserName", name)])
            .checked();
        let key = self
            .query(&self.root, "iam", "CreateAccessKey", &[("UserName", name)])
            .checked();
        Credentials {
            access_key_id: key.xml("AccessKeyId"),
            secret: key.xml("SecretAccessKey"),
            token: None,
        }
    }

    /// Makes a role with this trust policy, and with this inline policy if it is not empty. Returns
    /// its ARN.
    #[must_use]
    pub fn role(
        &self,
        name: &str,
        trust: &serde_json::Value,
        policy: &serde_json::Value,
    ) -> String {
        let trust = trust.to_string();
        let input = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        let role = self
            .query(&self.root, "iam", "CreateRole", &input)
            .checked();
        if !policy.is_null() {
            self.put_policy("Role", name, policy);
        }
        role.xml("Arn")
    }

    /// Gives a `User` or `Role` the inline policy `test`.
    pub fn put_policy(&self, noun: &str, name: &str, policy: &serde_json::Value) {
        let (member, policy) = (format!("{noun}Name"), policy.to_string());
        let input = [
            (member.as_str(), name),
            ("PolicyName", "test"),
            ("PolicyDocument", policy.as_str()),
        ];
        self.query(&self.root, "iam", &format!("Put{noun}Policy"), &input)
            .checked();
    }

    /// Assumes a role, with further parameters of `AssumeRole`.
    #[must_use]
    pub fn assume(&self, who: &Credentials, role: &str, more: &[(&str, &str)]) -> Answer {
        let mut input = vec![("RoleArn", role), ("RoleSessionName", "session")];
        input.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        input.extend_from_slice(more);
        self.query(who, "sts", "AssumeRole", &input)
    }
}

/// Gives the root user of an account an access key of this id.
fn root_key(platform: &Platform, of: &str, id: &str) -> Credentials {
    let secret = format!("secret-of-{id}");
    let key = RootKey {
        id: id.to_owned(),
        secret: secret.clone(),
    };
    root::ensure(platform, account(of), Some(key)).expect("a root key");
    Credentials {
        access_key_id: id.to_owned(),
        secret,
        token: None,
    }
}

/// The request line and headers, with a host.
#[must_use]
pub fn parts(method: &str, path: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(())
        .expect("a request that is one")
        .into_parts()
        .0
}

fn api(service: &str) -> &'static catalog::shapes::Service {
    catalog::shapes::service(service).unwrap_or_else(|| panic!("there is no API `{service}`"))
}

fn account(text: &str) -> AccountId {
    AccountId::parse(text).unwrap_or_else(|| panic!("`{text}` is no account"))
}
