"""Reading the log of activity: pages of entries, one entry in full, everything for an export."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from mdscripts.app.ports import Clock, OrganizationRecord
from mdscripts.app.ports.activity import (
    ActivityEntry,
    ActivityPage,
    ActivityQuery,
    ActivityStorage,
    ExchangeTexts,
)
from mdscripts.domain.moments import hour_text
from mdscripts.scim.errors import NotFound

EXPORTED_AT_ONCE = 200
RULES_SINCE = timedelta(days=30)


class RuleUse(NamedTuple):
    """How often a rule, warning or tolerance was met lately: in refusals, and otherwise."""

    rule: str
    refused: int
    noted: int


@dataclass(frozen=True, slots=True)
class Happened:
    """What a request did to one person or group. ``changes`` are ``attribute``, ``old``, ``new``."""

    target_type: str
    target_id: str
    name: str
    action: str
    status: int
    detail: str
    changes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class EntryInFull:
    """An entry with the masked messages (see ``activity_ports.ExchangeTexts``)."""

    entry: ActivityEntry
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    happened: Sequence[Happened]


class ActivityReader:
    """Use case of the page Activity. ``kept_days`` says how long entries are kept."""

    def __init__(self, activity: ActivityStorage, clock: Clock, kept_days: int) -> None:
        self.kept_days = kept_days
        self._activity = activity
        self._clock = clock

    async def page(self, organization: OrganizationRecord, query: ActivityQuery) -> ActivityPage:
        """A page of entries, newest first."""
        return await self._activity.list(organization.id, query)

    async def find(self, organization: OrganizationRecord, entry_id: str) -> EntryInFull:
        """One entry. Raises NotFound."""
        found = await self._activity.find(organization.id, entry_id)
        if found is None:
            raise NotFound("There is no such entry.")
        request, response, changes = (orjson.loads(text) for text in found.exchange)
        return EntryInFull(found.entry, request, response, [_happened(each) for each in changes])

    async def rules(self, organization: OrganizationRecord) -> Sequence[RuleUse]:
        """Rules, warnings and tolerances met in the last 30 days, the ones that refused most first."""
        since = hour_text(datetime.fromisoformat(self._clock.now()) - RULES_SINCE)
        met: dict[str, list[int]] = {}
        for count in await self._activity.counts(organization.id, since):
            kind, _, rule = count.subject.partition(":")
            if rule:
                met.setdefault(rule, [0, 0])[kind != "refused"] += count.calls
        uses = (RuleUse(rule, refused, noted) for rule, (refused, noted) in met.items())
        return sorted(uses, key=lambda use: (-use.refused, -use.noted, use.rule))

    async def everything(
        self, organization: OrganizationRecord, query: ActivityQuery
    ) -> AsyncIterator[Sequence[ActivityEntry]]:
        """All entries that a query finds, newest first, some at a time: memory stays bounded."""
        query = replace(query, count=EXPORTED_AT_ONCE, newer_than="")
        while True:
            page = await self._activity.list(organization.id, query)
            if page.entries:
                yield page.entries
            if not page.has_more:
                return
            query = replace(query, older_than=page.stopped_at or page.entries[-1].id)

    async def messages(
        self, organization: OrganizationRecord, entries: Sequence[ActivityEntry]
    ) -> Mapping[str, ExchangeTexts]:
        """The masked messages of entries by id."""
        return await self._activity.exchanges(organization.id, [entry.id for entry in entries])


def _happened(change: Mapping[str, Any]) -> Happened:
    target_type, _, target_id = str(change["target"]).partition(":")
    return Happened(
        target_type,
        target_id,
        str(change["name"]),
        str(change["action"]),
        int(change["status"]),
        str(change["detail"]),
        change["changes"],
    )
