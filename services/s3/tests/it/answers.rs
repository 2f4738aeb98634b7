//! What real clients look for in answers and refusals (Amazon S3 API Reference; recorded answers of S3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use testkit::bucket::Bucket;
use testkit::{Answer, World};

use crate::encryption::header;
use crate::lifecycle::enable_versions;

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.xml("Code").as_str()), (status, code));
}

#[test]
fn what_is_not_there_meets_no_condition_of_a_deletion() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    let put = bucket.put("k", "hello").checked();
    let etag = header(&put, "etag").unwrap();
    let delete = |key: &str, tag: &str| bucket.call(root, "DELETE", key, &[("if-match", tag)], "");
    for tag in ["*", etag.as_str()] {
        refused(&delete("/none", tag), 404, "NoSuchKey");
    }
    refused(&delete("/k", "other"), 412, "PreconditionFailed");
    assert_eq!(delete("/k", &etag).checked().status, 204);
    refused(&delete("/k", &etag), 404, "NoSuchKey");
    // The current version is a delete marker: there is something, and it has no entity tag.
    enable_versions(&world, &bucket);
    bucket.put("k", "hello").checked();
    bucket.call(root, "DELETE", "/k", &[], "").checked();
    for tag in ["*", etag.as_str()] {
        refused(&delete("/k", tag), 412, "PreconditionFailed");
    }
}

#[test]
fn each_key_of_a_batch_has_its_own_refusal() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    enable_versions(&world, &bucket);
    let put = bucket.put("k", "hello").checked();
    let etag = header(&put, "etag").unwrap();
    let tag = etag.trim_matches('"');
    let body = format!(
        "<Delete><Object><Key>k</Key><VersionId>none</VersionId><ETag>{tag}</ETag></Object>\
         <Object><Key>gone</Key><ETag>{tag}</ETag></Object>\
         <Object><Key>k</Key><ETag>{tag}</ETag></Object></Delete>"
    );
    let sum = STANDARD.encode(Md5::digest(body.as_bytes()));
    let headers = [("content-md5", sum.as_str())];
    let answer = bucket
        .call(world.root(), "POST", "?delete", &headers, &body)
        .checked();
    let text = answer.text();
    assert_eq!(text.matches("<Error>").count(), 2, "{text}");
    assert!(text.contains("<Code>InvalidArgument</Code>"), "{text}");
    assert!(text.contains("<Code>NoSuchKey</Code>"), "{text}");
    assert!(text.contains("<DeleteMarker>true</DeleteMarker>"), "{text}");
}

#[test]
fn a_refusal_names_the_condition_that_was_not_met() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let etag = header(&bucket.put("k", "hello").checked(), "etag").unwrap();
    for (name, value) in [
        ("If-Match", "other"),
        ("If-None-Match", etag.as_str()),
        ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),
        ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ] {
        let name = format!("x-amz-copy-source-{name}");
        let lower = name.to_ascii_lowercase();
        let headers = [("x-amz-copy-source", "data/k"), (lower.as_str(), value)];
        let answer = bucket.call(world.root(), "PUT", "/copy", &headers, "");
        refused(&answer, 412, "PreconditionFailed");
        assert_eq!(answer.xml("Condition"), name);
    }
}

#[test]
fn an_object_is_copied_onto_itself_where_something_changes() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    let copy = |more: &[(&str, &str)]| {
        let headers = [&[("x-amz-copy-source", "data/k")], more].concat();
        bucket.call(world.root(), "PUT", "/k", &headers, "")
    };
    refused(&copy(&[]), 400, "InvalidRequest");
    copy(&[("x-amz-storage-class", "STANDARD")]).checked();
    copy(&[("x-amz-server-side-encryption", "AES256")]).checked();
    copy(&[("x-amz-metadata-directive", "REPLACE")]).checked();
    assert_eq!(bucket.get(world.root(), "k").checked().body, "hello");
}

#[test]
fn headers_of_an_answer_are_chosen_by_the_request() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    let path = "/k?response-expires=Wed%2C%2021%20Oct%202015%2007%3A28%3A00%20GMT&response-cache-control=no-store";
    let got = bucket.call(world.root(), "GET", path, &[], "").checked();
    assert_eq!(
        header(&got, "expires").unwrap(),
        "Wed, 21 Oct 2015 07:28:00 GMT"
    );
    assert_eq!(header(&got, "cache-control").unwrap(), "no-store");
}

#[test]
fn settings_are_answered_as_s3_answers_them() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let root = world.root();
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    assert_eq!(
        bucket
            .call(root, "PUT", "?tagging", &[], tags)
            .checked()
            .status,
        204
    );
    let own = bucket.put_with("k", "x", &[("x-amz-tagging", "aws:a=b")]);
    refused(&own, 400, "InvalidTag");
    refused(
        &bucket.call(root, "PUT", "?object-lock", &[], ""),
        400,
        "MissingRequestBodyError",
    );
    enable_versions(&world, &bucket);
    bucket.put("k", "hello").checked();
    let marker = bucket.call(root, "DELETE", "/k", &[], "").checked();
    let id = header(&marker, "x-amz-version-id").unwrap();
    let tagging = bucket.call(
        root,
        "PUT",
        &format!("/k?tagging&versionId={id}"),
        &[],
        tags,
    );
    refused(&tagging, 405, "MethodNotAllowed");
    assert_eq!(
        (tagging.xml("Method"), tagging.xml("ResourceType")),
        ("PUT".into(), "DeleteMarker".into())
    );
}
