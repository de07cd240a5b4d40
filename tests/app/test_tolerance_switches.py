"""Switching the tolerances of a connection: what counts, what is recorded, what is refused."""

import json

import pytest

from mdscripts.app.administration import Administration
from mdscripts.app.authentication import Authenticator
from mdscripts.app.ports import CredentialRecord
from mdscripts.app.refused import NotFoundHere
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.tolerances import ALL, CLIENTS, defaults
from tests.app.conftest import Office


@pytest.fixture
def administration(office: Office) -> Administration:
    authenticator = Authenticator(office.storage, office.scribe.clock, "support@mdscripts.com")
    return Administration(office.storage, office.scribe, authenticator, office.sites)


def issue(office: Office, administration: Administration, client: str = "okta") -> CredentialRecord:
    return office.run(administration.issue_token("sunrise", "Okta", client=client)).credential


def stored(office: Office, administration: Administration, key_id: str) -> dict[str, bool]:
    tokens = office.run(administration.list_tokens("sunrise"))
    switches: dict[str, bool] = json.loads(next(token.tolerances for token in tokens if token.key_id == key_id))
    return switches


@pytest.mark.parametrize("client", CLIENTS)
def test_a_new_token_has_the_tolerances_of_its_client(
    office: Office, administration: Administration, client: str
) -> None:
    token = issue(office, administration, client)
    states = office.run(administration.list_tolerances("sunrise", token.key_id))
    assert [state.tolerance.id for state in states] == list(ALL)
    assert {state.tolerance.id for state in states if state.on} == defaults(client)
    assert {(state.switched, state.uses, state.last_used_at) for state in states} == {(False, 0, None)}


def test_switching_is_stored_shown_and_recorded(office: Office, administration: Administration) -> None:
    token = issue(office, administration)
    switched = office.run(
        administration.switch_tolerances("sunrise", token.key_id, on=["create-on-absent"], off=["text-booleans"])
    )
    assert switched == ("create-on-absent", "text-booleans")
    states = {
        state.tolerance.id: state for state in office.run(administration.list_tolerances("sunrise", token.key_id))
    }
    assert (states["create-on-absent"].on, states["create-on-absent"].switched) == (True, True)
    assert (states["text-booleans"].on, states["text-booleans"].switched) == (False, True)
    fact = office.facts()[-1]
    assert (fact.action, fact.target_id, fact.target_name) == ("token.tolerances_changed", token.key_id, "Okta")
    assert json.loads(fact.changes) == [
        {"attribute": "create-on-absent", "old": False, "new": True},
        {"attribute": "text-booleans", "old": True, "new": False},
    ]


def test_switching_back_leaves_no_switch(office: Office, administration: Administration) -> None:
    token = issue(office, administration)
    office.run(administration.switch_tolerances("sunrise", token.key_id, off=["text-booleans", "path-keys"]))
    office.run(administration.switch_tolerances("sunrise", token.key_id, on=["text-booleans"]))
    assert stored(office, administration, token.key_id) == {"path-keys": False}


def test_what_is_so_already_changes_and_records_nothing(office: Office, administration: Administration) -> None:
    token = issue(office, administration)
    before = len(office.facts())
    assert office.run(administration.switch_tolerances("sunrise", token.key_id, on=["text-booleans"])) == ()
    assert len(office.facts()) == before


@pytest.mark.parametrize(
    ("on", "off", "words"),
    [
        (["text-boolean"], [], "There is no tolerance 'text-boolean'. Tolerances are: text-booleans, "),
        ([], ["everything"], "There is no tolerance 'everything'."),
        (["path-keys"], ["path-keys"], "The tolerance path-keys cannot be switched on and off at once."),
    ],
)
def test_it_refuses_what_cannot_be_switched(
    office: Office, administration: Administration, on: list[str], off: list[str], words: str
) -> None:
    token = issue(office, administration)
    with pytest.raises(RuleViolation) as refused:
        office.run(administration.switch_tolerances("sunrise", token.key_id, on=on, off=off))
    assert refused.value.message.startswith(words)
    assert stored(office, administration, token.key_id) == {}


def test_it_hides_the_tokens_of_other_organizations(office: Office, administration: Administration) -> None:
    token = issue(office, administration)
    with pytest.raises(NotFoundHere):
        office.run(administration.switch_tolerances("other", token.key_id, off=["path-keys"]))
    with pytest.raises(NotFoundHere):
        office.run(administration.list_tolerances("other", token.key_id))
