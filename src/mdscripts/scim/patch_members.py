"""The members of a group in a PATCH, taken out of it (RFC 7644 §3.5.2).

A group may have hundreds of thousands of members, so they are never loaded to be patched: what the
operations say about ``members`` becomes an ordered list of changes of ids, whatever the group holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mdscripts.scim.errors import InvalidFilter, InvalidValue, Mutability, TooMany
from mdscripts.scim.expressions import And, Comparison, Filter, Or, Path
from mdscripts.scim.patch_operations import Op, Operation
from mdscripts.scim.patch_values import is_empty
from mdscripts.scim.paths import parse_path
from mdscripts.scim.scalars import describe
from mdscripts.scim.schema import ResourceType
from mdscripts.scim.tolerances import Tolerated

MEMBERS_MAX = 200_000
"""Members that one request may name."""

_MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One step: ``add`` or ``remove`` the ids, ``replace`` all members by them, or ``clear``.

    ``ids`` are as sent, each once, in order; adding a member that is there and removing one that
    is not are no changes.
    """

    kind: Literal["add", "remove", "replace", "clear"]
    ids: tuple[str, ...] = ()


def member_changes(
    operations: Sequence[Operation], resource_type: ResourceType, tolerated: Tolerated
) -> tuple[list[MemberChange], list[Operation]]:
    """What the operations do to ``members``, in order, and the operations that do something else.

    An operation without a path is split between the two. Raises InvalidValue for a member without
    ``value``, InvalidFilter for a selection other than by ``value``, Mutability for a change to
    parts of a member, TooMany over 200,000 ids.
    """
    splitter = _Splitter(resource_type, tolerated)
    for operation in operations:
        splitter.take(operation)
    return splitter.changes, splitter.rest


def member_ids(members: object, where: str = _MEMBERS) -> list[str]:
    """The ids in a value of ``members``: a list of objects, one object, or ids as text.

    Raises InvalidValue for anything else.
    """
    if is_empty(members):
        return []
    ids = [_member_id(member, where) for member in (members if isinstance(members, list) else [members])]
    return list(dict.fromkeys(ids))


def _member_id(member: object, where: str) -> str:
    value = member
    if isinstance(member, dict):
        value = next((item for name, item in member.items() if name.lower() == "value"), None)
    if not isinstance(value, str) or not value:
        found = describe(member if value is None else value)
        raise InvalidValue(f"Each of {where} needs the id of a user as value, but the request has {found}.")
    return value


class _Splitter:
    def __init__(self, resource_type: ResourceType, tolerated: Tolerated) -> None:
        self.changes: list[MemberChange] = []
        self.rest: list[Operation] = []
        self._type = resource_type
        self._tolerated = tolerated
        self._base = resource_type.schema.id.lower()
        self._named = 0

    def take(self, operation: Operation) -> None:
        text = operation.path
        if text is None or text.lower() == self._base:
            if operation.op == "remove" or not isinstance(operation.value, dict):
                self.rest.append(operation)
                return
            others = self._take_map(operation.op, operation.value)
            if others or not operation.value:
                self.rest.append(replace(operation, path=None, value=others))
        elif self._is_members(text):
            self._change(operation.op, parse_path(text, self._type, self._tolerated), operation.value)
        else:
            self.rest.append(operation)

    def _take_map(self, op: Op, value: dict[str, object]) -> dict[str, object]:
        """Take what a value without a path says about members; returns what else it says."""
        others: dict[str, object] = {}
        for name, item in value.items():
            if name.lower() == self._base and isinstance(item, dict):
                inner = self._take_map(op, item)
                if inner:
                    others[name] = inner
            elif self._is_members(name) and self._is_key(name):
                self._change(op, parse_path(name, self._type, self._tolerated), item)
            else:
                others[name] = item
        return others

    def _is_members(self, text: str) -> bool:
        name = text.strip().lower().removeprefix(f"{self._base}:")
        return name.startswith(_MEMBERS) and name[len(_MEMBERS) :].lstrip()[:1] in ("", "[", ".")

    def _is_key(self, name: str) -> bool:
        """Whether a name may stand in a value without a path: ``members``, or a path to it."""
        return name.lower() == _MEMBERS or self._tolerated.allows("path-keys")

    def _change(self, op: Op, path: Path, value: object) -> None:
        if path.sub is not None:
            raise Mutability(f"{path.text} cannot be changed. Add or remove members as a whole.")
        if path.value_filter is not None:
            self._change_selected(op, path.value_filter, value)
        elif op == "remove" and (value is None or value == ""):
            self._append("clear")
        elif op == "remove" and value != [] and not self._tolerated.allows("remove-with-value"):
            raise InvalidValue('remove takes no value. Select what to remove: members[value eq "id"].')
        else:
            ids = self._ids(value)
            if op == "replace" and not ids:
                self._append("clear")
            elif ids or op == "replace":
                self._append(op, ids)

    def _change_selected(self, op: Op, selection: Filter, value: object) -> None:
        ids = tuple(dict.fromkeys(_selected(selection)))
        if op == "replace" and not is_empty(value):
            raise Mutability("A member cannot become another one. Remove it and add the other.")
        if op == "add" and not set(self._ids(value)) <= set(ids):
            raise InvalidValue("The value contradicts the filter of members.")
        self._append("add" if op == "add" else "remove", ids)

    def _ids(self, value: object) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        as_text = not is_empty(value) and any(isinstance(item, str) for item in items)
        if as_text and not self._tolerated.allows("scalar-for-list"):
            raise InvalidValue("Each of members must be an object with the id of a user as value.")
        return tuple(member_ids(value))

    def _append(self, kind: Literal["add", "remove", "replace", "clear"], ids: tuple[str, ...] = ()) -> None:
        self._named += len(ids)
        if self._named > MEMBERS_MAX:
            raise TooMany(f"The request names more than {MEMBERS_MAX} members. Send them in several requests.")
        self.changes.append(MemberChange(kind, ids))


def _selected(selection: Filter) -> Iterable[str]:
    """The ids a value filter selects: ``value eq "id"``, joined by ``or``, with ``type eq "User"``."""
    match selection:
        case Or(operands):
            return [member for operand in operands for member in _selected(operand)]
        case And(operands):
            parts = [operand for operand in operands if not _is_about_type(operand)]
            if len(parts) == 1:
                kinds = [operand for operand in operands if _is_about_type(operand)]
                return _selected(parts[0]) if all(_means_user(kind) for kind in kinds) else []
        case Comparison(path, "eq", str(value)) if path.attribute and path.attribute.key == "value":
            return [value]
    raise InvalidFilter('Select members by value: members[value eq "id"].')


def _is_about_type(term: Filter) -> bool:
    if not isinstance(term, Comparison) or term.op != "eq" or term.path.attribute is None:
        return False
    return term.path.attribute.key == "type"


def _means_user(term: Filter) -> bool:
    return isinstance(term, Comparison) and str(term.value).lower() == "user"
