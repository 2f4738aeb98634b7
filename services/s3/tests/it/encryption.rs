//! Encryption of objects with keys of KMS and of customers (Amazon S3 User Guide, "Protecting data with
//! server-side encryption").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::{document, root_arn};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, REGION, World};
use wire::sigv4::{Payload, Signer};

pub(crate) const SSE: &str = "x-amz-server-side-encryption";
pub(crate) const KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const CONTEXT: &str = "x-amz-server-side-encryption-context";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";

pub(crate) type Headers<'t> = &'t [(&'t str, &'t str)];

fn kms(world: &World, operation: &str, input: &Value) -> Value {
    let answer = world.json(world.root(), "kms", operation, input).checked();
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// Makes a key in KMS, and returns its ARN.
pub(crate) fn key(world: &World) -> String {
    let made = kms(world, "CreateKey", &json!({}));
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

pub(crate) fn header(answer: &Answer, name: &str) -> Option<String> {
    let value = answer.headers.get(name)?;
    Some(value.to_str().unwrap().to_owned())
}

/// Many bytes, no two stretches of which are alike.
pub(crate) fn many(size: usize) -> Bytes {
    let mut state = 1_u32;
    let bytes = (0..size).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    bytes.collect()
}

/// A user who may do everything in S3, and in KMS what the condition lets through.
fn user(world: &World, name: &str, actions: &[&str], condition: Value) -> Credentials {
    let who = world.user(name);
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition},
    ]);
    world.put_policy("User", name, &document(&statements));
    who
}

pub(crate) fn default_encryption(bucket: &Bucket<'_>, world: &World, rule: &str) -> Answer {
    let body = format!(
        "<ServerSideEncryptionConfiguration><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>"
    );
    bucket.call(world.root(), "PUT", "?encryption", &[], &body)
}

/// What KMS was asked last, with the context that it was asked with.
pub(crate) fn asked_of_kms(world: &World) -> Vec<(String, Value)> {
    let events = world.events();
    let of_kms = events.iter().filter(|event| {
        event.event_source == "kms.amazonaws.com" && event.event_name != "CreateKey"
    });
    of_kms
        .map(|event| {
            let told = serde_json::to_value(event).unwrap();
            assert_eq!(told["userIdentity"]["invokedBy"], "s3.amazonaws.com");
            let context = told["requestParameters"]["encryptionContext"].clone();
            (event.event_name.to_string(), context)
        })
        .collect()
}

#[test]
fn an_object_is_sealed_with_a_key_of_kms_and_reads_back_in_any_range() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    for size in [0, 11, 16 << 10, 70_000, 400_000] {
        let body = many(size);
        let headers = [(SSE, "aws:kms"), (KEY_ID, arn.as_str())];
        let root = world.root();
        let put = world.http(root, "s3", "PUT", "/data/k", &headers, body.clone());
        let put = put.checked();
        assert_eq!(header(&put, SSE).unwrap(), "aws:kms");
        assert_eq!(header(&put, KEY_ID).unwrap(), arn);
        assert_eq!(header(&put, BUCKET_KEY), None);
        let etag = header(&put, "etag").unwrap();
        assert_ne!(etag.trim_matches('"'), hex::encode(Md5::digest(&body)));
        let got = bucket.get(root, "k").checked();
        assert!(got.body == body, "{size}");
        assert_eq!(header(&got, SSE).unwrap(), "aws:kms");
        assert_eq!(header(&got, KEY_ID).unwrap(), arn);
        assert_eq!(header(&got, "content-length").unwrap(), size.to_string());
        for (first, last) in [(0, 0), (65_530, 65_545), (size.max(5) - 5, size.max(1) - 1)] {
            if last < size {
                let range = format!("bytes={first}-{last}");
                let got = bucket.call(root, "GET", "/k", &[("range", &range)], "");
                assert!(
                    got.checked().body == body.slice(first..=last),
                    "{range} of {size}"
                );
            }
        }
        let listed = bucket.call(root, "GET", "?list-type=2", &[], "").checked();
        assert_eq!(listed.xml("Size"), size.to_string());
    }
}

#[test]
fn kms_is_asked_on_the_callers_behalf_with_the_objects_arn() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let headers = [(SSE, "aws:kms"), (KEY_ID, arn.as_str())];
    bucket.put_with("a/k", "x", &headers).checked();
    bucket.get(world.root(), "a/k").checked();
    bucket.call(world.root(), "HEAD", "/a/k", &[], "").checked();
    let context = json!({"aws:s3:arn": "arn:aws:s3:::data/a/k"});
    let expected = [("GenerateDataKey", &context), ("Decrypt", &context)];
    let expected = expected.map(|(name, context)| (name.to_owned(), context.clone()));
    assert_eq!(asked_of_kms(&world), expected, "and nothing for a head");
    // More of a context is kept with the object, and given again for its reader.
    let more = STANDARD.encode(r#"{"team": "vision"}"#);
    let headers = [
        (SSE, "aws:kms"),
        (KEY_ID, arn.as_str()),
        (CONTEXT, more.as_str()),
        (BUCKET_KEY, "true"),
    ];
    let put = bucket.put_with("k", "x", &headers).checked();
    assert_eq!(header(&put, CONTEXT).unwrap(), more);
    assert_eq!(header(&put, BUCKET_KEY).unwrap(), "true");
    let got = bucket.get(world.root(), "k").checked();
    assert_eq!(header(&got, BUCKET_KEY).unwrap(), "true");
    assert_eq!(header(&got, CONTEXT), None);
    let context = json!({"aws:s3:arn": "arn:aws:s3:::data", "team": "vision"});
    let asked = asked_of_kms(&world);
    assert_eq!(asked[2], ("GenerateDataKey".to_owned(), context.clone()));
    assert_eq!(asked[3], ("Decrypt".to_owned(), context));
    let other = STANDARD.encode(r#"{"aws:s3:arn": "arn:aws:s3:::other"}"#);
    for wrong in ["no base 64!", &STANDARD.encode("[1]"), &other] {
        let headers = [(SSE, "aws:kms"), (CONTEXT, wrong)];
        let refused = bucket.put_with("k", "x", &headers);
        assert_eq!(refused.error().0, "InvalidArgument", "{wrong}");
    }
}

#[test]
fn who_may_not_use_the_key_neither_reads_nor_writes() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let headers: Headers<'_> = &[(SSE, "aws:kms"), (KEY_ID, &arn)];
    bucket.put_with("k", "secret", headers).checked();
    let begun = bucket.call(world.root(), "POST", "/u?uploads", headers, "");
    let parts = format!("/u?uploadId={}", begun.checked().xml("UploadId"));
    let via = |service: &str| json!({"StringEquals": {"kms:ViaService": format!("{service}.{REGION}.amazonaws.com")}});
    let bound =
        |pattern: &str| json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": pattern}});
    let all = ["kms:GenerateDataKey", "kms:Decrypt"];
    for (name, actions, condition, writes, reads) in [
        ("none", &["kms:ListKeys"][..], json!({}), 403, 403),
        ("writer", &all[..1], json!({}), 200, 403),
        ("reader", &all[1..], json!({}), 403, 200),
        ("through", &all[..], via("s3"), 200, 200),
        ("elsewhere", &all[..], via("secretsmanager"), 403, 403),
        ("bound", &all[..], bound("arn:aws:s3:::data/*"), 200, 200),
        ("astray", &all[..], bound("arn:aws:s3:::other/*"), 403, 403),
    ] {
        let who = user(&world, name, actions, condition);
        let put = bucket.call(&who, "PUT", "/k", headers, "secret");
        assert_eq!(put.status, writes, "{name} {}", put.text());
        let get = bucket.get(&who, "k");
        assert_eq!(get.status, reads, "{name}");
        assert_eq!(
            bucket.call(&who, "HEAD", "/k", &[], "").status,
            200,
            "{name}"
        );
        let checked = [("x-amz-checksum-mode", "ENABLED")];
        let head = bucket.call(&who, "HEAD", "/k", &checked, "");
        assert_eq!(
            head.status, reads,
            "{name}: the checksum tells of the bytes"
        );
        let listed = bucket.call(&who, "GET", &parts, &[], "");
        assert_eq!(listed.status, reads, "{name}: so do those of parts");
        if writes == 403 {
            let (code, text) = put.error();
            assert_eq!(code, "AccessDenied");
            assert!(text.contains("kms:GenerateDataKey"), "{text}");
        }
        let copy = [("x-amz-copy-source", "data/k")];
        let copied = bucket.call(&who, "PUT", "/copy", &copy, "");
        assert_eq!(copied.status, reads, "{name}: a copy in the open");
        let copy = [copy[0], headers[0], headers[1]];
        let copied = bucket.call(&who, "PUT", "/copy", &copy, "");
        assert_eq!(
            copied.status,
            writes.max(reads),
            "{name}: a copy with the key"
        );
    }
}

#[test]
fn a_key_that_is_off_or_unknown_is_told_as_s3_tells_it() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let headers: Headers<'_> = &[(SSE, "aws:kms"), (KEY_ID, &arn)];
    bucket.put_with("k", "x", headers).checked();
    let put = |id: &str| bucket.put_with("k", "x", &[(SSE, "aws:kms"), (KEY_ID, id)]);
    assert_eq!(put("fake key").error().0, "KMS.NotFoundException");
    let id = "00000000-0000-4000-8000-000000000000";
    let (code, text) = put(id).error();
    assert_eq!(code, "KMS.NotFoundException");
    let unknown = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}");
    assert_eq!(text, format!("Key '{unknown}' does not exist"));
    kms(&world, "DisableKey", &json!({"KeyId": arn}));
    let disabled = (
        "KMS.DisabledException".to_owned(),
        format!("{arn} is disabled."),
    );
    assert_eq!(put(&arn).error(), disabled);
    assert_eq!(bucket.get(world.root(), "k").error(), disabled);
    let input = json!({"KeyId": arn, "PendingWindowInDays": 7});
    kms(&world, "ScheduleKeyDeletion", &input);
    let (code, text) = bucket.get(world.root(), "k").error();
    assert_eq!(code, "KMS.KMSInvalidStateException");
    assert_eq!(text, format!("{arn} is pending deletion."));
}

#[test]
fn the_key_may_be_named_by_its_id_or_an_alias_or_be_the_one_of_aws() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let alias = json!({"AliasName": "alias/mine", "TargetKeyId": arn});
    kms(&world, "CreateAlias", &alias);
    let id = arn.rsplit('/').next().unwrap();
    for named in [id, "alias/mine", &arn] {
        let headers = [(SSE, "aws:kms"), (KEY_ID, named)];
        let put = bucket.put_with("k", "x", &headers).checked();
        assert_eq!(header(&put, KEY_ID).unwrap(), arn, "{named}");
    }
    // Policies speak of the key's ARN, however the request names it.
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::data/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": arn}}}]);
    bucket.policy(&deny).checked();
    let other = key(&world);
    for (named, status) in [(id, 200), ("alias/mine", 200), (&arn, 200), (&other, 403)] {
        let headers = [(SSE, "aws:kms"), (KEY_ID, named)];
        assert_eq!(
            bucket.put_with("k", "x", &headers).status,
            status,
            "{named}"
        );
    }
    assert_eq!(bucket.put_with("k", "x", &[(SSE, "aws:kms")]).status, 403);
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    let put = bucket.put_with("k", "x", &[(SSE, "aws:kms")]).checked();
    let own = kms(&world, "DescribeKey", &json!({"KeyId": "alias/aws/s3"}));
    assert_eq!(
        header(&put, KEY_ID).unwrap(),
        own["KeyMetadata"]["Arn"].as_str().unwrap()
    );
    // Others cannot be let into that one.
    let statements = json!([{"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT},
        "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}]);
    bucket.policy(&statements).checked();
    assert_eq!(bucket.get(world.other_root(), "k").status, 403);
    bucket.put("open", "x").checked();
    bucket.get(world.other_root(), "open").checked();
}

#[test]
fn the_policy_of_a_key_lets_another_account_in() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let headers = [(SSE, "aws:kms"), (KEY_ID, arn.as_str())];
    bucket.put_with("k", "x", &headers).checked();
    let statements = json!([{"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT},
        "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}]);
    bucket.policy(&statements).checked();
    assert_eq!(bucket.get(world.other_root(), "k").status, 403);
    let policy = document(&json!([
        {"Effect": "Allow", "Principal": {"AWS": root_arn()}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": "kms:Decrypt", "Resource": "*"},
    ]));
    let input = json!({"KeyId": arn, "Policy": policy.to_string()});
    kms(&world, "PutKeyPolicy", &input);
    bucket.get(world.other_root(), "k").checked();
    let put = bucket.call(world.other_root(), "PUT", "/k", &headers, "x");
    assert_eq!(put.status, 403, "only to read");
}

#[test]
fn without_a_signature_no_key_of_kms_is_had() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.open();
    let everyone = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}]);
    bucket.policy(&everyone).checked();
    bucket.put_with("k", "x", &[(SSE, "aws:kms")]).checked();
    let (code, text) = world.unsigned("GET", "/data/k").error();
    assert_eq!(code, "InvalidArgument");
    assert!(text.ends_with("require AWS Signature Version 4."), "{text}");
}

#[test]
fn a_bucket_encrypts_what_does_not_say_otherwise() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let by = |key: &str| {
        format!(
            "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>{key}\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>"
        )
    };
    let rule = by(&format!("<KMSMasterKeyID>{arn}</KMSMasterKeyID>"));
    default_encryption(&bucket, &world, &rule).checked();
    let shown = bucket
        .call(world.root(), "GET", "?encryption", &[], "")
        .checked();
    assert_eq!(shown.xml("SSEAlgorithm"), "aws:kms");
    assert_eq!(shown.xml("KMSMasterKeyID"), arn);
    assert_eq!(shown.xml("BucketKeyEnabled"), "true");
    let put = bucket.put("k", "x").checked();
    assert_eq!(header(&put, KEY_ID).unwrap(), arn);
    assert_eq!(header(&put, BUCKET_KEY).unwrap(), "true");
    let put = bucket
        .put_with("k", "x", &[(BUCKET_KEY, "false")])
        .checked();
    assert_eq!(header(&put, BUCKET_KEY), None);
    let put = bucket.put_with("k", "x", &[(SSE, "AES256")]).checked();
    assert_eq!(header(&put, SSE).unwrap(), "AES256");
    assert_eq!(header(&put, KEY_ID), None);
    // A key of the request's own, and a copy, which follows its target.
    let put = bucket.put_with("k", "x", &[(SSE, "aws:kms")]).checked();
    assert_ne!(header(&put, KEY_ID).unwrap(), arn);
    let copied = bucket.put_with("copy", "", &[("x-amz-copy-source", "data/k")]);
    assert_eq!(header(&copied.checked(), KEY_ID).unwrap(), arn);
    assert_eq!(bucket.get(world.root(), "copy").checked().text(), "x");
    // Without a key that is named, it is the one of AWS.
    default_encryption(&bucket, &world, &by("")).checked();
    let put = bucket.put("k", "x").checked();
    assert_eq!(header(&put, SSE).unwrap(), "aws:kms");
    // The default is no header: who demands one goes on to.
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::data/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}]);
    bucket.policy(&deny).checked();
    assert_eq!(bucket.put("k", "x").status, 403);
    bucket.put_with("k", "x", &[(SSE, "aws:kms")]).checked();
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    bucket
        .call(world.root(), "DELETE", "?encryption", &[], "")
        .checked();
    assert_eq!(
        header(&bucket.put("k", "x").checked(), SSE).unwrap(),
        "AES256"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let cases: &[(Headers<'_>, &str)] = &[
        (&[(SSE, "aes")], "InvalidArgument"),
        (&[(SSE, "AES256"), (KEY_ID, &arn)], "InvalidArgument"),
        (&[(KEY_ID, &arn)], "InvalidArgument"),
        (&[(SSE, "aws:kms:dsse")], "NotImplemented"),
    ];
    for (headers, code) in cases {
        assert_eq!(
            bucket.put_with("k", "x", headers).error().0,
            *code,
            "{headers:?}"
        );
    }
    let by_default = |inner: &str| {
        let rule = format!(
            "<ApplyServerSideEncryptionByDefault>{inner}</ApplyServerSideEncryptionByDefault>"
        );
        default_encryption(&bucket, &world, &rule).error().0
    };
    let with_key = "<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>x</KMSMasterKeyID>";
    assert_eq!(by_default(with_key), "InvalidArgument");
    assert_eq!(
        by_default("<SSEAlgorithm>rot13</SSEAlgorithm>"),
        "MalformedXML"
    );
}

#[test]
fn a_copy_asks_for_its_sources_key_where_the_source_lies() {
    let world = World::new();
    let root = world.root();
    let call =
        |region: &str, method: &str, path: &str, headers: Headers<'_>, body: &'static str| {
            let signer = Signer {
                access_key: root.access_key_id.clone(),
                secret: root.secret.clone(),
                session_token: None,
                region: region.to_owned(),
                service: "s3".to_owned(),
            };
            let mut parts = testkit::parts(method, path, headers);
            let payload = Payload::Bytes(body.as_bytes());
            signer
                .sign(&mut parts, world.platform.now(), payload)
                .unwrap();
            world.send(parts, body.into()).checked()
        };
    let far = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
               </CreateBucketConfiguration>";
    call("eu-west-1", "PUT", "/far", &[], far);
    call("eu-west-1", "PUT", "/far/k", &[(SSE, "aws:kms")], "x");
    call(REGION, "PUT", "/near", &[], "");
    let headers = [("x-amz-copy-source", "far/k"), (SSE, "aws:kms")];
    call(REGION, "PUT", "/near/k", &headers, "");
    assert_eq!(call(REGION, "GET", "/near/k", &[], "").text(), "x");
    let of_kms = world
        .events()
        .into_iter()
        .filter(|event| event.event_source == "kms.amazonaws.com");
    let asked: Vec<(String, String)> = of_kms
        .map(|event| (event.event_name.into_owned(), event.aws_region))
        .collect();
    let expected = [
        ("GenerateDataKey", "eu-west-1"),
        ("Decrypt", "eu-west-1"),
        ("GenerateDataKey", REGION),
        ("Decrypt", REGION),
    ];
    assert_eq!(
        asked,
        expected.map(|(name, region)| (name.to_owned(), region.to_owned()))
    );
}
