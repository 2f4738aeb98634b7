//! What an object keeps of how it was put, and what is refused because nobody would keep it (Amazon S3 API
//! Reference, "PutObject", "CopyObject", "DeleteObject").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use testkit::bucket::Bucket;
use testkit::{Answer, World};

use crate::encryption::header;

const CLASS: (&str, &str) = ("x-amz-storage-class", "STANDARD_IA");
const REDIRECT: (&str, &str) = ("x-amz-website-redirect-location", "/other");
const EXPIRES: (&str, &str) = ("expires", "Tue, 01 Jan 2030 00:00:00 GMT");

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.xml("Code").as_str()), (status, code));
}

/// A bucket with an object of which everything is said.
fn with_object(world: &World) -> Bucket<'_> {
    let bucket = Bucket::new(world, "data");
    bucket
        .put_with("k", "x", &[CLASS, REDIRECT, EXPIRES])
        .checked();
    bucket
}

#[test]
fn an_object_keeps_when_it_expires_its_class_and_where_it_leads() {
    let world = World::new();
    let bucket = with_object(&world);
    let root = world.root();
    for method in ["GET", "HEAD"] {
        let told = bucket.call(root, method, "/k", &[], "").checked();
        for (name, value) in [CLASS, REDIRECT, EXPIRES] {
            assert_eq!(header(&told, name).unwrap(), value, "{method} {name}");
        }
    }
    for query in ["", "?list-type=2", "?versions"] {
        let listed = bucket.call(root, "GET", query, &[], "").checked();
        assert_eq!(listed.xml("StorageClass"), "STANDARD_IA", "{query}");
    }
    let asked = [("x-amz-object-attributes", "StorageClass")];
    let told = bucket
        .call(root, "GET", "/k?attributes", &asked, "")
        .checked();
    assert_eq!(told.xml("StorageClass"), "STANDARD_IA");
    // Any text may stand there, as at S3.
    bucket.put_with("k", "x", &[("expires", "never")]).checked();
    let told = bucket.call(root, "HEAD", "/k", &[], "").checked();
    assert_eq!(header(&told, "expires").unwrap(), "never");
    assert_eq!(header(&told, CLASS.0), None);
}

#[test]
fn a_copy_keeps_the_metadata_and_neither_class_nor_redirect() {
    let world = World::new();
    let bucket = with_object(&world);
    let root = world.root();
    let source = ("x-amz-copy-source", "data/k");
    bucket.call(root, "PUT", "/copy", &[source], "").checked();
    let copy = bucket.call(root, "HEAD", "/copy", &[], "").checked();
    assert_eq!(header(&copy, EXPIRES.0).unwrap(), EXPIRES.1);
    assert_eq!(
        (header(&copy, CLASS.0), header(&copy, REDIRECT.0)),
        (None, None)
    );
    // Each of them is a change, so that an object may be copied onto itself.
    for change in [
        ("x-amz-storage-class", "GLACIER_IR"),
        ("x-amz-website-redirect-location", "http://a"),
    ] {
        bucket
            .call(root, "PUT", "/k", &[source, change], "")
            .checked();
        let told = bucket.call(root, "HEAD", "/k", &[], "").checked();
        assert_eq!(header(&told, change.0).unwrap(), change.1);
    }
}

#[test]
fn an_upload_in_parts_has_the_class_that_it_was_begun_with() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    let begun = bucket
        .call(root, "POST", "/k?uploads", &[CLASS], "")
        .checked();
    let id = begun.xml("UploadId");
    for query in ["?uploads".to_owned(), format!("/k?uploadId={id}")] {
        let listed = bucket.call(root, "GET", &query, &[], "").checked();
        assert_eq!(listed.xml("StorageClass"), "STANDARD_IA", "{query}");
    }
}

#[test]
fn what_no_object_here_can_have_is_refused() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for (name, value, status, code) in [
        ("x-amz-storage-class", "DEEP_ARCHIVE", 501, "NotImplemented"),
        (
            "x-amz-storage-class",
            "OUTPOSTS",
            400,
            "InvalidStorageClass",
        ),
        (
            "x-amz-website-redirect-location",
            "ftp://a",
            400,
            "InvalidRedirectLocation",
        ),
        ("x-amz-object-lock-event-hold", "ON", 501, "NotImplemented"),
        (
            "x-amz-object-lock-event-hold-duration-days",
            "3",
            501,
            "NotImplemented",
        ),
        (
            "x-amz-sdk-checksum-algorithm",
            "XXHASH64",
            501,
            "NotImplemented",
        ),
        ("x-amz-checksum-sha256a", "AAAA", 400, "InvalidRequest"),
        ("content-md5", "abc", 400, "InvalidDigest"),
        ("x-amz-tagging", "a=1&a=2", 400, "InvalidArgument"),
    ] {
        refused(&bucket.put_with("k", "x", &[(name, value)]), status, code);
    }
    assert_eq!(bucket.get(world.root(), "k").status, 404);
}

#[test]
fn a_condition_that_is_not_kept_deletes_nothing() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    bucket.put("k", "hello").checked();
    let time = "Wed, 21 Oct 2015 07:28:00 GMT";
    for condition in [
        ("x-amz-if-match-size", "3"),
        ("x-amz-if-match-last-modified-time", time),
    ] {
        let answer = bucket.call(root, "DELETE", "/k", &[condition], "");
        refused(&answer, 501, "NotImplemented");
    }
    for condition in [
        "<Size>3</Size>".to_owned(),
        format!("<LastModifiedTime>{time}</LastModifiedTime>"),
    ] {
        let body = format!("<Delete><Object><Key>k</Key>{condition}</Object></Delete>");
        let sum = STANDARD.encode(Md5::digest(body.as_bytes()));
        let headers = [("content-md5", sum.as_str())];
        let answer = bucket.call(root, "POST", "?delete", &headers, &body);
        refused(&answer, 501, "NotImplemented");
    }
    assert_eq!(bucket.get(root, "k").checked().body, "hello");
}

#[test]
fn arguments_are_refused_in_the_words_of_s3() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    let number = "Part number must be an integer between 1 and 10000, inclusive";
    let source = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
    let mode = ("x-amz-object-lock-mode", "GOVERNANCE");
    let until = "x-amz-object-lock-retain-until-date";
    for (method, path, headers, sentence) in [
        (
            "GET",
            "?max-keys=a",
            &[][..],
            "Provided max-keys not an integer or within integer range",
        ),
        (
            "GET",
            "?list-type=2&max-keys=",
            &[],
            "Provided max-keys not an integer or within integer range",
        ),
        (
            "GET",
            "?encoding-type=x",
            &[],
            "Invalid Encoding Method specified in Request",
        ),
        ("GET", "/k?partNumber=0", &[], number),
        ("GET", "/k?partNumber=10001", &[], number),
        ("GET", "/k?partNumber=a", &[], number),
        ("PUT", "/copy", &[("x-amz-copy-source", "data")], source),
        (
            "PUT",
            "/k?partNumber=1",
            &[],
            "This operation does not accept partNumber without uploadId",
        ),
        (
            "PUT",
            "/k",
            &[("x-amz-object-lock-mode", "abc")],
            "Unknown wormMode directive.",
        ),
        (
            "PUT",
            "/k",
            &[("x-amz-object-lock-legal-hold", "abc")],
            "Legal Hold must be either of 'ON' or 'OFF'",
        ),
        (
            "PUT",
            "/k",
            &[mode, (until, "abc")],
            "The retain until date must be provided in ISO 8601 format",
        ),
    ] {
        let answer = bucket.call(world.root(), method, path, headers, "");
        refused(&answer, 400, "InvalidArgument");
        assert_eq!(answer.xml("Message"), sentence, "{method} {path}");
    }
}

#[test]
fn requests_are_refused_in_the_words_of_s3() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    let begun = bucket.call(root, "POST", "/m?uploads", &[], "").checked();
    let upload = format!("/m?uploadId={}", begun.xml("UploadId"));
    let parts = "<CompleteMultipartUpload><Part><PartNumber>0</PartNumber><ETag>x</ETag></Part>\
                 </CompleteMultipartUpload>";
    let size = ("x-amz-mp-object-size", "size");
    let chosen = ("x-amz-sdk-checksum-algorithm", "CRC32");
    let sum = ("x-amz-checksum-crc32c", "mnG7TA==");
    let agree = "Value for x-amz-sdk-checksum-algorithm header is invalid.";
    for (method, path, headers, body, code, sentence) in [
        (
            "POST",
            upload.as_str(),
            &[][..],
            parts,
            "InvalidArgument",
            "PartNumber must be >= 1",
        ),
        (
            "POST",
            &upload,
            &[size],
            parts,
            "InvalidRequest",
            "Value for x-amz-mp-object-size header is invalid: 'size'",
        ),
        (
            "GET",
            "/k?attributes",
            &[],
            "",
            "InvalidRequest",
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either \
             missing or empty",
        ),
        (
            "PUT",
            "/k",
            &[chosen, sum],
            "hello",
            "InvalidRequest",
            agree,
        ),
        (
            "PUT",
            "/k",
            &[("x-amz-sdk-checksum-algorithm", "FOO")],
            "hello",
            "InvalidRequest",
            agree,
        ),
    ] {
        let answer = bucket.call(root, method, path, headers, body);
        refused(&answer, 400, code);
        assert_eq!(answer.xml("Message"), sentence, "{method} {path}");
    }
    bucket.put_with("k", "hello", &[sum]).checked();
}
