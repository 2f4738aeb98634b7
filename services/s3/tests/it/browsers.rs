//! What browsers ask: forms that upload (Amazon S3 API Reference, "Browser-based uploads using POST")
//! and pages of other origins (Amazon S3 User Guide, "Using cross-origin resource sharing (CORS)").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{Answer, Credentials, World, parts};

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner);
    outer.finalize().to_vec()
}

/// The fields of a form that `who` signed.
fn signed(
    who: &Credentials,
    conditions: serde_json::Value,
    more: &[(&str, &str)],
) -> Vec<(String, String)> {
    let (day, region) = ("20260102", testkit::REGION);
    let scope = format!("{}/{day}/{region}/s3/aws4_request", who.access_key_id);
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields: Vec<(String, String)> = more.iter().map(|(n, v)| own(n, v)).collect();
    fields.push(own("x-amz-algorithm", "AWS4-HMAC-SHA256"));
    fields.push(own("x-amz-credential", &scope));
    fields.push(own("x-amz-date", "20260102T030405Z"));
    let mut all = conditions.as_array().unwrap().clone();
    for (name, value) in &fields[more.len()..] {
        all.push(json!({name.as_str(): value}));
    }
    let policy = json!({"expiration": "2026-01-02T04:00:00Z", "conditions": all}).to_string();
    let policy = STANDARD.encode(policy);
    let start = format!("AWS4{}", who.secret);
    let key = [day, region, "s3", "aws4_request"]
        .iter()
        .fold(start.into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    fields.push(own(
        "x-amz-signature",
        &hex::encode(hmac(&key, policy.as_bytes())),
    ));
    fields.push(own("policy", &policy));
    fields
}

fn post(world: &World, fields: &[(String, String)], file: &str) -> Answer {
    post_to(world, ("localhost", "/data"), fields, file)
}

fn post_to(
    world: &World,
    (host, path): (&str, &str),
    fields: &[(String, String)],
    file: &str,
) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    body += &format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.txt\"\r\n\
         Content-Type: text/plain\r\n\r\n{file}\r\n--edge--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=edge")];
    let mut parts = parts("POST", path, &headers);
    parts.headers.insert("host", host.parse().unwrap());
    world.send(parts, body.into())
}

/// A policy for a form with these fields.
fn policy(fields: &[(&str, &str)]) -> serde_json::Value {
    let mut all = vec![
        json!({"bucket": "data"}),
        json!(["starts-with", "$key", "user/"]),
        json!(["content-length-range", 1, 10]),
    ];
    for (name, _) in fields.iter().filter(|(name, _)| *name != "key") {
        all.push(json!(["starts-with", format!("${name}"), ""]));
    }
    json!(all)
}

#[test]
fn where_an_object_is_follows_the_host_that_was_called() {
    let world = World::new();
    let _bucket = Bucket::new(&world, "data");
    let more = [("key", "user/a b"), ("success_action_status", "201")];
    let fields = signed(world.root(), policy(&more), &more);
    for (host, path, expected) in [
        (
            "localhost:80",
            "/data",
            "http://localhost:80/data/user/a%20b",
        ),
        (
            "data.s3.localhost",
            "/",
            "http://data.s3.localhost/user/a%20b",
        ),
    ] {
        let answer = post_to(&world, (host, path), &fields, "hello");
        assert_eq!(answer.headers["location"], expected);
        assert_eq!(answer.xml("Location"), expected);
    }
}

#[test]
fn a_signed_form_is_an_upload() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>a b</Value></Tag></TagSet></Tagging>";
    let more = [
        ("key", "user/${filename}"),
        ("Content-Type", "text/x-own"),
        ("x-amz-meta-a", "b"),
        ("tagging", tags),
        ("success_action_status", "201"),
    ];
    let answer = post(&world, &signed(world.root(), policy(&more), &more), "hello");
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.xml("Key"), "user/me.txt");
    assert_eq!(
        answer.headers["location"],
        "http://localhost/data/user/me.txt"
    );
    let event = world.last_event();
    assert_eq!(
        (event.event_name.as_ref(), event.error_code),
        ("PutObject", None)
    );
    let got = bucket.get(world.root(), "user/me.txt").checked();
    assert_eq!(got.text(), "hello");
    assert_eq!(got.headers["content-type"], "text/x-own");
    assert_eq!(got.headers["x-amz-meta-a"], "b");
    assert_eq!(got.headers["x-amz-tagging-count"], "1");
    let plain = post(
        &world,
        &signed(world.root(), policy(&more[..1]), &more[..1]),
        "hello",
    );
    assert_eq!((plain.status, plain.body.len()), (204, 0));
}

#[test]
fn a_form_is_bound_by_its_policy_and_its_signer() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let form = |who: &Credentials, key: &str| signed(who, policy(&[]), &[("key", key)]);
    let refused = |fields: &[(String, String)], file: &str| post(&world, fields, file).error().0;
    assert_eq!(refused(&form(world.root(), "other/k"), "x"), "AccessDenied");
    assert_eq!(
        refused(&form(world.root(), "user/k"), "12345678901"),
        "EntityTooLarge"
    );
    assert_eq!(refused(&form(world.root(), "user/k"), ""), "EntityTooSmall");
    let mut forged = form(world.root(), "user/k");
    let last = forged.len() - 2;
    forged[last].1 = "0".repeat(64);
    assert_eq!(refused(&forged, "x"), "SignatureDoesNotMatch");
    let mut extra = form(world.root(), "user/k");
    extra.insert(0, ("acl".to_owned(), "public-read".to_owned()));
    assert_eq!(refused(&extra, "x"), "AccessDenied");

    // Who signs must be allowed to put the object, and policies see that it is a form.
    let alice = world.user("alice");
    assert_eq!(refused(&form(&alice, "user/k"), "x"), "AccessDenied");
    let allow = |place: &str| {
        let statement = json!([{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"StringEquals": {"s3:authType": place}}}]);
        world.put_policy("User", "alice", &document(&statement));
    };
    allow("REST-HEADER");
    assert_eq!(refused(&form(&alice, "user/k"), "x"), "AccessDenied");
    allow("POST");
    assert_eq!(post(&world, &form(&alice, "user/k"), "x").status, 204);

    // Nobody's form is what the bucket's policy lets everyone do.
    let anonymous = [("key".to_owned(), "user/k".to_owned())];
    assert_eq!(refused(&anonymous, "x"), "AccessDenied");
    bucket.open();
    let everyone = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject",
                           "Resource": "arn:aws:s3:::data/user/*"}]);
    bucket.policy(&everyone).checked();
    assert_eq!(post(&world, &anonymous, "x").status, 204);
    let elsewhere = [("key".to_owned(), "k".to_owned())];
    assert_eq!(refused(&elsewhere, "x"), "AccessDenied");
    assert_eq!(refused(&[], "x"), "InvalidArgument");
}

#[test]
fn a_form_sends_the_browser_where_it_says() {
    let world = World::new();
    Bucket::new(&world, "data").open();
    let conditions = json!([{"bucket": "data"}, {"key": "k"},
                            ["starts-with", "$success_action_redirect", "http"]]);
    let more = [
        ("key", "k"),
        ("success_action_redirect", "http://example.com/done?a=1"),
    ];
    let answer = post(&world, &signed(world.root(), conditions, &more), "x");
    assert_eq!(answer.status, 303);
    let location = answer.headers["location"].to_str().unwrap();
    assert!(location.starts_with("http://example.com/done?a=1&bucket=data&key=k&etag=%22"));
}

const CORS: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
    <AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
    <MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>";

#[test]
fn preflights_are_answered_by_the_rules_of_the_bucket() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let ask =
        |headers: &[(&str, &str)]| world.send(parts("OPTIONS", "/data/k", headers), "".into());
    let origin = ("origin", "https://app.example");
    let put = ("access-control-request-method", "PUT");
    let none = ask(&[origin, put]);
    assert_eq!(
        (none.status, none.error().0.as_str()),
        (403, "AccessForbidden")
    );
    bucket
        .call(world.root(), "PUT", "?cors", &[], CORS)
        .checked();
    let own = ("access-control-request-headers", "X-Amz-Date, x-amz-meta-a");
    let allowed = ask(&[origin, put, own]);
    assert_eq!(allowed.status, 200, "{}", allowed.text());
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "x-amz-date, x-amz-meta-a"),
        ("access-control-max-age", "60"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "ETag"),
    ] {
        assert_eq!(allowed.headers[name], value, "{name}");
    }
    assert_eq!(world.last_event().event_name, "PreflightRequest");
    for refused in [
        [("origin", "https://other.example"), put, own],
        [origin, ("access-control-request-method", "DELETE"), own],
        [origin, put, ("access-control-request-headers", "x-own")],
    ] {
        assert_eq!(ask(&refused).status, 403, "{refused:?}");
    }
    assert_eq!(ask(&[put]).error().0, "BadRequest");
    assert_eq!(ask(&[origin]).error().0, "BadRequest");
}

#[test]
fn answers_and_refusals_tell_browsers_who_may_read_them() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "x").checked();
    bucket
        .call(world.root(), "PUT", "?cors", &[], CORS)
        .checked();
    let get =
        |who: &Credentials, origin: &str| bucket.call(who, "GET", "/k", &[("origin", origin)], "");
    let answer = get(world.root(), "https://app.example").checked();
    assert_eq!(
        answer.headers["access-control-allow-origin"],
        "https://app.example"
    );
    assert_eq!(answer.headers["access-control-expose-headers"], "ETag");
    let other = get(world.root(), "https://other.example").checked();
    assert!(!other.headers.contains_key("access-control-allow-origin"));
    let denied = get(&world.user("alice"), "https://app.example");
    assert_eq!(denied.status, 403);
    assert_eq!(
        denied.headers["access-control-allow-origin"],
        "https://app.example"
    );
    let unsigned = world.send(
        parts("GET", "/data/k", &[("origin", "https://app.example")]),
        "".into(),
    );
    assert_eq!(
        unsigned.headers["access-control-allow-origin"],
        "https://app.example"
    );
}

#[test]
fn who_may_not_see_a_bucket_is_still_told_its_region() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let head = bucket.call(&world.user("alice"), "HEAD", "", &[], "");
    assert_eq!((head.status, head.body.len()), (403, 0));
    assert_eq!(head.headers["x-amz-bucket-region"], testkit::REGION);
    assert_eq!(world.unsigned("HEAD", "/none").status, 404);
}
