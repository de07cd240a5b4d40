"""The log of activity in a database (``activity_ports.ActivityStorage``)."""

from collections.abc import Collection, Mapping, Sequence

import orjson

from mdscripts.app.ports import Facts
from mdscripts.app.ports.activity import (
    ActivityChange,
    ActivityPage,
    ActivityQuery,
    ExchangeTexts,
    HourCount,
    KeptEntry,
    Milestone,
)
from mdscripts.scim.filters import fold
from mdscripts.storage.activity_query import Plan, plan
from mdscripts.storage.activity_rows import RECORD_COLUMNS, entry_record, names
from mdscripts.storage.dialect import storable
from mdscripts.storage.engine import Engine, Row


class DatabaseActivity:
    """The log of all organizations in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        spell = engine.dialect.render
        self._entry = spell(
            f"SELECT {names(RECORD_COLUMNS, 't')}, x.request, x.response, x.changes FROM activity t"
            " LEFT JOIN activity_exchange x ON x.organization_id = t.organization_id AND x.id = t.id"
            " WHERE t.organization_id = $1 AND t.id = $2"
        )
        in_list = engine.dialect.in_list.format("id", "$2")
        self._exchanges = spell(
            f"SELECT id, request, response, changes FROM activity_exchange WHERE organization_id = $1 AND {in_list}"
        )
        self._user_names = spell(f'SELECT id, body FROM "user" WHERE organization_id = $1 AND {in_list}')
        self._counts = spell(
            "SELECT hour, subject, calls FROM activity_count WHERE organization_id = $1 AND hour >= $2"
            " ORDER BY hour, subject"
        )
        self._milestones = spell(
            "SELECT operation, first_id, first_at, first_person, last_id, last_at, last_person"
            " FROM activity_milestone WHERE organization_id = $1"
        )
        self._before = spell("SELECT 1 FROM activity WHERE organization_id = $1 AND id < $2 LIMIT 1")
        self._known_name = spell(
            "SELECT 1 FROM activity WHERE organization_id = $1 AND person_key = $2 AND person_key <> '' LIMIT 1"
        )
        self._known_id = spell(
            "SELECT 1 FROM activity WHERE organization_id = $1 AND target_id = $2 AND target_id <> '' LIMIT 1"
        )

    async def change(self, organization_id: str, change: ActivityChange) -> None:
        """Apply a change in one transaction."""
        await self._engine.commit(organization_id, [change], Facts())

    async def list(self, organization_id: str, query: ActivityQuery) -> ActivityPage:
        """A page of entries, newest first."""
        asked = (query.result, query.operation, query.rule, query.person, query.text, query.older_than)
        if not all(storable(text) for text in (*asked, query.newer_than)):
            return ActivityPage(())
        column = await self._person_column(organization_id, query.person)
        made = plan(organization_id, query, self._engine.dialect, column)
        rows, stopped_at = await self._read(made)
        shown = [entry_record(row) for row in rows[: query.count]]
        if made.ascending:
            shown.reverse()
        has_more = len(rows) > query.count
        return ActivityPage(tuple(shown), has_more or bool(stopped_at), "" if has_more else stopped_at)

    async def _read(self, made: Plan) -> tuple[Sequence[Row], str]:
        """Rows in reading direction, and where the window ended if there is more behind it."""
        spell = self._engine.dialect.render
        if not made.checks:
            return await self._engine.fetch(spell(made.entries()), made.params), ""
        driving = made.params[: made.driving_params]
        ends = await self._engine.fetch(spell(made.end_of_window()), driving, heavy=True)
        end = str(ends[0][0]) if ends else ""
        everything = "~" if made.ascending else ""
        rows = await self._engine.fetch(spell(made.entries()), (*made.params, end or everything), heavy=True)
        return rows, end

    async def _person_column(self, organization_id: str, person: str) -> str:
        """Where somebody is called exactly that; empty if nobody is."""
        if not person:
            return ""
        if await self._engine.fetch(self._known_name, (organization_id, fold(person))):
            return "person_key"
        known = await self._engine.fetch(self._known_id, (organization_id, person))
        return "target_id" if known else ""

    async def find(self, organization_id: str, entry_id: str) -> KeptEntry | None:
        """An entry by id."""
        if not storable(entry_id):
            return None
        rows = await self._engine.fetch(self._entry, (organization_id, entry_id))
        if not rows:
            return None
        request, response, changes = tuple(rows[0])[len(RECORD_COLUMNS) :]
        return KeptEntry(entry_record(rows[0]), ExchangeTexts(request or "{}", response or "{}", changes or "[]"))

    async def exchanges(self, organization_id: str, ids: Collection[str]) -> Mapping[str, ExchangeTexts]:
        """The messages of entries."""
        rows = await self._in_list(self._exchanges, organization_id, ids)
        return {row[0]: ExchangeTexts(row[1], row[2], row[3]) for row in rows}

    async def counts(self, organization_id: str, since_hour: str) -> Sequence[HourCount]:
        """Counts from an hour on, oldest first."""
        rows = await self._engine.fetch(self._counts, (organization_id, since_hour), heavy=True)
        return [HourCount(*row) for row in rows]

    async def milestones(self, organization_id: str) -> Mapping[str, Milestone]:
        """What succeeded, by operation."""
        rows = await self._engine.fetch(self._milestones, (organization_id,))
        return {row[0]: Milestone(*row) for row in rows}

    async def user_names(self, organization_id: str, ids: Collection[str]) -> Mapping[str, str]:
        """User names by id, also of people who were deleted."""
        rows = await self._in_list(self._user_names, organization_id, ids)
        return {row[0]: str(orjson.loads(row[1]).get("userName", "")) for row in rows}

    async def has_before(self, organization_id: str, entry_id: str) -> bool:
        """Whether there is an entry with an id below."""
        return bool(await self._engine.fetch(self._before, (organization_id, entry_id)))

    async def _in_list(self, statement: str, organization_id: str, ids: Collection[str]) -> Sequence[Row]:
        chosen = self._engine.dialect.ids(ids)
        return await self._engine.fetch(statement, (organization_id, chosen), heavy=True)
