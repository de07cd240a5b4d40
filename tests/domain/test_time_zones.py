"""Time zone names, whatever the operating system has."""

import subprocess
import sys
import zoneinfo

import pytest

from mdscripts.domain.time_zones import SEED_ZONES, ZONE_NAMES, is_fixed_offset, parse_time_zone
from mdscripts.domain.violations import RuleViolation


def test_every_zone_of_the_guide_is_known():
    assert set(SEED_ZONES) <= ZONE_NAMES


def test_no_two_names_differ_in_case_only():
    assert len({name.lower() for name in ZONE_NAMES}) == len(ZONE_NAMES)


def test_every_name_can_be_opened():
    for name in ZONE_NAMES:
        assert zoneinfo.ZoneInfo(name).key == name


def test_it_does_not_need_the_database_of_the_operating_system():
    program = "from mdscripts.domain.time_zones import parse_time_zone; print(parse_time_zone('us/eastern'))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONTZPATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "US/Eastern"


@pytest.mark.parametrize("name", sorted(ZONE_NAMES))
def test_it_accepts_every_name_in_any_case(name):
    assert parse_time_zone(name) == name
    assert parse_time_zone(f" {name.upper()} ") == name
    assert parse_time_zone(name.replace("_", " ")) == name


@pytest.mark.parametrize(
    ("windows", "name"),
    [
        ("Eastern Standard Time", "US/Eastern"),
        ("central standard time", "US/Central"),
        ("Mountain Standard Time", "US/Mountain"),
        ("Pacific Standard Time", "US/Pacific"),
        ("Alaskan Standard Time", "US/Alaska"),
        ("Hawaiian Standard Time", "US/Hawaii"),
        ("Aleutian Standard Time", "US/Aleutian"),
        ("US Eastern Standard Time", "US/East-Indiana"),
        ("US Mountain Standard Time", "US/Arizona"),
        ("SA Western Standard Time", "America/Puerto_Rico"),
        ("West Pacific Standard Time", "Pacific/Guam"),
        ("UTC-11", "US/Samoa"),
    ],
)
def test_it_translates_a_windows_name_in_the_refusal(windows, name):
    with pytest.raises(RuleViolation) as refused:
        parse_time_zone(windows)
    assert refused.value.rule == "TZ-05"
    assert f"Use '{name}' instead." in refused.value.message
    assert name in ZONE_NAMES


@pytest.mark.parametrize(
    "text",
    [
        "US",
        "America",
        "zone.tab",
        "../x",
        "/etc/localtime",
        "x" * 300,
        "US/Eastern\x00",
        "US\\Eastern",
        "UTC+5",
    ],
)
def test_it_refuses_what_zoneinfo_would_stumble_over(text):
    with pytest.raises(RuleViolation) as refused:
        parse_time_zone(text)
    assert refused.value.rule == "TZ-06"


def test_a_place_without_daylight_saving_is_no_fixed_offset():
    assert [name for name in ("US/Hawaii", "US/Arizona", "EST", "Etc/GMT+5", "EST5EDT") if is_fixed_offset(name)] == [
        "EST",
        "Etc/GMT+5",
    ]
