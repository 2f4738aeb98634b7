"""What `palisade synth` writes, read by those who take it: cfn-lint reads the templates, boto3 lives under the policies."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

from server import serving

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples" / "tenancies"
REGIONS = {
    "two-teams": "us-east-1",
    "three-hundred": "us-east-1",
    "feature-store": "eu-central-1",
    "emr": "us-west-2",
    "organization": "eu-west-1",
    "china": "cn-north-1",
}


def palisade(*arguments, code=0):
    """Runs the program."""
    done = subprocess.run([os.environ["PALISADE_BIN"], *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_every_example_is_walked():
    assert sorted(REGIONS) == sorted(path.stem for path in EXAMPLES.glob("*.toml"))


@pytest.mark.skipif(importlib.util.find_spec("cfnlint") is None, reason="cfn-lint is not installed: pip install cfn-lint")
@pytest.mark.parametrize("name", sorted(REGIONS))
def test_cfn_lint_finds_nothing_in_the_templates(name, tmp_path):
    palisade("synth", "--quiet", EXAMPLES / f"{name}.toml", "--out", tmp_path, "--format", "cloudformation")
    templates = sorted((tmp_path / "cloudformation").glob("*.json"))
    assert templates
    for template in templates:
        run = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
        lint = subprocess.run([*run, "--regions", REGIONS[name], "--template", str(template)], capture_output=True, text=True)
        assert lint.returncode == 0, lint.stdout + lint.stderr


def test_a_change_is_shown_and_what_is_no_longer_wanted_goes(tmp_path):
    blueprint, out = tmp_path / "platform.toml", tmp_path / "policies"
    text = (EXAMPLES / "two-teams.toml").read_text()
    blueprint.write_text(text)
    arguments = ["synth", "--quiet", blueprint, "--out", out]
    palisade(*arguments)
    assert palisade(*arguments, "--check") == ""
    blueprint.write_text(text.replace('execution_role = "SpeechExecution"\n', ""))
    told = palisade(*arguments, "--check", code=1)
    assert "missing: iam/123456789012/trust/speech-execution.json" in told
    assert "stale: iam/123456789012/trust/SpeechExecution.json" in told
    palisade(*arguments)
    assert not (out / "iam/123456789012/trust/SpeechExecution.json").exists()
    assert palisade(*arguments, "--check") == ""


@pytest.mark.parametrize("name", sorted(REGIONS))
def test_check_finds_nothing_and_deputies_are_proved(name, tmp_path):
    palisade("synth", "--quiet", EXAMPLES / f"{name}.toml", "--out", tmp_path)
    palisade("check", "--deny", "suggestion", *(tmp_path / form for form in ("iam", "terraform", "cloudformation")))
    for trust in tmp_path.glob("iam/*/trust/*.json"):
        palisade("prove", "deputy", "--owner-account", trust.parent.parent.name, trust)
    for bucket in tmp_path.glob("iam/*/buckets/*.json"):
        palisade("prove", "public", bucket)


def test_without_a_folder_everything_is_one_json_object():
    files = json.loads(palisade("synth", "--quiet", EXAMPLES / "china.toml", "--format", "json"))
    assert files["iam/123456789012/trust/vision-execution.json"]["Version"] == "2012-10-17"


def test_a_deputys_policy_is_sound_and_a_bare_one_is_not(tmp_path):
    policy = tmp_path / "trust.json"
    ask = ["simulate", "--as-service", "sagemaker", "--source-account", "111122223333", "--region", "us-west-2", policy]
    policy.write_text(palisade("synth", "deputy", "training", "--account", "111122223333", "--region", "us-west-2"))
    assert "sound" in palisade(*ask, "--feature", "training")
    assert "broken" in palisade(*ask, "--feature", "studio", code=1)
    trust = json.loads(policy.read_text())
    del trust["Statement"][0]["Condition"]
    policy.write_text(json.dumps(trust))
    assert "confused deputy" in palisade(*ask, "--feature", "training", code=1)
    answer = json.loads(palisade(*ask, "--feature", "training", "--format", "json", code=1))
    assert (answer["owner"]["verdict"], answer["stranger"]["verdict"], answer["sound"]) == ("Allow", "Allow", False)


def test_a_narrowing_that_breaks_the_feature_is_refused():
    arn = "arn:aws:sagemaker:us-west-2:111122223333:domain/d-x"
    palisade("synth", "deputy", "studio", "--account", "111122223333", "--arn", arn, code=2)


def test_the_platform_enforces_it(refused):
    with serving("--ephemeral", EXAMPLES / "two-teams.toml") as server:
        keys = {}
        for line in server.output:
            words = line.split()
            if "signs" in words and "AWS_ACCESS_KEY_ID=" in line:
                pairs = dict(word.split("=", 1) for word in words if word.startswith("AWS_"))
                keys[words[1]] = (pairs["AWS_ACCESS_KEY_ID"], pairs["AWS_SECRET_ACCESS_KEY"])
        studio = server.client("sagemaker", keys["alice"])
        url = studio.create_presigned_domain_url(DomainId="d-vision", UserProfileName="alice")["AuthorizedUrl"]
        assert refused(studio.create_presigned_domain_url, DomainId="d-vision", UserProfileName="bob")[0] in (
            "AccessDeniedException", "AccessDenied")
        session = json.load(server.open(url))
        alice = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        s3 = server.client("s3", alice)
        bucket = "ml-platform-data"
        assert s3.get_object(Bucket=bucket, Key="vision/users/alice/notes.txt")["Body"].read().startswith(b"alice")
        assert refused(s3.get_object, Bucket=bucket, Key="vision/users/bob/notes.txt")[0] == "AccessDenied"
        assert refused(s3.list_objects_v2, Bucket=bucket, Prefix="vision/users/alice")[0] == "AccessDenied"
        secrets = server.client("secretsmanager", alice)
        assert secrets.get_secret_value(SecretId="vision/users/alice/token")["SecretString"] == "alice-token"
        assert refused(secrets.get_secret_value, SecretId="vision/users/bob/token")[0] == "AccessDeniedException"


def test_an_account_is_imported(tmp_path):
    domain = {
        "DomainArn": "arn:aws:sagemaker:us-east-1:123456789012:domain/d-abc",
        "DomainId": "d-abc",
        "DomainName": "vision",
        "DefaultUserSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/VisionExecution"},
    }
    export = tmp_path / "domain.json"
    export.write_text(json.dumps(domain))
    blueprint = tmp_path / "platform.toml"
    blueprint.write_text(palisade("blueprint", "import", export))
    assert "no mistakes" in palisade("blueprint", "check", blueprint)
    assert "# not told: " in blueprint.read_text()
