"""The sites of an organization, remembered for a second.

Every write of a person looks at them, and they hardly ever change. A refusal is never based on
what is remembered: the caller asks ``fresh`` and judges again, so that a site that was added just
now counts at once.
"""

import time
from collections.abc import Callable, Iterable

from mdscripts.app.ports import OrganizationStore, SiteRecord
from mdscripts.domain.sites import Site, Sites

REMEMBERED_SECONDS = 1.0
ORGANIZATIONS_MAX = 10_000


class SiteBook:
    """One per process; ``monotonic`` is in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._remembered: dict[str, tuple[float, Sites]] = {}

    async def known(self, store: OrganizationStore) -> Sites:
        """The sites as they were at most a second ago."""
        entry = self._remembered.get(store.organization_id)
        if entry is not None and self._monotonic() - entry[0] < REMEMBERED_SECONDS:
            return entry[1]
        return await self.fresh(store)

    async def fresh(self, store: OrganizationStore) -> Sites:
        """The sites as they are now."""
        asked_at = self._monotonic()
        sites = sites_of(await store.list_sites())
        if len(self._remembered) >= ORGANIZATIONS_MAX:
            self._remembered.clear()
        self._remembered[store.organization_id] = (asked_at, sites)
        return sites

    def forget(self, organization_id: str) -> None:
        """Ask again next time: this process changed the sites."""
        self._remembered.pop(organization_id, None)


def sites_of(records: Iterable[SiteRecord]) -> Sites:
    """Stored sites as the rules see them."""
    return Sites(Site(record.number, record.name, closed=record.closed_at is not None) for record in records)
