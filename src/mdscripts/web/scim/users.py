"""``/Users`` and ``/Users/{id}`` (RFC 7644 §3.2)."""

from mdscripts.app.listing import Lister, Listing
from mdscripts.app.ports import UserPage, UserRecord
from mdscripts.app.preconditions import etag, names
from mdscripts.app.provisioning import Directory
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import USER_TYPE
from mdscripts.scim.messages import ListParameters, PageLimits, Projection
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse


class UsersEndpoint:
    """HTTP to use cases for people."""

    def __init__(self, directory: Directory, lister: Lister, renderer: Renderer, limits: PageLimits) -> None:
        self._directory = directory
        self._lister = lister
        self._renderer = renderer
        self._limits = limits

    async def list(self, request: ScimRequest) -> ScimResponse:
        """``GET /Users`` (RFC 7644 §3.4.2)."""
        return await self._page(request, ListParameters.from_pairs(request.query, self._limits))

    async def search(self, request: ScimRequest) -> ScimResponse:
        """``POST /Users/.search`` (RFC 7644 §3.4.3)."""
        return await self._page(request, ListParameters.from_search(request.json(), self._limits))

    async def create(self, request: ScimRequest) -> ScimResponse:
        """``POST /Users`` (RFC 7644 §3.3)."""
        projection = Projection.from_pairs(request.query)
        record = await self._directory.create(request.call, request.json())
        return self._answer(201, record, projection)

    async def find(self, request: ScimRequest) -> ScimResponse:
        """``GET /Users/{id}`` (RFC 7644 §3.4.1)."""
        record = await self._directory.find(request.call, request.segments[1])
        if request.if_none_match is not None and names(request.if_none_match, record.version):
            return ScimResponse(304, headers={"ETag": etag(record.version)})
        return self._answer(200, record, Projection.from_pairs(request.query))

    async def replace(self, request: ScimRequest) -> ScimResponse:
        """``PUT /Users/{id}`` (RFC 7644 §3.5.1)."""
        projection = Projection.from_pairs(request.query)
        record = await self._directory.replace(request.call, request.segments[1], request.json(), request.if_match)
        return self._answer(200, record, projection)

    async def patch(self, request: ScimRequest) -> ScimResponse:
        """``PATCH /Users/{id}`` (RFC 7644 §3.5.2): 200 with the whole user, 204 if the client prefers."""
        projection = Projection.from_pairs(request.query)
        record = await self._directory.patch(request.call, request.segments[1], request.json(), request.if_match)
        if request.prefers("return=minimal"):
            return ScimResponse(204, headers={"ETag": etag(record.version)})
        return self._answer(200, record, projection)

    async def delete(self, request: ScimRequest) -> ScimResponse:
        """``DELETE /Users/{id}`` (RFC 7644 §3.6)."""
        await self._directory.delete(request.call, request.segments[1], request.if_match)
        return ScimResponse(204)

    async def select(self, request: ScimRequest, parameters: ListParameters) -> tuple[Listing, UserPage]:
        """Run a list request. Raises InvalidFilter, InvalidValue, TooMany, cursor errors."""
        call = request.call
        listing = self._lister.understand(
            call.organization_id, parameters, USER_TYPE, self._renderer.user, call.tolerated
        )
        return listing, await self._directory.list(call, listing.query)

    def render(self, record: UserRecord, projection: Projection) -> bytes:
        """A user with the attributes asked for."""
        return self._renderer.projected_user(record, projection.attributes, projection.excluded)

    async def _page(self, request: ScimRequest, parameters: ListParameters) -> ScimResponse:
        listing, page = await self.select(request, parameters)
        rendered = [self.render(record, parameters.projection) for record in page.records]
        return ScimResponse(200, self._lister.answer(listing, page, rendered))

    def _answer(self, status: int, record: UserRecord, projection: Projection) -> ScimResponse:
        body = self.render(record, projection)
        location = self._renderer.user_location(record.id)
        header = "Location" if status == 201 else "Content-Location"
        return ScimResponse(status, body, {header: location, "ETag": etag(record.version)})
