"""The audit as files: CSV for spreadsheets, JSON Lines for programs; one batch at a time."""

import csv
import io
from collections.abc import Mapping, Sequence

import orjson

from mdscripts.app.audit_words import masked_changes
from mdscripts.app.ports import AuditFact

COLUMNS = (
    "time",
    "actor",
    "actorName",
    "through",
    "action",
    "outcome",
    "targetType",
    "targetId",
    "targetName",
    "status",
    "changes",
    "rules",
    "detail",
    "requestId",
    "source",
    "id",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_heading() -> bytes:
    """The first line."""
    return _csv([COLUMNS])


def csv_lines(facts: Sequence[AuditFact], names: Mapping[str, str]) -> bytes:
    """One line for each entry. ``names``: what to call actors.

    A cell that a spreadsheet would calculate gets an apostrophe in front.
    """
    return _csv([[harmless(_text(value)) for value in _entry(fact, names).values()] for fact in facts])


def json_lines(facts: Sequence[AuditFact], names: Mapping[str, str]) -> bytes:
    """One JSON object for each entry, with the names of ``COLUMNS``."""
    return b"".join(orjson.dumps(_entry(fact, names), option=orjson.OPT_APPEND_NEWLINE) for fact in facts)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _entry(fact: AuditFact, names: Mapping[str, str]) -> dict[str, object]:
    values = (
        fact.at,
        fact.actor,
        names.get(fact.actor, fact.actor),
        fact.client,
        fact.action,
        fact.outcome,
        fact.target_type,
        fact.target_id,
        fact.target_name,
        fact.status,
        masked_changes(fact),
        list(fact.rules),
        fact.detail,
        fact.request_id,
        fact.source,
        fact.id,
    )
    return dict(zip(COLUMNS, values, strict=True))
