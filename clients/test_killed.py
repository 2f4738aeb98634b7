"""A server that is killed in the middle of its work loses nothing that it acknowledged, and keeps nothing else."""

import hashlib
import os
import random
import re
import subprocess
import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server import ACCOUNT, REGION, ROOT

MIB = 1 << 20
ROUNDS = int(os.environ.get("PALISADE_KILLS", "5"))
#: Few bytes, which lie in the state; a file; and an upload in parts.
SIZES = (1_000, 200_000, 6 * MIB)
FEW = 16 << 10


def content(key):
    """What an object of this key holds, if it is whole."""
    size = SIZES[int(key.split("-")[2])]
    seed = hashlib.sha256(key.encode()).digest()
    return (seed * (size // len(seed) + 1))[:size]


class Running:
    """A server on a directory, with the port that the system picked."""

    def __init__(self, data):
        keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
        arguments = ["serve", "--listen", "127.0.0.1:0", "--account", ACCOUNT, "--data", str(data)]
        self.process = subprocess.Popen(
            [os.environ["PALISADE_BIN"], *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | keys,
        )
        for line in self.process.stdout:
            if found := re.search(r"ready at (http\S+)", line):
                self.endpoint = found.group(1)
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def client(self):
        config = Config(retries={"max_attempts": 1, "total_max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ROOT[0],
            aws_secret_access_key=ROOT[1],
            config=config,
        )

    def kill(self):
        self.process.kill()
        self.process.wait()


def put(s3, key):
    body = content(key)
    if len(body) < MIB:
        s3.put_object(Bucket="kept", Key=key, Body=body)
        return
    upload = s3.create_multipart_upload(Bucket="kept", Key=key)["UploadId"]
    parts = []
    for number, start in enumerate(range(0, len(body), 5 * MIB), 1):
        put = s3.upload_part(
            Bucket="kept", Key=key, UploadId=upload, PartNumber=number, Body=body[start : start + 5 * MIB]
        )
        sums = {name: value for name, value in put.items() if name.startswith("Checksum")}
        parts.append({"PartNumber": number, "ETag": put["ETag"], **sums})
    s3.complete_multipart_upload(Bucket="kept", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})


def work(server, round_, worker, acknowledged, deleted):
    s3 = server.client()
    number = 0
    try:
        while True:
            key = f"{round_}-{worker}-{number % len(SIZES)}-{number}"
            put(s3, key)
            acknowledged.add(key)
            if number % 7 == 6:
                acknowledged.discard(key)
                s3.delete_object(Bucket="kept", Key=key)
                deleted.add(key)
            number += 1
    except (BotoCoreError, ClientError, OSError):
        return


def check(server, data, acknowledged, deleted):
    s3 = server.client()
    there, files = {}, 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="kept"):
        for entry in page.get("Contents", []):
            there[entry["Key"]] = entry
    assert acknowledged <= there.keys(), acknowledged - there.keys()
    assert not deleted & there.keys()
    for key, entry in there.items():
        assert entry["Size"] == len(content(key)), key
        if random.random() < 0.3 or key not in acknowledged:
            assert s3.get_object(Bucket="kept", Key=key)["Body"].read() == content(key), key
        parts = entry["ETag"].partition("-")[2].strip('"')
        files += int(parts) if parts else int(entry["Size"] > FEW)
    for upload in s3.list_multipart_uploads(Bucket="kept").get("Uploads", []):
        s3.abort_multipart_upload(Bucket="kept", Key=upload["Key"], UploadId=upload["UploadId"])
    found = [path for path in (data / "objects").rglob("*") if path.is_file()]
    assert not [path for path in found if "#" in path.name]
    assert len(found) == files


def test_what_was_acknowledged_is_whole_and_nothing_else_is_left(tmp_path):
    data, acknowledged, deleted = tmp_path / "data", set(), set()
    server = Running(data)
    server.client().create_bucket(Bucket="kept")
    for round_ in range(ROUNDS):
        workers = [
            threading.Thread(target=work, args=(server, round_, worker, acknowledged, deleted)) for worker in range(6)
        ]
        for worker in workers:
            worker.start()
        time.sleep(random.uniform(0.5, 2))
        server.kill()
        for worker in workers:
            worker.join()
        server = Running(data)
        check(server, data, acknowledged, deleted)
    server.kill()
    assert acknowledged
