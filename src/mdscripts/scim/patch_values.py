"""What add, remove and replace do to values (RFC 7644 §3.5.2.1 to §3.5.2.3).

Pure: every function returns new values and leaves its arguments alone, so that a PATCH copies what
it changes and nothing else. Values are canonical; ``UNASSIGNED`` in a change takes a value away.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

from mdscripts.scim.comparison import Key, comparison_key
from mdscripts.scim.errors import InvalidValue
from mdscripts.scim.errors import Mutability as MutabilityRefusal
from mdscripts.scim.expressions import And, Comparison, Filter
from mdscripts.scim.scalars import UNASSIGNED
from mdscripts.scim.schema import Attribute, Mutability, Type

Element = dict[str, object]


def is_empty(value: object) -> bool:
    """Whether a JSON value means unassigned (RFC 7643 §2.5); ``{}`` does not, it names nothing."""
    return value is None or value == "" or value == []


def in_order(members: Mapping[str, object], names: Iterable[str]) -> Element:
    """The members in the order of ``names``, which has all of them."""
    return {name: members[name] for name in names if name in members}


def merge(attribute: Attribute, current: Mapping[str, object], changes: Mapping[str, object]) -> Element:
    """A complex value with ``changes`` (sub-attribute name to value) applied, in schema order.

    Sub-attributes that ``changes`` does not name stay (§3.5.2.3). Raises Mutability when an
    immutable value would change or a required one would go.
    """
    merged: Element = {}
    for sub in attribute.sub_attributes:
        name = sub.name
        value = current.get(name)
        if name in changes:
            before, value = value, _assigned(changes[name])
            if before is not None and value != before:
                require_changeable(sub, f"{attribute.name}.{name}", gone=value is None)
        if value is not None:
            merged[name] = value
    return merged


def _assigned(value: object) -> object:
    return None if value is UNASSIGNED else value


def require_changeable(attribute: Attribute, where: str, *, gone: bool) -> None:
    """Refuse to change or take away a value whose characteristics forbid it (§3.5.2, §3.5.2.2)."""
    if attribute.mutability is Mutability.IMMUTABLE:
        raise MutabilityRefusal(f"{where} is immutable: it cannot change once it has a value.")
    # What the host judges itself is refused there, with a remedy.
    if gone and attribute.required and not attribute.checked_by_host:
        raise MutabilityRefusal(f"{where} is required and cannot be removed.")


def without_stale_reference(current: Mapping[str, object], changes: Mapping[str, object]) -> Mapping[str, object]:
    """``changes`` to a reference; its ``$ref`` goes if ``value`` becomes another without a new one.

    Deviation: a PATCH of ``manager.value`` that gives no ``manager.$ref`` unassigns the old one. RFC
    7644 §3.5.2.3 leaves alone what an operation does not name, but the old ``$ref`` would contradict
    the new ``value`` (RFC 7643 §2.4).
    """
    if "$ref" not in current or "value" not in changes or "$ref" in changes:
        return changes
    is_other = _assigned(changes["value"]) != current.get("value")
    return {**changes, "$ref": UNASSIGNED} if is_other else changes


# --- which values are the same ----------------------------------------------------------------

_KeyOf = Callable[[object], Hashable]


def _total(key_of: Callable[[object], Key | None]) -> _KeyOf:
    """A key for any value: one of another type than the attribute's is only equal to itself."""

    def total(value: object) -> Hashable:
        key = key_of(value)
        return ("other", repr(value)) if key is None and value is not None else key

    return total


class _Identity:
    """Tells which values of one multi-valued attribute are the same value.

    Values with the same ``value`` and ``type`` are (RFC 7643 §2.4: the combination should not
    occur twice); where there is no ``value``, all sub-attributes count. Letter case counts as the
    schema says; ``primary`` false is the same as no ``primary``.
    """

    def __init__(self, attribute: Attribute) -> None:
        self.simple = None if attribute.type is Type.COMPLEX else _total(comparison_key(attribute))
        self.parts = {sub.name: _total(comparison_key(sub)) for sub in attribute.sub_attributes}

    def part(self, element: Element, name: str) -> Hashable:
        value = element.get(name)
        if value is None or (name == "primary" and value is False):
            return None
        return self.parts[name](value)

    def key(self, value: object) -> Hashable:
        if self.simple is not None:
            return self.simple(value)
        if not isinstance(value, dict):
            return ("other", repr(value))
        if value.get("value") is None:
            return tuple(self.part(value, name) for name in self.parts)
        return (self.part(value, "value"), self.part(value, "type") if "type" in self.parts else None)


# --- add and remove ---------------------------------------------------------------------------


def add_values(
    attribute: Attribute, current: Sequence[object], given: Iterable[object]
) -> tuple[list[object], set[int]]:
    """``current`` with the given values added, and the positions that were written.

    A value that is there already is not added again; what it does not say yet is filled in, so
    that the same ``value`` and ``type`` do not occur twice. A value that says nothing new changes
    nothing (§3.5.2.1).
    """
    identity = _Identity(attribute)
    values = list(current)
    places = {identity.key(value): place for place, value in enumerate(values)}
    written: set[int] = set()
    for value in given:
        place = places.setdefault(identity.key(value), len(values))
        if place == len(values):
            values.append(value)
            written.add(place)
            continue
        before = values[place]
        if isinstance(before, dict) and isinstance(value, dict):
            changes = _news(attribute, identity, before, value)
            if changes:
                values[place] = merge(attribute, before, changes)
                written.add(place)
    return values, written


def _news(attribute: Attribute, identity: _Identity, before: Element, value: Element) -> Element:
    """What ``value`` says that ``before`` does not, apart from what can no longer change."""
    return {
        sub.name: value[sub.name]
        for sub in attribute.sub_attributes
        if sub.name in value
        and identity.part(value, sub.name) != identity.part(before, sub.name)
        and not (sub.mutability is Mutability.IMMUTABLE and sub.name in before)
    }


def discard_values(attribute: Attribute, current: Iterable[object], named: Iterable[object]) -> list[object]:
    """``current`` without the named values.

    A value is named by its ``value``, by ``value`` and ``type``, or, without ``value``, by any
    sub-attributes that only it has.
    """
    identity = _Identity(attribute)
    selectors: dict[tuple[str, ...], set[Hashable]] = {}
    for value in named:
        names = _naming(value)
        selectors.setdefault(names, set()).add(_selection(identity, value, names))
    return [
        value
        for value in current
        if not any(_selection(identity, value, names) in keys for names, keys in selectors.items())
    ]


def _naming(value: object) -> tuple[str, ...]:
    """The sub-attributes by which a value of a remove names others; empty if it is simple."""
    if not isinstance(value, dict):
        return ()
    if "value" in value:
        return ("value", "type") if "type" in value else ("value",)
    return tuple(value)


def _selection(identity: _Identity, value: object, names: tuple[str, ...]) -> Hashable:
    if not names or not isinstance(value, dict):
        return identity.key(value)
    return tuple(identity.part(value, name) for name in names)


# --- primary ----------------------------------------------------------------------------------


def settle_primary(
    attribute: Attribute, before: Sequence[object], after: list[object], written: Collection[int]
) -> list[object]:
    """``after`` with one primary value: the one that became it takes it from the others (§3.5.2).

    ``written`` are the positions of ``after`` that the operation wrote. Raises InvalidValue when
    it made several values primary, unless the host judges that itself.
    """
    primary = attribute.find("primary")
    if primary is None:
        return after
    marked = {
        place
        for place in written
        if _is_primary(after[place]) and not (place < len(before) and _is_primary(before[place]))
    }
    if not marked:
        return after
    if len(marked) > 1 and not primary.checked_by_host:
        raise InvalidValue(f"{attribute.name} would have {len(marked)} primary values, but only one can be primary.")
    return [
        {**value, "primary": False} if isinstance(value, dict) and place not in marked and _is_primary(value) else value
        for place, value in enumerate(after)
    ]


def _is_primary(value: object) -> bool:
    """Whether a value is primary; what the host judges may hold the word as text."""
    flag = value.get("primary") if isinstance(value, dict) else None
    return flag is True or (isinstance(flag, str) and flag.strip().lower() == "true")


# --- value filters ----------------------------------------------------------------------------


def described(selection: Filter) -> Element | None:
    """The sub-attributes of a new value that a value filter describes; None if it describes none.

    ``type eq "work" and primary eq true`` describes a value, ``value co "@"`` does not.
    """
    terms = selection.operands if isinstance(selection, And) else (selection,)
    element: Element = {}
    for term in terms:
        if not isinstance(term, Comparison) or term.op != "eq" or term.path.attribute is None:
            return None
        if element.setdefault(term.path.attribute.name, term.value) != term.value:
            return None
    return element
