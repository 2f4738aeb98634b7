//! Links signed by version 2, as botocore makes them.

use http::request::Parts;
use jiff::Timestamp;
use serde_json::Value as Json;
use wire::error::Family;
use wire::route::Router;
use wire::sigv4::{AuthError, BodyRule, SigningKey, Verified, Version, parse};

use crate::support::parts;

pub(crate) const MADE: &str = include_str!("../data/botocore-links-and-forms.json");
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn verify(parts: &Parts, secret: &str, now: &str) -> Result<Verified, AuthError> {
    let router = Router::new(["s3.localhost"]);
    let signed = parse(parts)?.unwrap().in_bucket(router.host_bucket(parts));
    let key = SigningKey::derive(secret, signed.scope());
    signed.verify(&key, at(now), None)
}

/// What a client sends that follows the link.
fn follow(link: &Json, change: impl Fn(String) -> String) -> Parts {
    let url = change(link["url"].as_str().unwrap().to_owned());
    let rest = url.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_once('/').unwrap();
    let mut headers = vec![("host", host)];
    headers.extend(
        link["content_type"]
            .as_str()
            .map(|kind| ("content-type", kind)),
    );
    parts(
        link["method"].as_str().unwrap(),
        &format!("/{target}"),
        &headers,
    )
}

fn links() -> Vec<Json> {
    let made: Json = serde_json::from_str(MADE).unwrap();
    made.get("links").and_then(Json::as_array).unwrap().clone()
}

const SOON: &str = "2026-11-22T05:09:00Z";

#[test]
fn links_that_botocore_made_are_believed() {
    let all = links();
    for link in &all {
        let verified = verify(&follow(link, |url| url), SECRET, SOON).unwrap();
        assert_eq!(verified.access_key(), "AKIAIOSFODNN7EXAMPLE", "{link}");
        assert_eq!(verified.scope().version, Version::V2);
        assert_eq!(
            (verified.body(), verified.time()),
            (BodyRule::Unsigned, None)
        );
        assert!(verified.is_presigned());
        let token = link["url"].as_str().unwrap().contains("TOKEN");
        assert_eq!(
            verified.session_token(),
            token.then_some("TOKEN/+="),
            "{link}"
        );
    }
    assert_eq!(all.len(), 21);
}

#[test]
fn another_secret_or_a_change_breaks_a_link() {
    for link in &links() {
        let wrong = verify(&follow(link, |url| url), "other", SOON);
        assert!(matches!(wrong, Err(AuthError::Mismatch { .. })), "{link}");
        for (from, to) in [
            ("bucket", "bucke2"),
            ("Expires=1", "Expires=2"),
            ("x-amz-acl=private", "x-amz-acl=public-read"),
            ("versionId=v%201", "versionId=v2"),
            ("partNumber=3", "partNumber=4"),
            ("?tagging", "?acl"),
            ("TOKEN", "TOKE"),
        ] {
            if link["url"].as_str().unwrap().contains(from) {
                let changed = verify(&follow(link, |url| url.replacen(from, to, 1)), SECRET, SOON);
                assert!(
                    matches!(changed, Err(AuthError::Mismatch { .. })),
                    "{to} {link}"
                );
            }
        }
    }
}

#[test]
fn what_version_2_leaves_uncovered_is_refused() {
    let link = &links()[0];
    for extra in [
        "prefix=a",
        "attributes",
        "legal-hold",
        "retention=",
        "foo=bar",
    ] {
        let name = extra.split('=').next().unwrap().to_owned();
        let more = verify(&follow(link, |url| format!("{url}&{extra}")), SECRET, SOON);
        assert_eq!(more.unwrap_err(), AuthError::UnsignedParameter(name));
    }
    for extra in ["max-keys=3", "x-id=GetObject"] {
        assert!(verify(&follow(link, |url| format!("{url}&{extra}")), SECRET, SOON).is_ok());
    }
    for extra in ["acl", "uploadId=1", "x-amz-copy-source=/b/k"] {
        let more = verify(&follow(link, |url| format!("{url}&{extra}")), SECRET, SOON);
        assert!(matches!(more, Err(AuthError::Mismatch { .. })), "{extra}");
    }
    let mut with_header = follow(link, |url| url);
    let value = "/other/key".parse().unwrap();
    with_header.headers.insert("x-amz-copy-source", value);
    let wrong = verify(&with_header, SECRET, SOON);
    assert!(matches!(wrong, Err(AuthError::Mismatch { .. })));
}

/// Version 2 signs names and values as they mean, with `&`, `=` and line ends between them.
#[test]
fn what_was_signed_as_several_is_not_read_as_one() {
    let disposition = "response-content-disposition=attachment%3B%20filename%3D%22a%20b%22";
    let version = format!("versionId=v%201&{disposition}");
    for (at, signed, instead, name) in [
        (
            1,
            version.as_str(),
            format!("{disposition}%26versionId%3Dv%201"),
            "response-content-disposition",
        ),
        (
            6,
            "uploadId=u%2F1&partNumber=3",
            "partNumber=3%26uploadId%3Du%2F1".to_owned(),
            "partNumber",
        ),
        (
            2,
            "x-amz-meta-x=y%20z&x-amz-acl=private",
            "x-amz-acl=private%0Ax-amz-meta-x:y%20z".to_owned(),
            "x-amz-acl",
        ),
    ] {
        let link = &links()[at];
        assert!(link["url"].as_str().unwrap().contains(signed), "{link}");
        let other = follow(link, |url| url.replace(signed, &instead));
        let refused = verify(&other, SECRET, SOON).unwrap_err();
        assert_eq!(refused, AuthError::UnsignedParameter(name.to_owned()));
    }
}

#[test]
fn a_link_ends_and_says_so_as_s3_does() {
    let link = &links()[0];
    let over = verify(&follow(link, |url| url), SECRET, "2026-11-22T05:10:01Z").unwrap_err();
    let error = over.to_wire(Family::S3);
    assert_eq!(
        (error.code(), error.status(), error.message()),
        ("AccessDenied", 403, "Request has expired")
    );
    assert!(error.fields().get("Expires").is_some());
}

#[test]
fn a_link_that_lacks_a_part_is_refused() {
    let headers = [("host", "s3.localhost")];
    for target in [
        "/b/k?AWSAccessKeyId=A&Signature=x",
        "/b/k?AWSAccessKeyId=A&Expires=1",
        "/b/k?AWSAccessKeyId=A&Signature=x&Expires=soon",
        "/b/k?AWSAccessKeyId=A&Signature=x&Expires=99999999999999999999",
        "/b/k?AWSAccessKeyId=A&AWSAccessKeyId=B&Signature=x&Expires=1",
    ] {
        let error = parse(&parts("GET", target, &headers)).unwrap_err();
        assert!(
            matches!(error, AuthError::OldQuery(_)),
            "{target}: {error:?}"
        );
        assert_eq!(error.to_wire(Family::S3).code(), "AccessDenied");
    }
    let query = "/?Action=ListUsers&AWSAccessKeyId=A&Signature=x&SignatureVersion=2&Expires=1";
    let error = parse(&parts("GET", query, &headers)).unwrap_err();
    assert_eq!(error, AuthError::Algorithm("AWS".to_owned()));
    let both = "/b/k?AWSAccessKeyId=A&Signature=x&Expires=1&X-Amz-Signature=y";
    let error = parse(&parts("GET", both, &headers)).unwrap_err();
    assert_eq!(error, AuthError::TwoMechanisms);
    let old = [("host", "h"), ("authorization", "AWS AKID:c2lnbmF0dXJl")];
    let error = parse(&parts("GET", "/b/k", &old)).unwrap_err();
    assert_eq!(error.to_wire(Family::S3).code(), "InvalidRequest");
}
