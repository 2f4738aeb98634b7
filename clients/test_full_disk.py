"""A full disk: no answer without a record, the operator is told, and it goes on when there is space."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest
from botocore.exceptions import BotoCoreError

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
