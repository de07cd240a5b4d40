"""What the pages about people, sites and groups ask of the storage beside lists of people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from mdscripts.app.ports import UserRecord


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Members of a group in the order of their ids. ``has_more``: there is more in reading direction."""

    records: tuple[UserRecord, ...]
    has_more: bool = False


class RosterStorage(Protocol):
    """Counts and members. Raises StorageUnavailable when the database is away."""

    async def people_by_site(self, organization_id: str) -> Mapping[str, int]:
        """How many people list each site, inactive ones included; no entry for none."""

    async def member_counts(self, organization_id: str, group_ids: Collection[str]) -> Mapping[str, int]:
        """How many members groups have; no entry for none."""

    async def shared_npis(self, organization_id: str, npis: Collection[str]) -> Collection[str]:
        """Those of these NPIs that several active people hold."""

    async def kept_remarks(self, organization_id: str, user_ids: Collection[str]) -> Mapping[str, str]:
        """What is kept of what the rules say about living people (``app.remarks``), by id."""

    async def list_members(
        self, organization_id: str, group_id: str, *, count: int, after: str = "", before: str = ""
    ) -> MemberPage:
        """Members after or before the id of one, at a cost that does not grow with the group."""
