"""Counts of people by site and group, and members of groups in pages (``roster_ports.RosterStorage``)."""

from collections.abc import Collection, Mapping

from mdscripts.app.ports.roster import MemberPage
from mdscripts.storage.dialect import storable
from mdscripts.storage.engine import Engine
from mdscripts.storage.filter_columns import ACTIVE_WITH_NPI
from mdscripts.storage.records import USER_COLUMNS, user_record

_SITE = "substr(value_key, 1, 256)"
"""A site number is far shorter; this is how the index holds it."""


class DatabaseRoster:
    """Reads of all organizations in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        spell = engine.dialect.render
        self._by_site = spell(
            f"SELECT {_SITE}, count(*) FROM user_value WHERE organization_id = $1 AND attribute = 'site'"
            f" GROUP BY {_SITE}"
        )
        self._member_counts = spell(
            "SELECT group_id, count(*) FROM group_member WHERE organization_id = $1"
            f" AND {engine.dialect.in_list.format('group_id', '$2')} GROUP BY group_id"
        )
        self._shared_npis = spell(
            f'SELECT t.npi FROM "user" t WHERE {ACTIVE_WITH_NPI}'
            f" AND {engine.dialect.in_list.format('t.npi', '$2')} GROUP BY t.npi HAVING count(*) > 1"
        )
        self._kept_remarks = spell(
            'SELECT t.id, t.remarks FROM "user" t WHERE t.organization_id = $1 AND t.deleted_at IS NULL'
            f" AND {engine.dialect.in_list.format('t.id', '$2')}"
        )
        self._members_after = spell(_members(">", "ASC"))
        self._members_before = spell(_members("<", "DESC"))

    async def people_by_site(self, organization_id: str) -> Mapping[str, int]:
        """How many people list each site, inactive ones included; no entry for none."""
        rows = await self._engine.fetch(self._by_site, (organization_id,), heavy=True)
        return {row[0]: int(row[1]) for row in rows}

    async def member_counts(self, organization_id: str, group_ids: Collection[str]) -> Mapping[str, int]:
        """How many members groups have; no entry for none."""
        chosen = self._engine.dialect.ids(group_ids)
        rows = await self._engine.fetch(self._member_counts, (organization_id, chosen), heavy=True)
        return {row[0]: int(row[1]) for row in rows}

    async def shared_npis(self, organization_id: str, npis: Collection[str]) -> Collection[str]:
        """Those of these NPIs that several active people hold."""
        chosen = self._engine.dialect.ids(npis)
        rows = await self._engine.fetch(self._shared_npis, (organization_id, chosen))
        return frozenset(row[0] for row in rows)

    async def kept_remarks(self, organization_id: str, user_ids: Collection[str]) -> Mapping[str, str]:
        """What is kept of what the rules say about living people, by id."""
        chosen = self._engine.dialect.ids(user_ids)
        rows = await self._engine.fetch(self._kept_remarks, (organization_id, chosen), heavy=True)
        return {row[0]: row[1] for row in rows}

    async def list_members(
        self, organization_id: str, group_id: str, *, count: int, after: str = "", before: str = ""
    ) -> MemberPage:
        """Members after or before the id of one, at a cost that does not grow with the group."""
        if not (storable(group_id) and storable(after) and storable(before)):
            return MemberPage(())
        statement = self._members_before if before else self._members_after
        rows = await self._engine.fetch(statement, (organization_id, group_id, before or after, count + 1))
        records = [user_record(row) for row in rows[:count]]
        if before:
            records.reverse()
        return MemberPage(tuple(records), len(rows) > count)


def _members(compare: str, direction: str) -> str:
    """A page of members; it is cut off before the records are looked up."""
    return (
        f"SELECT {USER_COLUMNS} FROM (SELECT user_id FROM group_member WHERE organization_id = $1"
        f" AND group_id = $2 AND user_id {compare} $3 ORDER BY user_id {direction} LIMIT $4) m"
        f' JOIN "user" t ON t.organization_id = $1 AND t.id = m.user_id ORDER BY t.id {direction}'
    )
