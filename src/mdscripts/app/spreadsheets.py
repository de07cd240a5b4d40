"""CSV for people with a spreadsheet: how a line is written, a time is shown, and a formula is none."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a cell begins with that some spreadsheet calculates; blanks before it do not hinder it."""


def csv_heading(names: Sequence[str]) -> bytes:
    """The first line, after the mark by which spreadsheets know UTF-8."""
    return codecs.BOM_UTF8 + _written([names])


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """One line for each row. A text that a spreadsheet would calculate gets an apostrophe in front."""
    return _written([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def sheet_time(at: str, zone: ZoneInfo) -> str:
    """A stored time (UTC text) as spreadsheets take it for a time: ``2026-11-24 09:13:05``, in a zone."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _written(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
