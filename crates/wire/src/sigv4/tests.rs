//! AWS's own signing suite.
//!
//! Some of its paths hold characters that HTTP does not carry, or are not to be normalised although
//! the service is not S3; for those the canonical request is compared, for all others the whole
//! verification runs.

use http::{HeaderName, HeaderValue, Request, request::Parts};
use serde_json::Value;

use super::canonical::head;
use super::{SigningKey, parse, sha256};

const SUITE: &str = include_str!("../../tests/data/signing-suite.json");

/// The request as a server gets it, its body, and whether the path had to be encoded for that.
fn request(text: &str) -> (Parts, Vec<u8>, bool) {
    let (top, body) = text.split_once("\n\n").unwrap();
    let unfolded = top.replace("\n ", " ");
    let mut lines = unfolded.lines();
    let first = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
    let (method, target) = first.split_once(' ').unwrap();
    let wire: String = target
        .bytes()
        .map(|b| {
            if b.is_ascii_graphic() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let mut request = Request::new(());
    *request.method_mut() = method.parse().unwrap();
    *request.uri_mut() = wire.parse().unwrap();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let value = HeaderValue::from_bytes(value.trim().as_bytes()).unwrap();
        request
            .headers_mut()
            .append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
    }
    (
        request.into_parts().0,
        body.as_bytes().to_vec(),
        wire != target,
    )
}

#[test]
fn every_case_of_the_suite_agrees() {
    let cases: Vec<Value> = serde_json::from_str(SUITE).unwrap();
    let mut verified = 0;
    for case in &cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let (mut parts, body, encoded) = request(text("request"));
        if case["omit_session_token"] == true {
            // Added after signing, which we refuse; without it the signature holds.
            parts.headers.remove("x-amz-security-token");
            let target = parts.uri.to_string();
            let kept: Vec<&str> = target
                .split('&')
                .filter(|p| !p.starts_with("X-Amz-Security-Token"))
                .collect();
            parts.uri = kept.join("&").parse().unwrap();
        }
        let (canonical, hash) = text("canonical").rsplit_once('\n').unwrap();
        let names = canonical.rsplit('\n').next().unwrap();
        let names: Vec<&str> = names.split(';').collect();
        let as_sent = case["normalize"] == false || encoded;
        let head = String::from_utf8(head(&parts, &names, as_sent)).unwrap();
        assert_eq!(head.trim_end(), canonical, "{}", text("name"));
        assert_eq!(hash, hex::encode(sha256(&body)), "{}", text("name"));
        if as_sent {
            continue;
        }
        let signed = parse(&parts).unwrap().unwrap();
        let key = SigningKey::derive(text("secret"), signed.scope());
        let now = text("time").parse().unwrap();
        let result = signed.verify(&key, now, Some(&sha256(&body)));
        assert_eq!(result.unwrap().signature(), text("signature"));
        verified += 1;
    }
    assert_eq!((cases.len(), verified), (76, 56));
}
