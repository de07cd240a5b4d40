"""``mdscripts organization alias-urns``."""

import pytest

from mdscripts.app.schemas import MDSCRIPTS_URN
from tests.cli.conftest import CommandLine

ALIASES = ("organization", "alias-urns", "maple")
CUSTOM, ACME = "urn:ietf:params:scim:schemas:extension:custom:2.0:User", "urn:acme:User"


def test_at_first_there_are_none(clinic: CommandLine) -> None:
    assert clinic.ok(*ALIASES).out == "maple has no alias URNs.\n"
    assert clinic.ok(*ALIASES, "--json").json == []


def test_urns_are_added_and_removed_whatever_their_letter_case(clinic: CommandLine) -> None:
    lines = clinic.ok(*ALIASES, "--add", CUSTOM, ACME).out.splitlines()
    assert [line.split() for line in lines] == [
        ["URN", "SET", "FOR"],
        [CUSTOM, "organization"],
        [ACME, "organization"],
    ]
    changed = clinic.ok(*ALIASES, "--remove", CUSTOM.upper(), "--add", "urn:third", "--json").json
    assert changed == [{"urn": ACME, "set_for": "organization"}, {"urn": "urn:third", "set_for": "organization"}]
    clinic.ok(*ALIASES, "--remove", ACME, "urn:third")
    assert clinic.ok(*ALIASES).out == "maple has no alias URNs.\n"


def test_those_of_the_installation_are_shown_beside_them(clinic: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDSCRIPTS_ALIAS_URNS", CUSTOM)
    assert clinic.ok(*ALIASES, "--add", ACME, "--json").json == [
        {"urn": ACME, "set_for": "organization"},
        {"urn": CUSTOM, "set_for": "installation"},
    ]
    assert "has no alias URN" in clinic.failure(*ALIASES, "--remove", CUSTOM)


def test_it_fails_with_one_sentence_for_each_fault_and_changes_nothing(clinic: CommandLine) -> None:
    said = clinic.failure(*ALIASES, "--add", ACME, "teleport", MDSCRIPTS_URN)
    assert "'teleport' is no URN." in said
    assert "is the MDScripts namespace itself." in said
    assert clinic.ok(*ALIASES, "--json").json == []
    assert clinic.failure(*ALIASES, "--remove", ACME) == f"maple has no alias URN '{ACME}' of its own."
    assert "no organization with the slug 'nobody'" in clinic.failure("organization", "alias-urns", "nobody")


def test_its_help_says_when_it_is_needed(clinic: CommandLine) -> None:
    said = clinic.ok(*ALIASES[:2], "--help").out
    assert "External namespace" in said
    assert "--add" in said
    assert "mdscripts organization alias-urns maple-street-clinic" in said
