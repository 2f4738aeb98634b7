//! Stopping: what is under way is finished, and nothing new is taken.

use server::Limits;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::{options, read, start};

#[tokio::test]
async fn a_request_under_way_is_answered_and_no_other_is_taken() {
    let running = start(&options(Limits::default())).await.unwrap();
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 3\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(running.address).await.is_err());
    stream.write_all(b"a=b").await.unwrap();
    assert!(read(&mut stream).await.starts_with("HTTP/1.1 403 "));
    tokio::time::timeout(Duration::from_secs(5), running.served)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_it_up_and_an_endless_one_not_for_long() {
    let limits = Limits {
        drain_time: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let _idle = TcpStream::connect(running.address).await.unwrap();
    let mut endless = TcpStream::connect(running.address).await.unwrap();
    endless
        .write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), running.served)
        .await
        .unwrap()
        .unwrap();
}
