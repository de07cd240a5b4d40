"""``/ServiceProviderConfig``, ``/ResourceTypes``, ``/Schemas`` (RFC 7644 §4), and ``/openapi.json``.

The documents are made once, from the schemas that validate, so they cannot say anything else.
"""

from collections.abc import Mapping, Sequence

import orjson

from mdscripts.scim.discovery import (
    ServiceFeatures,
    resource_type_document,
    schema_document,
    service_provider_config,
)
from mdscripts.scim.discovery_schemas import DISCOVERY_SCHEMAS
from mdscripts.scim.errors import Forbidden, NotFound
from mdscripts.scim.messages import list_response
from mdscripts.scim.openapi import DESCRIPTION_MEDIA_TYPE
from mdscripts.scim.schema import ResourceType
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse


class DiscoveryEndpoint:
    """Serves the prepared documents."""

    def __init__(
        self,
        base_url: str,
        resource_types: Sequence[ResourceType],
        features: ServiceFeatures,
        description: Mapping[str, object],
    ) -> None:
        self._description = orjson.dumps(description)
        self.configuration = ScimResponse(200, orjson.dumps(service_provider_config(features, base_url)))
        self._types = {
            resource_type.name: orjson.dumps(resource_type_document(resource_type, base_url))
            for resource_type in resource_types
        }
        schemas = {schema.id: schema for resource_type in resource_types for schema in resource_type.schemas()}
        schemas |= {schema.id: schema for schema in DISCOVERY_SCHEMAS}
        self._schemas = {
            urn.lower(): orjson.dumps(schema_document(schema, base_url)) for urn, schema in schemas.items()
        }

    async def config(self, request: ScimRequest) -> ScimResponse:
        """``GET /ServiceProviderConfig``."""
        return self.configuration

    async def resource_types(self, request: ScimRequest) -> ScimResponse:
        """``GET /ResourceTypes``; a filter is 403 (RFC 7644 §4)."""
        return self._all(request, self._types)

    async def resource_type(self, request: ScimRequest) -> ScimResponse:
        """``GET /ResourceTypes/{name}``."""
        return _one(self._types, request.segments[1], "resource type")

    async def schemas(self, request: ScimRequest) -> ScimResponse:
        """``GET /Schemas``; a filter is 403 (RFC 7644 §4)."""
        return self._all(request, self._schemas)

    async def schema(self, request: ScimRequest) -> ScimResponse:
        """``GET /Schemas/{urn}``; the URN is compared without case."""
        return _one(self._schemas, request.segments[1].lower(), "schema")

    async def openapi(self, request: ScimRequest) -> ScimResponse:
        """``GET /openapi.json``: the description of the whole service, no SCIM message."""
        return ScimResponse(200, self._description, media_type=DESCRIPTION_MEDIA_TYPE)

    @staticmethod
    def _all(request: ScimRequest, documents: dict[str, bytes]) -> ScimResponse:
        if any(name.lower() == "filter" for name, _ in request.query):
            raise Forbidden("Discovery endpoints take no filter; read the whole list.")
        return ScimResponse(200, list_response(len(documents), 1, documents.values()))


def _one(documents: dict[str, bytes], name: str, what: str) -> ScimResponse:
    document = documents.get(name)
    if document is None:
        raise NotFound(f"There is no such {what} here.")
    return ScimResponse(200, document)
