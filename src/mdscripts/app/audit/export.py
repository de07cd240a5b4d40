"""The audit as files: CSV for people with a spreadsheet, JSON Lines for programs; one batch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import orjson

from mdscripts.app.audit.words import (
    OUTCOMES,
    TARGETS,
    ShownChange,
    action_label,
    actor_label,
    masked_changes,
    sentence_of,
    shown_changes,
    target_label,
    through_label,
)
from mdscripts.app.ports import AuditFact
from mdscripts.app.spreadsheets import csv_heading, csv_lines, sheet_time

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
"""Of a line of JSON Lines."""

_HEADINGS = (
    "What happened",
    "About a",
    "Name",
    "Done by",
    "Through",
    "Result",
    "Changes",
    "Message",
    "Rules",
    "From address",
    "Entry id",
)
"""Of a row of CSV, behind the time."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The audit as CSV for people: plain words, and times in the zone that the heading names."""

    zone: ZoneInfo
    organization_name: str

    def heading(self) -> bytes:
        """The first line, after the mark by which spreadsheets know UTF-8."""
        return csv_heading((f"Time ({self.zone.key})", *_HEADINGS))

    def lines(self, facts: Sequence[AuditFact], names: Mapping[str, str]) -> bytes:
        """One line for each entry. ``names``: what to call actors, by ``AuditFact.actor``."""
        return csv_lines(self._line(fact, names) for fact in facts)

    def _line(self, fact: AuditFact, names: Mapping[str, str]) -> tuple[str, ...]:
        return (
            sheet_time(fact.at, self.zone),
            action_label(fact.action),
            TARGETS.get(fact.target_type, fact.target_type).capitalize(),
            target_label(fact, self.organization_name),
            actor_label(fact, names),
            through_label(fact),
            OUTCOMES.get(fact.outcome, fact.outcome),
            "; ".join(_change(change) for change in shown_changes(fact)),
            sentence_of(fact),
            " ".join(fact.rules),
            fact.source,
            fact.id,
        )


def _change(change: ShownChange) -> str:
    return f"{change.label}: {change.old or 'not set'} → {change.new or 'not set'}"


def json_lines(facts: Sequence[AuditFact], names: Mapping[str, str]) -> bytes:
    """One JSON object for each entry, with the names of ``COLUMNS``."""
    return b"".join(orjson.dumps(_entry(fact, names), option=orjson.OPT_APPEND_NEWLINE) for fact in facts)


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
