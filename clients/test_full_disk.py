"""A full disk: no answer without a record, the operator is told, and it goes on when there is space."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest
from botocore.exceptions import BotoCoreError, ClientError

import server as servers
from server import ACCOUNT, ROOT

# A namespace of its own lets anybody mount a file system that is soon full.
PREPARE = 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"'


def namespaces():
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0


@pytest.fixture
def small():
    """A server whose data lies on a small disk, and the disk as this process sees it."""
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | keys
    with tempfile.TemporaryDirectory() as folder:
        command = [os.environ["PALISADE_BIN"], "serve", "--listen", "127.0.0.1:0", "--account", ACCOUNT]
        process = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", PREPARE, folder, *command, "--data", f"{folder}/data"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
        )
        try:
            endpoint, output = servers._ready(process)
            disk = pathlib.Path(f"/proc/{process.pid}/root{folder}")
            yield servers.Server(process, endpoint, output, None), disk
        finally:
            process.kill()
            process.wait()


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


@pytest.mark.skipif(not namespaces(), reason="this machine lets nobody mount a disk of its own")
def test_without_space_there_is_no_answer_and_with_space_there_is(small):
    server, disk = small
    sts = server.client("sts")
    answered = [sts.get_caller_identity()["ResponseMetadata"]["RequestId"]]
    fill(disk / "ballast")
    with pytest.raises(BotoCoreError):
        # The last block of the log's file may have some space left.
        for _ in range(50):
            answered.append(sts.get_caller_identity()["ResponseMetadata"]["RequestId"])
    assert any("could not be recorded" in line for line in server.output), server.output
    (disk / "ballast").unlink()
    for _ in range(20):
        answered.append(sts.get_caller_identity()["ResponseMetadata"]["RequestId"])
    lines = [line for file in (disk / "data/trail").glob("*.jsonl") for line in file.read_text().splitlines()[1:]]
    recorded = [json.loads(line[67:])["requestID"] for line in lines]
    assert set(answered) <= set(recorded)


def pieces(disk):
    """The bytes of objects that lie on the disk."""
    return sum(path.stat().st_size for path in (disk / "data/objects").rglob("*") if path.is_file())


def test_what_does_not_fit_is_refused_and_what_is_there_is_served(small):
    server, disk = small
    s3, secrets = server.client("s3"), server.client("secretsmanager")
    (disk / "reserve").write_bytes(bytes(3 << 19))
    s3.create_bucket(Bucket="data")
    body, value = os.urandom(1 << 20), "x" * 30_000
    objects, kept = [], []

    def put(name):
        s3.put_object(Bucket="data", Key=name, Body=body)
        objects.append(name)

    def check():
        assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="data")["Contents"]] == sorted(objects)
        for name in objects:
            assert s3.get_object(Bucket="data", Key=name)["Body"].read() == body

    with pytest.raises(ClientError) as refused:
        for i in range(20):
            put(f"object-{i}")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
    assert any("No space left" in line for line in server.output), server.output
    # There is room for what is small, and nothing lies about of what was refused.
    check()
    assert pieces(disk) < (len(objects) + 1) << 20
    told, refusals = len(server.output), 0
    # The state runs out of space, and the trail with it.
    for i in range(300):
        try:
            secrets.create_secret(Name=f"secret-{i}", SecretString=value)
            kept.append(f"secret-{i}")
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500, error
            refusals += 1
        except BotoCoreError:
            refusals += 1
        if refusals == 5:
            break
    assert kept and refusals == 5
    assert len(server.output) > told, "the operator was told nothing"
    (disk / "reserve").unlink()
    check()
    for name in kept:
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == value
    pages = secrets.get_paginator("list_secrets").paginate()
    assert {entry["Name"] for page in pages for entry in page["SecretList"]} == set(kept)
    put("object-after")
    secrets.create_secret(Name="secret-after", SecretString=value)
    check()
