//! Which service and operation a request calls.

use catalog::shapes::{self, Location, Operation};
use wire::route::Router;
use wire::sigv4::{self, Payload, Signer};

use crate::support::{json_call, parts, query_call, s3_call};

fn operation(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let service = shapes::service("s3").unwrap();
    let router = Router::new([
        "s3.localhost",
        "S3.us-east-1.amazonaws.com",
        "s3.home",
        "home",
    ]);
    match router.operation(service, &parts(method, target, headers), b"") {
        Ok(target) => {
            let label = |name| {
                target
                    .label(name)
                    .map(|text| format!(" {text}"))
                    .unwrap_or_default()
            };
            format!(
                "{}{}{}",
                target.operation().name(),
                label("Bucket"),
                label("Key")
            )
        }
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn s3_operations_are_told_apart() {
    let copy = ("x-amz-copy-source", "/b/k");
    for (method, target, headers, expected) in [
        ("GET", "/", vec![], "ListBuckets"),
        ("GET", "/b", vec![], "ListObjects b"),
        ("GET", "/b/", vec![], "ListObjects b"),
        ("GET", "/b?list-type=2&prefix=a", vec![], "ListObjectsV2 b"),
        ("GET", "/b?list-type=3", vec![], "MethodNotAllowed"),
        ("GET", "/b?versions", vec![], "ListObjectVersions b"),
        (
            "GET",
            "/b?lifecycle",
            vec![],
            "GetBucketLifecycleConfiguration b",
        ),
        (
            "GET",
            "/b?analytics",
            vec![],
            "ListBucketAnalyticsConfigurations b",
        ),
        (
            "GET",
            "/b?analytics&id=1",
            vec![],
            "GetBucketAnalyticsConfiguration b",
        ),
        ("HEAD", "/b", vec![], "HeadBucket b"),
        ("PUT", "/b", vec![], "CreateBucket b"),
        ("PUT", "/b?policy", vec![], "PutBucketPolicy b"),
        ("DELETE", "/b", vec![], "DeleteBucket b"),
        ("POST", "/b?delete", vec![], "DeleteObjects b"),
        ("GET", "/b/a/b%20c//d", vec![], "GetObject b a/b c//d"),
        ("GET", "/b/k?x-id=GetObject", vec![], "GetObject b k"),
        ("GET", "/b/k?cachebuster=1", vec![], "GetObject b k"),
        ("GET", "/b/k?partNumber=2", vec![], "GetObject b k"),
        ("GET", "/b/k?uploadId=1", vec![], "ListParts b k"),
        ("GET", "/b/k?attributes", vec![], "GetObjectAttributes b k"),
        ("HEAD", "/b/k", vec![], "HeadObject b k"),
        ("PUT", "/b/k", vec![], "PutObject b k"),
        ("PUT", "/b/k", vec![copy], "CopyObject b k"),
        (
            "PUT",
            "/b/k?partNumber=1&uploadId=u",
            vec![],
            "UploadPart b k",
        ),
        (
            "PUT",
            "/b/k?partNumber=1&uploadId=u",
            vec![copy],
            "UploadPartCopy b k",
        ),
        ("POST", "/b/k?uploads", vec![], "CreateMultipartUpload b k"),
        (
            "POST",
            "/b/k?uploadId=u",
            vec![],
            "CompleteMultipartUpload b k",
        ),
        (
            "DELETE",
            "/b/k?uploadId=u",
            vec![],
            "AbortMultipartUpload b k",
        ),
        ("DELETE", "/b/k?versionId=v", vec![], "DeleteObject b k"),
        ("DELETE", "/b/k?tagging", vec![], "DeleteObjectTagging b k"),
        (
            "POST",
            "/b",
            vec![("content-type", "multipart/form-data; boundary=x")],
            "NotImplemented",
        ),
        ("GET", "/b/%FF", vec![], "InvalidURI"),
    ] {
        assert_eq!(
            operation(method, target, &headers),
            expected,
            "{method} {target}"
        );
    }
}

#[test]
fn a_part_of_a_bucket_is_never_taken_for_the_bucket() {
    for (method, target) in [
        ("DELETE", "/b?versions"),
        ("DELETE", "/b?logging"),
        ("DELETE", "/b?madeUpYesterday"),
        ("DELETE", "/b/k?acl"),
        ("DELETE", "/b/k?madeUpYesterday"),
        ("PUT", "/b/k?uploads"),
        ("GET", "/b?acl&policy"),
        ("PATCH", "/b"),
        ("POST", "/"),
    ] {
        assert_eq!(
            operation(method, target, &[]),
            "MethodNotAllowed",
            "{method} {target}"
        );
    }
}

/// Some signers of links put headers into the query. Unheeded, a copy would become an empty object.
#[test]
fn a_header_in_the_query_is_refused_unless_it_changes_nothing() {
    for (query, expected) in [
        ("x-amz-copy-source=b/k", "NotImplemented"),
        ("X-Amz-Tagging=a%3Db", "NotImplemented"),
        ("x-amz%2dacl=private", "NotImplemented"),
        (
            "x-amz-checksum-crc32=AAAAAA%3D%3D&x-id=PutObject",
            "PutObject b k",
        ),
        ("X-Amz-SignedHeaders=host&X-Amz-Expires=60", "PutObject b k"),
    ] {
        let found = operation("PUT", &format!("/b/k?{query}"), &[]);
        assert_eq!(found, expected, "{query}");
    }
    let copy = "/b/k?x-amz-copy-source=c%2Fd";
    let with = |value| operation("PUT", copy, &[("x-amz-copy-source", value)]);
    assert_eq!(with("c/d"), "CopyObject b k");
    assert_eq!(with("c/e"), "NotImplemented");
}

#[test]
fn what_signs_like_s3_and_is_not_s3_is_told_apart() {
    let scope = "AKID/20261122/us-west-2/s3/aws4_request";
    let path = "/v20180820/configuration/publicAccessBlock";
    let service = |host: &str, path: &str, more: &[(&'static str, &'static str)]| {
        let mut signed: Vec<&str> = more.iter().map(|(name, _)| *name).collect();
        signed.extend(["host", "x-amz-date"]);
        signed.sort_unstable();
        let signed = signed.join(";");
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature=00");
        let headers = [
            ("host", host),
            ("x-amz-date", "20261122T050000Z"),
            ("authorization", authorization.as_str()),
        ];
        let parts = parts("GET", path, &[&headers, more].concat());
        let signed = sigv4::parse(&parts).unwrap();
        let found = Router::default().service(&parts, signed.as_ref());
        found.map_or_else(
            |error| error.code().to_owned(),
            |service| service.name().to_owned(),
        )
    };
    let control = "1.s3-control.us-west-2.amazonaws.com";
    assert_eq!(service(control, path, &[]), "s3control");
    assert_eq!(service("s3.us-west-2.amazonaws.com", path, &[]), "s3");
    let account = [("x-amz-account-id", "111122223333")];
    let local = "111122223333.localhost:4566";
    assert_eq!(service(local, path, &account), "s3control");
    assert_eq!(service(local, path, &[]), "s3");
    assert_eq!(service(local, "/bucket/key", &account), "s3");
}

#[test]
fn buckets_may_stand_in_the_host_name() {
    let host = |host: &str, target: &str| operation("GET", target, &[("host", host)]);
    assert_eq!(host("b.s3.localhost:4566", "/k/l"), "GetObject b k/l");
    assert_eq!(host("b.s3.us-west-2.amazonaws.com", "/k"), "GetObject b k");
    assert_eq!(host("s3.us-west-2.amazonaws.com", "/b/k"), "GetObject b k");
    assert_eq!(host("b.s3.localhost:4566", "/"), "ListObjects b");
    assert_eq!(
        host("a.b.S3.us-east-1.AMAZONAWS.com", "/?versions"),
        "ListObjectVersions a.b"
    );
    assert_eq!(host("s3.localhost:4566", "/b/k"), "GetObject b k");
    assert_eq!(host("s3.home:4566", "/b/k"), "GetObject b k");
    assert_eq!(host("home", "/b/k"), "GetObject b k");
    assert_eq!(host("b-c.home:4566", "/k"), "GetObject b-c k");
    assert_eq!(host("evil-s3.localhost", "/b/k"), "GetObject b k");
    assert_eq!(host("127.0.0.1:4566", "/b/k"), "GetObject b k");
}

/// A request for an operation, from the model alone.
fn sample(operation: Operation) -> (String, Vec<(&'static str, &'static str)>) {
    let uri = operation
        .uri()
        .replace("{Bucket}", "b")
        .replace("{Key+}", "k")
        // The names of multi-region access points may have slashes.
        .replace("+}", "/policy}");
    let mut target = if uri.contains('?') {
        uri
    } else {
        format!("{uri}?")
    };
    let mut headers = Vec::new();
    for member in operation
        .input()
        .into_iter()
        .flat_map(shapes::Shape::members)
    {
        match member.location() {
            Location::Querystring if member.required() => {
                target.push_str(&format!("&{}=1", member.wire_name()));
            }
            Location::Header if member.required() => headers.push((member.wire_name(), "1")),
            _ => {}
        }
    }
    (target, headers)
}

#[test]
fn a_target_may_leave_the_package_out() {
    let trail = shapes::service("cloudtrail").unwrap();
    let found = |target: &str| {
        let parts = parts("POST", "/", &[("x-amz-target", target)]);
        let found = Router::default().operation(trail, &parts, b"");
        found.map(|target| target.operation().name())
    };
    assert_eq!(
        found("CloudTrail_20131101.LookupEvents").unwrap(),
        "LookupEvents"
    );
    for other in [
        "cloudtrail.LookupEvents",
        "v20131101.CloudTrail_20131101.LookupEvents",
        ".LookupEvents",
    ] {
        assert_eq!(
            found(other).unwrap_err().code(),
            "UnknownOperationException",
            "{other}"
        );
    }
}

#[test]
fn every_operation_of_every_service_is_found() {
    for service in shapes::services() {
        for known in service.operations() {
            let found = if service.target_prefix().is_some() {
                let target = format!("{}.{}", service.target_prefix().unwrap(), known.name());
                let parts = parts("POST", "/", &[("x-amz-target", &target)]);
                Router::default().operation(service, &parts, b"")
            } else if service.protocol() == shapes::Protocol::RestXml {
                let (target, headers) = sample(known);
                Router::default().operation(service, &parts(known.method(), &target, &headers), b"")
            } else {
                let form = format!("Action={}&Version={}", known.name(), service.api_version());
                Router::default().operation(service, &parts("POST", "/", &[]), form.as_bytes())
            };
            let found = found.map(|target| target.operation());
            let shadowed = match known.name() {
                "GetBucketLifecycle" => "GetBucketLifecycleConfiguration",
                "GetBucketNotification" => "GetBucketNotificationConfiguration",
                "ListDirectoryBuckets" => "ListBuckets",
                "PutBucketLifecycle" => "PutBucketLifecycleConfiguration",
                "PutBucketNotification" => "PutBucketNotificationConfiguration",
                name => name,
            };
            assert_eq!(found.unwrap().name(), shadowed, "{known:?}");
        }
    }
}

#[test]
fn services_are_told_by_scope_then_target_then_form_then_path() {
    let router = Router::default();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let target = ("x-amz-target", "secretsmanager.GetSecretValue");
    let unsigned = |method: &str, uri: &str, headers: &[(&str, &str)]| {
        router
            .service(&parts(method, uri, headers), None)
            .unwrap()
            .name()
    };
    assert_eq!(unsigned("POST", "/", &[target]), "secretsmanager");
    assert_eq!(unsigned("POST", "/", &[form]), "sts");
    assert_eq!(unsigned("PUT", "/bucket/key", &[form]), "s3");
    assert_eq!(
        unsigned("GET", "/?Action=ListUsers&Version=2010-05-08", &[]),
        "iam"
    );
    assert_eq!(unsigned("GET", "/b/k", &[]), "s3");
    assert_eq!(
        unsigned("GET", "/b?Action=x&Version=2010-05-08", &[]),
        "iam"
    );

    let mut signed = parts("POST", "/", &[("host", "h"), form, target]);
    let mut signer = Signer {
        access_key: "AKID".to_owned(),
        secret: "secret".to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
    };
    signer
        .sign(
            &mut signed,
            "2026-11-22T05:00:00Z".parse().unwrap(),
            Payload::Unsigned,
        )
        .unwrap();
    let request = sigv4::parse(&signed).unwrap().unwrap();
    assert_eq!(
        router.service(&signed, Some(&request)).unwrap().name(),
        "s3"
    );
    signer.service = "ec2".to_owned();
    signer
        .sign(
            &mut signed,
            "2026-11-22T05:00:00Z".parse().unwrap(),
            Payload::Unsigned,
        )
        .unwrap();
    let request = sigv4::parse(&signed).unwrap().unwrap();
    let error = router.service(&signed, Some(&request)).unwrap_err();
    assert_eq!((error.code(), error.status()), ("UnknownService", 501));
}

#[test]
fn unknown_operations_are_refused_in_the_protocol() {
    let json = json_call("sagemaker", "MakeCoffee", "{}").unwrap_err();
    assert_eq!(
        (json.code(), json.status()),
        ("UnknownOperationException", 400)
    );
    let query = query_call("sts", "MakeCoffee", "").unwrap_err();
    assert_eq!((query.code(), query.status()), ("InvalidAction", 400));
    assert_eq!(
        query.message(),
        "Could not find operation MakeCoffee for version 2011-06-15"
    );
    let other = query_call("iam", "GetCallerIdentity", "").unwrap_err();
    assert_eq!(other.code(), "InvalidAction");

    let sts = shapes::service("sts").unwrap();
    let call = |form: &str| {
        Router::default()
            .operation(sts, &parts("POST", "/", &[]), form.as_bytes())
            .unwrap_err()
    };
    assert_eq!(call("Version=2011-06-15").code(), "MissingAction");
    let unversioned = call("Action=GetCallerIdentity");
    assert!(
        unversioned
            .message()
            .ends_with("for version NO_VERSION_SPECIFIED")
    );
    let sagemaker = shapes::service("sagemaker").unwrap();
    for target in ["ListTags", "secretsmanager.ListTags", "SageMaker.", ""] {
        let parts = parts("POST", "/", &[("x-amz-target", target)]);
        let error = Router::default()
            .operation(sagemaker, &parts, b"")
            .unwrap_err();
        assert_eq!(error.code(), "UnknownOperationException", "{target}");
    }
}

#[test]
fn the_input_of_s3_comes_from_all_over_the_request() {
    let put = parts(
        "PUT",
        "/bucket/users/al%2Bice/a+b?x-id=PutObject",
        &[
            ("content-type", "text/plain"),
            ("content-length", "5"),
            ("x-amz-meta-owner", "alice"),
            ("x-amz-meta-Two", "2"),
            ("x-amz-tagging", "a=b"),
            ("expires", "whenever"),
        ],
    );
    let (operation, input) = s3_call(&put, "").unwrap();
    assert_eq!(operation, "PutObject");
    assert_eq!(input.str("Bucket"), Some("bucket"));
    assert_eq!(input.str("Key"), Some("users/al+ice/a+b"));
    assert_eq!(input.int("ContentLength"), Some(5));
    assert_eq!(
        input.at("Metadata.owner").and_then(|v| v.as_str()),
        Some("alice")
    );
    assert_eq!(input.at("Metadata.two").and_then(|v| v.as_str()), Some("2"));
    assert_eq!(
        (input.get("Body"), input.str("Expires")),
        (None, Some("whenever"))
    );

    let body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a&amp;b</Key>\
                </Object><Object><Key>c</Key><VersionId>v</VersionId></Object><Quiet>true</Quiet></Delete>";
    let (operation, input) = s3_call(&parts("POST", "/bucket?delete", &[]), body).unwrap();
    assert_eq!(operation, "DeleteObjects");
    assert_eq!(
        input.at("Delete.Objects.0.Key").and_then(|v| v.as_str()),
        Some("a&b")
    );
    assert_eq!(
        input
            .at("Delete.Objects.1.VersionId")
            .and_then(|v| v.as_str()),
        Some("v")
    );
    assert_eq!(
        input
            .at("Delete.Quiet")
            .and_then(wire::value::Value::as_bool),
        Some(true)
    );
}
