"""The PATCH message: from a request body to a list of operations (RFC 7644 §3.5.2).

Nothing here knows a resource. Names of members are read without regard to case (RFC 7643 §2.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from mdscripts.scim.errors import InvalidSyntax, InvalidValue, NoTarget, TooMany
from mdscripts.scim.scalars import describe
from mdscripts.scim.tolerances import Tolerated

PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

OPERATIONS_MAX = 1_000
"""Operations in one request."""

Op = Literal["add", "remove", "replace"]

_NAMES = frozenset({"add", "remove", "replace"})
_MESSAGE_MEMBERS = {"schemas": "schemas", "Operations": "operations"}
_OPERATION_MEMBERS = {"op": "op", "path": "path", "value": "value"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, in the order of the request.

    ``path`` is None where the resource itself is the target. ``value`` is JSON as it was sent; it
    is None for a ``remove`` that names no values.
    """

    op: Op
    path: str | None
    value: object = None


def patch_body(*operations: Mapping[str, object]) -> dict[str, object]:
    """A PATCH message with these operations (RFC 7644 §3.5.2)."""
    return {"schemas": [PATCH_SCHEMA], "Operations": list(operations)}


def parse_operations(body: object, tolerated: Tolerated) -> list[Operation]:
    """The operations of a PATCH body, in order.

    An empty ``path`` counts as none. Raises InvalidSyntax for a body that is not a PatchOp message
    (capitalised names and a missing schema URN are tolerances), InvalidValue for an ``add`` or
    ``replace`` without a value, NoTarget for a ``remove`` without a path (§3.5.2.2), TooMany over
    1,000 operations.
    """
    members = _members(body, "The PATCH body", _MESSAGE_MEMBERS)
    _check_schema(members.get("schemas"), tolerated)
    operations = members.get("Operations")
    if not isinstance(operations, list) or not operations:
        raise InvalidSyntax("Operations must be a list of one or more PATCH operations.")
    if len(operations) > OPERATIONS_MAX:
        raise TooMany(
            f"The request has {len(operations)} operations; the limit is {OPERATIONS_MAX}. "
            "Send them in several requests."
        )
    return [_operation(item, number, tolerated) for number, item in enumerate(operations, start=1)]


def _members(value: object, what: str, known: Mapping[str, str]) -> Mapping[str, object]:
    """The members of a JSON object under their ``known`` names; each name once."""
    if not isinstance(value, dict):
        raise InvalidSyntax(f"{what} must be a JSON object, but the request has {describe(value)}.")
    if value.keys() <= known.keys():
        return value
    members: dict[str, object] = {}
    for name, item in value.items():
        key = _find(name, known)
        if key in members:
            raise InvalidSyntax(f"{what} has the member {key} more than once.")
        if key is not None:
            members[key] = item
    return members


def _find(name: str, known: Mapping[str, str]) -> str | None:
    return name if name in known else next((key for key, lower in known.items() if name.lower() == lower), None)


def _check_schema(schemas: object, tolerated: Tolerated) -> None:
    given = schemas if isinstance(schemas, list) else [schemas]
    if PATCH_SCHEMA in given:
        return
    if any(isinstance(urn, str) and urn.lower() == PATCH_SCHEMA.lower() for urn in given):
        return
    if not tolerated.allows("missing-patch-schema"):
        raise InvalidSyntax(f"schemas must contain {PATCH_SCHEMA}.")


def _operation(item: object, number: int, tolerated: Tolerated) -> Operation:
    where = f"Operation {number}"
    members = _members(item, where, _OPERATION_MEMBERS)
    op = _op(members.get("op"), where, tolerated)
    path = members.get("path")
    if path is not None and not isinstance(path, str):
        raise InvalidSyntax(f"{where}: path must be text, but the request has {describe(path)}.")
    if path is not None and not path.strip():
        path = None
    if op == "remove":
        if path is None:
            raise NoTarget(f"{where}: remove needs a path that names what to remove.")
    elif "value" not in members:
        raise InvalidValue(f"{where}: {op} needs a value.")
    return Operation(op, path, members.get("value"))


def _op(name: object, where: str, tolerated: Tolerated) -> Op:
    if isinstance(name, str):
        if name in _NAMES:
            return cast(Op, name)
        if name.lower() in _NAMES and tolerated.allows("capitalised-operations"):
            return cast(Op, name.lower())
    raise InvalidSyntax(f"{where}: op must be add, remove or replace.")
