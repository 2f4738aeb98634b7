"""Clients whose endpoints cannot be set: AWS's own names lead here through the server's proxy."""

import io
import json
import os
import re
import subprocess
import sys
import urllib.request

import boto3
import pytest
from botocore.exceptions import ProxyConnectionError

from server import ACCOUNT, REGION, ROOT, serving


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """What a client has in its environment that knows nothing of this server but its proxy."""
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    authority = tmp_path_factory.mktemp("authority")
    arguments = ["--ephemeral", "--account", ACCOUNT, "--proxy", "127.0.0.1:0"]
    arguments += ["--proxy-authority", str(authority)]
    with serving(*arguments, environment=keys, tls=False) as server:
        told = re.search(r"HTTPS_PROXY=(\S+) AWS_CA_BUNDLE='([^']+)'", "".join(server.output))
        yield {
            "HTTPS_PROXY": told.group(1),
            "AWS_CA_BUNDLE": told.group(2),
            "AWS_ACCESS_KEY_ID": ROOT[0],
            "AWS_SECRET_ACCESS_KEY": ROOT[1],
            "AWS_DEFAULT_REGION": REGION,
        }


@pytest.fixture
def unaware(environment, monkeypatch):
    """This process with that environment."""
    for name in [*os.environ]:
        if name.startswith("AWS_") or name.lower() in ("https_proxy", "no_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_an_endpoint_that_is_nailed_into_an_sdk(unaware):
    nailed = boto3.client("sts", endpoint_url=f"https://sts.{REGION}.amazonaws.com")
    assert nailed.get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize("style", ["virtual", "path"])
def test_every_service_by_its_own_name(unaware, style):
    config = boto3.session.Config(s3={"addressing_style": style}, retries={"max_attempts": 1})
    s3 = boto3.client("s3", config=config)
    bucket = f"by-its-own-name-{style}"
    s3.create_bucket(Bucket=bucket)
    body = os.urandom(9 << 20)
    s3.upload_fileobj(io.BytesIO(body), bucket, "a/b c")
    assert s3.get_object(Bucket=bucket, Key="a/b c")["Body"].read() == body
    assert boto3.client("iam").list_roles()["Roles"] == []
    assert boto3.client("sagemaker").list_domains()["Domains"] == []
    secret = boto3.client("secretsmanager").create_secret(Name=f"a-{style}", SecretString="b")
    assert secret["ARN"].startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:a-{style}-")


def test_the_aws_cli(environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-m", "awscli", "sts", "get-caller-identity"]
    said = subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout)["Account"] == ACCOUNT


def test_nothing_leads_elsewhere(unaware):
    elsewhere = boto3.client("sts", endpoint_url="https://sts.example.com")
    with pytest.raises(ProxyConnectionError):
        elsewhere.get_caller_identity()
    with pytest.raises(OSError, match="403"):
        # An opener of its own: the one that urllib keeps knows the environment of its first use.
        urllib.request.build_opener().open("https://example.com/", timeout=10)
