"""Entries of the log as rows of the table ``activity``, and back."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from mdscripts.app.ports.activity import ActivityEntry
from mdscripts.scim.filters import fold
from mdscripts.storage.engine import Row

RECORD_COLUMNS = (
    "id",
    "at",
    "credential_id",
    "token_label",
    "client",
    "operation",
    "result",
    "status",
    "target_type",
    "target_id",
    "person",
    "rules",
    "detail",
    "duration_us",
    "source",
)
ENTRY_COLUMNS = (*RECORD_COLUMNS, "person_key", "search_key")
_RULES = RECORD_COLUMNS.index("rules")
_SEARCHED_MAX = 600


def names(columns: Iterable[str], table: str = "") -> str:
    """The columns as a list of SQL."""
    prefix = f"{table}." if table else ""
    return ", ".join(f"{prefix}{column}" for column in columns)


def entry_row(entry: ActivityEntry) -> tuple[Any, ...]:
    """The values of ENTRY_COLUMNS."""
    person_key = fold(entry.person)
    searched = " ".join((entry.token_label, entry.source, *entry.rules, entry.detail))
    return (
        entry.id,
        entry.at,
        entry.credential_id,
        entry.token_label,
        entry.client,
        entry.operation,
        entry.result,
        entry.status,
        entry.target_type,
        entry.target_id,
        entry.person,
        orjson.dumps(entry.rules).decode(),
        entry.detail,
        entry.duration_us,
        entry.source,
        person_key,
        f"{person_key} {fold(searched)}"[:_SEARCHED_MAX],
    )


def entry_record(row: Row | Sequence[Any]) -> ActivityEntry:
    """From RECORD_COLUMNS; further columns are ignored."""
    columns = list(row)[: len(RECORD_COLUMNS)]
    columns[_RULES] = tuple(orjson.loads(columns[_RULES]))
    return ActivityEntry(*columns)
