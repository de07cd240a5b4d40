"""A small service of the tests' own, and what was told about it."""

from collections.abc import Iterator

import pytest

from mdscripts.simulator import okta_wire
from mdscripts.simulator.http import Patience, ScimClient
from mdscripts.simulator.journal import Journal, Step
from tests.simulator.clinic import Clinic, serving


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    """A running service without users."""
    with serving(Clinic()) as running:
        yield running


@pytest.fixture
def steps() -> list[Step]:
    """What the journal told."""
    return []


@pytest.fixture
def journal(clinic: Clinic, steps: list[Step]) -> Iterator[Journal]:
    """A journal that sends to ``clinic`` as Okta does and tells ``steps``."""
    patience = Patience(sleep=lambda seconds: None)
    client = ScimClient(clinic.base_url, okta_wire.headers(clinic.token), timeout=5, patience=patience)
    yield Journal(client, steps.append)
    client.close()
