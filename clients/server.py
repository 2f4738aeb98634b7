"""Starts `palisade serve` and makes clients for it."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROOT = ("AKIAROOTROOTROOTROOT", "root/secret/root/secret/root/secret/root")
CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})


class Server:
    """A running server."""

    def __init__(self, process, endpoint, output):
        self.process = process
        self.endpoint = endpoint
        self.output = output

    def client(self, service, credentials=ROOT, **more):
        """A boto3 client with a pair or triple of credentials."""
        key, secret, *token = credentials
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=more.pop("region_name", REGION),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token[0] if token else None,
            config=more.pop("config", CONFIG),
            **more,
        )

    def stop(self):
        """Stops the server as a service manager would, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        finally:
            self.process.kill()


@contextlib.contextmanager
def serving(*arguments, environment=None):
    """Runs `palisade serve` on a port that the system picks, until the block ends."""
    program = os.environ["PALISADE_BIN"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env.update(environment or {})
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            cwd=folder,
        )
        try:
            endpoint, output = _ready(process)
            server = Server(process, endpoint, output)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _ready(process):
    """Waits for the line that tells the endpoint; goes on draining the output behind it."""
    output = []
    found = {}
    ready = threading.Event()

    def drain():
        for line in process.stdout:
            output.append(line)
            match = re.search(r"ready at (http\S+)", line)
            if match:
                found["endpoint"] = match.group(1)
                ready.set()
        ready.set()

    threading.Thread(target=drain, daemon=True).start()
    ready.wait(timeout=60)
    time.sleep(0.05)
    assert "endpoint" in found, "the server did not get ready:\n" + "".join(output)
    return found["endpoint"], output
