"""Journeys speak as Okta does."""

from collections.abc import Iterator

import pytest

from tests.support.scim_client import ScimClient
from tests.support.scim_server import ScimServer


@pytest.fixture
def okta(scim_server: ScimServer) -> Iterator[ScimClient]:
    """Okta, connected to the sample clinic."""
    with ScimClient(scim_server.base_url, scim_server.token) as client:
        yield client
