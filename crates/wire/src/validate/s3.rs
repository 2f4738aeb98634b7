//! S3's checks, with the codes that it has instead of one validation error.
//!
//! Source: "Error responses" and "Bucket naming rules" in the Amazon S3 documentation.

use catalog::shapes::{Location, Operation, Shape};

use super::{Violation, violations};
use crate::error::WireError;
use crate::value::Value;

/// What a copy's source must be.
const COPY_SOURCE: &str =
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
/// The longest key, in bytes of UTF-8.
const MAX_KEY: usize = 1024;

pub(super) fn input(operation: Operation, input: &Value) -> Result<(), WireError> {
    if let Some(bucket) = input.str("Bucket") {
        let new = operation.name() == "CreateBucket";
        if !(if new {
            is_new_name(bucket)
        } else {
            is_name(bucket)
        }) {
            let text = "The specified bucket is not valid.";
            return Err(WireError::new("InvalidBucketName", 400, text).with("BucketName", bucket));
        }
    }
    if let Some(key) = input.str("Key").filter(|key| key.len() > MAX_KEY) {
        return Err(
            WireError::new("KeyTooLongError", 400, "Your key is too long")
                .with("Size", key.len().to_string())
                .with("MaxSizeAllowed", MAX_KEY.to_string()),
        );
    }
    let Some(shape) = operation.input() else {
        return Ok(());
    };
    // Which regions there are is not the model's to say.
    let violations = violations(operation, input);
    let mut violations = violations
        .iter()
        .filter(|violation| !violation.path.ends_with("locationConstraint"));
    violations
        .next()
        .map_or(Ok(()), |violation| Err(error(shape, violation)))
}

fn error(shape: Shape, violation: &Violation) -> WireError {
    let first = violation.path.split('.').next().unwrap_or_default();
    let member = shape
        .members()
        .find(|member| super::text::lower_first(member.name()) == first);
    let missing = violation.constraint == super::MISSING;
    let shown = violation
        .shown
        .as_deref()
        .unwrap_or_default()
        .trim_matches('\'')
        .to_owned();
    match member.map(|member| (member.location(), member.wire_name())) {
        Some((Location::Header, "x-amz-object-attributes")) if missing => WireError::new(
            "InvalidRequest",
            400,
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either \
             missing or empty",
        ),
        Some((Location::Header, name)) if missing => WireError::new(
            "InvalidRequest",
            400,
            format!("Missing required header for this request: {name}"),
        ),
        Some((Location::Header, "x-amz-storage-class")) => WireError::new(
            "InvalidStorageClass",
            400,
            "The storage class you specified is not valid",
        )
        .with("StorageClassRequested", shown),
        Some((Location::Header, name @ "x-amz-sdk-checksum-algorithm")) => WireError::new(
            "InvalidRequest",
            400,
            format!("Value for {name} header is invalid."),
        ),
        Some((Location::Querystring, "uploadId"))
            if missing && shape.member("PartNumber").is_some() =>
        {
            let text = "This operation does not accept partNumber without uploadId";
            WireError::new("InvalidArgument", 400, text)
                .with("ArgumentName", "partNumber")
                .with("ArgumentValue", "partNumber")
        }
        Some((Location::Header | Location::Querystring, name)) => {
            let text = match name {
                _ if missing => {
                    format!("This request does not contain the required parameter {name}")
                }
                "x-amz-copy-source" => COPY_SOURCE.to_owned(),
                "x-amz-object-lock-mode" => "Unknown wormMode directive.".to_owned(),
                "x-amz-object-lock-legal-hold" => {
                    "Legal Hold must be either of 'ON' or 'OFF'".to_owned()
                }
                "encoding-type" => "Invalid Encoding Method specified in Request".to_owned(),
                _ => format!("Invalid argument: {}", violation.constraint),
            };
            WireError::new("InvalidArgument", 400, text)
                .with("ArgumentName", name)
                .with("ArgumentValue", shown)
        }
        Some((Location::Body, _)) if missing && violation.path == first => {
            WireError::new("MissingRequestBodyError", 400, "Request Body is empty")
        }
        _ => WireError::new(
            "MalformedXML",
            400,
            "The XML you provided was not well-formed or did not validate against our published \
             schema",
        ),
    }
}

/// What a bucket that exists may be called (before 2018 in us-east-1 more was allowed).
fn is_name(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// What a new bucket may be called.
fn is_new_name(name: &str) -> bool {
    let edge = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let inner = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-'
    };
    let reserved_start = ["xn--", "sthree-", "amzn-s3-demo-"];
    let reserved_end = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    (3..=63).contains(&name.len())
        && edge(name.bytes().next())
        && edge(name.bytes().last())
        && name.bytes().all(inner)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !reserved_start.iter().any(|start| name.starts_with(start))
        && !reserved_end.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_names_follow_the_naming_rules() {
        for good in [
            "abc",
            "my-bucket.logs",
            "0123456789",
            "sagemaker-us-east-1-111122223333",
        ] {
            assert!(is_new_name(good), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "ab",
            "Abc",
            "a_b",
            "-ab",
            "ab-",
            "a..b",
            "10.0.0.1",
            "xn--abc",
            "a-s3alias",
            &long,
        ] {
            assert!(!is_new_name(bad), "{bad}");
        }
        assert!(is_name("Old_Bucket") && !is_name("a/b") && !is_name("..\u{0}"));
    }
}
