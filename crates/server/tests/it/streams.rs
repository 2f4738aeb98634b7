//! Bodies that are received while they come, and given while they leave.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use jiff::Timestamp;
use server::Limits;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wire::sigv4::{Payload, Signer};

use crate::{options, read, start};

/// The head of a request by the root user, whose body is not signed.
pub(crate) fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let signer = Signer {
        access_key: "AKIAROOT".to_owned(),
        secret: "secret".to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
    };
    signer
        .sign(&mut parts, Timestamp::now(), Payload::Unsigned)
        .unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in &parts.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    text.push_str("\r\n");
    text
}

pub(crate) async fn send(address: SocketAddr, head: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may answer before it has read everything.
    drop(stream.write_all(body).await);
    stream
}

pub(crate) async fn ask(address: SocketAddr, head: &str, body: &[u8]) -> String {
    read(&mut send(address, head, body).await).await
}

/// What comes next.
async fn some(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    let count = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer));
    let count = count.await.unwrap().unwrap();
    String::from_utf8_lossy(buffer.get(..count).unwrap()).into_owned()
}

pub(crate) fn put(key: &str, length: usize, more: &[(&str, &str)]) -> String {
    let length = length.to_string();
    let mut headers = vec![("content-length", length.as_str()), ("connection", "close")];
    headers.extend_from_slice(more);
    head("PUT", &format!("/bucket/{key}"), &headers)
}

pub(crate) fn get(key: &str) -> String {
    head("GET", &format!("/bucket/{key}"), &[("connection", "close")])
}

async fn with_bucket(limits: Limits) -> crate::Running {
    let running = start(&options(limits)).await.unwrap();
    let made = head("PUT", "/bucket", &[("connection", "close")]);
    assert!(
        ask(running.address, &made, b"")
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    running
}

#[tokio::test]
async fn a_body_is_asked_for_when_the_request_is_permitted_and_not_before() {
    let running = with_bucket(Limits::default()).await;
    let waits = [("expect", "100-continue")];
    let permitted = put("k", 5, &waits);
    let mut stream = send(running.address, &permitted, b"").await;
    assert!(some(&mut stream).await.starts_with("HTTP/1.1 100 "));
    stream.write_all(b"hello").await.unwrap();
    assert!(some(&mut stream).await.starts_with("HTTP/1.1 200 "));

    let nobody = "PUT /bucket/k HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5000\r\n\
                  expect: 100-continue\r\n\r\n";
    let forged = put("k", 5_000, &waits).replace("/bucket/k", "/bucket/other");
    for refused in [nobody, forged.as_str()] {
        let began = Instant::now();
        let mut stream = send(running.address, refused, b"").await;
        assert!(some(&mut stream).await.starts_with("HTTP/1.1 403 "));
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    let absent = put("k", 5_000, &waits).replace("PUT /bucket", "PUT /nowhere");
    let answer = ask(running.address, &absent, b"").await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn a_body_above_the_limit_of_memory_is_received_and_given() {
    let limits = Limits {
        body: 1_000,
        bodies: 0,
        ..Limits::default()
    };
    let running = with_bucket(limits).await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|i| (i / 11) as u8).collect();
    let answer = ask(running.address, &put("k", body.len(), &[]), &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let mut stream = send(running.address, &get("k"), b"").await;
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    assert!(all.ends_with(&body));
    assert!(String::from_utf8_lossy(&all).contains("\r\ncontent-length: 3000000\r\n"));
}

#[tokio::test]
async fn a_body_that_stops_or_crawls_is_given_up_and_leaves_nothing() {
    let limits = Limits {
        body_pause: Duration::from_millis(400),
        upload_rate: 1 << 20,
        ..Limits::default()
    };
    let running = with_bucket(limits).await;
    let began = Instant::now();
    let stopped = ask(running.address, &put("k", 1 << 20, &[]), &[7; 1_000]).await;
    assert!(stopped.contains("<Code>RequestTimeout</Code>"), "{stopped}");
    assert!(began.elapsed() < Duration::from_secs(8));

    // Something comes all the time, but too little of it.
    let mut stream = send(running.address, &put("k", 1 << 20, &[]), b"").await;
    let mut answer = String::new();
    for _ in 0..50 {
        drop(stream.write_all(&[7; 100]).await);
        let mut buffer = [0; 4096];
        let soon = Duration::from_millis(100);
        if let Ok(Ok(count)) = tokio::time::timeout(soon, stream.read(&mut buffer)).await {
            answer = String::from_utf8_lossy(buffer.get(..count).unwrap()).into_owned();
            break;
        }
    }
    assert!(answer.contains("RequestTimeout"), "{answer}");

    let cut = send(running.address, &put("k", 1 << 20, &[]), &[7; 1_000]).await;
    drop(cut);
    let answer = ask(running.address, &get("k"), b"").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[tokio::test]
async fn slow_uploads_hold_no_place_that_others_need() {
    let limits = Limits {
        bodies: 1 << 20,
        ..Limits::default()
    };
    let running = with_bucket(limits).await;
    let mut slow = Vec::new();
    for number in 0..64 {
        let head = put(&format!("slow{number}"), 8 << 20, &[]);
        slow.push(send(running.address, &head, &[7; 100_000]).await);
    }
    let body = vec![7; 2 << 20];
    let answer = ask(running.address, &put("k", body.len(), &[]), &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let limits = Limits {
        answer_pause: Duration::from_millis(300),
        ..Limits::default()
    };
    let running = with_bucket(limits).await;
    let body = vec![7; 40 << 20];
    let answer = ask(running.address, &put("k", body.len(), &[]), &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let mut stream = send(running.address, &get("k"), b"").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut all = Vec::new();
    // Closed or reset, it ends before all has come.
    drop(tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await);
    assert!(all.len() < body.len(), "{}", all.len());
}
