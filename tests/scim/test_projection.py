"""``attributes`` and ``excludedAttributes`` (RFC 7644 §3.9) on the resources of a list."""

import copy
from dataclasses import replace

import pytest

from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, USER_URN
from mdscripts.scim.resources import projection
from mdscripts.scim.schema import Attribute, ResourceType, Returned, Schema, Type
from tests.support.scim_schemas import CLINIC_URN, USER_TYPE

USER: dict[str, object] = {
    "schemas": [USER_URN, ENTERPRISE_USER_URN, CLINIC_URN],
    "id": "2819c223",
    "externalId": "00u1",
    "meta": {"resourceType": "User", "location": "https://scim.example/Users/2819c223"},
    "userName": "dana@clinic.example",
    "name": {"givenName": "Dana", "familyName": "Lee"},
    "emails": [{"value": "dana@clinic.example", "type": "work"}, {"value": "lee@home.example"}],
    ENTERPRISE_USER_URN: {"department": "Surgery", "manager": {"value": "1", "displayName": "Kim"}},
    CLINIC_URN: {"npi": "1234567893", "keywords": ["a"]},
}
MINIMUM = {"schemas": USER["schemas"], "id": USER["id"]}


def project(
    resource: dict[str, object], resource_type: ResourceType, attributes: list[str], excluded: list[str]
) -> dict[str, object]:
    return projection(resource_type, attributes, excluded)(resource)


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in USER.items() if name not in names}


SELECTIONS = [
    (["userName"], {"userName": "dana@clinic.example"}),
    (["USERNAME", " externalid "], {"userName": "dana@clinic.example", "externalId": "00u1"}),
    (["name.familyName"], {"name": {"familyName": "Lee"}}),
    (["name", "name.familyName"], {"name": USER["name"]}),
    (["name.givenName", "name.familyName"], {"name": USER["name"]}),
    (["emails.type"], {"emails": [{"type": "work"}]}),
    (["emails.display"], {}),
    (["meta.location"], {"meta": {"location": "https://scim.example/Users/2819c223"}}),
    ([f"{USER_URN}:userName"], {"userName": "dana@clinic.example"}),
    ([f"{USER_URN}:name.givenName".lower()], {"name": {"givenName": "Dana"}}),
    ([CLINIC_URN], {CLINIC_URN: USER[CLINIC_URN]}),
    ([f"{CLINIC_URN.upper()}:NPI"], {CLINIC_URN: {"npi": "1234567893"}}),
    ([f"{ENTERPRISE_USER_URN}:manager.value"], {ENTERPRISE_USER_URN: {"manager": {"value": "1"}}}),
    ([f"{CLINIC_URN}:floor"], {}),
    (["npi"], {CLINIC_URN: {"npi": "1234567893"}}),
    (["nonsense"], {}),
    (["name.nonsense", "urn:nobody:userName", "emails[type eq 1]", ""], {}),
    (["nonsense", "userName"], {"userName": "dana@clinic.example"}),
    (["password"], {}),
    (["schemas", "id"], {}),
]


@pytest.mark.parametrize(("attributes", "expected"), SELECTIONS)
def test_attributes_replace_the_default_set(attributes: list[str], expected: dict[str, object]) -> None:
    assert project(USER, USER_TYPE, attributes, []) == MINIMUM | expected


EXCLUSIONS = [
    (["emails"], without("emails")),
    (["NAME.FAMILYNAME"], USER | {"name": {"givenName": "Dana"}}),
    (["name.familyName", "name.givenName"], without("name")),
    (["emails.value"], USER | {"emails": [{"type": "work"}]}),
    (["meta.location"], USER | {"meta": {"resourceType": "User"}}),
    (["meta"], without("meta")),
    ([CLINIC_URN], without(CLINIC_URN)),
    ([f"{CLINIC_URN}:npi"], USER | {CLINIC_URN: {"keywords": ["a"]}}),
    ([f"{ENTERPRISE_USER_URN}:manager"], USER | {ENTERPRISE_USER_URN: {"department": "Surgery"}}),
    ([f"{USER_URN}:externalId"], without("externalId")),
    (["id", "schemas"], USER),
    (["nonsense", "name.nonsense"], USER),
]


@pytest.mark.parametrize(("excluded", "expected"), EXCLUSIONS)
def test_excluded_attributes_leave_the_rest(excluded: list[str], expected: dict[str, object]) -> None:
    before = copy.deepcopy(USER)
    assert project(USER, USER_TYPE, [], excluded) == expected
    assert before == USER


def test_attributes_keep_the_order_of_the_resource() -> None:
    assert list(project(USER, USER_TYPE, ["emails", "userName", "externalId"], [])) == [
        "schemas",
        "id",
        "externalId",
        "userName",
        "emails",
    ]


DEVICE = ResourceType(
    "Device",
    "/Devices",
    "An attribute of every way to be returned",
    Schema(
        "urn:example:Device",
        "Device",
        "A device",
        (
            Attribute("serial", "always", returned=Returned.ALWAYS),
            Attribute("label", "default"),
            Attribute("log", "on request", returned=Returned.REQUEST),
            Attribute("pin", "never", returned=Returned.NEVER),
            Attribute(
                "place",
                "of parts",
                Type.COMPLEX,
                sub_attributes=(
                    Attribute("room", "always", returned=Returned.ALWAYS),
                    Attribute("floor", "default"),
                    Attribute("map", "on request", returned=Returned.REQUEST),
                    Attribute("key", "never", returned=Returned.NEVER),
                ),
            ),
        ),
    ),
)
STORED: dict[str, object] = {
    "schemas": ["urn:example:Device"],
    "serial": "1",
    "label": "ward",
    "log": "…",
    "pin": "0000",
    "place": {"room": "12", "floor": "1", "map": "m", "key": "k"},
}
KEPT = {"schemas": ["urn:example:Device"], "serial": "1"}
RETURNED = [
    ([], [], KEPT | {"label": "ward", "place": {"room": "12", "floor": "1"}}),
    (["log"], [], KEPT | {"log": "…"}),
    (["pin"], [], KEPT),
    (["place.floor"], [], KEPT | {"place": {"room": "12", "floor": "1"}}),
    (["place"], [], KEPT | {"place": {"room": "12", "floor": "1", "map": "m"}}),
    (["place.key"], [], KEPT | {"place": {"room": "12"}}),
    ([], ["serial", "label"], KEPT | {"place": {"room": "12", "floor": "1"}}),
    ([], ["place.room", "place.floor"], KEPT | {"label": "ward", "place": {"room": "12"}}),
    ([], ["place"], KEPT | {"label": "ward"}),
]


@pytest.mark.parametrize(("attributes", "excluded", "expected"), RETURNED)
def test_the_returned_characteristic_has_the_last_word(
    attributes: list[str], excluded: list[str], expected: dict[str, object]
) -> None:
    assert project(STORED, DEVICE, attributes, excluded) == expected


def test_a_name_of_the_core_is_not_looked_up_in_extensions() -> None:
    clash = replace(USER_TYPE.extensions[1].schema, attributes=(Attribute("title", "the same name as in the core"),))
    user_type = replace(USER_TYPE, extensions=(replace(USER_TYPE.extensions[1], schema=clash),))
    user: dict[str, object] = {"schemas": [USER_URN], "title": "Dr", CLINIC_URN: {"title": "x"}}
    assert project(user, user_type, ["title"], []) == {"schemas": [USER_URN], "title": "Dr"}
