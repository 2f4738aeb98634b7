"""`examples/two-teams.toml` as the README walks through it."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from server import serving

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
OBJECT = "ml-platform-data"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """The profiles that `serve` writes, while it runs."""
    folder = tmp_path_factory.mktemp("platform")
    with serving(str(EXAMPLES / "two-teams.toml"), "--data", str(folder / "data")):
        yield folder / "data" / "aws-config"


def aws(config, profile, *arguments):
    """Runs the AWS CLI with a profile; returns the exit code, standard output and standard error."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"AWS_CONFIG_FILE": str(config), "AWS_PAGER": ""}
    done = subprocess.run(
        [sys.executable, "-m", "awscli", "--profile", profile, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_profiles_are_kept_from_others(config):
    assert config.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("person", "role"), [("alice", "VisionExecution"), ("carol", "SpeechExecution")])
def test_everyone_is_their_teams_role(config, person, role):
    code, out, err = aws(config, person, "sts", "get-caller-identity")
    assert code == 0, err
    assert json.loads(out)["Arn"] == f"arn:aws:sts::123456789012:assumed-role/{role}/SageMaker"


def test_alice_reaches_her_object_and_not_bobs(config, tmp_path):
    code, out, err = aws(config, "alice", "s3", "cp", f"s3://{OBJECT}/vision/users/alice/notes.txt", "-")
    assert (code, out) == (0, "alice: cats against dogs\n"), err
    get = ("s3api", "get-object", "--bucket", OBJECT, "--key", "vision/users/bob/notes.txt", str(tmp_path / "x"))
    code, _, err = aws(config, "alice", *get)
    assert code != 0
    assert "because no identity-based policy allows the s3:GetObject action" in err
    lines = [line for file in (config.parent / "trail").glob("*.jsonl") for line in file.read_text().splitlines()[1:]]
    records = [record for record in (json.loads(line[67:]) for line in lines) if record["eventName"] == "GetObject"]
    found = {
        (r["userIdentity"]["sessionContext"]["sourceIdentity"], r["requestParameters"]["key"], r.get("errorCode"))
        for r in records
    }
    assert ("alice", "vision/users/alice/notes.txt", None) in found
    assert ("alice", "vision/users/bob/notes.txt", "AccessDenied") in found


def test_people_may_open_their_own_studio_alone(config):
    create = ("sagemaker", "create-presigned-domain-url", "--domain-id", "d-vision", "--user-profile-name")
    assert aws(config, "alice-user", *create, "alice")[0] == 0
    code, _, err = aws(config, "alice-user", *create, "bob")
    assert code != 0 and "AccessDeniedException" in err


def test_a_mistake_is_shown_at_its_line(tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text('region = "us-east-1"\n\n[[account]]\nid = "12"\n\n[[domian]]\nname = "x"\n')
    program = os.environ["PALISADE_BIN"]
    done = subprocess.run([program, "serve", str(file), "--ephemeral"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "line 4" in done.stderr and "line 6" in done.stderr and "domain" in done.stderr
