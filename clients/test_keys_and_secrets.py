"""KMS and Secrets Manager, with boto3 and the AWS CLI as they are."""

import base64
import json
import os
import subprocess
import sys

import pytest

from server import ACCOUNT, REGION, ROOT, serving


@pytest.fixture
def kms(server):
    return server.client("kms")


@pytest.fixture
def secrets(server):
    return server.client("secretsmanager")


def user(server, name, *statements):
    """Credentials of a new user with these statements."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def lets(*actions, **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | more


def test_a_key_encrypts_and_tells_itself(kms, refused):
    key = kms.create_key(Description="of a test", Tags=[{"TagKey": "team", "TagValue": "vision"}])["KeyMetadata"]
    assert (key["KeyState"], key["KeySpec"], key["KeyManager"]) == ("Enabled", "SYMMETRIC_DEFAULT", "CUSTOMER")
    kms.create_alias(AliasName="alias/clients", TargetKeyId=key["KeyId"])
    context = {"tenant": "alice"}
    blob = kms.encrypt(KeyId="alias/clients", Plaintext=b"hello", EncryptionContext=context)["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"hello", key["Arn"])
    assert refused(kms.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"hello"
    data = kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"]
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId="alias/clients", Plaintext=b"x")


def test_every_paginator_of_kms_ends(kms):
    ids = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)}
    listed = {key["KeyId"] for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}) for key in page["Keys"]}
    assert ids <= listed
    one = sorted(ids)[0]
    for number in range(3):
        kms.create_alias(AliasName=f"alias/pages-{number}", TargetKeyId=one)
    pages = kms.get_paginator("list_aliases").paginate(KeyId=one, PaginationConfig={"PageSize": 2})
    assert [alias["AliasName"] for page in pages for alias in page["Aliases"]] == [f"alias/pages-{n}" for n in range(3)]
    assert list(kms.get_paginator("list_resource_tags").paginate(KeyId=one))
    assert list(kms.get_paginator("list_grants").paginate(KeyId=one))
    assert list(kms.get_paginator("list_key_policies").paginate(KeyId=one))


def test_without_the_key_policy_an_identity_policy_grants_nothing(server, kms, refused):
    policy = {"Version": "2012-10-17", "Statement": [lets("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})]}
    key = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    mine = server.client("kms", user(server, "encrypts", lets("kms:Encrypt")))
    mine.encrypt(KeyId=key, Plaintext=b"x")
    policy["Statement"] = [lets("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"})]
    user(server, "other")
    text = json.dumps(policy)
    assert refused(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=text)[0] == "MalformedPolicyDocumentException"
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text, BypassPolicyLockoutSafetyCheck=True)
    code, message = refused(mine.encrypt, KeyId=key, Plaintext=b"x")
    assert code == "AccessDeniedException" and "no resource-based policy allows" in message
    assert refused(kms.describe_key, KeyId=key)[0] == "AccessDeniedException"


def test_a_grant_is_given_and_revoked(server, kms, refused):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    mine = server.client("kms", user(server, "granted"))
    grant = kms.create_grant(
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:user/granted",
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"job": "1"}},
    )
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"
    mine.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext={"job": "1"}, GrantTokens=[grant["GrantToken"]])
    assert refused(mine.encrypt, KeyId=arn, Plaintext=b"x")[0] == "AccessDeniedException"
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    assert refused(mine.encrypt, KeyId=arn, Plaintext=b"x", EncryptionContext={"job": "1"})[0] == "AccessDeniedException"


def test_the_life_of_a_secret(secrets, refused):
    made = secrets.create_secret(Name="clients/life", SecretString="one", Description="of a test")
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:clients/life-")
    secrets.put_secret_value(SecretId="clients/life", SecretBinary=b"\x00two", VersionStages=["AWSPENDING"])
    pending = secrets.get_secret_value(SecretId=made["ARN"], VersionStage="AWSPENDING")
    assert pending["SecretBinary"] == b"\x00two"
    secrets.update_secret_version_stage(
        SecretId="clients/life", VersionStage="AWSCURRENT", MoveToVersionId=pending["VersionId"], RemoveFromVersionId=made["VersionId"]
    )
    previous = secrets.get_secret_value(SecretId="clients/life", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "one"
    described = secrets.describe_secret(SecretId="clients/life")
    assert described["VersionIdsToStages"][made["VersionId"]] == ["AWSPREVIOUS"]
    assert described["LastAccessedDate"].hour == 0 or described["LastAccessedDate"].utcoffset()
    secrets.delete_secret(SecretId="clients/life", RecoveryWindowInDays=7)
    with pytest.raises(secrets.exceptions.InvalidRequestException):
        secrets.get_secret_value(SecretId="clients/life")
    secrets.restore_secret(SecretId="clients/life")
    secrets.delete_secret(SecretId="clients/life", ForceDeleteWithoutRecovery=True)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId="clients/life")


def test_a_batch_tells_what_it_could_not_read(server, secrets):
    for name in ("batch/a", "batch/b", "closed/c"):
        secrets.create_secret(Name=name, SecretString=name)
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:batch/*"}
    mine = server.client("secretsmanager", user(server, "batches", lets("secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"), read))
    answer = mine.batch_get_secret_value(SecretIdList=["batch/a", "closed/c"])
    assert [value["SecretString"] for value in answer["SecretValues"]] == ["batch/a"]
    assert [error["ErrorCode"] for error in answer["Errors"]] == ["AccessDeniedException"]
    found, more = [], {}
    while more is not None:
        page = mine.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["batch/"]}], MaxResults=1, **more)
        found += [value["Name"] for value in page["SecretValues"]]
        more = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert sorted(found) == ["batch/a", "batch/b"]


def test_a_secret_under_a_key_of_ones_own_needs_both_permissions(server, kms, secrets, refused):
    key = kms.create_key()["KeyMetadata"]["Arn"]
    secrets.create_secret(Name="own-key", SecretString="v", KmsKeyId=key)
    via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}
    one = server.client("secretsmanager", user(server, "reads", lets("secretsmanager:GetSecretValue")))
    code, message = refused(one.get_secret_value, SecretId="own-key")
    assert (code, message) == ("AccessDeniedException", "Access to KMS is not allowed")
    key_of_two = user(server, "reads-via", lets("secretsmanager:GetSecretValue"), lets("kms:Decrypt", Condition=via))
    two = server.client("secretsmanager", key_of_two)
    assert two.get_secret_value(SecretId="own-key")["SecretString"] == "v"
    events = server.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}]
    )["Events"]
    records = [json.loads(event["CloudTrailEvent"]) for event in events]
    record = next(record for record in records if record["userIdentity"].get("userName") == "reads-via")
    assert record["userIdentity"]["invokedBy"] == "secretsmanager.amazonaws.com"
    assert record["requestParameters"]["encryptionContext"]["SecretARN"].endswith(secrets.describe_secret(SecretId="own-key")["ARN"])


def test_passwords(secrets):
    password = secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True)["RandomPassword"]
    assert len(password) == 20 and password.isalnum()


def test_the_command_line(server, kms, tmp_path):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= server.environment() | {
        "AWS_ACCESS_KEY_ID": ROOT[0],
        "AWS_SECRET_ACCESS_KEY": ROOT[1],
        "AWS_DEFAULT_REGION": REGION,
    }

    def aws(*arguments):
        done = subprocess.run([sys.executable, "-m", "awscli", *arguments, "--output", "json"], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    plain, blob = tmp_path / "plain", tmp_path / "blob"
    plain.write_bytes(b"hello")
    made = aws("kms", "encrypt", "--key-id", key, "--plaintext", f"fileb://{plain}", "--encryption-context", "a=b")
    blob.write_bytes(base64.b64decode(made["CiphertextBlob"]))
    back = aws("kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}", "--encryption-context", "a=b")
    assert base64.b64decode(back["Plaintext"]) == b"hello"
    aws("secretsmanager", "create-secret", "--name", "cli", "--secret-string", "v", "--kms-key-id", key)
    listed = aws("secretsmanager", "list-secrets", "--filters", "Key=name,Values=cli")
    assert [secret["Name"] for secret in listed["SecretList"]] == ["cli"]
    assert aws("secretsmanager", "get-secret-value", "--secret-id", "cli")["SecretString"] == "v"


def test_another_root_key(tmp_path, refused):
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    data = ("--data", str(tmp_path / "data"))

    def rotate(*arguments):
        done = subprocess.run([os.environ["PALISADE_BIN"], "rotate-root-key", *data, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with serving(*data, environment=keys) as server:
        alice = user(server, "alice", lets("secretsmanager:*"))
        server.client("secretsmanager", alice).create_secret(Name="s", SecretString="v")
        kms = server.client("kms")
        blob = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"hello")["CiphertextBlob"]
        session = server.client("iam").create_role(
            RoleName="r",
            AssumeRolePolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "Action": "sts:AssumeRole"}]}
            ),
        )["Role"]["Arn"]
        given = server.client("sts", alice).assume_role(RoleArn=session, RoleSessionName="alice")["Credentials"]
        session = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    assert "sealed with the new root key" in rotate()
    with serving(*data, environment=keys) as server:
        # What was given out before lives on while the earlier key is there.
        assert server.client("sts", session).get_caller_identity()["Account"] == ACCOUNT
    assert "earlier keys removed" in rotate("--with-first", "--forget-earlier")
    with serving(*data, environment=keys) as server:
        assert server.client("secretsmanager", alice).get_secret_value(SecretId="s")["SecretString"] == "v"
        assert server.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"
        assert refused(server.client("sts", session).get_caller_identity)[0] in ("InvalidClientTokenId", "ExpiredToken")
