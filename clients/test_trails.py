"""Trails: what they deliver, and that tampering shows, as `aws cloudtrail validate-logs` tells."""

import datetime
import gzip
import json
import os
import subprocess
import sys

import pytest

import trails
from server import ACCOUNT, REGION, ROOT, serving

TRAIL = "signed"
BUCKET = "signed-logs"


@pytest.fixture(scope="module")
def quick():
    """A platform whose trails deliver every second, and digests every two."""
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    times = ["--trail-delivery-interval", "1s", "--trail-digest-interval", "2s"]
    with serving("--ephemeral", "--account", ACCOUNT, *times, environment=keys) as running:
        yield running


def stop(server):
    """The files that tell of the end of the trail."""
    return [key for key in trails.keys(server, BUCKET) if "StopLogging" in json.dumps(trails.read(server, BUCKET, key))]


@pytest.fixture(scope="module")
def signed(quick):
    """A trail with several log files and digests, stopped so that no more come."""
    trails.create(quick, TRAIL, BUCKET, EnableLogFileValidation=True, IsMultiRegionTrail=True)
    for number in range(3):
        quick.client("iam").create_user(UserName=f"user-{number}")
        quick.client("secretsmanager", region_name="eu-west-1").create_secret(Name=f"s{number}", SecretString="x")
        trails.wait(lambda: trails.keys(quick, BUCKET), lambda keys: len(keys) > number)
        digests = len(trails.keys(quick, BUCKET, "CloudTrail-Digest"))
        trails.wait(lambda: trails.keys(quick, BUCKET, "CloudTrail-Digest"), lambda keys: len(keys) > digests)
    cloudtrail = quick.client("cloudtrail")
    cloudtrail.stop_logging(Name=TRAIL)
    stopped = trails.wait(lambda: stop(quick), bool)

    def listed():
        digests = trails.keys(quick, BUCKET, "CloudTrail-Digest")
        return {file["s3Object"] for key in digests for file in trails.read(quick, BUCKET, key)["logFiles"]}

    trails.wait(listed, lambda found: stopped[0] in found)
    return quick


def validate(server, region=REGION):
    """Runs `aws cloudtrail validate-logs`; returns the exit code and all output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "AWS_ACCESS_KEY_ID": ROOT[0],
        "AWS_SECRET_ACCESS_KEY": ROOT[1],
        **server.environment(),
        "AWS_CONFIG_FILE": "/nonexistent",
    }
    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    done = subprocess.run(
        [sys.executable, "-m", "awscli", "--region", region, "cloudtrail", "validate-logs", "--verbose"]
        + ["--trail-arn", trails.arn(TRAIL), "--start-time", start.strftime("%Y-%m-%dT%H:%M:%SZ")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("region", [REGION, "eu-west-1"])
def test_the_aws_cli_accepts_what_was_delivered(signed, region):
    code, output = validate(signed, region)
    assert code == 0, output
    assert "INVALID" not in output
    here = [key for key in trails.keys(signed, BUCKET) if f"/CloudTrail/{region}/" in key]
    assert f"{len(here)}/{len(here)} log files valid" in output, output


class Tampered:
    """An object that is another, or none, until the block ends."""

    def __init__(self, server, key, body=None):
        self.s3, self.key, self.body = server.client("s3"), key, body

    def __enter__(self):
        self.was = self.s3.get_object(Bucket=BUCKET, Key=self.key)
        self.bytes = self.was["Body"].read()
        if self.body is None:
            self.s3.delete_object(Bucket=BUCKET, Key=self.key)
        else:
            changed = self.body(self.bytes)
            self.s3.put_object(Bucket=BUCKET, Key=self.key, Body=changed, Metadata=self.was["Metadata"])

    def __exit__(self, *_):
        self.s3.put_object(Bucket=BUCKET, Key=self.key, Body=self.bytes, Metadata=self.was["Metadata"])


def forge(before, after):
    """Changes the text inside a compressed file."""
    return lambda body: gzip.compress(gzip.decompress(body).replace(before, after))


def in_region(keys):
    return [key for key in keys if f"/{REGION}/" in key]


def test_a_changed_log_file_shows(signed):
    key = next(key for key in in_region(trails.keys(signed, BUCKET)) if "user-0" in json.dumps(trails.read(signed, BUCKET, key)))
    with Tampered(signed, key, forge(b"user-0", b"user-9")):
        code, output = validate(signed)
    assert code == 1
    assert f"{key}\tINVALID: hash value doesn't match" in output


def test_a_deleted_log_file_shows(signed):
    key = in_region(trails.keys(signed, BUCKET))[0]
    with Tampered(signed, key):
        code, output = validate(signed)
    assert code == 1
    assert f"{key}\tINVALID: not found" in output


def test_a_changed_digest_shows(signed):
    key = in_region(trails.keys(signed, BUCKET, "CloudTrail-Digest"))[1]
    with Tampered(signed, key, forge(b'"logFiles"', b'"logfiles"')):
        code, output = validate(signed)
    assert code == 1
    assert f"{key}\tINVALID: signature verification failed" in output


def test_a_deleted_digest_breaks_the_chain(signed):
    key = in_region(trails.keys(signed, BUCKET, "CloudTrail-Digest"))[1]
    with Tampered(signed, key):
        code, output = validate(signed)
    assert code == 1
    assert f"{key}\tINVALID: not found" in output


def test_nothing_is_wrong_afterwards(signed):
    assert validate(signed)[0] == 0


def test_the_status_tells_the_times(signed):
    status = signed.client("cloudtrail").get_trail_status(Name=TRAIL)
    assert status["IsLogging"] is False
    assert status["StartLoggingTime"] < status["LatestDeliveryTime"] <= status["LatestDigestDeliveryTime"]
    assert "LatestDeliveryError" not in status and "LatestDigestDeliveryError" not in status


def test_a_deputy_is_not_confused(quick):
    s3, cloudtrail = quick.client("s3"), quick.client("cloudtrail")
    s3.create_bucket(Bucket="of-another")
    s3.put_bucket_policy(Bucket="of-another", Policy=trails.bucket_policy("of-another", trails.arn("expected")))
    with pytest.raises(cloudtrail.exceptions.InsufficientS3BucketPolicyException) as caught:
        cloudtrail.create_trail(Name="unexpected", S3BucketName="of-another")
    text = "Incorrect S3 bucket policy is detected for bucket: of-another"
    assert caught.value.response["Error"]["Message"] == text
    cloudtrail.create_trail(Name="expected", S3BucketName="of-another")


def test_the_command_line_shows_a_trail(signed):
    trail = signed.client("cloudtrail").get_trail(Name=TRAIL)["Trail"]
    assert trail["HomeRegion"] == REGION and trail["LogFileValidationEnabled"]
    shadow = signed.client("cloudtrail", region_name="eu-west-1").describe_trails()["trailList"]
    assert TRAIL in [trail["Name"] for trail in shadow]
