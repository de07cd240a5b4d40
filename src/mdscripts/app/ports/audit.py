"""What readers of the audit ask of the storage: pages, newest first.

The id of an entry is a UUIDv7: ids sort by time, and a period is a range of ids.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from mdscripts.app.ports import AuditFact

ADMIN, CONSOLE, SCIM = "admin", "console", "scim"
THROUGH = (ADMIN, CONSOLE, SCIM)
"""Ways to change something: Admin Home, the command line, the SCIM service."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries. Empty text means any.

    ``target_id`` is exact; ``target`` an id or name exactly as it was at the time. ``actor`` is
    ``user:<id>``, ``token:<key id>`` or ``cli``. ``since`` and ``until`` (exclusive) are moments.
    ``changes_only`` leaves out entries without a change of a value, such as sign-ins.
    ``older_than`` and ``newer_than`` are ids of entries already seen.
    """

    target_id: str = ""
    target: str = ""
    actor: str = ""
    action: str = ""
    outcome: str = ""
    through: str = ""
    since: str = ""
    until: str = ""
    changes_only: bool = False
    older_than: str = ""
    newer_than: str = ""
    count: int = 50


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first.

    ``has_more``: there is more in reading direction. ``stopped_at`` is the id where the search
    paused because it had looked at enough: go on with ``older_than`` (or ``newer_than``) there.
    """

    facts: tuple[AuditFact, ...]
    has_more: bool = False
    stopped_at: str = ""


class AuditStorage(Protocol):
    """Reads of the audit. Raises StorageUnavailable when the database is away."""

    async def list(self, organization_id: str, query: AuditQuery) -> AuditPage:
        """A page of entries."""

    async def find(self, organization_id: str, entry_id: str) -> AuditFact | None:
        """An entry by id."""

    async def displayed(self, organization_id: str, user_ids: Collection[str]) -> Mapping[str, str]:
        """What to call people, by id; also those who were deleted."""
