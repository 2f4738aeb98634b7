"""Two tenants of one domain and one of another reach what is theirs and nothing else."""

import json

import pytest

from server import ACCOUNT, REGION
from tenants import BUCKET, job_arn, role_arn


def session_arn(team):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{team}-execution/SageMaker"


def test_a_studio_session_is_the_execution_role_under_a_name(tenants):
    identity = tenants.client("sts", "alice").get_caller_identity()
    assert identity["Arn"] == session_arn("vision")
    assert identity["Account"] == ACCOUNT
    assumed = tenants.events("AssumeRole", requestParameters__sourceIdentity="alice")
    assert assumed[0]["userIdentity"]["type"] == "AWSService"
    assert assumed[0]["userIdentity"]["invokedBy"] == "sagemaker.amazonaws.com"


def test_own_jobs_and_nobody_elses(tenants, refused):
    for person in ("alice", "bob", "carol"):
        answer = tenants.create_job(person, f"{person}-job")
        assert answer["TrainingJobArn"] == job_arn(f"{person}-job")
    for person in ("alice", "bob", "carol"):
        sagemaker = tenants.client("sagemaker", person)
        own = sagemaker.describe_training_job(TrainingJobName=f"{person}-job")
        assert own["TrainingJobStatus"] == "InProgress"
        tags = sagemaker.list_tags(ResourceArn=job_arn(f"{person}-job"))["Tags"]
        assert {"Key": "sagemaker:user-profile-arn", "Value": tenants.profile_arn(person)} in tags
        for other in {"alice", "bob", "carol"} - {person}:
            for operation in (sagemaker.describe_training_job, sagemaker.stop_training_job):
                code, message = refused(operation, TrainingJobName=f"{other}-job")
                action = "DescribeTrainingJob" if operation == sagemaker.describe_training_job else "StopTrainingJob"
                assert code == "AccessDeniedException"
                assert message == (
                    f"User: {session_arn(tenants.team(person))} is not authorized to perform: sagemaker:{action} "
                    f"on resource: {job_arn(other + '-job')} because no identity-based policy allows the "
                    f"sagemaker:{action} action"
                )
    denied = tenants.events("DescribeTrainingJob", errorCode="AccessDenied") or tenants.events(
        "DescribeTrainingJob", errorCode="AccessDeniedException"
    )
    names = {record["userIdentity"]["sessionContext"]["sourceIdentity"] for record in denied}
    assert names == {"alice", "bob", "carol"}
    assert all("is not authorized to perform" in record["errorMessage"] for record in denied)


def test_listing_shows_jobs_and_stopping_stops_them(tenants):
    sagemaker = tenants.client("sagemaker", "alice")
    tenants.create_job("alice", "alice-stops")
    names = [job["TrainingJobName"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
    assert "alice-stops" in names
    sagemaker.stop_training_job(TrainingJobName="alice-stops")
    status = sagemaker.describe_training_job(TrainingJobName="alice-stops")["TrainingJobStatus"]
    assert status in ("Stopping", "Stopped")


def test_own_objects_and_nobody_elses(tenants, refused):
    alice, bob = tenants.client("s3", "alice"), tenants.client("s3", "bob")
    alice.put_object(Bucket=BUCKET, Key="vision/users/alice/b.txt", Body=b"hello")
    assert alice.get_object(Bucket=BUCKET, Key="vision/users/alice/b.txt")["Body"].read() == b"hello"
    code, message = refused(bob.get_object, Bucket=BUCKET, Key="vision/users/alice/b.txt")
    assert code == "AccessDenied"
    assert message.startswith(f"User: {session_arn('vision')} is not authorized to perform: s3:GetObject")
    assert "because no identity-based policy allows the s3:GetObject action" in message
    assert refused(bob.put_object, Bucket=BUCKET, Key="vision/users/alice/c.txt", Body=b"x")[0] == "AccessDenied"
    assert refused(bob.delete_object, Bucket=BUCKET, Key="vision/users/alice/b.txt")[0] == "AccessDenied"
    assert refused(bob.head_object, Bucket=BUCKET, Key="vision/users/alice/b.txt")[0] == "403"
    assert refused(bob.get_object, Bucket=BUCKET, Key="vision/users/alice/none")[0] == "AccessDenied"
    listed = alice.list_objects_v2(Bucket=BUCKET, Prefix="vision/users/alice/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["vision/users/alice/a.txt", "vision/users/alice/b.txt"]
    for prefix in ("vision/users/alice/", "vision/users/", ""):
        assert refused(bob.list_objects_v2, Bucket=BUCKET, Prefix=prefix)[0] == "AccessDenied"
    assert refused(bob.list_objects_v2, Bucket=BUCKET)[0] == "AccessDenied"


def test_objects_are_in_the_trail_with_name_and_verdict(tenants, refused):
    alice, bob = tenants.client("s3", "alice"), tenants.client("s3", "bob")
    alice.get_object(Bucket=BUCKET, Key="vision/users/alice/a.txt")
    refused(bob.get_object, Bucket=BUCKET, Key="vision/users/alice/a.txt")
    key = "vision/users/alice/a.txt"
    records = tenants.data_events("GetObject", 2, requestParameters__key=key)
    verdicts = {r["userIdentity"]["sessionContext"]["sourceIdentity"]: r.get("errorCode") for r in records}
    assert verdicts == {"alice": None, "bob": "AccessDenied"}


def test_own_secrets_and_nobody_elses(tenants, refused):
    alice = tenants.client("secretsmanager", "alice")
    assert alice.get_secret_value(SecretId="vision/alice/token")["SecretString"] == "of alice"
    code, message = refused(alice.get_secret_value, SecretId="vision/bob/token")
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: secretsmanager:GetSecretValue" in message
    assert refused(alice.get_secret_value, SecretId="vision/bob/nothing")[0] == "AccessDeniedException"
    text = json.dumps(tenants.events("CreateSecret") + tenants.events("GetSecretValue"))
    assert "of alice" not in text and "of bob" not in text


def test_the_source_identity_goes_with_a_chained_role(tenants, refused):
    tenants.server.client("s3").put_object(Bucket=BUCKET, Key="shared/alice.txt", Body=b"for alice")
    sts = tenants.client("sts", "alice")
    answer = sts.assume_role(RoleArn=role_arn("shared-reader"), RoleSessionName="work")
    assert answer["SourceIdentity"] == "alice"
    found = answer["Credentials"]
    chained = tenants.server.client("s3", (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]))
    assert chained.get_object(Bucket=BUCKET, Key="shared/alice.txt")["Body"].read() == b"for alice"
    assert refused(chained.get_object, Bucket=BUCKET, Key="shared/bob.txt")[0] == "AccessDenied"
    record = tenants.data_events("GetObject", 1, requestParameters__key="shared/alice.txt")[0]
    assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "alice"
    assert record["userIdentity"]["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/shared-reader/work"


def test_the_source_identity_cannot_be_changed(tenants, refused):
    sts = tenants.client("sts", "alice")
    code, message = refused(
        sts.assume_role, RoleArn=role_arn("shared-reader"), RoleSessionName="work", SourceIdentity="bob"
    )
    assert code == "AccessDenied"
    same = sts.assume_role(RoleArn=role_arn("shared-reader"), RoleSessionName="work", SourceIdentity="alice")
    assert same["SourceIdentity"] == "alice"
    record = tenants.events("AssumeRole", errorCode="AccessDenied", requestParameters__sourceIdentity="bob")[0]
    assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "alice"


def test_a_chained_session_lasts_an_hour_at_most(tenants, refused):
    sts = tenants.client("sts", "alice")
    code, _ = refused(
        sts.assume_role, RoleArn=role_arn("shared-reader"), RoleSessionName="work", DurationSeconds=7200
    )
    assert code == "ValidationError"


@pytest.mark.parametrize("key", ["sagemaker:user-profile-arn", "sagemaker:domain-arn"])
def test_ownership_cannot_be_rewritten(tenants, refused, key):
    name = "tagged-" + key.rsplit(":", 1)[1]
    tenants.create_job("alice", name)
    sagemaker = tenants.client("sagemaker", "alice")
    tags = [{"Key": key, "Value": "x"}]
    code, message = refused(sagemaker.add_tags, ResourceArn=job_arn(name), Tags=tags)
    assert code == "AccessDeniedException" and "with an explicit deny in an identity-based policy" in message
    assert refused(sagemaker.delete_tags, ResourceArn=job_arn(name), TagKeys=[key])[0] == "AccessDeniedException"


def test_a_job_cannot_be_made_in_somebody_elses_name(tenants, refused):
    tags = [{"Key": "sagemaker:user-profile-arn", "Value": tenants.profile_arn("bob")}]
    assert refused(tenants.create_job, person="alice", name="spoofed", Tags=tags)[0] == "AccessDeniedException"
    root = tenants.server.client("sagemaker")
    assert refused(root.describe_training_job, TrainingJobName="spoofed")[0] == "ValidationException"


def test_a_role_that_may_not_be_passed_makes_no_job(tenants, refused):
    code, message = refused(
        tenants.create_job, person="alice", name="foreign-role", RoleArn=role_arn("speech-execution")
    )
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: iam:PassRole on resource: " + role_arn("speech-execution") in message


def test_models_are_owned_as_jobs_are(tenants, refused):
    alice, bob = tenants.client("sagemaker", "alice"), tenants.client("sagemaker", "bob")
    alice.create_model(ModelName="m", ExecutionRoleArn=role_arn("vision-execution"))
    assert alice.describe_model(ModelName="m")["ModelArn"].endswith(":model/m")
    assert refused(bob.describe_model, ModelName="m")[0] == "AccessDeniedException"


def test_studio_keys_are_for_studio_alone(tenants, refused):
    iam = tenants.server.client("iam")
    iam.create_user(UserName="outsider")
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "sagemaker:DescribeTrainingJob",
                "Resource": "*",
                "Condition": {"StringLike": {"sagemaker:UserProfileName": "*"}},
            },
        }
    )
    iam.put_user_policy(UserName="outsider", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="outsider")["AccessKey"]
    outside = tenants.server.client("sagemaker", (key["AccessKeyId"], key["SecretAccessKey"]))
    assert refused(outside.describe_training_job, TrainingJobName="alice-job")[0] == "AccessDeniedException"
