"""Thousands of connections that say half of something: others are answered meanwhile, and the server lives on."""

import os
import resource
import socket
import time
import urllib.parse

from server import ACCOUNT, ROOT, serving

#: As many as are tried where the limit on open files allows it.
CROWD = 10_000
#: Files that this process and the server need besides.
OTHERS = 1_100
HEAD = b"POST / HTTP/1.1\r\nhost: localhost\r\nx-half-a-hea"


def room():
    """Raises the limit on open files as far as it goes; returns for how many connections there is room."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CROWD + OTHERS
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return min(CROWD, limit - OTHERS)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def wait_until(true, seconds=15):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def test_a_crowd_that_stalls_keeps_nobody_from_an_answer():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = room()
    assert count >= 500, f"the limit on open files is too low to try anything: {before}"
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    crowd = []
    try:
        # Over TLS such text is turned away at once, and silence when the time for the handshake is over.
        with serving("--ephemeral", "--account", ACCOUNT, environment=keys, tls=False) as server:
            sts = server.client("sts")
            sts.get_caller_identity()
            alone = descriptors(server)
            address = urllib.parse.urlsplit(server.endpoint)
            for i in range(count):
                one = socket.create_connection((address.hostname, address.port), timeout=20)
                crowd.append(one)
                if i % 2:
                    one.sendall(HEAD)
            # The server has taken them all in: they do not wait in the system's queue.
            wait_until(lambda: descriptors(server) >= alone + count)
            # A client that comes new, and one that was there before.
            for client in (server.client("sts"), sts):
                began = time.monotonic()
                assert client.get_caller_identity()["Account"] == ACCOUNT
                assert time.monotonic() - began < 5
            for one in crowd:
                one.close()
            wait_until(lambda: descriptors(server) < alone + 50)
            assert sts.get_caller_identity()["Account"] == ACCOUNT
    finally:
        for one in crowd:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    print(f"{count} connections")
