"""Times as text."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mdscripts.domain.moments import hour_text, moment_text, shifted


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    assert moment_text(datetime(2026, 11, 24, 9, 5, tzinfo=ZoneInfo("America/Chicago"))) == "2026-11-24T15:05:00.000Z"
    assert moment_text(datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)) == "2026-01-02T03:04:05.678Z"


@pytest.mark.parametrize(
    ("by", "later"),
    [
        (timedelta(minutes=15), "2026-03-01T00:14:59.500Z"),
        (-timedelta(days=1), "2026-02-27T23:59:59.500Z"),
    ],
)
def test_a_stored_time_can_be_moved(by: timedelta, later: str) -> None:
    assert shifted("2026-02-28T23:59:59.500Z", by) == later


def test_statistics_are_kept_by_the_hour_in_utc() -> None:
    assert hour_text(datetime(2026, 11, 24, 23, 59, tzinfo=ZoneInfo("Asia/Kolkata"))) == "2026-11-24T18"
