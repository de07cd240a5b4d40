"""Bulk requests: many operations, some of which name resources that do not exist yet (RFC 7644 §3.7).

A reference is the text ``bulkId:`` and the ``bulkId`` of a POST in the same request. ``plan`` puts
every POST before the operations that refer to it; in a circle of references one side has to come
first, without its reference, and is completed by a PATCH (§3.7.1).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.scim.errors import InvalidSyntax, InvalidValue, PayloadTooLarge, ScimError
from mdscripts.scim.patch_operations import patch_body
from mdscripts.scim.scalars import describe

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

_METHODS = ("POST", "PUT", "PATCH", "DELETE")
_PREFIX = "bulkId:"
_EMBEDDED = re.compile(r'bulkId:([^\s"/\[\]()]+)')
_TEXTS_WITH_REFERENCES = ("$ref", "path")
"""Members whose text can hold a reference among other things: a URI, a PATCH path."""
DEPTH_MAX = 64
"""Levels of the data of one operation."""


@dataclass(frozen=True, slots=True)
class BulkLimits:
    """Operations in one request, and bytes of its body; both are announced (RFC 7644 §3.7.4)."""

    max_operations: int = 1_000
    max_payload_size: int = 1_048_576


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """One operation. ``path`` starts with a slash; ``references`` are the bulkIds it names.

    An operation that is not well formed has a ``refusal``, which is its answer; the others are
    performed all the same (RFC 7644 §3.7).
    """

    method: str
    path: str
    bulk_id: str | None = None
    version: str | None = None
    data: Mapping[str, object] | None = None
    references: frozenset[str] = frozenset()
    refusal: ScimError | None = None

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path: ``("Users", "2819c223")``."""
        return tuple(part for part in self.path.split("/") if part)


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The operations in the client's order, and after how many errors it wants to stop."""

    operations: tuple[BulkOperation, ...]
    fail_on_errors: int | None = None


def parse_bulk(body: object, limits: BulkLimits = BulkLimits(), *, size: int = 0) -> BulkRequest:
    """Read a BulkRequest whose JSON had ``size`` bytes.

    Raises PayloadTooLarge naming the limit, InvalidSyntax, InvalidValue.
    """
    if size > limits.max_payload_size:
        raise PayloadTooLarge(f"The bulk request has {size} bytes; maxPayloadSize is {limits.max_payload_size}.")
    members = _by_lower_name(body, "The body")
    _check_schemas(members.get("schemas"))
    operations = members.get("operations")
    if not isinstance(operations, list):
        raise InvalidSyntax(f"Operations must be a list, but the request has {describe(operations)}.")
    if len(operations) > limits.max_operations:
        raise PayloadTooLarge(
            f"The bulk request has {len(operations)} operations; maxOperations is {limits.max_operations}."
        )
    parsed = tuple(_parse_operation(operation) for operation in operations)
    _check_distinct(parsed)
    return BulkRequest(parsed, _fail_on_errors(members.get("failonerrors")))


def plan(operations: Sequence[BulkOperation]) -> tuple[int, ...]:
    """Indexes in the order of execution: the client's, but each POST before its first reference.

    In a circle of references the operation that closes it comes before the one it refers to.
    """
    creators = {op.bulk_id: index for index, op in enumerate(operations) if _creates(op)}
    order: list[int] = []
    visited: set[int] = set()
    for start in range(len(operations)):
        if start in visited:
            continue
        visited.add(start)
        path = [(start, _creators_of(operations[start], creators))]
        while path:
            index, pending = path[-1]
            following = next((creator for creator in pending if creator not in visited), None)
            if following is None:
                order.append(index)
                path.pop()
            else:
                visited.add(following)
                path.append((following, _creators_of(operations[following], creators)))
    return tuple(order)


def resolve(data: object, ids: Mapping[str, str]) -> object:
    """The data with every reference to a known bulkId replaced by the id it stands for.

    Values that are a reference, and references inside ``$ref`` and PATCH paths. The argument is
    not changed.
    """
    if isinstance(data, dict):
        return {name: _resolve_member(name, value, ids) for name, value in data.items()}
    if isinstance(data, list):
        return [resolve(item, ids) for item in data]
    if isinstance(data, str) and data.startswith(_PREFIX):
        return ids.get(data[len(_PREFIX) :], data)
    return data


def resolve_path(path: str, ids: Mapping[str, str]) -> str:
    """The path of an operation with its references replaced: ``/Users/bulkId:ann``."""
    return _EMBEDDED.sub(lambda found: ids.get(found[1], found[0]), path)


def strip_unresolved(
    data: Mapping[str, object], unresolved: Collection[str]
) -> tuple[dict[str, object], dict[str, object] | None]:
    """The data of a POST without the values that refer to ``unresolved``, and a PATCH to add them.

    The PATCH still holds the references; it is None if nothing had to go. Of a list only the
    elements with such a reference go, of an object the whole attribute.
    """
    refused = frozenset(unresolved)
    additions: list[Mapping[str, object]] = []
    kept = _strip("", data, refused, additions)
    message = patch_body(*additions) if additions else None
    return kept, message


def operation_result(
    operation: BulkOperation,
    status: int,
    *,
    location: str | None = None,
    version: str | None = None,
    response: bytes | None = None,
) -> bytes:
    """The answer to one operation (RFC 7644 §3.7.3); ``response`` is JSON already."""
    result: dict[str, object] = {"method": operation.method}
    if operation.bulk_id is not None:
        result["bulkId"] = operation.bulk_id
    if location is not None:
        result["location"] = location
    if version is not None:
        result["version"] = version
    result["status"] = str(status)
    rendered = json.dumps(result, separators=(",", ":")).encode()
    return rendered if response is None else b'%b,"response":%b}' % (rendered[:-1], response)


def bulk_response(results: Iterable[bytes]) -> bytes:
    """The BulkResponse around the answers of the operations that were processed."""
    return b'{"schemas":["%b"],"Operations":[%b]}' % (BULK_RESPONSE.encode(), b",".join(results))


# --- reading ----------------------------------------------------------------------------------


def _by_lower_name(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidSyntax(f"{what} must be a JSON object, but the request has {describe(value)}.")
    members = {name.lower(): item for name, item in value.items()}
    if len(members) != len(value):
        raise InvalidSyntax(f"{what} has a member more than once.")
    return members


def _check_schemas(schemas: object) -> None:
    urns = schemas if isinstance(schemas, list) else [schemas]
    if not any(isinstance(urn, str) and urn.lower() == BULK_REQUEST.lower() for urn in urns):
        raise InvalidSyntax(f"schemas must contain {BULK_REQUEST}.")


def _fail_on_errors(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidValue("failOnErrors must be a whole number of 1 or more.")
    return value


def _check_distinct(operations: Iterable[BulkOperation]) -> None:
    seen: set[str] = set()
    for operation in operations:
        if operation.bulk_id is None:
            continue
        if operation.bulk_id in seen:
            raise InvalidValue(f"bulkId {operation.bulk_id[:60]} is used by two operations.")
        seen.add(operation.bulk_id)


def _parse_operation(value: object) -> BulkOperation:
    members = _by_lower_name(value, "An operation")
    method, path, data = members.get("method"), members.get("path"), members.get("data")
    bulk_id, version = members.get("bulkid"), members.get("version")
    operation = BulkOperation(
        method=method.upper() if isinstance(method, str) else "",
        path="/" + path.strip("/") if isinstance(path, str) else "",
        bulk_id=bulk_id if isinstance(bulk_id, str) and bulk_id else None,
        version=version if isinstance(version, str) else None,
        data=data if isinstance(data, dict) else None,
    )
    fault = _fault_of(operation, members)
    refusal = None if fault is None else InvalidSyntax(fault)
    references = frozenset() if refusal else frozenset(_references(operation))
    return BulkOperation(
        operation.method,
        operation.path,
        operation.bulk_id,
        operation.version,
        None if operation.method == "DELETE" else operation.data,
        references,
        refusal,
    )


def _fault_of(operation: BulkOperation, members: Mapping[str, object]) -> str | None:
    method, segments = operation.method, operation.segments
    if method not in _METHODS:
        return "method must be POST, PUT, PATCH or DELETE."
    if method == "POST" and (len(segments) != 1 or segments[0].lower() == "bulk"):
        return "path must be the endpoint of a resource type, such as /Users, when method is POST."
    if method != "POST" and len(segments) != 2:
        return "path must name one resource, such as /Users/2819c223."
    if method == "POST" and operation.bulk_id is None:
        return "bulkId is required when method is POST."
    if method == "DELETE":
        return None
    if operation.data is None:
        return f"data must be an object, but the request has {describe(members.get('data'))}."
    return f"data is nested more than {DEPTH_MAX} levels deep." if _too_deep(operation.data) else None


def _too_deep(data: object) -> bool:
    level = [data]
    for _ in range(DEPTH_MAX):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


# --- references -------------------------------------------------------------------------------


def _creates(operation: BulkOperation) -> bool:
    return operation.method == "POST" and operation.bulk_id is not None


def _creators_of(operation: BulkOperation, creators: Mapping[str | None, int]) -> Iterator[int]:
    return iter(sorted(creators[bulk_id] for bulk_id in operation.references if bulk_id in creators))


def _references(operation: BulkOperation) -> Iterator[str]:
    yield from _EMBEDDED.findall(operation.path)
    if operation.data is not None:
        yield from _references_in("", operation.data)


def _references_in(name: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _references_in(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _references_in(name, item)
    elif isinstance(value, str):
        if value.startswith(_PREFIX):
            yield value[len(_PREFIX) :]
        elif name in _TEXTS_WITH_REFERENCES:
            yield from _EMBEDDED.findall(value)


def _resolve_member(name: str, value: object, ids: Mapping[str, str]) -> object:
    if name in _TEXTS_WITH_REFERENCES and isinstance(value, str) and not value.startswith(_PREFIX):
        return resolve_path(value, ids)
    return resolve(value, ids)


def _strip(
    prefix: str, data: Mapping[str, object], refused: frozenset[str], additions: list[Mapping[str, object]]
) -> dict[str, object]:
    """One level of a resource; extension objects are a level of their own."""
    kept: dict[str, object] = {}
    for name, value in data.items():
        if refused.isdisjoint(_references_in(name, value)):
            kept[name] = value
        elif isinstance(value, dict) and ":" in name:
            inner = _strip(f"{name}:", value, refused, additions)
            kept |= {name: inner} if inner else {}
        elif isinstance(value, list):
            kept[name] = [item for item in value if refused.isdisjoint(_references_in(name, item))]
            gone = [item for item in value if not refused.isdisjoint(_references_in(name, item))]
            additions.append({"op": "add", "path": prefix + name, "value": gone})
        else:
            additions.append({"op": "add", "path": prefix + name, "value": value})
    return kept
