"""A pytest plugin for suites that were written for a service far away.

They wait seconds for what is eventually consistent there. Here a change is seen by the next request, so
sleeping longer than a moment only costs time. Nothing else about the tests is changed.
"""

import time

_MOMENT = 0.02
_sleep = time.sleep


def pytest_configure(config):
    """Shortens every sleep."""
    time.sleep = lambda seconds: _sleep(min(seconds, _MOMENT))
