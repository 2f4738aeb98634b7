//! Uploads in parts (Amazon S3 User Guide, "Uploading and copying objects using multipart upload").

use bytes::Bytes;
use s3::sweep;
use serde_json::json;
use testkit::bucket::Bucket;
use testkit::{Answer, World};

const MIB: usize = 1 << 20;

/// An upload of the key `k` by the root user.
struct Upload<'w> {
    world: &'w World,
    id: String,
}

impl<'w> Upload<'w> {
    fn begin(world: &'w World, headers: &[(&str, &str)]) -> Self {
        let begun = world.http(
            world.root(),
            "s3",
            "POST",
            "/data/k?uploads",
            headers,
            Bytes::new(),
        );
        Self {
            world,
            id: begun.checked().xml("UploadId"),
        }
    }

    fn call(&self, method: &str, query: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let path = format!("/data/k?uploadId={}{query}", self.id);
        self.world
            .http(self.world.root(), "s3", method, &path, headers, body)
    }

    fn part(&self, number: u32, size: usize) -> String {
        let body = Bytes::from(vec![b'a' + (number % 26) as u8; size]);
        let put = self
            .call("PUT", &format!("&partNumber={number}"), &[], body)
            .checked();
        put.headers["etag"].to_str().unwrap().to_owned()
    }

    fn complete(&self, parts: &[(u32, &str)]) -> Answer {
        self.complete_with(parts, &[])
    }

    fn complete_with(&self, parts: &[(u32, &str)], headers: &[(&str, &str)]) -> Answer {
        let parts: String = parts
            .iter()
            .map(|(number, etag)| {
                format!("<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>")
            })
            .collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        self.call("POST", "", headers, body.into())
    }
}

#[test]
fn an_object_is_made_of_its_parts_in_their_order() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let headers = [
        ("content-type", "text/plain"),
        ("x-amz-meta-colour", "red"),
        ("x-amz-tagging", "a=1"),
    ];
    let upload = Upload::begin(&world, &headers);
    let last = upload.part(7, 10);
    let first = upload.part(2, 5 * MIB);
    upload.part(3, 20);
    assert_eq!(
        bucket.get(world.root(), "k").error().0,
        "NoSuchKey",
        "not yet"
    );
    let made = upload.complete(&[(2, &first), (7, &last)]).checked();
    assert!(made.xml("ETag").ends_with("-2\""), "{}", made.text());
    assert_eq!(made.xml("ChecksumType"), "FULL_OBJECT");
    let again = upload.complete(&[(2, &first), (7, &last)]).checked();
    assert_eq!(again.xml("ETag"), made.xml("ETag"), "it is repeated");
    assert_eq!(upload.complete(&[(2, &first)]).error().0, "NoSuchUpload");

    let got = bucket.get(world.root(), "k").checked();
    assert_eq!(got.body.len(), 5 * MIB + 10);
    assert!(got.body.starts_with(b"cc") && got.body.ends_with(b"hhhhhhhhhh"));
    assert_eq!(got.headers["content-type"], "text/plain");
    assert_eq!(got.headers["x-amz-meta-colour"], "red");
    assert_eq!(got.headers["x-amz-tagging-count"], "1");
    let range = format!("bytes={}-{}", 5 * MIB - 2, 5 * MIB + 1);
    let across = bucket.call(world.root(), "GET", "/k", &[("range", &range)], "");
    assert_eq!((across.status, across.text().as_str()), (206, "cchh"));

    let part = bucket.get(world.root(), "k?partNumber=7");
    assert_eq!((part.status, part.body.len()), (206, 10));
    assert_eq!(part.headers["x-amz-mp-parts-count"], "2");
    let head = bucket.call(world.root(), "HEAD", "/k?partNumber=2", &[], "");
    assert_eq!(
        head.headers["content-length"],
        (5 * MIB).to_string().as_str()
    );
    assert_eq!(
        bucket.get(world.root(), "k?partNumber=3").error().0,
        "InvalidPartNumber"
    );
    assert_eq!(
        sweep(&world.platform, &mut || true).unwrap(),
        0,
        "part 3 is gone"
    );
    bucket.put("k", "other").checked();
    assert_eq!(sweep(&world.platform, &mut || true).unwrap(), 0);
}

#[test]
fn parts_that_do_not_make_an_object() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let upload = Upload::begin(&world, &[]);
    let (one, two) = (upload.part(1, 100), upload.part(2, 200));
    let wrong = [
        (
            vec![(2, two.as_str()), (1, one.as_str())],
            "InvalidPartOrder",
        ),
        (
            vec![(1, one.as_str()), (1, one.as_str())],
            "InvalidPartOrder",
        ),
        (vec![(1, two.as_str())], "InvalidPart"),
        (vec![(3, one.as_str())], "InvalidPart"),
        (vec![(1, one.as_str()), (2, two.as_str())], "EntityTooSmall"),
        (vec![], "MalformedXML"),
    ];
    for (parts, code) in wrong {
        assert_eq!(upload.complete(&parts).error().0, code, "{parts:?}");
    }
    let size = [("x-amz-mp-object-size", "201")];
    let refused = upload.complete_with(&[(2, &two)], &size);
    assert_eq!(refused.error().0, "InvalidRequest");
    let digest = [("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")];
    let refused = upload.complete_with(&[(2, &two)], &digest);
    assert_eq!(refused.error().0, "BadDigest");
    bucket.put("k", "here").checked();
    let refused = upload.complete_with(&[(2, &two)], &[("if-none-match", "*")]);
    assert_eq!(refused.error().0, "PreconditionFailed");
    for number in ["0", "10001"] {
        let query = format!("&partNumber={number}");
        let refused = upload.call("PUT", &query, &[], "x".into());
        assert_eq!(refused.error().0, "InvalidArgument", "{number}");
    }
    upload.complete(&[(2, &two)]).checked();
    assert_eq!(bucket.get(world.root(), "k").body.len(), 200);
    assert_eq!(
        upload
            .call("PUT", "&partNumber=1", &[], "x".into())
            .error()
            .0,
        "NoSuchUpload"
    );
}

#[test]
fn an_upload_that_is_aborted_leaves_nothing() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let upload = Upload::begin(&world, &[]);
    upload.part(1, 100);
    upload.part(1, 300);
    assert_eq!(upload.call("DELETE", "", &[], "".into()).status, 204);
    for answer in [
        upload.call("DELETE", "", &[], "".into()),
        upload.call("GET", "", &[], "".into()),
    ] {
        assert_eq!(answer.error().0, "NoSuchUpload");
    }
    assert_eq!(sweep(&world.platform, &mut || true).unwrap(), 0);
    let upload = Upload::begin(&world, &[]);
    upload.part(1, 100);
    assert_eq!(bucket.call(world.root(), "DELETE", "", &[], "").status, 204);
    assert_eq!(
        sweep(&world.platform, &mut || true).unwrap(),
        0,
        "the bucket is gone"
    );
}

#[test]
fn uploads_and_their_parts_are_listed_page_by_page() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let upload = Upload::begin(&world, &[]);
    for number in [1, 2, 5] {
        upload.part(number, 10);
    }
    let first = upload.call("GET", "&max-parts=2", &[], "".into()).checked();
    assert_eq!(first.xml("NextPartNumberMarker"), "2");
    assert_eq!(first.xml("IsTruncated"), "true");
    let rest = upload
        .call("GET", "&max-parts=2&part-number-marker=2", &[], "".into())
        .checked();
    assert_eq!(rest.xml("PartNumber"), "5");
    assert_eq!(rest.xml("IsTruncated"), "false");

    for key in ["a/1", "a/2", "b"] {
        let path = format!("/{key}?uploads");
        bucket.call(world.root(), "POST", &path, &[], "").checked();
    }
    let list = |query: &str| {
        let path = format!("?uploads{query}");
        bucket.call(world.root(), "GET", &path, &[], "").checked()
    };
    let names = |answer: &Answer| {
        let text = answer.text();
        let keys = text.split("<Key>").skip(1);
        keys.map(|part| part.split("</Key>").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&list("")), ["a/1", "a/2", "b", "k"]);
    assert_eq!(names(&list("&prefix=a")), ["a/1", "a/2"]);
    let folders = list("&delimiter=%2F&max-uploads=1");
    assert!(folders.text().contains("<Prefix>a/</Prefix>"));
    assert_eq!(folders.xml("NextKeyMarker"), "a/");
    assert_eq!(names(&list("&delimiter=%2F&key-marker=a%2F")), ["b", "k"]);
    let one = list("&max-uploads=1");
    let marker = format!(
        "&key-marker={}&upload-id-marker={}",
        wire::uri::encode(&one.xml("NextKeyMarker")),
        one.xml("NextUploadIdMarker")
    );
    assert_eq!(names(&list(&marker)), ["a/2", "b", "k"]);
    assert_eq!(names(&list("&key-marker=b")), ["k"]);
}

#[test]
fn checksums_of_the_whole_and_of_its_parts() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let algorithm = [("x-amz-checksum-algorithm", "SHA256")];
    let upload = Upload::begin(&world, &algorithm);
    let query = "&partNumber=1";
    let plain = upload.call("PUT", query, &[], "hello".into());
    assert_eq!(plain.error().0, "InvalidRequest", "without a sum");
    let sum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let header = [("x-amz-checksum-sha256", sum)];
    let put = upload.call("PUT", query, &header, "hello".into()).checked();
    let etag = put.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(upload.complete(&[(1, &etag)]).error().0, "InvalidRequest");
    let complete = |sum: &str| {
        let body = format!(
            "<CompleteMultipartUpload><Part><ETag>{etag}</ETag><PartNumber>1</PartNumber>\
             <ChecksumSHA256>{sum}</ChecksumSHA256></Part></CompleteMultipartUpload>"
        );
        upload.call("POST", "", &[], body.into())
    };
    assert_eq!(complete("AAAA").error().0, "InvalidPart");
    let made = complete(sum).checked();
    assert_eq!(made.xml("ChecksumType"), "COMPOSITE");
    assert!(made.xml("ChecksumSHA256").ends_with("-1"));
    let attributes = [(
        "x-amz-object-attributes",
        "Checksum,ObjectParts,ETag,ObjectSize",
    )];
    let attributes = bucket
        .call(world.root(), "GET", "/k?attributes", &attributes, "")
        .checked();
    assert_eq!(attributes.xml("PartsCount"), "1");
    assert_eq!(attributes.xml("ObjectSize"), "5");
    assert!(attributes.xml("Part").contains(sum));
    assert!(!attributes.xml("ETag").contains('"'));

    let wrong = [
        ("x-amz-checksum-algorithm", "SHA256"),
        ("x-amz-checksum-type", "FULL_OBJECT"),
    ];
    let refused = bucket.call(world.root(), "POST", "/k?uploads", &wrong, "");
    assert_eq!(refused.error().0, "InvalidRequest");

    // CRC-32 of `123456789` is CBF43926, of whichever parts it is made.
    let full = [
        ("x-amz-checksum-algorithm", "CRC32"),
        ("x-amz-checksum-type", "FULL_OBJECT"),
    ];
    let upload = Upload::begin(&world, &full);
    let body = Bytes::from([vec![b'x'; 5 * MIB], b"123".to_vec()].concat());
    let one = upload.call("PUT", "&partNumber=1", &[], body).checked();
    let two = upload.call("PUT", "&partNumber=2", &[], "456789".into());
    let etag = |answer: &Answer| answer.headers["etag"].to_str().unwrap().to_owned();
    let made = upload.complete(&[(1, &etag(&one)), (2, &etag(&two.checked()))]);
    let whole = made.checked().xml("ChecksumCRC32");
    let mut all = vec![b'x'; 5 * MIB];
    all.extend_from_slice(b"123456789");
    let path = "/data/whole";
    let headers = [("x-amz-sdk-checksum-algorithm", "CRC32")];
    let put = world
        .http(world.root(), "s3", "PUT", path, &headers, all.into())
        .checked();
    assert_eq!(put.headers["x-amz-checksum-crc32"], whole.as_str());
}

#[test]
fn a_part_is_copied_from_an_object() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("source", "0123456789").checked();
    let upload = Upload::begin(&world, &[]);
    let copy = |headers: &[(&str, &str)]| {
        let mut all = vec![("x-amz-copy-source", "data/source")];
        all.extend_from_slice(headers);
        upload.call("PUT", "&partNumber=1", &all, "".into())
    };
    for (range, code) in [
        ("bytes=0-10", "InvalidArgument"),
        ("bytes=3-2", "InvalidArgument"),
        ("0-1", "InvalidArgument"),
        ("bytes=-2", "InvalidArgument"),
    ] {
        let refused = copy(&[("x-amz-copy-source-range", range)]);
        assert_eq!(refused.error().0, code, "{range}");
    }
    let refused = copy(&[("x-amz-copy-source-if-match", "\"x\"")]);
    assert_eq!(refused.error().0, "PreconditionFailed");
    let part = copy(&[("x-amz-copy-source-range", "bytes=2-4")]).checked();
    upload.complete(&[(1, &part.xml("ETag"))]).checked();
    assert_eq!(bucket.get(world.root(), "k").text(), "234");
    // A copy of an object of parts is one piece, with an entity tag of its own.
    let source = [("x-amz-copy-source", "data/k")];
    let copied = bucket
        .call(world.root(), "PUT", "/copy", &source, "")
        .checked();
    assert!(!copied.xml("ETag").contains('-'));
    bucket.put("k", "gone").checked();
    assert_eq!(bucket.get(world.root(), "copy").text(), "234");
    assert_eq!(sweep(&world.platform, &mut || true).unwrap(), 0);
}

#[test]
fn each_call_needs_its_own_permission() {
    let world = World::new();
    let _bucket = Bucket::new(&world, "data");
    let user = world.user("u");
    let upload = Upload::begin(&world, &[]);
    let etag = upload.part(1, 10);
    let complete = format!(
        "<CompleteMultipartUpload><Part><ETag>{etag}</ETag><PartNumber>1</PartNumber></Part>\
         </CompleteMultipartUpload>"
    );
    let id = &upload.id;
    let calls = [
        ("POST", "/data/k?uploads".to_owned(), "", "s3:PutObject"),
        (
            "PUT",
            format!("/data/k?partNumber=1&uploadId={id}"),
            "x",
            "s3:PutObject",
        ),
        (
            "GET",
            format!("/data/k?uploadId={id}"),
            "",
            "s3:ListMultipartUploadParts",
        ),
        (
            "GET",
            "/data?uploads".to_owned(),
            "",
            "s3:ListBucketMultipartUploads",
        ),
        (
            "DELETE",
            format!("/data/k?uploadId={id}"),
            "",
            "s3:AbortMultipartUpload",
        ),
        (
            "POST",
            format!("/data/k?uploadId={id}"),
            complete.as_str(),
            "s3:PutObject",
        ),
    ];
    for (method, path, body, action) in &calls {
        let others = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Action": action, "Resource": "*"}]});
        world.put_policy("User", "u", &others);
        let body = Bytes::from((*body).to_owned());
        let refused = world.http(&user, "s3", method, path, &[], body);
        assert_eq!(refused.error().0, "AccessDenied", "{method} {path}");
        assert!(refused.error().1.contains(action), "{method} {path}");
    }
    // A part makes no object, completing does.
    let creation = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
         "Condition": {"Bool": {"s3:ObjectCreationOperation": "true"}}}]});
    world.put_policy("User", "u", &creation);
    for (at, status) in [(0, 200), (1, 200), (5, 403)] {
        let (method, path, body, _) = &calls[at];
        let body = Bytes::from((*body).to_owned());
        let answer = world.http(&user, "s3", method, path, &[], body);
        assert_eq!(answer.status, status, "{method} {path}");
    }
}
