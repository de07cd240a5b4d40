"""A filter tree as a Python function over resources, and the sort key of a resource.

Everything that can be decided from the tree is decided once, when the function is made; a call
only reads dictionaries and compares keys (RFC 7644 §3.4.2.2, §3.4.2.3).
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from mdscripts.scim.comparison import comparison_key, sort_key
from mdscripts.scim.expressions import (
    And,
    Comparison,
    Filter,
    FilterValue,
    Match,
    Not,
    Operator,
    Or,
    Path,
    Present,
    ValuePath,
)
from mdscripts.scim.schema import Attribute, Type

_Test = Callable[[object], bool]

_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def compile_match(node: Filter, *, of_element: bool = False) -> Match:
    """A function that tells whether a canonical resource satisfies the filter.

    ``of_element``: the filter is that of a value path, and the function judges one element of the
    attribute. A value that is absent or of the wrong type satisfies no comparison, except that a
    ``primary`` that is not specified is false (RFC 7643 §2.4).
    """
    match node:
        case Comparison(path, op, value):
            test = _comparing(path.leaf, op, value)
            if _false_if_absent(path, of_element=of_element):
                test = _or_false(test)
            return _reading(path, path.sub or _implied(path), test)
        case Present(path):
            return _reading(path, path.sub, is_present)
        case And(operands):
            return _all(tuple(compile_match(operand, of_element=of_element) for operand in operands))
        case Or(operands):
            return _any(tuple(compile_match(operand, of_element=of_element) for operand in operands))
        case Not(operand):
            matches = compile_match(operand, of_element=of_element)
            return lambda resource: not matches(resource)
        case ValuePath(path, inner):
            return _reading(path, None, _of_element(compile_match(inner, of_element=True)))


def sort_value(path: Path, resource: Mapping[str, object]) -> str | None:
    """Text that sorts resources by the value at ``path``; None if unassigned (RFC 7644 §3.4.2.3).

    Of a multi-valued attribute the primary element counts, else the first.
    """
    if path.attribute is None:
        return None
    value = _holder(path, resource).get(path.attribute.name)
    if isinstance(value, list):
        value = next((element for element in value if _is_primary(element)), value[0] if value else None)
    part = path.sub or _implied(path)
    if part is not None:
        value = value.get(part.name) if isinstance(value, dict) else None
    return sort_key(path.leaf)(value)


def is_present(value: object) -> bool:
    """Whether a value counts for ``pr``: not empty, or complex with something in it."""
    if isinstance(value, dict):
        return any(is_present(part) for part in value.values())
    if isinstance(value, list):
        return any(is_present(element) for element in value)
    return value is not None and value != ""


def _comparing(leaf: Attribute, op: Operator, value: FilterValue) -> _Test:
    key_of = comparison_key(leaf)
    compare = _COMPARE[op]
    wanted = key_of(value)
    if wanted is None:
        raise ValueError(f"the value to compare {leaf.name} with is not of type {leaf.type}")

    def test(candidate: object) -> bool:
        key = key_of(candidate)
        return key is not None and compare(key, wanted)

    return test


def _false_if_absent(path: Path, *, of_element: bool) -> bool:
    """Whether this is ``primary`` of an element: ``emails.primary``, or ``primary`` in brackets."""
    if path.leaf.type is not Type.BOOLEAN or path.leaf.key != "primary":
        return False
    return of_element or (path.sub is not None and path.attribute is not None and path.attribute.multi_valued)


def _or_false(test: _Test) -> _Test:
    return lambda candidate: test(False if candidate is None else candidate)


def _implied(path: Path) -> Attribute | None:
    """``value``, where a complex attribute is compared without a sub-attribute."""
    return path.leaf if path.leaf is not path.attribute else None


def _reading(path: Path, sub: Attribute | None, test: _Test) -> Match:
    """Apply ``test`` to what stands at ``path``; to any value if there are several."""
    attribute = path.attribute
    if attribute is None:
        raise ValueError(f"{path.text} is a whole extension and cannot be tested")
    if sub is not None:
        test = _of_part(sub.name, _of_any(test) if sub.multi_valued else test)
    if attribute.multi_valued and test is not is_present:
        test = _of_any(test)
    name = attribute.name
    if not path.extension:
        return lambda resource: test(resource.get(name))
    urn = path.schema_urn or ""

    def match(resource: dict[str, object]) -> bool:
        holder = resource.get(urn)
        return test(holder.get(name) if isinstance(holder, dict) else None)

    return match


def _of_part(name: str, test: _Test) -> _Test:
    return lambda value: test(value.get(name)) if isinstance(value, dict) else False


def _of_element(matches: Match) -> _Test:
    return lambda element: isinstance(element, dict) and matches(element)


def _of_any(test: _Test) -> _Test:
    def any_of(values: object) -> bool:
        if not isinstance(values, list):
            return False
        for value in values:  # noqa: SIM110 - a generator per call would double the time
            if test(value):
                return True
        return False

    return any_of


def _all(matches: tuple[Match, ...]) -> Match:
    def match(resource: dict[str, object]) -> bool:
        for each in matches:  # noqa: SIM110 - as above
            if not each(resource):
                return False
        return True

    return match


def _any(matches: tuple[Match, ...]) -> Match:
    def match(resource: dict[str, object]) -> bool:
        for each in matches:  # noqa: SIM110 - as above
            if each(resource):
                return True
        return False

    return match


def _holder(path: Path, resource: Mapping[str, object]) -> Mapping[str, object]:
    if not path.extension:
        return resource
    holder = resource.get(path.schema_urn or "")
    return holder if isinstance(holder, dict) else {}


def _is_primary(element: object) -> bool:
    return isinstance(element, dict) and element.get("primary") is True
