//! The proxy: AWS's names lead here, others nowhere.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use server::{Limits, Options, ProxyOptions};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::{options, read, start, talk};

/// A server that is a proxy as well, and the proxy's address.
async fn proxied(directory: &Path, limits: Limits) -> (crate::Running, SocketAddr) {
    let wanted = Options {
        proxy: Some(ProxyOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            authority: directory.to_owned(),
        }),
        ..options(limits)
    };
    let running = start(&wanted).await.unwrap();
    let proxy = running.proxy.unwrap();
    (running, proxy)
}

async fn through(
    directory: &Path,
    proxy: SocketAddr,
    asked: &str,
    name: &'static str,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut stream = TcpStream::connect(proxy).await?;
    let head = format!("CONNECT {asked} HTTP/1.1\r\nhost: {asked}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await?);
    }
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        let text = String::from_utf8_lossy(&answer).into_owned();
        return Err(std::io::Error::other(text));
    }
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(directory.join("ca.pem")).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn a_name_of_awss_leads_here() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, proxy) = proxied(directory.path(), Limits::default()).await;
    for (asked, name) in [
        (
            "sts.us-east-1.amazonaws.com:443",
            "sts.us-east-1.amazonaws.com",
        ),
        (
            "STS.us-east-1.AMAZONAWS.com:443",
            "sts.us-east-1.amazonaws.com",
        ),
        (
            "b.s3.cn-north-1.amazonaws.com.cn:443",
            "b.s3.cn-north-1.amazonaws.com.cn",
        ),
    ] {
        let mut stream = through(directory.path(), proxy, asked, name).await.unwrap();
        let request = "POST / HTTP/1.1\r\nhost: sts.us-east-1.amazonaws.com\r\nconnection: close\r\n\
            content-type: application/x-www-form-urlencoded\r\ncontent-length: 3\r\n\r\na=b";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("MissingAuthenticationToken"), "{answer}");
    }
    let other = "sts.us-east-1.amazonaws.com:443";
    let stranger = through(directory.path(), proxy, other, "s3.amazonaws.com").await;
    assert!(
        stranger.is_err(),
        "the certificate is for the name that was asked for"
    );
}

#[tokio::test]
async fn other_names_and_other_requests_are_turned_away() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, proxy) = proxied(directory.path(), Limits::default()).await;
    for target in [
        "example.com:443",
        "amazonaws.com.example.com:443",
        "xamazonaws.com:443",
        "169.254.169.254:443",
        "sts.us-east-1.amazonaws.com:22",
        "sts.us-east-1.amazonaws.com",
    ] {
        let head = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n");
        let answer = talk(proxy, head.as_bytes()).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{target}: {answer}");
        assert!(answer.contains("NO_PROXY"), "{answer}");
    }
    let plain = b"GET http://s3.amazonaws.com/ HTTP/1.1\r\nhost: s3.amazonaws.com\r\n\r\n";
    let answer = talk(proxy, plain).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.contains("HTTPS_PROXY"), "{answer}");
    let noise = talk(proxy, b"\x16\x03\x01\x00\x05hello").await.unwrap();
    assert!(!noise.starts_with("HTTP/1.1 200"), "{noise}");
}

#[tokio::test]
async fn who_asks_for_nothing_is_let_go_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let limits = Limits {
        handshake_time: Duration::from_secs(1),
        ..Limits::default()
    };
    let (running, proxy) = proxied(directory.path(), limits).await;
    let mut silent = TcpStream::connect(proxy).await.unwrap();
    let mut half = TcpStream::connect(proxy).await.unwrap();
    let name = "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nhost: s3.amazonaws.com:443\r\n\r\n";
    half.write_all(name.as_bytes()).await.unwrap();
    assert!(read(&mut half).await.starts_with("HTTP/1.1 200 "));
    for stream in [&mut silent, &mut half] {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest));
        assert!(closed.await.is_ok(), "closed by the server");
    }
    let _waiting = TcpStream::connect(proxy).await.unwrap();
    running.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(3), running.served);
    ended.await.unwrap().unwrap();
}
