//! TLS: what is agreed on, who is told what, and that nobody holds up the others.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use server::{Certificate, Limits, Options, StartError};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version,
};

use crate::{options, start, talk};

const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
    content-type: application/x-www-form-urlencoded\r\ncontent-length: 3\r\n\r\na=b";

fn own(directory: &Path, names: &[&str]) -> Option<Certificate> {
    Some(Certificate::Own {
        directory: directory.to_owned(),
        names: names.iter().map(|&name| name.to_owned()).collect(),
    })
}

fn with(certificate: Option<Certificate>, limits: Limits) -> Options {
    Options {
        certificate,
        ..options(limits)
    }
}

/// Connects as a client that trusts `directory`'s authority and calls the server `name`.
async fn connect(
    directory: &Path,
    address: SocketAddr,
    name: &'static str,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(directory.join("ca.pem")).unwrap();
    roots.add(authority).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

#[tokio::test]
async fn a_request_is_answered_over_each_version() {
    let directory = tempfile::tempdir().unwrap();
    let own = own(directory.path(), &["palisade.example"]);
    let running = start(&with(own, Limits::default())).await.unwrap();
    for (offered, agreed) in [
        (BOTH, ProtocolVersion::TLSv1_3),
        (&[&version::TLS12], ProtocolVersion::TLSv1_2),
    ] {
        for name in ["localhost", "127.0.0.1", "palisade.example"] {
            let connected = connect(directory.path(), running.address, name, offered).await;
            let mut stream = connected.unwrap();
            assert_eq!(stream.get_ref().1.protocol_version(), Some(agreed));
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            stream.write_all(REQUEST).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        }
    }
    let stranger = connect(directory.path(), running.address, "other.example", BOTH).await;
    assert!(stranger.is_err(), "it has no certificate for another name");
}

#[tokio::test]
async fn plain_http_is_told_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let own = own(directory.path(), &[]);
    let running = start(&with(own, Limits::default())).await.unwrap();
    let answer = talk(running.address, REQUEST).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(body.contains("https://"), "{answer}");
    let length = format!("content-length: {}", body.len());
    assert!(head.contains(&length), "{answer}");
}

#[tokio::test]
async fn a_stalled_handshake_ends_in_time_and_holds_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let limits = Limits {
        handshake_time: Duration::from_secs(1),
        ..Limits::default()
    };
    let running = start(&with(own(directory.path(), &[]), limits))
        .await
        .unwrap();
    let mut stalled = TcpStream::connect(running.address).await.unwrap();
    let mut half = TcpStream::connect(running.address).await.unwrap();
    half.write_all(&[22, 3, 1, 0]).await.unwrap();
    let began = Instant::now();
    let mut served = connect(directory.path(), running.address, "localhost", BOTH)
        .await
        .unwrap();
    served.write_all(REQUEST).await.unwrap();
    assert!(served.read_u8().await.is_ok());
    assert!(began.elapsed() < Duration::from_secs(1));
    for stream in [&mut stalled, &mut half] {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest));
        assert!(closed.await.is_ok(), "closed by the server");
    }
}

#[tokio::test]
async fn a_stalled_handshake_does_not_hold_up_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let own = own(directory.path(), &[]);
    let running = start(&with(own, Limits::default())).await.unwrap();
    let _stalled = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(3), running.served);
    ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_authority_outlives_the_server_and_its_key_is_private() {
    let directory = tempfile::tempdir().unwrap();
    let own = own(directory.path(), &[]);
    for _ in 0..2 {
        let running = start(&with(own.clone(), Limits::default())).await.unwrap();
        let authority = fs::read(directory.path().join("ca.pem")).unwrap();
        let again = start(&with(own.clone(), Limits::default())).await.unwrap();
        assert_eq!(
            authority,
            fs::read(directory.path().join("ca.pem")).unwrap()
        );
        for address in [running.address, again.address] {
            let connected = connect(directory.path(), address, "localhost", BOTH).await;
            assert!(connected.is_ok());
        }
    }
    let key = directory.path().join("ca-key.pem");
    let mode = fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = server::listen(&with(own, Limits::default())).await.err();
    assert!(refused.unwrap().to_string().contains("chmod 600"));
}

#[tokio::test]
async fn files_that_hold_no_certificate_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let (chain, key) = (
        directory.path().join("c.pem"),
        directory.path().join("k.pem"),
    );
    let files = || Certificate::Files {
        chain: chain.clone(),
        key: key.clone(),
    };
    for text in [None, Some("nothing"), Some("-----BEGIN CERTIFICATE-----\n")] {
        if let Some(text) = text {
            fs::write(&chain, text).unwrap();
        }
        let refused = server::listen(&with(Some(files()), Limits::default())).await;
        match refused.err() {
            Some(StartError::Data { path, .. }) => assert_eq!(path, chain),
            other => panic!("{other:?}"),
        }
    }
}
