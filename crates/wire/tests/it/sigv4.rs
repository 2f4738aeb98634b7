//! Signatures: botocore's are believed, altered and late ones are not, and the refusal is AWS's.

use http::{HeaderName, Request, request::Parts};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use wire::error::{Family, WireError};
use wire::sigv4::{AuthError, BodyRule, KeyCache, Payload, Signer, SigningKey, parse, sha256};

const BOTOCORE: &str = include_str!("../data/botocore-signer.json");
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn now() -> Timestamp {
    "2026-11-22T05:00:00Z".parse().unwrap()
}

fn minutes(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

fn parts(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn signer(service: &str) -> Signer {
    Signer {
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: service.to_owned(),
    }
}

fn signed(service: &str, body: &[u8]) -> Parts {
    let mut parts = parts("POST", "/", &[("host", "127.0.0.1:4566")]);
    signer(service)
        .sign(&mut parts, now(), Payload::Bytes(body))
        .unwrap();
    parts
}

fn check(parts: &Parts, now: Timestamp, body: &[u8]) -> Result<BodyRule, AuthError> {
    let signed = parse(parts)?.ok_or(AuthError::Missing)?;
    let key = SigningKey::derive(SECRET, signed.scope());
    Ok(signed.verify(&key, now, Some(&sha256(body)))?.body())
}

fn wire_error(result: Result<BodyRule, AuthError>, family: Family) -> WireError {
    result.unwrap_err().to_wire(family)
}

#[test]
fn botocores_signatures_are_believed() {
    let cases: Vec<Value> = serde_json::from_str(BOTOCORE).unwrap();
    assert_eq!(cases.len(), 15);
    for case in &cases {
        let headers: Vec<(&str, &str)> = case["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        let text = |name: &str| case[name].as_str().unwrap();
        let parts = parts(text("method"), text("target"), &headers);
        let request = parse(&parts).unwrap().unwrap();
        assert_eq!(
            request.session_token(),
            case["token"].as_str(),
            "{}",
            text("name")
        );
        assert_eq!(request.access_key(), "AKIAIOSFODNN7EXAMPLE");
        let key = SigningKey::derive(SECRET, request.scope());
        let body = text("body").as_bytes();
        let hash = (!text("name").contains("trailer")).then(|| sha256(body));
        let verified = request.verify(&key, now(), hash.as_ref());
        assert!(verified.is_ok(), "{}: {verified:?}", text("name"));
    }
}

#[test]
fn s3_declares_how_its_body_is_covered() {
    for (declared, rule) in [
        ("UNSIGNED-PAYLOAD", BodyRule::Unsigned),
        (
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            BodyRule::UnsignedChunks,
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            BodyRule::SignedChunks { trailer: false },
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            BodyRule::SignedChunks { trailer: true },
        ),
    ] {
        let mut parts = parts("PUT", "/b/k", &[("host", "h")]);
        signer("s3")
            .sign(&mut parts, now(), Payload::Declared(declared))
            .unwrap();
        assert_eq!(check(&parts, now(), b"any"), Ok(rule));
    }
    let mut parts = parts("PUT", "/b/k", &[("host", "h")]);
    signer("s3")
        .sign(&mut parts, now(), Payload::Declared("0123"))
        .unwrap();
    let error = wire_error(check(&parts, now(), b""), Family::S3);
    assert_eq!((error.code(), error.status()), ("InvalidArgument", 400));
}

#[test]
fn anything_altered_breaks_the_signature() {
    let body = b"Action=GetCallerIdentity";
    assert_eq!(
        check(&signed("sts", body), now(), body),
        Ok(BodyRule::Covered)
    );
    assert!(matches!(
        check(&signed("sts", body), now(), b"x"),
        Err(AuthError::Mismatch { .. })
    ));
    let alterations: [fn(&mut Parts); 6] = [
        |parts| parts.method = http::Method::PUT,
        |parts| parts.uri = "/other".parse().unwrap(),
        |parts| parts.uri = "/?a=b".parse().unwrap(),
        |parts| drop(parts.headers.insert("host", "elsewhere".parse().unwrap())),
        |parts| {
            drop(
                parts
                    .headers
                    .insert("x-amz-date", "20261122T050001Z".parse().unwrap()),
            )
        },
        |parts| assert!(parts.headers.append("host", "second".parse().unwrap())),
    ];
    for (number, alter) in alterations.iter().enumerate() {
        let mut parts = signed("sts", body);
        alter(&mut parts);
        let result = check(&parts, now(), body);
        assert!(
            matches!(result, Err(AuthError::Mismatch { .. })),
            "{number}: {result:?}"
        );
    }
    let request = parse(&signed("sts", body)).unwrap().unwrap();
    let key = SigningKey::derive("another secret", request.scope());
    assert!(request.verify(&key, now(), Some(&sha256(body))).is_err());
}

#[test]
fn a_key_of_another_scope_verifies_nothing() {
    let request = parse(&signed("sts", b"")).unwrap().unwrap();
    let mut scope = request.scope().clone();
    scope.region = "eu-west-1".to_owned();
    let key = SigningKey::derive(SECRET, &scope);
    assert!(request.verify(&key, now(), Some(&sha256(b""))).is_err());
}

#[test]
fn a_body_that_is_covered_must_be_given() {
    let request = parse(&signed("sts", b"")).unwrap().unwrap();
    assert!(request.signs_body());
    let key = SigningKey::derive(SECRET, request.scope());
    assert_eq!(
        request.verify(&key, now(), None).unwrap_err(),
        AuthError::BodyNeeded
    );
}

#[test]
fn headers_of_amazon_must_be_signed() {
    let mut parts = signed("s3", b"");
    parts
        .headers
        .insert("x-amz-copy-source", "/other/key".parse().unwrap());
    let error = wire_error(check(&parts, now(), b""), Family::S3);
    assert_eq!((error.code(), error.status()), ("AccessDenied", 403));
    assert_eq!(
        error.message(),
        "There were headers present in the request which were not signed"
    );
    let unsigned = error
        .fields()
        .get("HeadersNotSigned")
        .and_then(wire::value::Value::as_str);
    assert_eq!(unsigned, Some("x-amz-copy-source"));
    parts.headers.remove("x-amz-copy-source");
    parts
        .headers
        .insert("x-amz-cf-id", "added by a proxy".parse().unwrap());
    assert!(check(&parts, now(), b"").is_ok());

    let mut parts = signed("sts", b"");
    let header = parts.headers["authorization"]
        .to_str()
        .unwrap()
        .replace("=host;", "=");
    parts
        .headers
        .insert("authorization", header.parse().unwrap());
    let error = wire_error(check(&parts, now(), b""), Family::Json);
    assert_eq!(error.code(), "InvalidSignatureException");
    assert!(
        error
            .message()
            .starts_with("'Host' or ':authority' must be a 'SignedHeader'")
    );
}

#[test]
fn the_clock_may_be_a_quarter_of_an_hour_off() {
    let parts = signed("sts", b"");
    assert!(check(&parts, minutes(15), b"").is_ok());
    assert!(check(&parts, minutes(-15), b"").is_ok());
    let late = wire_error(check(&parts, minutes(16), b""), Family::Query);
    assert_eq!((late.code(), late.status()), ("SignatureDoesNotMatch", 403));
    assert_eq!(
        late.message(),
        "Signature expired: 20261122T050000Z is now earlier than 20261122T050100Z \
         (20261122T051600Z - 15 min.)"
    );
    let early = wire_error(check(&parts, minutes(-16), b""), Family::Json);
    assert_eq!(
        (early.code(), early.status()),
        ("InvalidSignatureException", 400)
    );
    assert_eq!(
        early.message(),
        "Signature not yet current: 20261122T050000Z is still later than 20261122T045900Z \
         (20261122T044400Z + 15 min.)"
    );
    let skewed = wire_error(check(&signed("s3", b""), minutes(16), b""), Family::S3);
    assert_eq!(
        (skewed.code(), skewed.status()),
        ("RequestTimeTooSkewed", 403)
    );
    let limit = skewed
        .fields()
        .get("MaxAllowedSkewMilliseconds")
        .and_then(|v| v.as_int());
    assert_eq!(limit, Some(900_000));
}

#[test]
fn links_end_when_they_say() {
    let mut link = parts("GET", "/b/k", &[("host", "h")]);
    signer("s3").presign(&mut link, now(), 3600, b"").unwrap();
    assert_eq!(check(&link, minutes(60), b"any"), Ok(BodyRule::Unsigned));
    let error = wire_error(check(&link, minutes(61), b""), Family::S3);
    assert_eq!(
        (error.code(), error.message()),
        ("AccessDenied", "Request has expired")
    );
    let text = link.uri.to_string();

    let week = text.replace("X-Amz-Expires=3600", "X-Amz-Expires=604801");
    let error = wire_error(check(&parts("GET", &week, &[]), now(), b""), Family::S3);
    assert_eq!(
        (error.code(), error.status()),
        ("AuthorizationQueryParametersError", 400)
    );
    let twice = format!("{text}&X-Amz-Expires=604800");
    let error = wire_error(
        check(&parts("GET", &twice, &[("host", "h")]), now(), b""),
        Family::S3,
    );
    assert_eq!(error.code(), "AuthorizationQueryParametersError");
    let cut = text.replace("&X-Amz-SignedHeaders=host", "");
    let error = wire_error(
        check(&parts("GET", &cut, &[("host", "h")]), now(), b""),
        Family::S3,
    );
    assert_eq!(error.code(), "AuthorizationQueryParametersError");

    let mut both = link.clone();
    both.headers.insert(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=x".parse().unwrap(),
    );
    assert_eq!(check(&both, now(), b""), Err(AuthError::TwoMechanisms));
}

#[test]
fn headers_of_no_scheme_and_without_a_time_are_told_apart() {
    let told = |parts: &Parts| {
        let error = wire_error(check(parts, now(), b""), Family::S3);
        (error.code().to_owned(), error.status())
    };
    let header = |text: &str| parts("GET", "/", &[("host", "h"), ("authorization", text)]);
    for text in ["Bearer x", "Basic U1Q6", "AWS4-HMAC-SHA25 Credential=A"] {
        let error = wire_error(check(&header(text), now(), b""), Family::S3);
        assert_eq!((error.code(), error.status()), ("InvalidArgument", 400));
        assert_eq!(error.message(), "Unsupported Authorization Type");
        let value = error.fields().get("ArgumentValue");
        assert_eq!(value.and_then(wire::value::Value::as_str), Some(text));
    }
    for text in ["AWS A:x", "AWS4-ECDSA-P256-SHA256 Credential=A"] {
        assert_eq!(told(&header(text)), ("InvalidRequest".to_owned(), 400));
    }
    let mut dateless = signed("s3", b"");
    dateless.headers.remove("x-amz-date");
    assert_eq!(told(&dateless), ("AccessDenied".to_owned(), 403));
    let other = wire_error(check(&dateless, now(), b""), Family::Query);
    assert!(other.message().contains("'X-Amz-Date' or a 'Date' header"));
}

#[test]
fn malformed_headers_are_named() {
    let header = |text: &str| {
        parts(
            "GET",
            "/",
            &[
                ("host", "h"),
                ("authorization", text),
                ("x-amz-date", "20261122T050000Z"),
            ],
        )
    };
    let message = |text: &str, family| {
        let error = wire_error(check(&header(text), now(), b""), family);
        (error.code().to_owned(), error.message().to_owned())
    };
    let (code, text) = message("AWS4-HMAC-SHA256 SignedHeaders=host", Family::Query);
    assert_eq!(code, "IncompleteSignature");
    assert_eq!(
        text,
        "Authorization header requires 'Credential' parameter. Authorization header requires \
         'Signature' parameter. Authorization=AWS4-HMAC-SHA256 SignedHeaders=host"
    );
    let whole = |credential: &str| {
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00")
    };
    for (credential, code) in [
        ("AKID", "IncompleteSignature"),
        (
            "AK/ID/20261122/us-east-1/sts/aws4_request",
            "IncompleteSignature",
        ),
        ("AKID/20261122//sts/aws4_request", "IncompleteSignature"),
        (
            "AKID/20261122/us-east-1/sts/aws5_request",
            "SignatureDoesNotMatch",
        ),
        (
            "AKID/20261121/us-east-1/sts/aws4_request",
            "SignatureDoesNotMatch",
        ),
    ] {
        assert_eq!(
            message(&whole(credential), Family::Query).0,
            code,
            "{credential}"
        );
    }
    assert_eq!(
        message("AWS AKID:signature", Family::S3).0,
        "InvalidRequest"
    );
    assert_eq!(
        message("AWS4-ECDSA-P256-SHA256 Credential=x", Family::Json).0,
        "IncompleteSignatureException"
    );
    let signed = header(&whole("AKID/20261122/us-east-1/s3/aws4_request"));
    let error = wire_error(check(&signed, now(), b""), Family::S3);
    assert_eq!((error.code(), error.status()), ("AccessDenied", 403));
}

#[test]
fn every_family_has_its_own_words() {
    let codes = |error: &AuthError| {
        [Family::Query, Family::Json, Family::S3]
            .map(|family| error.to_wire(family).code().to_owned())
    };
    let unknown = AuthError::UnknownKey("AKIA".to_owned());
    for (error, expected) in [
        (
            unknown,
            [
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "InvalidAccessKeyId",
            ],
        ),
        (
            AuthError::ExpiredToken,
            ["ExpiredToken", "ExpiredTokenException", "ExpiredToken"],
        ),
        (
            AuthError::Missing,
            [
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
                "AccessDenied",
            ],
        ),
        (
            AuthError::InvalidToken,
            [
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "InvalidToken",
            ],
        ),
    ] {
        assert_eq!(codes(&error), expected);
    }
    let error = AuthError::ExpiredToken.to_wire(Family::Query);
    assert_eq!(
        error.message(),
        "The security token included in the request is expired"
    );
    let mismatch = check(&signed("s3", b""), now(), b"").map(|_| ());
    assert!(mismatch.is_ok());
}

#[test]
fn a_body_other_than_the_declared_is_refused() {
    let error = wire_error(
        check(&signed("s3", b"declared"), now(), b"sent"),
        Family::S3,
    );
    assert_eq!(
        (error.code(), error.status()),
        ("XAmzContentSHA256Mismatch", 400)
    );
    let request = parse(&signed("s3", b"declared")).unwrap().unwrap();
    assert!(!request.signs_body());
    let key = SigningKey::derive(SECRET, request.scope());
    let rule = request.verify(&key, now(), None).unwrap().body();
    assert_eq!(rule, BodyRule::Sha256(sha256(b"declared")));
    assert!(rule.check(&sha256(b"sent")).is_err());
    assert_eq!(rule.check(&sha256(b"declared")), Ok(()));
}

#[test]
fn derived_keys_are_kept_only_for_the_same_secret() {
    let cache = KeyCache::new(64);
    let run = |secret: &str| {
        let request = parse(&signed("sts", b"")).unwrap().unwrap();
        cache.verify(request, secret, now(), Some(&sha256(b"")))
    };
    assert!(run("guessed").is_err());
    assert_eq!(cache.len(), 0, "what verified nothing is not kept");
    for secret in [SECRET, "replaced", SECRET, SECRET, ""] {
        assert_eq!(run(secret).is_ok(), secret == SECRET, "{secret}");
        assert_eq!(cache.len(), 1);
    }
}

#[test]
fn the_cache_of_keys_stays_small() {
    let cache = KeyCache::new(32);
    for number in 0..500 {
        let signer = Signer {
            access_key: format!("AKID{number}"),
            secret: SECRET.to_owned(),
            session_token: None,
            region: "us-east-1".to_owned(),
            service: "sts".to_owned(),
        };
        let mut parts = parts("POST", "/", &[("host", "h")]);
        signer.sign(&mut parts, now(), Payload::Bytes(b"")).unwrap();
        let request = parse(&parts).unwrap().unwrap();
        assert!(
            cache
                .verify(request, SECRET, now(), Some(&sha256(b"")))
                .is_ok()
        );
        assert!(cache.len() <= 32);
    }
}

#[test]
fn headers_that_a_link_holds_are_put_where_they_belong() {
    let signer = Signer {
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
    };
    let target = "/b/k?x-amz-acl=private&x-amz-meta-a=b%20c&x-amz-sdk-checksum-algorithm=CRC32";
    let mut link = parts("PUT", target, &[("host", "h")]);
    assert!(wire::sigv4::hoisted(&link).is_none(), "nobody signed it");
    signer.presign(&mut link, now(), 60, b"").unwrap();
    let verify = |parts: &Parts| {
        let request = parse(parts)?.unwrap();
        let key = SigningKey::derive(SECRET, request.scope());
        request.verify(&key, now(), None)
    };
    let mut moved = wire::sigv4::hoisted(&link).unwrap();
    let header = |parts: &Parts, name: &str| {
        let value = parts.headers.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    assert_eq!(header(&moved, "x-amz-acl").as_deref(), Some("private"));
    assert_eq!(header(&moved, "x-amz-meta-a").as_deref(), Some("b c"));
    assert_eq!(moved.headers.len(), 3);
    assert!(verify(&link).is_ok() && verify(&moved).is_ok());
    moved
        .headers
        .insert("x-amz-acl", "public-read".parse().unwrap());
    assert!(matches!(verify(&moved), Err(AuthError::HeadersUnsigned(_))));
}
