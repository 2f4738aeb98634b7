"""The same ground with the AWS CLI, as a person types it."""

import json
import os
import subprocess
import sys

import pytest

from server import ACCOUNT, REGION, ROOT
from tenants import BUCKET, IMAGE, job_arn, role_arn


@pytest.fixture
def aws(tenants, tmp_path):
    """Runs the AWS CLI as somebody; returns the exit code, standard output and standard error."""

    def run(person, *arguments):
        key, secret, *token = tenants.credentials(person) if person else ROOT
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "AWS_PAGER": "",
            **tenants.server.environment(),
        }
        if token:
            environment["AWS_SESSION_TOKEN"] = token[0]
        program = [sys.executable, "-m", "awscli"]
        done = subprocess.run([*program, *arguments], capture_output=True, text=True, env=environment, timeout=120)
        return done.returncode, done.stdout, done.stderr

    return run


def test_who_am_i(aws):
    code, out, _ = aws("alice", "sts", "get-caller-identity")
    assert code == 0 and json.loads(out)["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/vision-execution/SageMaker"


def test_own_objects(aws, tmp_path):
    file = tmp_path / "cli.txt"
    file.write_text("from the command line")
    assert aws("alice", "s3", "cp", str(file), f"s3://{BUCKET}/vision/users/alice/cli.txt")[0] == 0
    code, out, _ = aws("alice", "s3", "ls", f"s3://{BUCKET}/vision/users/alice/")
    assert code == 0 and "cli.txt" in out
    copy = tmp_path / "copy.txt"
    assert aws("alice", "s3", "cp", f"s3://{BUCKET}/vision/users/alice/cli.txt", str(copy))[0] == 0
    assert copy.read_text() == "from the command line"
    assert aws("alice", "s3", "rm", f"s3://{BUCKET}/vision/users/alice/cli.txt")[0] == 0


def test_foreign_objects(aws, tmp_path):
    code, _, err = aws("bob", "s3api", "get-object", "--bucket", BUCKET, "--key", "vision/users/alice/a.txt", str(tmp_path / "x"))
    assert code != 0
    assert "An error occurred (AccessDenied) when calling the GetObject operation: User: " in err
    assert "because no identity-based policy allows the s3:GetObject action" in err
    code, _, err = aws("bob", "s3", "ls", f"s3://{BUCKET}/vision/users/alice/")
    assert code != 0 and "AccessDenied" in err
    assert aws("bob", "s3", "cp", f"s3://{BUCKET}/vision/users/alice/a.txt", str(tmp_path / "x"))[0] != 0


def test_jobs(aws):
    code, out, err = aws(
        "carol",
        "sagemaker",
        "create-training-job",
        "--training-job-name=cli-job",
        f"--role-arn={role_arn('speech-execution')}",
        f"--algorithm-specification=TrainingImage={IMAGE},TrainingInputMode=File",
        f"--output-data-config=S3OutputPath=s3://{BUCKET}/out",
        "--resource-config=InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=1",
        "--stopping-condition=MaxRuntimeInSeconds=60",
    )
    assert code == 0, err
    assert json.loads(out)["TrainingJobArn"] == job_arn("cli-job")
    assert aws("carol", "sagemaker", "describe-training-job", "--training-job-name", "cli-job")[0] == 0
    code, _, err = aws("alice", "sagemaker", "describe-training-job", "--training-job-name", "cli-job")
    assert code != 0
    assert "An error occurred (AccessDeniedException) when calling the DescribeTrainingJob operation: User: " in err
    assert aws("carol", "sagemaker", "stop-training-job", "--training-job-name", "cli-job")[0] == 0


def test_secrets(aws):
    code, out, _ = aws("bob", "secretsmanager", "get-secret-value", "--secret-id", "vision/bob/token", "--query", "SecretString", "--output", "text")
    assert (code, out.strip()) == (0, "of bob")
    code, _, err = aws("bob", "secretsmanager", "get-secret-value", "--secret-id", "speech/carol/token")
    assert code != 0 and "AccessDeniedException" in err


def test_the_trail_names_everyone(aws):
    code, out, err = aws(None, "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=GetSecretValue")
    assert code == 0, err
    records = [json.loads(event["CloudTrailEvent"]) for event in json.loads(out)["Events"]]
    found = {(r["userIdentity"]["sessionContext"].get("sourceIdentity"), "errorCode" in r) for r in records}
    assert ("bob", False) in found and ("bob", True) in found
