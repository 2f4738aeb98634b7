//! One client cannot take all there is.

use server::Limits;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{options, start, talk};

const HEAD: &str = "POST / HTTP/1.1\r\nhost: localhost\r\n\
                    content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n";

#[tokio::test]
async fn a_request_is_answered() {
    let running = start(&options(Limits::default())).await.unwrap();
    let request = format!("{HEAD}content-length: 3\r\n\r\na=b");
    let answer = talk(running.address, request.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(
        answer.contains("<Code>MissingAuthenticationToken</Code>"),
        "{answer}"
    );
    assert!(answer.contains("\r\ndate: "), "{answer}");
}

#[tokio::test]
async fn a_large_body_is_refused_whether_its_length_is_told_or_not() {
    let limits = Limits {
        body: 1_000,
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let body = "x".repeat(2_000);
    for request in [
        format!("{HEAD}content-length: 2000\r\n\r\n{body}"),
        format!("{HEAD}transfer-encoding: chunked\r\n\r\n7d0\r\n{body}\r\n0\r\n\r\n"),
    ] {
        let answer = talk(running.address, request.as_bytes()).await.unwrap();
        // Unsigned, it is refused for that; what counts is that it was not read to its end.
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_large_is_not_waited_for() {
    let limits = Limits {
        bodies: 0,
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let request = format!("{HEAD}content-length: 99999999999\r\n\r\nabc");
    let answer = talk(running.address, request.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn bodies_beyond_what_all_may_take_are_refused_and_small_ones_are_served() {
    let limits = Limits {
        bodies: 300_000,
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let request = |size: usize| format!("{HEAD}content-length: {size}\r\n\r\n");
    let mut held = Vec::new();
    // Each sends most of a body and then nothing more.
    for _ in 0..3 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let slow = request(200_000) + &"x".repeat(150_000);
        stream.write_all(slow.as_bytes()).await.unwrap();
        held.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let large = request(200_000) + &"x".repeat(200_000);
    let answer = talk(running.address, large.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let small = request(50_000) + &"x".repeat(50_000);
    let answer = talk(running.address, small.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = talk(running.address, large.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let limits = Limits {
        connections: 2,
        head_time: Duration::from_secs(1),
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let mut idle = Vec::new();
    for _ in 0..2 {
        idle.push(TcpStream::connect(running.address).await.unwrap());
    }
    let began = Instant::now();
    let mut third = TcpStream::connect(running.address).await.unwrap();
    let request = format!("{HEAD}content-length: 3\r\n\r\na=b");
    third.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    third.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 403");
    // Those who say nothing lose their place.
    assert!(began.elapsed() > Duration::from_millis(500));
}

#[tokio::test]
async fn a_body_that_does_not_come_ends_in_time() {
    let limits = Limits {
        body_time: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let began = Instant::now();
    let request = format!("{HEAD}content-length: 10\r\n\r\nabc");
    let answer = talk(running.address, request.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_head_that_is_too_long_or_too_slow_is_refused() {
    let limits = Limits {
        head: 8 << 10,
        headers: 10,
        head_time: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = start(&options(limits)).await.unwrap();
    let long = format!("{HEAD}x: {}\r\n\r\n", "y".repeat(16 << 10));
    let many = format!("{HEAD}{}\r\n", "x: y\r\n".repeat(20));
    for request in [long, many] {
        let answer = talk(running.address, request.as_bytes()).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let began = Instant::now();
    let slow = talk(running.address, b"POST / HTTP/1.1\r\nhost: lo")
        .await
        .unwrap();
    assert!(
        slow.is_empty() || slow.starts_with("HTTP/1.1 408 "),
        "{slow}"
    );
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "closed by the server, not by the pause"
    );
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let running = start(&options(Limits::default())).await.unwrap();
    for nonsense in [
        "\x16\x03\x01\x02\x00",
        "GET\r\n\r\n",
        "POST / HTTP/9.9\r\n\r\n",
    ] {
        let answer = talk(running.address, nonsense.as_bytes()).await.unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
}
