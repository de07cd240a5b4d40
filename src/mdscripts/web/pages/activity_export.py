"""Activity as a file: CSV for people with a spreadsheet, JSON Lines for a program. Written while it is read."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
from starlette.responses import Response, StreamingResponse

from mdscripts.app.ports.activity import ActivityEntry, ExchangeTexts
from mdscripts.app.spreadsheets import csv_heading, csv_lines, sheet_time
from mdscripts.web.pages import activity_words as words
from mdscripts.web.pages.activity import Filters
from mdscripts.web.pages.visit import Visit

COLUMNS = (
    "time",
    "client",
    "token",
    "operation",
    "person",
    "id",
    "result",
    "status",
    "rules",
    "message",
    "milliseconds",
    "address",
    "request_id",
)
"""Of a line of JSON Lines."""

_HEADINGS = (
    "What happened",
    "Person or group",
    "Result",
    "Message",
    "Rules",
    "Client",
    "Token",
    "From address",
    "Answer status",
    "Took (ms)",
    "Request id",
)
"""Of a row of CSV, behind the time."""


async def as_csv(visit: Visit) -> Response:
    """The entries that the filters find, one row each, without messages."""
    return _file(_csv_lines(visit), "csv", "text/csv; charset=utf-8")


async def as_json_lines(visit: Visit) -> Response:
    """The entries that the filters find, one object each, with masked messages."""
    return _file(_json_lines(visit), "jsonl", "application/jsonl")


def _file(lines: AsyncIterator[bytes], ending: str, media_type: str) -> Response:
    name = f"activity-{datetime.now(UTC):%Y-%m-%d}.{ending}"
    return StreamingResponse(
        lines, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


async def _pages(visit: Visit) -> AsyncIterator[Sequence[ActivityEntry]]:
    query = Filters.read(visit.query).query(visit.zone, datetime.now(UTC))
    async for entries in visit.services.activity.everything(visit.organization, query):
        yield entries


async def _csv_lines(visit: Visit) -> AsyncIterator[bytes]:
    yield csv_heading((f"Time ({visit.zone.key})", *_HEADINGS))
    async for entries in _pages(visit):
        yield csv_lines(_told(entry, visit.zone) for entry in entries)


async def _json_lines(visit: Visit) -> AsyncIterator[bytes]:
    async for entries in _pages(visit):
        messages = await visit.services.activity.messages(visit.organization, entries)
        yield b"".join(_object(entry, messages.get(entry.id)) for entry in entries)


def _told(entry: ActivityEntry, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        sheet_time(entry.at, zone),
        words.OPERATIONS[entry.operation],
        entry.person,
        words.RESULTS[entry.result],
        entry.detail,
        " ".join(entry.rules),
        words.CLIENTS.get(entry.client, entry.client),
        entry.token_label,
        entry.source,
        entry.status,
        round(entry.milliseconds, 1),
        entry.id,
    )


def _row(entry: ActivityEntry) -> tuple[object, ...]:
    return (
        entry.at,
        entry.client,
        entry.token_label,
        entry.operation,
        entry.person,
        entry.target_id,
        entry.result,
        entry.status,
        " ".join(entry.rules),
        entry.detail,
        entry.milliseconds,
        entry.source,
        entry.id,
    )


def _object(entry: ActivityEntry, messages: ExchangeTexts | None) -> bytes:
    values: dict[str, object] = dict(zip(COLUMNS, _row(entry), strict=True))
    values["rules"] = entry.rules
    if messages is not None:
        values |= {name: orjson.Fragment(text) for name, text in messages._asdict().items()}
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
