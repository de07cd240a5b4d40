"""List parameters -> a storage query, and a page -> the message the client gets (RFC 7644 §3.4.2)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import orjson

from mdscripts.app.cursors import CursorSeal
from mdscripts.app.ports import GroupPage, GroupRecord, Keyset, Query, UserPage, UserRecord, WorkBudgetExceeded
from mdscripts.scim.errors import InvalidFilter, InvalidPath, InvalidValue, TooMany
from mdscripts.scim.filters import Filter, compile_match, parse_filter, sort_value
from mdscripts.scim.messages import ListParameters, list_response
from mdscripts.scim.paths import Path, parse_path
from mdscripts.scim.schema import ResourceType
from mdscripts.scim.tolerances import Tolerated

Record = TypeVar("Record", UserRecord, GroupRecord)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list request, understood: the query to run and how to answer it."""

    query: Query
    scope: str
    cursor_mode: bool
    backwards: bool


class Lister:
    """Understands list requests and renders their pages."""

    def __init__(self, seal: CursorSeal) -> None:
        self._seal = seal

    def understand(
        self,
        organization_id: str,
        parameters: ListParameters,
        resource_type: ResourceType,
        render: Callable[[Record], bytes],
        tolerated: Tolerated,
    ) -> Listing:
        """Parse filter, sort and paging. Raises InvalidFilter, InvalidValue, InvalidCursor, ExpiredCursor."""
        tree = None if parameters.filter is None else parse_filter(parameters.filter, resource_type, tolerated)
        path = sort_path(parameters, resource_type, tolerated)
        scope = "\n".join(
            (
                organization_id,
                resource_type.name,
                parameters.filter or "",
                "" if path is None else path.key,
                str(parameters.descending),
            )
        )
        after = before = None
        backwards = False
        if parameters.cursor:
            keyset, backwards = self._seal.open(scope, parameters.cursor)
            after, before = (None, keyset) if backwards else (keyset, None)
        query = Query(
            count=parameters.count,
            start_index=parameters.start_index,
            filter=tree,
            matches=_judge(tree, render),
            sort_path=path,
            descending=parameters.descending,
            sort_key=None if path is None else lambda record: sort_value(path, _read(render, record)),
            after=after,
            before=before,
        )
        return Listing(query, scope, parameters.cursor is not None, backwards)

    def answer(self, listing: Listing, page: UserPage | GroupPage, rendered: Iterable[bytes]) -> bytes:
        """The ListResponse of a page."""
        if not listing.cursor_mode:
            return list_response(page.total, listing.query.start_index, rendered)
        first_page = listing.query.after is None and listing.query.before is None
        more_after = page.has_more or listing.backwards
        more_before = page.has_more if listing.backwards else not first_page
        return list_response(
            page.total,
            None,
            rendered,
            next_cursor=self._cursor(listing, page.last, backwards=False) if more_after else None,
            previous_cursor=self._cursor(listing, page.first, backwards=True) if more_before else None,
        )

    def _cursor(self, listing: Listing, keyset: Keyset | None, *, backwards: bool) -> str | None:
        return None if keyset is None else self._seal.seal(listing.scope, keyset, backwards=backwards)


def sort_path(parameters: ListParameters, resource_type: ResourceType, tolerated: Tolerated) -> Path | None:
    """The attribute to sort by. Raises InvalidValue for a path that names no attribute."""
    if parameters.sort_by is None:
        return None
    try:
        path = parse_path(parameters.sort_by, resource_type, tolerated)
    except (InvalidPath, InvalidFilter) as fault:
        raise InvalidValue(f"sortBy: {fault.detail}") from None
    if path.attribute is None or path.value_filter is not None:
        raise InvalidValue(f"sortBy must name one attribute, for example userName; '{parameters.sort_by}' does not.")
    return path


@contextmanager
def within_budget() -> Iterator[None]:
    """Turn a refused scan into the answer the protocol has for it (RFC 7644 §3.12)."""
    try:
        yield
    except WorkBudgetExceeded:
        raise TooMany(
            "This filter or order cannot be answered from an index in a directory of this size. "
            "Add a condition on userName, externalId, id, emails, displayName, active or meta.lastModified."
        ) from None


def _judge(tree: Filter | None, render: Callable[[Record], bytes]) -> Callable[[Record], bool] | None:
    if tree is None:
        return None
    match = compile_match(tree)
    return lambda record: match(_read(render, record))


def _read(render: Callable[[Record], bytes], record: Record) -> dict[str, object]:
    resource: dict[str, object] = orjson.loads(render(record))
    return resource
