"""List requests and pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from mdscripts.app.ports.records import GroupRecord, UserRecord
from mdscripts.scim.filters import Filter
from mdscripts.scim.paths import Path

Record = TypeVar("Record")
"""UserRecord or GroupRecord."""

INDEXED_PATHS: dict[str, str] = {
    "emails": "emails",
    "emails.value": "emails",
    "displayname": "displayName",
    "name.familyname": "name.familyName",
}
"""Lower-case user filter path -> ``IndexedValue.attribute``. A path in this table is answered
from value rows; everything else from columns or by reading bodies."""


class Keyset(NamedTuple):
    """A position in an ordered list: the sort key and id of a resource already seen."""

    sort_key: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Query:
    """A list request.

    Exactly one way of paging: ``start_index`` (1-based), or ``after``/``before`` a keyset.
    The default order is by id, which is the order of creation. ``matches`` judges a record
    exactly as the filter would and is used where SQL cannot; ``sort_key`` likewise. None sorts
    last, and first when descending (RFC 7644 §3.4.2.3).
    """

    count: int
    start_index: int = 1
    filter: Filter | None = None
    matches: Callable[[UserRecord], bool] | Callable[[GroupRecord], bool] | None = None
    sort_path: Path | None = None
    descending: bool = False
    sort_key: Callable[[UserRecord], str | None] | Callable[[GroupRecord], str | None] | None = None
    after: Keyset | None = None
    before: Keyset | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page of users or groups. ``total`` is exact. ``first``/``last`` are the keysets of its
    ends; ``has_more`` tells whether something follows in reading direction."""

    total: int
    records: tuple[Record, ...]
    first: Keyset | None = None
    last: Keyset | None = None
    has_more: bool = False


UserPage = Page[UserRecord]
GroupPage = Page[GroupRecord]
