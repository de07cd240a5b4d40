"""The organization's time zone: what is stored and recorded, what is refused, what changes beside it."""

import asyncio
import json

import pytest

from mdscripts.app.administration import Administration
from mdscripts.app.authentication import Authenticator
from mdscripts.app.connection_settings import own_alias_urns, own_time_zone
from mdscripts.app.ports import OrganizationRecord
from mdscripts.domain.violations import RuleViolation
from tests.app.conftest import Office

CUSTOM = "urn:ietf:params:scim:schemas:extension:custom:2.0:User"


@pytest.fixture
def administration(office: Office) -> Administration:
    authenticator = Authenticator(office.storage, office.scribe.clock, "support@mdscripts.com")
    return Administration(office.storage, office.scribe, authenticator, office.sites)


def found(office: Office, administration: Administration) -> OrganizationRecord:
    return office.run(administration.find_organization("sunrise"))


def test_a_zone_is_stored_in_its_own_spelling_and_recorded(office: Office, administration: Administration) -> None:
    office.run(administration.set_time_zone("sunrise", "us/eastern"))
    assert own_time_zone(found(office, administration)) == "US/Eastern"
    office.run(administration.set_time_zone("sunrise", None))
    assert own_time_zone(found(office, administration)) is None
    first, second = office.facts()[-2:]
    assert {first.action, second.action} == {"organization.time_zone_changed"}
    assert json.loads(first.changes) == [{"attribute": "time_zone", "old": None, "new": "US/Eastern"}]
    assert json.loads(second.changes) == [{"attribute": "time_zone", "old": "US/Eastern", "new": None}]


def test_the_same_zone_again_leaves_no_trace(office: Office, administration: Administration) -> None:
    office.run(administration.set_time_zone("sunrise", "US/Hawaii"))
    before = office.facts()
    office.run(administration.set_time_zone("sunrise", "US/Hawaii"))
    assert office.facts() == before


@pytest.mark.parametrize(("zone", "rule"), [("Eastern Standard Time", "TZ-05"), ("US/Easten", "TZ-06")])
def test_what_is_no_zone_is_refused(office: Office, administration: Administration, zone: str, rule: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        office.run(administration.set_time_zone("sunrise", zone))
    assert refused.value.rule == rule
    assert own_time_zone(found(office, administration)) is None


def test_settings_that_two_managers_change_at_once_are_both_kept(
    office: Office, administration: Administration
) -> None:
    async def at_once() -> None:
        await asyncio.gather(
            administration.set_time_zone("sunrise", "US/Central"), administration.set_alias_urns("sunrise", [CUSTOM])
        )

    office.run(at_once())
    organization = found(office, administration)
    assert (own_time_zone(organization), own_alias_urns(organization)) == ("US/Central", (CUSTOM,))
