"""Starts `palisade serve` and makes clients for it: over TLS when PALISADE_TLS is 1, or when a test asks for it."""

import contextlib
import http.client
import os
import pathlib
import re
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROOT = ("AKIAROOTROOTROOTROOT", "root/secret/root/secret/root/secret/root")
OVER_TLS = os.environ.get("PALISADE_TLS") == "1"
CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})


class Server:
    """A running server."""

    def __init__(self, process, endpoint, output, ca_bundle):
        self.process = process
        self.endpoint = endpoint
        self.output = output
        #: The file of the certificates to trust; None without TLS.
        self.ca_bundle = ca_bundle

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
            verify=more.pop("verify", self.ca_bundle),
            **more,
        )

    def environment(self):
        """What the AWS clients and Python's own need in their environment to reach it."""
        found = {"AWS_ENDPOINT_URL": self.endpoint}
        if self.ca_bundle:
            found |= {"AWS_CA_BUNDLE": self.ca_bundle, "SSL_CERT_FILE": self.ca_bundle}
        return found

    def connection(self):
        """A connection for requests as they stand, which need not be ones that a client makes."""
        host = urllib.parse.urlsplit(self.endpoint).netloc
        if self.ca_bundle is None:
            return http.client.HTTPConnection(host, timeout=20)
        return http.client.HTTPSConnection(host, timeout=20, context=self._context())

    def open(self, url):
        """Gets a URL of the server."""
        return urllib.request.urlopen(url, context=self._context())

    def _context(self):
        return self.ca_bundle and ssl.create_default_context(cafile=self.ca_bundle)

    def stop(self):
        """Stops the server as a service manager would, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        finally:
            self.process.kill()


@contextlib.contextmanager
def serving(*arguments, environment=None, tls=OVER_TLS):
    """Runs `palisade serve` on a port that the system picks, until the block ends."""
    program = os.environ["PALISADE_BIN"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env.update(environment or {})
    with tempfile.TemporaryDirectory() as folder:
        authority = pathlib.Path(folder) / "tls"
        if tls:
            arguments = (*arguments, f"--tls-self-signed={authority}")
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
            server = Server(process, endpoint, output, str(authority / "ca.pem") if tls else None)
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
