"""scim2-models on resource types made at random: bodies, filters and PATCH are read alike.

What differs on purpose is a row of ``DIFFERENCES``, or of the tables of the other oracle tests.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from pydantic import ValidationError
from scim2_models import Context, PatchOp, SCIMException, SearchRequest

from mdscripts.scim.core_schemas import COMMON
from mdscripts.scim.errors import ScimError
from mdscripts.scim.filters import compile_match, parse_filter
from mdscripts.scim.patch import PATCH_SCHEMA, apply, parse_operations
from mdscripts.scim.resources import accept
from mdscripts.scim.schema import Attribute, ResourceType, Schema, Type
from mdscripts.scim.tolerances import Tolerated
from tests.scim.test_patch_oracle import same_combination
from tests.scim.test_resources_oracle import IGNORING_UNKNOWN, comparable
from tests.support.random_requests import RequestAuthor
from tests.support.random_schemas import SchemaAuthor, World, modelled
from tests.support.unspecified_primary import spelled_out

Json = dict[str, Any]
REFUSED = "refused"

WORLDS = 60
BODIES = 100
"""Of each world."""
RESOURCES = 3
FILTERS = 40
"""Of each world; each judges up to ``RESOURCES`` resources."""
OPERATIONS = 60
SEED = 7643


def accepted_by_us(world: World, body: Json) -> Json | str:
    try:
        return accept(body, world.resource_type, Tolerated(frozenset({"ignore-unknown-in-body"}))).resource
    except ScimError:
        return REFUSED


def accepted_by_them(world: World, body: Json) -> Json | str:
    context = Context.RESOURCE_CREATION_REQUEST
    try:
        read = world.model.model_validate(body, scim_ctx=context, scim_policy=IGNORING_UNKNOWN)
    except ValidationError:
        return REFUSED
    dumped: Json = read.model_dump(scim_ctx=Context.DEFAULT)
    return dumped


def judged_by_us(world: World, text: str, resource: Json) -> bool | str:
    try:
        return compile_match(parse_filter(text, world.resource_type))(resource)
    except ScimError:
        return REFUSED


def judged_by_them(world: World, text: str, resource: Json) -> bool | str:
    try:
        request = SearchRequest[world.model](filter=spelled_out(text))  # type: ignore[name-defined]
    except ValidationError:
        return REFUSED
    matches: bool = request.filter.match(world.model.model_validate(resource))
    return matches


def patched_by_us(world: World, operation: Json, resource: Json) -> Json | str:
    tolerated = Tolerated(frozenset())
    body = {"schemas": [PATCH_SCHEMA], "Operations": [operation]}
    try:
        return apply(resource, parse_operations(body, tolerated), world.resource_type, tolerated).resource
    except ScimError as refusal:
        return str(refusal.scim_type)


def patched_by_them(world: World, operation: Json, resource: Json) -> Json | str:
    model = world.model.model_validate(resource)
    path = {name: spelled_out(text) for name, text in operation.items() if name == "path"}
    body = {"schemas": [PATCH_SCHEMA], "Operations": [{**operation, **path}]}
    try:
        patch = PatchOp[world.model].model_validate(  # type: ignore[name-defined]
            body, scim_ctx=Context.RESOURCE_PATCH_REQUEST
        )
        patch.patch(model)
    except ValidationError as refusal:
        return refusal.errors()[0]["type"].removeprefix("scim_")
    except SCIMException as refusal:
        return str(refusal.scim_type)
    dumped: Json = model.model_dump()
    return dumped


# --- differences on purpose -----------------------------------------------------------------------

THING = "urn:example:Thing"


class Difference(NamedTuple):
    """``example`` shows it on ``RESOURCE``: our answer and theirs."""

    reason: str
    ours_of: Callable[[World, Any, Json], Any]
    theirs_of: Callable[[World, Any, Json], Any]
    example: Any
    ours: Any
    theirs: Any


def body_of(read: Callable[[World, Json], Json | str]) -> Callable[[World, Any, Json], Any]:
    return lambda world, example, _: read(world, example)


SMALL = ResourceType(
    "Thing",
    "/Things",
    "Made for the table",
    Schema(
        THING,
        "Thing",
        "Made for the table",
        (
            Attribute("room", "Required", Type.COMPLEX, required=True, sub_attributes=(Attribute("name", "A text"),)),
            Attribute("floor", "A number", Type.INTEGER),
            Attribute("seals", "Several binaries", Type.BINARY, multi_valued=True, case_exact=True),
            Attribute("opened", "A date and time", Type.DATE_TIME),
        ),
    ),
    common=COMMON,
)
SMALL_WORLD = World(SMALL, modelled(SMALL))
RESOURCE: Json = {
    "schemas": [THING],
    "room": {"name": "A"},
    "floor": 5,
    "opened": "2026-11-24T09:30:00",
    "seals": ["YWI="],
}

DIFFERENCES = [
    Difference(
        "an empty object says nothing: it is unassigned (RFC 7643 §2.5) and does not give what is required",
        body_of(accepted_by_us),
        body_of(accepted_by_them),
        {"schemas": [THING], "room": {}},
        REFUSED,
        {"schemas": [THING]},
    ),
    Difference(
        "a number has no parts: co, sw and ew with one are invalidFilter (RFC 7644 §3.4.2.2); theirs never matches",
        judged_by_us,
        judged_by_them,
        "floor co 5",
        REFUSED,
        False,
    ),
    Difference(
        "a stored date and time without a zone is UTC; theirs is before and after nothing",
        judged_by_us,
        judged_by_them,
        'opened gt "2026-11-24T09:00:00Z"',
        True,
        False,
    ),
    Difference(
        "a binary value can be added to others (RFC 7644 §3.5.2.1); theirs decodes those a second time and refuses",
        patched_by_us,
        patched_by_them,
        {"op": "add", "path": "seals", "value": ["YWJj"]},
        {**RESOURCE, "seals": ["YWI=", "YWJj"]},
        "invalidValue",
    ),
]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda row: row.reason[:50])
def test_each_difference_is_there(difference: Difference) -> None:
    assert comparable_answer(difference.ours_of(SMALL_WORLD, difference.example, RESOURCE)) == comparable_answer(
        difference.ours
    )
    assert comparable_answer(difference.theirs_of(SMALL_WORLD, difference.example, RESOURCE)) == comparable_answer(
        difference.theirs
    )
    assert difference.ours != difference.theirs


def comparable_answer(answer: Any) -> Any:
    """A resource apart from the order of its attributes, anything else as it is."""
    if not isinstance(answer, dict):
        return answer
    plain = comparable(answer)
    assert isinstance(plain, dict)
    return {name: sorted(value) if name == "schemas" else value for name, value in plain.items()}


def is_explained(operation: Json, resource: Json, own: Any, other: Any, world: World) -> bool:
    """Whether a row here or in the table of PATCH explains why the two answer differently."""
    if operation["op"] != "add":
        return False
    if other == "noTarget":
        return "[" in operation["path"]  # an add may create the value that its filter describes
    members = operation["value"] if "path" not in operation else {operation["path"]: operation["value"]}
    for path, value in members.items():
        attribute = find(world.resource_type, path)
        if attribute is None or not attribute.multi_valued:
            continue
        if other == "invalidValue" and attribute.type is Type.BINARY:
            return True
        if says_a_combination_twice(value, values_of(resource, path)):
            return True
    return False


def find(kind: ResourceType, path: str) -> Attribute | None:
    urn, _, name = path.rpartition(":")
    schema = kind.find_extension(urn) if urn else kind.schema
    return None if schema is None else schema.find(name.partition("[")[0].partition(".")[0])


def values_of(resource: Json, path: str) -> list[Any]:
    urn, _, name = path.rpartition(":")
    holder = resource.get(urn, {}) if urn else resource
    values = holder.get(name.partition("[")[0].partition(".")[0], [])
    return values if isinstance(values, list) else []


def says_a_combination_twice(value: Any, present: list[Any]) -> bool:
    given = value if isinstance(value, list) else [value]
    elements = [element for element in [*present, *given] if isinstance(element, dict)]
    return any(same_combination(one, other) for place, one in enumerate(elements) for other in elements[:place])


# --- everything else is equal ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    author = SchemaAuthor(SEED)
    return [author.world() for _ in range(WORLDS)]


def says_nothing_of_what_is_required(kind: ResourceType, body: Json) -> bool:
    """Whether an empty object stands where something is required (the first row of the table)."""
    found = {name.lower(): value for name, value in body.items()}
    return any(item.required and not comparable({"x": found.get(item.key, 1)}) for item in kind.schema.attributes)


def resources_of(world: World, author: RequestAuthor) -> list[Json]:
    """Resources that we accept."""
    found = [accepted_by_us(world, author.body(world.resource_type)) for _ in range(RESOURCES)]
    return [resource for resource in found if isinstance(resource, dict)]


def test_bodies_of_random_schemas_are_read_alike(worlds: list[World]) -> None:
    author = RequestAuthor(SEED)
    seen: Counter[bool] = Counter()
    for world in worlds:
        for _ in range(BODIES):
            body = author.body(world.resource_type)
            own, other = accepted_by_us(world, body), accepted_by_them(world, body)
            assert (own == REFUSED) == (other == REFUSED) or says_nothing_of_what_is_required(
                world.resource_type, body
            ), (body, own, other)
            if isinstance(own, dict) and isinstance(other, dict):
                assert comparable(own) == comparable(other), body
            seen[own == REFUSED] += 1
    assert seen.total() == WORLDS * BODIES
    assert min(seen.values()) > seen.total() / 20


def test_filters_over_random_schemas_answer_alike(worlds: list[World]) -> None:
    author = RequestAuthor(SEED + 1)
    seen: Counter[bool | str] = Counter()
    for world in worlds:
        resources = resources_of(world, author)
        for _ in range(FILTERS):
            text = author.filter(world.resource_type)
            for resource in resources:
                own, other = judged_by_us(world, text, resource), judged_by_them(world, text, resource)
                assert own == other, (text, resource)
                seen[own] += 1
    assert seen.total() >= 2 * WORLDS * FILTERS
    assert min(seen[True], seen[False], seen[REFUSED]) > seen.total() / 20


def test_operations_on_random_schemas_do_the_same(worlds: list[World]) -> None:
    author = RequestAuthor(SEED + 2)
    seen: Counter[str] = Counter()
    for world in worlds:
        resource = next(iter(resources_of(world, author)), None) or {"schemas": [world.resource_type.schema.id]}
        for _ in range(OPERATIONS):
            operation = author.operation(world.resource_type)
            own, other = patched_by_us(world, operation, resource), patched_by_them(world, operation, resource)
            if comparable_answer(own) != comparable_answer(other):
                assert is_explained(operation, resource, own, other, world), (operation, resource, own, other)
                seen["explained"] += 1
            else:
                seen[own if isinstance(own, str) else "done"] += 1
            if isinstance(own, dict):
                resource = own
    assert seen.total() == WORLDS * OPERATIONS
    assert seen["done"] > seen.total() / 2, seen
    assert seen["explained"] < seen.total() / 10, json.dumps(seen)
