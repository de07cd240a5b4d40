"""What is kept about the traffic of identity providers, and what the log asks of the storage.

An entry has the id of its request, a UUIDv7: ids sort by time, and ``first_id_of`` turns a moment
into a place in that order. Nothing in here is secret: ``app.activity.masking`` came before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

CHANGED, UNCHANGED, REFUSED, READ = "changed", "unchanged", "refused", "read"
RESULTS = (CHANGED, UNCHANGED, REFUSED, READ)

TEST_CREDENTIALS, LOOKUP, READ_ONE, LIST = "test-credentials", "lookup", "read", "list"
CREATE, LINK, UPDATE = "create", "link", "update"
DEACTIVATE, REACTIVATE, DELETE = "deactivate", "reactivate", "delete"
GROUP_READ, GROUP_CREATE, GROUP_UPDATE, GROUP_DELETE = "group-read", "group-create", "group-update", "group-delete"
BULK, DISCOVERY, OTHER = "bulk", "discovery", "other"
OPERATIONS = (
    TEST_CREDENTIALS,
    LOOKUP,
    READ_ONE,
    LIST,
    CREATE,
    LINK,
    UPDATE,
    DEACTIVATE,
    REACTIVATE,
    DELETE,
    GROUP_READ,
    GROUP_CREATE,
    GROUP_UPDATE,
    GROUP_DELETE,
    BULK,
    DISCOVERY,
    OTHER,
)
"""What identity providers do, in the order people meet it."""


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One request. ``client`` is ``okta``, ``entra`` or another kind, ``person`` the user name or
    the name of the group, as far as known. ``rules`` are rule, warning and tolerance ids; ``detail``
    is the answer's sentence, at most 1,000 characters. ``source`` is a network address."""

    id: str
    at: str
    credential_id: str
    token_label: str
    client: str
    operation: str
    result: str
    status: int
    target_type: str
    target_id: str
    person: str
    rules: tuple[str, ...]
    detail: str
    duration_us: int
    source: str

    @property
    def milliseconds(self) -> float:
        """How long the answer took."""
        return self.duration_us / 1_000


class ExchangeTexts(NamedTuple):
    """The masked messages of one entry as JSON text.

    ``request``: ``{"method", "path", "headers", "body" | "omitted"}``; ``response``: the same with
    ``status``. ``changes``: a list of ``{"target", "name", "action", "changes": [{"attribute",
    "old", "new"}]}``, from the facts of the audit.
    """

    request: str
    response: str
    changes: str


class KeptEntry(NamedTuple):
    """An entry with its messages."""

    entry: ActivityEntry
    exchange: ExchangeTexts


class HourCount(NamedTuple):
    """Calls of one hour (``YYYY-MM-DDTHH``, UTC). ``subject`` is a result, ``dropped``, or a result
    with a rule: ``refused:NPI-05``."""

    hour: str
    subject: str
    calls: int


class Milestone(NamedTuple):
    """The first and the last success of an operation, each with entry, time and person."""

    operation: str
    first_id: str
    first_at: str
    first_person: str
    last_id: str
    last_at: str
    last_person: str


@dataclass(frozen=True, slots=True)
class AppendActivity:
    """Keep entries, add up counts and move milestones on. An entry that is there already stays."""

    entries: tuple[KeptEntry, ...] = ()
    counts: tuple[HourCount, ...] = ()
    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgetActivity:
    """Remove the oldest ``limit`` entries with an id below ``before_id``, and older counts."""

    before_id: str
    before_hour: str
    limit: int


ActivityChange = AppendActivity | ForgetActivity


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """Which entries. Empty text means any.

    ``person`` is a user name or id; if nobody is called exactly that, a part of the name.
    ``text`` is looked for in names, sentences, token labels and addresses. ``since`` and ``until``
    (exclusive) are moments. ``older_than`` and ``newer_than`` are ids of entries already seen.
    """

    result: str = ""
    operation: str = ""
    rule: str = ""
    person: str = ""
    text: str = ""
    since: str = ""
    until: str = ""
    older_than: str = ""
    newer_than: str = ""
    count: int = 50


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Entries, newest first.

    ``has_more`` says whether there is more in reading direction. ``stopped_at`` is the id where the
    search paused because it had looked at enough: go on with ``older_than`` (or ``newer_than``) there.
    """

    entries: tuple[ActivityEntry, ...]
    has_more: bool = False
    stopped_at: str = ""


class ActivityStorage(Protocol):
    """What the log and its readers ask of the storage. Raises StorageUnavailable."""

    async def change(self, organization_id: str, change: ActivityChange) -> None:
        """Apply a change in one transaction."""

    async def list(self, organization_id: str, query: ActivityQuery) -> ActivityPage:
        """A page of entries."""

    async def find(self, organization_id: str, entry_id: str) -> KeptEntry | None:
        """An entry by id."""

    async def exchanges(self, organization_id: str, ids: Collection[str]) -> Mapping[str, ExchangeTexts]:
        """The messages of entries."""

    async def counts(self, organization_id: str, since_hour: str) -> Sequence[HourCount]:
        """Counts from an hour on, oldest first."""

    async def milestones(self, organization_id: str) -> Mapping[str, Milestone]:
        """What succeeded, by operation."""

    async def user_names(self, organization_id: str, ids: Collection[str]) -> Mapping[str, str]:
        """User names by id, also of people who were deleted."""

    async def has_before(self, organization_id: str, entry_id: str) -> bool:
        """Whether there is an entry with an id below."""


def first_id_of(moment: str) -> str:
    """A text that sorts before every id of that millisecond and after all earlier ones."""
    milliseconds = round(datetime.fromisoformat(moment).timestamp() * 1_000)
    digits = f"{max(0, milliseconds):012x}"
    return f"{digits[:8]}-{digits[8:]}"
