"""A pytest plugin for suites that were written for services far away.

They wait seconds for what is eventually consistent there. Here a change is seen by the next request, so
sleeping longer than a moment only costs time. And with `PALISADE_SUITE_PORT` the names of AWS's
endpoints lead to the server at that port, as a company's DNS would do it. Amazon's client in C asks the
machine's own DNS and trusts the machine's authorities alone, so it is told the address and the authority; over
plain HTTP, which it refuses to speak in these tests, it is as if it were not installed. Nothing else about the
tests is changed.
"""

import os
import re
import socket
import sys
import time

# Half a second, since some wait for an upload that they began themselves.
_MOMENT = 0.5
_NAMES = re.compile(r"(.*\.)?(s3|sts|iam|kms|cloudtrail|secretsmanager)(\.(us-west-2|us-east-1|eu-central-1|ap-southeast-1))?\.amazonaws\.com")


def pytest_configure(config):
    """Shortens every sleep, and leads AWS's names here."""
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, _MOMENT))
    port = os.environ.get("PALISADE_SUITE_PORT")
    if port:
        in_c(f"https://127.0.0.1:{port}")
        resolve = socket.getaddrinfo

        def here(host, *arguments, **more):
            name = host.decode() if isinstance(host, bytes) else host
            if name and _NAMES.fullmatch(name.lower()):
                address = ("127.0.0.1", int(port))
                return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]
            return resolve(host, *arguments, **more)

        socket.getaddrinfo = here
    else:
        sys.modules["awscrt"] = None


def in_c(endpoint):
    """Tells the client in C where the server is, and which authority to trust."""
    try:
        from s3transfer import crt
    except ImportError:
        return
    create, begin = crt.create_s3_crt_client, crt.BotocoreCRTRequestSerializer.__init__

    def trusting(*arguments, **more):
        return create(*arguments, **{"verify": os.environ["AWS_CA_BUNDLE"], **more})

    def leading_here(self, session, client_kwargs=None):
        begin(self, session, {"endpoint_url": endpoint, **(client_kwargs or {})})

    crt.create_s3_crt_client = trusting
    crt.BotocoreCRTRequestSerializer.__init__ = leading_here
