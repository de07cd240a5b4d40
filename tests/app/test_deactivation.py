"""A leaver is never kept: ``active: false`` outranks every other fault of a request (LC-01, LC-02, P7)."""

import orjson
import pytest

from mdscripts.scim.errors import ScimError

from .conftest import EXT, Office, person, provider

OFF = {"op": "replace", "value": {"active": False}}
ON = {"op": "replace", "value": {"active": True}}


@pytest.mark.parametrize("client", ["okta", "entra", "generic"])
def test_what_looks_below_active_is_never_passed_over(office: Office, client: str) -> None:
    """An answer of 200 would say that the person has no access any more."""
    user = office.create(person())
    with pytest.raises(ScimError) as refused:
        office.patch(user, {"op": "replace", "path": "active.value", "value": False}, client=client)
    assert "active has no sub-attributes" in refused.value.detail
    assert office.read(user)["active"] is True


def test_deactivation_evaluates_no_other_rule(office: Office) -> None:
    user = office.create(provider())
    assert office.patch(user, OFF).active is False


def test_a_put_that_deactivates_applies_the_valid_parts_and_keeps_the_rest(office: Office) -> None:
    user = office.create(provider())
    body = provider(active=False, title="Dr.", ext={"npi": "1234567890", "siteNumbers": "99999"})
    shown = office.read(office.put(user, body))
    assert shown["active"] is False
    assert shown["title"] == "Dr."
    assert (shown[EXT]["npi"], shown[EXT]["siteNumbers"]) == ("1234567893", "00101,00102")
    fact = office.facts()[-1]
    assert fact.action == "user.deactivated"
    assert {"LC-02", "NPI-05", "SI-06"} <= set(fact.rules)


@pytest.mark.parametrize(
    "body",
    [
        {"active": False},
        {"active": "False", "userName": None},
        {"ACTIVE": " false ", "title": 5, "emails": "nonsense"},
        {"urn:ietf:params:scim:schemas:core:2.0:User:active": False, "userName": ["x"]},
        {"urn:ietf:params:scim:schemas:core:2.0:User": {"active": False}, "userName": ["x"]},
        {EXT: {"active": "false", "npi": 1}, "userName": ["x"]},
    ],
)
def test_a_put_in_any_shape_that_says_inactive_ends_inactive(office: Office, body: dict[str, object]) -> None:
    user = office.create(provider())
    assert office.put(user, body).active is False
    assert office.read(user)["userName"] == "dana.lee@clinic.example"


ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PHONE = {"value": "+1 555 0100", "type": "work"}
TWO_PRIMARY = [{"value": "1", "primary": True}, {"value": "2", "primary": True}]


@pytest.mark.parametrize(
    ("wrong", "kept"),
    [
        ({"nickName": 5}, {"nickName": "Dee"}),
        ({"nickName": "x\x00y"}, {"nickName": "Dee"}),
        ({"nickName": "x" * 5_000}, {"nickName": "Dee"}),
        ({"phoneNumbers": 5}, {"phoneNumbers": [PHONE]}),
        ({"phoneNumbers": TWO_PRIMARY}, {"phoneNumbers": [PHONE]}),
        ({"phoneNumbers": [PHONE, {"value": ["x"]}]}, {"phoneNumbers": [PHONE]}),
        ({"profileUrl": "ftp://x y"}, {"profileUrl": "https://x.example"}),
        ({ENTERPRISE: "nonsense"}, {ENTERPRISE: {"division": "East", "manager": {"value": "7"}}}),
        ({ENTERPRISE: {"division": 5}}, {ENTERPRISE: {"division": "East"}}),
        ({ENTERPRISE: {"manager": {"value": 7, "displayName": "Boss"}}}, {ENTERPRISE: {"manager": {"value": "7"}}}),
        ({"nickName": "A", "NICKNAME": "B"}, {"nickName": "Dee"}),
        ({"schemas": ["urn:other"], "nickName": "New"}, {"nickName": "New"}),
    ],
)
def test_a_deactivation_with_a_message_that_is_refused_applies_its_valid_parts(
    office: Office, wrong: dict[str, object], kept: dict[str, object]
) -> None:
    before = {"nickName": "Dee", "phoneNumbers": [PHONE], "profileUrl": "https://x.example"}
    user = office.create(provider(**before, **{ENTERPRISE: {"division": "East", "manager": {"value": "7"}}}))
    body = provider(active=False, title="Left on Friday", ext={"siteNumbers": "00102"}, **(before | wrong))
    with pytest.raises(ScimError):
        office.put(user, {**body, "active": True}, "strict")
    assert office.put(user, body, "strict").active is False
    shown = office.read(user)
    assert (shown["title"], shown[EXT]["siteNumbers"]) == ("Left on Friday", "00102")
    assert {name: shown.get(name) for name in kept} == kept
    fact = office.facts()[-1]
    assert (fact.action, fact.outcome, "LC-02" in fact.rules) == ("user.deactivated", "changed", True)
    assert {"title", "active"} <= {change["attribute"] for change in orjson.loads(fact.changes)}
    assert fact.detail


def test_a_deactivation_keeps_the_part_of_the_name_that_is_at_fault(office: Office) -> None:
    user = office.create(person())
    office.put(user, person(active=False, name={"givenName": "Ann", "familyName": "Smith", "middleName": ["x"]}))
    shown = office.read(user)
    assert (shown["active"], shown["name"]) == (False, {"givenName": "Ann", "familyName": "Smith"})
    assert "name.middleName must be text, but the request has a list." in office.facts()[-1].detail


def test_a_deactivation_in_text_ends_access_also_where_text_is_not_tolerated(office: Office) -> None:
    user = office.create(person())
    body = person(active="False", title="x", nickName=5)
    assert office.put(user, body, "strict").active is False
    assert office.read(user)["title"] == "x"


def test_a_deactivation_that_names_active_in_two_places_ends_access(office: Office) -> None:
    user = office.create(person())
    office.patch(user, OFF)
    body = person(ext={"active": True}) | {"active": False}
    assert office.put(user, dict(sorted(body.items(), reverse=True))).active is False


def test_a_wrong_value_that_is_kept_counts_as_sent(office: Office) -> None:
    local = office.create(person("maria", nickName="Mia"), "local")
    office.put(local, person("maria", active=False, nickName=5))
    assert office.read(local)["nickName"] == "Mia"
    office.put(local, person("maria"))
    assert "nickName" not in office.read(local)


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "replace", "path": "active", "value": False}],
        [{"op": "Replace", "path": "active", "value": "False"}],
        [{"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "false"}],
        [{"op": "replace", "value": {"Active": "FALSE"}}],
        [{"op": "replace", "path": "npi", "value": "wrong"}, OFF],
        [{"op": "replace", "path": "id", "value": "other"}, OFF],
        [{"op": "frobnicate", "path": "]]"}, OFF],
        [{"op": "replace", "path": 'emails[type eq "fax"].value', "value": "x"}, OFF],
        [ON, OFF],
        [{"op": "replace", "value": {"urn:ietf:params:scim:schemas:core:2.0:User": {"active": False}, "id": "x"}}],
        [{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User", "value": {"active": "False"}}],
        [{"op": "add", "path": EXT, "value": {"active": False, "npi": "wrong"}}],
    ],
)
def test_a_patch_in_any_shape_that_says_inactive_ends_inactive(
    office: Office, operations: list[dict[str, object]]
) -> None:
    user = office.create(provider())
    assert office.patch(user, *operations, client="generic").active is False


def test_a_patch_whose_last_word_is_active_is_judged_as_usual(office: Office) -> None:
    user = office.create(provider())
    with pytest.raises(ScimError):
        office.patch(user, OFF, ON, {"op": "replace", "path": "id", "value": "x"}, client="generic")
    assert office.read(user)["active"] is True


def test_a_deactivation_that_would_take_a_name_still_deactivates(office: Office) -> None:
    office.create(person("first"))
    second = office.create(person("second"))
    office.put(second, person("first", active=False, title="left"))
    shown = office.read(second)
    assert (shown["active"], shown["userName"], shown["title"]) == (False, "second@clinic.example", "left")
