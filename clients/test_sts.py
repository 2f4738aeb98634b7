"""Sessions of every kind, as boto3 and the AWS CLI ask for them, and tokens of a real issuer on this machine."""

import base64
import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time

import pytest
import rsa

from server import ACCOUNT, REGION
from tenants import allow, policy

CLIENT = "platform"
LIST = allow("s3:ListAllMyBuckets", "*")


def account_of(access_key):
    """The account that stands in the id of a temporary access key, read as tools read AWS's."""
    number = int.from_bytes(base64.b32decode(access_key[4:])[:6], "big")
    return f"{(number & 0x7FFFFFFFFF80) >> 7:012d}"


def triple(answer):
    found = answer["Credentials"]
    return found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


@pytest.fixture(scope="module")
def alice(server, iam):
    iam.create_user(UserName="alice")
    may = allow(["s3:*", "sts:*"], "*")
    iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=policy(may))
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture(scope="module")
def role(iam, alice):
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "Action": "sts:AssumeRole"})
    made = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy(LIST))
    return made["Arn"]


def test_a_session_token(server, alice, refused):
    session = triple(server.client("sts", alice).get_session_token(DurationSeconds=900))
    assert server.client("sts", session).get_caller_identity()["Arn"].endswith(":user/alice")
    server.client("s3", session).list_buckets()
    assert refused(server.client("iam", session).list_users)[0] == "InvalidClientTokenId"
    assert refused(server.client("sts", session).get_session_token) == (
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )


def test_a_federated_user(server, alice, refused):
    sts = server.client("sts", alice)
    answer = sts.get_federation_token(Name="Bob", Policy=policy(LIST))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/Bob"
    assert 0 < answer["PackedPolicySize"] < 100
    session = triple(answer)
    assert account_of(session[0]) == ACCOUNT
    assert sts.get_access_key_info(AccessKeyId=session[0])["Account"] == ACCOUNT
    server.client("s3", session).list_buckets()
    assert refused(server.client("s3", session).create_bucket, Bucket="bobs")[0] == "AccessDenied"


def test_a_denial_is_decoded(server, alice, iam):
    with pytest.raises(iam.exceptions.ClientError) as caught:
        server.client("iam", alice).list_roles()
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    message = headers["x-palisade-authorization-message"]
    decoded = server.client("sts", alice).decode_authorization_message(EncodedMessage=message)
    decoded = json.loads(decoded["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    assert decoded["context"]["principal"]["arn"].endswith(":user/alice")


def test_every_endpoint_of_every_region(server, alice):
    for region in ("us-east-1", "eu-central-1", "ap-southeast-2"):
        sts = server.client("sts", alice, region_name=region)
        assert sts.get_caller_identity()["Account"] == ACCOUNT


class Issuer:
    """An OpenID Connect issuer with one key of RSA."""

    def __init__(self):
        self.public, self._private = rsa.newkeys(2048)
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                found = issuer.documents().get(self.path)
                body = json.dumps(found).encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/realm"

    @contextlib.contextmanager
    def running(self):
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def documents(self):
        number = lambda n: encode(n.to_bytes((n.bit_length() + 7) // 8, "big"))
        key = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "n": number(self.public.n), "e": number(self.public.e)}
        return {
            "/realm/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/realm/keys": {"keys": [key]},
        }

    def token(self, **more):
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "user:carol", "iat": now, "exp": now + 300} | more
        signed = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, claims))
        return f"{signed}.{encode(rsa.sign(signed.encode(), self._private, 'SHA-256'))}"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def issuer():
    with Issuer().running() as running:
        yield running


@pytest.fixture(scope="module")
def federated(iam, issuer):
    """A role for the issuer's users."""
    provider = iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=[CLIENT], ThumbprintList=["0" * 40])
    name = issuer.url.removeprefix("http://")
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
            "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            "Condition": {"StringEquals": {f"{name}:aud": CLIENT}, "StringLike": {f"{name}:sub": "user:*"}},
        }
    )
    made = iam.create_role(RoleName="federated", AssumeRolePolicyDocument=trust)["Role"]
    tagged = LIST | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "vision"}}}
    iam.put_role_policy(RoleName="federated", PolicyName="p", PolicyDocument=policy(tagged))
    return made["Arn"]


TAGS = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["vision"]}}}


def test_a_token_of_an_issuer(server, issuer, federated, refused):
    assume = server.client("sts").assume_role_with_web_identity
    asked = {"RoleArn": federated, "RoleSessionName": "carol"}
    answer = assume(**asked, WebIdentityToken=issuer.token(**TAGS))
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == ("user:carol", CLIENT)
    server.client("s3", triple(answer)).list_buckets()
    for more, code in (
        ({"exp": int(time.time()) - 1}, "ExpiredTokenException"),
        ({"aud": "another"}, "InvalidIdentityToken"),
        ({"iss": "https://idp.example.com"}, "InvalidIdentityToken"),
        ({"sub": "robot"}, "AccessDenied"),
    ):
        assert refused(assume, **asked, WebIdentityToken=issuer.token(**more))[0] == code
    forged = Issuer()
    forged.url = issuer.url
    assert refused(assume, **asked, WebIdentityToken=forged.token())[0] == "InvalidIdentityToken"


@pytest.fixture
def profiles(server, alice, role, tmp_path):
    """Runs the AWS CLI with profiles, of which `more` are some."""

    def run(more, *arguments):
        config = tmp_path / "config"
        config.write_text(
            f"[profile alice]\naws_access_key_id = {alice[0]}\naws_secret_access_key = {alice[1]}\n"
            f"[profile reader]\nsource_profile = alice\nrole_arn = {role}\nrole_session_name = cli\n{more}"
        )
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {
            # The command line keeps sessions of roles there.
            "HOME": str(tmp_path),
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PAGER": "",
            **server.environment(),
        }
        program = [sys.executable, "-m", "awscli", *arguments]
        done = subprocess.run(program, capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_a_profile_with_a_role(profiles):
    found = profiles("", "--profile", "reader", "sts", "get-caller-identity")
    assert found["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/cli"
    session = profiles("", "--profile", "alice", "sts", "get-session-token")
    assert session["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_a_profile_with_a_token(profiles, issuer, federated, tmp_path):
    token = tmp_path / "token"
    token.write_text(issuer.token(**TAGS))
    more = f"[profile web]\nrole_arn = {federated}\nweb_identity_token_file = {token}\nrole_session_name = web\n"
    found = profiles(more, "--profile", "web", "sts", "get-caller-identity")
    assert found["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/federated/web"
