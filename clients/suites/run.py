"""Runs the integration tests of botocore and s3transfer against `palisade serve`.

The tests come from the source packages on PyPI, pinned by version and hash. What fails must be listed
in `expected.toml` with the reason, and what is listed there must fail; `docs/conformance.md` holds the
counts, which `--update` writes and every other run compares.

    PALISADE_BIN=target/debug/palisade python3 clients/suites/run.py [--tls] [--update] [--only WORD]
"""

import argparse
import fnmatch
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.parse
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from server import ACCOUNT, ROOT, serving  # noqa: E402

DOCUMENT = REPO / "docs" / "conformance.md"
BEGIN, END = "<!-- counts of {} -->", "<!-- end of {} -->"

# The services of botocore's smoke tests that are served here.
SMOKE = "cloudtrail,iam,kms,s3,secretsmanager,sts"

SUITES = {
    "s3transfer": {
        "package": "s3transfer==0.19.3",
        "sha256": "8326acc3d056d7f7b8a37110c7d2aea41f67e83f6ae79cd3b5fbcca34c726406",
        "files": ["tests/integration"],
    },
    "botocore": {
        "package": "botocore==1.44.5",
        "sha256": "a988f39e3a4484def0b8010f41128f71157da0515a4804fccce4739aa8f216da",
        "files": [
            "tests/integration/test_s3.py",
            "tests/integration/test_sts.py",
            "tests/integration/test_waiters.py",
            "tests/integration/test_smoke.py",
            "tests/integration/test_client.py",
            "tests/integration/test_credentials.py",
        ],
    },
}


def unpack(suite, folder):
    """Downloads a source package, checks its hash, and unpacks its tests."""
    cache = pathlib.Path(os.environ.get("PALISADE_SUITES", REPO / "target" / "suites"))
    cache.mkdir(parents=True, exist_ok=True)
    archive = cache / (suite["package"].replace("==", "-") + ".tar.gz")
    if not archive.is_file():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--no-binary", ":all:"]
        subprocess.run([*command, "--dest", str(cache), suite["package"]], check=True)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != suite["sha256"]:
        raise SystemExit(f"{archive}: SHA-256 is {found}, not the one expected")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


# By these names the suites know AWS. Before each of them may stand `s3.`, and a bucket before that.
REGIONS = ("us-west-2", "us-east-1", "eu-central-1", "ap-southeast-1")
HOSTS = ["amazonaws.com", "*.amazonaws.com"]
HOSTS += [f"{wild}{region}.amazonaws.com" for region in REGIONS for wild in ("", "*.")]


def environment(endpoint, bundle):
    """What makes the tests talk to the server and to nothing else: by its own address over HTTP, by
    the names of AWS's endpoints over HTTPS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept.update(
        AWS_ACCESS_KEY_ID=ROOT[0],
        AWS_SECRET_ACCESS_KEY=ROOT[1],
        AWS_DEFAULT_REGION="us-west-2",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_SMOKE_TEST_REGION="us-west-2",
        AWS_SMOKE_TEST_SERVICES=SMOKE,
        PYTHONPATH=str(HERE),
        PYTHONDONTWRITEBYTECODE="1",
    )
    if bundle:
        port = str(urllib.parse.urlsplit(endpoint).port)
        kept.update(AWS_CA_BUNDLE=bundle, SSL_CERT_FILE=bundle, PALISADE_SUITE_PORT=port)
    else:
        kept["AWS_ENDPOINT_URL"] = endpoint
    return kept


def run(name, tls, only, work):
    """Runs one suite; returns how each test ended: passed, failed or skipped, with the reason."""
    suite = SUITES[name]
    sources = unpack(suite, work)
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    arguments = ["--ephemeral", "--account", ACCOUNT]
    bundle = None
    if tls:
        authority = work / "tls"
        authority.mkdir(exist_ok=True)
        arguments.append(f"--tls-self-signed={authority}")
        arguments += [argument for host in HOSTS for argument in ("--host-name", host)]
        bundle = str(authority / "ca.pem")
    report = work / f"{name}.xml"
    with serving(*arguments, environment=keys) as server:
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short"]
        command += ["-p", "here", "-p", "no:cacheprovider", f"--junitxml={report}"]
        command += ["-k", only] if only else []
        output = work / f"{name}.log"
        with output.open("w") as log:
            subprocess.run(
                [*command, *suite["files"]],
                cwd=sources,
                env=environment(server.endpoint, bundle),
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
    return read(report)


def read(report):
    """The tests of a report, each with how it ended."""
    ended = {}
    for case in ElementTree.parse(report).iter("testcase"):
        place = case.get("classname", "").removeprefix("tests.integration.")
        test = f"{place}.{case.get('name')}"
        bad = [child for child in case if child.tag in ("failure", "error")]
        skipped = case.find("skipped")
        if bad:
            ended[test] = ("failed", bad[0].get("message", ""))
        elif skipped is not None:
            ended[test] = ("skipped", skipped.get("message", ""))
        else:
            ended[test] = ("passed", "")
    return ended


def reason(test, expected):
    """The reason why a test is expected to fail."""
    for entry in expected:
        if any(fnmatch.fnmatchcase(test, pattern) for pattern in entry["tests"]):
            return entry["reason"]
    return None


def compare(name, ended, expected, strict):
    """The lines that say what is not as expected."""
    wrong = []
    for test, (how, message) in sorted(ended.items()):
        known = reason(test, expected)
        if how == "failed" and known is None:
            first = message.strip().splitlines()[0] if message.strip() else ""
            wrong.append(f"{name}: {test} failed: {first[:300]}")
        if how == "passed" and known is not None and strict:
            wrong.append(f"{name}: {test} passes, and is listed in expected.toml")
    return wrong


def table(name, ended, expected):
    """The part of the document about one suite."""
    ends = [how for how, _ in ended.values()]
    passed, failed, skipped = (ends.count(how) for how in ("passed", "failed", "skipped"))
    lines = [f"{len(ended)} tests: {passed} passed, {failed} failed, {skipped} skipped."]
    reasons = {}
    for test, (how, _) in sorted(ended.items()):
        if how == "failed":
            reasons.setdefault(reason(test, expected) or "unexpected", []).append(test)
    if reasons:
        lines += ["", "| failing tests | reason |", "|---|---|"]
    for why, tests in reasons.items():
        lines.append(f"| {', '.join(f'`{short(test)}`' for test in tests)} | {why} |")
    skipped = {}
    for test, (how, message) in sorted(ended.items()):
        if how == "skipped":
            skipped.setdefault(message.strip() or "no reason given", []).append(test)
    if skipped:
        lines += ["", "| skipped by the suite itself | its reason |", "|---|---|"]
    for why, tests in skipped.items():
        lines.append(f"| {len(tests)} | {why} |")
    return "\n".join(lines)


def short(test):
    """A test without its module's name where a class tells enough."""
    return test.removeprefix("test_") if test.count(".") < 2 else test.split(".", 1)[1]


def document(name, text, update):
    """Writes the part of the document, or says that it is not what it should be."""
    begin, end = BEGIN.format(name), END.format(name)
    whole = DOCUMENT.read_text()
    part = re.search(re.escape(begin) + r"\n(.*?)\n" + re.escape(end), whole, re.DOTALL)
    if not part:
        raise SystemExit(f"{DOCUMENT} has no part for {name}")
    if part.group(1) == text:
        return []
    if update:
        DOCUMENT.write_text(whole[: part.start(1)] + text + whole[part.end(1) :])
        return []
    return [f"{DOCUMENT.name} does not say of {name} what came out; run with --update"]


def main():
    """Runs the suites and tells what is not as expected."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tls", action="store_true", help="serve over TLS")
    arguments.add_argument("--update", action="store_true", help="write the counts into the document")
    arguments.add_argument("--only", help="pytest's -k: only tests whose name fits")
    arguments.add_argument("--suite", choices=SUITES, action="append", help="only this suite")
    arguments.add_argument("--keep", type=pathlib.Path, help="where logs and reports stay")
    chosen = arguments.parse_args()
    expected = tomllib.loads((HERE / "expected.toml").read_text())
    wrong = []
    with tempfile.TemporaryDirectory() as temporary:
        work = chosen.keep or pathlib.Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        for name in chosen.suite or SUITES:
            ended = run(name, chosen.tls, chosen.only, work)
            over = "https" if chosen.tls else "http"
            known = [entry for entry in expected.get(name, []) if entry.get("over", over) == over]
            title = f"{name} over {over}"
            text = table(name, ended, known)
            print(f"--- {title}\n{text}\n")
            wrong += compare(title, ended, known, strict=not chosen.only)
            if not chosen.only:
                wrong += document(title, text, chosen.update)
    print("\n".join(wrong) or "all as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
