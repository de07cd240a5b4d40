"""Activity as a file: CSV for a spreadsheet, JSON Lines for a program. Written while it is read."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime

import orjson
from starlette.responses import Response, StreamingResponse

from mdscripts.app.activity_ports import ActivityEntry, ExchangeTexts
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
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
    yield _csv([COLUMNS])
    async for entries in _pages(visit):
        yield _csv(_row(entry) for entry in entries)


async def _json_lines(visit: Visit) -> AsyncIterator[bytes]:
    async for entries in _pages(visit):
        messages = await visit.services.activity.messages(visit.organization, entries)
        yield b"".join(_object(entry, messages.get(entry.id)) for entry in entries)


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) else cell


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
