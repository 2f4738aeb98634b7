//! What an operation needs beside its own action, and what every request to S3 says of itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{Answer, Credentials, REGION, World, parts};

fn allow(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

#[test]
fn whoever_gives_an_object_a_list_must_be_allowed_to_however_it_is_made() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.open();
    let owned = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
                 </OwnershipControls>";
    let root = world.root();
    bucket
        .call(root, "PUT", "?ownershipControls", &[], owned)
        .checked();
    bucket.put("k", "x").checked();
    let alice = world.user("alice");
    let none = Vec::new;
    let ways = [
        ("PUT", "/new", none()),
        ("POST", "/new?uploads", none()),
        ("PUT", "/new", vec![("x-amz-copy-source", "/data/k")]),
    ];
    for granted in [("x-amz-acl", "public-read"), ("x-amz-grant-read", GROUP)] {
        for (method, path, headers) in &ways {
            let given = [headers.as_slice(), &[granted]].concat();
            let ask = || bucket.call(&alice, method, path, &given, "");
            let base = ["s3:PutObject", "s3:GetObject"];
            world.put_policy("User", "alice", &document(&json!([allow(&base)])));
            bucket.call(&alice, method, path, headers, "").checked();
            let denied = ask();
            assert_eq!(denied.status, 403, "{granted:?} {path}: {}", denied.text());
            assert!(denied.error().1.contains("s3:PutObjectAcl"), "{path}");
            let more = [allow(&base), allow(&["s3:PutObjectAcl"])];
            world.put_policy("User", "alice", &document(&json!(more)));
            ask().checked();
        }
    }
}

const GROUP: &str = "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"";

#[test]
fn whoever_compares_an_entity_tag_must_be_allowed_to_read() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let etag = bucket.put("k", "x").checked().headers["etag"].clone();
    let etag = etag.to_str().unwrap();
    let alice = world.user("alice");
    let upload = bucket
        .call(world.root(), "POST", "/k?uploads", &[], "")
        .checked()
        .xml("UploadId");
    let part = bucket
        .call(
            world.root(),
            "PUT",
            &format!("/k?partNumber=1&uploadId={upload}"),
            &[],
            "part",
        )
        .checked();
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>\
         </CompleteMultipartUpload>",
        part.headers["etag"].to_str().unwrap()
    );
    let complete = format!("/k?uploadId={upload}");
    let ways = [
        ("PUT", "/k", "y"),
        ("POST", complete.as_str(), parts.as_str()),
        ("DELETE", "/k", ""),
    ];
    let base = ["s3:PutObject", "s3:DeleteObject", "s3:ListBucket"];
    for (method, path, body) in ways {
        let ask = |tag: &str| bucket.call(&alice, method, path, &[("if-match", tag)], body);
        world.put_policy("User", "alice", &document(&json!([allow(&base)])));
        // Neither the right nor a wrong one tells anything.
        for tag in [etag, "\"00\""] {
            let denied = ask(tag);
            assert_eq!(denied.error().0, "AccessDenied", "{method} {tag}");
            assert!(denied.error().1.contains("s3:GetObject"), "{method} {tag}");
        }
        let more = [allow(&base), allow(&["s3:GetObject"])];
        world.put_policy("User", "alice", &document(&json!(more)));
        assert_eq!(ask("\"00\"").status, 412, "{method}");
        world.put_policy("User", "alice", &document(&json!([allow(&base)])));
        ask("*").checked();
        bucket.put("k", "x").checked();
    }
}

#[test]
fn of_many_keys_each_entity_tag_is_decided_by_itself() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let etag = bucket.put("a", "x").checked().headers["etag"].clone();
    let etag = etag.to_str().unwrap();
    for key in ["b", "c", "d"] {
        bucket.put(key, "x").checked();
    }
    let alice = world.user("alice");
    let rules = json!([
        {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/c"},
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::data/d",
         "Condition": {"StringEquals": {"s3:if-match": "*"}}},
    ]);
    world.put_policy("User", "alice", &document(&rules));
    let one = |key: &str, tag: &str| format!("<Object><Key>{key}</Key>{tag}</Object>");
    let tag = format!("<ETag>{etag}</ETag>");
    let body = format!(
        "<Delete>{}{}{}{}</Delete>",
        one("a", &tag),
        one("b", ""),
        one("c", &tag),
        one("d", "<ETag>*</ETag>")
    );
    let md5 = STANDARD.encode(md5(body.as_bytes()));
    let headers = [("content-md5", md5.as_str())];
    let answer = bucket
        .call(&alice, "POST", "?delete", &headers, &body)
        .checked();
    assert_eq!(
        answer.text().matches("<Error>").count(),
        2,
        "{}",
        answer.text()
    );
    assert_eq!(bucket.keys(""), ["a", "d"]);
}

fn md5(bytes: &[u8]) -> Vec<u8> {
    use md5::{Digest as _, Md5};
    Md5::digest(bytes).to_vec()
}

/// What a policy says of every request to S3 counts for those that are about no bucket.
#[test]
fn requests_without_a_bucket_tell_how_they_are_signed_too() {
    let world = World::new();
    let alice = world.user("alice");
    for (key, value) in [
        ("s3:authType", "REST-HEADER"),
        ("s3:signatureversion", "AWS4-HMAC-SHA256"),
        ("s3:ResourceAccount", testkit::ACCOUNT),
    ] {
        let rules = json!([allow(&["s3:*"]),
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
             "Condition": {"StringEquals": {key: value}}}]);
        world.put_policy("User", "alice", &document(&rules));
        for (method, path) in [("GET", "/"), ("PUT", "/fresh")] {
            let denied = world.http(&alice, "s3", method, path, &[], "".into());
            assert_eq!(denied.status, 403, "{key} {method}");
        }
    }
}

fn hmac_sha1(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha1::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha1::new().chain_update(pad(0x5c)).chain_update(inner);
    outer.finalize().to_vec()
}

/// Follows a link that `who` signed by version 2.
fn old_link(world: &World, who: &Credentials, path: &str) -> Answer {
    let end = world.platform.now().as_second() + 60;
    let signature = hmac_sha1(who.secret.as_bytes(), &format!("GET\n\n\n{end}\n{path}"));
    let signature = wire::uri::encode(&STANDARD.encode(signature));
    let key = &who.access_key_id;
    let link = format!("{path}?AWSAccessKeyId={key}&Signature={signature}&Expires={end}");
    world.send(parts("GET", &link, &[]), "".into())
}

/// A request that names no region is for the one in which its bucket lies.
#[test]
fn a_region_is_not_left_out() {
    let world = World::new();
    let far = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
               </CreateBucketConfiguration>";
    world
        .http(world.root(), "s3", "PUT", "/far", &[], far.into())
        .checked();
    let near = Bucket::new(&world, "near");
    near.put("k", "x").checked();
    let alice = world.user("alice");
    let keep_out = |region: &str| {
        let rules = json!([allow(&["s3:*"]),
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
             "Condition": {"StringEquals": {"aws:RequestedRegion": region}}}]);
        world.put_policy("User", "alice", &document(&rules));
    };
    keep_out("eu-west-1");
    let refused = old_link(&world, &alice, "/far/k");
    assert_eq!(refused.error().0, "AccessDenied", "{}", refused.text());
    assert!(
        refused.error().1.contains("explicit deny"),
        "{}",
        refused.text()
    );
    assert_eq!(world.last_event().aws_region, "eu-west-1");
    old_link(&world, &alice, "/near/k").checked();
    assert_eq!(world.last_event().aws_region, REGION);
    keep_out(REGION);
    assert_eq!(old_link(&world, &alice, "/far/k").error().0, "NoSuchKey");
    assert_eq!(
        old_link(&world, &alice, "/near/k").error().0,
        "AccessDenied"
    );
    let unsigned = world.unsigned("GET", "/far/k");
    assert_eq!(unsigned.error().0, "AccessDenied");
    assert_eq!(world.last_event().aws_region, "eu-west-1");
}
