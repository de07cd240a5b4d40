"""Times as people read them."""

from datetime import UTC, datetime

import pytest

from mdscripts.web.pages.moments import ago, day, moment, zone_of

EASTERN = zone_of(("US/Eastern",))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("choices", "zone"),
    [
        (("US/Eastern", "US/Central"), "US/Eastern"),
        ((None, "US/Central", "US/Alaska"), "US/Central"),
        ((None, None, "US/Alaska"), "US/Alaska"),
        ((None, None, None), "UTC"),
        (("../../etc/passwd", "US", "zone.tab", "\0", 5), "UTC"),
        ((), "UTC"),
    ],
)
def test_the_nearest_zone_that_is_one_counts(choices: tuple[object, ...], zone: str) -> None:
    assert zone_of(choices).key == zone


@pytest.mark.parametrize(
    ("zone", "stored", "shown"),
    [
        ("US/Eastern", "2026-11-24T14:13:05.123Z", "Nov 24, 2026, 9:13 AM EST"),
        ("US/Eastern", "2026-07-01T04:00:00.000Z", "Jul 1, 2026, 12:00 AM EDT"),
        ("US/Arizona", "2026-07-01T19:30:00.000Z", "Jul 1, 2026, 12:30 PM MST"),
        ("Asia/Kathmandu", "2026-11-24T23:59:59.999Z", "Nov 25, 2026, 5:44 AM UTC+05:45"),
        ("UTC", "2026-01-02T03:04:05.000Z", "Jan 2, 2026, 3:04 AM UTC"),
    ],
)
def test_a_moment_names_its_zone(zone: str, stored: str, shown: str) -> None:
    assert moment(stored, zone_of((zone,))) == f'<time datetime="{stored}">{shown}</time>'


def test_a_moment_may_have_seconds_and_a_day_has_the_whole_time_as_its_title() -> None:
    assert "9:13:05 AM EST" in moment("2026-11-24T14:13:05.123Z", EASTERN, seconds=True)
    assert '"Nov 24, 2026, 9:13 AM EST">Nov 24, 2026</time>' in day("2026-11-24T14:13:05.123Z", EASTERN)


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("2026-11-24T11:59:30.000Z", "just now"),
        ("2026-11-24T11:59:00.000Z", "1 minute ago"),
        ("2026-11-24T10:00:00.000Z", "2 hours ago"),
        ("2026-11-23T12:00:00.000Z", "1 day ago"),
        ("2026-10-01T12:00:00.000Z", "54 days ago"),
        ("2026-11-24T12:00:30.000Z", "in a moment"),
        ("2026-11-26T12:00:00.000Z", "in 2 days"),
    ],
)
def test_how_long_ago_it_was(stored: str, words: str) -> None:
    assert f">{words}</time>" in ago(stored, EASTERN, NOW)


def test_what_never_was_is_said_in_words() -> None:
    assert (moment(None, EASTERN), day("", EASTERN), ago(None, EASTERN)) == ("–", "–", "never")
