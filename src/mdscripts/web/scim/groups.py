"""``/Groups`` and ``/Groups/{id}`` (RFC 7644 §3.2)."""

from mdscripts.app.groups import Groups
from mdscripts.app.listing import Lister, Listing
from mdscripts.app.ports import GroupPage, GroupRecord
from mdscripts.app.preconditions import etag, names
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import GROUP_TYPE
from mdscripts.scim.messages import ListParameters, PageLimits, Projection
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse


class GroupsEndpoint:
    """HTTP to use cases for groups."""

    def __init__(self, groups: Groups, lister: Lister, renderer: Renderer, limits: PageLimits) -> None:
        self._groups = groups
        self._lister = lister
        self._renderer = renderer
        self._limits = limits

    async def list(self, request: ScimRequest) -> ScimResponse:
        """``GET /Groups`` (RFC 7644 §3.4.2)."""
        return await self._page(request, ListParameters.from_pairs(request.query, self._limits))

    async def search(self, request: ScimRequest) -> ScimResponse:
        """``POST /Groups/.search`` (RFC 7644 §3.4.3)."""
        return await self._page(request, ListParameters.from_search(request.json(), self._limits))

    async def create(self, request: ScimRequest) -> ScimResponse:
        """``POST /Groups`` (RFC 7644 §3.3)."""
        projection = Projection.from_pairs(request.query)
        record = await self._groups.create(request.call, request.json())
        return self._answer(201, record, projection)

    async def find(self, request: ScimRequest) -> ScimResponse:
        """``GET /Groups/{id}`` (RFC 7644 §3.4.1)."""
        projection = Projection.from_pairs(request.query)
        record = await self._groups.find(request.call, request.segments[1], with_members=projection.wants("members"))
        if request.if_none_match is not None and names(request.if_none_match, record.version):
            return ScimResponse(304, headers={"ETag": etag(record.version)})
        return self._answer(200, record, projection)

    async def replace(self, request: ScimRequest) -> ScimResponse:
        """``PUT /Groups/{id}`` (RFC 7644 §3.5.1)."""
        projection = Projection.from_pairs(request.query)
        record = await self._groups.replace(
            request.call,
            request.segments[1],
            request.json(),
            request.if_match,
            with_members=projection.wants("members"),
        )
        return self._answer(200, record, projection)

    async def patch(self, request: ScimRequest) -> ScimResponse:
        """``PATCH /Groups/{id}`` (RFC 7644 §3.5.2).

        204 unless the client asks for something back (``attributes``, ``excludedAttributes`` or
        ``Prefer: return=representation``): answering with the group would cost its size.
        """
        projection = Projection.from_pairs(request.query)
        wants_body = bool(projection) or request.prefers("return=representation")
        record = await self._groups.patch(
            request.call,
            request.segments[1],
            request.json(),
            request.if_match,
            with_members=wants_body and projection.wants("members"),
        )
        if wants_body:
            return self._answer(200, record, projection)
        return ScimResponse(204, headers={"ETag": etag(record.version)})

    async def delete(self, request: ScimRequest) -> ScimResponse:
        """``DELETE /Groups/{id}`` (RFC 7644 §3.6)."""
        await self._groups.delete(request.call, request.segments[1], request.if_match)
        return ScimResponse(204)

    async def select(self, request: ScimRequest, parameters: ListParameters) -> tuple[Listing, GroupPage]:
        """Run a list request. Raises InvalidFilter, InvalidValue, TooMany, cursor errors."""
        call = request.call
        listing = self._lister.understand(
            call.organization_id, parameters, GROUP_TYPE, self._renderer.group, call.tolerated
        )
        with_members = parameters.projection.wants("members")
        return listing, await self._groups.list(call, listing.query, with_members=with_members)

    def render(self, record: GroupRecord, projection: Projection) -> bytes:
        """A group with the attributes asked for."""
        return self._renderer.projected_group(record, projection.attributes, projection.excluded)

    async def _page(self, request: ScimRequest, parameters: ListParameters) -> ScimResponse:
        listing, page = await self.select(request, parameters)
        rendered = [self.render(record, parameters.projection) for record in page.records]
        return ScimResponse(200, self._lister.answer(listing, page, rendered))

    def _answer(self, status: int, record: GroupRecord, projection: Projection) -> ScimResponse:
        body = self.render(record, projection)
        location = self._renderer.group_location(record.id)
        header = "Location" if status == 201 else "Content-Location"
        return ScimResponse(status, body, {header: location, "ETag": etag(record.version)})
