"""What a client asks of a list, and the list it gets (RFC 7644 §3.4.2, §3.4.3, §3.9, RFC 9865).

Where the RFC leaves a choice: parameter names are read in any letter case and unknown ones are
ignored; a parameter given twice is refused, except the two lists of attributes, which add up;
``attributes`` together with ``excludedAttributes``, and ``startIndex`` together with ``cursor``,
are refused, since only one of them could be obeyed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from mdscripts.scim.errors import InvalidCount, InvalidCursor, InvalidSyntax, InvalidValue
from mdscripts.scim.scalars import describe

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

_INDEX_MAX = 2**53
NAMES_MAX = 200
"""Names in ``attributes`` or ``excludedAttributes``."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,400}")

_PARAMETERS = {
    name.lower(): name
    for name in (
        "attributes",
        "excludedAttributes",
        "filter",
        "sortBy",
        "sortOrder",
        "startIndex",
        "count",
        "cursor",
    )
}
_LISTS = ("attributes", "excludedAttributes")


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Resources per page: when the client does not say, and at most."""

    default_count: int = 100
    max_count: int = 200


@dataclass(frozen=True, slots=True)
class Projection:
    """The attributes a client wants to see, or not to see (RFC 7644 §3.9), as it wrote them."""

    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From a query string. Raises InvalidValue for both at once or too many names."""
        return cls._from_members(_members_of_query(pairs))

    @classmethod
    def _from_members(cls, members: Mapping[str, object]) -> Self:
        attributes, excluded = (_names(name, members.get(name)) for name in _LISTS)
        if attributes and excluded:
            raise InvalidValue("Use attributes or excludedAttributes, not both.")
        return cls(attributes, excluded)

    def __bool__(self) -> bool:
        return bool(self.attributes or self.excluded)

    def wants(self, attribute: str) -> bool:
        """Whether a core attribute that is returned by default can be part of the answer."""
        wanted = attribute.lower()
        if self.attributes:
            return any(_core_name(name).partition(".")[0] == wanted for name in self.attributes)
        return all(_core_name(name) != wanted for name in self.excluded)


@dataclass(frozen=True, slots=True)
class ListParameters:
    """A query, understood but not yet compiled.

    ``start_index`` is 1 or more, ``count`` between 0 and the maximum. ``cursor`` is None for index
    paging, empty for the first page by cursor (RFC 9865 §2). ``filter`` and ``sort_by`` are text of
    the client; an empty filter stays an empty filter, which no grammar accepts.
    """

    filter: str | None = None
    sort_by: str | None = None
    descending: bool = False
    start_index: int = 1
    count: int = 100
    projection: Projection = Projection()
    cursor: str | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names in ``attributes``."""
        return self.projection.attributes

    @property
    def excluded(self) -> tuple[str, ...]:
        """The names in ``excludedAttributes``."""
        return self.projection.excluded

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], limits: PageLimits = PageLimits()) -> Self:
        """From the decoded query string of a GET. Raises InvalidValue, InvalidCount."""
        return cls._from_members(_members_of_query(pairs), limits)

    @classmethod
    def from_search(cls, body: object, limits: PageLimits = PageLimits()) -> Self:
        """From the body of a POST to ``.search`` (RFC 7644 §3.4.3).

        Raises InvalidSyntax, InvalidValue, InvalidCount, InvalidCursor.
        """
        return cls._from_members(_members_of_search(body), limits)

    @classmethod
    def _from_members(cls, members: Mapping[str, object], limits: PageLimits) -> Self:
        cursor = members.get("cursor")
        if cursor is not None and not isinstance(cursor, str):
            raise InvalidCursor(f"cursor must be text, but the request has {describe(cursor)}.")
        start_index = _integer("startIndex", members.get("startIndex"))
        if cursor is not None and start_index is not None:
            raise InvalidValue("Use startIndex or cursor, not both.")
        return cls(
            filter=_text("filter", members.get("filter")),
            sort_by=_text("sortBy", members.get("sortBy")) or None,
            descending=_is_descending(members.get("sortOrder")),
            start_index=min(max(1, start_index or 1), _INDEX_MAX),
            count=_count(members.get("count"), limits, by_cursor=cursor is not None),
            projection=Projection._from_members(members),
            cursor=cursor,
        )


def list_response(
    total: int,
    start_index: int | None,
    resources: Iterable[bytes],
    *,
    next_cursor: str | None = None,
    previous_cursor: str | None = None,
) -> bytes:
    """A ListResponse message around resources that are JSON already (RFC 7644 §3.4.2).

    ``start_index`` is None when paging by cursor (RFC 9865 §2).
    """
    rendered = list(resources)
    head: dict[str, object] = {
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "itemsPerPage": len(rendered),
    }
    if start_index is not None:
        head["startIndex"] = start_index
    if previous_cursor is not None:
        head["previousCursor"] = previous_cursor
    if next_cursor is not None:
        head["nextCursor"] = next_cursor
    opening = json.dumps(head, separators=(",", ":")).encode()
    return b'%b,"Resources":[%b]}' % (opening[:-1], b",".join(rendered))


def _members_of_query(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for written, value in pairs:
        name = _PARAMETERS.get(written.lower())
        if name is None:
            continue
        if name not in members:
            members[name] = value
        elif name in _LISTS:
            members[name] = f"{members[name]},{value}"
        else:
            raise InvalidValue(f"The parameter {name} is in the request more than once.")
    return members


def _members_of_search(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        raise InvalidSyntax(f"The body must be a JSON object, but the request has {describe(body)}.")
    members: dict[str, object] = {}
    for written, value in body.items():
        name = "schemas" if written.lower() == "schemas" else _PARAMETERS.get(written.lower())
        if name is None:
            continue
        if name in members:
            raise InvalidSyntax(f"{name} is in the request more than once.")
        members[name] = value
    schemas = members.pop("schemas", None)
    urns = schemas if isinstance(schemas, list) else [schemas]
    if not any(isinstance(urn, str) and urn.lower() == SEARCH_REQUEST.lower() for urn in urns):
        raise InvalidSyntax(f"schemas must contain {SEARCH_REQUEST}.")
    return members


def _names(parameter: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise InvalidValue(f"{parameter} must be a list of attribute names.")
    if len(value) > NAMES_MAX:
        raise InvalidValue(f"{parameter} has {len(value)} names; the limit is {NAMES_MAX}.")
    return tuple(stripped for name in value if (stripped := name.strip()))


def _core_name(name: str) -> str:
    """The path without a schema URN, in lower case."""
    return name.lower().rpartition(":")[2]


def _text(parameter: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise InvalidValue(f"{parameter} must be text, but the request has {describe(value)}.")


def _is_descending(value: object) -> bool:
    order = (_text("sortOrder", value) or "ascending").strip().lower()
    if order not in ("ascending", "descending"):
        raise InvalidValue("sortOrder must be ascending or descending.")
    return order == "descending"


def _integer(parameter: str, value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    raise InvalidValue(f"{parameter} must be a whole number.")


def _count(value: object, limits: PageLimits, *, by_cursor: bool) -> int:
    """Within the limits; by cursor, a page that cannot be as large as asked is refused (RFC 9865 §2.1)."""
    if not by_cursor:
        count = _integer("count", value)
        return limits.default_count if count is None else min(max(0, count), limits.max_count)
    try:
        count = _integer("count", value)
    except InvalidValue as fault:
        raise InvalidCount(fault.detail) from None
    if count is not None and count > limits.max_count:
        raise InvalidCount(f"count is {min(count, _INDEX_MAX)}; with a cursor at most {limits.max_count} is possible.")
    return limits.default_count if count is None else max(0, count)
