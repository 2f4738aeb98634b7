//! Objects' bytes in another store: a second platform, which knows nothing of the first.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use server::{Limits, Options, Remote, RemoteCredentials};
use std::net::SocketAddr;
use std::path::Path;
use tokio::io::AsyncReadExt as _;

use crate::streams::{ask, get, head, put, send};
use crate::{Running, options, start};

/// The second platform, with a bucket.
async fn store() -> Running {
    let running = start(&options(Limits::default())).await.unwrap();
    let made = head("PUT", "/far", &[("connection", "close")]);
    let answer = ask(running.address, &made, b"").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    running
}

fn on(store: SocketAddr, data: &Path, prefix: &str) -> Options {
    let credentials = RemoteCredentials {
        id: "AKIAROOT".to_owned(),
        secret: "secret".to_owned(),
        token: None,
    };
    let url = format!("s3://far/{prefix}?endpoint=http://{store}");
    Options {
        data: Some(data.to_owned()),
        objects: Some(Remote::parse(&url, credentials).unwrap()),
        ..options(Limits::default())
    }
}

/// The names of what lies in the store.
async fn names(store: SocketAddr) -> Vec<String> {
    let list = head("GET", "/far?list-type=2", &[("connection", "close")]);
    let text = ask(store, &list, b"").await;
    let keys = text.split("<Key>").skip(1);
    keys.map(|key| key.split('<').next().unwrap().to_owned())
        .collect()
}

async fn fetched(address: SocketAddr, key: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut stream = send(address, &get(key), b"").await;
    stream.read_to_end(&mut all).await.unwrap();
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    all.split_off(end + 4)
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_go_there_and_come_back_and_orphans_are_swept() {
    let store = store().await;
    let data = tempfile::tempdir().unwrap();
    let options = on(store.address, data.path(), "a/b");
    let first = start(&options).await.unwrap();
    let made = head("PUT", "/bucket", &[("connection", "close")]);
    assert!(ask(first.address, &made, b"").await.contains(" 200 "));
    let body: Vec<u8> = (0..20_000_000_u32).map(|i| (i / 13) as u8).collect();
    for key in ["k", "gone"] {
        let answer = ask(first.address, &put(key, body.len(), &[]), &body).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    assert!(fetched(first.address, "k").await == body);
    let across = [("connection", "close"), ("range", "bytes=8388600-8388615")];
    let part = ask(first.address, &head("GET", "/bucket/k", &across), b"").await;
    assert!(
        part.contains("content-range: bytes 8388600-8388615/20000000"),
        "{part}"
    );
    let there = names(store.address).await;
    assert_eq!(
        there.len(),
        1 + 2 * 3,
        "a mark, and three pieces each: {there:?}"
    );
    assert!(there.iter().all(|name| name.starts_with("a/b/")));

    let delete = head("DELETE", "/bucket/gone", &[("connection", "close")]);
    assert!(ask(first.address, &delete, b"").await.contains(" 204 "));
    assert_eq!(names(store.address).await.len(), 1 + 3);
    first.stop.send(()).unwrap();
    first.served.await.unwrap();

    let orphan = head(
        "PUT",
        "/far/a/b/zz/zzzz",
        &[("content-length", "2"), ("connection", "close")],
    );
    assert!(ask(store.address, &orphan, b"zz").await.contains(" 200 "));
    // A backup knows that the bytes are elsewhere, also where there is a folder for them.
    std::fs::create_dir(data.path().join("objects")).unwrap();
    let backup = server::Backup {
        data: data.path().to_owned(),
        store: None,
        root_key_file: None,
        to: data.path().join("backup"),
        with_keys: false,
    };
    let done = tokio::task::spawn_blocking(move || server::backup(&backup));
    let done = done.await.unwrap().unwrap();
    assert_eq!((done.objects, done.lost), (None, Vec::new()));
    let second = start(&options).await.unwrap();
    let housekeeper = server::Housekeeper::start(second.platform.upgrade().unwrap()).unwrap();
    let began = std::time::Instant::now();
    while names(store.address).await.len() != 1 + 3 {
        assert!(began.elapsed().as_secs() < 20, "the orphan is swept");
    }
    tokio::task::spawn_blocking(move || drop(housekeeper))
        .await
        .unwrap();
    assert!(fetched(second.address, "k").await == body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_belongs_to_one_platform() {
    let store = store().await;
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = start(&on(store.address, one.path(), "shared"))
        .await
        .unwrap();
    let refused = start(&on(store.address, two.path(), "shared")).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("choose another prefix")));
    start(&on(store.address, two.path(), "other"))
        .await
        .unwrap();
    drop(first);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_elsewhere_is_not_looked_for_here_nor_the_other_way_round() {
    let store = store().await;
    let data = tempfile::tempdir().unwrap();
    let far = on(store.address, data.path(), "p");
    let near = Options {
        objects: None,
        ..far.clone()
    };
    for (first, then, hint) in [
        (&near, &far, "leave `--objects` out"),
        (&far, &near, "name it with `--objects`"),
    ] {
        let running = start(first).await.unwrap();
        let made = head("PUT", "/bucket", &[("connection", "close")]);
        ask(running.address, &made, b"").await;
        let answer = ask(running.address, &put("k", 100_000, &[]), &[7; 100_000]).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        running.stop.send(()).unwrap();
        running.served.await.unwrap();
        let refused = start(then).await;
        assert!(refused.is_err_and(|error| error.to_string().contains(hint)));
        let running = start(first).await.unwrap();
        let delete = head("DELETE", "/bucket/k", &[("connection", "close")]);
        ask(running.address, &delete, b"").await;
        running.stop.send(()).unwrap();
        running.served.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_leaves_no_object() {
    let store = store().await;
    let data = tempfile::tempdir().unwrap();
    let running = start(&on(store.address, data.path(), "p")).await.unwrap();
    let made = head("PUT", "/bucket", &[("connection", "close")]);
    assert!(ask(running.address, &made, b"").await.contains(" 200 "));
    let empty = head(
        "DELETE",
        "/far/p/palisade-owner",
        &[("connection", "close")],
    );
    ask(store.address, &empty, b"").await;
    let gone = head("DELETE", "/far", &[("connection", "close")]);
    assert!(ask(store.address, &gone, b"").await.contains(" 204 "));
    let answer = ask(running.address, &put("k", 100_000, &[]), &[7; 100_000]).await;
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    let answer = ask(running.address, &get("k"), b"").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
