"""Every layer of policies takes part in a decision: identity, boundary, session, resource, trust."""

import json

import pytest

from server import ACCOUNT, REGION
from tenants import IMAGE, SAGEMAKER_TRUST, allow, deny, policy, role_arn

BUCKET = "layers"


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


@pytest.fixture(scope="module", autouse=True)
def bucket(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for key in ("a/x", "b/x"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    return s3


def user(server, iam, name, *statements):
    """Makes a user with a policy, and returns its credentials."""
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_a_new_user_may_do_nothing_but_learn_who_it_is(server, iam, refused):
    credentials = user(server, iam, "nobody")
    assert server.client("sts", credentials).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/nobody"
    assert refused(server.client("s3", credentials).get_object, Bucket=BUCKET, Key="a/x")[0] == "AccessDenied"


def test_a_change_of_policy_is_seen_by_the_next_request(server, iam, refused):
    s3 = server.client("s3", user(server, iam, "changing"))
    for _ in range(3):
        assert refused(s3.get_object, Bucket=BUCKET, Key="a/x")[0] == "AccessDenied"
        document = policy(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*"))
        iam.put_user_policy(UserName="changing", PolicyName="p", PolicyDocument=document)
        s3.get_object(Bucket=BUCKET, Key="a/x")
        iam.delete_user_policy(UserName="changing", PolicyName="p")


def test_a_boundary_limits_but_does_not_grant(server, iam, refused):
    s3 = server.client("s3", user(server, iam, "bounded", allow("s3:*")))
    made = iam.create_policy(PolicyName="boundary", PolicyDocument=policy(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*")))
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=made["Policy"]["Arn"])
    s3.get_object(Bucket=BUCKET, Key="a/x")
    code, message = refused(s3.get_object, Bucket=BUCKET, Key="b/x")
    assert code == "AccessDenied" and "because no permissions boundary allows the s3:GetObject action" in message
    iam.delete_user_policy(UserName="bounded", PolicyName="p")
    assert refused(s3.get_object, Bucket=BUCKET, Key="a/x")[0] == "AccessDenied"


def test_a_session_policy_limits_its_session(server, iam, refused):
    caller = user(server, iam, "assumer", allow("sts:AssumeRole", role_arn("wide")))
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="wide", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="wide", PolicyName="p", PolicyDocument=policy(allow("s3:*")))
    answer = server.client("sts", caller).assume_role(
        RoleArn=role_arn("wide"), RoleSessionName="narrow", Policy=policy(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*"))
    )["Credentials"]
    s3 = server.client("s3", (answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]))
    s3.get_object(Bucket=BUCKET, Key="a/x")
    code, message = refused(s3.get_object, Bucket=BUCKET, Key="b/x")
    assert code == "AccessDenied" and "because no session policy allows the s3:GetObject action" in message


def test_a_bucket_policy_grants_and_denies(server, iam, bucket, refused):
    s3 = server.client("s3", user(server, iam, "guest"))
    arn = f"arn:aws:iam::{ACCOUNT}:user/guest"
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/b/*"}
    bucket.put_bucket_policy(Bucket=BUCKET, Policy=policy(statement))
    s3.get_object(Bucket=BUCKET, Key="b/x")
    assert refused(s3.get_object, Bucket=BUCKET, Key="a/x")[0] == "AccessDenied"
    denial = statement | {"Effect": "Deny"}
    bucket.put_bucket_policy(Bucket=BUCKET, Policy=policy(statement, denial))
    code, message = refused(s3.get_object, Bucket=BUCKET, Key="b/x")
    assert code == "AccessDenied" and "with an explicit deny in a resource-based policy" in message
    bucket.delete_bucket_policy(Bucket=BUCKET)
    assert refused(s3.get_object, Bucket=BUCKET, Key="b/x")[0] == "AccessDenied"


def test_an_explicit_deny_wins(server, iam, refused):
    s3 = server.client("s3", user(server, iam, "denied", allow("s3:*"), deny("s3:GetObject", f"arn:aws:s3:::{BUCKET}/b/*")))
    s3.get_object(Bucket=BUCKET, Key="a/x")
    code, message = refused(s3.get_object, Bucket=BUCKET, Key="b/x")
    assert code == "AccessDenied" and "with an explicit deny in an identity-based policy" in message


def test_session_tags_become_principal_tags(server, iam, refused):
    caller = user(server, iam, "tagger", allow(["sts:AssumeRole", "sts:TagSession"]))
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": ["sts:AssumeRole", "sts:TagSession"]})
    iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=trust)
    document = policy(allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/team}}/*"))
    iam.put_role_policy(RoleName="tagged", PolicyName="p", PolicyDocument=document)
    answer = server.client("sts", caller).assume_role(
        RoleArn=role_arn("tagged"), RoleSessionName="ss", Tags=[{"Key": "team", "Value": "a"}]
    )["Credentials"]
    s3 = server.client("s3", (answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]))
    s3.get_object(Bucket=BUCKET, Key="a/x")
    assert refused(s3.get_object, Bucket=BUCKET, Key="b/x")[0] == "AccessDenied"


def test_the_source_identity_needs_its_own_permission(server, iam, refused):
    caller = user(server, iam, "namer", allow("sts:AssumeRole"))
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]})
    iam.create_role(RoleName="named", AssumeRolePolicyDocument=trust)
    sts = server.client("sts", caller)
    code, message = refused(sts.assume_role, RoleArn=role_arn("named"), RoleSessionName="ss", SourceIdentity="namer")
    assert code == "AccessDenied" and "sts:SetSourceIdentity" in message
    own = allow("sts:SetSourceIdentity", "*", StringLike={"sts:SourceIdentity": "${aws:username}"})
    iam.put_user_policy(UserName="namer", PolicyName="q", PolicyDocument=policy(own))
    answer = sts.assume_role(RoleArn=role_arn("named"), RoleSessionName="ss", SourceIdentity="namer")
    assert answer["SourceIdentity"] == "namer"
    assert refused(sts.assume_role, RoleArn=role_arn("named"), RoleSessionName="ss", SourceIdentity="other")[0] == "AccessDenied"
    for bad in ("a", "aws:bob", "x" * 65, "b b"):
        with pytest.raises(Exception) as caught:
            sts.assume_role(RoleArn=role_arn("named"), RoleSessionName="ss", SourceIdentity=bad)
        assert "ValidationError" in str(caught.value) or "Parameter validation failed" in str(caught.value)


TRUSTS = {
    "stranger": {"StringEquals": {"aws:SourceAccount": "999988887777"}},
    "narrow": {"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/*"}},
    "elsewhere": {"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:us-west-2:{ACCOUNT}:*"}},
}


@pytest.mark.parametrize("name", TRUSTS)
def test_a_role_that_does_not_trust_the_job_makes_no_job(server, iam, refused, name):
    trust = json.loads(SAGEMAKER_TRUST)
    trust["Statement"][0]["Condition"] = TRUSTS[name]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    sagemaker = server.client("sagemaker")
    job = {
        "TrainingJobName": name,
        "RoleArn": role_arn(name),
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://layers/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    code, message = refused(sagemaker.create_training_job, **job)
    assert code == "ValidationException" and "assume" in message and role_arn(name) in message
    assert refused(sagemaker.describe_training_job, TrainingJobName=name)[0] == "ValidationException"
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=SAGEMAKER_TRUST)
    sagemaker.create_training_job(**job)


def test_malformed_policies_are_refused_and_change_nothing(iam, refused):
    iam.create_user(UserName="tidy")
    for bad in ("{", '{"Statement": []}x', policy({"Effect": "Allow", "Action": "s3:*"}), policy({"Effect": "allow", "Action": "*", "Resource": "*"})):
        code, _ = refused(iam.put_user_policy, UserName="tidy", PolicyName="p", PolicyDocument=bad)
        assert code == "MalformedPolicyDocument"
    assert iam.list_user_policies(UserName="tidy")["PolicyNames"] == []
    assert refused(iam.get_role, RoleName="none") == ("NoSuchEntity", "The role with name none cannot be found.")
