"""PATCH of extensions: the table, and every URN with every attribute in every form of target.

However a client names the target, the outcome must be the same resource.
"""

import copy
import json
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdscripts.app import schemas
from mdscripts.scim.core_schemas import USER_URN
from mdscripts.scim.errors import ScimError
from mdscripts.scim.patch import Operation, Patched, apply
from mdscripts.scim.schema import Attribute, Mutability, ResourceType, Type
from mdscripts.scim.tolerances import Tolerated, defaults
from tests.support import scim_schemas
from tests.support.patch_cases import Case, check, load_cases

ALIASES = {
    "urn:example:alias:mdscripts": schemas.MDSCRIPTS_URN,
    "urn:example:alias.with.dots:2.0:user": scim_schemas.CLINIC_URN,
}


@pytest.mark.parametrize("case", load_cases("patch_extensions.json"))
def test_table(case: Case) -> None:
    check(case)


class Place(NamedTuple):
    """An attribute of an extension, or a sub-attribute of one, in a resource type."""

    resource_type: ResourceType
    urn: str
    attribute: Attribute
    sub: Attribute | None = None

    @property
    def name(self) -> str:
        return self.attribute.name if self.sub is None else f"{self.attribute.name}.{self.sub.name}"

    @property
    def leaf(self) -> Attribute:
        return self.sub or self.attribute

    @property
    def aliases(self) -> list[str]:
        return [alias for alias, urn in ALIASES.items() if urn == self.urn]

    @property
    def nested(self) -> Callable[[object], dict[str, object]]:
        """The value wrapped as a member of the extension object."""
        sub = self.sub
        if sub is None:
            return lambda value: {self.attribute.name: value}
        return lambda value: {self.attribute.name: {sub.name: value}}


def places() -> list[Place]:
    found = []
    for resource_type in (schemas.USER_TYPE, scim_schemas.USER_TYPE):
        for extension in resource_type.extensions:
            for attribute in extension.schema.attributes:
                found.append(Place(resource_type, extension.schema.id, attribute))
                if not attribute.multi_valued:
                    writable = [s for s in attribute.sub_attributes if s.mutability is not Mutability.READ_ONLY]
                    found += [Place(resource_type, extension.schema.id, attribute, sub) for sub in writable]
    return found


PLACES = places()

EXAMPLES: dict[Type, st.SearchStrategy[object]] = {
    Type.STRING: st.text("abcXYZ é'0", min_size=1, max_size=8),
    Type.BOOLEAN: st.booleans(),
    Type.INTEGER: st.integers(-5, 5),
    Type.DECIMAL: st.floats(-5, 5).map(lambda number: round(number, 2)),
    Type.DATE_TIME: st.sampled_from(["2026-11-24T09:30:00Z", "2020-02-29T23:59:59.5+01:00"]),
    Type.BINARY: st.sampled_from(["AAAA", "q1c="]),
    Type.REFERENCE: st.sampled_from(["https://x.example/Users/1", "../Users/2"]),
}


def values_of(attribute: Attribute) -> st.SearchStrategy[object]:
    if attribute.type is not Type.COMPLEX:
        one = EXAMPLES[attribute.type]
    else:
        subs = [sub for sub in attribute.sub_attributes if sub.mutability is not Mutability.READ_ONLY]
        one = st.fixed_dictionaries(
            {subs[0].name: values_of(subs[0])}, optional={sub.name: values_of(sub) for sub in subs[1:]}
        )
    return st.lists(one, min_size=1, max_size=3, unique_by=json.dumps) if attribute.multi_valued else one


def targets(place: Place, value: object, spell: Callable[[str], str]) -> dict[str, tuple[str | None, object]]:
    """Every way to name ``place`` with ``value``: title to (path, value of the operation)."""
    spelled = spell(place.name)
    nested = place.nested(value)
    forms: dict[str, tuple[str | None, object]] = {
        "top-level path": (spelled, value),
        "top-level key": (None, nested if place.sub is None else {spelled: value}),
    }
    for urn in (place.urn, *place.aliases):
        forms |= {
            f"path {urn}": (f"{spell(urn)}:{spelled}", value),
            f"URN path {urn}": (spell(urn), nested),
            f"URN path with a path key {urn}": (spell(urn), {spelled: value}),
            f"extension object {urn}": (None, {spell(urn): nested}),
            f"extension object with a path key {urn}": (None, {spell(urn): {spelled: value}}),
            f"path key {urn}": (None, {f"{spell(urn)}:{spelled}": value}),
        }
    stray = [other.schema.id for other in place.resource_type.extensions if other.schema.id != place.urn]
    for urn in (*stray, USER_URN):
        forms |= {
            f"under another schema: {urn}": (None, {spell(urn): {spelled: value}}),
            f"path under another schema: {urn}": (f"{spell(urn)}:{spelled}", value),
        }
    return forms


def run(place: Place, resource: dict[str, object], op: str, path: str | None, value: object) -> Patched:
    tolerated = Tolerated(defaults("okta"), ALIASES)
    untouched = copy.deepcopy(resource)
    patched = apply(resource, [Operation(op, path, value)], place.resource_type, tolerated)
    assert resource == untouched
    assert tolerated.ignored == []
    return patched


def expected(place: Place, resource: dict[str, object], value: object) -> dict[str, object]:
    """``resource`` with the value of ``place`` set, or unassigned if it is None; by plain means."""
    result = copy.deepcopy(resource)
    members = result.setdefault(place.urn, {})
    name = place.attribute.name
    if place.attribute.type is Type.COMPLEX and not place.attribute.multi_valued:
        before = members.get(name, {})
        given = value if place.sub is None else {place.sub.name: value}
        merged = {} if given is None else before | given
        if "$ref" not in (given or {}) and merged.get("value") != before.get("value"):
            merged.pop("$ref", None)  # it belongs to the former value
        value = {part: item for part, item in merged.items() if item is not None} or None
    members[name] = value
    members = {key: member for key, member in members.items() if member is not None}
    result = {key: item for key, item in result.items() if key != place.urn}
    if members:
        result[place.urn] = members
    urns = [extension.schema.id for extension in place.resource_type.extensions]
    result["schemas"] = [USER_URN, *[urn for urn in urns if urn in result]]
    return result


def touched(place: Place, value: object) -> set[str]:
    key = f"{place.urn}:{place.attribute.name}".lower()
    if place.sub is not None:
        return {key, f"{key}.{place.sub.name}".lower()}
    if place.attribute.type is Type.COMPLEX and not place.attribute.multi_valued:
        names = value if isinstance(value, dict) else place.attribute.names
        return {key} | {f"{key}.{name}".lower() for name in names}
    return {key}


@st.composite
def users(draw: st.DrawFn, resource_type: ResourceType) -> dict[str, object]:
    resource: dict[str, object] = {"schemas": [USER_URN], "id": "1", "userName": "bjensen"}
    for extension in resource_type.extensions:
        members = draw(
            st.fixed_dictionaries(
                {}, optional={attribute.name: values_of(attribute) for attribute in extension.schema.attributes}
            )
        )
        if members:
            resource[extension.schema.id] = members
            resource["schemas"] = [*resource["schemas"], extension.schema.id]  # type: ignore[misc]
    return resource


SPELLINGS = st.sampled_from([str, str.lower, str.upper, str.swapcase])


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.urn.split(':')[-3]}:{place.name}")
@settings(max_examples=12)
@given(data=st.data())
def test_every_form_of_target_sets_the_same_value(place: Place, data: st.DataObject) -> None:
    resource = data.draw(users(place.resource_type))
    value = data.draw(values_of(place.leaf))
    op = data.draw(st.sampled_from(["add", "replace"]))
    if op == "add" and place.attribute.multi_valued:
        resource.get(place.urn, {}).pop(place.attribute.name, None)  # type: ignore[attr-defined]
        value = value[:1]  # type: ignore[index]
    wanted = expected(place, resource, value)
    for title, (path, sent) in targets(place, value, data.draw(SPELLINGS)).items():
        patched = run(place, resource, op, path, sent)
        assert patched.resource == wanted, title
        assert patched.touched == touched(place, value), title


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.urn.split(':')[-3]}:{place.name}")
@settings(max_examples=8)
@given(data=st.data())
def test_every_form_of_target_unassigns_the_same_value(place: Place, data: st.DataObject) -> None:
    resource = data.draw(users(place.resource_type))
    wanted = expected(place, resource, None)
    spell = data.draw(SPELLINGS)
    empty = data.draw(st.sampled_from([None, "", []]))
    paths = {
        path for path, _ in targets(place, None, spell).values() if path and path.lower().endswith(place.name.lower())
    }
    assert len(paths) >= 3
    for path in paths:
        assert run(place, resource, "remove", path, None).resource == wanted, path
    for title, (path, sent) in targets(place, empty, spell).items():
        patched = run(place, resource, "replace", path, sent)
        assert patched.resource == wanted, title
        assert patched.touched == touched(place, None), title


@pytest.mark.parametrize("resource_type", [schemas.USER_TYPE, scim_schemas.USER_TYPE], ids=["mdscripts", "clinic"])
@settings(max_examples=30)
@given(data=st.data())
def test_removing_an_extension_removes_it_and_nothing_else(resource_type: ResourceType, data: st.DataObject) -> None:
    resource = data.draw(users(resource_type))
    for extension in resource_type.extensions:
        urn = extension.schema.id
        wanted = {name: value for name, value in resource.items() if name != urn}
        wanted["schemas"] = [schema for schema in resource["schemas"] if schema != urn]  # type: ignore[attr-defined]
        for name in (urn, urn.upper(), *[alias for alias, own in ALIASES.items() if own == urn]):
            for operation in (
                Operation("remove", name),
                Operation("replace", name, None),
                Operation("replace", None, {name: None}),
                Operation("add", None, {name: ""}),
            ):
                patched = apply(resource, [operation], resource_type, Tolerated(defaults("okta"), ALIASES))
                assert patched.resource == wanted, operation
                assert patched.touched >= {
                    f"{urn}:{attribute.name}".lower() for attribute in extension.schema.attributes
                }


@settings(max_examples=200)
@given(
    path=st.sampled_from([place.urn for place in PLACES]).flatmap(
        lambda urn: st.tuples(
            st.just(urn), st.sampled_from([":", ".", "::", "", ":x", ":.", ":manager.", ':npi[value eq "1"]'])
        ).map("".join)
    ),
    value=st.sampled_from([None, "", [], {}, "x", 5, ["x"], [{}], {"": 1}, {"a:b": 1}, {"npi.x": 1}, {"[": 1}]),
    op=st.sampled_from(["add", "replace", "remove"]),
    client=st.sampled_from(["okta", "generic"]),
)
def test_a_spoiled_urn_is_refused_or_ignored_and_never_a_fault_of_ours(
    path: str, value: object, op: str, client: str
) -> None:
    resource: dict[str, object] = {"schemas": [USER_URN], "id": "1", "userName": "bjensen"}
    for operation in (Operation(op, path, value), Operation("replace", None, {path: value})):
        try:
            patched = apply(resource, [operation], schemas.USER_TYPE, Tolerated(defaults(client)))
        except ScimError:
            continue
        assert set(patched.resource) <= {"schemas", "id", "userName"}
