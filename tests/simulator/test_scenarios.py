"""Choosing, running and repeating journeys."""

import socket

import pytest

from mdscripts.simulator import scenarios
from mdscripts.simulator.journal import Progress, Step, Summary
from mdscripts.simulator.scenarios import DIALECTS, SCENARIOS, default_scenario
from mdscripts.simulator.stage import Client
from tests.simulator.clinic import EXTENSION, Clinic


def run(clinic: Clinic, name: str, **wishes: object) -> tuple[Summary, list[Step]]:
    told: list[Step] = []
    arguments: dict[str, object] = {
        "base_url": clinic.base_url,
        "token": clinic.token,
        "client": "okta",
        "dialect": "oin",
        "users": 3,
        "seed": 1,
        "sites": clinic.sites,
        "on_step": told.append,
    }
    return scenarios.run(name, **(arguments | wishes)), told  # type: ignore[arg-type]


def test_every_scenario_has_a_name_of_its_own_and_one_line_of_description() -> None:
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name
        assert scenario.client in DIALECTS
        assert scenario.description.endswith(".")
        assert "\n" not in scenario.description


@pytest.mark.parametrize(
    ("client", "users", "name"),
    [
        ("okta", 3, "first-day"),
        ("okta", 10_000, "import"),
        ("entra", 3, "entra-cycle"),
        ("entra", 25, "entra-initial-cycle"),
    ],
)
def test_few_users_get_a_story_and_many_a_long_run(client: Client, users: int, name: str) -> None:
    assert default_scenario(client, users) == name
    assert SCENARIOS[name].client == client


@pytest.mark.parametrize(
    ("name", "wishes", "told"),
    [
        ("no-such-thing", {}, "choose one of first-day, leaver"),
        ("entra-cycle", {}, "no scenario 'entra-cycle' for okta"),
        ("first-day", {"dialect": "default"}, "choose one of oin, aiw"),
        ("first-day", {"users": 0}, "at least one user"),
        ("first-day", {"base_url": "clinic.example"}, "base URL"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(clinic: Clinic, name: str, wishes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        run(clinic, name, **wishes)
    assert clinic.seen == []


def test_a_silent_server_is_a_failure_in_the_summary(clinic: Clinic) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    summary, told = run(clinic, "first-day", base_url=f"http://127.0.0.1:{port}/scim/v2")
    assert not summary.ok
    assert [step.status for step in told] == [0]
    assert f"nothing answers at 127.0.0.1:{port}" in told[0].outcome


@pytest.mark.parametrize("dialect", DIALECTS["okta"])
def test_a_journey_can_be_repeated(clinic: Clinic, dialect: str) -> None:
    first, _ = run(clinic, "first-day", dialect=dialect)
    second, _ = run(clinic, "first-day", dialect=dialect)
    assert (first.failures, second.failures) == ((), ())
    assert (first.counts["created"], first.users_before, first.users_after) == (3, 0, 3)
    assert "created" not in second.counts
    assert (second.counts["known"], second.users_before, second.users_after) == (3, 3, 3)


def test_the_named_existing_user_is_linked_with_role_and_names_kept(clinic: Clinic) -> None:
    clinic.resources["Users"]["1"] = {
        "id": "1",
        "userName": "dana.lee@clinic.example",
        "name": {"givenName": "Dana", "familyName": "Lee"},
        "active": True,
        EXTENSION: {"role": "Manager", "siteNumbers": "00101"},
    }
    summary, _ = run(clinic, "first-day", link_user_name="dana.lee@clinic.example")
    linked = clinic.resources["Users"]["1"]
    assert summary.failures == ()
    assert summary.counts["linked"] == 1
    assert linked["externalId"].startswith("00u")
    assert linked["name"] == {"givenName": "Dana", "familyName": "Lee"}
    assert linked[EXTENSION]["role"] == "Manager"
    assert linked[EXTENSION]["siteNumbers"].startswith("00101")
    names = [user["userName"] for user in clinic.resources["Users"].values()]
    assert all(name.endswith("@clinic.example") for name in names)


def test_site_numbers_are_learnt_from_existing_users(clinic: Clinic) -> None:
    clinic.resources["Users"]["1"] = {
        "id": "1",
        "userName": "morgan@clinic.example",
        EXTENSION: {"siteNumbers": "20017, 00101"},
    }
    run(clinic, "first-day", sites=())
    given = {
        site
        for user in clinic.resources["Users"].values()
        for site in user[EXTENSION].get("siteNumbers", "").replace(" ", "").split(",")
    }
    assert given == {"00101", "20017"}


def test_many_people_are_assigned_at_once_and_counted_exactly(clinic: Clinic) -> None:
    summary, told = run(clinic, "import", users=250)
    assert summary.failures == ()
    assert (summary.users_before, summary.users_after) == (0, 250)
    assert summary.counts == {"created": 250, "imported": 250}
    assert summary.calls == summary.steps == 1 + 500 + 3 + 1
    assert [step.number for step in told] == list(range(1, summary.steps + 1))
    progress = [step.progress.done for step in told if step.progress]
    assert progress == sorted(progress)
    assert told[-1].outcome == "The organization has 250 users, exactly: 0 before, 250 created."


def test_a_long_import_is_one_long_run_between_its_first_and_last_page(clinic: Clinic) -> None:
    for index in range(720):
        clinic.resources["Users"][str(index)] = {"id": str(index), "userName": f"u{index}@x.example"}
    summary, told = run(clinic, "import", users=1)
    pages = [(step.path, step.progress) for step in told if step.action == "Import Now"]
    assert summary.failures == ()
    assert [path.split("=")[1].split("&")[0] for path, _ in pages] == [str(n) for n in range(1, 721, 100)]
    assert [progress is None for _, progress in pages] == [True, *[False] * 6, True]
    assert pages[-2][1] == Progress("Import page by page", 5, 6)


def test_a_refused_person_does_not_stop_the_others(clinic: Clinic) -> None:
    summary, _ = run(clinic, "import", users=40, sites=("00101", "88888"))
    refused = [step for step in summary.failures if step.method == "POST"]
    assert refused
    assert summary.counts["created"] + len(refused) == 40
    assert summary.users_after == summary.counts["created"]


def test_users_who_appear_from_elsewhere_spoil_the_count(clinic: Clinic) -> None:
    told: list[Step] = []

    def intrude(step: Step) -> None:
        told.append(step)
        if step.method == "POST":
            clinic.resources["Users"]["x"] = {"id": "x", "userName": "x@x.example"}

    summary, _ = run(clinic, "leaver", on_step=intrude)
    assert [step.outcome for step in summary.failures] == [
        "The organization has 2 users instead of 1 (0 before, 1 created)."
    ]


def test_an_interruption_while_many_are_on_their_way_comes_through(clinic: Clinic) -> None:
    def interrupt(step: Step) -> None:
        if step.progress and step.progress.done >= 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(clinic, "import", users=500, on_step=interrupt)
    assert len(clinic.resources["Users"]) < 400
