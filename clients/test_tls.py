"""What TLS changes: conditions see it, the trail tells it, uploads have trailers, written profiles trust it."""

import json
import os
import pathlib
import ssl
import subprocess
import sys
import urllib.parse
import warnings

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, SSLError

from server import ACCOUNT, ROOT, serving
from tenants import allow, deny, policy

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"


def platform(*arguments, tls):
    """An empty platform with or without TLS."""
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    return serving("--ephemeral", "--account", ACCOUNT, *arguments, environment=keys, tls=tls)


@pytest.fixture(scope="module")
def secure():
    """An empty platform over TLS."""
    with platform("--host-name", "localhost", tls=True) as running:
        yield running


def user(server, *statements):
    """A user with these permissions, and their access key."""
    iam = server.client("iam")
    iam.create_user(UserName="wire")
    iam.put_user_policy(UserName="wire", PolicyName="own", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName="wire")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.mark.parametrize("tls", [False, True])
def test_conditions_see_whether_the_transport_is_secure(tls):
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    with platform(tls=tls) as server:
        key = user(server, allow("s3:*"), deny("s3:*", **insecure))
        if tls:
            server.client("s3", key).list_buckets()
        else:
            with pytest.raises(ClientError, match="explicit deny"):
                server.client("s3", key).list_buckets()


def test_the_trail_tells_what_was_agreed_on(secure):
    secure.client("sts").get_caller_identity()
    events = secure.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetCallerIdentity"}]
    )["Events"]
    details = json.loads(events[0]["CloudTrailEvent"])["tlsDetails"]
    assert details["tlsVersion"] == "TLSv1.3"
    assert details["cipherSuite"].startswith("TLS_")
    assert details["clientProvidedHostHeader"] == urllib.parse.urlsplit(secure.endpoint).netloc


def test_the_first_host_name_is_the_one_that_is_told(secure):
    assert urllib.parse.urlsplit(secure.endpoint).hostname == "localhost"


def test_an_authority_that_is_not_trusted_is_refused(secure):
    with pytest.raises(SSLError):
        secure.client("sts", verify=True).get_caller_identity()


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_a_streamed_upload_ends_with_its_checksum(secure, algorithm, tmp_path):
    file = tmp_path / "body"
    file.write_bytes(os.urandom(300_000))
    s3 = secure.client("s3", config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_supported"))
    s3.create_bucket(Bucket=f"trailers-{algorithm.lower()}")
    with file.open("rb") as body:
        s3.put_object(Bucket=f"trailers-{algorithm.lower()}", Key="k", Body=body, ChecksumAlgorithm=algorithm)
    found = s3.get_object(Bucket=f"trailers-{algorithm.lower()}", Key="k", ChecksumMode="ENABLED")
    assert found["Body"].read() == file.read_bytes()
    assert f"Checksum{algorithm}" in found


def test_old_protocols_are_refused(secure):
    context = ssl.create_default_context(cafile=secure.ca_bundle)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    connection = secure.connection()
    connection._context = context
    with pytest.raises((ssl.SSLError, OSError)):
        connection.request("GET", "/")


def test_profiles_of_a_blueprint_work_as_they_are(tmp_path):
    with serving(str(EXAMPLES / "two-teams.toml"), "--data", str(tmp_path / "data"), tls=True):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {"AWS_CONFIG_FILE": str(tmp_path / "data" / "aws-config"), "AWS_PAGER": ""}
        done = subprocess.run(
            [sys.executable, "-m", "awscli", "--profile", "alice", "sts", "get-caller-identity"],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"].endswith("assumed-role/VisionExecution/SageMaker")
