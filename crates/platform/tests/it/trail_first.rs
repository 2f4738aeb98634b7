//! Nothing is answered that does not stand in the trail.

use platform::hallway::{self, Arrived};
use platform::root::{self, RootKey};
use platform::seal::{Sealer, SealingKey};
use platform::{Config, Platform, Ports};
use policy::AccountId;
use std::sync::Arc;
use store::MemoryStore;
use testkit::{CountingRandom, Silent, TestClock};
use trail::{Error, Head, Log, Page, Position, Query, Submission, Visit};
use wire::sigv4::{Payload, Signer};

/// A log that takes nothing.
struct Full;

impl Log for Full {
    fn submit(&self, submissions: Vec<Submission>) {
        for submission in submissions {
            (submission.done)(Err(Error::Closed));
        }
    }
    fn lookup(&self, _: &Query) -> Result<Page, Error> {
        Err(Error::Closed)
    }
    fn follow(&self, _: Position, _: &mut Visit<'_>) -> Result<(), Error> {
        Err(Error::Closed)
    }
    fn forget(&self, _: jiff::Timestamp, _: Position) -> Result<u64, Error> {
        Err(Error::Closed)
    }
    fn head(&self) -> Head {
        Head::default()
    }
}

#[test]
fn without_a_trail_there_is_no_answer() {
    let account = AccountId::parse(testkit::ACCOUNT).unwrap();
    let config = Config {
        partition: "aws".to_owned(),
        account,
        region: testkit::REGION.to_owned(),
    };
    let ports = Ports {
        store: Arc::new(MemoryStore::new()),
        trail: Arc::new(Full),
        clock: Arc::new(TestClock::default()),
        random: Arc::new(CountingRandom::default()),
        operator: Arc::new(Silent),
        sealer: Sealer::new(SealingKey::new(&[1; 32]), Vec::new()),
    };
    let platform = Platform::new(config, ports, services::all()).unwrap();
    let key = RootKey {
        id: "AKIAROOT".to_owned(),
        secret: "secret".to_owned(),
    };
    root::ensure(&platform, account, Some(key)).unwrap();
    for secret in ["secret", "wrong"] {
        let body = b"Action=GetCallerIdentity&Version=2011-06-15";
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let mut parts = testkit::parts("POST", "/", &headers);
        let signer = Signer {
            access_key: "AKIAROOT".to_owned(),
            secret: secret.to_owned(),
            session_token: None,
            region: testkit::REGION.to_owned(),
            service: "sts".to_owned(),
        };
        signer
            .sign(&mut parts, platform.now(), Payload::Bytes(body))
            .unwrap();
        let arrived = Arrived {
            parts,
            body: Ok(bytes::Bytes::from_static(body)),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
            tls: None,
        };
        assert!(hallway::walk(&platform, arrived).is_err());
    }
}
