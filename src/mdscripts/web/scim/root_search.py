"""``POST /.search`` on the server root: one query over every resource type (RFC 7644 §3.4.2.1, §3.4.3)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import orjson

from mdscripts.app.listing import sort_path
from mdscripts.app.rendering import projector
from mdscripts.scim.errors import InvalidCursor, TooMany
from mdscripts.scim.filters import sort_value
from mdscripts.scim.messages import ListParameters, PageLimits, Projection, list_response
from mdscripts.scim.schema import ResourceType
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse
from mdscripts.web.scim.many_types import ManyTypes
from mdscripts.web.scim.resource import Part

MERGED_RESULTS = 10_000
"""How far a sorted root search reaches: all lists are read up to the asked position."""

WHOLE = Projection()

Keyed = tuple[str | None, bytes, ResourceType]


class Source(Protocol):
    """An endpoint whose resources can be part of a list."""

    async def part(self, request: ScimRequest, parameters: ListParameters, projection: Projection) -> Part:
        """What matches, with the attributes asked for."""


class RootSearchEndpoint:
    """The resource types one after the other, in the order given; with sortBy they are merged."""

    def __init__(self, sources: Sequence[tuple[ResourceType, Source]], limits: PageLimits) -> None:
        self._sources = sources
        self._types = ManyTypes([resource_type for resource_type, _ in sources])
        self._limits = limits

    async def search(self, request: ScimRequest) -> ScimResponse:
        """``POST /.search``; an attribute that a type does not have has no value there."""
        parameters = ListParameters.from_search(request.json(), self._limits)
        if parameters.cursor is not None:
            raise InvalidCursor("A search on the server root is paged by startIndex and count; use /Users/.search.")
        run = self._one_after_the_other if parameters.sort_by is None else self._merged
        total, resources = await run(request, parameters)
        return ScimResponse(200, list_response(total, parameters.start_index, resources))

    async def _one_after_the_other(self, request: ScimRequest, parameters: ListParameters) -> tuple[int, list[bytes]]:
        total, resources = 0, list[bytes]()
        for resource_type, source in self._sources:
            narrowed = self._types.narrow(parameters, resource_type, request.call.tolerated)
            if narrowed is None:
                continue
            start = max(parameters.start_index - total, 1)
            wanted = replace(narrowed, start_index=start, count=parameters.count - len(resources))
            part = await source.part(request, wanted, parameters.projection)
            total += part.total
            resources += part.resources
        return total, resources

    async def _merged(self, request: ScimRequest, parameters: ListParameters) -> tuple[int, list[bytes]]:
        reach = parameters.start_index - 1 + parameters.count
        if reach > MERGED_RESULTS:
            raise TooMany(
                f"A sorted search on the server root reaches {MERGED_RESULTS} results; use /Users/.search beyond."
            )
        total = 0
        keyed: list[Keyed] = []
        for resource_type, source in self._sources:
            narrowed = self._types.narrow(parameters, resource_type, request.call.tolerated)
            if narrowed is None:
                continue
            key_of = _sort_key(request, narrowed, resource_type)
            part = await source.part(request, replace(narrowed, start_index=1, count=reach), WHOLE)
            total += part.total
            keyed += [(key_of(resource), resource, resource_type) for resource in part.resources]
        chosen = _ordered(keyed, descending=parameters.descending)[parameters.start_index - 1 : reach]
        shows = {kind.name: projector(kind, parameters.projection) for kind, _ in self._sources}
        return total, [shows[kind.name](resource) for _, resource, kind in chosen]


def _sort_key(
    request: ScimRequest, parameters: ListParameters, resource_type: ResourceType
) -> Callable[[bytes], str | None]:
    path = sort_path(parameters, resource_type, request.call.tolerated)
    return lambda resource: None if path is None else sort_value(path, orjson.loads(resource))


def _ordered(keyed: Sequence[Keyed], *, descending: bool) -> list[Keyed]:
    # Unassigned values come last, first when descending (RFC 7644 §3.4.2.3).
    return sorted(keyed, key=lambda entry: (entry[0] is None, entry[0] or ""), reverse=descending)
