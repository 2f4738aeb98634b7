//! Keys that customers bring, and uploads in parts with keys of either kind (Amazon S3 User Guide, "Using
//! server-side encryption with customer-provided keys").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::json;
use testkit::bucket::Bucket;
use testkit::{Answer, World};

use crate::encryption::{
    Headers, KEY_ID, SSE, asked_of_kms, default_encryption, header, key, many,
};

type Pairs = Vec<(String, String)>;

/// The three headers of a customer's key; `prefix` is `x-amz-` or that of a copy's source.
fn customers(prefix: &str, key: &[u8]) -> Pairs {
    let name = |rest: &str| format!("{prefix}server-side-encryption-customer-{rest}");
    vec![
        (name("algorithm"), "AES256".to_owned()),
        (name("key"), STANDARD.encode(key)),
        (name("key-md5"), STANDARD.encode(Md5::digest(key))),
    ]
}

fn send(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Answer {
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    world.http(world.root(), "s3", method, path, &headers, body)
}

const MINE: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

#[test]
fn an_object_with_a_customers_key_is_read_with_that_key_alone() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let (mine, other) = (customers("x-amz-", &MINE), customers("x-amz-", &OTHER));
    let body = many(100_000);
    let put = send(&world, "PUT", "/data/k", &mine, body.clone()).checked();
    assert_eq!(header(&put, SSE), None);
    assert_eq!(header(&put, &mine[0].0).unwrap(), "AES256");
    assert_eq!(header(&put, &mine[2].0).unwrap(), mine[2].1);
    for method in ["GET", "HEAD"] {
        let got = send(&world, method, "/data/k", &mine, Bytes::new()).checked();
        assert_eq!(header(&got, &mine[2].0).unwrap(), mine[2].1);
        assert!(method == "HEAD" || got.body == body);
        assert_eq!(
            send(&world, method, "/data/k", &other, Bytes::new()).status,
            403
        );
        assert_eq!(bucket.call(world.root(), method, "/k", &[], "").status, 400);
        // Whether it is what the client has is not told without the key, either.
        let unless = [("if-none-match", "*")];
        assert_eq!(
            bucket.call(world.root(), method, "/k", &unless, "").status,
            400
        );
    }
    let get = |headers: &[(String, String)]| {
        send(&world, "GET", "/data/k", headers, Bytes::new()).error()
    };
    assert_eq!(get(&[]).0, "InvalidRequest");
    assert_eq!(get(&other).0, "AccessDenied");
    let mut attributes = vec![(
        "x-amz-object-attributes".to_owned(),
        "ObjectSize".to_owned(),
    )];
    let path = "/data/k?attributes";
    assert_eq!(
        send(&world, "GET", path, &attributes, Bytes::new()).status,
        400
    );
    attributes.extend(mine.clone());
    send(&world, "GET", path, &attributes, Bytes::new()).checked();
    // Others take no key.
    bucket.put("open", "x").checked();
    let got = send(&world, "GET", "/data/open", &mine, Bytes::new());
    assert_eq!(
        got.error().1,
        "The encryption parameters are not applicable to this object."
    );
    // What is hidden stays so in the trail.
    let events = serde_json::to_string(&world.events()).unwrap();
    assert!(events.contains(&mine[2].1) && !events.contains(&mine[1].1));
    // To delete it takes no key.
    bucket.call(world.root(), "DELETE", "/k", &[], "").checked();
}

#[test]
fn headers_of_a_customers_key_are_checked() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let put = |change: &dyn Fn(&mut Pairs)| {
        let mut headers = customers("x-amz-", &MINE);
        change(&mut headers);
        send(&world, "PUT", "/data/k", &headers, Bytes::from_static(b"x")).error()
    };
    let code = |change: &dyn Fn(&mut Pairs)| put(change).0;
    let without = |at: usize| put(&|headers| drop(headers.remove(at)));
    for (at, lacks) in [
        (0, "algorithm"),
        (1, "secret key"),
        (2, "MD5 of the secret key"),
    ] {
        let (code, text) = without(at);
        assert_eq!(code, "InvalidArgument");
        assert!(text.contains(lacks), "{text}");
    }
    let unknown = |headers: &mut Pairs| headers[0].1 = "AES128".to_owned();
    assert_eq!(code(&unknown), "InvalidEncryptionAlgorithmError");
    let wrong_sum = |headers: &mut Pairs| headers[2] = customers("x-amz-", &OTHER).remove(2);
    assert!(
        put(&wrong_sum)
            .1
            .contains("MD5 hash of the key did not match")
    );
    let short = |headers: &mut Pairs| *headers = customers("x-amz-", &[1; 24]);
    assert!(
        put(&short)
            .1
            .contains("invalid for the specified algorithm")
    );
    let both = |headers: &mut Pairs| headers.push((SSE.to_owned(), "AES256".to_owned()));
    assert!(
        put(&both)
            .1
            .contains("incompatible with the encryption method")
    );
    // A bucket may turn them away; what is there is still read.
    let mine = customers("x-amz-", &MINE);
    send(&world, "PUT", "/data/k", &mine, Bytes::from_static(b"x")).checked();
    let begun = send(&world, "POST", "/data/begun?uploads", &mine, Bytes::new()).checked();
    let rule =
        "<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>";
    default_encryption(&bucket, &world, rule).checked();
    let refused = send(&world, "PUT", "/data/k", &mine, Bytes::from_static(b"x"));
    assert_eq!(refused.status, 403);
    let path = format!(
        "/data/begun?uploadId={}&partNumber=1",
        begun.xml("UploadId")
    );
    let refused = send(&world, "PUT", &path, &mine, Bytes::from_static(b"x"));
    assert_eq!(refused.status, 403);
    send(&world, "GET", "/data/k", &mine, Bytes::new()).checked();
    let shown = bucket
        .call(world.root(), "GET", "?encryption", &[], "")
        .checked();
    assert_eq!(shown.xml("EncryptionType"), "SSE-C");
    default_encryption(&bucket, &world, &rule.replace("SSE-C", "NONE")).checked();
    send(&world, "PUT", "/data/k", &mine, Bytes::from_static(b"x")).checked();
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::data/*",
        "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}}]);
    bucket.policy(&deny).checked();
    assert_eq!(
        send(&world, "PUT", "/data/k", &mine, Bytes::new()).status,
        403
    );
    bucket.put("k", "x").checked();
}

#[test]
fn a_copy_takes_the_key_of_its_source_and_gives_another() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let mine = customers("x-amz-", &MINE);
    let body = many(70_000);
    send(&world, "PUT", "/data/k", &mine, body.clone()).checked();
    let source = ("x-amz-copy-source".to_owned(), "data/k".to_owned());
    let copy = |to: &str, more: &[&[(String, String)]]| {
        let headers = [vec![source.clone()], more.concat()].concat();
        send(&world, "PUT", to, &headers, Bytes::new())
    };
    let of_source = customers("x-amz-copy-source-", &MINE);
    assert_eq!(copy("/data/copy", &[]).error().0, "InvalidRequest");
    let wrong = customers("x-amz-copy-source-", &OTHER);
    assert_eq!(copy("/data/copy", &[&wrong]).error().0, "AccessDenied");
    copy("/data/copy", &[&of_source]).checked();
    let got = bucket.get(world.root(), "copy").checked();
    assert!(got.body == body);
    assert_eq!(header(&got, SSE).unwrap(), "AES256");
    let etag = header(&got, "etag").unwrap();
    assert_eq!(etag.trim_matches('"'), hex::encode(Md5::digest(&body)));
    // To itself with another key: the key alone changes.
    let other = customers("x-amz-", &OTHER);
    copy("/data/k", &[&of_source, &other]).checked();
    assert_eq!(
        send(&world, "GET", "/data/k", &mine, Bytes::new()).status,
        403
    );
    let got = send(&world, "GET", "/data/k", &other, Bytes::new()).checked();
    assert!(got.body == body);
}

const MIB: usize = 1 << 20;

/// An upload of `/data/k` in two parts; the headers of its beginning, of its parts and of its end.
fn in_parts(
    world: &World,
    body: &Bytes,
    [begin, part, end]: [&[(String, String)]; 3],
) -> Result<Answer, Box<Answer>> {
    let checked = |answer: Answer| {
        if answer.status == 200 {
            Ok(answer)
        } else {
            Err(Box::new(answer))
        }
    };
    let begun = checked(send(world, "POST", "/data/k?uploads", begin, Bytes::new()))?;
    let id = begun.xml("UploadId");
    let mut listed = String::new();
    for (number, body) in [(1, body.slice(..5 * MIB)), (2, body.slice(5 * MIB..))] {
        let path = format!("/data/k?uploadId={id}&partNumber={number}");
        let put = checked(send(world, "PUT", &path, part, body))?;
        let etag = header(&put, "etag").unwrap();
        listed += &format!("<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>");
    }
    let listed = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    let path = format!("/data/k?uploadId={id}");
    checked(send(world, "POST", &path, end, listed.into()))
}

fn owned(headers: Headers<'_>) -> Pairs {
    let one = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    headers.iter().map(one).collect()
}

#[test]
fn an_upload_in_parts_is_sealed_part_by_part() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let arn = key(&world);
    let body = many(6 * MIB);
    let begin = owned(&[(SSE, "aws:kms"), (KEY_ID, &arn)]);
    // Who demands the header at every upload gets it from where the upload was begun.
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::data/*",
        "Condition": {"StringNotEquals": {
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:x-amz-server-side-encryption-aws-kms-key-id": arn}}}]);
    bucket.policy(&deny).checked();
    let done = in_parts(&world, &body, [&begin, &[], &[]]).unwrap();
    assert_eq!(header(&done, KEY_ID).unwrap(), arn);
    let asked: Vec<String> = asked_of_kms(&world)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(asked, ["GenerateDataKey", "Decrypt", "Decrypt"]);
    assert!(in_parts(&world, &body, [&[], &[], &[]]).is_err());
    let got = bucket.get(world.root(), "k").checked();
    assert!(got.body == body);
    let range = [("range", "bytes=5242870-5242890")];
    let got = bucket.call(world.root(), "GET", "/k", &range, "").checked();
    assert!(got.body == body.slice(5_242_870..=5_242_890));
    let got = bucket
        .call(world.root(), "GET", "/k?partNumber=2", &[], "")
        .checked();
    assert!(got.body == body.slice(5 * MIB..));
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    // With checksums, the end needs the key, too.
    let with_sums = [begin, owned(&[("x-amz-checksum-algorithm", "CRC64NVME")])].concat();
    in_parts(&world, &body, [&with_sums, &[], &[]]).unwrap();
    let last = asked_of_kms(&world);
    let last: Vec<&str> = last
        .iter()
        .rev()
        .take(4)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(last, ["Decrypt", "Decrypt", "Decrypt", "GenerateDataKey"]);
}

#[test]
fn every_part_comes_with_the_customers_key() {
    let world = World::new();
    let _bucket = Bucket::new(&world, "data");
    let body = many(6 * MIB);
    let (mine, other) = (customers("x-amz-", &MINE), customers("x-amz-", &OTHER));
    in_parts(&world, &body, [&mine, &mine, &[]]).unwrap();
    let got = send(&world, "GET", "/data/k", &mine, Bytes::new()).checked();
    assert!(got.body == body);
    assert_eq!(
        send(&world, "GET", "/data/k", &other, Bytes::new()).status,
        403
    );
    let refused = |headers: [&[(String, String)]; 3]| {
        let refused = in_parts(&world, &body, headers).map(|_| ()).unwrap_err();
        refused.error().1
    };
    assert!(refused([&mine, &[], &[]]).contains("requested encryption"));
    assert!(refused([&[], &mine, &[]]).contains("requested encryption"));
    assert!(refused([&mine, &other, &[]]).contains("did not match the ones used originally"));
    assert!(refused([&mine, &mine, &other]).contains("did not match the ones used originally"));
    let with_sums = [
        mine.clone(),
        owned(&[("x-amz-checksum-algorithm", "CRC64NVME")]),
    ]
    .concat();
    assert!(refused([&with_sums, &mine, &[]]).contains("requested encryption"));
    in_parts(&world, &body, [&with_sums, &mine, &mine]).unwrap();
    // A part that is copied takes both keys.
    let begun = send(&world, "POST", "/data/copy?uploads", &other, Bytes::new()).checked();
    let path = format!("/data/copy?uploadId={}&partNumber=1", begun.xml("UploadId"));
    let source = owned(&[("x-amz-copy-source", "data/k")]);
    let of_source = customers("x-amz-copy-source-", &MINE);
    let copy = |headers: &[(String, String)]| send(&world, "PUT", &path, headers, Bytes::new());
    assert_eq!(
        copy(&[source.clone(), of_source.clone()].concat()).status,
        400
    );
    assert_eq!(copy(&[source.clone(), other.clone()].concat()).status, 400);
    copy(&[source, of_source, other.clone()].concat()).checked();
}

#[test]
fn each_version_has_its_own_key() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    bucket
        .call(world.root(), "PUT", "?versioning", &[], on)
        .checked();
    let (mine, other) = (customers("x-amz-", &MINE), customers("x-amz-", &OTHER));
    let put = |headers: &[(String, String)], body: &'static str| {
        let put = send(&world, "PUT", "/data/k", headers, body.into()).checked();
        header(&put, "x-amz-version-id").unwrap()
    };
    let (first, second) = (put(&mine, "first"), put(&other, "second"));
    let get = |version: &str, headers: &[(String, String)]| {
        send(
            &world,
            "GET",
            &format!("/data/k?versionId={version}"),
            headers,
            Bytes::new(),
        )
    };
    assert_eq!(get(&first, &mine).checked().text(), "first");
    assert_eq!(get(&second, &other).checked().text(), "second");
    assert_eq!(get(&first, &other).status, 403);
    assert_eq!(get(&second, &mine).status, 403);
}

#[test]
fn the_trail_says_what_was_applied() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let applied = || {
        let event = serde_json::to_value(world.last_event()).unwrap();
        event["additionalEventData"]["SSEApplied"].clone()
    };
    bucket.put("k", "x").checked();
    assert_eq!(applied(), "Default_SSE_S3");
    bucket.put_with("k", "x", &[(SSE, "AES256")]).checked();
    assert_eq!(applied(), "SSE_S3");
    bucket.put_with("k", "x", &[(SSE, "aws:kms")]).checked();
    assert_eq!(applied(), "SSE_KMS");
    let mine = customers("x-amz-", &MINE);
    send(&world, "PUT", "/data/k", &mine, Bytes::new()).checked();
    assert_eq!(applied(), "SSE_C");
    let arn = key(&world);
    bucket
        .put_with("k", "x", &[(SSE, "aws:kms"), (KEY_ID, &arn)])
        .checked();
    let event = serde_json::to_value(world.last_event()).unwrap();
    assert_eq!(event["requestParameters"][KEY_ID], arn.as_str());
}
