//! Responses as their services write them.

use bytes::Bytes;
use catalog::shapes;
use http::Response;
use jiff::Timestamp;
use wire::protocol;
use wire::value::{Map, Value};

use crate::support::{header, stamp, text};

fn write(service: &str, operation: &str, output: &Value) -> Response<Bytes> {
    let operation = shapes::service(service)
        .unwrap()
        .operation(operation)
        .unwrap();
    protocol::write(operation, output, &stamp())
}

fn time() -> Timestamp {
    "2026-11-22T05:00:00Z".parse().unwrap()
}

#[test]
fn query_results_stand_in_their_wrapper() {
    let output = Value::map().with(
        "Credentials",
        Value::map()
            .with("AccessKeyId", "ASIA")
            .with("Expiration", time()),
    );
    let response = write("sts", "AssumeRole", &output);
    assert_eq!(response.status(), 200);
    assert_eq!(
        text(&response),
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <Credentials><AccessKeyId>ASIA</AccessKeyId><Expiration>2026-11-22T05:00:00Z</Expiration>\
         </Credentials></AssumeRoleResult><ResponseMetadata><RequestId>request-1</RequestId>\
         </ResponseMetadata></AssumeRoleResponse>"
    );
    let response = write("iam", "DeleteUser", &Value::map());
    assert_eq!(
        text(&response),
        "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
         <RequestId>request-1</RequestId></ResponseMetadata></DeleteUserResponse>"
    );
}

#[test]
fn json_results_have_times_in_seconds() {
    let summary = Value::map()
        .with("ModelName", "m")
        .with("CreationTime", time())
        .with("Unknown", "x");
    let output = Value::map()
        .with("Models", vec![summary])
        .with("NextToken", Value::Null);
    let response = write("sagemaker", "ListModels", &output);
    assert_eq!(
        header(&response, "content-type"),
        "application/x-amz-json-1.1"
    );
    assert_eq!(
        text(&response),
        r#"{"Models":[{"ModelName":"m","CreationTime":1795323600}]}"#
    );
    assert_eq!(
        text(&write("sagemaker", "StopTrainingJob", &Value::map())),
        ""
    );
    let blob = Value::map().with("SecretBinary", Bytes::from_static(b"\x00\xff"));
    let response = write("secretsmanager", "GetSecretValue", &blob);
    assert_eq!(text(&response), r#"{"SecretBinary":"AP8="}"#);
}

#[test]
fn s3_lists_are_named_and_spaced_as_s3_does() {
    let object = Value::map()
        .with("Key", "a&b")
        .with("LastModified", time())
        .with("Size", 5_i64);
    let output = Value::map()
        .with("Name", "b")
        .with("Contents", vec![object])
        .with("IsTruncated", false)
        .with("KeyCount", 1_i64);
    let response = write("s3", "ListObjectsV2", &output);
    let body = text(&response);
    assert!(body.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
         xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    ));
    let contents = "<Contents><Key>a&amp;b</Key><LastModified>2026-11-22T05:00:00.000Z\
                    </LastModified><Size>5</Size></Contents>";
    assert!(body.contains(contents), "{body}");

    let buckets = Value::map().with("Buckets", vec![Value::map().with("Name", "b")]);
    let response = write("s3", "ListBuckets", &buckets);
    let body = text(&response);
    assert!(body.contains("<ListAllMyBucketsResult xmlns="), "{body}");
    assert!(
        body.contains("<Buckets><Bucket><Name>b</Name></Bucket></Buckets>"),
        "{body}"
    );

    let location = Value::map().with("LocationConstraint", "eu-west-1");
    let response = write("s3", "GetBucketLocation", &location);
    assert!(text(&response).ends_with("2006-03-01/\">eu-west-1</LocationConstraint>"));
}

#[test]
fn s3_objects_are_described_in_headers() {
    let output = Value::map()
        .with("ContentLength", 5_i64)
        .with("ContentType", "text/plain")
        .with("ETag", "\"x\"")
        .with("LastModified", time())
        .with("Metadata", Map::new().with("owner", "alice"));
    let response = write("s3", "GetObject", &output);
    assert!(response.body().is_empty());
    for (name, value) in [
        ("content-length", "5"),
        ("content-type", "text/plain"),
        ("etag", "\"x\""),
        ("last-modified", "Sun, 22 Nov 2026 05:00:00 GMT"),
        ("x-amz-meta-owner", "alice"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    let output = output.with("Body", Bytes::from_static(b"hello"));
    assert_eq!(text(&write("s3", "GetObject", &output)), "hello");
    assert_eq!(write("s3", "DeleteObject", &Value::map()).status(), 204);
    let policy = Value::map().with("Policy", "{}");
    let response = write("s3", "GetBucketPolicy", &policy);
    assert_eq!(
        (header(&response, "content-type"), text(&response)),
        ("application/json", "{}")
    );
    let tags = vec![Value::map().with("Key", "k").with("Value", "v")];
    let response = write("s3", "GetObjectTagging", &Value::map().with("TagSet", tags));
    let expected = "<TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
    assert!(text(&response).ends_with(expected));
}

#[test]
fn no_header_can_be_smuggled_into_a_response() {
    let output = Value::map()
        .with("ContentType", "a\r\nx-evil: 1")
        .with("ETag", "e");
    let response = write("s3", "HeadObject", &output);
    assert_eq!(header(&response, "x-evil"), "");
    assert_eq!(header(&response, "etag"), "e");
}
