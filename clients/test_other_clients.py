"""Clients of S3 that are not AWS's: the SDK of MinIO, and s3cmd."""

import io
import os
import subprocess
import sys
import urllib.parse

import minio
import pytest
import urllib3
from minio.commonconfig import ENABLED, ComposeSource, CopySource
from minio.deleteobjects import DeleteObject
from minio.versioningconfig import VersioningConfig

from server import ROOT

PART = 5 * 1024 * 1024


@pytest.fixture
def sdk(server):
    """MinIO's SDK."""
    address = urllib.parse.urlsplit(server.endpoint)
    trust = urllib3.PoolManager(ca_certs=server.ca_bundle)
    return minio.Minio(
        endpoint=address.netloc,
        access_key=ROOT[0],
        secret_key=ROOT[1],
        secure=address.scheme == "https",
        http_client=trust,
    )


def test_the_sdk_of_minio(sdk):
    at = {"bucket_name": "of-minio"}
    sdk.make_bucket(**at)
    assert sdk.bucket_exists(**at) and not sdk.bucket_exists(bucket_name="no-such-bucket")
    sdk.set_bucket_versioning(**at, config=VersioningConfig(ENABLED))
    big = os.urandom(2 * PART + 1)
    # Of unknown length, and so in parts.
    sdk.put_object(**at, object_name="a/big one", data=io.BytesIO(big), length=-1, part_size=PART)
    assert sdk.get_object(**at, object_name="a/big one").read() == big
    assert sdk.get_object(**at, object_name="a/big one", offset=PART - 1, length=3).read() == big[PART - 1 : PART + 2]
    source = {"bucket_name": "of-minio", "object_name": "a/big one"}
    sdk.compose_object(**at, object_name="two", sources=[ComposeSource(**source), ComposeSource(**source)])
    assert sdk.stat_object(**at, object_name="two").size == 2 * len(big)
    sdk.copy_object(**at, object_name="copy", source=CopySource(**source))
    found = [found.object_name for found in sdk.list_objects(**at, recursive=True)]
    assert found == ["a/big one", "copy", "two"]
    assert not list(sdk.remove_objects(**at, delete_object_list=[DeleteObject(name) for name in found]))
    versions = list(sdk.list_objects(**at, recursive=True, include_version=True))
    assert len(versions) == 6 and sum(one.is_delete_marker for one in versions) == 3


def test_s3cmd_finds_the_region_by_itself(server, tmp_path):
    """It signs for a region `US` until it is told which."""
    address = urllib.parse.urlsplit(server.endpoint)
    trust = [f"--ca-certs={server.ca_bundle}"] if server.ca_bundle else ["--no-ssl"]
    flags = [f"--host={address.netloc}", f"--host-bucket={address.netloc}", *trust]
    keys = [f"--access_key={ROOT[0]}", f"--secret_key={ROOT[1]}", f"--config={tmp_path / 'none'}"]

    def s3cmd(*arguments):
        program = os.path.join(os.path.dirname(sys.executable), "s3cmd")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        command = [sys.executable, program, *keys, *flags, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    here, back = tmp_path / "here", tmp_path / "back"
    here.write_bytes(os.urandom(16 * 1024 * 1024))
    s3cmd("mb", "s3://of-s3cmd")
    # More than 15 MiB go in parts.
    s3cmd("put", str(here), "s3://of-s3cmd/folder/here")
    assert s3cmd("ls", "-r", "s3://of-s3cmd").split()[-1] == "s3://of-s3cmd/folder/here"
    s3cmd("mv", "s3://of-s3cmd/folder/here", "s3://of-s3cmd/moved")
    s3cmd("modify", "--add-header=x-amz-meta-a:b", "s3://of-s3cmd/moved")
    assert "x-amz-meta-a: b" in s3cmd("info", "s3://of-s3cmd/moved")
    s3cmd("get", "s3://of-s3cmd/moved", str(back))
    assert back.read_bytes() == here.read_bytes()
    s3cmd("del", "--recursive", "--force", "s3://of-s3cmd")
    s3cmd("rb", "s3://of-s3cmd")
