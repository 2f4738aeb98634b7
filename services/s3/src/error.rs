//! S3's errors (Amazon S3 API Reference, "Error responses").

use platform::ApiError;

pub(super) fn no_such_bucket(name: &str) -> ApiError {
    ApiError::new("NoSuchBucket", 404, "The specified bucket does not exist")
        .with("BucketName", name)
}

pub(super) fn no_such_key(key: &str) -> ApiError {
    ApiError::new("NoSuchKey", 404, "The specified key does not exist.").with("Key", key)
}

pub(super) fn no_such_version(key: &str, version: &str) -> ApiError {
    ApiError::new(
        "NoSuchVersion",
        404,
        "The specified version does not exist.",
    )
    .with("Key", key)
    .with("VersionId", version)
}

/// A precondition named by its header does not hold.
pub(super) fn precondition(header: &str) -> ApiError {
    let text = "At least one of the pre-conditions you specified did not hold";
    ApiError::new("PreconditionFailed", 412, text).with("Condition", header)
}

/// What the client has is what there is. It gets no body.
pub(super) fn not_modified() -> ApiError {
    ApiError::new("NotModified", 304, "Not Modified")
}

pub(super) fn invalid_argument(name: &str, value: &str, text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgument", 400, text)
        .with("ArgumentName", name)
        .with("ArgumentValue", value)
}

pub(super) fn invalid_request(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidRequest", 400, text)
}

pub(super) fn bad_digest(text: impl Into<String>) -> ApiError {
    ApiError::new("BadDigest", 400, text)
}

pub(super) fn malformed_xml() -> ApiError {
    let text = "The XML you provided was not well-formed or did not validate against our \
                published schema";
    ApiError::new("MalformedXML", 400, text)
}

pub(super) fn malformed_acl() -> ApiError {
    let text = "The XML you provided was not well-formed or did not validate against our \
                published schema";
    ApiError::new("MalformedACLError", 400, text)
}

/// Part of an operation is not built; `what` says which.
pub(super) fn not_built(what: &str) -> ApiError {
    ApiError::unsupported(what)
}

/// A member of the input asks for something that is not built. Silence would pretend that it was
/// done.
pub(super) fn not_implemented(header: &str) -> ApiError {
    let text = "A header you provided implies functionality that is not implemented";
    ApiError::new("NotImplemented", 501, text).with("Header", header)
}
