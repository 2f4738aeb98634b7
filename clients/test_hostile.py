"""What is malformed, forged or not built gets AWS's own error, and changes nothing."""

import json
import time

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from server import REGION, ROOT, serving
from tenants import BUCKET

TARGETS = {"sagemaker": "SageMaker", "secretsmanager": "secretsmanager"}


def send(server, service, method="POST", path="/", body=b"", headers=None, credentials=ROOT, tamper=None):
    """Signs a request as botocore does and sends it as it stands; returns status, headers (in any case) and body."""
    request = AWSRequest(method=method, url=server.endpoint + path, data=body, headers=headers or {})
    auth = S3SigV4Auth if service == "s3" else SigV4Auth
    auth(Credentials(*credentials), service, REGION).add_auth(request)
    prepared = request.prepare()
    sent = dict(prepared.headers)
    if tamper:
        body = tamper(sent, body)
    connection = server.connection()
    connection.request(method, path, body=body, headers=sent)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def json_call(server, service, operation, body, **more):
    """Calls an operation of a JSON service with a raw body."""
    headers = {"X-Amz-Target": f"{TARGETS[service]}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    status, found, text = send(server, service, body=body, headers=headers, **more)
    return status, json.loads(text), found


def test_a_wrong_secret_is_a_signature_that_does_not_match(server, refused):
    wrong = (ROOT[0], "wrong")
    assert refused(server.client("sts", wrong).get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert refused(server.client("s3", wrong).list_buckets)[0] == "SignatureDoesNotMatch"
    assert refused(server.client("sagemaker", wrong).list_domains)[0] == "InvalidSignatureException"


def test_an_unknown_key_is_named_as_each_service_names_it(server, refused):
    unknown = ("AKIANOSUCHKEYNOSUCHK", "secret")
    assert refused(server.client("sts", unknown).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(server.client("s3", unknown).list_buckets)[0] == "InvalidAccessKeyId"
    assert refused(server.client("sagemaker", unknown).list_domains)[0] == "UnrecognizedClientException"


def test_a_forged_session_token_is_refused(tenants, refused):
    key, secret, token = tenants.credentials("alice")
    middle = len(token) // 2
    forged = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for service, operation, code in (
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("sagemaker", "list_training_jobs", "UnrecognizedClientException"),
    ):
        client = tenants.server.client(service, (key, secret, forged))
        assert refused(getattr(client, operation))[0] == code
    assert refused(tenants.server.client("s3", (key, secret, forged)).list_buckets)[0] in (
        "InvalidToken",
        "InvalidAccessKeyId",
    )
    without = tenants.server.client("sts", (key, secret))
    assert refused(without.get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_body_that_was_changed_on_the_way_is_refused(server):
    body = b'{"DomainName": "d"}'
    status, answer, _ = json_call(
        server, "sagemaker", "ListDomains", body, tamper=lambda headers, text: text.replace(b"d", b"x")
    )
    assert (status, answer["__type"].rsplit("#", 1)[-1]) == (400, "InvalidSignatureException")


def test_an_old_signature_is_refused(server):
    def age(headers, body):
        headers["X-Amz-Date"] = "20200101T000000Z"
        return body

    status, answer, headers = json_call(server, "sagemaker", "ListDomains", b"{}", tamper=age)
    assert status == 400 and answer["__type"].endswith("InvalidSignatureException")
    assert "Date" in headers


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b'{"DomainName": 5}', b'"x"', b"{}}", b"nul"])
def test_a_malformed_body_is_a_serialization_error(server, body):
    status, answer, headers = json_call(server, "sagemaker", "CreateDomain", body)
    assert status == 400
    assert answer["__type"].rsplit("#", 1)[-1] == "SerializationException"
    assert headers.get("x-amzn-RequestId")


def test_missing_members_are_all_named_at_once(server):
    status, answer, _ = json_call(server, "sagemaker", "CreateTrainingJob", b"{}")
    message = answer.get("message") or answer.get("Message")
    assert status == 400 and answer["__type"].endswith("ValidationException")
    assert "validation errors detected" in message
    assert "'trainingJobName' failed to satisfy constraint: Member must not be null" in message


def test_an_operation_that_does_not_exist_is_unknown(server):
    status, answer, _ = json_call(server, "sagemaker", "NoSuchOperation", b"{}")
    assert status in (400, 404) and answer["__type"].endswith("UnknownOperationException")
    body = b"Action=NoSuchAction&Version=2011-06-15"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, text = send(server, "sts", body=body, headers=headers)
    assert status == 400 and b"<Code>InvalidAction</Code>" in text


def test_an_operation_that_is_not_built_says_so(server, refused):
    sagemaker = server.client("sagemaker")
    code, message = refused(sagemaker.create_cluster, ClusterName="c", InstanceGroups=[
        {"InstanceCount": 1, "InstanceGroupName": "g", "InstanceType": "ml.m5.large", "ExecutionRole": "arn:aws:iam::123456789012:role/x",
         "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-x", "OnCreate": "a"}}])
    assert code not in ("InternalFailure", "InternalError", "500") and message


def test_no_signature_is_missing_authentication(server):
    connection = server.connection()
    connection.request("POST", "/", body=b"{}", headers={"X-Amz-Target": "SageMaker.ListDomains", "Content-Type": "application/x-amz-json-1.1"})
    answer = connection.getresponse()
    assert answer.status in (400, 403)
    assert b"MissingAuthenticationToken" in answer.read()


def test_a_presigned_url_works_and_ends(tenants):
    server = tenants.server
    s3 = server.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    key = "vision/users/alice/a.txt"

    def get(url):
        connection = server.connection()
        connection.request("GET", url.removeprefix(server.endpoint))
        answer = connection.getresponse()
        return answer.status, answer.read()

    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=1)
    assert get(url) == (200, b"alice")
    assert get(url.replace("alice", "bob"))[0] == 403
    time.sleep(2.1)
    status, text = get(url)
    assert status == 403 and b"Request has expired" in text


TRICKS = [
    "/{bucket}/vision/users/bob/../alice/a.txt",
    "/{bucket}/vision/users/bob/%2e%2e/alice/a.txt",
    "/{bucket}/vision/users/bob/..%2falice/a.txt",
    "/{bucket}/vision/users/bob//..//alice/a.txt",
    "/{bucket}//vision/users/alice/a.txt",
    "/{bucket}/vision/users/alice%00/a.txt",
    "/{bucket}/../{bucket}/vision/users/alice/a.txt",
    "/%2e/{bucket}/vision/users/alice/a.txt",
    "/{bucket}/./vision/users/alice/a.txt",
]


@pytest.mark.parametrize("path", TRICKS)
def test_path_tricks_reach_nothing(tenants, path):
    path = path.format(bucket=BUCKET)
    status, _, text = send(tenants.server, "s3", "GET", path, credentials=tenants.credentials("bob"))
    assert status in (400, 403, 404), (status, text)
    assert b"alice" != text
    status, _, text = send(tenants.server, "s3", "PUT", path, body=b"evil", credentials=tenants.credentials("bob"))
    own = "/vision/users/bob/" in path
    assert own or status in (400, 403, 404), (status, text)
    root = tenants.server.client("s3")
    assert root.get_object(Bucket=BUCKET, Key="vision/users/alice/a.txt")["Body"].read() == b"alice"


def test_a_lying_checksum_stores_nothing(tenants, refused):
    s3 = tenants.client("s3", "alice")
    code, _ = refused(
        s3.put_object, Bucket=BUCKET, Key="vision/users/alice/lie", Body=b"abc", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="
    )
    assert code == "BadDigest"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="vision/users/alice/lie")
    assert listed["KeyCount"] == 0


def test_a_studio_url_works_once(tenants):
    server = tenants.server
    url = tenants.presigned_url("carol")

    def get(url):
        connection = server.connection()
        connection.request("GET", url.removeprefix(server.endpoint))
        return connection.getresponse().status

    assert get(url + "x") >= 400
    assert get(url) == 200
    assert get(url) >= 400


def test_the_server_stops_cleanly():
    with serving("--ephemeral", "--account", "123456789012") as running:
        session = running.client("sts", ("x", "y"))
        with pytest.raises(Exception):
            session.get_caller_identity()
        assert running.stop() == 0
