"""Makes trails and reads what they deliver."""

import gzip
import json
import time

from server import ACCOUNT, REGION

OBJECTS = [
    {
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::team-audit/"]},
        ]
    }
]


def arn(name, region=REGION):
    """The ARN of a trail of the account."""
    return f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{name}"


def bucket_policy(bucket, trail):
    """The policy by which a trail may deliver to a bucket, as the CloudTrail User Guide has it."""
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": trail}
    statements = [
        {
            "Sid": "AWSCloudTrailAclCheck",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringEquals": source},
        },
        {
            "Sid": "AWSCloudTrailWrite",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def create(server, name, bucket, selectors=None, **more):
    """Makes a bucket and a trail that delivers to it, and starts it."""
    s3, cloudtrail = server.client("s3"), server.client("cloudtrail")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, arn(name)))
    cloudtrail.create_trail(Name=name, S3BucketName=bucket, **more)
    if selectors:
        cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=selectors)
    cloudtrail.start_logging(Name=name)


def keys(server, bucket, folder="CloudTrail"):
    """The keys of the files in a bucket, in order."""
    pages = server.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [key for key in found if f"/{folder}/" in key and key.endswith(".json.gz")]


def read(server, bucket, key):
    """A file, uncompressed."""
    body = server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return json.loads(gzip.decompress(body))


def records(server, bucket):
    """The records of all log files in a bucket."""
    return [record for key in keys(server, bucket) for record in read(server, bucket, key)["Records"]]


def wait(found, enough, seconds=30):
    """What `found` finds, once it is `enough`."""
    end = time.monotonic() + seconds
    while not enough(result := found()):
        assert time.monotonic() < end, f"not enough after {seconds} seconds: {result}"
        time.sleep(0.3)
    return result
