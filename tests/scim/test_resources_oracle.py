"""scim2-models as an independent reader of the same bodies: it agrees, but for the table below.

Its models are made from our own discovery documents, so these tests also prove that those say
what the engine does.
"""

import json
import random
from collections.abc import Callable
from typing import Any, Union

import pytest
from pydantic import ValidationError
from scim2_models import Context, Extension, Resource, Schema, ScimPolicy

from mdscripts.scim.comparison import instant
from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, USER_URN
from mdscripts.scim.discovery import schema_document
from mdscripts.scim.errors import ScimError
from mdscripts.scim.resources import accept
from mdscripts.scim.schema import Attribute, Type
from mdscripts.scim.tolerances import Tolerated
from tests.support.scim_schemas import CLINIC_URN, USER_TYPE

CASES = 10_000
SEED = 7643
REFUSED = "refused"
IGNORING_UNKNOWN = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)


def modelled_user() -> type[Resource[Any]]:
    documents = [schema_document(schema, "https://scim.example") for schema in USER_TYPE.schemas()]
    base, *extensions = [Schema.model_validate(document) for document in documents]
    models = tuple(Extension.from_schema(extension) for extension in extensions)
    return Resource.from_schema(base)[Union[models]]  # noqa: UP007


MODEL = modelled_user()


def ours(body: dict[str, object]) -> object:
    try:
        return accept(body, USER_TYPE, Tolerated(frozenset({"ignore-unknown-in-body"}))).resource
    except ScimError:
        return REFUSED


def theirs(body: dict[str, object]) -> object:
    try:
        model = MODEL.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=IGNORING_UNKNOWN)
    except ValidationError:
        return REFUSED
    return model.model_dump(scim_ctx=Context.DEFAULT)


def user(**members: object) -> dict[str, object]:
    return {"schemas": [USER_URN], "userName": "dana@clinic.example", **members}


def clinic(**members: object) -> dict[str, object]:
    return user(schemas=[USER_URN, CLINIC_URN], **{CLINIC_URN: members})


KEEPS = "kept as sent"
LEFT_OUT = "left out"

DIFFERENCES: list[tuple[str, dict[str, object], str, str]] = [
    # reason, body, what we do with it, what they do with it
    ("RFC 7643 §2.5: an empty text is unassigned", user(title=""), LEFT_OUT, KEEPS),
    ("RFC 7643 §2.4: identical values once", user(roles=[{"value": "a"}, {"value": "a"}]), "once", KEEPS),
    ("RFC 7644 §3.3: read-only input is ignored", user(groups="a"), LEFT_OUT, REFUSED),
    ("a secret is never kept", user(password="x"), LEFT_OUT, KEEPS),
    ("RFC 7643 §2.1: one attribute, two names", user(Title="a", title="b"), REFUSED, "the last"),
    ("a control character poisons logs and databases", user(title="a\x00"), REFUSED, KEEPS),
    ("RFC 7643 §2.3.2: booleans are literals", user(roles=[{"value": "a", "primary": 1}]), REFUSED, "converted"),
    ("a tolerance here", user(roles=[{"value": "a", "primary": "true"}]), REFUSED, "converted"),
    ("RFC 7643 §2.3.4: no fraction", clinic(floor=1.0), REFUSED, "converted"),
    ("RFC 7643 §2.3.4: a number", clinic(floor="1"), REFUSED, "converted"),
    ("RFC 7643 §2.3.3: a number", clinic(fee="1.5"), REFUSED, "converted"),
    ("RFC 7643 §2.3.5: date and time", clinic(licensedUntil="2026-01-01"), REFUSED, "converted"),
    ("RFC 7643 §2.3.5: text", clinic(licensedUntil=5), REFUSED, "converted"),
    ("values are kept as sent", clinic(licensedUntil="2026-01-01T00:00:00+00:00"), KEEPS, "converted"),
    ("RFC 4648 §3.3: no other characters", clinic(seal="YWJj\n"), REFUSED, "converted"),
    ("RFC 4648 §3.3: no other characters", clinic(seal="!!!!"), REFUSED, "converted"),
    ("RFC 7643 §2.3.6: padding may be omitted", clinic(seal="YWI"), KEEPS, REFUSED),
    ("RFC 3986: no blanks in a URI", user(photos=[{"value": "https://x.example/a b"}]), REFUSED, KEEPS),
    ("RFC 7643 §2.3.7: HTTP-addressable", user(profileUrl="ftp://x.example/a"), REFUSED, KEEPS),
    ("RFC 7643 §2.3.7: absolute or relative", user(profileUrl="../dana"), KEEPS, REFUSED),
    ("the host judges it", user(active="yes"), KEEPS, "converted"),
    ("the host judges it", user(emails=[{"value": 5}]), KEEPS, REFUSED),
]


@pytest.mark.parametrize(
    ("body", "our_answer", "their_answer"),
    [row[1:] for row in DIFFERENCES],
    ids=[f"{row[0]}: {list(row[1].values())[-1]!r}" for row in DIFFERENCES],
)
def test_each_difference_is_known_and_still_there(body: dict[str, object], our_answer: str, their_answer: str) -> None:
    assert ours(body) != theirs(body)
    assert verdict(body, ours(body)) == our_answer
    assert verdict(body, theirs(body)) == their_answer


def verdict(body: dict[str, object], result: object) -> str:
    """In the words of the table, what became of the member that the body is about."""
    if result == REFUSED:
        return REFUSED
    assert isinstance(result, dict)
    name, value = list(body.items())[-1]
    if name not in result:
        return LEFT_OUT
    if json.dumps(result[name]) == json.dumps(value):
        return "the last" if name.capitalize() in body else KEEPS
    is_first = isinstance(value, list) and json.dumps(result[name]) == json.dumps(value[:1])
    return "once" if is_first else "converted"


# --- random bodies ----------------------------------------------------------------------------

GOOD: dict[Type, list[object]] = {
    Type.STRING: ["a", "Dana Lee", "00123", "ä\n", "true", "x" * 300],
    Type.BOOLEAN: [True, False],
    Type.INTEGER: [0, -5, 12, 2**40],
    Type.DECIMAL: [1.5, -0.25, 3.0],
    Type.DATE_TIME: ["2026-11-24T09:30:00Z", "2026-11-24T09:30:00.25-05:00", "2028-02-29T23:59:59"],
    Type.BINARY: ["YWJj", "YWI="],
    Type.REFERENCE: ["https://x.example/a?b=1#c", "../Users/1", "urn:example:a"],
}
WRONG: dict[Type, list[object]] = {
    Type.STRING: [5, 1.5, True, ["a"], {"a": "b"}],
    Type.BOOLEAN: ["maybe", 2, [True], {"a": True}],
    Type.INTEGER: ["x", 1.5, [1], {}],
    Type.DECIMAL: ["x", [1.5], {"a": 1}],
    Type.DATE_TIME: ["yesterday", "2026-13-01T00:00:00Z", ["2026-11-24T09:30:00Z"], True],
    Type.BINARY: [5, ["YWJj"], {"a": 1}],
    Type.REFERENCE: [5, ["https://x.example"], {"a": 1}],
    Type.COMPLEX: [5, True, [5], ["a", "b"]],
}


class Author:
    """Writes random bodies: mostly right, now and then with one wrong value somewhere."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def body(self) -> dict[str, object]:
        body = user()
        for attribute in self._some(USER_TYPE.schema.attributes):
            if attribute.name != "userName":
                body[self._spelled(attribute.name)] = self._value(attribute)
        for extension in self._some(USER_TYPE.extensions):
            members = self._some(extension.schema.attributes)
            body[extension.schema.id] = {self._spelled(item.name): self._value(item) for item in members}
            body["schemas"] = [USER_URN, ENTERPRISE_USER_URN, CLINIC_URN]
        if self._rarely():
            body["favouriteColour"] = "green"
        return body

    def _some(self, items: tuple[Any, ...]) -> list[Any]:
        return self._chance.sample(items, self._chance.randint(0, min(4, len(items))))

    def _rarely(self, times: int = 12) -> bool:
        return self._chance.randrange(times) == 0

    def _spelled(self, name: str) -> str:
        return self._chance.choice([name, name, name.upper(), name.lower()])

    def _value(self, attribute: Attribute) -> object:
        if self._rarely(30):
            return None
        if not attribute.multi_valued:
            return self._single(attribute)
        if self._rarely(40) and attribute.writable:
            return "a"
        values = [self._single(attribute) for _ in range(self._chance.randint(0, 3))]
        return list({repr(comparable(value)).lower(): value for value in values}.values())

    def _single(self, attribute: Attribute) -> object:
        if self._rarely(60) and not attribute.checked_by_host and attribute.writable:
            return self._chance.choice(WRONG[attribute.type])
        if attribute.type is Type.REFERENCE and "User" not in attribute.reference_types:
            return f"https://x.example/{self._chance.randrange(9)}"
        if attribute.type is not Type.COMPLEX:
            return self._chance.choice(GOOD[attribute.type])
        subs = self._some(attribute.sub_attributes)
        return {self._spelled(sub.name): self._single(sub) for sub in subs if self._is_comparable(sub)}

    @staticmethod
    def _is_comparable(sub: Attribute) -> bool:
        """Leaves out ``primary``: with two of them the rules of the host and theirs differ (EM-10)."""
        return sub.writable and not (sub.name == "primary" and sub.checked_by_host)


def comparable(value: object, *, key: Callable[[str], object] = instant) -> object:
    """Without what the table explains: dates as instants, no empty values, no secret."""
    if isinstance(value, dict):
        members = {name: comparable(value[name]) for name in sorted(value, key=str.lower) if name != "password"}
        return {name: item for name, item in members.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        kept: list[object] = []
        for item in map(comparable, value):
            if item not in (None, "", [], {}) and item not in kept:
                kept.append(item)
        return kept
    return key(value) or value if isinstance(value, str) else value


def test_random_bodies_are_read_the_same_way() -> None:
    author = Author(SEED)
    refused = accepted = 0
    for _ in range(CASES):
        body = author.body()
        mine, yours = ours(body), theirs(body)
        assert (mine == REFUSED) == (yours == REFUSED), (body, mine, yours)
        if mine == REFUSED:
            refused += 1
        else:
            accepted += 1
            assert comparable(mine) == comparable(yours), body
    assert refused > CASES / 10
    assert accepted > CASES / 3
