//! Errors of CloudTrail (CloudTrail API Reference, each operation's "Errors").

use platform::ApiError;

pub(crate) fn no_trail(name: &str, account: &str) -> ApiError {
    let text = format!("Unknown trail: {name} for the user: {account}");
    ApiError::new("TrailNotFoundException", 400, text)
}

pub(crate) fn exists(name: &str, account: &str) -> ApiError {
    let text = format!("Trail {name} already exists for customer: {account}");
    ApiError::new("TrailAlreadyExistsException", 400, text)
}

pub(crate) fn too_many(account: &str, number: usize, region: &str) -> ApiError {
    let text = format!("User: {account} already has {number} trails in {region}.");
    ApiError::new("MaximumNumberOfTrailsExceededException", 400, text)
}

pub(crate) fn invalid_name(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidTrailNameException", 400, text)
}

pub(crate) fn invalid_arn(arn: &str) -> ApiError {
    let text = format!(
        "The trail ARN {arn} is not valid. An ARN has the form \
         arn:aws:cloudtrail:us-east-2:123456789012:trail/MyTrail."
    );
    ApiError::new("CloudTrailARNInvalidException", 400, text)
}

pub(crate) fn away_from_home(arn: &str, home: &str) -> ApiError {
    let text = format!("The trail {arn} can only be changed in its home region {home}.");
    ApiError::new("InvalidHomeRegionException", 400, text)
}

pub(crate) fn no_bucket(bucket: &str) -> ApiError {
    let text = format!("S3 bucket {bucket} does not exist!");
    ApiError::new("S3BucketDoesNotExistException", 400, text)
}

pub(crate) fn bucket_refuses(bucket: &str) -> ApiError {
    let text = format!("Incorrect S3 bucket policy is detected for bucket: {bucket}");
    ApiError::new("InsufficientS3BucketPolicyException", 400, text)
}

pub(crate) fn invalid_bucket(bucket: &str) -> ApiError {
    let text = format!("Bucket name {bucket} is not valid.");
    ApiError::new("InvalidS3BucketNameException", 400, text)
}

pub(crate) fn invalid_prefix(text: &str) -> ApiError {
    ApiError::new("InvalidS3PrefixException", 400, text)
}

pub(crate) fn combination(text: &str) -> ApiError {
    ApiError::new("InvalidParameterCombinationException", 400, text)
}

pub(crate) fn selectors(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidEventSelectorsException", 400, text)
}

pub(crate) fn tag(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidTagParameterException", 400, text)
}

pub(crate) fn too_many_tags(arn: &str) -> ApiError {
    let text = format!("The number of tags for {arn} exceeds the limit of 50.");
    ApiError::new("TagsLimitExceededException", 400, text)
}

pub(crate) fn no_resource(arn: &str) -> ApiError {
    let text = format!("The resource {arn} does not exist.");
    ApiError::new("ResourceNotFoundException", 400, text)
}

pub(crate) fn time_range() -> ApiError {
    ApiError::new(
        "InvalidTimeRangeException",
        400,
        "The start time of the time range is after its end time.",
    )
}
