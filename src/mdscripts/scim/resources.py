"""From the body of a POST or PUT to a canonical resource, and from a resource to an answer.

Canonical: names as the schema spells them, attributes in schema order, extension attributes in an
object under their URN, ``schemas`` first, nothing unassigned. Equal resources are equal bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mdscripts.scim.errors import InvalidSyntax
from mdscripts.scim.placement import Faults, Placed, is_in_place, place
from mdscripts.scim.projection import Resource, project, projection
from mdscripts.scim.scalars import LIMITS, UNASSIGNED, Limits, Unassigned, add_fault, describe, render_faults
from mdscripts.scim.schema import Attribute, ResourceType
from mdscripts.scim.tolerances import Tolerated
from mdscripts.scim.values import accept_single, accept_value, without_repeats

__all__ = [
    "LIMITS",
    "UNASSIGNED",
    "Accepted",
    "Limits",
    "Resource",
    "Unassigned",
    "accept",
    "accept_single",
    "accept_value",
    "describe",
    "project",
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


def accept(body: object, resource_type: ResourceType, tolerated: Tolerated, limits: Limits = LIMITS) -> Accepted:
    """Check the body of a POST or PUT against the schemas (RFC 7644 §3.3, §3.5.1).

    Read-only attributes and secrets are dropped, unknown ones recorded in ``tolerated.ignored``.
    Raises InvalidSyntax for a body that is no resource of this type, InvalidValue for values that
    are not allowed; the detail lists all faults.
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
                _check_required(extension.schema.writable, extended, faults)
        if extension.required and urn not in resource:
            add_fault(faults.values, f"{urn} is required.")
    _check_required(resource_type.writable, resource, faults)
    faults.refuse()
    recompute_schemas(resource, resource_type)
    return Accepted(resource, frozenset(walk.present), {} if placed is None else placed.elsewhere)


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
        self._faults = faults.values
        self._limits = limits
        self.present: set[str] = set()

    def fill(self, attributes: Iterable[Attribute], source: Resource, target: Resource, prefix: str = "") -> Resource:
        """Put the accepted values of ``source`` into ``target``, which is returned."""
        present = self.present
        for attribute in attributes:
            name = attribute.name
            if name not in source:
                continue
            value = source[name]
            key = prefix + attribute.key
            present.add(key)
            if attribute.sub_attributes and not attribute.multi_valued:
                present.update(_sub_keys(attribute, value, key))
            accepted = accept_value(attribute, value, name, self._tolerated, self._faults, self._limits)
            if accepted is not UNASSIGNED:
                target[name] = accepted
        return target


def _sub_keys(attribute: Attribute, value: object, key: str) -> Iterable[str]:
    """The keys of the sub-attributes a value names; ``null`` names them all."""
    names = value if type(value) is dict else () if value else attribute.names
    subs = (attribute.find(name) for name in names)
    return [f"{key}.{sub.key}" for sub in subs if sub is not None]


def _check_required(attributes: Iterable[Attribute], resource: Resource, faults: Faults) -> None:
    for attribute in attributes:
        if attribute.required and attribute.name not in resource and not attribute.checked_by_host:
            add_fault(faults.values, f"{attribute.name} is required.")


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
