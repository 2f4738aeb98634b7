"""Settings, versions and forms of buckets, with unmodified boto3 and the AWS CLI."""

import datetime
import json
import os
import re
import socket
import subprocess
import sys
import urllib.parse
import uuid

import botocore.exceptions
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from server import ACCOUNT, CONFIG, REGION, ROOT, serving


@pytest.fixture
def s3(server):
    return server.client("s3")


@pytest.fixture
def bucket(s3):
    name = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


@pytest.fixture
def control(monkeypatch):
    """A server, and a client of S3 Control for it: the names of accounts before the endpoint's lead there."""
    resolve = socket.getaddrinfo

    def here(host, *arguments, **more):
        name = host.decode() if isinstance(host, bytes) else host
        return resolve(re.sub(r"^\d{12}\.", "", name), *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    # The certificate of a server on this machine has no account's name in it.
    with serving("--ephemeral", "--account", ACCOUNT, environment=keys, tls=False) as server:
        yield server, server.client("s3control")


def test_public_access_is_blocked_in_a_whole_account(control, refused):
    server, s3control = control
    s3 = server.client("s3")
    s3.create_bucket(Bucket="open", ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="open")
    s3.put_object(Bucket="open", Key="k", Body=b"hello", ACL="public-read")
    nobody = server.client("s3", config=CONFIG.merge(Config(signature_version=UNSIGNED)))
    assert nobody.get_object(Bucket="open", Key="k")["Body"].read() == b"hello"
    assert refused(s3control.get_public_access_block, AccountId=ACCOUNT)[0] == "NoSuchPublicAccessBlockConfiguration"
    every = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
    s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=every)
    assert s3control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == every
    assert refused(nobody.get_object, Bucket="open", Key="k")[0] == "AccessDenied"
    assert refused(s3.put_object, Bucket="open", Key="k", Body=b"", ACL="public-read")[0] == "AccessDenied"
    s3control.delete_public_access_block(AccountId=ACCOUNT)
    assert nobody.get_object(Bucket="open", Key="k")["Body"].read() == b"hello"
    assert refused(s3control.put_public_access_block, AccountId="210987654321", PublicAccessBlockConfiguration=every)[0] == "AccessDenied"
    with pytest.raises(s3control.exceptions.ClientError) as caught:
        s3control.list_jobs(AccountId=ACCOUNT)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def code(error):
    return error.value.response["Error"]["Code"]


def test_a_bucket_that_is_asked_to_be_private_has_access_control_lists(s3):
    """As rclone and others make buckets, which go on to say `private` of each object."""
    s3.create_bucket(Bucket="private-by-list", ACL="private")
    rules = s3.get_bucket_ownership_controls(Bucket="private-by-list")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    s3.put_object(Bucket="private-by-list", Key="k", Body=b"", ACL="private")


def test_settings_read_back(s3, bucket):
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") is None
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "a"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "team", "Value": "a"}]
    rules = [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    assert "rule-id=\"r\"" in s3.put_object(Bucket=bucket, Key="a/1", Body=b"x")["Expiration"]
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 9}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    with pytest.raises(botocore.exceptions.ClientError) as missing:
        s3.get_bucket_website(Bucket=bucket)
    assert code(missing) == "NoSuchWebsiteConfiguration"
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == REGION


def test_versions(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"two")
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    with pytest.raises(botocore.exceptions.ClientError) as gone:
        s3.get_object(Bucket=bucket, Key="k")
    assert code(gone) == "NoSuchKey"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"one"
    source = {"Bucket": bucket, "Key": "k", "VersionId": first}
    s3.copy_object(Bucket=bucket, Key="k", CopySource=source)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"one"
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    found = [entry for page in pages for entry in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert len(found) == 4
    objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in found]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})["Deleted"]) == 4
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_forms(server, s3, bucket, signature):
    signer = server.client("s3", config=CONFIG.merge(Config(signature_version=signature)))
    made = signer.generate_presigned_post(
        bucket,
        "up/${filename}",
        Fields={"acl": "public-read", "success_action_status": "201"},
        Conditions=[{"acl": "public-read"}, {"success_action_status": "201"}, ["content-length-range", 1, 20]],
    )
    fields = made["fields"]
    body = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    body += '--edge\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\nhello\r\n--edge--\r\n'
    connection = server.connection()
    path = urllib.parse.urlsplit(made["url"]).path
    connection.request("POST", path, body, {"Content-Type": "multipart/form-data; boundary=edge"})
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 201, text
    assert "<Key>up/f.txt</Key>" in text
    assert s3.get_object(Bucket=bucket, Key="up/f.txt")["Body"].read() == b"hello"
    connection.request("GET", f"/{bucket}/up/f.txt")
    assert connection.getresponse().read() == b"hello"


def test_the_command_line_sees_versions(server, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"one")
    own = {"AWS_ACCESS_KEY_ID": ROOT[0], "AWS_SECRET_ACCESS_KEY": ROOT[1], "AWS_DEFAULT_REGION": REGION}
    program = os.path.join(os.path.dirname(sys.executable), "aws")
    command = [program, "s3api", "list-object-versions", "--bucket", bucket]
    done = subprocess.run(command, env=os.environ | server.environment() | own, capture_output=True, check=True)
    assert json.loads(done.stdout)["Versions"][0]["Key"] == "k"


def test_objects_of_another_account_are_that_accounts(server, s3, bucket, refused):
    organizations, iam = server.client("organizations"), server.client("iam")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(Email="writer@example.com", AccountName="writer")["CreateAccountStatus"]
    account = organizations.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]["AccountId"]
    iam.create_user(UserName="admin")
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=json.dumps(everything))
    sts = server.client("sts", (key["AccessKeyId"], key["SecretAccessKey"]))
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    session = sts.assume_role(RoleArn=role, RoleSessionName="writer")["Credentials"]
    writer = server.client("s3", (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]))
    # The other account is named by its canonical id, and shown by its number.
    named = writer.list_buckets()["Owner"]["ID"]
    rule = {"Effect": "Allow", "Principal": {"CanonicalUser": named}, "Action": "s3:PutObject*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [rule]}))
    shown = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert shown["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{account}:root"}
    writer.put_object(Bucket=bucket, Key="k", Body=b"theirs")
    assert writer.get_object(Bucket=bucket, Key="k")["Body"].read() == b"theirs"
    assert writer.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == named
    assert refused(s3.get_object, Bucket=bucket, Key="k")[0] == "AccessDenied"
    writer.put_object_acl(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"theirs"
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    writer.put_object(Bucket=bucket, Key="given", Body=b"given", ACL="bucket-owner-full-control")
    assert s3.get_object_acl(Bucket=bucket, Key="given")["Owner"]["ID"] == s3.list_buckets()["Owner"]["ID"]
    assert refused(writer.get_object, Bucket=bucket, Key="given")[0] == "AccessDenied"


def test_locked_versions_stay(s3, refused):
    name = f"locked-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule})
    shown = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert shown == {"ObjectLockEnabled": "Enabled", "Rule": rule}
    version = s3.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]
    one = {"Bucket": name, "Key": "k", "VersionId": version}
    assert s3.get_object_retention(**one)["Retention"]["Mode"] == "GOVERNANCE"
    assert s3.head_object(**one)["ObjectLockMode"] == "GOVERNANCE"
    code, message = refused(s3.delete_object, **one)
    assert (code, message) == ("AccessDenied", "Access Denied because object protected by object lock.")
    s3.put_object_legal_hold(**one, LegalHold={"Status": "ON"})
    assert refused(s3.delete_object, **one, BypassGovernanceRetention=True)[0] == "AccessDenied"
    s3.put_object_legal_hold(**one, LegalHold={"Status": "OFF"})
    assert s3.get_object_legal_hold(**one)["LegalHold"] == {"Status": "OFF"}
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)
    s3.put_object_retention(**one, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    assert refused(s3.put_object_retention, **one, Retention={})[0] == "AccessDenied"
    s3.delete_object(**one, BypassGovernanceRetention=True)
    kept = s3.put_object(Bucket=name, Key="k", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    listed = {"Objects": [{"Key": "k", "VersionId": kept}]}
    errors = s3.delete_objects(Bucket=name, Delete=listed, BypassGovernanceRetention=True)["Errors"]
    assert [(error["Code"], error["VersionId"]) for error in errors] == [("AccessDenied", kept)]
