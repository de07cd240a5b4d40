"""Every journey against the real server, in every dialect, twice."""

import secrets

import pytest

from mdscripts.simulator import scenarios
from mdscripts.simulator.journal import Step, Summary
from mdscripts.simulator.scenarios import DIALECTS, SCENARIOS
from tests.support.names import fresh_word
from tests.support.scim_server import ScimServer

EVERY_JOURNEY = [(scenario.name, dialect) for scenario in SCENARIOS.values() for dialect in DIALECTS[scenario.client]]


def play(server: ScimServer, name: str, dialect: str, seed: int, **wishes: object) -> Summary:
    client = SCENARIOS[name].client
    arguments: dict[str, object] = {
        "base_url": server.base_url,
        "token": server.token if client == "okta" else server.token_entra,
        "client": client,
        "dialect": dialect,
        "users": 3,
        "seed": seed,
        "sites": server.sites,
        "on_step": lambda step: None,
    }
    return scenarios.run(name, **(arguments | wishes))  # type: ignore[arg-type]


def failures(summary: Summary) -> list[str]:
    return [f"{step.number}. {step.action}: {step.title}: {step.outcome}" for step in summary.failures]


@pytest.mark.parametrize(("name", "dialect"), EVERY_JOURNEY)
def test_the_journey_goes_well_and_can_be_repeated(scim_server: ScimServer, name: str, dialect: str) -> None:
    seed = secrets.randbits(32)
    assert failures(play(scim_server, name, dialect, seed)) == []
    assert failures(play(scim_server, name, dialect, seed)) == []


@pytest.mark.parametrize("dialect", DIALECTS["okta"])
def test_three_people_arrive_and_are_found_again(scim_server: ScimServer, dialect: str) -> None:
    seed = secrets.randbits(32)
    first = play(scim_server, "first-day", dialect, seed)
    assert failures(first) == []
    assert first.counts["created"] == 3
    assert first.users_after == (first.users_before or 0) + 3
    second = play(scim_server, "first-day", dialect, seed)
    assert "created" not in second.counts
    assert second.counts["known"] == 3


@pytest.mark.parametrize("dialect", DIALECTS["okta"])
def test_a_local_user_is_linked_and_keeps_the_role(scim_server: ScimServer, dialect: str) -> None:
    user_name = f"local.{fresh_word()}@sample.example"
    made = scim_server.mdscripts_json(
        "user", "create", "--organization", scim_server.organization, "--username", user_name,
        "--given-name", "Dana", "--family-name", "Lee", "--role", "Manager", "--site", scim_server.sites[0],
    )  # fmt: skip
    told: list[Step] = []
    wishes = {"link_user_name": user_name, "on_step": told.append}
    summary = play(scim_server, "link-existing", dialect, secrets.randbits(32), **wishes)
    assert failures(summary) == []
    assert summary.counts["linked"] == 1
    linked = next(step for step in told if "is linked" in step.outcome)
    assert str(made["id"]) in linked.outcome
    assert "role" not in [change.attribute for change in linked.changes]


def test_refusals_reach_the_okta_administrator_in_words(scim_server: ScimServer) -> None:
    told: list[Step] = []
    summary = play(scim_server, "bad-values", "oin", secrets.randbits(32), on_step=told.append)
    assert failures(summary) == []
    texts = [step.outcome for step in told if step.status == 400]
    assert len(texts) >= 20
    assert all("Bad Request. Errors reported by remote server: " in text for text in texts)
    assert any("check digit does not match" in text and "[NPI-05]" in text for text in texts)


def test_hundreds_are_imported_with_the_count_exact(scim_server: ScimServer) -> None:
    seed = secrets.randbits(32)
    summary = play(scim_server, "import", "oin", seed, users=300)
    assert failures(summary) == []
    assert summary.counts["created"] == 300
    assert summary.users_after == (summary.users_before or 0) + 300
    again = play(scim_server, "import", "oin", seed, users=300)
    assert failures(again) == []
    assert again.counts["known"] == 300
    assert again.users_after == again.users_before
