"""A service that answers 2xx and does the wrong thing is found out."""

import pytest

from mdscripts.simulator import scenarios
from mdscripts.simulator.journal import Journal, Step, Summary, TaskFailed
from mdscripts.simulator.okta import OktaApp
from mdscripts.simulator.people import Directory
from mdscripts.simulator.profile import EXTENSION, profile_of
from mdscripts.simulator.stage import Client
from tests.simulator.clinic import Clinic

PERSON = profile_of(Directory(1, ("00101",)).person(0))


def play(clinic: Clinic, name: str, client: Client, dialect: str) -> Summary:
    return scenarios.run(
        name,
        base_url=clinic.base_url,
        token=clinic.token,
        client=client,
        dialect=dialect,
        users=3,
        seed=1,
        sites=clinic.sites,
        on_step=lambda step: None,
    )


@pytest.mark.parametrize(
    ("defect", "scenario", "client", "dialect", "told"),
    [
        ("ignores-changes", "first-day", "okta", "oin", "timezone is"),
        ("ignores-changes", "leaver", "okta", "aiw", "active is true instead of false"),
        ("hides-inactive", "leaver", "okta", "oin", "Okta would create another"),
        ("hides-inactive", "leaver", "okta", "aiw", "Okta would create another"),
        ("no-patch", "leaver", "okta", "oin", "Not Implemented"),
        ("text-total", "first-day", "okta", "oin", "totalResults is not a whole number"),
        ("html-errors", "retry", "okta", "oin", "schemas does not name"),
        ("text-is-true", "entra-cycle", "entra", "default", "active is true instead of false"),
        ("remove-empties", "entra-groups", "entra", "default", "0 members instead of 2"),
        ("keeps-deleted", "entra-leaver", "entra", "default", "200 OK"),
        ("duplicates", "bad-values", "okta", "oin", "Accepted with 201 what must be refused with 409"),
    ],
)
def test_it_notices(clinic: Clinic, defect: str, scenario: str, client: Client, dialect: str, told: str) -> None:
    clinic.defects.add(defect)
    summary = play(clinic, scenario, client, dialect)
    assert not summary.ok
    assert told in "\n".join(step.outcome for step in summary.failures)


@pytest.mark.parametrize(
    ("scenario", "client", "dialect"),
    [
        ("first-day", "okta", "oin"),
        ("leaver", "okta", "aiw"),
        ("retry", "okta", "oin"),
        ("entra-cycle", "entra", "default"),
        ("entra-cycle", "entra", "aadOptscim062020"),
        ("entra-groups", "entra", "default"),
        ("entra-leaver", "entra", "default"),
    ],
)
def test_it_is_content_with_a_service_without_defects(
    clinic: Clinic, scenario: str, client: Client, dialect: str
) -> None:
    assert play(clinic, scenario, client, dialect).failures == ()


@pytest.mark.parametrize("scenario", ["leaver", "first-day"])
def test_an_empty_204_is_as_good_as_the_whole_user(clinic: Clinic, scenario: str) -> None:
    clinic.defects.add("no-content")
    assert play(clinic, scenario, "okta", "oin").failures == ()


def test_a_service_without_groups_is_no_failure(clinic: Clinic) -> None:
    clinic.defects.add("no-groups")
    assert play(clinic, "group-push", "okta", "oin").failures == ()
    assert play(clinic, "entra-groups", "entra", "default").failures == ()


def test_a_page_that_comes_twice_is_noticed(clinic: Clinic, journal: Journal, steps: list[Step]) -> None:
    clinic.defects.add("repeats-page")
    for index in range(150):
        clinic.resources["Users"][str(index)] = {"id": str(index), "userName": f"u{index}@x.example"}
    OktaApp(journal).import_users()
    assert [step.ok for step in steps] == [True, False]
    assert "was already on an earlier page" in steps[1].outcome


def test_a_person_who_vanished_is_missed_by_the_import(clinic: Clinic, journal: Journal, steps: list[Step]) -> None:
    app = OktaApp(journal)
    user = app.assign(PERSON)
    del clinic.resources["Users"][user.scim_id]
    app.import_users()
    assert f"{user.name} is missing" in steps[-1].outcome


def test_a_value_that_was_changed_behind_oktas_back_is_shown_before_it_is_overwritten(
    clinic: Clinic, journal: Journal, steps: list[Step]
) -> None:
    app = OktaApp(journal)
    user = app.assign(PERSON)
    clinic.resources["Users"][user.scim_id][EXTENSION]["role"] = "Owner"
    app.force_sync(user)
    read, push = steps[-2:]
    assert read.outcome == "Changed since Okta last looked."
    assert [(change.attribute, change.after) for change in read.changes] == [("role", "Owner")]
    assert [(change.attribute, change.before) for change in push.changes] == [("role", "Owner")]
    assert read.ok
    assert push.ok


def test_a_refusal_reads_as_in_oktas_task_list(clinic: Clinic, journal: Journal, steps: list[Step]) -> None:
    with pytest.raises(TaskFailed):
        OktaApp(journal).assign({**PERSON, "siteNumbers": "99999"})
    assert steps[-1].outcome == (
        f"Automatic provisioning of user {PERSON['displayName']} to app MDScripts failed: "
        f"Error while creating user {PERSON['displayName']}: Bad Request. "
        "Errors reported by remote server: siteNumbers not found in your organization: 99999."
    )
    assert not steps[-1].ok


def test_a_wrong_token_ends_the_journey_at_once(clinic: Clinic) -> None:
    told: list[Step] = []
    summary = scenarios.run(
        "first-day",
        base_url=clinic.base_url,
        token="wrong",
        client="okta",
        dialect="oin",
        users=3,
        seed=1,
        sites=(),
        on_step=told.append,
    )
    assert [step.outcome for step in told] == [
        "Error authenticating: Unauthorized. Errors reported by remote server: The bearer token is not known."
    ]
    assert not summary.ok
    assert summary.users_before is None


def test_throttling_is_waited_for_and_told(clinic: Clinic, journal: Journal, steps: list[Step]) -> None:
    refusals = iter([True, True])
    answer = clinic.answer
    clinic.headers["Retry-After"] = "2"
    clinic.answer = lambda request: (  # type: ignore[method-assign]
        (429, {"detail": "slow down"}) if next(refusals, False) else answer(request)
    )
    assert OktaApp(journal).test_credentials() == 0
    assert "slow down (429); waited 2 s, 4 s." in steps[0].outcome
    assert steps[0].ok
    summary = journal.summary("x", "okta", "oin", 0, 0)
    assert summary.calls == 3
    assert summary.counts == {"throttled": 2}
