"""Declaring alias URNs: what is stored and recorded, what counts for requests, what is refused."""

import json

import pytest

from mdscripts.app.administration import Administration
from mdscripts.app.alias_urns import ALIAS_URN_LENGTH_MAX, ALIAS_URNS_MAX, AliasUrnsRefused, parse_alias_urns
from mdscripts.app.authentication import Authenticator
from mdscripts.app.connection_settings import alias_urns, own_alias_urns
from mdscripts.app.ports import Facts, OrganizationRecord, UpdateOrganization
from mdscripts.app.refused import NotFoundHere
from mdscripts.app.schemas import MDSCRIPTS_URN, RESOURCE_TYPES
from mdscripts.app.trial import Trials
from tests.app.conftest import Office, person

CUSTOM = "urn:ietf:params:scim:schemas:extension:custom:2.0:User"
ACME = "urn:acme:params:User"


@pytest.fixture
def authenticator(office: Office) -> Authenticator:
    return Authenticator(office.storage, office.scribe.clock, "support@mdscripts.com")


@pytest.fixture
def administration(office: Office, authenticator: Authenticator) -> Administration:
    return Administration(office.storage, office.scribe, authenticator, office.sites)


def found(office: Office, administration: Administration, slug: str = "sunrise") -> OrganizationRecord:
    return office.run(administration.find_organization(slug))


def faults(*lines: str) -> dict[int, str]:
    with pytest.raises(AliasUrnsRefused) as refused:
        parse_alias_urns(lines)
    return {fault.line: fault.message for fault in refused.value.faults}


def test_alias_urns_are_stored_and_recorded_with_before_and_after(
    office: Office, administration: Administration
) -> None:
    office.run(administration.set_alias_urns("sunrise", [CUSTOM]))
    after = office.run(administration.set_alias_urns("sunrise", [ACME, CUSTOM]))
    assert own_alias_urns(found(office, administration)) == own_alias_urns(after) == (ACME, CUSTOM)
    first, second = office.facts()[-2:]
    assert {first.action, second.action} == {"organization.alias_urns_changed"}
    assert (second.target_type, second.target_id, second.target_name) == ("Organization", after.id, "sunrise")
    assert json.loads(first.changes) == [{"attribute": "alias_urns", "old": [], "new": [CUSTOM]}]
    assert json.loads(second.changes) == [{"attribute": "alias_urns", "old": [CUSTOM], "new": [ACME, CUSTOM]}]


def test_the_other_settings_of_the_organization_stay(office: Office, administration: Administration) -> None:
    before = found(office, administration)
    zoned = UpdateOrganization(settings='{"time_zone":"US/Hawaii"}')
    office.run(office.storage.for_organization(before.id).commit([zoned], Facts()))
    office.run(administration.set_alias_urns("sunrise", [CUSTOM]))
    assert json.loads(found(office, administration).settings) == {"time_zone": "US/Hawaii", "alias_urns": [CUSTOM]}
    office.run(administration.set_alias_urns("sunrise", []))
    assert json.loads(found(office, administration).settings) == {"time_zone": "US/Hawaii"}
    assert found(office, administration).okta_scim_enabled


def test_what_is_so_already_records_nothing(office: Office, administration: Administration) -> None:
    office.run(administration.set_alias_urns("sunrise", [CUSTOM]))
    before = len(office.facts())
    office.run(administration.set_alias_urns("sunrise", ["", f"  {CUSTOM} ", CUSTOM.upper()]))
    assert len(office.facts()) == before


def test_they_count_at_once_for_requests_of_the_organization_and_of_no_other(
    office: Office, administration: Administration, authenticator: Authenticator
) -> None:
    tokens = {slug: office.run(administration.issue_token(slug, "Okta")).text for slug in ("sunrise", "other")}

    def aliases(slug: str) -> set[str]:
        connection = office.run(authenticator.authenticate([f"Bearer {tokens[slug]}"]))
        return {*connection.alias_urns}

    assert (aliases("sunrise"), aliases("other")) == (set(), set())  # both are remembered now
    office.run(administration.set_alias_urns("sunrise", [CUSTOM]))
    assert (aliases("sunrise"), aliases("other")) == ({CUSTOM.lower()}, set())


def test_those_of_the_installation_count_beside_their_own(office: Office, administration: Administration) -> None:
    organization = office.run(administration.set_alias_urns("sunrise", [ACME]))
    assert alias_urns(organization, [CUSTOM]) == {CUSTOM.lower(): MDSCRIPTS_URN, ACME.lower(): MDSCRIPTS_URN}


def test_trying_a_profile_knows_the_aliases_of_the_installation(office: Office, administration: Administration) -> None:
    body = {**person(), CUSTOM: {"role": "Manager"}}
    organization = found(office, administration)
    plain = office.run(Trials(office.storage).of(organization, body))
    told = office.run(Trials(office.storage, [CUSTOM]).of(organization, body))
    assert (plain.ignored, told.ignored) == ((CUSTOM,), ())
    assert told.resource is not None
    own = told.resource[MDSCRIPTS_URN]
    assert isinstance(own, dict)
    assert own["role"] == "Manager"


def test_nothing_is_stored_when_a_line_is_refused(office: Office, administration: Administration) -> None:
    office.run(administration.set_alias_urns("sunrise", [CUSTOM]))
    before = len(office.facts())
    with pytest.raises(AliasUrnsRefused):
        office.run(administration.set_alias_urns("sunrise", [ACME, "teleport"]))
    assert own_alias_urns(found(office, administration)) == (CUSTOM,)
    assert len(office.facts()) == before
    with pytest.raises(NotFoundHere):
        office.run(administration.set_alias_urns("nobody", [ACME]))


def test_each_is_kept_once_whatever_its_letter_case_and_without_blanks() -> None:
    assert parse_alias_urns(["", f" {CUSTOM}\r", CUSTOM.upper(), "\t", "URN:x:Y", "urn:X:y"]) == (CUSTOM, "URN:x:Y")


def test_twenty_are_possible_and_each_one_more_is_named() -> None:
    urns = [f"urn:clinic:{number}" for number in range(ALIAS_URNS_MAX + 2)]
    assert len(parse_alias_urns([*urns[:ALIAS_URNS_MAX], urns[0]])) == ALIAS_URNS_MAX
    assert faults(*urns) == {
        21: "'urn:clinic:20' is one too many: 20 alias URNs are possible.",
        22: "'urn:clinic:21' is one too many: 20 alias URNs are possible.",
    }


def test_the_longest_is_possible_and_one_character_more_is_not() -> None:
    longest = "urn:" + "x" * (ALIAS_URN_LENGTH_MAX - 4)
    assert parse_alias_urns([longest]) == (longest,)
    assert "has 257 characters; at most 256 are possible" in faults(longest + "x")[1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("teleport", "'teleport' is no URN. Copy the External namespace"),
        ("https://acme.example/scim", "is no URN."),
        ("urn:", "is no URN."),
        ("urn:a:b urn:c:d", "contains a space. A URN holds plain letters, digits and signs only"),
        ("urn:clinic:ü", "contains the character ü (U+00FC)"),
        ("urn:clinic:\u202eresU", "contains an invisible character (U+202E)"),
        ("urn:clinic:\u200b", "contains an invisible character (U+200B)"),
        ("urn:clinic:\x7f", "contains an invisible character (U+007F)"),
        (MDSCRIPTS_URN, "is the MDScripts namespace itself. It is always accepted; remove the line."),
        (MDSCRIPTS_URN.upper(), "is the MDScripts namespace itself."),
        (f"{MDSCRIPTS_URN}:npi", "is an attribute of the MDScripts namespace"),
        ("urn:ietf:params:scim:schemas:core:2.0:User", "of the SCIM standard or of Okta with a meaning of its own"),
        ("urn:ietf:params:scim:schemas:core:2.0:user:title", "of the SCIM standard"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "of the SCIM standard"),
        ("urn:ietf:params:scim:api:messages:2.0:PatchOp", "of the SCIM standard"),
    ],
)
def test_a_line_that_cannot_be_an_alias_says_why(line: str, words: str) -> None:
    assert words in faults(line)[1]


def test_no_schema_of_the_service_can_be_an_alias() -> None:
    for schema in {schema.id for kind in RESOURCE_TYPES for schema in kind.schemas()}:
        assert faults(schema)[1].endswith("emove the line.")


def test_all_faults_are_told_at_once_each_with_its_line() -> None:
    told = faults("urn:good:one", "", "teleport", MDSCRIPTS_URN, "urn:also:good", "a b")
    assert sorted(told) == [3, 4, 6]


def test_a_message_holds_no_more_of_a_line_than_is_needed() -> None:
    assert len(faults("x" * 100_000)[1]) < 200
