//! The documents of rest-xml, above all the names and namespace that S3 gives their roots.

use catalog::shapes::{Member, Operation, Service, Shape};

use super::Writer;
use crate::value::Value;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The roots that S3 writes, where botocore's model does not know them. botocore's own parser takes
/// any root; others do not. Source: "Response Syntax" of each operation, Amazon S3 API Reference.
const ROOTS: &[(&str, &str)] = &[
    ("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
    ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
    ("CreateSession", "CreateSessionResult"),
    ("DeleteObjects", "DeleteResult"),
    (
        "GetBucketAccelerateConfiguration",
        "AccelerateConfiguration",
    ),
    ("GetBucketAcl", "AccessControlPolicy"),
    ("GetBucketCors", "CORSConfiguration"),
    ("GetBucketLifecycle", "LifecycleConfiguration"),
    ("GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("GetBucketLogging", "BucketLoggingStatus"),
    ("GetBucketRequestPayment", "RequestPaymentConfiguration"),
    ("GetBucketTagging", "Tagging"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("GetBucketWebsite", "WebsiteConfiguration"),
    ("GetObjectAcl", "AccessControlPolicy"),
    ("GetObjectAttributes", "GetObjectAttributesResponse"),
    ("GetObjectTagging", "Tagging"),
    (
        "ListBucketAnalyticsConfigurations",
        "ListBucketAnalyticsConfigurationResult",
    ),
    (
        "ListBucketInventoryConfigurations",
        "ListInventoryConfigurationsResult",
    ),
    (
        "ListBucketMetricsConfigurations",
        "ListMetricsConfigurationsResult",
    ),
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("ListDirectoryBuckets", "ListAllMyDirectoryBucketsResult"),
    ("ListMultipartUploads", "ListMultipartUploadsResult"),
    ("ListObjectVersions", "ListVersionsResult"),
    ("ListObjects", "ListBucketResult"),
    ("ListObjectsV2", "ListBucketResult"),
    ("ListParts", "ListPartsResult"),
];

fn is_s3(service: &Service) -> bool {
    service.name() == "s3"
}

/// A document whose root holds the output's body members.
pub(super) fn document(operation: Operation, shape: Shape, output: &Value) -> String {
    let s3 = is_s3(operation.service());
    let mut xml = Writer::declared(s3);
    let namespace = if s3 {
        Some(NAMESPACE)
    } else {
        operation.service().xml_namespace()
    };
    if s3 && operation.name() == "GetBucketLocation" {
        // The one answer whose root is the value itself; empty means us-east-1.
        let member = shape.member("LocationConstraint");
        xml.open_in("LocationConstraint", namespace);
        xml.text(
            member
                .and_then(|member| output.str(member.name()))
                .unwrap_or_default(),
        );
        xml.close("LocationConstraint");
        return xml.finish();
    }
    let known = ROOTS
        .iter()
        .find(|(name, _)| s3 && *name == operation.name());
    let root = known
        .map(|(_, root)| *root)
        .or(shape.wire_name())
        .unwrap_or_else(|| shape.name());
    xml.root(root, namespace, shape, output);
    xml.finish()
}

/// A document whose root is a member.
pub(super) fn payload(operation: Operation, member: Member, value: &Value) -> String {
    let s3 = is_s3(operation.service());
    let mut xml = Writer::declared(s3);
    let named = member.explicit_wire_name().or(member.shape().wire_name());
    let root = named.unwrap_or_else(|| {
        if s3 {
            member.name()
        } else {
            member.shape().name()
        }
    });
    if s3 && member.namespace().is_none() {
        xml.root(root, Some(NAMESPACE), member.shape(), value);
    } else {
        xml.element(root, member, value);
    }
    xml.finish()
}
