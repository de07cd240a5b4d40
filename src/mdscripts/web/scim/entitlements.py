"""``/Roles`` and ``/Sites`` for Okta's entitlement management: read-only lists."""

from collections.abc import Sequence

import orjson

from mdscripts.app.entitlements import Entitlements, Resource, page
from mdscripts.app.listing import sort_path
from mdscripts.scim.errors import InvalidCursor
from mdscripts.scim.filters import compile_match, parse_filter, sort_value
from mdscripts.scim.messages import ListParameters, PageLimits, Projection, list_response
from mdscripts.scim.resources import projection as projection_of
from mdscripts.scim.schema import ResourceType
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse
from mdscripts.web.scim.resource import Part


class EntitlementsEndpoint:
    """HTTP to use case for one of the two resource types."""

    def __init__(self, entitlements: Entitlements, resource_type: ResourceType, limits: PageLimits) -> None:
        self._entitlements = entitlements
        self._type = resource_type
        self._limits = limits

    async def list(self, request: ScimRequest) -> ScimResponse:
        """``GET /Roles`` or ``/Sites`` (RFC 7644 §3.4.2)."""
        return await self._page(request, ListParameters.from_pairs(request.query, self._limits))

    async def search(self, request: ScimRequest) -> ScimResponse:
        """``POST …/.search`` (RFC 7644 §3.4.3)."""
        return await self._page(request, ListParameters.from_search(request.json(), self._limits))

    async def find(self, request: ScimRequest) -> ScimResponse:
        """``GET /Roles/{id}`` or ``/Sites/{id}``."""
        resource = await self._entitlements.find(request.call, self._type, request.segments[1])
        (shown,) = self._shown([resource], Projection.from_pairs(request.query))
        return ScimResponse(200, shown)

    async def part(self, request: ScimRequest, parameters: ListParameters, projection: Projection) -> Part:
        """A list inside another. Raises InvalidFilter, InvalidValue."""
        found = await self._select(request, parameters)
        start = parameters.start_index - 1
        shown = found[start : start + parameters.count]
        return Part(len(found), self._shown(shown, projection))

    async def _select(self, request: ScimRequest, parameters: ListParameters) -> Sequence[Resource]:
        tolerated = request.call.tolerated
        match = (
            None if parameters.filter is None else compile_match(parse_filter(parameters.filter, self._type, tolerated))
        )
        path = sort_path(parameters, self._type, tolerated)
        return page(
            await self._entitlements.all(request.call, self._type),
            match,
            None if path is None else lambda resource: sort_value(path, resource),
            descending=parameters.descending,
        )

    def _shown(self, resources: Sequence[Resource], projection: Projection) -> Sequence[bytes]:
        reduced = projection_of(self._type, projection.attributes, projection.excluded)
        return [orjson.dumps(reduced(resource)) for resource in resources]

    async def _page(self, request: ScimRequest, parameters: ListParameters) -> ScimResponse:
        if parameters.cursor is not None:
            raise InvalidCursor(f"{self._type.endpoint} is short and is paged by startIndex and count only.")
        part = await self.part(request, parameters, parameters.projection)
        return ScimResponse(200, list_response(part.total, parameters.start_index, part.resources))
