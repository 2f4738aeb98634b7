//! What a server refuses to start with.

use server::{Certificate, Limits, StartError};
use std::net::SocketAddr;

use crate::options;

#[tokio::test]
async fn beyond_loopback_only_when_told_so() {
    let mut options = options(Limits::default());
    options.listen = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = server::listen(&options).await.err().unwrap();
    assert!(
        matches!(refused, StartError::BeyondLoopback(_)),
        "{refused}"
    );
    let directory = tempfile::tempdir().unwrap();
    options.certificate = Some(Certificate::Own {
        directory: directory.path().to_owned(),
        names: Vec::new(),
    });
    assert!(server::listen(&options).await.is_ok(), "over TLS");
    options.certificate = None;
    options.plaintext_beyond_loopback = true;
    assert!(server::listen(&options).await.is_ok());
}

#[tokio::test]
async fn an_address_that_is_taken() {
    let mut options = options(Limits::default());
    let first = server::listen(&options).await.unwrap();
    options.listen = first.address();
    let refused = server::listen(&options).await.err().unwrap();
    assert!(matches!(refused, StartError::Listen { .. }), "{refused}");
}

#[test]
fn sealing_keys_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(Limits::default());
    options.data = Some(directory.path().to_owned());
    drop(server::compose(&options, std::sync::Arc::new(crate::Silent)).unwrap());
    let keys = directory.path().join("sealing-keys");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = server::compose(&options, std::sync::Arc::new(crate::Silent));
    assert!(matches!(refused, Err(StartError::Data { .. })));
}

#[test]
fn a_second_server_on_the_same_directory() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(Limits::default());
    options.data = Some(directory.path().to_owned());
    let first = server::compose(&options, std::sync::Arc::new(crate::Silent)).unwrap();
    let second = server::compose(&options, std::sync::Arc::new(crate::Silent));
    assert!(second.is_err_and(|error| error.to_string().contains("another process")));
    drop(first);
    assert!(server::compose(&options, std::sync::Arc::new(crate::Silent)).is_ok());
}
