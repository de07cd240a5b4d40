"""Puts a change and its facts into one PostgreSQL statement.

Every part of a change is a data-modifying CTE; all see the same snapshot and commit together, in
one round trip. Whatever may only happen if the change is accepted selects from a CTE that has a row
exactly then, so that a refused change writes nothing although nothing is rolled back.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from mdscripts.app.ports import Facts, StaleVersion
from mdscripts.storage.engine import Row
from mdscripts.storage.records import audit_row

ALWAYS = "(SELECT 1) AS always"
"""A source of one row, for what does not depend on anything."""

_TEXT = "text"
_AUDIT_TYPES = (*(_TEXT,) * 11, "integer", *(_TEXT,) * 3)
_EVENT_TYPES = (_TEXT,) * 5


class Step(NamedTuple):
    """A statement, and a function that raises if the row it returned is a refusal."""

    sql: str
    params: Sequence[Any]
    check: Callable[[Row], None]


def accept(_: Row) -> None:
    """The check of a statement that never refuses by its result."""


def require_a_row(row: Row) -> None:
    """The check of a statement whose result is how many rows it changed. Raises StaleVersion."""
    if not row[0]:
        raise StaleVersion


class Statement:
    """A statement in the making. ``$1`` is the organization."""

    def __init__(self, organization_id: str) -> None:
        self._params: list[Any] = [organization_id]
        self._parts: list[str] = []
        self.accepted = ALWAYS
        """What has a row exactly if the change is accepted; facts are selected from it."""
        self.result = "1"
        self.check: Callable[[Row], None] = accept

    def param(self, value: Any) -> str:
        """Bind a value; its place in the text."""
        self._params.append(value)
        return f"${len(self._params)}"

    def params(self, values: Sequence[Any]) -> list[str]:
        """Bind several values; their places in the text."""
        first = len(self._params) + 1
        self._params.extend(values)
        return [f"${number}" for number in range(first, first + len(values))]

    def rows(self, rows: Sequence[Sequence[Any]], types: tuple[str, ...]) -> str:
        """Bind several rows; a VALUES list with their types."""
        text = _values(len(self._params) + 1, len(rows), types)
        for row in rows:
            self._params.extend(row)
        return text

    def part(self, name: str, sql: str) -> None:
        """Add a CTE."""
        self._parts.append(f"{name} AS ({sql})")

    def add_facts(self, facts: Facts) -> None:
        """Append the audit rows and outbox events of the change."""
        if facts.audit:
            rows = [audit_row(fact) for fact in facts.audit]
            self.part(
                "audited",
                "INSERT INTO audit (organization_id, id, at, actor, action, outcome, target_type, target_id,"
                " target_name, request_id, source, client, status, changes, rules, detail)"
                f" SELECT $1::text, v.* FROM {self.accepted}, ({self.rows(rows, _AUDIT_TYPES)}) AS v",
            )
        if facts.events:
            events = [(e.id, e.at, e.topic, e.subject, e.payload) for e in facts.events]
            self.part(
                "announced",
                "INSERT INTO outbox (organization_id, id, at, topic, subject, payload)"
                f" SELECT $1::text, v.* FROM {self.accepted}, ({self.rows(events, _EVENT_TYPES)}) AS v",
            )

    def count(self, resource: str, resource_id: str, step: int) -> None:
        """Keep the number of users or groups, if the change is accepted."""
        slot = self.param(_slot(resource_id))
        self.part(
            "counted",
            "INSERT INTO resource_counter AS c (organization_id, resource, slot, total)"
            f" SELECT $1::text, '{resource}', {slot}::integer, {step} FROM {self.accepted}"
            " ON CONFLICT (organization_id, resource, slot) DO UPDATE SET total = c.total + excluded.total",
        )

    def step(self) -> Step:
        """The finished statement."""
        return Step(f"WITH {', '.join(self._parts)} SELECT {self.result}", self._params, self.check)


@lru_cache(maxsize=512)
def _values(first: int, count: int, types: tuple[str, ...]) -> str:
    width = len(types)
    rows = (
        ", ".join(f"${first + row * width + column}::{types[column]}" for column in range(width))
        for row in range(count)
    )
    return f"VALUES {', '.join(f'({row})' for row in rows)}"


_SLOTS = 8


def _slot(resource_id: str) -> int:
    """One of the counter rows of an organization: its creates must not wait for each other."""
    return crc32(resource_id.encode()) % _SLOTS
