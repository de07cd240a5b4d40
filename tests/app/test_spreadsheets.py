"""CSV for people with a spreadsheet."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from mdscripts.app.spreadsheets import csv_heading, csv_lines, harmless, sheet_time


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "  \uff0b1"])
def test_a_cell_never_begins_like_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_other_cells_and_numbers_stay_as_they_are() -> None:
    written = (csv_heading(["Name", "Count"]) + csv_lines([('O\'Neil, "Bo" = 1', -3), ("", 0.5)])).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written))) == [["Name", "Count"], ['O\'Neil, "Bo" = 1', "-3"], ["", "0.5"]]


def test_a_time_is_one_for_a_spreadsheet_too() -> None:
    assert sheet_time("2026-11-24T02:13:05.123Z", ZoneInfo("US/Hawaii")) == "2026-11-23 16:13:05"
