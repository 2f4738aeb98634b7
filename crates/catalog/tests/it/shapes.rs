//! The shape tables: whole, consistent, and what the models say.

use catalog::shapes::{self, Bound, Kind, Location, Protocol, Service, TimestampFormat};

#[test]
fn services_are_those_of_the_design_with_their_protocols() {
    let expected = [
        ("cloudtrail", Protocol::Json, "cloudtrail", "2013-11-01"),
        ("iam", Protocol::Query, "iam", "2010-05-08"),
        ("kms", Protocol::Json, "kms", "2014-11-01"),
        (
            "organizations",
            Protocol::Json,
            "organizations",
            "2016-11-28",
        ),
        ("s3", Protocol::RestXml, "s3", "2006-03-01"),
        ("s3control", Protocol::RestXml, "s3", "2018-08-20"),
        ("sagemaker", Protocol::Json, "sagemaker", "2017-07-24"),
        (
            "secretsmanager",
            Protocol::Json,
            "secretsmanager",
            "2017-10-17",
        ),
        ("sts", Protocol::Query, "sts", "2011-06-15"),
    ];
    let found: Vec<_> = shapes::services()
        .iter()
        .map(|s| (s.name(), s.protocol(), s.signing_name(), s.api_version()))
        .collect();
    assert_eq!(found, expected);
    let trail = shapes::service("cloudtrail").unwrap();
    assert_eq!(
        trail.target_prefix(),
        Some("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101")
    );
    assert_eq!(trail.json_version(), Some("1.1"));
    let iam = shapes::service("iam").unwrap();
    assert_eq!(
        iam.xml_namespace(),
        Some("https://iam.amazonaws.com/doc/2010-05-08/")
    );
    assert_eq!(iam.global_endpoint(), Some("iam.amazonaws.com"));
    assert_eq!(shapes::service("nosuch"), None);
}

#[test]
fn every_record_can_be_reached_and_points_at_others() {
    for service in shapes::services() {
        assert!(service.operations().len() > 10, "{service:?}");
        for operation in service.operations() {
            assert_eq!(service.operation(operation.name()), Some(operation));
            assert!(!operation.method().is_empty() && operation.uri().starts_with('/'));
            for shape in operation.input().into_iter().chain(operation.output()) {
                assert_eq!(shape.kind(), Kind::Structure, "{operation:?}");
            }
            for error in operation.errors() {
                assert!(error.is_error(), "{operation:?} {error:?}");
            }
        }
        let mut members = 0;
        for shape in service.shapes() {
            assert_eq!(service.shape(shape.name()), Some(shape));
            let parts = [shape.list_member(), shape.map_key(), shape.map_value()]
                .into_iter()
                .flatten();
            for member in shape.members().chain(parts) {
                members += 1;
                assert!(!member.name().is_empty() && !member.shape().name().is_empty());
            }
            if let Some(payload) = shape.payload() {
                assert_eq!(shape.member(payload.name()), Some(payload));
            }
            assert!(
                shape.enumeration().all(|value| !value.is_empty()),
                "{shape:?}"
            );
            assert!(
                shape
                    .constraint()
                    .is_none_or(|c| usize::from(c) < service.constraint_count())
            );
        }
        assert_eq!(members, service.member_count(), "{service:?}");
    }
}

#[test]
fn constraints_are_read_as_written() {
    let sts = shapes::service("sts").unwrap();
    let input = sts.operation("AssumeRole").unwrap().input().unwrap();
    let name = input.member("RoleSessionName").unwrap();
    assert!(name.required());
    assert_eq!(name.shape().min(), Some(Bound::Int(2)));
    assert_eq!(name.shape().max(), Some(Bound::Int(64)));
    assert_eq!(name.shape().pattern(), Some(r"[\w+=,.@-]*"));
    assert_eq!(name.shape().regex(), Some(r"[0-9A-Za-z_+=,.@-]*"));
    let duration = input.member("DurationSeconds").unwrap();
    assert!(!duration.required());
    assert_eq!(duration.shape().kind(), Kind::Integer);
    assert_eq!(duration.shape().max(), Some(Bound::Int(43_200)));

    let sagemaker = shapes::service("sagemaker").unwrap();
    assert_eq!(
        sagemaker.shape("NumberOfCpuCores").unwrap().min(),
        Some(Bound::Float(0.25))
    );
    let app = sagemaker.shape("AppType").unwrap();
    assert!(app.enumeration().any(|value| value == "JupyterLab"));
    let secret = shapes::service("secretsmanager")
        .unwrap()
        .shape("SecretStringType")
        .unwrap();
    assert!(secret.sensitive());
}

#[test]
fn places_on_the_wire_are_read_as_written() {
    let s3 = shapes::service("s3").unwrap();
    let put = s3.operation("PutObject").unwrap();
    let input = put.input().unwrap();
    assert_eq!((put.method(), put.uri()), ("PUT", "/{Bucket}/{Key+}"));
    assert!(input.payload().unwrap().streaming());
    assert_eq!(input.member("Key").unwrap().location(), Location::Uri);
    let length = input.member("ContentLength").unwrap();
    assert_eq!(
        (length.location(), length.wire_name()),
        (Location::Header, "Content-Length")
    );
    assert_eq!(
        input.member("Metadata").unwrap().location(),
        Location::Headers
    );
    let modified = s3
        .shape("GetObjectOutput")
        .unwrap()
        .member("LastModified")
        .unwrap();
    assert_eq!(modified.timestamp_format(), None);
    let if_modified = s3
        .shape("GetObjectRequest")
        .unwrap()
        .member("IfModifiedSince")
        .unwrap();
    assert_eq!(if_modified.timestamp_format(), None);
    let expires = s3
        .shape("LifecycleExpiration")
        .unwrap()
        .member("Date")
        .unwrap();
    assert_eq!(expires.timestamp_format(), Some(TimestampFormat::Iso8601));
    let grantee = s3.shape("Grantee").unwrap().member("Type").unwrap();
    assert!(grantee.xml_attribute());
    let delete = s3
        .operation("DeleteObjects")
        .unwrap()
        .input()
        .unwrap()
        .payload()
        .unwrap();
    assert_eq!(
        delete.namespace(),
        Some(("http://s3.amazonaws.com/doc/2006-03-01/", None))
    );
    assert!(
        s3.shape("Delete")
            .unwrap()
            .member("Objects")
            .unwrap()
            .flattened()
    );
    assert!(s3.operation("GetBucketLifecycle").unwrap().deprecated());

    let sts = shapes::service("sts").unwrap();
    assert!(
        sts.operation("AssumeRoleWithWebIdentity")
            .unwrap()
            .unsigned()
    );
    let assume = sts.operation("AssumeRole").unwrap();
    assert_eq!(assume.result_wrapper(), Some("AssumeRoleResult"));
    assert!(
        assume
            .errors()
            .any(|error| error.name() == "PackedPolicyTooLargeException")
    );
    let malformed = sts
        .shape("MalformedPolicyDocumentException")
        .unwrap()
        .error()
        .unwrap();
    assert_eq!(
        (malformed.code, malformed.status),
        (Some("MalformedPolicyDocument"), Some(400))
    );
    assert!(malformed.sender_fault);
}

#[test]
fn bytes_that_are_no_tables_hold_nothing() {
    static CUT: Service = Service::new(b"PSHP\x01\x00\x00", "");
    static OTHER: Service = Service::new(b"JSON", "{}");
    for service in [&CUT, &OTHER] {
        assert_eq!(service.operations().len(), 0);
        assert_eq!(service.operation("AssumeRole"), None);
        assert_eq!(service.shapes().count(), 0);
    }
}
