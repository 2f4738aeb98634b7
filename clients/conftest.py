"""One empty, ephemeral platform for all tests of a file, and an account with tenants in it."""

import pytest
from botocore.exceptions import ClientError

from server import ACCOUNT, ROOT, serving
from tenants import Tenants


@pytest.fixture(scope="module")
def server():
    """A platform with one account and nothing in it."""
    keys = {"PALISADE_ROOT_ACCESS_KEY_ID": ROOT[0], "PALISADE_ROOT_SECRET_ACCESS_KEY": ROOT[1]}
    arguments = ["--ephemeral", "--account", ACCOUNT, "--trail-delivery-interval", "1s"]
    with serving(*arguments, environment=keys) as running:
        yield running


@pytest.fixture(scope="module")
def tenants(server):
    """Two teams in the account."""
    return Tenants(server)


@pytest.fixture
def refused():
    """Calls something that must be refused, and returns the code and the message."""

    def call(operation, **arguments):
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        error = caught.value.response["Error"]
        return error["Code"], error.get("Message", "")

    return call
