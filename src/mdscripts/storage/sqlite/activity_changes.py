"""The log of activity as SQLite statements."""

from collections.abc import Callable
from typing import Any

import apsw
import orjson

from mdscripts.app.ports.activity import AppendActivity, ForgetActivity
from mdscripts.storage.activity_rows import ENTRY_COLUMNS, entry_row, names

_PLACES = ", ".join("?" for _ in ENTRY_COLUMNS)
_ENTRY = f"INSERT INTO activity (organization_id, {names(ENTRY_COLUMNS)}) VALUES (?, {_PLACES}) ON CONFLICT DO NOTHING"
_EXCHANGE = (
    "INSERT INTO activity_exchange (organization_id, id, request, response, changes)"
    " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_RULE = "INSERT INTO activity_rule (organization_id, rule, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_COUNT = (
    "INSERT INTO activity_count (organization_id, hour, subject, calls) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (organization_id, hour, subject) DO UPDATE SET calls = calls + excluded.calls"
)
_MILESTONE = (
    "INSERT INTO activity_milestone (organization_id, operation, first_id, first_at, first_person, last_id, last_at,"
    " last_person) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (organization_id, operation) DO UPDATE SET"
    " last_id = excluded.last_id, last_at = excluded.last_at, last_person = excluded.last_person"
    " WHERE excluded.last_id > last_id"
)


def _append(connection: apsw.Connection, organization_id: str, change: AppendActivity) -> None:
    connection.executemany(_ENTRY, [(organization_id, *entry_row(kept.entry)) for kept in change.entries])
    connection.executemany(_EXCHANGE, [(organization_id, kept.entry.id, *kept.exchange) for kept in change.entries])
    rules = [(organization_id, rule, kept.entry.id) for kept in change.entries for rule in kept.entry.rules]
    connection.executemany(_RULE, rules)
    connection.executemany(_COUNT, [(organization_id, *count) for count in change.counts])
    connection.executemany(_MILESTONE, [(organization_id, *milestone) for milestone in change.milestones])


def _forget(connection: apsw.Connection, organization_id: str, change: ForgetActivity) -> None:
    doomed = connection.execute(
        "SELECT id, rules FROM activity WHERE organization_id = ? AND id < ? ORDER BY id LIMIT ?",
        (organization_id, change.before_id, change.limit),
    ).fetchall()
    keys = [(organization_id, entry_id) for entry_id, _ in doomed]
    connection.executemany("DELETE FROM activity WHERE organization_id = ? AND id = ?", keys)
    connection.executemany("DELETE FROM activity_exchange WHERE organization_id = ? AND id = ?", keys)
    connection.executemany(
        "DELETE FROM activity_rule WHERE organization_id = ? AND rule = ? AND id = ?",
        [(organization_id, rule, entry_id) for entry_id, rules in doomed for rule in orjson.loads(str(rules))],
    )
    connection.execute(
        "DELETE FROM activity_count WHERE organization_id = ? AND hour < ?", (organization_id, change.before_hour)
    )


ACTIVITY_CHANGES: dict[type, Callable[[apsw.Connection, str, Any], None]] = {
    AppendActivity: _append,
    ForgetActivity: _forget,
}
