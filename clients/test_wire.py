"""What clients read off the wire: shapes and codes of errors, ids, dates, hosts, links."""

import datetime
import hashlib
import json
import re
import uuid

import botocore.auth
import botocore.awsrequest
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from server import ACCOUNT, REGION, ROOT

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FORM = "application/x-www-form-urlencoded; charset=utf-8"

# A service's signing name, a call of it, and the codes with which it refuses.
QUERY = {
    "kind": "query",
    "service": "sts",
    "body": "Action=GetCallerIdentity&Version=2011-06-15",
    "headers": {"Content-Type": FORM},
    "unknown": ("InvalidClientTokenId", 403),
    "mismatch": ("SignatureDoesNotMatch", 403),
    "missing": ("MissingAuthenticationToken", 403),
    "old": ("SignatureDoesNotMatch", 403),
}
IAM = {**QUERY, "service": "iam", "body": "Action=ListUsers&Version=2010-05-08"}
JSON = {
    "kind": "json",
    "service": "secretsmanager",
    "body": "{}",
    "headers": {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "secretsmanager.ListSecrets",
    },
    "unknown": ("UnrecognizedClientException", 400),
    "mismatch": ("InvalidSignatureException", 400),
    "missing": ("MissingAuthenticationTokenException", 400),
    "old": ("InvalidSignatureException", 400),
}
S3 = {
    "kind": "s3",
    "service": "s3",
    "body": "",
    "headers": {},
    "method": "GET",
    "unknown": ("InvalidAccessKeyId", 403),
    "mismatch": ("SignatureDoesNotMatch", 403),
    "missing": ("AccessDenied", 403),
    "old": ("RequestTimeTooSkewed", 403),
}
ALL = [QUERY, IAM, JSON, S3]
NAMES = [call["service"] for call in ALL]


def send(server, method, target, body, headers):
    """Sends a request as it is; returns status, headers and body."""
    connection = server.connection()
    try:
        connection.request(method, target, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def signed(server, call, key=ROOT[0], secret=ROOT[1], at=None, target="/"):
    """Signs a call with botocore's signer."""
    method = call.get("method", "POST")
    request = botocore.awsrequest.AWSRequest(
        method, server.endpoint + target, headers=dict(call["headers"]), data=call["body"]
    )
    signer = botocore.auth.S3SigV4Auth if call["service"] == "s3" else botocore.auth.SigV4Auth
    original = botocore.auth.get_current_datetime
    try:
        if at:
            botocore.auth.get_current_datetime = lambda *_, **__: at
        signer(Credentials(key, secret), call["service"], REGION).add_auth(request)
    finally:
        botocore.auth.get_current_datetime = original
    headers = {name: value for name, value in request.prepare().headers.items()}
    return send(server, method, target, call["body"], headers)


def code_of(call, answer):
    """The error's code, read where clients of this service read it; nothing else may look like it."""
    status, headers, body = answer
    if call["kind"] == "json":
        error = json.loads(body)
        assert headers["x-amzn-errortype"] == error["__type"]
        assert headers["content-type"] == "application/x-amz-json-1.1"
        assert "message" in error or "Message" in error
        assert UUID.fullmatch(headers["x-amzn-requestid"])
        return error["__type"], status
    if call["kind"] == "query":
        assert re.match(r"<ErrorResponse xmlns=\"https://[a-z]+\.amazonaws\.com/doc/[0-9-]+/\">", body)
        assert "<Type>Sender</Type>" in body and "<Message>" in body
        assert f"<RequestId>{headers['x-amzn-requestid']}</RequestId>" in body
    else:
        assert re.match(r"<\?xml version=\"1.0\" encoding=\"UTF-8\"\?>\s*<Error><Code>", body)
        assert f"<RequestId>{headers['x-amz-request-id']}</RequestId>" in body
        assert f"<HostId>{headers['x-amz-id-2']}</HostId>" in body
    return re.search("<Code>(.*?)</Code>", body).group(1), status


@pytest.mark.parametrize("call", ALL, ids=NAMES)
def test_a_caller_who_is_not_believed_gets_the_service_s_own_code(server, call):
    assert signed(server, call)[0] == 200
    assert code_of(call, signed(server, call, key="AKIANOBODYNOBODYNOB0")) == call["unknown"]
    assert code_of(call, signed(server, call, secret="wrong")) == call["mismatch"]
    method = call.get("method", "POST")
    unsigned = send(server, method, "/", call["body"], dict(call["headers"]))
    assert code_of(call, unsigned) == call["missing"]


@pytest.mark.parametrize("call", ALL, ids=NAMES)
def test_a_clock_that_is_wrong_is_told_and_the_date_header_mends_it(server, call):
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    for hours in (-1, 1):
        answer = signed(server, call, at=now + datetime.timedelta(hours=hours))
        assert code_of(call, answer) == call["old"]
        date = datetime.datetime.strptime(answer[1]["date"], "%a, %d %b %Y %H:%M:%S GMT")
        assert abs(date - now) < datetime.timedelta(minutes=1)
    if call["kind"] != "s3":
        assert re.search("Signature (expired|not yet current)", answer[2])
    for minutes in (-14, 14):
        assert signed(server, call, at=now + datetime.timedelta(minutes=minutes))[0] == 200


def test_each_request_has_an_id_that_its_event_bears(server):
    sts = server.client("sts")
    ids = {sts.get_caller_identity()["ResponseMetadata"]["RequestId"] for _ in range(3)}
    assert len(ids) == 3 and all(UUID.fullmatch(one) for one in ids)
    events = server.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
    seen = {json.loads(event["CloudTrailEvent"])["requestID"] for event in events}
    assert ids <= seen


def test_what_does_not_exist_is_refused_in_the_service_s_words(server):
    unknown = {**QUERY, "body": "Action=Nothing&Version=2011-06-15"}
    assert code_of(unknown, signed(server, unknown)) == ("InvalidAction", 400)
    empty = {**QUERY, "body": "Version=2011-06-15"}
    assert code_of(empty, signed(server, empty)) == ("MissingAction", 400)
    target = {**JSON, "headers": {**JSON["headers"], "X-Amz-Target": "secretsmanager.Nothing"}}
    assert code_of(target, signed(server, target)) == ("UnknownOperationException", 400)
    patch = {**S3, "method": "PATCH"}
    assert code_of(patch, signed(server, patch, target="/bucket")) == ("MethodNotAllowed", 405)


def test_head_errors_have_no_body(server):
    head = {**S3, "method": "HEAD"}
    status, headers, body = signed(server, head, target="/no-such-bucket-" + uuid.uuid4().hex)
    assert (status, body) == (404, "")
    assert UUID.fullmatch(headers["x-amz-request-id"]) and headers["x-amz-id-2"]


def test_iam_is_the_same_in_every_region(server):
    for region in ("us-east-1", "eu-central-1", "ap-southeast-2"):
        assert "Users" in server.client("iam", region_name=region).list_users()
        arn = server.client("sts", region_name=region).get_caller_identity()["Arn"]
        assert arn == f"arn:aws:iam::{ACCOUNT}:root"


def test_brokers_may_hand_on_a_signed_question_who_they_are(server):
    """A presigned `GetCallerIdentity`, as EKS and Vault take it."""
    sts = server.client("sts")
    for method in ("GET", "POST"):
        link = lambda expires: sts.generate_presigned_url(
            "get_caller_identity", ExpiresIn=expires, HttpMethod=method
        ).removeprefix(server.endpoint)
        status, headers, body = send(server, method, link(60), "", {})
        assert status == 200 and f"<Account>{ACCOUNT}</Account>" in body
        assert headers["content-type"] == "text/xml"
        assert send(server, method, link(604801), "", {})[0] == 403


@pytest.mark.parametrize("version", [None, "s3", "s3v4"], ids=["default", "v2", "v4"])
def test_links_to_objects(server, version):
    s3 = server.client("s3", config=Config(signature_version=version, s3={"addressing_style": "path"}))
    bucket = "links-" + uuid.uuid4().hex
    server.client("s3").create_bucket(Bucket=bucket)
    fetch = lambda method, url, body="", headers=None: send(
        server, method, url.removeprefix(server.endpoint), body, headers or {}
    )
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b/ü+"})
    assert fetch("PUT", put, "hello")[0] == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü+"})
    assert ("AWSAccessKeyId" in get) == (version != "s3v4")
    assert fetch("GET", get)[::2] == (200, "hello")
    assert fetch("DELETE", get)[0] == 403
    assert fetch("GET", get.replace("a%20b", "a%20c"))[0] == 403
    named = s3.generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": "a b/ü+", "ResponseContentType": "text/x-own"},
    )
    assert fetch("GET", named)[1]["content-type"] == "text/x-own"
    if version == "s3v4":
        over = get.replace("X-Amz-Expires=3600", "X-Amz-Expires=-5")
    else:
        over = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=-5)
    status, _, body = fetch("GET", over)
    assert status in (400, 403)
    if version != "s3v4":
        assert "Request has expired" in body
    if version != "s3v4":
        assert fetch("GET", get + "&attributes")[0] == 400


def test_a_default_link_works_for_a_bucket_of_any_region(server):
    """Version 2 names no region that could be the wrong one."""
    bucket = "far-" + uuid.uuid4().hex
    s3 = server.client("s3", region_name="us-west-2")
    s3.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    default = Config(s3={"addressing_style": "path"})
    client = server.client("s3", region_name="us-west-2", config=default)
    link = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert "AWSAccessKeyId" in link
    assert send(server, "GET", link.removeprefix(server.endpoint), "", {})[::2] == (200, "x")


def test_headers_in_the_query_of_a_link_count(server):
    """As the SDK for JavaScript puts them there."""
    bucket = "hoisted-" + uuid.uuid4().hex
    s3 = server.client("s3")
    s3.create_bucket(Bucket=bucket)
    request = botocore.awsrequest.AWSRequest(
        "PUT", f"{server.endpoint}/{bucket}/k", params={"x-amz-meta-who": "alice"}
    )
    credentials = Credentials(*ROOT)
    botocore.auth.S3SigV4QueryAuth(credentials, "s3", REGION, expires=60).add_auth(request)
    target = request.prepare().url.removeprefix(server.endpoint)
    assert send(server, "PUT", target, "x", {})[0] == 200
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"who": "alice"}
    changed = target.replace("alice", "bob")
    assert send(server, "PUT", changed, "x", {})[0] == 403


def test_asymmetric_signatures_are_refused_clearly(server):
    headers = {
        "x-amz-date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
        "x-amz-region-set": "*",
        "Authorization": "AWS4-ECDSA-P256-SHA256 Credential=A/20261122/s3/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=00",
    }
    status, _, body = send(server, "GET", "/bucket", "", headers)
    assert status == 400 and "Please use AWS4-HMAC-SHA256." in body


def test_buckets_may_stand_in_the_host_name(server):
    bucket = "host-" + uuid.uuid4().hex
    s3 = server.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for host in (f"{bucket}.s3.localhost", f"{bucket}.s3.us-west-2.amazonaws.com"):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        empty = hashlib.sha256(b"").hexdigest()
        request = botocore.awsrequest.AWSRequest("GET", f"http://{host}/k", headers={"Host": host})
        botocore.auth.S3SigV4Auth(Credentials(*ROOT), "s3", REGION).add_auth(request)
        headers = dict(request.prepare().headers.items())
        assert headers["X-Amz-Content-SHA256"] == empty and headers["X-Amz-Date"][:8] == now[:8]
        status, _, body = send(server, "GET", "/k", "", headers)
        assert (status, body) == (200, "x"), body


def test_violations_are_told_at_once_in_every_protocol(server):
    no_check = Config(parameter_validation=False, retries={"max_attempts": 1})
    with pytest.raises(ClientError) as caught:
        server.client("sts", config=no_check).assume_role(RoleArn="x", DurationSeconds=1)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].startswith("3 validation errors detected: Value 'x' at 'roleArn' failed")
    with pytest.raises(ClientError) as caught:
        server.client("secretsmanager", config=no_check).list_secrets(MaxResults=0, SortOrder="up")
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith("2 validation errors detected: Value '0' at 'maxResults' failed")


def test_a_page_s_token_is_of_no_use_for_another_question(server):
    iam = server.client("iam")
    for number in range(3):
        iam.create_user(UserName=f"page-{number}")
    first = iam.list_users(MaxItems=1)
    assert iam.list_users(MaxItems=2, Marker=first["Marker"])["Users"]
    for arguments in ({"PathPrefix": "/x/", "Marker": first["Marker"]}, {"Marker": "made-up"}):
        with pytest.raises(ClientError) as caught:
            iam.list_users(**arguments)
        assert caught.value.response["Error"]["Code"] == "ValidationError"
    secrets = server.client("secretsmanager")
    with pytest.raises(ClientError) as caught:
        secrets.list_secrets(NextToken=first["Marker"])
    assert caught.value.response["Error"]["Code"] == "InvalidNextTokenException"


def test_the_default_client_sends_checksums_that_are_checked(server):
    bucket = "sums-" + uuid.uuid4().hex
    s3 = server.client("s3")
    s3.create_bucket(Bucket=bucket)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert put["ChecksumCRC32"] == "NhCmhg=="
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumCRC32="AAAAAA==")
    assert caught.value.response["Error"]["Code"] in ("BadDigest", "InvalidRequest")
