"""Lists: one page of users or groups, with the exact total, at a bounded cost.

Where SQL can answer filter and order, it finds the page: by index paging from a position hint or by
skipping rows, by cursor from a keyset. Otherwise the narrowed rows are read in small chunks, judged
in Python, and only the keys of the page are kept; a work budget limits how many are read.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mdscripts.app.ports import Keyset, Page, Query, WorkBudgetExceeded
from mdscripts.storage.dialect import Dialect
from mdscripts.storage.engine import Engine, Row
from mdscripts.storage.filter_columns import Table
from mdscripts.storage.filter_sql import Narrowing, compile_filter
from mdscripts.storage.ordering import Entry, Nearest, Order, column_order
from mdscripts.storage.position_hints import PositionHints

R = TypeVar("R")
"""UserRecord or GroupRecord."""

_CHEAP_SKIP = 1_000
"""Rows that may be skipped in the event loop."""
_ID_BLOCK = 5_000
_CHUNK = 100
_ALL = Narrowing("TRUE", (), exact=True, selective=False)


@dataclass(frozen=True, slots=True)
class Shape(Generic[R]):
    """What a list is made of: the table, the columns of a record and how to make one."""

    table: Table
    columns: str
    living: str
    record: Callable[[Row], R]


def shape_of(dialect: Dialect, table: Table, columns: str, record: Callable[[Row], R]) -> Shape[R]:
    """A shape in the spelling of one database."""
    return Shape(table, dialect.render(columns), dialect.render(table.living), record)


class Pager(Generic[R]):
    """Lists the resources of one organization.

    ``judged`` is the shape of records that filters and sort keys look at.
    """

    def __init__(
        self,
        engine: Engine,
        organization_id: str,
        shape: Shape[R],
        judged: Shape[R],
        hints: PositionHints,
        work_budget: int,
    ) -> None:
        self._engine = engine
        self._dialect = engine.dialect
        self._organization_id = organization_id
        self._shape = shape
        self._judged = judged
        self._table = shape.table
        self._living = shape.living
        self._hints = hints
        self._work_budget = work_budget

    async def page(self, query: Query) -> Page[R]:
        """The page a query asks for. Raises WorkBudgetExceeded."""
        narrowing = _ALL
        if query.filter is not None:
            found = compile_filter(query.filter, self._dialect, self._table)
            narrowing = found or _ALL._replace(exact=False)
        order = column_order(query.sort_path, self._table, descending=query.descending)
        if order is not None and narrowing.exact:
            return await self._indexed_page(query, narrowing, order)
        return await self._scanned_page(query, narrowing, order)

    async def _count(self, narrowing: Narrowing) -> int:
        if narrowing == _ALL:
            return await self._count_all()
        rows = await self._engine.fetch(
            f"SELECT count(*) FROM {self._table.source} WHERE {self._living} AND {narrowing.where}",
            (self._organization_id, *narrowing.params),
            heavy=not narrowing.selective,
        )
        return int(rows[0][0])

    async def _count_all(self) -> int:
        mark = self._dialect.mark
        rows = await self._engine.fetch(
            "SELECT coalesce(sum(total), 0) FROM resource_counter"
            f" WHERE organization_id = {mark}1 AND resource = {mark}2",
            (self._organization_id, self._table.resource),
        )
        return int(rows[0][0])

    # --- SQL finds the page -------------------------------------------------------------------

    async def _indexed_page(self, query: Query, narrowing: Narrowing, order: Order) -> Page[R]:
        keyset, backwards, skip = query.after or query.before, query.before is not None, 0
        question = (self._table.resource, narrowing.where, narrowing.params, order)
        by_index = keyset is None
        if by_index and query.start_index > 1:
            skip = query.start_index - 1
            hint = self._hints.nearest(self._organization_id, question, skip)
            if hint is not None:
                keyset, skip = hint.keyset, skip - hint.position
        rows = await self._read(narrowing, order, keyset, skip, query.count + 1, backwards=backwards)
        if keyset is None and len(rows) <= query.count and (rows or skip == 0):
            total = skip + len(rows)
        else:
            total = await self._count(narrowing)
        shown = list(rows[: query.count])
        if backwards:
            shown.reverse()
        page = self._page_of(shown, order, total, has_more=len(rows) > query.count)
        if by_index and page.last is not None and page.has_more:
            position = query.start_index - 1 + len(shown)
            self._hints.remember(self._organization_id, question, position, page.last)
        return page

    async def _read(
        self,
        narrowing: Narrowing,
        order: Order,
        keyset: Keyset | None,
        skip: int,
        limit: int,
        *,
        backwards: bool,
    ) -> Sequence[Row]:
        """Rows of a record and its sort key."""
        mark, dialect = self._dialect.mark, self._dialect
        where, params = f"{self._living} AND {narrowing.where}", [self._organization_id, *narrowing.params]
        if keyset is not None:
            condition, more = order.beyond(keyset, mark, len(params) + 1, backwards=backwards)
            where, params = f"{where} AND {condition}", [*params, *more]
        columns, source = self._shape.columns, self._table.source
        terms = order.terms(dialect, backwards=backwards)
        limits = f"LIMIT {mark}{len(params) + 1} OFFSET {mark}{len(params) + 2}"
        statement = f"SELECT {columns}, {order.column.sql} FROM {source} WHERE {where} ORDER BY {terms} {limits}"
        if skip or narrowing != _ALL:
            # Only ids are counted off, from indexes if they have all that is asked: a row that is passed
            # over costs no sub-select, and its body is not read.
            outer = order.terms(dialect, backwards=backwards, table="p", key="p.sort_key")
            statement = (
                f"SELECT {columns}, p.sort_key FROM (SELECT t.id AS id, {order.column.sql} AS sort_key"
                f" FROM {source} WHERE {where} ORDER BY {terms} {limits}) p"
                f" JOIN {source} ON t.organization_id = {mark}1 AND t.id = p.id ORDER BY {outer}"
            )
        cheap = narrowing.selective or (narrowing == _ALL and order.indexed and skip <= _CHEAP_SKIP)
        return await self._engine.fetch(statement, (*params, limit, skip), heavy=not cheap)

    def _page_of(self, rows: Sequence[Row], order: Order, total: int, *, has_more: bool) -> Page[R]:
        keysets = [Keyset(None if order.by_id else row[-1], row[0]) for row in (*rows[:1], *rows[-1:])]
        records = tuple(self._shape.record(row) for row in rows)
        if not keysets:
            return Page(total, records, None, None, has_more)
        return Page(total, records, keysets[0], keysets[-1], has_more)

    # --- Python finds the page ----------------------------------------------------------------

    async def _scanned_page(self, query: Query, narrowing: Narrowing, order: Order | None) -> Page[R]:
        await self._require_budget(narrowing)
        keyset, backwards = query.after or query.before, query.before is not None
        skip = query.start_index - 1 if keyset is None else 0
        nearest = Nearest(
            skip + query.count + 1,
            falling=query.descending != backwards,
            start=None if keyset is None else _entry(order, keyset.sort_key, keyset.id),
        )
        await self._scan(query, narrowing, order, nearest)
        found = nearest.take()
        shown = found[skip : skip + query.count]
        if backwards:
            shown.reverse()
        loaded = await self._load(self._shape, [entry.id for entry in shown], order)
        records = {row[0]: self._shape.record(row) for row in loaded}
        ends: list[Keyset | None] = [
            Keyset(None if entry.missing or (order is not None and order.by_id) else entry.key, entry.id)
            for entry in (*shown[:1], *shown[-1:])
        ] or [None]
        return Page(
            nearest.total,
            tuple(records[entry.id] for entry in shown if entry.id in records),
            ends[0],
            ends[-1],
            has_more=len(found) > skip + query.count,
        )

    async def _require_budget(self, narrowing: Narrowing) -> None:
        """Refuse before reading what could not be read to the end."""
        total = await self._count_all()
        if total > self._work_budget and narrowing.where != _ALL.where:
            limit = f"{self._dialect.mark}{len(narrowing.params) + 2}"
            rows = await self._engine.fetch(
                f"SELECT count(*) FROM (SELECT 1 FROM {self._table.source}"
                f" WHERE {self._living} AND {narrowing.where} LIMIT {limit}) c",
                (self._organization_id, *narrowing.params, self._work_budget + 1),
                heavy=True,
            )
            total = int(rows[0][0])
        if total > self._work_budget:
            raise WorkBudgetExceeded(f"more than {self._work_budget} {self._table.resource}s would have to be read")

    async def _scan(self, query: Query, narrowing: Narrowing, order: Order | None, nearest: Nearest) -> None:
        """Offer every match to ``nearest``, a few at a time."""
        judge: Any = (lambda record: True) if narrowing.exact else query.matches
        sort_key: Any = query.sort_key
        if judge is None or (order is None and sort_key is None):
            raise ValueError("a query that SQL cannot answer needs `matches` and, if sorted, `sort_key`")
        mark, params = self._dialect.mark, (self._organization_id, *narrowing.params)
        statement = (
            f"SELECT t.id FROM {self._table.source} WHERE {self._living} AND {narrowing.where}"
            f" AND t.id > {mark}{len(params) + 1} ORDER BY t.id LIMIT {_ID_BLOCK}"
        )
        last = ""
        while True:
            block = [row[0] for row in await self._engine.fetch(statement, (*params, last), heavy=True)]
            for start in range(0, len(block), _CHUNK):
                for row in await self._load(self._judged, block[start : start + _CHUNK], order):
                    record = self._judged.record(row)
                    if judge(record):
                        key = row[-1] if order is not None else sort_key(record)
                        nearest.add(_entry(order, key, row[0]))
                nearest.settle()
                await asyncio.sleep(0)
            if len(block) < _ID_BLOCK:
                return
            last = block[-1]

    async def _load(self, shape: Shape[R], ids: Sequence[str], order: Order | None) -> Sequence[Row]:
        """Rows of records and their sort keys, in any order."""
        if not ids:
            return ()
        chosen = self._dialect.in_list.format("t.id", f"{self._dialect.mark}2")
        key = "NULL" if order is None else order.column.sql
        return await self._engine.fetch(
            f"SELECT {shape.columns}, {key} FROM {self._table.source} WHERE {self._living} AND {chosen}",
            (self._organization_id, self._dialect.ids(ids)),
            heavy=True,
        )


def _entry(order: Order | None, key: str | None, resource_id: str) -> Entry:
    if order is not None and order.by_id:
        return Entry(missing=False, key="", id=resource_id)
    return Entry(key is None, key or "", resource_id)
