"""Objects through boto3 and the AWS CLI: large ones, many, in parts, and the ways that uploads fail."""

import hashlib
import os
import subprocess
import sys
import time
import urllib.parse

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from server import ACCOUNT, REGION, ROOT

MIB = 1 << 20


@pytest.fixture(scope="module")
def s3(server):
    client = server.client("s3")
    client.create_bucket(Bucket="objects")
    return client


def aws(server, *arguments):
    """Runs the AWS CLI as the root user."""
    environment = os.environ | server.environment()
    environment |= {"AWS_ACCESS_KEY_ID": ROOT[0], "AWS_SECRET_ACCESS_KEY": ROOT[1], "AWS_REGION": REGION}
    program = os.path.join(os.path.dirname(sys.executable), "aws")
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sum_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_large_file_there_and_back(s3, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(100 * MIB))
    s3.upload_file(str(source), "objects", "large")
    assert s3.head_object(Bucket="objects", Key="large")["ETag"].endswith('-13"')
    s3.download_file("objects", "large", str(target))
    assert sum_of(source) == sum_of(target)
    whole = s3.get_object(Bucket="objects", Key="large")["Body"]
    assert hashlib.sha256(whole.read()).hexdigest() == sum_of(source)


def test_copies_of_large_objects(s3):
    body = os.urandom(20 * MIB)
    s3.put_object(Bucket="objects", Key="big", Body=body)
    parts = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.copy({"Bucket": "objects", "Key": "big"}, "objects", "copied", Config=parts)
    s3.copy_object(Bucket="objects", Key="again", CopySource={"Bucket": "objects", "Key": "copied"})
    for key in ("copied", "again"):
        assert s3.get_object(Bucket="objects", Key=key)["Body"].read() == body
    assert s3.head_object(Bucket="objects", Key="again")["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_each_checksum_that_clients_send(s3, algorithm):
    body = os.urandom(6 * MIB)
    put = s3.put_object(Bucket="objects", Key="sum", Body=body, ChecksumAlgorithm=algorithm)
    assert put[f"Checksum{algorithm}"]
    got = s3.get_object(Bucket="objects", Key="sum", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    import io

    more = {"ChecksumAlgorithm": algorithm}
    s3.upload_fileobj(io.BytesIO(body), "objects", "sums", ExtraArgs=more, Config=parts)
    assert s3.get_object(Bucket="objects", Key="sums", ChecksumMode="ENABLED")["Body"].read() == body


def test_the_mode_of_checksums_may_be_written_in_lower_case(s3):
    """As the SDK for C++ writes it, which pyarrow has inside."""

    def lower(request, **_):
        request.headers.replace_header("x-amz-checksum-mode", "enabled")

    s3.put_object(Bucket="objects", Key="summed", Body=b"hello", ChecksumAlgorithm="SHA256")
    s3.meta.events.register("before-sign.s3.GetObject", lower)
    found = s3.get_object(Bucket="objects", Key="summed", ChecksumMode="ENABLED")
    s3.meta.events.unregister("before-sign.s3.GetObject", lower)
    assert found["ChecksumSHA256"] == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="


def test_a_wrong_sum_leaves_nothing(s3):
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="objects", Key="wrong", Body=b"x" * MIB, ChecksumSHA256="A" * 43 + "=")
    assert refused.value.response["Error"]["Code"] == "BadDigest"
    with pytest.raises(ClientError):
        s3.head_object(Bucket="objects", Key="wrong")


def test_the_command_line_with_files_and_folders(server, s3, tmp_path):
    folder = tmp_path / "folder"
    for number in range(40):
        path = folder / str(number % 4) / f"{number} ä+.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"file {number}\n" * number)
    (folder / "big").write_bytes(os.urandom(12 * MIB))
    for path in folder.rglob("*"):
        # What is uploaded within the second of its change counts as changed since, also at AWS.
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 10))
    aws(server, "s3", "sync", str(folder), "s3://objects/sync")
    listed = aws(server, "s3", "ls", "--recursive", "s3://objects/sync/")
    assert len(listed.splitlines()) == 41
    back = tmp_path / "back"
    aws(server, "s3", "sync", "s3://objects/sync", str(back))
    for path in folder.rglob("*"):
        if path.is_file():
            assert (back / path.relative_to(folder)).read_bytes() == path.read_bytes()
    assert aws(server, "s3", "sync", str(folder), "s3://objects/sync") == ""
    aws(server, "s3", "mv", "--recursive", "s3://objects/sync", "s3://objects/moved")
    assert aws(server, "s3", "cp", "s3://objects/moved/1/1 ä+.txt", "-") == "file 1\n"
    aws(server, "s3", "rm", "--recursive", "s3://objects/moved")
    assert "Contents" not in s3.list_objects_v2(Bucket="objects", Prefix="moved")


def test_a_denied_upload_is_refused_before_its_body(server, s3):
    """The head says `Expect: 100-continue`; the answer is the final one, and no byte was asked for."""
    signed = s3.generate_presigned_url("put_object", Params={"Bucket": "objects", "Key": "denied"}, ExpiresIn=60)
    parsed = urllib.parse.urlsplit(signed)
    connection = server.connection()
    connection.connect()
    path = f"{parsed.path}?{parsed.query}"[:-1] + ("A" if signed[-1] != "A" else "B")
    head = f"PUT {path} HTTP/1.1\r\nHost: {parsed.netloc}\r\nContent-Length: 5000000000\r\nExpect: 100-continue\r\n\r\n"
    connection.sock.sendall(head.encode())
    answer = connection.sock.recv(65536)
    assert answer.startswith(b"HTTP/1.1 403 "), answer
    connection.close()
    # One that is permitted is asked for its body.
    connection = server.connection()
    connection.connect()
    path = f"{parsed.path}?{parsed.query}"
    head = f"PUT {path} HTTP/1.1\r\nHost: {parsed.netloc}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    connection.sock.sendall(head.encode())
    assert connection.sock.recv(65536).startswith(b"HTTP/1.1 100 ")
    connection.sock.sendall(b"hello")
    assert connection.sock.recv(65536).startswith(b"HTTP/1.1 200 ")
    connection.close()
    assert s3.get_object(Bucket="objects", Key="denied")["Body"].read() == b"hello"


def test_too_large_says_so_at_once(s3, server):
    signed = s3.generate_presigned_url("put_object", Params={"Bucket": "objects", "Key": "huge"}, ExpiresIn=60)
    parsed = urllib.parse.urlsplit(signed)
    connection = server.connection()
    connection.connect()
    size = 5 * (1 << 30) + 1
    head = f"PUT {parsed.path}?{parsed.query} HTTP/1.1\r\nHost: {parsed.netloc}\r\nContent-Length: {size}\r\nExpect: 100-continue\r\n\r\n"
    connection.sock.sendall(head.encode())
    answer = connection.sock.recv(65536)
    assert b"EntityTooLarge" in answer, answer
    connection.close()


def test_many_slow_uploads_starve_nobody(server, s3):
    """More connections than there are threads wait in the middle of their bodies."""
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "objects", "Key": "slow"}, ExpiresIn=600)
    parsed = urllib.parse.urlsplit(url)
    head = f"PUT {parsed.path}?{parsed.query} HTTP/1.1\r\nHost: {parsed.netloc}\r\nContent-Length: 10000000\r\n\r\n"
    slow = []
    try:
        for _ in range(200):
            connection = server.connection()
            connection.connect()
            connection.sock.sendall(head.encode() + b"x" * 1000)
            slow.append(connection)
        began = time.monotonic()
        for number in range(20):
            s3.put_object(Bucket="objects", Key=f"fast{number}", Body=b"x" * 200_000)
        assert time.monotonic() - began < 20
    finally:
        for connection in slow:
            connection.close()


def test_conditions_of_writes(s3):
    first = s3.put_object(Bucket="objects", Key="if", Body=b"1", IfNoneMatch="*")["ETag"]
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"00000000000000000000000000000000"'}):
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket="objects", Key="if", Body=b"2", **condition)
        assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    s3.put_object(Bucket="objects", Key="if", Body=b"3", IfMatch=first)
    assert s3.get_object(Bucket="objects", Key="if")["Body"].read() == b"3"
