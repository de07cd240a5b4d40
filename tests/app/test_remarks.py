"""What is recorded of unknown attributes (LC-13, W-AT1), of strange refusals and of tokens that are refused."""

import orjson
import pytest

from mdscripts.app.refusals import RefusalLog
from mdscripts.scim.errors import Forbidden, InvalidValue, Unauthorized
from tests.app.conftest import Office, person


def test_an_unknown_attribute_is_ignored_and_recorded_by_name(sqlite_office: Office) -> None:
    user = sqlite_office.create(person(favouriteColour="green", shoe={"size": 9}))
    fact = sqlite_office.facts()[-1]
    assert "W-AT1" in fact.rules
    assert fact.detail.endswith("Not known here and ignored: favouriteColour, shoe. [W-AT1]")
    assert "green" not in fact.detail + fact.changes
    assert "favouriteColour" not in sqlite_office.read(user)


def test_many_unknown_attributes_are_counted(sqlite_office: Office) -> None:
    sqlite_office.create(person(**{f"unknown{number}": 1 for number in range(40)}))
    assert sqlite_office.facts()[-1].detail.endswith("unknown9 and 30 more. [W-AT1]")


def test_what_is_known_leaves_no_remark(sqlite_office: Office) -> None:
    sqlite_office.create(person())
    fact = sqlite_office.facts()[-1]
    assert "W-AT1" not in fact.rules
    assert "ignored" not in fact.detail


@pytest.mark.parametrize("strange", ["\x00", "a\x00b\u2028c", "x" * 5_000])
def test_a_refusal_is_recorded_whatever_the_client_calls_things(office: Office, strange: str) -> None:
    log = RefusalLog(office.storage, office.scribe)
    body = orjson.dumps({"userName": strange})
    refusal = InvalidValue(f"{strange} is not known.")
    office.run(log.record(office.call(), "PUT", (strange, strange), body, refusal))
    fact = office.facts()[-1]
    for text in (fact.action, fact.target_type, fact.target_id, fact.target_name, fact.detail):
        assert text.isprintable()
    assert len(fact.target_id) <= 254
    assert len(fact.target_name) <= 254
    assert len(fact.action) <= 60


REVOKED = Unauthorized("The bearer token 'Okta' (ending in 1a2b) was revoked on 2026-11-24 at 08:00 UTC.")
OFF = Forbidden("Okta SCIM is not enabled for your organization. Contact help@clinic.example. [LC-11]")


def test_a_token_that_is_refused_is_recorded_once_for_each_reason_and_minute(office: Office) -> None:
    log, call = RefusalLog(office.storage, office.scribe), office.call()
    for refusal in [REVOKED, OFF] * 20:
        office.run(log.record_token(call, "Okta", refusal))
    office.scribe.clock.milliseconds += 60_000  # type: ignore[attr-defined]
    office.run(log.record_token(call, "Okta", OFF))
    facts = office.facts()
    assert [(fact.action, fact.outcome, fact.status, fact.rules) for fact in facts] == [
        ("token.use", "refused", 401, ()),
        ("token.use", "refused", 403, ("LC-11",)),
        ("token.use", "refused", 403, ("LC-11",)),
    ]
    assert {(fact.target_type, fact.target_id, fact.target_name) for fact in facts} == {("Token", "abc", "Okta")}
    assert facts[0].detail == REVOKED.detail


def test_a_refused_token_leaves_its_trace_with_its_own_organization(office: Office) -> None:
    log = RefusalLog(office.storage, office.scribe)
    office.run(log.record_token(office.call(organization=office.other), "Okta", OFF))
    assert (len(office.facts()), len(office.facts(office.other))) == (0, 1)
