//! `kill -9` under load: whoever has an answer has a record.

use jiff::Timestamp;
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use wire::sigv4::{Payload, Signer};

use crate::serve::{Running, serve};

const ROUNDS: usize = 100;
const CLIENTS: usize = 8;
/// How many answers there are at least before the server is killed.
const ANSWERS: usize = 20;

const KEY: &str = "AKIAROOTROOTROOTROOT";
const SECRET: &str = "root/secret/root/secret/root/secret/root";

/// A signed request that asks who one is, ready to be sent, again and again.
fn request(address: &str) -> Vec<u8> {
    let head = http::Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let body = b"Action=GetCallerIdentity&Version=2011-06-15";
    signed(address, "sts", head, body)
}

/// A signed request, ready to be sent.
fn signed(address: &str, service: &str, head: http::request::Builder, body: &[u8]) -> Vec<u8> {
    let head = head.header("host", address);
    let (mut parts, ()) = head.body(()).unwrap().into_parts();
    let signer = Signer {
        access_key: KEY.to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: service.to_owned(),
    };
    signer
        .sign(&mut parts, Timestamp::now(), Payload::Bytes(body))
        .unwrap();
    let mut bytes = format!("{} {} HTTP/1.1\r\n", parts.method, parts.uri).into_bytes();
    for (name, value) in &parts.headers {
        bytes.extend(format!("{name}: ").into_bytes());
        bytes.extend(value.as_bytes());
        bytes.extend(b"\r\n");
    }
    bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    bytes.extend(body);
    bytes
}

/// Asks until the server is gone. Returns the ids of the requests that were answered.
fn ask(address: &str, answers: &AtomicUsize) -> Vec<String> {
    let mut ids = Vec::new();
    let request = request(address);
    let Ok(mut stream) = TcpStream::connect(address) else {
        return ids;
    };
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while stream.write_all(&request).is_ok() {
        let Some(id) = answer(&mut reader) else { break };
        ids.push(id);
        answers.fetch_add(1, Ordering::Relaxed);
    }
    ids
}

/// The request id of the next answer; `None` when there is none.
fn answer(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut id, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if line.starts_with("HTTP/") {
            assert_eq!(line, "HTTP/1.1 200 OK");
        } else if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "x-amzn-requestid" | "x-amz-request-id" => id = Some(value.to_owned()),
                "content-length" => length = value.parse().ok()?,
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    // The status line alone promises the record.
    drop(std::io::Read::read_exact(reader, &mut body));
    id
}

fn start(data: &Path) -> Running {
    let mut command = serve(&["--data", data.to_str().unwrap()]);
    command
        .env("PALISADE_ROOT_ACCESS_KEY_ID", KEY)
        .env("PALISADE_ROOT_SECRET_ACCESS_KEY", SECRET);
    Running::start(&mut command)
}

/// Starts the server, asks it from several sides and kills it. Returns the ids that were answered.
fn round(data: &Path) -> Vec<String> {
    let mut server = start(data);
    let answers = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let address = server.url.trim_start_matches("http://").to_owned();
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || ask(&address, &answers))
        })
        .collect();
    let begun = Instant::now();
    while answers.load(Ordering::Relaxed) < ANSWERS {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not answer"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    server.stop("-KILL");
    clients
        .into_iter()
        .flat_map(|client| client.join().unwrap())
        .collect()
}

#[test]
fn nothing_acknowledged_is_unrecorded_after_a_hundred_kills() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut answered = HashSet::new();
    for _ in 0..ROUNDS {
        answered.extend(round(&data));
    }
    // What was torn is cut off at the start.
    assert_eq!(start(&data).stop("-TERM"), Some(0));
    let head = trail::verify(&data.join("trail"), &[]).unwrap();
    let recorded = recorded(&data.join("trail"));
    assert_eq!(head.position.0, recorded.len() as u64);
    let missing: Vec<_> = answered.difference(&recorded).collect();
    assert!(
        missing.is_empty(),
        "{} of {}: {missing:?}",
        missing.len(),
        answered.len()
    );
    assert!(answered.len() >= ROUNDS * ANSWERS);
}

/// The ids of all requests in the log.
fn recorded(trail: &Path) -> HashSet<String> {
    let mut ids = HashSet::new();
    for entry in std::fs::read_dir(trail).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            let text = std::fs::read_to_string(path).unwrap();
            for line in text.lines().skip(1) {
                let json = line.get(67..).unwrap();
                let event: trail::Event = serde_json::from_str(json).unwrap();
                ids.insert(event.request_id);
            }
        }
    }
    ids
}

/// So much lies in the state, and after some 600 of them they are put into its tables.
const OBJECT: usize = 10 << 10;

/// The object `number` of a client, or a request for it.
fn object(address: &str, (method, client, number): (&str, usize, usize)) -> Vec<u8> {
    let path = format!("/objects/{client}/{number}");
    let head = http::Request::builder().method(method).uri(path);
    let body = if method == "PUT" {
        vec![b'x'; OBJECT]
    } else {
        Vec::new()
    };
    signed(address, "s3", head, &body)
}

/// Asks once. Whether the answer was 200.
fn succeeds(stream: &mut TcpStream, request: &[u8]) -> bool {
    let mut answer = [0; 12];
    let answered = stream
        .write_all(request)
        .and_then(|()| std::io::Read::read_exact(stream, &mut answer));
    answered.is_ok() && answer == *b"HTTP/1.1 200"
}

/// Puts objects until the server is gone or there is an end of them. Returns how many were acknowledged.
fn upload(address: &str, (client, from): (usize, usize), answers: &AtomicUsize) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for number in from.. {
        let put = object(address, ("PUT", client, number));
        if stream.write_all(&put).is_err() || answer(&mut reader).is_none() {
            return number;
        }
        answers.fetch_add(1, Ordering::Relaxed);
    }
    from
}

#[test]
fn nothing_acknowledged_is_lost_after_kills_while_it_is_put_into_the_tables() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut put = [0; CLIENTS];
    let mut before = 0;
    for round in 0..12 {
        let mut server = start(&data);
        let address = server.url.trim_start_matches("http://").to_owned();
        let once = |request: &[u8]| succeeds(&mut TcpStream::connect(&address).unwrap(), request);
        if round == 0 {
            let bucket = http::Request::put("/objects");
            assert!(once(&signed(&address, "s3", bucket, b"")));
        }
        for (client, count) in put.into_iter().enumerate() {
            // The latest are the ones in danger, and the others stand for all.
            let some = (0..count).rev().take(40).chain((0..count).step_by(50));
            for number in some {
                let there = object(&address, ("HEAD", client, number));
                assert!(once(&there), "round {round}: {number} of {client} is gone");
            }
        }
        let answers = AtomicUsize::new(0);
        // At another moment each time.
        let enough = 100 + round * 97;
        std::thread::scope(|scope| {
            let uploads: Vec<_> = put
                .into_iter()
                .enumerate()
                .map(|from| {
                    let (address, answers) = (&address, &answers);
                    scope.spawn(move || upload(address, from, answers))
                })
                .collect();
            let begun = Instant::now();
            while answers.load(Ordering::Relaxed) < enough {
                assert!(
                    begun.elapsed() < Duration::from_secs(60),
                    "it does not answer"
                );
                std::thread::sleep(Duration::from_millis(1));
            }
            server.stop("-KILL");
            for (count, upload) in put.iter_mut().zip(uploads) {
                *count = upload.join().unwrap();
            }
        });
        before += enough;
    }
    assert!(put.iter().sum::<usize>() >= before);
    // After an end in order nothing is left beside the tables.
    assert_eq!(start(&data).stop("-TERM"), Some(0));
    let files = std::fs::read_dir(&data).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = names.filter(|name| name.contains("-changes")).collect();
    assert_eq!(left, [""; 0]);
}
