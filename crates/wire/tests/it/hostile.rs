//! Whatever comes in, the answer is a value or an error.

use bytes::Bytes;
use catalog::shapes;
use http::{HeaderName, HeaderValue, Request, request::Parts};
use jiff::Timestamp;
use proptest::prelude::*;
use wire::protocol::{self, Dialect};
use wire::route::{Router, Target};
use wire::sigv4::{self, Payload, Signer, SigningKey, sha256};

use crate::support::stamp;

/// Pieces that readers look for, so that random input gets past the first check.
const PIECES: &[&str] = &[
    "AWS4-HMAC-SHA256 Credential=",
    "AKID/20261122/us-east-1/s3/aws4_request",
    ", SignedHeaders=",
    "host;x-amz-date",
    ", Signature=",
    "20261122T050000Z",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    "&X-Amz-Credential=",
    "&X-Amz-Date=",
    "&X-Amz-Expires=60",
    "&X-Amz-SignedHeaders=host",
    "&X-Amz-Signature=00",
    "Action=AssumeRole",
    "&Version=2011-06-15",
    "&Tags.member.1.Key=",
    "&Tags.",
    "{\"TrainingJobName\":",
    "\"a\"",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "null",
    "1e999",
    "-1",
    "\u{1F600}",
    "<Delete>",
    "<Object>",
    "<Key>",
    "</Key>",
    "</Object>",
    "</Delete>",
    "&#0;",
    "&amp;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "%",
    "%2F",
    "%ff",
    "/",
    "..",
    "?",
    "&",
    "=",
    "+",
    "\r\n",
    ";chunk-signature=",
    "0",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => "[ -~]{0,8}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Option<Parts> {
    let mut request = Request::new(());
    *request.method_mut() = method.parse().ok()?;
    *request.uri_mut() = format!("/{target}").parse().ok()?;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request
            .headers_mut()
            .append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    Some(request.into_parts().0)
}

proptest! {
    #[test]
    fn signatures(target in text(), authorization in text(), date in text(), hash in text()) {
        let headers = [
            ("host", "h"),
            ("authorization", authorization.as_str()),
            ("x-amz-date", date.as_str()),
            ("x-amz-content-sha256", hash.as_str()),
        ];
        for count in [1, 2, 3, 4] {
            let headers = headers.get(..count).unwrap_or_default();
            if let Some(parts) = request("GET", &target, headers)
                && let Ok(Some(signed)) = sigv4::parse(&parts)
            {
                let key = SigningKey::derive("secret", signed.scope());
                let verified = signed.verify(&key, Timestamp::UNIX_EPOCH, Some(&sha256(b"")));
                prop_assert!(verified.is_err());
            }
        }
    }

    #[test]
    fn bodies(body in text(), operation in any::<proptest::sample::Index>()) {
        for service in shapes::services().iter().filter(|service| service.protocol() != shapes::Protocol::RestXml) {
            let operations: Vec<_> = service.operations().collect();
            let operation = *operation.get(&operations);
            let target = format!("{}.{}", service.target_prefix().unwrap_or_default(), operation.name());
            let form = format!("Action={}&Version={}&", operation.name(), service.api_version());
            let query = service.target_prefix().is_none();
            let body = if query { format!("{form}{body}") } else { body.clone() };
            let parts = request("POST", "", &[("x-amz-target", &target)]).unwrap();
            let target = Router::default().operation(service, &parts, body.as_bytes()).unwrap();
            if let Err(error) = protocol::read(&target, &parts, &Bytes::from(body)) {
                prop_assert_eq!(error.status(), 400);
                let response = Dialect::of(service, &parts).write(&error, &stamp());
                prop_assert!(!response.body().is_empty());
            }
        }
    }

    #[test]
    fn objects(target in text(), header in text(), body in text(), method in 0_usize..6) {
        let s3 = shapes::service("s3").unwrap();
        let method = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"].get(method).unwrap();
        let headers = [("x-amz-tagging", header.as_str()), ("x-amz-meta-a", &header), ("range", &header)];
        if let Some(parts) = request(method, &target, &headers)
            && let Ok(target) = Router::new(["h"]).operation(s3, &parts, b"")
        {
            let _ = protocol::read(&target, &parts, &Bytes::from(body));
        }
    }

    #[test]
    fn what_is_signed_is_believed(
        path in "[ -~é]{0,20}", name in "[ -~é]{0,8}", value in "[ -~é]{0,12}", header in "[!-~]{0,6}( {1,3}[!-~]{1,6}){0,2}",
        s3 in any::<bool>(), body in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let service = if s3 { "s3" } else { "sts" };
        let signer = Signer {
            access_key: "AKID".to_owned(),
            secret: "secret".to_owned(),
            session_token: None,
            region: "us-east-1".to_owned(),
            service: service.to_owned(),
        };
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().unwrap();
        let uri = |text: &str| wire::uri::encode(text);
        let target = format!("{}?{}={}", wire::uri::encode_path(&path), uri(&name), uri(&value));
        let check = |parts: &Parts| {
            let signed = sigv4::parse(parts).unwrap().unwrap();
            let key = SigningKey::derive("secret", signed.scope());
            signed.verify(&key, now, Some(&sha256(&body))).map(drop)
        };
        let mut parts = request("PUT", &target, &[("host", "h"), ("x-amz-meta-a", &header)]).unwrap();
        signer.sign(&mut parts, now, Payload::Bytes(&body)).unwrap();
        prop_assert_eq!(check(&parts), Ok(()));
        if !name.starts_with("X-Amz-") {
            let mut link = request("PUT", &target, &[("host", "h")]).unwrap();
            signer.presign(&mut link, now, 60, &body).unwrap();
            prop_assert_eq!(check(&link), Ok(()));
        }
    }
}

#[test]
fn a_document_that_is_too_long_is_not_read() {
    let code = |service: &str, operation: &str| {
        let service = shapes::service(service).unwrap();
        let target = Target::of(service.operation(operation).unwrap());
        let parts = request("POST", "/", &[]).unwrap();
        let body = Bytes::from(vec![b' '; (4 << 20) + 1]);
        let error = protocol::read(&target, &parts, &body).unwrap_err();
        error.code().to_owned()
    };
    assert_eq!(code("sagemaker", "CreateModel"), "RequestEntityTooLarge");
    assert_eq!(code("iam", "CreateUser"), "RequestEntityTooLarge");
    assert_eq!(code("s3", "DeleteObjects"), "MaxMessageLengthExceeded");
}
