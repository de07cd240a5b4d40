"""Whatever a body holds, PATCH answers quickly, with a resource or a refusal, and changes nothing else."""

import copy
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, USER_URN
from mdscripts.scim.errors import InvalidFilter, InvalidPath, ScimError, TooMany
from mdscripts.scim.patch import OPERATIONS_MAX, PATCH_SCHEMA, Operation, Patched, apply, parse_operations
from mdscripts.scim.patch_targets import SELECTIONS_MAX
from mdscripts.scim.resources import accept
from mdscripts.scim.tolerances import ALL, Tolerated, defaults
from tests.support.scim_schemas import ALIAS_URN, CLINIC_URN, USER_TYPE

USER = {
    "schemas": [USER_URN, ENTERPRISE_USER_URN, CLINIC_URN],
    "id": "1",
    "userName": "bjensen",
    "name": {"familyName": "Jensen", "givenName": "Barbara"},
    "active": True,
    "emails": [{"value": "a@x.example", "type": "work", "primary": True}, {"value": "b@x.example"}],
    "addresses": [{"locality": "Hollywood", "type": "work"}],
    ENTERPRISE_USER_URN: {"department": "ER", "manager": {"value": "1", "$ref": "https://x.example/Users/1"}},
    CLINIC_URN: {"badge": "x", "keywords": ["red"], "shifts": [{"ward": "A", "hours": 8}]},
}

STRANGE_NAMES = [
    "__class__",
    "__proto__",
    "__dict__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "save",
    "pk",
    "organization_id",
    "",
    " ",
    ".",
    "..",
    ":",
    "urn:",
    "a" * 5_000,
    "name.__class__",
    "emails.__len__",
    "[",
    "]",
    "$ref",
    "İd",
    "\u212aeywords",
    "a\x00b",
]


def patch(*operations: Operation, client: str = "okta") -> Patched:
    return apply(USER, operations, USER_TYPE, Tolerated(defaults(client)))


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_a_strange_name_is_just_unknown(name: str) -> None:
    tolerated = Tolerated(defaults("okta"))
    operations = [Operation("add", None, {name: {"admin": True}}), Operation("replace", None, {name: "x"})]
    assert apply(USER, operations, USER_TYPE, tolerated).resource == USER
    assert len(tolerated.ignored) == 1
    with pytest.raises(InvalidPath):
        patch(Operation("add", None, {name: "x"}), client="generic")


@pytest.mark.parametrize("name", ["emails[", "emails[]", "emails[x eq 1]", "emails[type eq 1].value"])
def test_a_broken_filter_in_a_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidFilter):
        patch(Operation("add", None, {name: "x"}))


@pytest.mark.parametrize("name", ["__class__", "__proto__", "toString", "", "emails", "a" * 5_000])
@pytest.mark.parametrize("path", ["name", "emails", f"{ENTERPRISE_USER_URN}:manager"])
def test_a_strange_sub_attribute_is_just_unknown(path: str, name: str) -> None:
    tolerated = Tolerated(defaults("okta"))
    assert apply(USER, [Operation("add", path, {name: "x"})], USER_TYPE, tolerated).resource == USER
    assert len(tolerated.ignored) == 1


def test_what_an_unknown_attribute_holds_is_not_echoed() -> None:
    with pytest.raises(InvalidPath) as refusal:
        patch(Operation("add", None, {"x" * 100_000: "s3cret"}), client="generic")
    assert len(refusal.value.detail) < 300
    assert "s3cret" not in refusal.value.detail


def test_a_thousand_operations_are_performed_and_no_more() -> None:
    operation = {"op": "replace", "path": "title", "value": "Nurse"}
    body = {"schemas": [PATCH_SCHEMA], "Operations": [operation] * OPERATIONS_MAX}
    tolerated = Tolerated(defaults("okta"))
    assert len(parse_operations(body, tolerated)) == OPERATIONS_MAX
    with pytest.raises(TooMany, match="has 1001 operations; the limit is 1000"):
        parse_operations({**body, "Operations": [operation] * (OPERATIONS_MAX + 1)}, tolerated)


def test_an_attribute_does_not_grow_over_its_limit() -> None:
    full = [Operation("add", "roles", [{"value": str(number)} for number in range(1_000)])]
    assert len(patch(*full).resource["roles"]) == 1_000  # type: ignore[arg-type]
    for more in (
        Operation("add", "roles", [{"value": "one more"}]),
        Operation("add", 'roles[type eq "x"].value', "one more"),
    ):
        with pytest.raises(ScimError, match="roles would have 1001 values; the limit is 1000") as refusal:
            patch(*full, more)
        assert refusal.value.scim_type == "invalidValue"


def test_the_work_of_a_request_is_limited() -> None:
    many = [{"value": str(number)} for number in range(900)]
    with pytest.raises(TooMany, match="look at more than 200000 values"):
        patch(Operation("add", "roles", many), *[Operation("remove", 'roles[value eq "x"]')] * 300)


def test_the_number_of_value_filters_is_limited() -> None:
    names = {f'roles[value eq "{number}"].display': "x" for number in range(SELECTIONS_MAX + 1)}
    with pytest.raises(TooMany, match="more than 2000 value filters"):
        patch(Operation("add", None, names))


SECONDS_MAX = 5.0
"""Far more than any of these takes (all are well under one second), and far less than no limit."""


@pytest.mark.parametrize(
    "operations",
    [
        [Operation("add", None, {f"favouriteColour{number}": "x" for number in range(40_000)})],
        [Operation("add", None, {f"favourite{number}[a eq 1]": "x" for number in range(20_000)})],
        [Operation("add", "name", {f"favourite{number}": "x" for number in range(40_000)})],
        [Operation("add", "emails", [{f"f{n}{m}": 1 for n in range(50)} for m in range(900)])],
        [Operation("add", f"favouriteColour{number}", "x") for number in range(1_000)],
        [Operation("add", "emails" + "[" * 100_000, "x")],
        [Operation("add", "emails[" + "(" * 100_000, "x")],
        [Operation("add", "emails[" + "not (" * 1_000 + "value pr", "x")],
        [Operation("add", "name" + ".a" * 4_000, "x")],
        [Operation("add", "roles", [{"value": str(number)} for number in range(100_000)])],
        [Operation("remove", "emails", [{"value": str(number)} for number in range(1_000)])] * 1_000,
    ],
    ids=lambda operations: str(operations[0])[:60],
)
@pytest.mark.parametrize("client", ["okta", "generic"])
def test_a_hostile_body_is_answered_quickly(operations: list[Operation], client: str) -> None:
    started = time.perf_counter()
    try:
        patch(*operations, client=client)
    except ScimError as refusal:
        assert refusal.status == 400  # noqa: PT017 - some of these are tolerated
    assert time.perf_counter() - started < SECONDS_MAX


PATHS = st.sampled_from(
    [
        *("userName", "active", "name", "name.givenName", "emails", "emails.value", "emails.primary", "addresses"),
        *('emails[type eq "work"]', 'emails[type eq "work"].value', "emails[primary eq true].primary", "schemas"),
        *("id", "meta", "meta.created", "groups", "password", "title", "manager", "managerId", "badge", "keywords"),
        *(ENTERPRISE_USER_URN, CLINIC_URN, ALIAS_URN, USER_URN, f"{CLINIC_URN}:shifts[hours gt 4].ward"),
        *(f"{CLINIC_URN}:{name}" for name in ("isProvider", "floor", "fee", "licensedUntil", "seal", "portrait")),
        *(f"{CLINIC_URN}:shifts", f"{CLINIC_URN}:keywords", f"{ALIAS_URN}:npi", "nonsense", "[", ""),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["True", "work"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "type", "primary", "display", "givenName", "ward", "badge", "x", "$ref", ""]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
OPERATIONS = st.builds(
    Operation,
    st.sampled_from(["add", "replace"]),
    PATHS.filter(bool),
    JSON,
) | st.one_of(
    st.builds(Operation, st.sampled_from(["add", "replace"]), st.none(), st.dictionaries(PATHS, JSON, max_size=3)),
    st.builds(Operation, st.just("remove"), PATHS.filter(bool), st.none() | JSON),
)
TOLERANCES = st.sampled_from([frozenset(), frozenset(ALL), *(defaults(client) for client in ("okta", "generic"))])


@settings(max_examples=300)
@given(operations=st.lists(OPERATIONS, min_size=1, max_size=3), enabled=TOLERANCES)
def test_any_operation_gives_a_canonical_user_or_a_refusal(
    operations: list[Operation], enabled: frozenset[str]
) -> None:
    aliases = {ALIAS_URN.lower(): CLINIC_URN}
    before, sent = copy.deepcopy(USER), copy.deepcopy(operations)
    try:
        patched = apply(USER, operations, USER_TYPE, Tolerated(enabled, aliases))
    except ScimError:
        return
    finally:
        assert before == USER
        assert repr(sent) == repr(operations)
    again = apply(patched.resource, [], USER_TYPE, Tolerated(enabled, aliases)).resource
    assert repr(again) == repr(patched.resource)
    assert is_canonical(patched.resource)


def is_canonical(resource: dict[str, object]) -> bool:
    """Whether reading the resource as the body of a PUT gives the resource (P5)."""
    body = {name: value for name, value in resource.items() if name != "id"}
    try:
        accepted = accept(body, USER_TYPE, Tolerated(frozenset()))
    except ScimError as refusal:
        return "userName" in refusal.detail  # the host's to refuse
    return repr(accepted.resource) == repr(body)


NO_OPERATIONS = [
    Operation("replace", None, {"active": True}),
    Operation("replace", "active", True),
    Operation("add", "name", {"givenName": "Barbara"}),
    Operation("replace", "emails", USER["emails"]),
    Operation("add", "emails", USER["emails"]),
    Operation("replace", 'emails[type eq "work"].value', "a@x.example"),
    Operation("replace", 'emails[type eq "work"].primary', True),
    Operation("add", None, {CLINIC_URN: USER[CLINIC_URN]}),
    Operation("replace", CLINIC_URN, USER[CLINIC_URN]),
    Operation("remove", "title"),
    Operation("remove", 'emails[type eq "home"]'),
    Operation("add", "schemas", [CLINIC_URN]),
    Operation("replace", "schemas", USER["schemas"]),
    Operation("add", "password", "x"),
    Operation("replace", None, {"id": "1"}),
    Operation("add", None, {}),
    Operation("add", "emails", []),
]


@pytest.mark.parametrize("operation", NO_OPERATIONS, ids=str)
def test_an_operation_that_changes_nothing_gives_an_equal_user(operation: Operation) -> None:
    patched = patch(operation)
    assert patched.resource == USER
    assert repr(patched.resource["emails"]) == repr(USER["emails"])


def test_what_does_not_change_is_shared_and_not_copied() -> None:
    patched = patch(Operation("replace", "active", False))
    assert patched.resource is not USER
    assert all(patched.resource[name] is USER[name] for name in USER if name not in ("active", "schemas"))
    assert USER["active"] is True
