"""What is recorded of attributes that nobody here knows (LC-13, W-AT1), and of strange refusals."""

import orjson
import pytest

from mdscripts.app.refusals import RefusalLog
from mdscripts.scim.errors import InvalidValue
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
