"""Our PATCH against scim2-models, which was written by other people from the same RFCs.

Both apply generated operations to generated users (core User and Enterprise User), one operation
after the other on the state that ours left. Where the two differ on purpose, the difference is a
row of ``DIFFERENCES`` with an example and the reason; everything else must be equal.
"""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scim2_models import Context, EnterpriseUser, PatchOp, SCIMException, ScimPolicy, User

from mdscripts.scim.core_schemas import COMMON, ENTERPRISE_USER, ENTERPRISE_USER_URN, USER, USER_URN
from mdscripts.scim.errors import ScimError
from mdscripts.scim.filters import compile_match
from mdscripts.scim.patch import PATCH_SCHEMA, apply, parse_operations
from mdscripts.scim.paths import parse_path
from mdscripts.scim.schema import Extension, ResourceType
from mdscripts.scim.tolerances import Tolerated
from tests.support.unspecified_primary import spelled_out

USER_TYPE = ResourceType("User", "/Users", "A person", USER, (Extension(ENTERPRISE_USER),), COMMON)
MODEL = User[EnterpriseUser]
ENT = ENTERPRISE_USER_URN

Json = dict[str, object]
Outcome = Json | str
"""A resource, or the scimType of a refusal."""


class Reading(NamedTuple):
    """How tolerant both are: our tolerances and their policy."""

    tolerances: frozenset[str]
    policy: ScimPolicy


STRICT = Reading(frozenset(), ScimPolicy())
TOLERANT = Reading(
    frozenset(
        {"create-on-absent", "remove-with-value", "ignore-unknown-in-patch", "path-keys", "single-object-for-list"}
    ),
    ScimPolicy(
        unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unknown=ScimPolicy.Unknown.ignore,
    ),
)


def ours(user: Json, operation: Json, reading: Reading) -> Outcome:
    tolerated = Tolerated(reading.tolerances)
    body = {"schemas": [PATCH_SCHEMA], "Operations": [operation]}
    try:
        return apply(user, parse_operations(body, tolerated), USER_TYPE, tolerated).resource
    except ScimError as refusal:
        return str(refusal.scim_type)


def theirs(user: Json, operation: Json, reading: Reading) -> Outcome:
    model = MODEL.model_validate(user)
    body = {"schemas": [PATCH_SCHEMA], "Operations": [operation]}
    with reading.policy:
        try:
            patch = PatchOp[MODEL].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
            patch.patch(model)
        except ValidationError as refusal:
            return refusal.errors()[0]["type"].removeprefix("scim_")
        except SCIMException as refusal:
            return str(refusal.scim_type)
    return model.model_dump()


# --- differences on purpose -----------------------------------------------------------------------


class Difference(NamedTuple):
    """``operation`` on ``user`` shows it: our outcome and theirs, and which operations it covers.

    Outcomes leave out ``schemas``, ``id`` and ``userName`` where these are as everywhere.
    """

    reason: str
    user: Json
    operation: Json
    ours: Outcome
    theirs: Outcome
    covers: Callable[[Json, Json, Outcome, Outcome], bool]
    reading: Reading = STRICT


def written(operation: Json) -> list[tuple[str, object]]:
    """What an operation writes: paths with values, the members of a value without path one by one."""
    path, value = operation.get("path"), operation.get("value")
    if path == ENT and isinstance(value, dict):
        return [(f"{ENT}:{name}", item) for name, item in value.items()]
    if path not in (None, USER_URN) or not isinstance(value, dict):
        return [(str(path).removeprefix(f"{USER_URN}:"), value)]
    writes: list[tuple[str, object]] = []
    for name, item in value.items():
        inner = name == ENT and isinstance(item, dict)
        writes += [(f"{ENT}:{key}", member) for key, member in item.items()] if inner else [(name, item)]
    return writes


def paths(operation: Json) -> list[str]:
    return [path for path, _ in written(operation)]


def values(operation: Json) -> list[object]:
    return [value for _, value in written(operation)]


def attribute_of(path: str) -> str:
    name = path.removeprefix(f"{ENT}:").removeprefix(f"{USER_URN}:")
    return name.partition("[")[0].partition(".")[0]


def elements(user: Outcome, path: str) -> list[Json]:
    values = user.get(attribute_of(path), []) if isinstance(user, dict) else []
    return values if isinstance(values, list) else []


def selects_nothing(user: Json, path: str) -> bool:
    parsed = parse_path(path, USER_TYPE)
    if parsed.value_filter is None:
        return False
    matches = compile_match(parsed.value_filter)
    return not any(matches(element) for element in elements(user, path))


def names_empty(value: object) -> bool:
    """Whether an empty text, or null below the top, is somewhere in a value."""
    if isinstance(value, dict):
        return any(item is None or names_empty(item) for item in value.values())
    if isinstance(value, list):
        return any(names_empty(item) for item in value)
    return value == ""


def same_combination(one: object, other: object) -> bool:
    """Whether two values have the same ``value`` and ``type``, or say the same (RFC 7643 §2.4)."""
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    if one.get("value") is None:
        said = [{name: item for name, item in element.items() if item is not False} for element in (one, other)]
        return json.dumps(said[0], sort_keys=True).lower() == json.dumps(said[1], sort_keys=True).lower()
    keys = [[str(element.get(name)).lower() for name in ("value", "type")] for element in (one, other)]
    return keys[0] == keys[1]


def says_a_combination_twice(user: Json, operation: Json) -> bool:
    if operation["op"] != "add":
        return False
    for path, value in written(operation):
        given = value if isinstance(value, list) else [value]
        known = [*elements(user, path), *given]
        objects = [element for element in known if isinstance(element, dict)]
        if any(same_combination(a, b) for place, a in enumerate(objects) for b in objects[:place]):
            return True
    return False


def repeats_a_value(operation: Json) -> bool:
    lists_of = [value for value in values(operation) if isinstance(value, list)]
    texts = [[json.dumps(item, sort_keys=True).lower() for item in value] for value in lists_of]
    return any(len(set(value)) < len(value) for value in texts)


def without(outcome: Outcome, *names: str) -> Outcome:
    """The resource without some attributes, ``manager.$ref`` being one of them."""
    if isinstance(outcome, str):
        return outcome
    enterprise = outcome.get(ENT)
    kept = {name: value for name, value in outcome.items() if name not in names}
    if isinstance(enterprise, dict) and isinstance(enterprise.get("manager"), dict) and "manager.$ref" in names:
        manager = {name: value for name, value in enterprise["manager"].items() if name != "$ref"}
        kept[ENT] = {**enterprise, "manager": manager}
    return kept


def creates_in_empty_lists(user: Json, operation: Json) -> list[str]:
    """The multi-valued attributes without values of which the operation writes a sub-attribute."""
    named = [attribute_of(path) for path in paths(operation) if "." in path and "[" not in path]
    return [name for name in named if name in MULTI_VALUED and not elements(user, name)]


def leaves_a_manager_incomplete(operation: Json) -> bool:
    return any(
        path in (f"{ENT}:manager.value", f"{ENT}:manager.$ref") and (operation["op"] == "remove" or value is None)
        for path, value in written(operation)
    )


PHONE: Json = {"value": "1", "type": "work"}
MANAGER: Json = {"manager": {"value": "1", "$ref": "https://x.example/Users/1"}}

DIFFERENCES = [
    Difference(
        "add on a value path that matches nothing creates the value: clients mean it, and RFC 7644 §3.5.2.3 "
        "has noTarget for replace only; table 9 would allow it for add as well",
        {},
        {"op": "add", "path": 'phoneNumbers[type eq "work"].value', "value": "1"},
        {"phoneNumbers": [PHONE]},
        "noTarget",
        lambda user, operation, _, other: (
            other == "noTarget"
            and operation["op"] == "add"
            and any(selects_nothing(user, path) for path in paths(operation) if "[" in path)
        ),
    ),
    Difference(
        "add of null unassigns a single value and adds nothing to a list (RFC 7643 §2.5: null is unassigned)",
        {"title": "Nurse"},
        {"op": "add", "path": "title", "value": None},
        {},
        "invalidValue",
        lambda _, operation, own, other: operation["op"] == "add" and None in values(operation),
    ),
    Difference(
        "an empty text is unassigned, so that no client can store one (RFC 7643 §2.5; Okta clears with it)",
        {"title": "Nurse"},
        {"op": "replace", "path": "title", "value": ""},
        {},
        {"title": ""},
        lambda _, operation, own, other: any(names_empty(value) for value in values(operation)),
    ),
    Difference(
        "an empty list unassigns a single value, too (RFC 7643 §2.5; clients clear with what they have)",
        {"title": "Nurse"},
        {"op": "replace", "path": "title", "value": []},
        {},
        "invalidValue",
        lambda _, operation, own, other: other == "invalidValue" and [] in values(operation),
    ),
    Difference(
        "the same value and type do not occur twice (RFC 7643 §2.4 SHOULD NOT): add fills in what is new",
        {"phoneNumbers": [PHONE]},
        {"op": "add", "path": "phoneNumbers", "value": [{**PHONE, "display": "Desk"}]},
        {"phoneNumbers": [{**PHONE, "display": "Desk"}]},
        {"phoneNumbers": [PHONE, {**PHONE, "display": "Desk"}]},
        lambda user, operation, own, other: says_a_combination_twice(user, operation),
    ),
    Difference(
        "identical values within one request are kept once (RFC 7643 §2.4)",
        {},
        {"op": "replace", "path": "phoneNumbers", "value": [PHONE, PHONE]},
        {"phoneNumbers": [PHONE]},
        {"phoneNumbers": [PHONE, PHONE]},
        lambda _, operation, own, other: repeats_a_value(operation),
    ),
    Difference(
        "a manager's $ref goes with the value it belonged to (deviation from RFC 7644 §3.5.2.3)",
        {ENT: MANAGER},
        {"op": "replace", "path": f"{ENT}:manager", "value": {"value": "2"}},
        {ENT: {"manager": {"value": "2"}}},
        {ENT: {"manager": {"value": "2", "$ref": "https://x.example/Users/1"}}},
        lambda user, operation, own, other: (
            any(path.startswith(f"{ENT}:manager") for path in paths(operation))
            and without(own, "manager.$ref") == without(other, "manager.$ref")
        ),
    ),
    Difference(
        "manager.value and manager.$ref are not required (RFC 7643 §8.7.1 has required false)",
        {ENT: MANAGER},
        {"op": "remove", "path": f"{ENT}:manager.$ref"},
        {ENT: {"manager": {"value": "1"}}},
        "mutability",
        lambda _, operation, own, other: other == "mutability" and leaves_a_manager_incomplete(operation),
    ),
    Difference(
        "a read-only part of a value is dropped, as in PUT (RFC 7644 §3.5.1), so that a client can send what it read",
        {},
        {"op": "add", "path": f"{ENT}:manager", "value": {"value": "1", "displayName": "Boss"}},
        {ENT: {"manager": {"value": "1"}}},
        "mutability",
        lambda _, operation, own, other: other == "mutability" and '"displayName": "Boss"' in json.dumps(operation),
    ),
    Difference(
        "a read-only list that is empty may be repeated as an empty list (Okta sends groups: [])",
        {},
        {"op": "replace", "value": {"groups": []}},
        {},
        "mutability",
        lambda _, operation, own, other: (
            other == "mutability" and any(name == "groups" and value == [] for name, value in written(operation))
        ),
    ),
    Difference(
        "a missing userName is left to the host, whose refusal says what to do (checked_by_host)",
        {},
        {"op": "replace", "path": "userName", "value": None},
        {"userName": None},
        "mutability",
        lambda _, operation, own, other: other == "mutability" and "userName" in paths(operation),
    ),
    Difference(
        "a password is never kept (RFC 7643 §4.1.1; provisioning sets no passwords)",
        {},
        {"op": "add", "path": "password", "value": "secret"},
        {},
        {"password": "secret"},
        lambda _, operation, own, other: "password" in paths(operation),
    ),
    Difference(
        "a sub-attribute of all values creates a value where there is none (RFC 7644 §3.5.2.3: treated as an add)",
        {},
        {"op": "add", "path": "phoneNumbers.value", "value": "1"},
        {"phoneNumbers": [{"value": "1"}]},
        {},
        lambda user, operation, own, other: (
            (created := creates_in_empty_lists(user, operation)) != [] and without(own, *created) == other
        ),
    ),
    Difference(
        "an unknown name in a value is invalidPath like one in a path (RFC 7644 §3.12 table 9)",
        {},
        {"op": "add", "value": {"favouriteColour": "green"}},
        "invalidPath",
        "invalidValue",
        lambda _, operation, own, other: (
            own == "invalidPath"
            and other == "invalidValue"
            and any(name in json.dumps(operation) for name in ("favouriteColour", "shoeSize"))
        ),
    ),
    Difference(
        "two primary emails are left to the host to refuse (checked_by_host)",
        {},
        {"op": "add", "path": "emails", "value": [{"value": f"{n}@x.example", "primary": True} for n in "ab"]},
        {"emails": [{"value": "a@x.example", "primary": True}, {"value": "b@x.example", "primary": True}]},
        "invalidValue",
        lambda _, operation, own, other: (
            other == "invalidValue"
            and any(attribute_of(path) == "emails" for path in paths(operation))
            and "true" in json.dumps(operation)
        ),
    ),
    Difference(
        "a remove names values by value, and by type if it is there, whatever else it says (Entra ID sends display)",
        {"phoneNumbers": [PHONE]},
        {"op": "remove", "path": "phoneNumbers", "value": [{"value": "1", "display": "Desk"}]},
        {},
        {"phoneNumbers": [PHONE]},
        lambda _, operation, own, other: operation["op"] == "remove" and isinstance(operation.get("value"), list),
        TOLERANT,
    ),
    Difference(
        "one object for all values of a list is a tolerance for replace (RFC 7644 §3.5.2.3: all values are replaced)",
        {},
        {"op": "replace", "path": "phoneNumbers", "value": PHONE},
        "invalidValue",
        {"phoneNumbers": [PHONE]},
        lambda _, operation, own, other: (
            own == "invalidValue"
            and operation["op"] == "replace"
            and any(path in MULTI_VALUED and isinstance(value, dict) for path, value in written(operation))
        ),
    ),
    Difference(
        "members of a value are applied whole attributes first, since their order means nothing (RFC 8259 §4)",
        {},
        {"op": "add", "value": {"name.givenName": "Dana", "name": {"givenName": "D", "familyName": "Lee"}}},
        {"name": {"givenName": "Dana", "familyName": "Lee"}},
        {"name": {"givenName": "D", "familyName": "Lee"}},
        lambda _, operation, own, other: (
            len({attribute_of(path) for path in paths(operation)}) < len(written(operation))
        ),
        TOLERANT,
    ),
    Difference(
        "a name in a value may have a value filter (Entra ID); they know dotted names only",
        {},
        {"op": "add", "value": {'phoneNumbers[type eq "work"].value': "1"}},
        {"phoneNumbers": [PHONE]},
        {},
        lambda _, operation, own, other: (
            operation.get("path") is None and any("[" in name for name in _names(operation))
        ),
        TOLERANT,
    ),
    Difference(
        "selected values that are replaced by null are removed (RFC 7643 §2.5)",
        {"phoneNumbers": [PHONE]},
        {"op": "replace", "path": 'phoneNumbers[type eq "work"]', "value": None},
        {},
        "invalidValue",
        lambda _, operation, own, other: (
            other == "invalidValue"
            and str(operation.get("path")).endswith("]")
            and operation["value"] in (None, "", [])
        ),
    ),
    Difference(
        "an extension that is replaced by null is removed (RFC 7643 §2.5), by its URN as path as well as by a name",
        {ENT: {"department": "ER"}},
        {"op": "replace", "path": ENT, "value": None},
        {},
        "invalidValue",
        lambda _, operation, own, other: operation.get("path") == ENT and operation.get("value") in (None, "", []),
    ),
    Difference(
        "a path as a name in a value is a tolerance, and off here (RFC 7644 §3.5.2.3: a list of attributes)",
        {},
        {"op": "add", "value": {"name.givenName": "Dana"}},
        "invalidPath",
        {"name": {"givenName": "Dana"}},
        lambda _, operation, own, other: (
            own == "invalidPath"
            and operation.get("path") is None
            and any("." in name or "[" in name for name in _names(operation))
        ),
    ),
    Difference(
        "an add that names nothing of a value that is not there creates none (RFC 7643 §2.5)",
        {},
        {"op": "add", "path": 'phoneNumbers[type eq "work"]', "value": {}},
        {},
        {"phoneNumbers": [{"type": "work"}]},
        lambda user, operation, own, other: any(
            "[" in path and value in (None, {}, [], "") and selects_nothing(user, path)
            for path, value in written(operation)
        ),
        TOLERANT,
    ),
]


def _names(operation: Json) -> list[str]:
    value = operation.get("value")
    return list(value) if isinstance(value, dict) else []


def everybody(attributes: Mapping[str, object]) -> Json:
    present = {"id": "1", "userName": "ann", **attributes}
    extension = [ENT] if ENT in present else []
    resource = {"schemas": [USER_URN, *extension], **present}
    return {name: value for name, value in resource.items() if value is not None}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.reason[:60])
def test_every_difference_is_real_and_covers_its_example(difference: Difference) -> None:
    user = everybody(difference.user)
    own = ours(user, difference.operation, difference.reading)
    other = theirs(user, difference.operation, difference.reading)
    assert own == (difference.ours if isinstance(difference.ours, str) else everybody(difference.ours))
    assert other == (difference.theirs if isinstance(difference.theirs, str) else everybody(difference.theirs))
    assert difference.covers(user, difference.operation, own, other)


# --- generated users and operations ---------------------------------------------------------------

TEXTS = st.sampled_from(["a", "A", "b", "é", "ann 1"])
VALUES: dict[str, st.SearchStrategy[object]] = {
    "emails": st.sampled_from(["ann@x.example", "Ann@x.example", "bob@x.example"]),
    "photos": st.sampled_from(["https://x.example/a", "https://x.example/A"]),
    "x509Certificates": st.sampled_from(["AAAA", "aaaa"]),
}
MULTI_VALUED = ("emails", "phoneNumbers", "ims", "photos", "roles", "entitlements", "x509Certificates", "addresses")
SIMPLE = ("displayName", "nickName", "title", "userType", "locale", "externalId", "timezone")
EMPLOYEE = ("employeeNumber", "costCenter", "organization", "division", "department")
NAMES = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")


def sub_values(attribute: str) -> dict[str, st.SearchStrategy[object]]:
    labels = {"type": st.sampled_from(["work", "home"]), "primary": st.booleans()}
    if attribute == "addresses":
        return {"locality": TEXTS, "country": st.sampled_from(["US", "SE"]), **labels}
    return {"value": VALUES.get(attribute, TEXTS), "display": TEXTS, **labels}


def element(attribute: str) -> st.SearchStrategy[Json]:
    subs = sub_values(attribute)
    first = "locality" if attribute == "addresses" else "value"
    return st.fixed_dictionaries({first: subs.pop(first)}, optional=subs)


def one_primary(values: list[Json]) -> list[Json]:
    """A canonical list: no value twice, at most one primary."""
    kept: list[Json] = []
    for value in values:
        if value.get("primary") is True and any(other.get("primary") is True for other in kept):
            value = {**value, "primary": False}
        if not any(same_combination(value, other) or value == other for other in kept):
            kept.append(value)
    return kept


def lists(attribute: str) -> st.SearchStrategy[list[Json]]:
    return st.lists(element(attribute), min_size=1, max_size=3)


MANAGERS = st.fixed_dictionaries(
    {"value": TEXTS, "$ref": st.sampled_from(["https://x.example/Users/1", "https://x.example/Users/2"])}
)
ENTERPRISE = st.fixed_dictionaries({}, optional=dict.fromkeys(EMPLOYEE, TEXTS) | {"manager": MANAGERS})
USERS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(SIMPLE, TEXTS)
    | {name: lists(name).map(one_primary) for name in MULTI_VALUED}
    | {
        "active": st.booleans(),
        "name": st.dictionaries(st.sampled_from(NAMES), TEXTS, min_size=1, max_size=3),
        ENT: ENTERPRISE.filter(bool),
    },
).map(everybody)


def literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@st.composite
def selections(draw: st.DrawFn, attribute: str) -> str:
    subs = sub_values(attribute)

    def term(name: str) -> str:
        value = draw(subs[name])
        if isinstance(value, bool):
            return f"{name} eq {literal(value)}"
        if draw(st.booleans()) or attribute in ("photos", "emails", "x509Certificates"):
            return f"{name} eq {literal(value)}"
        return draw(st.sampled_from([f"{name} pr", f"{name} ne {literal(value)}", f"not ({name} eq {literal(value)})"]))

    names = draw(st.lists(st.sampled_from(list(subs)), min_size=1, max_size=2, unique=True))
    return draw(st.sampled_from([" and ", " or "])).join(term(name) for name in names)


@st.composite
def multi_valued(draw: st.DrawFn) -> tuple[str, object]:
    """A target in a multi-valued attribute and a value for it."""
    attribute = draw(st.sampled_from(MULTI_VALUED))
    subs = sub_values(attribute)
    sub = draw(st.sampled_from(list(subs)))
    selected = f"{attribute}[{draw(selections(attribute))}]"
    parts = st.fixed_dictionaries({}, optional=subs)
    return draw(
        st.one_of(
            st.tuples(st.just(attribute), lists(attribute)),
            st.tuples(st.just(attribute), element(attribute)),
            st.tuples(st.just(selected), parts),
            st.tuples(st.just(f"{selected}.{sub}"), subs[sub]),
            st.tuples(st.just(f"{attribute}.{sub}"), subs[sub]),
        )
    )


SINGLE = st.one_of(
    st.tuples(st.sampled_from(SIMPLE), TEXTS),
    st.tuples(st.just("active"), st.booleans()),
    st.tuples(st.just("name"), st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=3)),
    st.tuples(st.sampled_from(NAMES).map("name.{}".format), TEXTS),
    st.tuples(st.sampled_from(EMPLOYEE).map(f"{ENT}:{{}}".format), TEXTS),
    st.tuples(st.just(f"{ENT}:manager"), MANAGERS),
    st.tuples(st.just(f"{ENT}:manager.$ref"), st.just("https://x.example/Users/3")),
    st.tuples(st.just(ENT), ENTERPRISE),
)
SPECIAL = st.one_of(
    st.tuples(st.just("userName"), st.sampled_from(["ann", "bob"])),
    st.tuples(st.just("password"), TEXTS),
    st.tuples(st.just(f"{ENT}:manager"), st.just({"value": "1", "displayName": "Boss"})),
    st.tuples(st.just(f"{ENT}:manager.value"), TEXTS),
    st.tuples(st.sampled_from(["id", "favouriteColour", f"{ENT}:shoeSize"]), st.just("1")),
    st.tuples(st.just("groups"), st.just([{"value": "1"}])),
    st.tuples(st.just("meta.created"), st.just("2026-11-24T09:30:00Z")),
)
TARGETS = st.integers(0, 19).flatmap(lambda n: SPECIAL if n == 19 else SINGLE if n % 2 else multi_valued())
EMPTY: st.SearchStrategy[object] = st.sampled_from([None, "", []])


@st.composite
def spelled(draw: st.DrawFn, path: str) -> str:
    """The path with or without the base schema URN."""
    if path.startswith("urn:") or path == "favouriteColour" or draw(st.integers(0, 9)) != 0:
        return path
    return f"{USER_URN}:{path}"


@st.composite
def operations(draw: st.DrawFn) -> Json:
    op = draw(st.sampled_from(["add", "replace", "remove"]))
    if op == "remove":
        path, value = draw(TARGETS)
        chosen: Json = {"op": op, "path": draw(spelled(path))}
        if path in MULTI_VALUED and isinstance(value, list) and draw(st.booleans()):
            chosen["value"] = value
        return chosen
    empty = draw(st.integers(0, 7)) == 0
    if draw(st.integers(0, 3)) == 0:
        members = dict(draw(st.lists(TARGETS, min_size=1, max_size=3)))
        value = {name: draw(EMPTY) if empty else item for name, item in members.items()}
        return {"op": op, "value": value}
    path, value = draw(TARGETS)
    return {"op": op, "path": draw(spelled(path)), "value": draw(EMPTY) if empty else value}


def difference(user: Json, operation: Json, own: Outcome, other: Outcome, reading: Reading) -> Difference | None:
    rows = (row for row in DIFFERENCES if row.reading is reading or row.reading is STRICT)
    return next((row for row in rows if row.covers(user, operation, own, other)), None)


@pytest.mark.parametrize("reading", [STRICT, TOLERANT], ids=["strict", "tolerant"])
@settings(max_examples=60)
@given(user=USERS, sequence=st.lists(operations(), min_size=1, max_size=4))
def test_we_agree_with_scim2_models(reading: Reading, user: Json, sequence: list[Json]) -> None:
    for operation in sequence:
        own, other = ours(user, operation, reading), theirs(user, operation, reading)
        if own != other and operation.get("path") is not None:
            # What a filter describes can be created from its first spelling only.
            other = theirs(user, {**operation, "path": spelled_out(operation["path"])}, reading)
        if own != other:
            known = difference(user, operation, own, other, reading)
            assert known is not None, f"{json.dumps(operation)} on {json.dumps(user)}: {own} != {other}"
            event(known.reason[:60])
        else:
            event(f"agreed: {own if isinstance(own, str) else 'changed' if own != user else 'unchanged'}")
        if isinstance(own, dict) and sum(1 for email in elements(own, "emails") if email.get("primary") is True) < 2:
            user = own


@settings(max_examples=100)
@given(user=USERS, sequence=st.lists(operations(), min_size=2, max_size=4))
def test_a_sequence_of_operations_gives_what_one_at_a_time_gives(user: Json, sequence: list[Json]) -> None:
    """What the property above leaves out: it feeds operations one by one."""
    state: Outcome = user
    for operation in sequence:
        assert isinstance(state, dict)
        state = ours(state, operation, TOLERANT)
        if isinstance(state, str):
            break
    tolerated = Tolerated(TOLERANT.tolerances)
    body = {"schemas": [PATCH_SCHEMA], "Operations": sequence}
    before = json.dumps(user)
    if isinstance(state, str):
        with pytest.raises(ScimError):
            apply(user, parse_operations(body, tolerated), USER_TYPE, tolerated)
    else:
        assert apply(user, parse_operations(body, tolerated), USER_TYPE, tolerated).resource == state
    assert json.dumps(user) == before
