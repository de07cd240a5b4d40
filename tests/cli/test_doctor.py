"""``doctor``: each check, and what it tells to do."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from mdscripts.cli import doctor
from tests.cli.conftest import CommandLine
from tests.support.processes import PROJECT


def findings(command_line: CommandLine, status: int) -> dict[str, dict[str, object]]:
    outcome = command_line("doctor", "--json")
    assert outcome.status == status, outcome
    report = json.loads(outcome.out)
    assert report["ok"] is (status == 0)
    return {check["name"]: check for check in report["checks"]}


def test_on_a_healthy_installation_every_check_is_green(clinic: CommandLine) -> None:
    checks = findings(clinic, 0)
    assert list(checks) == [
        *("settings", "time zones", "permissions", "database", "migrations", "clock", "managers", "journal mode"),
    ]
    assert "US/Hawaii" in str(checks["time zones"]["finding"])
    assert "SQLite" in str(checks["database"]["finding"])
    assert checks["journal mode"]["finding"] == "wal"
    people = clinic.ok("doctor").out
    assert people.count("\nok ") == 8
    assert "FAILED" not in people


def test_a_database_that_does_not_exist_is_explained(
    unconfigured: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{tmp_path / 'none.db'}")
    assert findings(unconfigured, 1)["database"]["remedy"] == "Create it: mdscripts migrate"
    outcome = unconfigured("doctor")
    assert "FAILED  database" in outcome.out
    assert "\ndatabase: Create it: mdscripts migrate" in outcome.out
    assert outcome.err == "mdscripts: 1 of 4 checks failed.\n"


def test_an_outdated_schema_names_the_command_to_run(
    unconfigured: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.db").touch()
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{tmp_path / 'empty.db'}")
    assert "Run: mdscripts migrate" in str(findings(unconfigured, 1)["database"]["remedy"])


def test_a_directory_that_does_not_exist_is_named(
    unconfigured: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")
    assert findings(unconfigured, 1)["permissions"]["remedy"] == f"Create it: mkdir -p {tmp_path / 'nowhere'}"


def test_a_place_that_cannot_be_written_is_named(clinic: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, who may write everywhere; the question to the system is what differs.
    monkeypatch.setattr(os, "access", lambda place, _mode: not str(place).endswith("clinic.db"))
    check = findings(clinic, 1)["permissions"]
    assert str(check["finding"]).endswith("clinic.db")
    assert "write permission" in str(check["remedy"])


def test_a_misspelt_variable_is_named(clinic: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDSCRIPTS_PUBLIC_ADDRESS", "https://clinic.example")
    assert findings(clinic, 1)["settings"]["finding"] == "not a setting: MDSCRIPTS_PUBLIC_ADDRESS"


def test_a_wrong_setting_ends_the_examination(clinic: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDSCRIPTS_PORT", "many")
    checks = findings(clinic, 1)
    assert list(checks) == ["settings"]
    assert "MDSCRIPTS_PORT is 'many'" in str(checks["settings"]["finding"])


def test_a_missing_time_zone_is_named(clinic: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SEED_ZONES", ("US/Eastern", "US/Pacific-New"))
    check = findings(clinic, 1)["time zones"]
    assert check["finding"] == "missing: US/Pacific-New"
    assert "tzdata" in str(check["remedy"])


def test_a_clock_behind_the_data_is_noticed(clinic: CommandLine) -> None:
    path = os.environ["MDSCRIPTS_DATABASE"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE organization SET created_at = '2999-01-01T00:00:00.000Z'")
    check = findings(clinic, 1)["clock"]
    assert str(check["finding"]).endswith("is earlier than 2999-01-01T00:00:00.000Z")


def test_a_database_without_write_ahead_log_is_noticed(clinic: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "delete.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE x (y)")
    assert doctor._journal_mode(path).ok is False


def test_organizations_without_a_manager_are_a_warning_that_says_what_to_do(clinic: CommandLine) -> None:
    clinic.ok("user", "deactivate", "--organization", "maple", "maria@maple.example")
    check = findings(clinic, 0)["managers"]
    assert (check["ok"], check["warning"], check["finding"]) == (True, True, "no active manager: maple")
    shown = clinic.ok("doctor").out
    assert "\nWARNING  managers" in shown
    assert "\nmanagers: Nobody can open Admin Home there." in shown
    for command in ("user reactivate", "user create", "user password-link"):
        assert f"mdscripts {command} --organization maple" in shown
    assert (PROJECT / doctor.HOW_TO_GET_A_MANAGER_BACK).is_file()
    clinic.ok("user", "reactivate", "--organization", "maple", "maria@maple.example")
    assert findings(clinic, 0)["managers"]["warning"] is False


def test_of_many_organizations_without_a_manager_the_first_are_named(clinic: CommandLine) -> None:
    path = os.environ["MDSCRIPTS_DATABASE"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO organization (organization_id, slug, name, okta_scim_enabled, created_at, settings)"
            " VALUES (?, ?, 'Clinic', 0, '2026-11-24T08:00:00.000Z', '{}')",
            [(f"o{number:04}", f"clinic-{number:04}") for number in range(1_500)],
        )
    finding = str(findings(clinic, 0)["managers"]["finding"])
    assert finding.startswith("no active manager: clinic-0000, clinic-0001, ")
    assert finding.endswith("clinic-0019 and 1,480 more")
