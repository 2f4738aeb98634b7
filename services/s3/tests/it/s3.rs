//! S3: objects are what was put, and keys are no paths (Amazon S3 API Reference).

use bytes::Bytes;
use s3::sweep;
use serde_json::json;
use testkit::bucket::{Bucket, keys};
use testkit::{REGION, World, parts};
use wire::sigv4::{Payload, Signer};

#[test]
fn an_object_is_read_as_it_was_put() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let headers = [
        ("content-type", "text/plain"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-Colour", "red"),
        ("x-amz-tagging", "team=a%20b&stage=test"),
    ];
    let put = bucket.put_with("a/b", "hello", &headers).checked();
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    assert_eq!(put.headers["etag"], etag);

    let got = bucket.get(world.root(), "a/b").checked();
    assert_eq!(got.text(), "hello");
    let expected = [
        ("etag", etag),
        ("content-type", "text/plain"),
        ("cache-control", "no-cache"),
        ("content-length", "5"),
        ("x-amz-meta-colour", "red"),
        ("x-amz-tagging-count", "2"),
        ("accept-ranges", "bytes"),
        ("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT"),
    ];
    for (name, value) in expected {
        assert_eq!(got.headers[name], value, "{name}");
    }
    let head = bucket.call(world.root(), "HEAD", "/a/b", &[], "").checked();
    assert!(head.body.is_empty());
    assert_eq!(head.headers["content-length"], "5");
}

#[test]
fn keys_are_characters_and_no_paths() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let tricks = [
        ("/..", ".."),
        ("/../../etc/passwd", "../../etc/passwd"),
        ("//", "/"),
        ("//a", "/a"),
        ("/a//b", "a//b"),
        ("/a/./b", "a/./b"),
        ("/a/../b", "a/../b"),
        ("/%2e%2e%2fb", "../b"),
        ("/a%00b", "a\0b"),
        ("/a%252fb", "a%2fb"),
        ("/b", "b"),
        ("/B", "B"),
    ];
    for (path, key) in tricks {
        bucket.call(world.root(), "PUT", path, &[], key).checked();
    }
    for (path, key) in tricks {
        assert_eq!(bucket.get(world.root(), &path[1..]).text(), key);
    }
    assert_eq!(
        bucket.keys("?list-type=2&encoding-type=url").len(),
        tricks.len()
    );
    let slash = bucket.call(world.root(), "GET", "/a%ffb", &[], "");
    assert_eq!(slash.error().0, "InvalidURI");
}

#[test]
fn parts_of_objects_and_preconditions() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let etag = bucket.put("k", "hello").headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let get =
        |name: &str, value: &str| bucket.call(world.root(), "GET", "/k", &[(name, value)], "");

    let part = get("range", "bytes=1-2");
    assert_eq!((part.status, part.text().as_str()), (206, "el"));
    assert_eq!(part.headers["content-range"], "bytes 1-2/5");
    assert_eq!(get("range", "bytes=5-").error().0, "InvalidRange");
    assert_eq!(get("range", "nonsense").status, 200);

    let same = get("if-none-match", &etag);
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(get("if-match", "\"other\"").error().0, "PreconditionFailed");
    assert_eq!(get("if-match", &etag).status, 200);
    assert_eq!(
        get("if-modified-since", "Fri, 02 Jan 2026 03:04:05 GMT").status,
        304
    );

    let replace = |name, value| bucket.put_with("k", "other", &[(name, value)]);
    assert_eq!(
        replace("if-none-match", "*").error().0,
        "PreconditionFailed"
    );
    assert_eq!(
        replace("if-match", "\"other\"").error().0,
        "PreconditionFailed"
    );
    assert_eq!(bucket.get(world.root(), "k").text(), "hello");
    replace("if-match", &etag).checked();
    assert_eq!(
        bucket
            .put_with("new", "x", &[("if-match", "\"a\"")])
            .error()
            .0,
        "NoSuchKey"
    );
}

#[test]
fn what_is_not_stored_leaves_no_bytes_behind() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "first").checked();
    bucket.put("k", "second").checked();
    let wrong = [
        (("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
        (("x-amz-checksum-crc32", "AAAAAA=="), "BadDigest"),
        (("x-amz-checksum-sha256", "AAAA"), "InvalidRequest"),
        (("if-none-match", "*"), "PreconditionFailed"),
        (
            ("x-amz-acl", "public-read"),
            "AccessControlListNotSupported",
        ),
        (
            ("x-amz-server-side-encryption", "aws:kms:dsse"),
            "NotImplemented",
        ),
        (("x-amz-storage-class", "GLACIER"), "NotImplemented"),
        (("x-amz-tagging", "a=1&A=2"), "InvalidTag"),
    ];
    for (header, code) in wrong {
        let refused = bucket.put_with("k", "lie", &[header]);
        assert_eq!(refused.error().0, code, "{header:?}");
    }
    let long = "x".repeat(2_048);
    let refused = bucket.put_with("k", "lie", &[("x-amz-meta-long", &long)]);
    assert_eq!(refused.error().0, "MetadataTooLarge");
    assert_eq!(bucket.get(world.root(), "k").text(), "second");
    bucket.put("gone", "x").checked();
    bucket
        .call(world.root(), "DELETE", "/gone", &[], "")
        .checked();
    assert_eq!(sweep(&world.platform, &mut || true).unwrap(), 0);
}

#[test]
fn a_bucket_has_one_owner_in_all_accounts_and_begins_empty() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.call(world.root(), "PUT", "", &[], "").checked();
    let taken = world.http(world.other_root(), "s3", "PUT", "/data", &[], "".into());
    assert_eq!(
        (taken.status, taken.error().0.as_str()),
        (409, "BucketAlreadyExists")
    );
    bucket.put("k", "hello").checked();
    let full = bucket.call(world.root(), "DELETE", "", &[], "");
    assert_eq!(
        (full.status, full.error().0.as_str()),
        (409, "BucketNotEmpty")
    );
    bucket.call(world.root(), "DELETE", "/k", &[], "").checked();
    bucket.call(world.root(), "DELETE", "/k", &[], "").checked();
    assert_eq!(bucket.call(world.root(), "DELETE", "", &[], "").status, 204);
    assert_eq!(bucket.get(world.root(), "k").error().0, "NoSuchBucket");
    let other = world.http(world.other_root(), "s3", "PUT", "/data", &[], "".into());
    assert_eq!(other.status, 200);
    for (constraint, code) in [
        ("us-east-1", "InvalidLocationConstraint"),
        ("mars", "InvalidLocationConstraint"),
    ] {
        let body = format!(
            "<CreateBucketConfiguration><LocationConstraint>{constraint}</LocationConstraint>\
             </CreateBucketConfiguration>"
        );
        let refused = world.http(world.root(), "s3", "PUT", "/elsewhere", &[], body.into());
        assert_eq!(refused.error().0, code, "{constraint}");
    }
    let owned = world
        .http(world.root(), "s3", "GET", "/", &[], "".into())
        .checked();
    assert!(!owned.text().contains("<Name>"), "{}", owned.text());
}

#[test]
fn a_listing_comes_in_pages_by_tokens_of_its_own() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for key in ["a/1", "a/2", "b", "c/1", "d"] {
        bucket.put(key, "x").checked();
    }
    let list = |query: &str| bucket.call(world.root(), "GET", query, &[], "");
    let first = list("?list-type=2&delimiter=%2F&max-keys=2").checked();
    assert_eq!(keys(&first), ["b"]);
    assert_eq!(
        (first.xml("KeyCount"), first.xml("IsTruncated")),
        ("2".into(), "true".into())
    );
    assert!(
        first
            .text()
            .contains("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>")
    );
    let token = wire::uri::encode(&first.xml("NextContinuationToken"));
    let rest = list(&format!(
        "?list-type=2&delimiter=%2F&continuation-token={token}"
    ))
    .checked();
    assert_eq!(keys(&rest), ["d"]);
    assert!(rest.text().contains("<Prefix>c/</Prefix>"));
    for other in [
        format!("?list-type=2&continuation-token={token}"),
        format!("?list-type=2&delimiter=%2F&prefix=a&continuation-token={token}"),
        "?list-type=2&continuation-token=x".to_owned(),
    ] {
        assert_eq!(list(&other).error().0, "InvalidArgument", "{other}");
    }
    assert_eq!(keys(&list("?list-type=2&start-after=b")), ["c/1", "d"]);
    let first = list("?delimiter=%2F&max-keys=1").checked();
    assert_eq!(first.xml("NextMarker"), "a/");
    assert_eq!(keys(&list("?delimiter=%2F&max-keys=1&marker=a%2F")), ["b"]);
    assert_eq!(
        list("?list-type=2&max-keys=-1").error().0,
        "InvalidArgument"
    );
    assert_eq!(keys(&list("?list-type=2&max-keys=0")).len(), 0);
}

#[test]
fn what_is_not_built_says_so_and_changes_nothing() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    for (method, path) in [
        ("GET", "?inventory&id=a"),
        ("DELETE", "?inventory&id=a"),
        ("GET", "/k?torrent"),
    ] {
        let answer = bucket.call(world.root(), method, path, &[], "");
        assert_eq!(
            (answer.status, answer.error().0.as_str()),
            (501, "NotImplemented"),
            "{path}"
        );
    }
    assert_eq!(
        bucket.get(world.root(), "k?versionId=abc").error().0,
        "InvalidArgument"
    );
    assert_eq!(bucket.get(world.root(), "k").text(), "hello");
}

#[test]
fn data_events_name_the_object_and_its_bucket() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("a/b", "hello").checked();
    let event = world.last_event();
    assert_eq!(event.event_source, "s3.amazonaws.com");
    assert_eq!(event.event_category, trail::Category::Data);
    assert_eq!(
        event.request_parameters,
        Some(json!({"bucketName": "data", "key": "a/b", "Host": "localhost"}))
    );
    let named = event
        .resources
        .iter()
        .map(|it| (it.kind.as_deref(), it.arn.as_deref()));
    assert_eq!(
        named.collect::<Vec<_>>(),
        [
            (Some("AWS::S3::Object"), Some("arn:aws:s3:::data/a/b")),
            (Some("AWS::S3::Bucket"), Some("arn:aws:s3:::data")),
        ]
    );
    bucket.call(world.root(), "HEAD", "", &[], "").checked();
    assert_eq!(
        world.last_event().event_category,
        trail::Category::Management
    );
}

#[test]
fn a_body_in_chunks_is_put_whole_if_its_trailer_is_right() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let put = |trailer: &str, body: &str| {
        let headers = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "11"),
            ("x-amz-trailer", trailer),
        ];
        let mut parts = parts("PUT", "/data/k", &headers);
        let who = world.root().clone();
        let signer = Signer {
            access_key: who.access_key_id,
            secret: who.secret,
            session_token: None,
            region: REGION.to_owned(),
            service: "s3".to_owned(),
        };
        let payload = Payload::Declared("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        signer
            .sign(&mut parts, world.platform.now(), payload)
            .unwrap();
        world.send(parts, body.to_owned().into())
    };
    let body = |trailer: &str| format!("6\r\nhello \r\n5\r\nworld\r\n0\r\n{trailer}\r\n\r\n");
    let (name, right) = (
        "x-amz-checksum-crc32",
        body("x-amz-checksum-crc32:DUoRhQ=="),
    );
    let wrong = body("x-amz-checksum-crc32:DUoRhA==");
    assert_eq!(put(name, &wrong).error().0, "BadDigest");
    assert!(put(name, &right[..20]).status >= 400);
    let header = put("x-amz-acl", &body("x-amz-acl:public-read"));
    assert!(header.status >= 400, "{}", header.text());
    assert_eq!(bucket.keys("?list-type=2").len(), 0);
    put(name, &right).checked();
    let got = bucket.get(world.root(), "k").checked();
    assert_eq!(got.text(), "hello world");
    assert!(!got.headers.contains_key("content-encoding"));
}

#[test]
fn the_trail_lists_what_a_link_says_and_never_its_signature() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "x").checked();
    let root = world.root();
    let signer = Signer {
        access_key: root.access_key_id.clone(),
        secret: root.secret.clone(),
        session_token: None,
        region: REGION.to_owned(),
        service: "s3".to_owned(),
    };
    let mut link = parts("GET", "/data/k", &[]);
    signer
        .presign(&mut link, world.platform.now(), 60, b"")
        .unwrap();
    assert_eq!(world.send(link, Bytes::new()).status, 200);
    let event = serde_json::to_value(world.last_event()).unwrap();
    let listed = &event["requestParameters"];
    for (name, value) in [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Expires", "60"),
        ("X-Amz-SignedHeaders", "host"),
    ] {
        assert_eq!(listed[name], value);
    }
    assert!(listed["X-Amz-Date"].is_string());
    let text = event.to_string();
    assert!(!text.contains("X-Amz-Signature") && !text.contains("X-Amz-Credential"));
    bucket.get(root, "k").checked();
    let event = serde_json::to_value(world.last_event()).unwrap();
    assert!(event["requestParameters"]["X-Amz-Expires"].is_null());
}

#[test]
fn checksums_are_shown_however_the_wish_is_spelled() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    for spelled in ["ENABLED", "enabled", "Enabled"] {
        let mode = [("x-amz-checksum-mode", spelled)];
        let got = bucket.call(world.root(), "HEAD", "/k", &mode, "").checked();
        assert!(got.headers.contains_key("x-amz-checksum-crc64nvme"));
    }
    let other = [("x-amz-checksum-mode", "on")];
    let refused = bucket.call(world.root(), "GET", "/k", &other, "");
    assert_eq!(refused.status, 400);
}
