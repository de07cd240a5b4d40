"""An endpoint of resources that clients write: ``/Users``, ``/Groups``, and what is below them (RFC 7644 §3.2)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple

from mdscripts.app.call import Call
from mdscripts.app.listing import Lister, Listing, Record
from mdscripts.app.ports import Page, Query
from mdscripts.app.preconditions import etag, names
from mdscripts.app.rendering import projector
from mdscripts.scim.messages import ListParameters, PageLimits, Projection
from mdscripts.scim.schema import ResourceType
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse


class Part(NamedTuple):
    """What a resource type contributes to a list: its exact total and its rendered resources."""

    total: int
    resources: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Kind(Generic[Record]):
    """A resource type, how it is shown, and its use cases.

    A use case is told what the answer shows, so that it need not read the rest; None if nothing.
    ``shows_patched`` tells whether a PATCH is answered with the resource rather than with 204.
    """

    type: ResourceType
    render: Callable[[Record], bytes]
    location: Callable[[str], str]
    create: Callable[[Call, object], Awaitable[Record]]
    find: Callable[[Call, str, Projection], Awaitable[Record]]
    list: Callable[[Call, Query, Projection], Awaitable[Page[Record]]]
    replace: Callable[[Call, str, object, str | None, Projection], Awaitable[Record]]
    patch: Callable[[Call, str, object, str | None, Projection | None], Awaitable[Record]]
    delete: Callable[[Call, str, str | None], Awaitable[None]]
    shows_patched: Callable[[ScimRequest, Projection], bool]


class ResourceEndpoint(Generic[Record]):
    """HTTP to the use cases of one kind."""

    def __init__(self, kind: Kind[Record], lister: Lister, limits: PageLimits) -> None:
        self._kind: Kind[Record] = kind
        self._lister = lister
        self._limits = limits

    async def list(self, request: ScimRequest) -> ScimResponse:
        """``GET`` of all (RFC 7644 §3.4.2)."""
        return await self._page(request, ListParameters.from_pairs(request.query, self._limits))

    async def search(self, request: ScimRequest) -> ScimResponse:
        """``POST`` of a query to ``.search`` (RFC 7644 §3.4.3)."""
        return await self._page(request, ListParameters.from_search(request.json(), self._limits))

    async def create(self, request: ScimRequest) -> ScimResponse:
        """``POST`` of a new one (RFC 7644 §3.3)."""
        projection = Projection.from_pairs(request.query)
        record = await self._kind.create(request.call, request.json())
        return self._answer(201, record, projection)

    async def find(self, request: ScimRequest) -> ScimResponse:
        """``GET`` of one (RFC 7644 §3.4.1)."""
        projection = Projection.from_pairs(request.query)
        record = await self._kind.find(request.call, request.segments[1], projection)
        if request.if_none_match is not None and names(request.if_none_match, record.version):
            return ScimResponse(304, headers={"ETag": etag(record.version)})
        return self._answer(200, record, projection)

    async def replace(self, request: ScimRequest) -> ScimResponse:
        """``PUT`` of one (RFC 7644 §3.5.1)."""
        projection = Projection.from_pairs(request.query)
        record = await self._kind.replace(
            request.call, request.segments[1], request.json(), request.if_match, projection
        )
        return self._answer(200, record, projection)

    async def patch(self, request: ScimRequest) -> ScimResponse:
        """``PATCH`` of one (RFC 7644 §3.5.2): 200 with the resource, or 204."""
        projection = Projection.from_pairs(request.query)
        shows = self._kind.shows_patched(request, projection)
        record = await self._kind.patch(
            request.call, request.segments[1], request.json(), request.if_match, projection if shows else None
        )
        if shows:
            return self._answer(200, record, projection)
        return ScimResponse(204, headers={"ETag": etag(record.version)})

    async def delete(self, request: ScimRequest) -> ScimResponse:
        """``DELETE`` of one (RFC 7644 §3.6)."""
        await self._kind.delete(request.call, request.segments[1], request.if_match)
        return ScimResponse(204)

    async def part(self, request: ScimRequest, parameters: ListParameters, projection: Projection) -> Part:
        """A list of this kind inside another. Raises InvalidFilter, InvalidValue, TooMany."""
        _, page = await self._select(request, parameters)
        return Part(page.total, self._shown(page.records, projection))

    async def _page(self, request: ScimRequest, parameters: ListParameters) -> ScimResponse:
        listing, page = await self._select(request, parameters)
        shown = self._shown(page.records, parameters.projection)
        return ScimResponse(200, self._lister.answer(listing, page, shown))

    async def _select(self, request: ScimRequest, parameters: ListParameters) -> tuple[Listing, Page[Record]]:
        kind, call = self._kind, request.call
        listing = self._lister.understand(call.organization_id, parameters, kind.type, kind.render, call.tolerated)
        return listing, await kind.list(call, listing.query, parameters.projection)

    def _shown(self, records: Iterable[Record], projection: Projection) -> Sequence[bytes]:
        show, render = projector(self._kind.type, projection), self._kind.render
        return [show(render(record)) for record in records]

    def _answer(self, status: int, record: Record, projection: Projection) -> ScimResponse:
        header = "Location" if status == 201 else "Content-Location"
        headers = {header: self._kind.location(record.id), "ETag": etag(record.version)}
        (shown,) = self._shown((record,), projection)
        return ScimResponse(status, shown, headers)
