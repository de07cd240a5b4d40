"""Each tolerance on a connection of its own: on, accepted and counted; off, the strict answer.

The service runs in this process on a real database, so that counters can be stored at once.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, USER_URN
from mdscripts.scim.tolerances import ALL
from tests.support.practice import ALIAS, Practice
from tests.support.scim_client import EXTENSION

Json = dict[str, Any]
_NUMBERS = itertools.count()


def fresh() -> str:
    return f"tolerance{next(_NUMBERS)}@clinic.example"


def user(**members: Any) -> Json:
    return {"schemas": [USER_URN], "userName": fresh(), **members}


@pytest.fixture
def practice(database_url: str) -> Iterator[Practice]:
    practice = Practice(database_url)
    yield practice
    practice.shut()


Send = Callable[[Practice], httpx.Response]


@dataclass(frozen=True)
class Case:
    """What is sent, what must come of it while the tolerance is on, and the strict answer: a status
    with a scimType, or another outcome."""

    send: Send
    accepted: Callable[[Practice, httpx.Response], bool]
    refused: tuple[int, str | None] | Callable[[Practice, httpx.Response], bool]


def post(**members: Any) -> Send:
    return lambda practice: practice.send("POST", "/Users", user(**members))


def patched(*operations: Json, **members: Any) -> Send:
    return lambda practice: practice.patch(f"/Users/{practice.created(user(**members))}", *operations)


def has(**members: Any) -> Callable[[Practice, httpx.Response], bool]:
    """Whether the answer is a user with these values (None: without the attribute)."""

    def judge(_: Practice, answer: httpx.Response) -> bool:
        body = answer.json()
        return answer.status_code in (200, 201) and all(body.get(name) == value for name, value in members.items())

    return judge


def has_in(urn: str, **members: Any) -> Callable[[Practice, httpx.Response], bool]:
    """The same in an extension."""

    def judge(_: Practice, answer: httpx.Response) -> bool:
        inner = answer.json().get(urn, {})
        return answer.status_code in (200, 201) and all(inner.get(name) == value for name, value in members.items())

    return judge


def remove_a_member(practice: Practice) -> httpx.Response:
    stays, goes = practice.created(user()), practice.created(user())
    members = [{"value": stays}, {"value": goes}]
    group = practice.created({"schemas": [GROUP], "displayName": fresh(), "members": members}, "/Groups")
    answer = practice.patch(f"/Groups/{group}", {"op": "remove", "path": "members", "value": [{"value": goes}]})
    if answer.status_code == 204:
        left = practice.send("GET", f"/Groups/{group}").json()["members"]
        assert [member["value"] for member in left] == [stays]
    return answer


GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
WORK_PHONE = {"value": "555", "type": "work"}
CASES = {
    "text-booleans": Case(
        post(phoneNumbers=[{"value": "555", "primary": "True"}]),
        has(phoneNumbers=[{"value": "555", "primary": True}]),
        (400, "invalidValue"),
    ),
    "capitalised-operations": Case(
        patched({"op": "Replace", "path": "title", "value": "Nurse"}), has(title="Nurse"), (400, "invalidSyntax")
    ),
    "path-keys": Case(
        patched({"op": "replace", "value": {"name.givenName": "Dana"}}),
        has(name={"givenName": "Dana"}),
        (400, "invalidPath"),
    ),
    "remove-with-value": Case(remove_a_member, lambda _, answer: answer.status_code == 204, (400, "invalidValue")),
    "create-on-absent": Case(
        patched({"op": "replace", "path": 'phoneNumbers[type eq "work"].value', "value": "555"}),
        has(phoneNumbers=[WORK_PHONE]),
        (400, "noTarget"),
    ),
    "ignore-unknown-in-patch": Case(
        patched({"op": "add", "path": "favouriteColour", "value": "green"}),
        has(favouriteColour=None),
        (400, "invalidPath"),
    ),
    "ignore-unknown-in-body": Case(post(favouriteColour="green"), has(favouriteColour=None), (400, "invalidSyntax")),
    "single-object-for-list": Case(
        post(phoneNumbers=WORK_PHONE), has(phoneNumbers=[WORK_PHONE]), (400, "invalidValue")
    ),
    "complex-from-scalar": Case(
        post(**{ENTERPRISE_USER_URN: {"manager": "26118915"}}),
        has_in(ENTERPRISE_USER_URN, manager={"value": "26118915"}),
        (400, "invalidValue"),
    ),
    "scalar-for-list": Case(post(roles=["Nurse"]), has(roles=[{"value": "Nurse"}]), (400, "invalidValue")),
    "json-in-text": Case(
        post(roles=[{"value": '{"value": "Nurse"}'}]),
        has(roles=[{"value": "Nurse"}]),
        has(roles=[{"value": '{"value": "Nurse"}'}]),
    ),
    "text-for-boolean-in-filter": Case(
        lambda practice: practice.send("GET", '/Users?filter=active eq "True"'),
        lambda _, answer: answer.status_code == 200,
        (400, "invalidFilter"),
    ),
    "missing-schemas": Case(
        lambda practice: practice.send("POST", "/Users", {"userName": fresh()}),
        lambda _, answer: answer.status_code == 201,
        (400, "invalidSyntax"),
    ),
    "unknown-schemas": Case(
        lambda practice: practice.send(
            "POST", "/Users", user(schemas=[USER_URN, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"])
        ),
        has(schemas=[USER_URN, EXTENSION]),
        (400, "invalidSyntax"),
    ),
    "extension-at-top-level": Case(
        # Unknown attributes are still ignored here: off means that this is one of them.
        post(role="Manager"),
        has_in(EXTENSION, role="Manager"),
        has_in(EXTENSION, role="Assistant"),
    ),
    "alias-urns": Case(
        post(**{ALIAS: {"role": "Manager"}}),
        has_in(EXTENSION, role="Manager"),
        has_in(EXTENSION, role="Assistant"),
    ),
    "missing-patch-schema": Case(
        lambda practice: practice.send(
            "PATCH",
            f"/Users/{practice.created(user())}",
            {"Operations": [{"op": "replace", "path": "title", "value": "Nurse"}]},
        ),
        has(title="Nurse"),
        (400, "invalidSyntax"),
    ),
    "bare-token": Case(
        lambda practice: practice.send("GET", "/Users?count=1", authorization=practice.token),
        lambda _, answer: answer.status_code == 200,
        (401, None),
    ),
}


def test_every_tolerance_has_a_case() -> None:
    assert list(CASES) == list(ALL)


@pytest.mark.parametrize("name", CASES)
def test_a_tolerance_that_is_on_accepts_and_counts(practice: Practice, name: str) -> None:
    practice.switch(on=(name,))
    answer = CASES[name].send(practice)
    assert CASES[name].accepted(practice, answer), answer.text
    assert practice.uses(name) == 1
    CASES[name].send(practice)
    assert practice.uses(name) == 2


@pytest.mark.parametrize("name", CASES)
def test_a_tolerance_that_is_off_gives_the_documented_strict_answer(practice: Practice, name: str) -> None:
    practice.switch(on=(name,))
    practice.switch(off=(name,))
    answer = CASES[name].send(practice)
    refused = CASES[name].refused
    if isinstance(refused, tuple):
        status, scim_type = refused
        assert answer.status_code == status, answer.text
        assert answer.json().get("scimType") == scim_type
        documented = ALL[name].strict_answer
        assert documented.startswith(f"{status} {scim_type}" if scim_type else str(status))
    else:
        assert refused(practice, answer), answer.text
    assert practice.uses(name) == 0


def test_the_documented_strict_answers_are_refusals_unless_the_case_says_otherwise() -> None:
    for name, case in CASES.items():
        assert isinstance(case.refused, tuple) == ALL[name].strict_answer[:1].isdigit(), name
