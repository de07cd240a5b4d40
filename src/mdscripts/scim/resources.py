"""From the body of a POST or PUT to a canonical resource, and from a resource to an answer.

Canonical: names as the schema spells them, attributes in schema order, extension attributes in an
object under their URN, ``schemas`` first, nothing unassigned. Equal resources are equal bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mdscripts.scim.errors import InvalidSyntax
from mdscripts.scim.placement import Faults, Placed, is_in_place, place
from mdscripts.scim.projection import Resource, projection
from mdscripts.scim.scalars import LIMITS, UNASSIGNED, Limits, Unassigned, add_fault, describe, render_faults
from mdscripts.scim.schema import Attribute, ResourceType
from mdscripts.scim.tolerances import Tolerated
from mdscripts.scim.values import accept_single, accept_value, without_repeats

__all__ = [
    "LIMITS",
    "UNASSIGNED",
    "Accepted",
    "Examined",
    "Faults",
    "Limits",
    "Resource",
    "Unassigned",
    "accept",
    "accept_single",
    "accept_value",
    "describe",
    "examine",
    "projection",
    "recompute_schemas",
    "render_faults",
    "without_repeats",
]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A body as a canonical resource.

    ``present`` holds the keys (``Path.key``) of writable attributes the body names, also where the
    value is ``null`` or empty: attributes of the core and of extensions, and the sub-attributes of
    single-valued complex ones. ``elsewhere`` holds simple attributes that arrived outside their own
    place: key -> (location, value as sent), in order of precedence.
    """

    resource: Resource
    present: frozenset[str]
    elsewhere: dict[str, list[tuple[str, object]]]


class Examined(NamedTuple):
    """What a body holds, and what is wrong with it.

    With faults, ``accepted`` is what is left without the values at fault; what ``faults.keys`` names
    says nothing about its attribute, neither a value nor that there is none.
    """

    accepted: Accepted
    faults: Faults


def accept(body: object, resource_type: ResourceType, tolerated: Tolerated, limits: Limits = LIMITS) -> Accepted:
    """Check the body of a POST or PUT against the schemas (RFC 7644 §3.3, §3.5.1).

    Read-only attributes and secrets are dropped, unknown ones recorded in ``tolerated.ignored``.
    Raises InvalidSyntax for a body that is no resource of this type, InvalidValue for values that
    are not allowed; the detail lists all faults.
    """
    examined = examine(body, resource_type, tolerated, limits)
    examined.faults.refuse()
    return examined.accepted


def examine(body: object, resource_type: ResourceType, tolerated: Tolerated, limits: Limits = LIMITS) -> Examined:
    """Like ``accept``, for a caller that can use a part of the body: faults are returned, not raised.

    Raises InvalidSyntax for a body that is no object.
    """
    if type(body) is not dict:
        raise InvalidSyntax(f"The body must be a JSON object, but the request has {describe(body)}.")
    faults = Faults()
    placed = place(body, resource_type, tolerated, faults) if not is_in_place(body, resource_type) else None
    walk = _Walk(tolerated, faults, limits)
    core = body if placed is None else placed.core
    resource: Resource = {"schemas": [resource_type.schema.id]}
    _check_schemas(core.get("schemas"), resource_type, tolerated, faults)
    walk.fill(resource_type.writable, core, resource)
    for extension in resource_type.extensions:
        urn = extension.schema.id
        members = _extension(body, placed, urn)
        if members is not None:
            extended = walk.fill(extension.schema.writable, members, {}, urn.lower() + ":")
            if extended:
                resource[urn] = extended
                _check_required(extension.schema.writable, extended, faults, urn.lower() + ":")
        if extension.required and urn not in resource:
            add_fault(faults.values, f"{urn} is required.")
    _check_required(resource_type.writable, resource, faults)
    recompute_schemas(resource, resource_type)
    return Examined(Accepted(resource, frozenset(walk.present), {} if placed is None else placed.elsewhere), faults)


def recompute_schemas(resource: Resource, resource_type: ResourceType) -> None:
    """Set ``schemas`` to the base schema and the extensions the resource has values of."""
    urns = [extension.schema.id for extension in resource_type.extensions]
    resource["schemas"] = [resource_type.schema.id, *[urn for urn in urns if resource.get(urn)]]


def _extension(body: Resource, placed: Placed | None, urn: str) -> Resource | None:
    if placed is not None:
        return placed.extensions.get(urn)
    members = body.get(urn)
    return members if type(members) is dict else None


class _Walk:
    """One pass over the attributes of a body in schema order."""

    __slots__ = ("_faults", "_limits", "_tolerated", "present")

    def __init__(self, tolerated: Tolerated, faults: Faults, limits: Limits) -> None:
        self._tolerated = tolerated
        self._faults = faults
        self._limits = limits
        self.present: set[str] = set()

    def fill(self, attributes: Iterable[Attribute], source: Resource, target: Resource, prefix: str = "") -> Resource:
        """Put the accepted values of ``source`` into ``target``, which is returned."""
        present, tolerated, limits = self.present, self._tolerated, self._limits
        faults: list[str] = []
        for attribute in attributes:
            name = attribute.name
            if name not in source:
                continue
            value = source[name]
            key = prefix + attribute.key
            present.add(key)
            if attribute.sub_attributes and not attribute.multi_valued:
                present.update(_sub_keys(attribute, value, key))
            accepted = accept_value(attribute, value, name, tolerated, faults, limits)
            if faults:
                self._blame(attribute, value, key, faults)
                faults = []
                if attribute.multi_valued:
                    continue  # a part of a list is not what the client said
            if accepted is not UNASSIGNED:
                target[name] = accepted
        return target

    def _blame(self, attribute: Attribute, value: object, key: str, faults: Iterable[str]) -> None:
        """Note the faults of one attribute; of a single complex value, which parts are at fault."""
        for fault in faults:
            add_fault(self._faults.values, fault)
        if type(value) is dict and not attribute.multi_valued and value.keys() >= set(attribute.required_names):
            self._faults.keys.update(f"{key}.{part}" for part in self._parts_at_fault(attribute, value))
        else:
            self._faults.keys.update([key, *_sub_keys(attribute, None, key)])

    def _parts_at_fault(self, attribute: Attribute, value: Resource) -> Iterator[str]:
        asked = Tolerated(self._tolerated.enabled)  # the counters have seen this value already
        seen = set[str]()
        for name, item in value.items():
            sub, faults = attribute.find(name), list[str]()
            if sub is None:
                continue
            accept_value(sub, item, name, asked, faults, self._limits)
            if faults or sub.key in seen:
                yield sub.key
            seen.add(sub.key)


def _sub_keys(attribute: Attribute, value: object, key: str) -> Iterable[str]:
    """The keys of the sub-attributes a value names; ``null`` names them all."""
    names = value if type(value) is dict else () if value else attribute.names
    subs = (attribute.find(name) for name in names)
    return [f"{key}.{sub.key}" for sub in subs if sub is not None]


def _check_required(attributes: Iterable[Attribute], resource: Resource, faults: Faults, prefix: str = "") -> None:
    for attribute in attributes:
        if attribute.required and attribute.name not in resource and not attribute.checked_by_host:
            add_fault(faults.values, f"{attribute.name} is required.")
            faults.keys.add(prefix + attribute.key)


def _check_schemas(value: object, resource_type: ResourceType, tolerated: Tolerated, faults: Faults) -> None:
    """``schemas`` names the base schema and nothing the type does not have (RFC 7643 §3)."""
    base = resource_type.schema.id
    if type(value) is str and value and tolerated.allows("scalar-for-list"):
        value = [value]
    if value is None or value in ("", []):
        value = []
    if type(value) is not list or not all(type(urn) is str for urn in value):
        add_fault(faults.structure, "schemas must be a list of schema URNs.")
        return
    has_base = False
    for urn in value:
        if urn == base or urn.lower() == base.lower():
            has_base = True
        elif resource_type.find_extension(urn) is None:
            _check_unknown_schema(urn, resource_type, tolerated, faults)
    if not has_base and not tolerated.allows("missing-schemas"):
        add_fault(faults.structure, f"schemas must contain {base}.")


def _check_unknown_schema(urn: str, resource_type: ResourceType, tolerated: Tolerated, faults: Faults) -> None:
    alias = tolerated.alias_urns.get(urn.lower())
    if alias is not None and resource_type.find_extension(alias) is not None:
        if tolerated.allows("alias-urns"):
            return
    elif tolerated.allows("unknown-schemas"):
        tolerated.ignore(urn)
        return
    add_fault(faults.structure, f"{urn[:200]} is no schema of {resource_type.name}.")
