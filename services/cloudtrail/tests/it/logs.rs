//! A bucket for log files, and what lies in it.

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read as _;
use testkit::bucket::Bucket;
use testkit::{ACCOUNT, Answer, REGION, World};

/// The ARN of a trail of the first account.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}")
}

/// Calls an operation of CloudTrail as the root user.
pub(crate) fn ask(world: &World, operation: &str, input: &Value) -> Answer {
    world.json(world.root(), "cloudtrail", operation, input)
}

/// The statements that let CloudTrail deliver for the trail with this ARN to the bucket.
pub(crate) fn statements(bucket: &str, trail: &str) -> Value {
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    json!([
        {"Sid": "AWSCloudTrailAclCheck", "Effect": "Allow", "Principal": service,
         "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{bucket}"),
         "Condition": {"StringEquals": {"aws:SourceArn": trail}}},
        {"Sid": "AWSCloudTrailWrite", "Effect": "Allow", "Principal": service,
         "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/*"),
         "Condition": {"StringEquals": {
            "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail}}},
    ])
}

/// The bucket `logs`, into which CloudTrail may deliver for the trail `all`.
pub(crate) fn bucket(world: &World) -> Bucket<'_> {
    let bucket = Bucket::new(world, "logs");
    bucket.policy(&statements("logs", &arn("all"))).checked();
    bucket
}

/// Makes and starts the trail `all`, with more members of `CreateTrail`.
pub(crate) fn trail(world: &World, more: &Value) {
    let mut input = json!({"Name": "all", "S3BucketName": "logs"});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    ask(world, "CreateTrail", &input).checked();
    ask(world, "StartLogging", &json!({"Name": "all"})).checked();
}

/// A file in the bucket, uncompressed.
pub(crate) fn file(world: &World, bucket: &Bucket<'_>, key: &str) -> Value {
    let answer = bucket.get(world.root(), key).checked();
    let mut text = String::new();
    GzDecoder::new(answer.body.as_ref())
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The keys of log files, in order.
pub(crate) fn keys(bucket: &Bucket<'_>) -> Vec<String> {
    let mut keys = bucket.keys("");
    keys.retain(|key| key.contains("/CloudTrail/") && key.ends_with(".json.gz"));
    keys
}

/// The records of all log files.
pub(crate) fn records(world: &World, bucket: &Bucket<'_>) -> Vec<Value> {
    keys(bucket)
        .iter()
        .flat_map(|key| {
            let file = file(world, bucket, key);
            file["Records"].as_array().unwrap().clone()
        })
        .collect()
}

/// The digest files with their signatures, in order of their names.
pub(crate) fn digests(world: &World, bucket: &Bucket<'_>) -> Vec<(String, Value)> {
    let mut keys = bucket.keys("");
    keys.retain(|key| key.contains("CloudTrail-Digest") && key.ends_with(".gz"));
    let read = |key: &String| {
        let answer = bucket.get(world.root(), key).checked();
        let signature = answer.headers["x-amz-meta-signature"].to_str().unwrap();
        (signature.to_owned(), file(world, bucket, key))
    };
    keys.iter().map(read).collect()
}
