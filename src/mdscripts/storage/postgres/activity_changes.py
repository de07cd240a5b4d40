"""The log of activity as PostgreSQL statements.

Rows arrive as one array for each column: however many there are, the statement is the same text
and is planned once.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mdscripts.app.ports.activity import AppendActivity, ForgetActivity
from mdscripts.storage.activity_rows import ENTRY_COLUMNS, entry_row, names
from mdscripts.storage.postgres.statement import Statement

_NUMBERS = {"status": "integer", "duration_us": "bigint", "calls": "bigint"}
_EXCHANGE = ("id", "request", "response", "changes")
_RULE = ("rule", "id")
_COUNT = ("hour", "subject", "calls")
_MILESTONE = ("operation", "first_id", "first_at", "first_person", "last_id", "last_at", "last_person")


def _insert(
    statement: Statement, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str
) -> None:
    if not rows:
        return
    arrays = statement.params([list(column) for column in zip(*rows, strict=True)])
    typed = (f"{array}::{_NUMBERS.get(column, 'text')}[]" for array, column in zip(arrays, columns, strict=True))
    statement.part(
        f"{table}_added",
        f"INSERT INTO {table} AS t (organization_id, {names(columns)})"
        f" SELECT $1::text, v.* FROM unnest({', '.join(typed)}) AS v ON CONFLICT {conflict}",
    )


def _append(statement: Statement, change: AppendActivity) -> None:
    kept = change.entries
    _insert(statement, "activity", ENTRY_COLUMNS, [entry_row(each.entry) for each in kept], "DO NOTHING")
    exchanges = [(each.entry.id, *each.exchange) for each in kept]
    _insert(statement, "activity_exchange", _EXCHANGE, exchanges, "DO NOTHING")
    rules = [(rule, each.entry.id) for each in kept for rule in each.entry.rules]
    _insert(statement, "activity_rule", _RULE, rules, "DO NOTHING")
    _insert(
        statement,
        "activity_count",
        _COUNT,
        sorted(change.counts),  # in one order everywhere: two processes must not wait for each other
        "(organization_id, hour, subject) DO UPDATE SET calls = t.calls + excluded.calls",
    )
    _insert(
        statement,
        "activity_milestone",
        _MILESTONE,
        sorted(change.milestones),
        "(organization_id, operation) DO UPDATE SET last_id = excluded.last_id, last_at = excluded.last_at,"
        " last_person = excluded.last_person WHERE excluded.last_id > t.last_id",
    )


def _forget(statement: Statement, change: ForgetActivity) -> None:
    before, hour, limit = statement.params((change.before_id, change.before_hour, change.limit))
    statement.part(
        "doomed",
        f"SELECT id, rules FROM activity WHERE organization_id = $1 AND id < {before}"
        f" ORDER BY id LIMIT {limit}::bigint",
    )
    statement.part(
        "rules_gone",
        "DELETE FROM activity_rule t USING doomed, json_array_elements_text(doomed.rules::json) AS broken(rule)"
        " WHERE t.organization_id = $1 AND t.rule = broken.rule AND t.id = doomed.id",
    )
    for table in ("activity_exchange", "activity"):
        statement.part(
            f"{table}_gone", f"DELETE FROM {table} t USING doomed WHERE t.organization_id = $1 AND t.id = doomed.id"
        )
    statement.part("counts_gone", f"DELETE FROM activity_count WHERE organization_id = $1 AND hour < {hour}")


ACTIVITY_CHANGES: dict[type, Callable[[Statement, Any], None]] = {
    AppendActivity: _append,
    ForgetActivity: _forget,
}
