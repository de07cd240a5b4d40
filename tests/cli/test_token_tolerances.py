"""``mdscripts token tolerance``."""

from typing import Any

from mdscripts.scim.tolerances import ALL
from tests.cli.conftest import CommandLine

TOKEN = ("token", "tolerance", "--organization", "maple")


def issued(clinic: CommandLine) -> str:
    made: Any = clinic.ok("token", "create", "--organization", "maple", "--label", "Okta", "--json").json
    return str(made["id"])


def test_it_lists_every_tolerance_with_its_state_and_counter(clinic: CommandLine) -> None:
    token = issued(clinic)
    lines = clinic.ok(*TOKEN, token).out.splitlines()
    assert lines[0].split() == ["ID", "ON", "SWITCHED", "USES", "LAST", "USED", "WHAT"]
    assert [line.split()[0] for line in lines[1:]] == list(ALL)
    assert next(line for line in lines if line.startswith("create-on-absent ")).split()[1:5] == ["no", "no", "0", "-"]


def test_it_switches_several_at_once_and_says_so(clinic: CommandLine) -> None:
    token = issued(clinic)
    said = clinic.ok(*TOKEN, token, "--on", "create-on-absent", "--off", "path-keys", "text-booleans").out
    assert said.splitlines() == [
        f"text-booleans is off for token {token}.",
        f"path-keys is off for token {token}.",
        f"create-on-absent is on for token {token}.",
    ]
    assert "so already" in clinic.ok(*TOKEN, token, "--off", "path-keys").out


def test_after_switching_it_lists_if_asked(clinic: CommandLine) -> None:
    token = issued(clinic)
    lines = clinic.ok(*TOKEN, token, "--off", "path-keys", "--list").out.splitlines()
    assert next(line for line in lines if line.startswith("path-keys ")).split()[1:3] == ["no", "yes"]


def test_it_prints_json(clinic: CommandLine) -> None:
    token = issued(clinic)
    rows: Any = clinic.ok(*TOKEN, token, "--off", "path-keys", "--json").json
    row = next(row for row in rows if row["id"] == "path-keys")
    assert (row["on"], row["switched"], row["uses"]) == (False, True, 0)
    assert row["when_off"] == ALL["path-keys"].strict_answer


def test_it_fails_with_a_sentence(clinic: CommandLine) -> None:
    token = issued(clinic)
    assert "There is no tolerance 'nonsense'" in clinic.failure(*TOKEN, token, "--on", "nonsense")
    assert clinic.failure(*TOKEN, "nobody").startswith("maple has no token with the id 'nobody'.")
