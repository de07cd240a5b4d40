"""JSON Schemas of what is sent and what is answered, made from the schemas that validate.

JSON Schema 2020-12, the dialect of OpenAPI 3.1. What is sent and what is answered are two
schemas, because a projection (RFC 7644 §3.9) may leave out whatever is not returned always, and a
request needs no ``id``. Objects stay open: clients must expect attributes they do not know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.scim.bulk import BULK_REQUEST, BULK_RESPONSE
from mdscripts.scim.discovery import ServiceFeatures
from mdscripts.scim.discovery_schemas import RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG
from mdscripts.scim.errors import ERROR_SCHEMA
from mdscripts.scim.filter_lexer import LENGTH_MAX
from mdscripts.scim.messages import LIST_RESPONSE, NAMES_MAX, SEARCH_REQUEST
from mdscripts.scim.patch_operations import OPERATIONS_MAX, PATCH_SCHEMA
from mdscripts.scim.resources import LIMITS, Limits
from mdscripts.scim.schema import Attribute, Mutability, ResourceType, Returned, Schema, Type

Json = dict[str, object]

MEDIA_TYPE = "application/scim+json"

_TYPES: Mapping[Type, Json] = {
    Type.STRING: {"type": "string"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.DECIMAL: {"type": "number"},
    Type.INTEGER: {"type": "integer"},
    Type.DATE_TIME: {"type": "string", "format": "date-time"},
    Type.BINARY: {"type": "string", "contentEncoding": "base64"},
    Type.REFERENCE: {"type": "string", "format": "uri-reference"},
}

FILTER: Json = {"type": "string", "maxLength": LENGTH_MAX, "format": "scim-filter"}
"""``format`` names nothing registered: it tells people and generators of tests what the text is."""
PATH: Json = {"type": "string", "maxLength": LENGTH_MAX, "format": "scim-path"}


def named(name: str) -> Json:
    """A reference to a schema in ``components``."""
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True, slots=True)
class View:
    """What a schema describes: what clients send within ``limits``, or what they get (no limits).

    ``partial`` marks answers of which a projection may leave out any part.
    """

    limits: Limits | None = None
    partial: bool = False


ANSWERED = View(partial=True)
WHOLE = View()


def is_writable(resource_type: ResourceType) -> bool:
    """Whether clients may create and change resources: a type of read-only attributes is only read."""
    return any(attribute.mutability is not Mutability.READ_ONLY for attribute in resource_type.schema.attributes)


def all_schemas(
    resource_types: Sequence[ResourceType], features: ServiceFeatures, limits: Mapping[str, Limits]
) -> Json:
    """Every schema of ``components``, by name.

    A resource type has one of its own name for answers and, if it is writable, one with ``Input``
    for requests, within the ``limits`` of its name.
    """
    schemas: Json = {}
    for resource_type in resource_types:
        schemas[resource_type.name] = answered(resource_type)
        if is_writable(resource_type):
            schemas[f"{resource_type.name}Input"] = sent(resource_type, limits.get(resource_type.name, LIMITS))
    return schemas | {
        "ServiceProviderConfig": _document(SERVICE_PROVIDER_CONFIG),
        "ResourceType": _document(RESOURCE_TYPE),
        "Schema": _with_attributes_like(_document(SCHEMA), "SchemaAttribute"),
        "SchemaAttribute": _schema_attribute(),
        "Error": _error(),
        "SearchRequest": _search_request(features),
        "PatchRequest": _patch_request(),
        "BulkRequest": _bulk_request(features),
        "BulkResponse": _bulk_response(),
    }


def answered(resource_type: ResourceType) -> Json:
    """A resource as it is answered; required is what is returned always."""
    properties: Json = {"schemas": _urns_of(resource_type)}
    properties |= _properties(_without_schemas(resource_type), ANSWERED)
    for extension in resource_type.extensions:
        properties[extension.schema.id] = _extension(extension.schema, ANSWERED)
    return {
        "type": "object",
        "description": f"{resource_type.description}, as it is answered.",
        "properties": properties,
        "required": [item.name for item in resource_type.core if item.returned is Returned.ALWAYS],
    }


def sent(resource_type: ResourceType, limits: Limits = LIMITS) -> Json:
    """A resource as it is created or replaced. Read-only attributes are not listed: they are ignored."""
    view = View(limits)
    properties: Json = {"schemas": message_urns(resource_type.schema.id)}
    properties |= _properties(_without_schemas(resource_type), view)
    for extension in resource_type.extensions:
        properties[extension.schema.id] = _extension(extension.schema, view)
    required = [item.name for item in resource_type.core if item.required and not _is_read_only(item)]
    required += [extension.schema.id for extension in resource_type.extensions if extension.required]
    return {
        "type": "object",
        "description": f"{resource_type.description}, as it is created or replaced. null and empty values "
        "mean that an attribute is not assigned (RFC 7643 §2.5).",
        "properties": properties,
        "required": required,
    }


def list_of(items: Json) -> Json:
    """A ListResponse (RFC 7644 §3.4.2, RFC 9865 §2)."""
    return {
        "type": "object",
        "properties": {
            "schemas": _exactly(LIST_RESPONSE),
            "totalResults": {"type": "integer", "minimum": 0, "description": "How many there are in all."},
            "itemsPerPage": {"type": "integer", "minimum": 0, "description": "How many are in this answer."},
            "startIndex": {"type": "integer", "minimum": 1, "description": "Not there when paging by cursor."},
            "nextCursor": {"type": "string", "description": "The cursor of the next page; not there on the last."},
            "previousCursor": {"type": "string", "description": "The cursor of the page before."},
            "Resources": {"type": "array", "items": items},
        },
        "required": ["schemas", "totalResults", "itemsPerPage", "Resources"],
    }


def message_urns(urn: str) -> Json:
    """``schemas`` of something that is sent: contains the URN."""
    return {"type": "array", "items": {"type": "string"}, "contains": {"const": urn}, "examples": [[urn]]}


# --- attributes -------------------------------------------------------------------------------


def attribute_schema(attribute: Attribute, view: View) -> Json:
    """The JSON Schema of an attribute with its characteristics (RFC 7643 §2.2)."""
    schema = _single(attribute, view)
    if attribute.multi_valued:
        schema = {"type": "array", "items": schema}
        if view.limits is not None and not attribute.checked_by_host:
            schema["maxItems"] = view.limits.values
    schema["description"] = attribute.description
    if attribute.mutability is Mutability.READ_ONLY:
        schema["readOnly"] = True
    if attribute.mutability is Mutability.WRITE_ONLY or attribute.returned is Returned.NEVER:
        schema["writeOnly"] = True
    return schema


def _single(attribute: Attribute, view: View) -> Json:
    if attribute.type is Type.COMPLEX:
        return _object(attribute.sub_attributes, view)
    schema = dict(_TYPES[attribute.type])
    if view.limits is not None and not attribute.checked_by_host and schema["type"] == "string":
        binary = attribute.type is Type.BINARY
        schema["maxLength"] = view.limits.binary_length if binary else view.limits.string_length
    if attribute.canonical_values:
        schema["enum" if is_closed(attribute) else "examples"] = list(attribute.canonical_values)
    return schema


def is_closed(attribute: Attribute) -> bool:
    """Whether there are no values but the canonical ones: it is said so, or only the server writes them."""
    return attribute.closed or _is_read_only(attribute)


def _object(attributes: Sequence[Attribute], view: View) -> Json:
    schema: Json = {"type": "object", "properties": _properties(attributes, view)}
    if view.partial:
        return schema
    required = [item.name for item in attributes if item.required and not (view.limits and _is_read_only(item))]
    return schema | {"required": required} if required else schema


def _extension(schema: Schema, view: View) -> Json:
    return _object(schema.attributes, view) | {"description": schema.description}


def _properties(attributes: Iterable[Attribute], view: View) -> Json:
    return {
        item.name: attribute_schema(item, view)
        for item in attributes
        if not (_is_read_only(item) if view.limits else item.returned is Returned.NEVER)
    }


def _is_read_only(attribute: Attribute) -> bool:
    return attribute.mutability is Mutability.READ_ONLY


def _without_schemas(resource_type: ResourceType) -> list[Attribute]:
    return [item for item in resource_type.core if item.name != "schemas"]


def _urns_of(resource_type: ResourceType) -> Json:
    urns = [schema.id for schema in resource_type.schemas()]
    return {
        "type": "array",
        "items": {"type": "string", "enum": urns},
        "contains": {"const": resource_type.schema.id},
        "uniqueItems": True,
    }


def _document(schema: Schema) -> Json:
    """A discovery document: its own schema, ``schemas`` and ``meta`` (RFC 7643 §5-§7)."""
    meta: Json = {
        "type": "object",
        "properties": {"resourceType": {"type": "string"}, "location": {"type": "string", "format": "uri"}},
        "required": ["resourceType", "location"],
    }
    properties: Json = {"schemas": _exactly(schema.id)}
    return {
        "type": "object",
        "description": schema.description,
        "properties": properties | _properties(schema.attributes, WHOLE) | {"meta": meta},
        "required": ["schemas", *(item.name for item in schema.attributes if item.required), "meta"],
    }


def _schema_attribute() -> Json:
    """An attribute definition; its sub-attributes are such definitions again (RFC 7643 §7)."""
    attributes = SCHEMA.find("attributes")
    members = () if attributes is None else attributes.sub_attributes
    definition = _object([item for item in members if item.name != "subAttributes"], WHOLE)
    return _with_attributes_like(definition, "SchemaAttribute", "subAttributes")


def _with_attributes_like(schema: Json, name: str, key: str = "attributes") -> Json:
    properties = schema["properties"]
    members: Json = properties if isinstance(properties, dict) else {}
    return schema | {"properties": members | {key: {"type": "array", "items": named(name)}}}


# --- messages ---------------------------------------------------------------------------------


def _exactly(urn: str) -> Json:
    return {"type": "array", "items": {"type": "string"}, "const": [urn]}


def _error() -> Json:
    return {
        "type": "object",
        "description": "Why a request was refused (RFC 7644 §3.12).",
        "properties": {
            "schemas": _exactly(ERROR_SCHEMA),
            "status": {"type": "string", "pattern": "^[45][0-9]{2}$", "description": "The HTTP status as text."},
            "scimType": {"type": "string", "description": "The kind of refusal, where the RFC names one."},
            "detail": {"type": "string", "minLength": 1, "description": "What is wrong and what to do about it."},
        },
        "required": ["schemas", "status", "detail"],
    }


def _search_request(features: ServiceFeatures) -> Json:
    names: Json = {"type": "array", "items": PATH, "maxItems": NAMES_MAX}
    return {
        "type": "object",
        "description": "A list request whose parameters are in the body (RFC 7644 §3.4.3).",
        "properties": {
            "schemas": message_urns(SEARCH_REQUEST),
            "attributes": names,
            "excludedAttributes": names,
            "filter": FILTER,
            "sortBy": PATH,
            "sortOrder": {"type": "string", "enum": ["ascending", "descending"]},
            "startIndex": {"type": "integer", "default": 1},
            "count": {"type": "integer", "default": features.default_page_size},
            "cursor": {"type": "string"},
        },
        "required": ["schemas"],
    }


def _patch_request() -> Json:
    operation: Json = {
        "type": "object",
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace"]},
            "path": PATH | {"description": "What to change; without it the value names attributes."},
            "value": {"description": "What to add or put in its place, of whatever type the target has."},
        },
        "required": ["op"],
        "if": {"properties": {"op": {"const": "remove"}}},
        "then": {"required": ["path"]},
        "else": {"required": ["value"]},
    }
    return {
        "type": "object",
        "description": "Operations that are all applied, in order, or none (RFC 7644 §3.5.2).",
        "properties": {
            "schemas": message_urns(PATCH_SCHEMA),
            "Operations": {"type": "array", "minItems": 1, "maxItems": OPERATIONS_MAX, "items": operation},
        },
        "required": ["schemas", "Operations"],
    }


def _bulk_request(features: ServiceFeatures) -> Json:
    operation: Json = {
        "type": "object",
        "properties": {
            "method": {"type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"]},
            "path": {"type": "string", "examples": ["/Users", "/Users/{id}", "/Groups/bulkId:{bulkId}"]},
            "bulkId": {"type": "string", "minLength": 1, "description": "Required for POST; others can refer to it."},
            "version": {"type": "string", "description": "As in If-Match."},
            "data": {"type": "object", "description": "The body the request would have by itself."},
        },
        "required": ["method", "path"],
    }
    return {
        "type": "object",
        "description": "Several requests in one (RFC 7644 §3.7).",
        "properties": {
            "schemas": message_urns(BULK_REQUEST),
            "failOnErrors": {"type": "integer", "minimum": 1, "description": "Stop after so many refusals."},
            "Operations": {"type": "array", "maxItems": features.max_operations, "items": operation},
        },
        "required": ["schemas", "Operations"],
    }


def _bulk_response() -> Json:
    operation: Json = {
        "type": "object",
        "properties": {
            "method": {"type": "string"},
            "bulkId": {"type": "string"},
            "version": {"type": "string"},
            "location": {"type": "string", "format": "uri-reference"},
            "status": {"type": "string", "pattern": "^[245][0-9]{2}$"},
            "response": named("Error"),
        },
        "required": ["method", "status"],
    }
    return {
        "type": "object",
        "description": "What became of each operation that was performed (RFC 7644 §3.7.3).",
        "properties": {
            "schemas": _exactly(BULK_RESPONSE),
            "Operations": {"type": "array", "items": operation},
        },
        "required": ["schemas", "Operations"],
    }
