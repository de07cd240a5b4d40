"""The discovery documents, made from the schemas that validate (RFC 7643 §5-§7, RFC 7644 §4).

They say what the engine does because they are read from the same objects; ``checked_by_host`` is
nobody's business but ours and appears nowhere.
"""

from dataclasses import dataclass

from mdscripts.scim.discovery_schemas import RESOURCE_TYPE_URN, SCHEMA_URN, SERVICE_PROVIDER_CONFIG_URN
from mdscripts.scim.schema import Attribute, ResourceType, Schema, Type

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class ServiceFeatures:
    """What this service provider offers, and within which limits.

    ``max_payload_size`` is in bytes, ``cursor_timeout`` in seconds. ``documentation_uri`` is a page
    for people; ``token_documentation_uri`` one about bearer tokens.
    """

    bulk: bool = True
    max_operations: int = 1_000
    max_payload_size: int = 1_048_576
    default_page_size: int = 100
    max_page_size: int = 200
    change_password: bool = False
    cursor: bool = True
    cursor_timeout: int = 3_600
    documentation_uri: str | None = None
    token_documentation_uri: str | None = None


def schema_document(schema: Schema, base_url: str) -> Document:
    """The Schema resource of a schema, every characteristic spelled out (RFC 7643 §7)."""
    return {
        "schemas": [SCHEMA_URN],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": [_attribute(attribute) for attribute in schema.attributes],
        "meta": _meta("Schema", f"{base_url}/Schemas/{schema.id}"),
    }


def resource_type_document(resource_type: ResourceType, base_url: str) -> Document:
    """The ResourceType resource of a resource type (RFC 7643 §6)."""
    return {
        "schemas": [RESOURCE_TYPE_URN],
        "id": resource_type.name,
        "name": resource_type.name,
        "endpoint": resource_type.endpoint,
        "description": resource_type.description,
        "schema": resource_type.schema.id,
        "schemaExtensions": [
            {"schema": extension.schema.id, "required": extension.required} for extension in resource_type.extensions
        ],
        "meta": _meta("ResourceType", f"{base_url}/ResourceTypes/{resource_type.name}"),
    }


def service_provider_config(features: ServiceFeatures, base_url: str) -> Document:
    """The ServiceProviderConfig (RFC 7643 §5, RFC 9865 §4)."""
    scheme: Document = {
        "type": "oauthbearertoken",
        "name": "OAuth Bearer Token",
        "description": "A bearer token of the organization, sent in the Authorization header",
        "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
    }
    if features.token_documentation_uri:
        scheme["documentationUri"] = features.token_documentation_uri
    config: Document = {"schemas": [SERVICE_PROVIDER_CONFIG_URN]}
    if features.documentation_uri:
        config["documentationUri"] = features.documentation_uri
    return config | {
        "patch": {"supported": True},
        "bulk": {
            "supported": features.bulk,
            "maxOperations": features.max_operations if features.bulk else 0,
            "maxPayloadSize": features.max_payload_size if features.bulk else 0,
        },
        "filter": {"supported": True, "maxResults": features.max_page_size},
        "changePassword": {"supported": features.change_password},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": _pagination(features),
        "authenticationSchemes": [scheme | {"primary": True}],
        "meta": _meta("ServiceProviderConfig", f"{base_url}/ServiceProviderConfig"),
    }


def _pagination(features: ServiceFeatures) -> Document:
    pagination: Document = {
        "cursor": features.cursor,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": features.default_page_size,
        "maxPageSize": features.max_page_size,
    }
    return pagination | {"cursorTimeout": features.cursor_timeout} if features.cursor else pagination


def _attribute(attribute: Attribute) -> Document:
    document: Document = {
        "name": attribute.name,
        "type": attribute.type.value,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": attribute.mutability.value,
        "returned": attribute.returned.value,
        "uniqueness": attribute.uniqueness.value,
    }
    if attribute.canonical_values:
        document["canonicalValues"] = list(attribute.canonical_values)
    if attribute.reference_types:
        document["referenceTypes"] = list(attribute.reference_types)
    if attribute.type is Type.COMPLEX:
        document["subAttributes"] = [_attribute(sub) for sub in attribute.sub_attributes]
    return document


def _meta(resource_type: str, location: str) -> Document:
    return {"resourceType": resource_type, "location": location}
