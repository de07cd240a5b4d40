"""The order of a list, as SQL and as a choice among keys (RFC 7644 §3.4.2.3).

Resources without the sorted value come last when ascending and first when descending, and equal
values are in the order of ids: a descending list is exactly the ascending one, reversed.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from mdscripts.app.ports import Keyset
from mdscripts.scim.paths import Path
from mdscripts.storage.dialect import Dialect
from mdscripts.storage.filter_columns import ID, Column, Table


@dataclass(frozen=True, slots=True)
class Order:
    """Sorted by a column, then by id. ``descending`` is the order of the list; what is read
    backwards is read in the other direction."""

    column: Column
    descending: bool

    @property
    def by_id(self) -> bool:
        """Whether the id is all there is to sort by."""
        return self.column is ID

    @property
    def indexed(self) -> bool:
        """Whether an index gives the rows in this order, none skipped."""
        return self.by_id or self.column.sql == "t.user_name_key"

    def terms(self, dialect: Dialect, *, backwards: bool, table: str = "t", key: str = "") -> str:
        """What follows ORDER BY; with ``table`` and ``key`` for a sub-select that renamed them."""
        falling = self.descending != backwards
        direction = " DESC" if falling else " ASC"
        if self.by_id:
            return f"{table}.id{direction}"
        nulls = dialect.nulls_first_descending if falling else dialect.nulls_last_ascending
        return f"{key or self.column.sql}{nulls if self.column.nullable else direction}, {table}.id{direction}"

    def beyond(self, keyset: Keyset, mark: str, number: int, *, backwards: bool) -> tuple[str, tuple[Any, ...]]:
        """The condition for rows on the far side of a keyset; parameters start at ``number``."""
        falling = self.descending != backwards
        sign = "<" if falling else ">"
        first, second = f"{mark}{number}", f"{mark}{number + 1}"
        column = self.column.sql
        if self.by_id:
            return f"t.id {sign} {first}", (keyset.id,)
        if keyset.sort_key is None:
            tied = f"({column} IS NULL AND t.id {sign} {first})"
            return f"({tied} OR {column} IS NOT NULL)" if falling else tied, (keyset.id,)
        after = f"({column}, t.id) {sign} ({first}, {second})"
        if self.column.nullable and not falling:
            after = f"({after} OR {column} IS NULL)"
        return after, (keyset.sort_key, keyset.id)


def column_order(path: Path | None, table: Table, *, descending: bool) -> Order | None:
    """The order by a path, if a column holds its values; by id if there is no path."""
    column = ID if path is None else table.columns.get(path.key)
    if column is None or column.kind == "boolean":
        return None
    return Order(column, descending)


class Entry(NamedTuple):
    """A resource by its place in an ascending list; ``missing`` values come last."""

    missing: bool
    key: str
    id: str


class Nearest:
    """Of many entries that arrive in any order, the first ones of a list.

    It keeps ``wanted`` entries beyond ``start`` in reading direction, sorted in runs whose merging
    never holds up the event loop for long, and counts all.
    """

    def __init__(self, wanted: int, *, falling: bool, start: Entry | None = None) -> None:
        self.total = 0
        self._wanted = wanted
        self._falling = falling
        self._start = start
        self._new: list[Entry] = []
        self._runs: list[list[Entry]] = []

    def add(self, entry: Entry) -> None:
        """Count an entry and keep it if it is on the far side of the start."""
        self.total += 1
        start = self._start
        if start is None or (entry < start if self._falling else entry > start):
            self._new.append(entry)

    def settle(self) -> None:
        """Sort in what was added since the last time."""
        if self._new:
            self._push(self._new)
            self._new = []
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._merge()

    def take(self) -> list[Entry]:
        """The kept entries in reading order."""
        self.settle()
        while len(self._runs) > 1:
            self._merge()
        return self._runs[0] if self._runs else []

    def _merge(self) -> None:
        last = self._runs.pop()
        self._push(self._runs.pop() + last)

    def _push(self, run: list[Entry]) -> None:
        run.sort(reverse=self._falling)
        del run[self._wanted :]
        self._runs.append(run)
