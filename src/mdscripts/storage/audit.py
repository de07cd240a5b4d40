"""The audit of an organization, read newest first (``audit_ports.AuditStorage``).

One condition *drives*: its index has the wanted entries in the order of ids, which is that of
time. The others are checked entry by entry, in a window of at most ``WINDOW`` entries.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mdscripts.app.ports import AuditFact
from mdscripts.app.ports.activity import first_id_of
from mdscripts.app.ports.audit import ADMIN, CONSOLE, SCIM, AuditPage, AuditQuery
from mdscripts.storage.dialect import INDEXED_PREFIX, Dialect, storable
from mdscripts.storage.engine import Engine, Row
from mdscripts.storage.records import AUDIT_COLUMNS, audit_record

WINDOW = 50_000
_CHECKS = {ADMIN: "t.actor LIKE 'user:%'", CONSOLE: "t.actor NOT LIKE 'user:%'", SCIM: "t.client <> 'local'"}
_COLUMNS = ", ".join(f"t.{name}" for name in AUDIT_COLUMNS.split(", "))


class DatabaseAudit:
    """The audit of all organizations in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        spell = engine.dialect.render
        self._entry = spell(f"SELECT t.id, {_COLUMNS} FROM audit t WHERE t.organization_id = $1 AND t.id = $2")
        in_list = engine.dialect.in_list.format("id", "$2")
        self._displayed = spell(f'SELECT id, display FROM "user" WHERE organization_id = $1 AND {in_list}')

    async def list(self, organization_id: str, query: AuditQuery) -> AuditPage:
        """A page of entries."""
        asked = (query.target_id, query.target, query.actor, query.action, query.outcome)
        if not all(storable(text) for text in (*asked, query.older_than, query.newer_than)):
            return AuditPage(())
        plan = _Plan(organization_id, query, self._engine.dialect)
        rows, stopped_at = await self._read(plan)
        facts = [audit_record(row).fact for row in rows[: query.count]]
        if plan.ascending:
            facts.reverse()
        has_more = len(rows) > query.count
        return AuditPage(tuple(facts), has_more or bool(stopped_at), "" if has_more else stopped_at)

    async def _read(self, plan: "_Plan") -> tuple[Sequence[Row], str]:
        """Rows in reading direction, and where the window ended if there is more behind it."""
        spell = self._engine.dialect.render
        if not plan.checks:
            return await self._engine.fetch(spell(plan.entries("")), plan.params), ""
        driving = plan.params[: plan.driving_params]
        ends = await self._engine.fetch(spell(plan.end_of_window()), driving, heavy=True)
        if not ends:
            return await self._engine.fetch(spell(plan.entries("")), plan.params, heavy=True), ""
        end = str(ends[0][0])
        bound = plan.entries(f" AND t.id {'<=' if plan.ascending else '>='} ${len(plan.params) + 1}")
        return await self._engine.fetch(spell(bound), (*plan.params, end), heavy=True), end

    async def find(self, organization_id: str, entry_id: str) -> AuditFact | None:
        """An entry by id."""
        if not storable(entry_id):
            return None
        rows = await self._engine.fetch(self._entry, (organization_id, entry_id))
        return audit_record(rows[0]).fact if rows else None

    async def displayed(self, organization_id: str, user_ids: Collection[str]) -> Mapping[str, str]:
        """What to call people, by id; also those who were deleted."""
        chosen = self._engine.dialect.ids(user_ids)
        rows = await self._engine.fetch(self._displayed, (organization_id, chosen), heavy=True)
        return {row[0]: row[1] for row in rows}


class _Plan:
    """How a question is answered; statements are written with ``$1``, ``$2``, …"""

    def __init__(self, organization_id: str, query: AuditQuery, dialect: Dialect) -> None:
        self._bound: list[Any] = [organization_id]
        self.ascending = bool(query.newer_than)
        self._limit = query.count + 1
        driving = ["t.organization_id = $1", *self._drive(query, dialect), *self._between(query)]
        self.driving_params = len(self._bound)
        self._where = " AND ".join(driving)
        self.checks = "".join(f" AND {check}" for check in self._check(query))
        self.params = tuple(self._bound)

    def entries(self, bound: str) -> str:
        """Entries in reading direction, one more than asked for."""
        return (
            f"SELECT t.id, {_COLUMNS} FROM audit t WHERE {self._where}{self.checks}{bound}"
            f" {self._order} LIMIT {self._limit}"
        )

    def end_of_window(self) -> str:
        """The id of the last entry that is looked at; no row if the window holds everything."""
        return f"SELECT t.id FROM audit t WHERE {self._where} {self._order} LIMIT 1 OFFSET {WINDOW - 1}"

    @property
    def _order(self) -> str:
        return f"ORDER BY t.id {'ASC' if self.ascending else 'DESC'}"

    def _bind(self, value: str) -> str:
        self._bound.append(value)
        return f"${len(self._bound)}"

    def _drive(self, query: AuditQuery, dialect: Dialect) -> list[str]:
        if query.target_id:
            exact = f"t.target_id = {self._bind(query.target_id)}"
            if dialect.name == "sqlite":
                return [exact]
            start = self._bind(query.target_id[:INDEXED_PREFIX])
            return [f"substr(t.target_id, 1, {INDEXED_PREFIX}) = {start} AND {exact}"]
        local = query.through in (ADMIN, CONSOLE) or query.actor.startswith("user:") or query.actor == "cli"
        return ["t.client = 'local'"] if local else []

    def _between(self, query: AuditQuery) -> list[str]:
        bounds = (
            (">=", first_id_of(query.since) if query.since else ""),
            ("<", first_id_of(query.until) if query.until else ""),
            ("<", query.older_than),
            (">", query.newer_than),
        )
        return [f"t.id {compare} {self._bind(bound)}" for compare, bound in bounds if bound]

    def _check(self, query: AuditQuery) -> list[str]:
        checks = [f"t.{name} = {self._bind(value)}" for name in _EQUAL if (value := getattr(query, name))]
        if query.through:
            checks.append(_CHECKS[query.through])
        if query.target:
            checks.append(f"(t.target_id = {self._bind(query.target)} OR t.target_name = {self._bind(query.target)})")
        if query.changes_only:
            checks.append("t.changes <> '[]'")
        return checks


_EQUAL = ("actor", "action", "outcome")
