"""The log of what identity providers do: collected in memory, stored about once a second.

``note`` is called in every request and does next to nothing. ``flush`` turns what was collected
into masked entries and stores them; when the database is away it is kept for later, within bounds.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from mdscripts.app.activity.entries import NAME_MAX, entry_of, hour_of, read_operation
from mdscripts.app.activity.exchange import Exchange
from mdscripts.app.activity.masking import BODY_READ_MAX, mask_text
from mdscripts.app.ports import Storage, StorageUnavailable
from mdscripts.app.ports.activity import (
    CHANGED,
    READ,
    REFUSED,
    ActivityStorage,
    AppendActivity,
    ForgetActivity,
    HourCount,
    KeptEntry,
    Milestone,
    first_id_of,
)

ENTRIES_MAX = 10_000
BYTES_MAX = 33_554_432
"""How many entries, and bytes of bodies, wait at most to be stored."""
READ_SAMPLE_SECONDS = 10.0
"""Of the reads of one kind by one connection, one in this time is kept."""
DROPPED = "dropped"
_SAMPLED_MAX = 10_000
_AT_ONCE = 100
_FORGET_AT_ONCE = 500
_FORGET_ROUNDS = 100

Counts = dict[str, dict[tuple[int, str], int]]


class ActivityLog:
    """Keeps every request that changed or refused something, and samples of the others.

    ``monotonic`` (seconds) times the samples.
    """

    def __init__(
        self,
        storage: Storage,
        activity: ActivityStorage,
        *,
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._activity = activity
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._monotonic = monotonic
        self._waiting: list[Exchange] = []
        self._reads: list[Exchange] = []
        self._bytes = 0
        self._sampled: dict[tuple[str, str, int], float] = {}
        self._counts: Counts = defaultdict(dict)

    def note(self, exchange: Exchange) -> None:
        """Remember an exchange that has been answered. Does nothing without a connection."""
        connection = exchange.connection
        if connection is None:
            return
        result = exchange.result
        hour = int(exchange.at) // 3_600
        counts = self._counts[connection.organization_id]
        counts[hour, result] = counts.get((hour, result), 0) + 1
        always = exchange.call is not None and exchange.writes
        if not (always or self._is_due(exchange, connection.credential_id)):
            return
        exchange.body_size, exchange.response_size = len(exchange.body), len(exchange.response)
        if exchange.body_size > BODY_READ_MAX:
            exchange.body = b""
        if exchange.response_size > BODY_READ_MAX:
            exchange.response = b""
        self._keep(exchange)

    def _is_due(self, exchange: Exchange, credential_id: str) -> bool:
        """Whether it is the first of its kind for a while: kind, connection, and how it ended."""
        ended = exchange.status if exchange.status >= 400 else 200
        key = (credential_id, read_operation(exchange.segments, exchange.query), ended)
        now = self._monotonic()
        if now - self._sampled.get(key, -READ_SAMPLE_SECONDS) < READ_SAMPLE_SECONDS:
            return False
        if len(self._sampled) >= _SAMPLED_MAX:
            self._sampled.clear()
        self._sampled[key] = now
        return True

    def _keep(self, exchange: Exchange) -> None:
        queue = self._waiting if exchange.call is not None and exchange.writes else self._reads
        size = len(exchange.body) + len(exchange.response)
        if self._bytes + size > self._bytes_max or len(self._waiting) + len(self._reads) >= self._entries_max:
            self._make_room()
            if queue is self._reads or len(self._waiting) >= self._entries_max:
                self._count_dropped(exchange)
                return
            if self._bytes + size > self._bytes_max:
                exchange.body, exchange.response, size = b"", b"", 0
        queue.append(exchange)
        self._bytes += size

    def _make_room(self) -> None:
        """Reads go first: they changed nothing."""
        for exchange in self._reads:
            self._bytes -= len(exchange.body) + len(exchange.response)
            self._count_dropped(exchange)
        self._reads.clear()

    def _count_dropped(self, exchange: Exchange) -> None:
        if exchange.connection is not None:
            counts, key = self._counts[exchange.connection.organization_id], (int(exchange.at) // 3_600, DROPPED)
            counts[key] = counts.get(key, 0) + 1

    # --- storing ------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Store what was collected. Raises StorageUnavailable, and keeps what is not stored for later."""
        if not self._counts:
            return
        exchanges, counts = [*self._waiting, *self._reads], self._counts
        self._waiting, self._reads, self._bytes, self._counts = [], [], 0, defaultdict(dict)
        by_organization: dict[str, list[Exchange]] = {organization_id: [] for organization_id in counts}
        for exchange in exchanges:
            if exchange.connection is not None:
                by_organization.setdefault(exchange.connection.organization_id, []).append(exchange)
        while by_organization:
            organization_id, collected = next(iter(by_organization.items()))
            try:
                await self._store(organization_id, collected, counts)
            except BaseException as fault:
                if isinstance(fault, Exception) and not isinstance(fault, StorageUnavailable):
                    collected.clear()  # a fault of ours, which would only repeat itself
                    counts.pop(organization_id, None)
                self._put_back((each for rest in by_organization.values() for each in rest), counts)
                raise
            del by_organization[organization_id]

    async def _store(self, organization_id: str, exchanges: list[Exchange], counts: Counts) -> None:
        """Store and remove from both arguments, some at a time: requests are answered meanwhile."""
        while exchanges or counts.get(organization_id):
            chunk = exchanges[:_AT_ONCE]
            entries = await self._named(organization_id, [entry_of(exchange) for exchange in chunk])
            change = AppendActivity(
                entries=tuple(entries),
                counts=tuple(_counted(counts.get(organization_id, {}), entries)),
                milestones=tuple(_milestones(entries)),
            )
            await self._activity.change(organization_id, change)
            counts.pop(organization_id, None)
            del exchanges[: len(chunk)]

    async def _named(self, organization_id: str, entries: Sequence[KeptEntry]) -> list[KeptEntry]:
        """The entries with the names of people of whom the messages gave only the id."""
        nameless = {
            kept.entry.target_id
            for kept in entries
            if kept.entry.target_type == "User" and kept.entry.target_id and not kept.entry.person
        }
        names = await self._activity.user_names(organization_id, nameless) if nameless else {}
        return [
            kept._replace(entry=replace(kept.entry, person=mask_text(names[kept.entry.target_id])[:NAME_MAX]))
            if not kept.entry.person and kept.entry.target_id in names
            else kept
            for kept in entries
        ]

    def _put_back(self, exchanges: Iterable[Exchange], counts: Counts) -> None:
        for organization_id, earlier in counts.items():
            later = self._counts[organization_id]
            for key, calls in earlier.items():
                later[key] = later.get(key, 0) + calls
        for exchange in exchanges:
            self._keep(exchange)

    # --- forgetting ---------------------------------------------------------------------------

    async def forget_before(self, moment: str) -> None:
        """Remove what is older, a little at a time and not too much at once. Raises StorageUnavailable."""
        before = first_id_of(moment)
        change = ForgetActivity(before, hour_of(moment), _FORGET_AT_ONCE)
        for organization in await self._storage.list_organizations():
            for _ in range(_FORGET_ROUNDS):
                if not await self._activity.has_before(organization.id, before):
                    break
                await self._activity.change(organization.id, change)


def _counted(calls: dict[tuple[int, str], int], entries: Iterable[KeptEntry]) -> Iterator[HourCount]:
    """The counts of calls, and those of rules in the entries."""
    summed: dict[tuple[str, str], int] = {}
    for (hour, result), number in calls.items():
        moment = time.strftime("%Y-%m-%dT%H", time.gmtime(hour * 3_600))
        summed[moment, result] = number
    for kept in entries:
        kind = REFUSED if kept.entry.result == REFUSED else "noted"
        for rule in kept.entry.rules:
            key = (hour_of(kept.entry.at), f"{kind}:{rule}")
            summed[key] = summed.get(key, 0) + 1
    return (HourCount(hour, subject, number) for (hour, subject), number in summed.items())


def _milestones(entries: Iterable[KeptEntry]) -> Iterator[Milestone]:
    """The first and the last success of each operation among the entries."""
    found: dict[str, Milestone] = {}
    for entry in sorted((kept.entry for kept in entries), key=lambda entry: entry.id):
        if entry.result not in (CHANGED, READ):
            continue
        at = (entry.id, entry.at, entry.person)
        earlier = found.get(entry.operation)
        first = at if earlier is None else (earlier.first_id, earlier.first_at, earlier.first_person)
        found[entry.operation] = Milestone(entry.operation, *first, *at)
    return iter(found.values())
