//! What was acknowledged is there after a restart, and what was not leaves nothing behind.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use crate::{Silent, options};
use bytes::Bytes;
use platform::Platform;
use platform::hallway::{self, Arrived};
use server::{Housekeeper, Limits, Options};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::sigv4::{Payload, Signer};

/// Signs a request to `service` as the root user and lets the platform answer it.
pub(crate) fn signed(
    platform: &Platform,
    service: &str,
    request: http::request::Builder,
    body: &'static str,
) -> http::Response<Bytes> {
    let request = request.header("host", "localhost").body(());
    let (mut parts, ()) = request.unwrap().into_parts();
    let signer = Signer {
        access_key: "AKIAROOT".to_owned(),
        secret: "secret".to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: service.to_owned(),
    };
    let payload = Payload::Bytes(body.as_bytes());
    signer.sign(&mut parts, platform.now(), payload).unwrap();
    let arrived = Arrived {
        parts,
        body: Ok(body.into()),
        source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
        tls: None,
    };
    hallway::walk(platform, arrived).unwrap()
}

/// Asks S3 as the root user: status and body.
pub(crate) fn ask(
    platform: &Platform,
    method: &str,
    path: &str,
    body: &'static str,
) -> (u16, Bytes) {
    let request = http::Request::builder().method(method).uri(path);
    let response = signed(platform, "s3", request, body);
    (response.status().as_u16(), response.into_body())
}

pub(crate) fn compose(options: &Options) -> Arc<Platform> {
    server::compose(options, Arc::new(Silent)).unwrap().platform
}

/// The files in which objects lie.
fn pieces(data: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(data.join("objects")).unwrap();
    let within = |folder: PathBuf| {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().path())
    };
    folders
        .flat_map(|folder| within(folder.unwrap().path()))
        .collect()
}

#[test]
fn objects_outlive_the_server_and_orphans_do_not() {
    let data = tempfile::tempdir().unwrap();
    let options = Options {
        data: Some(data.path().to_owned()),
        ..options(Limits::default())
    };
    let first = compose(&options);
    assert_eq!(ask(&first, "PUT", "/bucket", "").0, 200);
    let body = "hello ".repeat(10_000).leak();
    assert_eq!(ask(&first, "PUT", "/bucket/a/../k", body).0, 200);
    assert_eq!(ask(&first, "PUT", "/bucket/few", "bytes").0, 200);
    drop(first);

    let kept = pieces(data.path());
    let [kept] = kept.as_slice() else {
        panic!("one object lies in {kept:?}");
    };
    let name = kept.file_name().unwrap().to_str().unwrap();
    assert_eq!(name.len(), 26);
    assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    // What a crash leaves: bytes whose metadata was never committed, and half-written ones.
    let folder = kept.parent().unwrap();
    let orphan = folder.join("a".repeat(26));
    std::fs::write(&orphan, "orphan").unwrap();
    std::fs::write(folder.join("half#1"), "ha").unwrap();

    let second = compose(&options);
    assert!(
        pieces(data.path()).len() > 1,
        "the start does not look at objects"
    );
    let housekeeper = Housekeeper::start(Arc::clone(&second)).unwrap();
    let began = std::time::Instant::now();
    while pieces(data.path()) != std::slice::from_ref(kept) {
        assert!(
            began.elapsed().as_secs() < 20,
            "what a crash left is removed"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    drop(housekeeper);
    let found = ask(&second, "GET", "/bucket/a/../k", "");
    assert_eq!(found, (200, Bytes::from_static(body.as_bytes())));
    let found = ask(&second, "GET", "/bucket/few", "");
    assert_eq!(found, (200, Bytes::from("bytes")));
}
