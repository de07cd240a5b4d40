"""The values of attributes: from what a client sent to the canonical form.

Lists and objects are walked here, the values inside them are judged by ``scalars``. Nothing
raises; faults are collected.
"""

import json
from typing import TypeVar

from mdscripts.scim.scalars import LIMITS, UNASSIGNED, Limits, accept_simple, add_fault, is_plain, must_be
from mdscripts.scim.schema import Attribute, Mutability, Type
from mdscripts.scim.tolerances import Tolerated

# Looking a member up in an enumeration takes longer than the comparison it is for.
_STRING, _BOOLEAN, _COMPLEX = Type.STRING, Type.BOOLEAN, Type.COMPLEX
_READ_ONLY = Mutability.READ_ONLY


def accept_value(
    attribute: Attribute,
    value: object,
    where: str,
    tolerated: Tolerated,
    faults: list[str],
    limits: Limits = LIMITS,
) -> object:
    """The canonical form of ``value`` for the whole attribute, or ``UNASSIGNED``.

    ``where`` names the attribute in faults. Read-only sub-attributes and unknown ones are left
    out; a value that is at fault is ``UNASSIGNED`` and adds a sentence to ``faults``.
    """
    if type(value) is str and attribute.type is _STRING and is_plain(value, limits):
        # Nearly every value is this one; the way through the functions below costs five times as much.
        if not attribute.multi_valued:
            return value
    elif value is None or value == "" or value == []:
        return UNASSIGNED
    if attribute.multi_valued and not attribute.checked_by_host:
        return _accept_list(attribute, value, where, tolerated, faults, limits)
    return accept_single(attribute, value, where, tolerated, faults, limits)


def accept_single(
    attribute: Attribute,
    value: object,
    where: str,
    tolerated: Tolerated,
    faults: list[str],
    limits: Limits = LIMITS,
) -> object:
    """Like ``accept_value`` for one value: of a single-valued attribute, or one of several."""
    if value is None or value == "":
        return UNASSIGNED
    if attribute.type is _COMPLEX and not attribute.checked_by_host:
        return _accept_object(attribute, value, where, tolerated, faults, limits)
    return accept_simple(attribute, value, where, tolerated, faults, limits)


# --- lists ------------------------------------------------------------------------------------


def _accept_list(
    attribute: Attribute,
    value: object,
    where: str,
    tolerated: Tolerated,
    faults: list[str],
    limits: Limits,
) -> object:
    elements = value if type(value) is list else _as_list(attribute, value, tolerated)
    if elements is None:
        return must_be("a list", value, where, faults)
    if len(elements) > limits.values:
        return add_fault(faults, f"{where} has {len(elements)} values; the limit is {limits.values}.")
    accepted = []
    for element in elements:
        single = accept_single(attribute, element, where, tolerated, faults, limits)
        if single is not UNASSIGNED:
            accepted.append(single)
    if len(accepted) > 1:
        accepted = without_repeats(accepted)
        _check_primary(attribute, accepted, where, faults)
    return accepted or UNASSIGNED


def _as_list(attribute: Attribute, value: object, tolerated: Tolerated) -> list[object] | None:
    if attribute.type is Type.COMPLEX and type(value) is dict:
        return [value] if tolerated.allows("single-object-for-list") else None
    if attribute.type is Type.COMPLEX and type(value) is str:
        parsed = _parse_json(value, list, tolerated)
        return parsed if type(parsed) is list else [value]
    if attribute.type is not Type.COMPLEX and type(value) is not dict:
        return [value] if tolerated.allows("scalar-for-list") else None
    return None


def without_repeats(values: list[object]) -> list[object]:
    """The values without identical repetitions, in their order (RFC 7643 §2.4).

    Elements must be canonical: their sub-attributes in schema order.
    """
    seen = set()
    kept = []
    for value in values:
        key: object = tuple(value.items()) if type(value) is dict else value
        try:
            hash(key)
        except TypeError:
            key = repr(key)
        if key not in seen:
            seen.add(key)
            kept.append(value)
    return kept


def _check_primary(attribute: Attribute, values: list[object], where: str, faults: list[str]) -> None:
    """``primary`` is true at most once (RFC 7643 §2.4)."""
    primary = attribute.find("primary")
    if primary is None or primary.checked_by_host:
        return
    count = sum(1 for value in values if type(value) is dict and value.get("primary") is True)
    if count > 1:
        add_fault(faults, f"{where} has {count} primary values, but only one can be primary.")


# --- objects ----------------------------------------------------------------------------------


def _accept_object(
    attribute: Attribute,
    value: object,
    where: str,
    tolerated: Tolerated,
    faults: list[str],
    limits: Limits,
) -> object:
    members = _as_object(attribute, value, tolerated)
    if members is None:
        return must_be("an object", value, where, faults)
    if not members.keys() <= attribute.names:
        members = _canonical_names(attribute, members, where, tolerated, faults)
    accepted: dict[str, object] = {}
    for sub in attribute.sub_attributes:
        name = sub.name
        if name not in members:
            continue
        item = members[name]
        if sub.mutability is _READ_ONLY:
            continue
        # Again the usual values, without the price of a call.
        if (sub.type is _STRING and type(item) is str and is_plain(item, limits)) or (
            sub.type is _BOOLEAN and type(item) is bool
        ):
            accepted[name] = item
        else:
            found = accept_value(sub, item, f"{where}.{name}", tolerated, faults, limits)
            if found is not UNASSIGNED:
                accepted[name] = found
    _check_required(attribute, accepted, where, faults)
    return accepted or UNASSIGNED


def _check_required(attribute: Attribute, accepted: dict[str, object], where: str, faults: list[str]) -> None:
    if not accepted:
        return
    for sub in attribute.required_names:
        if sub not in accepted:
            add_fault(faults, f"{where}.{sub} is required.")


def _as_object(attribute: Attribute, value: object, tolerated: Tolerated) -> dict[str, object] | None:
    if type(value) is dict:
        return _unpacked(value, tolerated) if attribute.multi_valued else value
    if type(value) is str:
        return _object_from_text(attribute, value, tolerated)
    if type(value) is list and len(value) == 1 and not attribute.multi_valued:
        only = value[0]
        if type(only) is dict and tolerated.allows("complex-from-scalar"):
            return only
        return _object_from_text(attribute, only, tolerated) if type(only) is str else None
    return None


def _unpacked(element: dict[str, object], tolerated: Tolerated) -> dict[str, object]:
    """An element whose ``value`` is an object written as text, with what that object holds.

    Texts in texts are unpacked to the end, so that a stored value is not read differently later.
    """
    text = element.get("value")
    while type(text) is str and text[:1] == "{":
        parsed = _parse_json(text, dict, tolerated)
        if parsed is None:
            break
        element = {**element, "value": None, **parsed}
        text = element["value"]
    return element


def _object_from_text(attribute: Attribute, text: str, tolerated: Tolerated) -> dict[str, object] | None:
    """The object that a text stands for: JSON, or the ``value`` of the attribute."""
    parsed = _parse_json(text, dict, tolerated)
    if parsed is not None:
        return _unpacked(parsed, tolerated) if attribute.multi_valued else parsed
    if attribute.find("value") is None:
        return None
    wanted = "scalar-for-list" if attribute.multi_valued else "complex-from-scalar"
    return {"value": text} if tolerated.allows(wanted) else None


def _canonical_names(
    attribute: Attribute,
    members: dict[str, object],
    where: str,
    tolerated: Tolerated,
    faults: list[str],
) -> dict[str, object]:
    """The members under the names of the schema; what it does not know is recorded or refused."""
    renamed: dict[str, object] = {}
    for name, item in members.items():
        sub = attribute.find(name)
        if sub is None and name.lower() == f"{attribute.key}id" and "value" not in members:
            sub = attribute.find("value") if tolerated.allows("complex-from-scalar") else None
        if sub is None:
            refuse_unknown(f"{where}.{name}", tolerated, faults)
        elif sub.name in renamed:
            add_fault(faults, f"{where}.{sub.name} is in the request more than once.")
        else:
            renamed[sub.name] = item
    return renamed


_ECHO_MAX = 200


def refuse_unknown(path: str, tolerated: Tolerated, faults: list[str]) -> None:
    """Record an attribute that no schema knows, or make it a fault where that is not tolerated."""
    if tolerated.allows("ignore-unknown-in-body"):
        tolerated.ignore(path)
    else:
        add_fault(faults, f"{path[:_ECHO_MAX]} is no attribute of this resource type.")


_Container = TypeVar("_Container", dict[str, object], list[object])


def _parse_json(text: str, kind: type[_Container], tolerated: Tolerated) -> _Container | None:
    """What JSON of that kind the text holds, if it does and that is tolerated."""
    if text[:1] != ("{" if kind is dict else "["):
        return None
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, kind) and tolerated.allows("json-in-text") else None


def _refuse_constant(name: str) -> object:
    """``NaN`` and ``Infinity`` are Python's idea, not JSON's."""
    raise ValueError(name)
