"""One query over several resource types, as each of them sees it (RFC 7644 §3.4.2.1).

An attribute that a resource type does not have counts as one without a value: a comparison with it
is false, its negation true, and to sort by it is to sort by nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from mdscripts.app.listing import sort_path
from mdscripts.scim.filters import And, Comparison, Filter, Not, Or, Present, ValuePath, parse_filter, render_filter
from mdscripts.scim.messages import ListParameters
from mdscripts.scim.paths import Path
from mdscripts.scim.schema import Attribute, Extension, ResourceType, Schema
from mdscripts.scim.tolerances import Tolerated


class ManyTypes:
    """Resource types that are queried together."""

    def __init__(self, types: Sequence[ResourceType]) -> None:
        self._widened = {each.name: _widened(each, types) for each in types}

    def narrow(
        self, parameters: ListParameters, resource_type: ResourceType, tolerated: Tolerated
    ) -> ListParameters | None:
        """The query for one type, without foreign attributes; None if nothing of it can match.

        Raises InvalidFilter and InvalidValue for attributes that none of the types has.
        """
        wide = self._widened[resource_type.name]
        path = sort_path(parameters, wide, tolerated)
        if path is not None and _is_foreign(path, resource_type):
            parameters = replace(parameters, sort_by=None)
        if parameters.filter is None:
            return parameters
        tree = _as_seen_by(resource_type, parse_filter(parameters.filter, wide, tolerated))
        if tree is False:
            return None
        return replace(parameters, filter=None if tree is True else render_filter(tree))


def _widened(resource_type: ResourceType, types: Sequence[ResourceType]) -> ResourceType:
    """A type that also has what the others have: to parse with, never to store."""
    others = [each for each in types if each is not resource_type]
    foreign: dict[str, Attribute] = {}
    schemas: dict[str, Schema] = {}
    for other in others:
        for attribute in other.schema.attributes:
            if resource_type.find_core(attribute.name) is None:
                foreign.setdefault(attribute.name.lower(), attribute)
        schemas |= {each.id: each for each in other.schemas()}
    known = {each.id for each in resource_type.schemas()}
    return replace(
        resource_type,
        schema=replace(resource_type.schema, attributes=(*resource_type.schema.attributes, *foreign.values())),
        extensions=(*resource_type.extensions, *(Extension(each) for urn, each in schemas.items() if urn not in known)),
    )


def _is_foreign(path: Path, resource_type: ResourceType) -> bool:
    if path.extension:
        return resource_type.find_extension(path.schema_urn or "") is None
    return path.attribute is None or resource_type.find_core(path.attribute.name) is None


def _as_seen_by(resource_type: ResourceType, tree: Filter) -> Filter | bool:
    """The filter without its foreign attributes; a constant if nothing else is left."""
    match tree:
        case Comparison(path) | Present(path) | ValuePath(path):
            return False if _is_foreign(path, resource_type) else tree
        case Not(operand):
            inner = _as_seen_by(resource_type, operand)
            return not inner if isinstance(inner, bool) else Not(inner)
        case And(operands):
            return _joined(And, [_as_seen_by(resource_type, each) for each in operands], neutral=True)
        case Or(operands):
            return _joined(Or, [_as_seen_by(resource_type, each) for each in operands], neutral=False)


def _joined(kind: type[And] | type[Or], operands: Sequence[Filter | bool], *, neutral: bool) -> Filter | bool:
    left = [each for each in operands if not isinstance(each, bool)]
    if any(each is (not neutral) for each in operands):
        return not neutral
    if not left:
        return neutral
    return left[0] if len(left) == 1 else kind(tuple(left))
