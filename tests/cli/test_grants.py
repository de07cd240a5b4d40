"""``mdscripts grant``: groups give roles and sites, and ``user show`` says what comes from where."""

import asyncio
import os

import pytest

from mdscripts.app.ports import Facts, GroupRow, InsertGroup
from mdscripts.scim.filters import fold
from mdscripts.storage import open_storage
from tests.cli.conftest import CommandLine

MAPLE = ("--organization", "maple")
MARIA = "maria@maple.example"


async def push(names: tuple[str, ...]) -> None:
    """Groups with Maria in them, as Okta would push them."""
    storage = await open_storage(os.environ["MDSCRIPTS_DATABASE"])
    try:
        organization = await storage.find_organization_by_slug("maple")
        assert organization is not None
        store = storage.for_organization(organization.id)
        maria = await store.find_user_by_name(MARIA)
        assert maria is not None
        for name in names:
            at = "2026-11-24T08:00:00.000Z"
            row = GroupRow(f"id-of-{name}", name, fold(name), None, at, at, f'{{"displayName":"{name}"}}')
            await store.commit([InsertGroup(row, (maria.id,))], Facts())
    finally:
        await storage.close()


@pytest.fixture
def pushed(clinic: CommandLine) -> CommandLine:
    asyncio.run(push(("Doctors", "Nurses")))
    return clinic


def test_a_group_grants_and_a_person_shows_where_it_comes_from(pushed: CommandLine) -> None:
    said = pushed.ok("grant", "set", *MAPLE, "--group", "nurses", "--role", "Assistant", "--site", "00102").out
    assert said == "Nurses grants the role Assistant and 00102, at position 1. 1 person has another access now.\n"
    shown = pushed.ok("user", "show", *MAPLE, MARIA).out
    assert "role             Manager" in shown
    assert "effective_role   Assistant (group Nurses)" in shown
    assert "effective_sites  00101 (direct), 00102 (direct, group Nurses)" in shown
    access = pushed.ok("user", "show", *MAPLE, MARIA, "--json").json["access"]  # type: ignore[index]
    assert access["role"] == {"value": "Assistant", "source": "group Nurses"}
    assert access["sites"][1] == {"number": "00102", "source": "direct", "sources": ["direct", "group Nurses"]}


def test_grants_are_listed_moved_and_removed(pushed: CommandLine) -> None:
    assert pushed.ok("grant", "list", *MAPLE).out == "No group of maple grants anything yet.\n"
    pushed.ok("grant", "set", *MAPLE, "--group", "Nurses", "--site", "00101,00102")
    made = pushed.ok("grant", "set", *MAPLE, "--group", "id-of-Doctors", "--role", "Manager", "--json").json
    assert isinstance(made, dict)
    assert (made["group"], made["position"], made["people_changed"]) == ("Doctors", 2, 0)
    pushed.ok("grant", "move", *MAPLE, "--group", "Doctors", "--position", "1")
    rows = pushed.ok("grant", "list", *MAPLE).out.splitlines()
    assert [row.split() for row in rows] == [
        ["POSITION", "GROUP", "ROLE", "SITES"],
        ["1", "Doctors", "Manager", "-"],
        ["2", "Nurses", "-", "00101,", "00102"],
    ]
    assert pushed.ok("grant", "remove", *MAPLE, "--group", "Doctors").out.startswith("Doctors grants nothing.")
    left = pushed.ok("grant", "list", *MAPLE, "--json").json
    assert [(grant["group"], grant["position"]) for grant in left] == [("Nurses", 1)]  # type: ignore[attr-defined]


def test_what_cannot_be_granted_is_said_in_one_sentence(pushed: CommandLine) -> None:
    for words, said in (
        (("set", "--group", "Nurse", "--role", "Manager"), "maple has no group 'Nurse'. Did you mean 'Nurses'?"),
        (("set", "--group", "Nurses"), "A group must grant a role, sites or both."),
        (("set", "--group", "Nurses", "--site", "101"), "Did you mean 00101?"),
        (("move", "--group", "Nurses", "--position", "1"), "The group Nurses grants nothing."),
        (("move", "--group", "Nurses", "--position", "0"), "Positions count from 1."),
    ):
        assert said in pushed.failure("grant", words[0], *MAPLE, *words[1:])
