"""The service provider under test: ours on both databases, or the one that the environment names.

MDSCRIPTS_CONFORMANCE_BASE_URL=https://… MDSCRIPTS_CONFORMANCE_TOKEN=… pytest tests/conformance/test_conformance.py
"""

import os
from collections.abc import Iterator

import pytest

from mdscripts.conformance.server import Server
from tests.support.scim_server import ScimServer

BASE_URL = os.environ.get("MDSCRIPTS_CONFORMANCE_BASE_URL")
TOKEN = os.environ.get("MDSCRIPTS_CONFORMANCE_TOKEN", "")


def connected(base_url: str, token: str) -> Iterator[Server]:
    server = Server(base_url, token)
    server.learn()
    yield server
    server.close()


if BASE_URL:

    @pytest.fixture(scope="module")
    def server() -> Iterator[Server]:
        """The service provider that the environment names."""
        yield from connected(str(BASE_URL), TOKEN)

else:

    @pytest.fixture(scope="module")
    def server(scim_server: ScimServer) -> Iterator[Server]:
        """Our own, for a client that gets the strict answers."""
        yield from connected(scim_server.base_url, scim_server.token_generic)
