"""Objects encrypted with S3's own keys, keys of KMS and of customers, with boto3 and the AWS CLI as they are."""

import base64
import itertools
import os
import subprocess
import sys
from io import BytesIO

import pytest
from boto3.s3.transfer import TransferConfig

from server import REGION, ROOT, serving
from test_keys_and_secrets import lets, user

MIB = 1 << 20
NUMBERS = itertools.count()


@pytest.fixture
def s3(server):
    return server.client("s3")


@pytest.fixture
def bucket(s3):
    name = f"sealed-{next(NUMBERS)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def key(server):
    return server.client("kms").create_key()["KeyMetadata"]["Arn"]


def by_kms(key):
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


def test_a_bucket_encrypts_by_its_key(s3, key, bucket):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    shown = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert shown["Rules"] == [rule]
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("aws:kms", key, True)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["SSEKMSKeyId"]) == (b"hello", key)
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"hello")["ServerSideEncryption"] == "AES256"


def test_the_manager_of_transfers_uploads_and_downloads_in_parts(s3, key, bucket):
    body = os.urandom(17 * MIB)
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_fileobj(BytesIO(body), bucket, "k", ExtraArgs=by_kms(key), Config=config)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["SSEKMSKeyId"], head["ETag"][-3:]) == (len(body), key, '-3"')
    got = BytesIO()
    s3.download_fileobj(bucket, "k", got, Config=config)
    assert got.getvalue() == body
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    s3.upload_fileobj(BytesIO(body), bucket, "own", ExtraArgs=own, Config=config)
    got = BytesIO()
    s3.download_fileobj(bucket, "own", got, ExtraArgs=own, Config=config)
    assert got.getvalue() == body
    source = {"CopySource" + name: value for name, value in own.items()}
    s3.copy({"Bucket": bucket, "Key": "own"}, bucket, "copy", ExtraArgs=source | by_kms(key), Config=config)
    assert s3.get_object(Bucket=bucket, Key="copy", Range="bytes=16777210-")["Body"].read() == body[16777210:]


def test_who_may_not_use_the_key_is_told_so(server, s3, key, bucket, refused):
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **by_kms(key))
    alice = server.client("s3", user(server, "sse-alice", lets("s3:*")))
    code, message = refused(alice.get_object, Bucket=bucket, Key="k")
    assert code == "AccessDenied" and "kms:Decrypt" in message and key in message
    assert refused(alice.put_object, Bucket=bucket, Key="k", Body=b"", **by_kms(key))[0] == "AccessDenied"
    through = {"Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}}
    bob_key = user(server, "sse-bob", lets("s3:*"), lets("kms:Decrypt", **through))
    bob = server.client("s3", bob_key)
    assert bob.get_object(Bucket=bucket, Key="k")["Body"].read() == b"secret"
    assert refused(bob.put_object, Bucket=bucket, Key="k", Body=b"", **by_kms(key))[0] == "AccessDenied"


def test_a_customers_key_is_needed_each_time(s3, bucket, refused):
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **own)
    assert "ServerSideEncryption" not in put and put["SSECustomerAlgorithm"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="k", **own)["Body"].read() == b"secret"
    assert refused(s3.get_object, Bucket=bucket, Key="k")[0] == "InvalidRequest"
    assert refused(s3.head_object, Bucket=bucket, Key="k")[0] == "400"
    wrong = own | {"SSECustomerKey": "1" * 32}
    assert refused(s3.get_object, Bucket=bucket, Key="k", **wrong)[0] == "AccessDenied"
    assert refused(s3.head_object, Bucket=bucket, Key="k", **wrong)[0] == "403"
    link = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k", "SSECustomerAlgorithm": "AES256"})
    assert "customer-algorithm" in link


def test_the_command_line_copies_with_keys(server, s3, key, bucket, tmp_path):
    keys = {"AWS_ACCESS_KEY_ID": ROOT[0], "AWS_SECRET_ACCESS_KEY": ROOT[1], "AWS_DEFAULT_REGION": REGION}
    environment = os.environ | server.environment() | keys

    def aws(*words):
        command = [sys.executable, "-m", "awscli", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(os.urandom(9 * MIB))
    aws("s3", "cp", str(source), f"s3://{bucket}/k", "--sse", "aws:kms", "--sse-kms-key-id", key)
    aws("s3", "cp", f"s3://{bucket}/k", str(back))
    assert back.read_bytes() == source.read_bytes()
    own = tmp_path / "key"
    own.write_bytes(os.urandom(32))
    with_key = ["--sse-c", "AES256", "--sse-c-key", f"fileb://{own}"]
    aws("s3", "cp", str(source), f"s3://{bucket}/own", *with_key)
    aws("s3", "cp", f"s3://{bucket}/own", str(back), *with_key)
    assert back.read_bytes() == source.read_bytes()


def test_nothing_of_the_bytes_lies_in_any_file(tmp_path):
    few, many = b"a few bytes that nobody may see", b"many bytes that nobody may see" * 10_000
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    with serving("--data", str(tmp_path / "data"), environment=keys) as server:
        s3, kms = server.client("s3"), server.client("kms")
        s3.create_bucket(Bucket="data")
        own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "the customer's key, 32 letters.."}
        of_kms = by_kms(kms.create_key()["KeyMetadata"]["KeyId"])
        for how, more in [("kms", of_kms), ("own", own), ("s3", {})]:
            s3.put_object(Bucket="data", Key=f"{how}/few", Body=few, **more)
            s3.put_object(Bucket="data", Key=f"{how}/many", Body=many, **more)
        s3.put_object(Bucket="data", Key="name", Body=b"", Metadata={"lies": "in-the-open"})
    files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any(b"in-the-open" in file for file in files)
    hidden = [few[:16], few, many[:64], b"the customer's key, 32 letters.."]
    hidden += [base64.b64encode(text)[:20] for text in hidden]
    assert not [text for text in hidden for file in files if text in file]
    with serving("--data", str(tmp_path / "data"), environment=keys) as server:
        s3 = server.client("s3")
        assert s3.get_object(Bucket="data", Key="kms/few")["Body"].read() == few
        assert s3.get_object(Bucket="data", Key="own/many", **own)["Body"].read() == many
        assert s3.get_object(Bucket="data", Key="s3/few")["Body"].read() == few
        assert s3.get_object(Bucket="data", Key="s3/many")["Body"].read() == many


def test_objects_outlive_the_root_key_that_they_were_sealed_under(tmp_path):
    data = ["--data", str(tmp_path / "data")]
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    few, many = os.urandom(1_000), os.urandom(6 * MIB)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    with serving(*data, environment=keys) as server:
        s3 = server.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="few", Body=few)
        s3.put_object(Bucket="data", Key="many", Body=many)
        s3.upload_fileobj(BytesIO(many), "data", "parts", Config=config)
        began = s3.create_multipart_upload(Bucket="data", Key="later")
        s3.upload_part(Bucket="data", Key="later", UploadId=began["UploadId"], PartNumber=1, Body=many)
        s3.copy_object(Bucket="data", Key="copy", CopySource="data/many")
    rotate = [os.environ["PALISADE_BIN"], "rotate-root-key", *data, "--forget-earlier"]
    for _ in range(2):
        done = subprocess.run(rotate, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "keys of objects" in done.stdout, done.stderr
    with serving(*data, environment=keys) as server:
        s3 = server.client("s3")

        def read(key, **more):
            return s3.get_object(Bucket="data", Key=key, **more)["Body"].read()

        assert read("few") == few
        assert read("many") == read("parts") == read("copy") == many
        part = s3.upload_part(Bucket="data", Key="later", UploadId=began["UploadId"], PartNumber=2, Body=few)
        first = s3.list_parts(Bucket="data", Key="later", UploadId=began["UploadId"])["Parts"][0]
        listed = [{"PartNumber": n, "ETag": tag} for n, tag in [(1, first["ETag"]), (2, part["ETag"])]]
        ended = {"UploadId": began["UploadId"], "MultipartUpload": {"Parts": listed}}
        s3.complete_multipart_upload(Bucket="data", Key="later", **ended)
        assert read("later", Range="bytes=6291450-") == (many + few)[6291450:]
        s3.copy_object(Bucket="data", Key="under-the-new", CopySource="data/copy")
        s3.put_object(Bucket="data", Key="new", Body=many)
        s3.delete_object(Bucket="data", Key="many")
        assert read("under-the-new") == read("new") == read("copy") == many
