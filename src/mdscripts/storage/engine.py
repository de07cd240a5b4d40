"""What the shared part of the storage asks of a database.

Reads are the same statements on both databases (``organization_store``, ``paging``); writes differ,
because PostgreSQL wants one statement per write and SQLite one commit for many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mdscripts.app.ports import AccessWatch, Change, CredentialUse, Facts, OrganizationRecord
from mdscripts.app.ports.account_changes import SignInUpkeep
from mdscripts.app.ports.activity import ActivityChange
from mdscripts.storage.dialect import Dialect


class Row(Protocol):
    """A row of a result: the values of its columns by position."""

    def __getitem__(self, index: int, /) -> Any:
        """The value of a column."""

    def __iter__(self) -> Iterator[Any]:
        """The values of all columns."""

    def __len__(self) -> int:
        """How many columns there are."""


@dataclass(frozen=True, slots=True)
class InsertOrganization:
    """A new organization. Raises AlreadyExists."""

    organization: OrganizationRecord


StoredChange = Change | InsertOrganization | CredentialUse | SignInUpkeep | ActivityChange
"""Every change a database applies; the last ones come through ``Storage``, ``AccountStorage`` and
``ActivityStorage``."""


class Engine(Protocol):
    """A database. Every method raises StorageUnavailable when it is away."""

    @property
    def dialect(self) -> Dialect:
        """How statements are spelled."""

    async def fetch(self, statement: str, params: Sequence[Any], *, heavy: bool = False) -> Sequence[Row]:
        """All rows of a read. ``heavy``: it may look at many rows, keep it off the event loop."""

    async def commit(
        self,
        organization_id: str,
        changes: Sequence[StoredChange],
        facts: Facts,
        watch: AccessWatch | None = None,
    ) -> None:
        """Apply changes, facts and what a watch finds in one transaction; return when they are durable.

        Raises UserNameTaken, StaleVersion, UnknownMember and AlreadyExists, and then changes nothing.
        """

    async def version(self) -> str:
        """Ask the database for its name and version."""

    async def close(self) -> None:
        """Finish queued writes and close connections."""
