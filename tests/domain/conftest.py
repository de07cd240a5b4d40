"""A provider whose profile is in order, and a way to judge what happens when it changes."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import pytest

from mdscripts.domain.profile import PROFILE_ATTRIBUTES, Review, review
from mdscripts.domain.sites import Site, Sites

SITES = (
    Site("00101", "Main Street"),
    Site("00102", "Harbour"),
    Site("20017", "North"),
    Site("00900", "Old Mill", closed=True),
)
GOOD_PROVIDER: dict[str, object] = {
    "user_name": "dana.lee@clinic.example",
    "given_name": "Dana",
    "family_name": "Lee",
    "is_provider": True,
    "npi": "1234567893",
    "site_numbers": "00101",
}


class Judge(Protocol):
    """Judges the good provider with some values replaced, on creation unless told otherwise."""

    def __call__(
        self,
        raw: Mapping[str, object],
        changed: Iterable[str] = ...,
        current: Mapping[str, object] = ...,
    ) -> Review: ...


@pytest.fixture(scope="session")
def judge() -> Judge:
    def judge_provider(
        raw: Mapping[str, object],
        changed: Iterable[str] = PROFILE_ATTRIBUTES,
        current: Mapping[str, object] | None = None,
    ) -> Review:
        return review({**GOOD_PROVIDER, **raw}, changed=frozenset(changed), current=current or {}, sites=Sites(SITES))

    return judge_provider
