//! The condition keys of S3 (Service Authorization Reference, "Amazon S3"): each with a bucket policy
//! that denies by it, on a request that has the value and on one that has not.

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{ACCOUNT, World};

type Request<'t> = (&'t str, &'t str, &'t [(&'t str, &'t str)]);

const PUT: Request<'_> = ("PUT", "/k", &[]);
const COPY: Request<'_> = ("PUT", "/copy", &[("x-amz-copy-source", "/data/k")]);

/// Key, value, a request that has it and one that has not.
const CASES: &[(&str, &str, Request<'_>, Request<'_>)] = &[
    (
        "s3:x-amz-acl",
        "bucket-owner-full-control",
        ("PUT", "/k", &[("x-amz-acl", "bucket-owner-full-control")]),
        PUT,
    ),
    (
        "s3:x-amz-server-side-encryption",
        "AES256",
        ("PUT", "/k", &[("x-amz-server-side-encryption", "AES256")]),
        PUT,
    ),
    (
        "s3:x-amz-storage-class",
        "STANDARD",
        ("PUT", "/k", &[("x-amz-storage-class", "STANDARD")]),
        PUT,
    ),
    (
        "s3:RequestObjectTag/a",
        "1",
        ("PUT", "/k", &[("x-amz-tagging", "a=1")]),
        ("PUT", "/k", &[("x-amz-tagging", "a=2")]),
    ),
    (
        "s3:ExistingObjectTag/stage",
        "old",
        ("GET", "/tagged", &[]),
        ("GET", "/k", &[]),
    ),
    (
        "s3:x-amz-copy-source",
        "data/k",
        COPY,
        ("PUT", "/copy", &[("x-amz-copy-source", "/data/tagged")]),
    ),
    (
        "s3:x-amz-metadata-directive",
        "COPY",
        (
            "PUT",
            "/copy",
            &[
                ("x-amz-copy-source", "/data/k"),
                ("x-amz-metadata-directive", "COPY"),
            ],
        ),
        COPY,
    ),
    (
        "s3:if-none-match",
        "*",
        ("PUT", "/new", &[("if-none-match", "*")]),
        PUT,
    ),
    (
        "s3:prefix",
        "a/",
        ("GET", "?prefix=a%2F", &[]),
        ("GET", "?prefix=b", &[]),
    ),
    (
        "s3:delimiter",
        "/",
        ("GET", "?delimiter=%2F", &[]),
        ("GET", "", &[]),
    ),
    (
        "s3:max-keys",
        "7",
        ("GET", "?max-keys=7", &[]),
        ("GET", "", &[]),
    ),
];

fn setting() -> World {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "x").checked();
    bucket
        .put_with("tagged", "x", &[("x-amz-tagging", "stage=old")])
        .checked();
    world
}

fn deny(operator: &str, key: &str, value: &str) -> Value {
    json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
            "Condition": {operator: {key: value}}}])
}

#[test]
fn a_policy_can_deny_by_each_key() {
    for (key, value, with, without) in CASES {
        let world = setting();
        let alice = world.user("alice");
        let all = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
        world.put_policy("User", "alice", &document(&all));
        let call = |(method, path, headers): &Request<'_>| {
            world
                .http(
                    &alice,
                    "s3",
                    method,
                    &format!("/data{path}"),
                    headers,
                    "".into(),
                )
                .status
        };
        assert_eq!((call(with), call(without)), (200, 200), "{key}");
        let policy =
            json!({"Version": "2012-10-17", "Statement": deny("StringEquals", key, value)});
        let put = world.http(
            world.root(),
            "s3",
            "PUT",
            "/data?policy",
            &[],
            policy.to_string().into(),
        );
        put.checked();
        let again: Request<'_> = match with.1 {
            "/new" => ("PUT", "/newer", with.2),
            _ => *with,
        };
        assert_eq!((call(&again), call(without)), (403, 200), "{key}");
    }
}

#[test]
fn every_request_says_how_it_was_signed_and_whose_the_bucket_is() {
    let world = setting();
    let alice = world.user("alice");
    for (key, value, allowed) in [
        ("s3:authType", "REST-HEADER", 200),
        ("s3:authType", "POST", 403),
        ("s3:signatureversion", "AWS4-HMAC-SHA256", 200),
        ("s3:signatureversion", "AWS", 403),
        ("s3:ResourceAccount", ACCOUNT, 200),
        ("s3:ResourceAccount", testkit::OTHER_ACCOUNT, 403),
    ] {
        let allow = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
                            "Condition": {"StringEquals": {key: value}}}]);
        world.put_policy("User", "alice", &document(&allow));
        let status = world
            .http(&alice, "s3", "GET", "/data/k", &[], "".into())
            .status;
        assert_eq!(status, allowed, "{key} {value}");
    }
}
