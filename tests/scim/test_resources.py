"""From what clients send to a canonical resource: nothing lost, nothing invented, every fault named."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, GROUP_URN, USER_URN
from mdscripts.scim.errors import InvalidSyntax, InvalidValue, ScimError
from mdscripts.scim.resources import LIMITS, Accepted, Limits, accept, examine, recompute_schemas, render_faults
from mdscripts.scim.schema import Attribute, Extension, ResourceType, Schema, Type
from mdscripts.scim.tolerances import ALL, Tolerated, defaults
from tests.support.scim_schemas import ALIAS_URN, CLINIC_URN, GROUP_TYPE, USER_TYPE

RECORDED = sorted((Path(__file__).parents[1] / "clients" / "recorded").glob("*.json"))


def all_on() -> Tolerated:
    return Tolerated(frozenset(ALL), {ALIAS_URN.lower(): CLINIC_URN})


def only(*ids: str) -> Tolerated:
    return Tolerated(frozenset(ids), {ALIAS_URN.lower(): CLINIC_URN})


def user(**members: object) -> dict[str, object]:
    return {"schemas": [USER_URN], "userName": "dana@clinic.example", **members}


def clinic(**members: object) -> dict[str, object]:
    return user(schemas=[USER_URN, CLINIC_URN], **{CLINIC_URN: members})


def accepted(body: object, tolerated: Tolerated | None = None) -> dict[str, object]:
    """What was accepted beyond the user name."""
    resource = accept(body, USER_TYPE, tolerated or all_on()).resource
    return {name: value for name, value in resource.items() if name not in ("schemas", "userName")}


def outcome(body: object, tolerated: Tolerated) -> Accepted | ScimError:
    try:
        return accept(body, USER_TYPE, tolerated)
    except ScimError as fault:
        return fault


def refusal(body: object, tolerated: Tolerated | None = None, limits: Limits = LIMITS) -> ScimError:
    with pytest.raises(ScimError) as caught:
        accept(body, USER_TYPE, tolerated or all_on(), limits)
    assert caught.value.status == 400
    return caught.value


# --- canonical form ---------------------------------------------------------------------------


def test_the_resource_has_the_order_and_spelling_of_the_schemas() -> None:
    body = {
        CLINIC_URN.upper(): {"FLOOR": 3, "npi": "1234567893"},
        "Emails": [{"Primary": True, "type": "work", "VALUE": "dana@clinic.example"}],
        "username": "dana@clinic.example",
        "NAME": {"givenname": "Dana", "familyName": "Lee"},
        "externalId": "00u1",
        "SCHEMAS": [USER_URN, CLINIC_URN],
    }
    resource = accept(body, USER_TYPE, only()).resource
    assert json.dumps(resource) == json.dumps(
        {
            "schemas": [USER_URN, CLINIC_URN],
            "externalId": "00u1",
            "userName": "dana@clinic.example",
            "name": {"familyName": "Lee", "givenName": "Dana"},
            "emails": [{"value": "dana@clinic.example", "type": "work", "primary": True}],
            CLINIC_URN: {"npi": "1234567893", "floor": 3},
        }
    )


@pytest.mark.parametrize("empty", [None, "", [], {}], ids=repr)
def test_every_spelling_of_unassigned_is_no_value_but_was_present(empty: object) -> None:
    body = user(title=empty if empty != {} else None, name=empty, phoneNumbers=empty or None)
    result = accept(body, USER_TYPE, all_on())
    assert result.resource == user()
    assert {"title", "name", "phonenumbers"} <= result.present


def test_empty_parts_leave_no_trace() -> None:
    body = user(
        name={"givenName": "", "familyName": None},
        emails=[{"value": "", "type": ""}, {}, {"value": "a@b.example", "type": ""}],
        **{CLINIC_URN: {"keywords": ["", "a", None], "npi": ""}, ENTERPRISE_USER_URN: {"manager": {"value": ""}}},
    )
    assert accepted(body) == {"emails": [{"value": "a@b.example"}], CLINIC_URN: {"keywords": ["a"]}}


def test_identical_values_are_kept_once_and_different_ones_all() -> None:
    numbers = [{"value": "1"}, {"value": "1", "type": "work"}, {"type": "work", "value": "1"}, {"value": "1"}]
    assert accepted(user(phoneNumbers=numbers)) == {"phoneNumbers": [{"value": "1"}, {"value": "1", "type": "work"}]}
    assert accepted(clinic(keywords=["b", "a", "b"])) == {CLINIC_URN: {"keywords": ["b", "a"]}}


def test_values_are_kept_exactly_as_sent() -> None:
    body = user(
        title="  Chief\tof Surgery\n",
        phoneNumbers=[{"value": "tel:+1 (555) 010-9999;ext=5", "type": "Pager"}],
        addresses=[{"formatted": "1 Main St\r\nSpringfield", "primary": True}],
        photos=[{"value": "https://cdn.example/ä.png?x=1#f", "type": "photo"}],
        ims=[{"value": "dana", "type": "icq"}],
        entitlements=[{"value": "e", "display": "E", "type": "license"}],
        roles=[{"value": "Manager", "primary": True}, {"value": "Cook"}],
        x509Certificates=[{"value": "MIIB-_8="}, {"value": "MIIB"}, {"value": "MI"}],
    )
    assert accepted(body) == {name: body[name] for name in body if name not in ("schemas", "userName")}


def test_what_a_client_may_not_write_is_dropped_without_a_word() -> None:
    tolerated = all_on()
    body = user(
        id="other",
        meta={"created": 5},
        groups=[{"value": "1"}],
        password="1mz050nq",
        **{ENTERPRISE_USER_URN: {"manager": {"value": "1", "displayName": "Kim"}}},
    )
    result = accept(body, USER_TYPE, tolerated)
    assert result.resource == user(schemas=[USER_URN, ENTERPRISE_USER_URN]) | {
        ENTERPRISE_USER_URN: {"manager": {"value": "1"}}
    }
    assert result.present.isdisjoint({"id", "meta", "groups", "password"})
    assert tolerated.ignored == []


@pytest.mark.parametrize("place", ["top level", CLINIC_URN, ENTERPRISE_USER_URN, USER_URN, ALIAS_URN])
def test_a_password_is_kept_nowhere(place: str) -> None:
    tolerated = all_on()
    body = user(PassWord="1mz050nq") if place == "top level" else user(**{place: {"password": "1mz050nq"}})
    result = accept(body, USER_TYPE, tolerated)
    assert "1mz050nq" not in repr((result, tolerated.ignored))


def test_present_names_attributes_and_parts_of_single_objects() -> None:
    body = user(
        name={"GivenName": "Dana", "familyName": None},
        emails=[{"value": "a@b.example"}],
        **{ENTERPRISE_USER_URN: {"manager": {"value": "1"}}, CLINIC_URN: {"npi": ""}},
    )
    enterprise, clinic_key = ENTERPRISE_USER_URN.lower(), CLINIC_URN.lower()
    assert accept(body, USER_TYPE, all_on()).present == {
        "username",
        "name",
        "name.givenname",
        "name.familyname",
        "emails",
        f"{enterprise}:manager",
        f"{enterprise}:manager.value",
        f"{clinic_key}:npi",
    }


def test_null_for_an_object_unassigns_all_it_could_hold() -> None:
    present = accept(user(name=None, **{ENTERPRISE_USER_URN: None}), USER_TYPE, all_on()).present
    assert {"name.givenname", "name.honorificsuffix"} <= present
    assert f"{ENTERPRISE_USER_URN.lower()}:department" in present


def test_an_empty_extension_object_says_nothing() -> None:
    assert accept(user(**{CLINIC_URN: {}}), USER_TYPE, all_on()) == Accepted(user(), frozenset({"username"}), {})


def test_schemas_are_those_that_have_values_whatever_was_sent() -> None:
    body = user(schemas=[USER_URN, ENTERPRISE_USER_URN], **{CLINIC_URN: {"npi": "1"}})
    assert accept(body, USER_TYPE, only()).resource["schemas"] == [USER_URN, CLINIC_URN]


def test_schemas_can_be_recomputed_after_a_change() -> None:
    resource: dict[str, object] = {"schemas": [], CLINIC_URN: {"npi": "1"}, ENTERPRISE_USER_URN: {}}
    recompute_schemas(resource, USER_TYPE)
    assert resource["schemas"] == [USER_URN, CLINIC_URN]


def test_what_the_host_judges_passes_untouched() -> None:
    raw: dict[str, object] = {
        "userName": 5,
        "active": "False",
        "timezone": ["US/Eastern"],
        "name": {"givenName": {"v": "Dana"}},
        "emails": [{"value": ["a"], "type": True, "primary": "yes"}, {"value": "\x00", "primary": True}],
        CLINIC_URN: {"npi": 1.5},
    }
    resource = accept({"schemas": [USER_URN]} | raw, USER_TYPE, only()).resource
    assert {name: resource[name] for name in raw} == raw


# --- faults -----------------------------------------------------------------------------------

FAULTS = [
    (user(title=5), "title must be text, but the request has a number."),
    (user(title=True), "title must be text, but the request has a true/false value."),
    (user(title=["MD"]), "title must be text, but the request has a list."),
    (user(title={"v": "MD"}), "title must be text, but the request has an object."),
    (user(title="a\x00b"), "title has the control character U+0000 at position 2."),
    (user(title="ab\x1b"), "title has the control character U+001B at position 3."),
    (user(title="\ud800"), "title has the control character U+D800 at position 1."),
    (user(title="x" * 4097), "title is 4097 characters long; the limit is 4096."),
    (user(externalId=701984), "externalId must be text, but the request has a number."),
    (user(name="Dana"), "name must be an object, but the request has text."),
    (user(name=[{}, {}]), "name must be an object, but the request has a list."),
    (user(name={"formatted": 1}), "name.formatted must be text, but the request has a number."),
    (user(phoneNumbers=5), "phoneNumbers must be a list, but the request has a number."),
    (user(phoneNumbers=[5]), "phoneNumbers must be an object, but the request has a number."),
    (user(phoneNumbers=[[]]), "phoneNumbers must be an object, but the request has a list."),
    (user(phoneNumbers=[{"value": True}]), "phoneNumbers.value must be text, but the request has a true/false value."),
    (user(addresses=["1 Main St"]), "addresses must be an object, but the request has text."),
    (
        user(phoneNumbers=[{"value": "1", "primary": "yes"}]),
        "phoneNumbers.primary must be true or false, but the request has text.",
    ),
    (
        user(phoneNumbers=[{"value": "1", "primary": 1}]),
        "phoneNumbers.primary must be true or false, but the request has a number.",
    ),
    (
        user(phoneNumbers=[{"value": "1", "primary": True}, {"value": "2", "primary": True}]),
        "phoneNumbers has 2 primary values, but only one can be primary.",
    ),
    (
        user(name={"formatted": "a", "Formatted": "b"}),
        "name.formatted is in the request more than once.",
    ),
    (user(profileUrl="my page"), "profileUrl must be a web address without blanks or quotes."),
    (
        user(profileUrl="javascript:alert(1)"),
        "profileUrl must be a web address that starts with https:// or http://.",
    ),
    (user(x509Certificates=[{"value": "A"}]), "x509Certificates.value must be base64."),
    (user(x509Certificates=[{"value": "MIIB\n"}]), "x509Certificates.value must be base64."),
    (user(x509Certificates=[{"value": "MI=B"}]), "x509Certificates.value must be base64."),
    (user(x509Certificates=[{"value": "+-_/"}]), "x509Certificates.value must be base64."),
    (user(x509Certificates=[{"value": "MIIB="}]), "x509Certificates.value must be base64."),
    (user(**{CLINIC_URN: "x"}), f"{CLINIC_URN} must be an object, but the request has text."),
    (clinic(floor=1.5), "floor must be a whole number, but the request has a number with a decimal point."),
    (clinic(floor="1"), "floor must be a whole number, but the request has text."),
    (clinic(floor=True), "floor must be a whole number, but the request has a true/false value."),
    (clinic(floor=2**63), "floor is too large a number."),
    (clinic(fee="1.5"), "fee must be a number, but the request has text."),
    (clinic(fee=float("inf")), "fee must be a number, but the request has a number with a decimal point."),
    (clinic(fee=-(10**400)), "fee is too large a number."),
    (clinic(licensedUntil="2026-11-24"), "licensedUntil must be a date and time such as 2026-11-24T09:30:00Z."),
    (
        clinic(licensedUntil="2026-02-30T00:00:00Z"),
        "licensedUntil must be a date and time such as 2026-11-24T09:30:00Z.",
    ),
    (clinic(licensedUntil=20261124), "licensedUntil must be text, but the request has a number."),
    (clinic(keywords=["a", 5]), "keywords must be text, but the request has a number."),
    (clinic(keywords={"a": 1}), "keywords must be a list, but the request has an object."),
]


@pytest.mark.parametrize(("body", "detail"), FAULTS, ids=[detail[:60] for _, detail in FAULTS])
def test_a_fault_names_the_attribute_and_what_arrived(body: dict[str, object], detail: str) -> None:
    fault = refusal(body)
    assert (type(fault), fault.detail) == (InvalidValue, detail)


NO_RESOURCE = [
    ([], "The body must be a JSON object, but the request has a list."),
    (None, "The body must be a JSON object, but the request has nothing."),
    (user(Title="a", title="b"), "title is in the request more than once."),
    (user(**{"USERNAME": "b"}), "userName is in the request more than once."),
    (
        user(**{CLINIC_URN: {"npi": "1"}, CLINIC_URN.upper(): {"NPI": "2"}}),
        "npi is in the request more than once.",
    ),
    (user(schemas=5), "schemas must be a list of schema URNs."),
    (user(schemas=[USER_URN, 5]), "schemas must be a list of schema URNs."),
]


@pytest.mark.parametrize(("body", "detail"), NO_RESOURCE, ids=[detail[:60] for _, detail in NO_RESOURCE])
def test_a_body_that_is_no_resource_is_invalid_syntax(body: object, detail: str) -> None:
    fault = refusal(body)
    assert (type(fault), fault.detail) == (InvalidSyntax, detail)


def test_all_faults_come_in_one_answer() -> None:
    body = user(title=5, locale=True, phoneNumbers=[{"value": 1}, {"value": 2}], **{CLINIC_URN: {"floor": "x"}})
    assert refusal(body).detail == (
        "(1) title must be text, but the request has a number. "
        "(2) locale must be text, but the request has a true/false value. "
        "(3) phoneNumbers.value must be text, but the request has a number. "
        "(4) floor must be a whole number, but the request has text."
    )


@pytest.mark.parametrize(("body", "detail"), FAULTS)
def test_what_is_left_of_a_body_with_faults_can_be_accepted(body: dict[str, object], detail: str) -> None:
    examined = examine(body | {"nickName": "Dee"}, USER_TYPE, only())
    assert examined.faults.detail == detail
    assert examined.accepted.resource["nickName"] == "Dee"
    assert accept(examined.accepted.resource, USER_TYPE, only()).resource == examined.accepted.resource


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (user(title=5, nickName="Dee"), {"title"}),
        (user(name={"formatted": 1, "middleName": "Q"}), {"name.formatted"}),
        (user(name={"FORMATTED": "A", "formatted": "B", "middleName": "Q"}), {"name.formatted"}),
        (user(name={"middleName": "Q", "bogus": "x"}), set()),
        (user(title="A", TITLE="B"), {"title"}),
        (user(phoneNumbers=[{"value": "1"}, {"value": 2}]), {"phonenumbers"}),
        (user(**{CLINIC_URN: 5, "npi": "1"}), {f"{CLINIC_URN.lower()}:npi"}),
        (user(**{ENTERPRISE_USER_URN: {"division": 5}}), {f"{ENTERPRISE_USER_URN.lower()}:division"}),
    ],
)
def test_a_fault_says_which_attributes_it_takes_away(body: dict[str, object], keys: set[str]) -> None:
    """Besides the parts of a multi-valued attribute, which are as lost as the whole."""
    found = examine(body, USER_TYPE, only()).faults
    assert found
    assert {key for key in found.keys if not key.startswith("phonenumbers.")} >= keys
    assert bool(found.keys) is bool(keys)


def test_an_attribute_that_is_lost_in_one_place_and_right_in_its_own_is_not_at_fault() -> None:
    examined = examine(user(**{ALIAS_URN: "nonsense", CLINIC_URN: {"npi": "1"}}), USER_TYPE, all_on())
    assert examined.accepted.resource[CLINIC_URN] == {"npi": "1"}
    assert f"{CLINIC_URN.lower()}:npi" not in examined.faults.keys


def test_a_very_faulty_body_gets_a_readable_answer() -> None:
    wrong = {sub.name: 5 for attribute in USER_TYPE.schema.attributes for sub in attribute.sub_attributes}
    body = user(
        **{
            attribute.name: [wrong] if attribute.multi_valued else 5
            for attribute in USER_TYPE.schema.attributes
            if attribute.name != "userName"
        }
    )
    detail = refusal(body).detail
    assert len(detail) <= 1015
    assert detail.startswith("(1) name must be an object, but the request has a number. (2) displayName")
    assert detail.rpartition(" and ")[2].endswith(" more")


def test_a_group_needs_a_name() -> None:
    for body in ({"schemas": [GROUP_URN]}, {"schemas": [GROUP_URN], "displayName": ""}):
        with pytest.raises(InvalidValue, match=r"^displayName is required\.$"):
            accept(body, GROUP_TYPE, all_on())


def test_a_required_extension_cannot_be_left_out() -> None:
    required = replace(USER_TYPE, extensions=(Extension(USER_TYPE.extensions[1].schema, required=True),))
    assert accept(clinic(npi="1"), required, only()).resource
    with pytest.raises(InvalidValue) as caught:
        accept(user(), required, only())
    assert caught.value.detail == f"{CLINIC_URN} is required."


def test_a_part_that_is_required_is_required_of_every_value_that_is_there() -> None:
    part = Attribute("code", "required", required=True)
    badge = Attribute("badges", "", Type.COMPLEX, multi_valued=True, sub_attributes=(part, Attribute("color", "")))
    schema = Schema("urn:example:Door", "Door", "", (badge,))
    resource_type = ResourceType("Door", "/Doors", "", schema, common=USER_TYPE.common)
    body = {"schemas": ["urn:example:Door"], "badges": [{"code": "1"}, {}]}
    assert accept(body, resource_type, only()).resource["badges"] == [{"code": "1"}]
    with pytest.raises(InvalidValue, match=r"^badges\.code is required\.$"):
        accept(body | {"badges": [{"color": "red"}]}, resource_type, only())


def test_one_endless_fault_is_cut() -> None:
    assert render_faults(["x" * 1000]) == "x" * 1000
    assert render_faults(["x" * 1001]) == "x" * 999 + "…"


def test_limits_are_those_of_the_host() -> None:
    limits = Limits(string_length=3, binary_length=4, values=2, depth=2)
    assert "title is 4 characters long; the limit is 3." in refusal(user(title="abcd"), None, limits).detail
    certificate = user(x509Certificates=[{"value": "MIIBMIIB"}])
    assert "x509Certificates.value is 8 characters" in refusal(certificate, None, limits).detail
    three = user(roles=[{"value": "a"}, {"value": "b"}, {"value": "c"}])
    assert "roles has 3 values; the limit is 2." in refusal(three, None, limits).detail
    deep = clinic(npi=[[["x"]]])
    assert "npi is nested more than 2 levels deep." in refusal(deep, None, limits).detail
    assert accept(clinic(npi=[["x"]]), USER_TYPE, all_on(), Limits(depth=3)).resource


def test_a_bottomless_value_is_refused_without_recursion() -> None:
    value: object = "x"
    for _ in range(100_000):
        value = [value]
    assert refusal(clinic(npi=value)).detail == "npi is nested more than 64 levels deep."


def test_a_group_of_many_members_costs_little_more_than_reading_it() -> None:
    members = [{"value": f"id-{number % 15_000}", "display": "x"} for number in range(20_000)]
    body = {"schemas": [GROUP_URN], "displayName": "All", "members": members}
    group = accept(body, GROUP_TYPE, all_on(), Limits(values=20_000)).resource
    assert isinstance(group["members"], list)
    assert len(group["members"]) == 15_000


# --- tolerances -------------------------------------------------------------------------------

TOLERATED = [
    ("text-booleans", user(roles=[{"value": "a", "primary": " True "}]), {"roles": [{"value": "a", "primary": True}]}),
    ("text-booleans", clinic(isProvider="fALSE"), {CLINIC_URN: {"isProvider": False}}),
    ("single-object-for-list", user(roles={"value": "a"}), {"roles": [{"value": "a"}]}),
    ("scalar-for-list", user(roles=["a", "b"]), {"roles": [{"value": "a"}, {"value": "b"}]}),
    ("scalar-for-list", user(emails="a@b.example"), {"emails": [{"value": "a@b.example"}]}),
    ("scalar-for-list", clinic(keywords="a"), {CLINIC_URN: {"keywords": ["a"]}}),
    ("json-in-text", user(roles=['{"value":"a","id":"1"}']), {"roles": [{"value": "a"}]}),
    (
        "json-in-text",
        user(roles=[{"value": '{"value":"a","display":"A"}', "type": "t"}]),
        {"roles": [{"value": "a", "display": "A", "type": "t"}]},
    ),
    ("json-in-text", user(roles='[{"value":"a"}]'), {"roles": [{"value": "a"}]}),
]
MANAGERS = [
    "26118915",
    ["26118915"],
    [{"value": "26118915", "$ref": ""}],
    {"managerId": "26118915", "displayName": "Kim"},
]


@pytest.mark.parametrize(("tolerance", "body", "expected"), TOLERATED)
def test_a_tolerance_accepts_the_shape_and_is_counted(
    tolerance: str, body: dict[str, object], expected: dict[str, object]
) -> None:
    tolerated = only(tolerance, "ignore-unknown-in-body")
    assert accepted(body, tolerated) == expected
    assert tolerated.fired[tolerance] >= 1


@pytest.mark.parametrize(("tolerance", "body", "expected"), TOLERATED)
def test_without_the_tolerance_the_shape_is_refused_or_taken_literally(
    tolerance: str, body: dict[str, object], expected: dict[str, object]
) -> None:
    tolerated = only("ignore-unknown-in-body")
    result = outcome(body, tolerated)
    if isinstance(result, Accepted):
        assert tolerance == "json-in-text"
        assert {name: result.resource[name] for name in expected} == {name: body[name] for name in expected}
    else:
        assert "must be" in result.detail
    assert tolerance not in tolerated.fired


@pytest.mark.parametrize("manager", MANAGERS, ids=json.dumps)
def test_a_manager_comes_in_many_shapes(manager: object) -> None:
    body = user(**{ENTERPRISE_USER_URN: {"manager": manager}})
    tolerated = only("complex-from-scalar")
    assert accepted(body, tolerated) == {ENTERPRISE_USER_URN: {"manager": {"value": "26118915"}}}
    assert set(tolerated.fired) == {"complex-from-scalar"}
    assert refusal(body, only()).detail


def test_a_manager_id_beside_the_other_attributes_is_the_manager() -> None:
    body = user(**{ENTERPRISE_USER_URN: {"department": "ER", "managerId": "26118915"}})
    expected = {"department": "ER", "manager": {"value": "26118915"}}
    assert accepted(body, only("complex-from-scalar")) == {ENTERPRISE_USER_URN: expected}


@pytest.mark.parametrize("manager", [None, "", [], {}, {"value": ""}, {"value": None}], ids=json.dumps)
def test_a_manager_can_be_cleared(manager: object) -> None:
    result = accept(user(**{ENTERPRISE_USER_URN: {"manager": manager}}), USER_TYPE, only())
    assert ENTERPRISE_USER_URN not in result.resource
    assert f"{ENTERPRISE_USER_URN.lower()}:manager" in result.present


def test_json_in_text_in_text_is_unpacked_to_the_end() -> None:
    inner = json.dumps({"value": json.dumps({"value": "a", "type": "t"}), "display": "A"})
    expected = {"roles": [{"value": "a", "display": "A", "type": "t"}]}
    assert accepted(user(roles=[inner])) == accepted(user(roles=[{"value": inner}])) == expected


def test_text_that_only_looks_like_json_stays_text() -> None:
    for text in ("{not json", '{"a":', "{" * 4000, "[" * 4000, '{"value":NaN}'):
        assert accepted(user(roles=[{"value": text}])) == {"roles": [{"value": text}]}
    assert "characters long" in refusal(user(roles=[{"value": "{" * 100_000}])).detail


@pytest.mark.parametrize("schemas", [None, [], [ENTERPRISE_USER_URN]], ids=json.dumps)
def test_schemas_may_be_missing_where_that_is_tolerated(schemas: object) -> None:
    body = user(schemas=schemas)
    assert accept(body, USER_TYPE, only("missing-schemas")).resource["schemas"] == [USER_URN]
    fault = refusal(body, only())
    assert (type(fault), fault.detail) == (InvalidSyntax, f"schemas must contain {USER_URN}.")


def test_unknown_schemas_are_recorded_or_refused() -> None:
    typo = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"
    tolerated = only("unknown-schemas")
    assert accept(user(schemas=[USER_URN.upper(), typo]), USER_TYPE, tolerated).resource == user()
    assert tolerated.ignored == [typo]
    fault = refusal(user(schemas=[USER_URN, typo]), only())
    assert (type(fault), fault.detail) == (InvalidSyntax, f"{typo} is no schema of User.")


def test_unknown_attributes_are_recorded_or_refused_wherever_they_are() -> None:
    body = user(
        colour="green",
        name={"givenName": "Dana", "nick": "D"},
        emails=[{"value": "a@b.example", "hash": "1"}],
        **{CLINIC_URN: {"npi": "1", "colour": "red"}, "urn:example:unknown": {"a": 1}},
    )
    tolerated = only("ignore-unknown-in-body")
    resource = accept(body, USER_TYPE, tolerated).resource
    assert resource == user(schemas=[USER_URN, CLINIC_URN]) | {
        "name": {"givenName": "Dana"},
        "emails": [{"value": "a@b.example"}],
        CLINIC_URN: {"npi": "1"},
    }
    assert set(tolerated.ignored) == {
        "colour",
        "name.nick",
        "emails.hash",
        f"{CLINIC_URN}:colour",
        "urn:example:unknown",
    }
    fault = refusal(body, only())
    assert isinstance(fault, InvalidSyntax)
    for path in tolerated.ignored:
        assert f"{path} is no attribute of this resource type." in fault.detail


# --- attributes outside their own place -------------------------------------------------------

NPI = f"{CLINIC_URN.lower()}:npi"
PLACES = [
    (user(npi="1"), {CLINIC_URN: {"npi": "1"}}, {NPI: [("npi", "1")]}),
    (user(NPI="1"), {CLINIC_URN: {"npi": "1"}}, {NPI: [("NPI", "1")]}),
    (
        user(**{f"{CLINIC_URN}:npi": "1"}),
        {CLINIC_URN: {"npi": "1"}},
        {NPI: [(f"{CLINIC_URN}:npi", "1")]},
    ),
    (user(**{ALIAS_URN: {"Npi": "1"}}), {CLINIC_URN: {"npi": "1"}}, {NPI: [(f"{ALIAS_URN}:Npi", "1")]}),
    (
        user(npi="3", **{ALIAS_URN: {"npi": "2"}, CLINIC_URN: {"npi": "1"}}),
        {CLINIC_URN: {"npi": "1"}},
        {NPI: [(f"{CLINIC_URN}:npi", "1"), (f"{ALIAS_URN}:npi", "2"), ("npi", "3")]},
    ),
    (
        user(npi="3", **{CLINIC_URN: {"npi": ""}}),
        {},
        {NPI: [(f"{CLINIC_URN}:npi", ""), ("npi", "3")]},
    ),
    (
        user(timezone="US/Central", **{CLINIC_URN: {"timezone": "US/Eastern"}}),
        {"timezone": "US/Central"},
        {"timezone": [("timezone", "US/Central"), (f"{CLINIC_URN}:timezone", "US/Eastern")]},
    ),
    (
        user(**{CLINIC_URN: {"timezone": "US/Eastern"}}),
        {"timezone": "US/Eastern"},
        {"timezone": [(f"{CLINIC_URN}:timezone", "US/Eastern")]},
    ),
    (
        user(**{ENTERPRISE_USER_URN: {"npi": "1"}}),
        {CLINIC_URN: {"npi": "1"}},
        {NPI: [(f"{ENTERPRISE_USER_URN}:npi", "1")]},
    ),
    (
        user(**{USER_URN: {"title": "MD", "npi": "1"}}),
        {"title": "MD", CLINIC_URN: {"npi": "1"}},
        {"title": [(f"{USER_URN}:title", "MD")], NPI: [(f"{USER_URN}:npi", "1")]},
    ),
    (user(manager="7"), {ENTERPRISE_USER_URN: {"manager": {"value": "7"}}}, {}),
    (user(**{f"{USER_URN}:title": "MD"}), {"title": "MD"}, {"title": [(f"{USER_URN}:title", "MD")]}),
]


@pytest.mark.parametrize(("body", "expected", "elsewhere"), PLACES)
def test_an_attribute_finds_home_and_every_place_is_told(
    body: dict[str, object],
    expected: dict[str, object],
    elsewhere: dict[str, list[tuple[str, object]]],
) -> None:
    result = accept(body, USER_TYPE, all_on())
    assert {name: result.resource.get(name) for name in expected} == expected
    assert result.elsewhere == elsewhere
    assert set(elsewhere) <= result.present


@pytest.mark.parametrize(("body", "expected", "elsewhere"), PLACES)
def test_without_tolerances_only_the_own_place_counts(
    body: dict[str, object],
    expected: dict[str, object],
    elsewhere: dict[str, list[tuple[str, object]]],
) -> None:
    result = accept(body, USER_TYPE, only("ignore-unknown-in-body"))
    own = {name: value for name, value in body.items() if name in USER_TYPE.names}
    in_place = accept(own, USER_TYPE, only("ignore-unknown-in-body"))
    assert (result.resource, result.elsewhere) == (in_place.resource, {})


def test_a_list_of_objects_in_an_extension_is_unknown_there() -> None:
    tolerated = all_on()
    body = user(**{CLINIC_URN: {"emails": [{"value": "a@b.example"}]}})
    assert accepted(body, tolerated) == {}
    assert tolerated.ignored == [f"{CLINIC_URN}:emails"]


@pytest.mark.parametrize("name", [f"{CLINIC_URN}:colour", f"{USER_URN}:colour", "urn:nobody:npi", "colourId"])
def test_a_path_to_nothing_is_an_unknown_attribute(name: str) -> None:
    tolerated = all_on()
    assert accepted(user(**{name: "green"}), tolerated) == {}
    assert tolerated.ignored == [name]


# --- properties -------------------------------------------------------------------------------


def names_of(resource_type: ResourceType) -> list[str]:
    """Every name a client could write, right or wrong."""
    schemas: list[Schema] = list(resource_type.schemas())
    attributes = [*resource_type.common, *(attribute for schema in schemas for attribute in schema.attributes)]
    subs = [sub.name for attribute in attributes for sub in attribute.sub_attributes]
    names = [attribute.name for attribute in attributes] + subs + [schema.id for schema in schemas]
    return sorted({*names, *(name.upper() for name in names), ALIAS_URN, "managerId", "colour"})


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["True", "", '{"value":"x"}', '[{"value":"x"}]', "2026-11-24T09:30:00Z", "YWJj", "\ud800"])
)
NAMES = st.sampled_from(names_of(USER_TYPE))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(NAMES, JSON, max_size=8)
ENABLED = st.sampled_from([frozenset(ALL), frozenset[str](), *(defaults(c) for c in ("okta", "entra", "generic"))])


@given(BODIES, ENABLED)
def test_any_json_is_accepted_or_refused_with_a_reason(body: dict[str, object], enabled: frozenset[str]) -> None:
    result = outcome(body, Tolerated(enabled, {ALIAS_URN.lower(): CLINIC_URN}))
    if isinstance(result, ScimError):
        assert (result.status, result.scim_type) in {(400, "invalidValue"), (400, "invalidSyntax")}
        assert 0 < len(result.detail) <= 1015
        return
    assert set(result.resource) <= USER_TYPE.names
    assert result.resource.keys().isdisjoint({"id", "meta", "groups", "password"})
    assert list(empty_values(USER_TYPE.writable, result.resource)) == []


def empty_values(attributes: Iterable[Attribute], holder: object) -> Iterator[str]:
    """Attributes whose value is empty although the engine, not the host, judges it."""
    for item in holder if isinstance(holder, list) else [holder]:
        assert isinstance(item, dict)
        for attribute in attributes:
            if attribute.name not in item or attribute.checked_by_host:
                continue
            value = item[attribute.name]
            if value is None or value in ("", [], {}):
                yield attribute.name
            elif attribute.sub_attributes:
                yield from empty_values(attribute.sub_attributes, value)


@given(BODIES)
def test_what_was_accepted_is_accepted_again_unchanged(body: dict[str, object]) -> None:
    once = outcome(body, all_on())
    if isinstance(once, Accepted):
        again = accept(once.resource, USER_TYPE, only())
        assert repr(again.resource) == repr(once.resource)
        assert again.elsewhere == {}


@given(st.randoms(use_true_random=False))
def test_order_and_letter_case_of_names_make_no_difference(chance: random.Random) -> None:
    body = user(
        title="MD",
        name={"givenName": "Dana", "familyName": "Lee"},
        roles=[{"value": "a", "primary": True}],
        **{ENTERPRISE_USER_URN: {"department": "ER", "manager": {"value": "1"}}, CLINIC_URN: {"npi": "1", "fee": 2}},
    )
    expected = accept(body, USER_TYPE, only())
    shuffled = accept(scrambled(body, chance), USER_TYPE, only())
    assert json.dumps(shuffled.resource) == json.dumps(expected.resource)
    assert shuffled.present == expected.present


def scrambled(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        members = list(value.items())
        chance.shuffle(members)
        return {chance.choice([str.lower, str.upper, str])(name): scrambled(item, chance) for name, item in members}
    return [scrambled(item, chance) for item in value] if isinstance(value, list) else value


def recorded_bodies() -> list[tuple[str, str, object]]:
    return [
        (f"{path.stem}-{number}", step["request"]["path"], step["request"]["body"])
        for path in RECORDED
        for number, step in enumerate(json.loads(path.read_text(encoding="utf-8"))["steps"])
        if step["request"]["method"] in ("POST", "PUT") and "body" in step["request"]
    ]


@pytest.mark.parametrize(
    ("path", "body"), [row[1:] for row in recorded_bodies()], ids=[row[0] for row in recorded_bodies()]
)
def test_every_body_a_recorded_client_sends_is_a_resource(path: str, body: dict[str, object]) -> None:
    resource_type = GROUP_TYPE if path.startswith("/Groups") else USER_TYPE
    for client in ("okta", "entra", "generic"):
        assert accept(body, resource_type, Tolerated(defaults(client))).resource
