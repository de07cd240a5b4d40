"""``/Schemas`` and ``/ResourceTypes`` as endpoints (RFC 7644 §3.1, §3.2, §4; RFC 7643 §6)."""

from collections.abc import Iterator

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Server

SCHEMAS, RESOURCE_TYPES = "/Schemas", "/ResourceTypes"
LOWEST_REFUSAL = 400


def documents(server: Server, path: str) -> tuple[list[Json], Answer]:
    """The documents of a discovery endpoint. Raises Violation unless there are any."""
    answer = server.get(path)
    expect_status(answer, 200)
    expect(answer.resources, answer, "at least one resource")
    return answer.resources, answer


def extensions_of(document: Json, answer: Answer) -> Iterator[Json]:
    """The schema extensions of a resource type. Raises Violation if they are no list of objects."""
    listed = document.get("schemaExtensions", [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise answer.violation("expected schemaExtensions to be a list of objects")
    yield from listed


@check("7644", "4", MUST)
def all_schemas_come_as_a_list(server: Server) -> None:
    """An HTTP GET to the endpoint "/Schemas" SHALL return all supported schemas in ListResponse
    format (see Figure 3)."""
    listed, answer = documents(server, SCHEMAS)
    expect_equal(answer.resource.get("schemas"), [urns.LIST_RESPONSE], answer, "schemas")
    expect_equal(answer.resource.get("totalResults"), len(listed), answer, "totalResults")


@check("7644", "4", MUST)
def all_resource_types_come_as_a_list(server: Server) -> None:
    """When returning multiple ResourceTypes or Schemas, the message form described by the
    "urn:ietf:params:scim:api:messages:2.0:ListResponse" (ListResponse) form SHALL be used"""
    listed, answer = documents(server, RESOURCE_TYPES)
    expect_equal(answer.resource.get("schemas"), [urns.LIST_RESPONSE], answer, "schemas")
    expect_equal(answer.resource.get("totalResults"), len(listed), answer, "totalResults")


@check("7644", "4", MUST)
def one_schema_is_found_by_its_urn(server: Server) -> None:
    """Individual schema definitions can be returned by appending the schema URI to the /Schemas
    endpoint."""
    for document in documents(server, SCHEMAS)[0]:
        answer = server.get(f"{SCHEMAS}/{document.get('id')}")
        expect_status(answer, 200)
        expect_equal(answer.resource.get("id"), document.get("id"), answer, "id")
        expect_equal(answer.resource.get("attributes"), document.get("attributes"), answer, "attributes")


@check("7644", "4", MUST)
def one_resource_type_is_found_by_its_name(server: Server) -> None:
    """In cases where a request is for a specific "ResourceType" or "Schema", the single JSON object
    is returned in the same way that a single User or Group is retrieved, as per Section 3.4.1."""
    for document in documents(server, RESOURCE_TYPES)[0]:
        answer = server.get(f"{RESOURCE_TYPES}/{document.get('id') or document.get('name')}")
        expect_status(answer, 200)
        expect_equal(answer.resource.get("endpoint"), document.get("endpoint"), answer, "endpoint")


@check("7644", "4", MUST)
def an_unknown_schema_or_resource_type_is_404(server: Server) -> None:
    """In cases where a request is for a specific "ResourceType" or "Schema", the single JSON object
    is returned in the same way that a single User or Group is retrieved, as per Section 3.4.1."""
    expect_error(server.get(f"{SCHEMAS}/urn:example:none"), 404)
    expect_error(server.get(f"{RESOURCE_TYPES}/None"), 404)


@check("7644", "4", MUST)
def paging_of_discovery_is_ignored(server: Server) -> None:
    """Query parameters described in Section 3.4.2, such as filtering, sorting, and pagination,
    SHALL be ignored."""
    for path in (SCHEMAS, RESOURCE_TYPES):
        listed, _ = documents(server, path)
        answer = server.get(path, startIndex=2, count=1, sortBy="name", sortOrder="descending")
        expect_status(answer, 200)
        expect_equal(len(answer.resources), len(listed), answer, "the number of resources")


@check("7644", "4", SHOULD)
def a_filter_on_schemas_is_403(server: Server) -> None:
    """If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403
    (Forbidden) to ensure that clients cannot incorrectly assume that any matching conditions
    specified in a filter are true."""
    expect_error(server.get(SCHEMAS, filter='name eq "User"'), 403)


@check("7644", "4", SHOULD)
def a_filter_on_resource_types_is_403(server: Server) -> None:
    """If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403
    (Forbidden) to ensure that clients cannot incorrectly assume that any matching conditions
    specified in a filter are true."""
    expect_error(server.get(RESOURCE_TYPES, filter='name eq "User"'), 403)


@check("7644", "3.1", MUST)
def messages_are_no_discoverable_schemas(server: Server) -> None:
    """As SCIM protocol messages are fixed and defined by SCIM specifications and registered
    extensions, SCIM message schemas using the above prefix URN SHALL NOT be discoverable using the
    "/Schemas" endpoint."""
    listed, answer = documents(server, SCHEMAS)
    found = [each.get("id") for each in listed if str(each.get("id")).startswith(urns.MESSAGES)]
    expect(not found, answer, f"no message schemas, not {found}")


@check("7644", "3.2", MUST)
def users_and_groups_are_where_they_belong(server: Server) -> None:
    """The SCIM protocol specifies well-known endpoints and HTTP methods for managing resources
    defined in the SCIM Core Schema document ([RFC7643]); i.e., "User" and "Group" resources
    correspond to "/Users" and "/Groups", respectively."""
    listed, answer = documents(server, RESOURCE_TYPES)
    for document in listed:
        name = document.get("name")
        if name in ("User", "Group"):
            endpoint = str(document.get("endpoint")).strip("/")
            expect_equal(endpoint, f"{name}s", answer, f"the endpoint of {name}")
    expect("User" in {each.get("name") for each in listed}, answer, "the resource type User")


@check("7644", "3.2", SHOULD)
def endpoints_are_the_plural_of_the_name(server: Server) -> None:
    """Service providers that support extended resources SHOULD define resource endpoints using the
    convention of pluralizing the resource name defined in the extended schema, by appending an
    's'."""
    listed, answer = documents(server, RESOURCE_TYPES)
    for document in listed:
        expect(str(document.get("endpoint")).endswith("s"), answer, f"a plural, not {document.get('endpoint')!r}")


@check("7643", "6", MUST)
def each_resource_type_has_a_name(server: Server) -> None:
    """The resource type name. When applicable, service providers MUST specify the name, e.g.,
    "User" or "Group"."""
    listed, answer = documents(server, RESOURCE_TYPES)
    expect(all(isinstance(each.get("name"), str) and each["name"] for each in listed), answer, "a name for each type")


@check("7643", "6", MUST)
def each_resource_type_has_a_description(server: Server) -> None:
    """The resource type's human-readable description. When applicable, service providers MUST
    specify the description. OPTIONAL."""
    listed, answer = documents(server, RESOURCE_TYPES)
    expect(all(each.get("description") for each in listed), answer, "a description for each resource type")


@check("7643", "6", MUST)
def each_endpoint_can_be_queried(server: Server) -> None:
    """The resource type's HTTP-addressable endpoint relative to the Base URL of the service
    provider, e.g., "Users". REQUIRED."""
    for document in documents(server, RESOURCE_TYPES)[0]:
        answer = server.get(f"/{str(document.get('endpoint')).strip('/')}", count=1)
        expect_status(answer, 200)
        expect_equal(answer.resource.get("schemas"), [urns.LIST_RESPONSE], answer, "schemas")


@check("7643", "6", MUST)
def the_schema_of_each_resource_type_is_discoverable(server: Server) -> None:
    """This MUST be equal to the "id" attribute of the associated "Schema" resource."""
    known = {each.get("id") for each in documents(server, SCHEMAS)[0]}
    listed, answer = documents(server, RESOURCE_TYPES)
    for document in listed:
        expect(document.get("schema") in known, answer, f"{document.get('schema')} to be found in /Schemas")


@check("7643", "6", MUST)
def the_extensions_of_each_resource_type_are_discoverable(server: Server) -> None:
    """This MUST be equal to the "id" attribute of a "Schema" resource."""
    known = {each.get("id") for each in documents(server, SCHEMAS)[0]}
    listed, answer = documents(server, RESOURCE_TYPES)
    for document in listed:
        for extension in extensions_of(document, answer):
            expect(extension.get("schema") in known, answer, f"{extension.get('schema')} to be found in /Schemas")


@check("7643", "6", MUST)
def each_extension_says_whether_it_is_required(server: Server) -> None:
    """A Boolean value that specifies whether or not the schema extension is required for the
    resource type."""
    listed, answer = documents(server, RESOURCE_TYPES)
    for document in listed:
        for extension in extensions_of(document, answer):
            expect(isinstance(extension.get("required"), bool), answer, "required to be true or false")


@check("7643", "6", MUST)
def resource_types_cannot_be_changed(server: Server) -> None:
    """Resource type resources are READ-ONLY and identified using the following schema URI:
    "urn:ietf:params:scim:schemas:core:2.0:ResourceType"."""
    listed, answer = documents(server, RESOURCE_TYPES)
    for document in listed:
        expect_equal(document.get("schemas"), [urns.RESOURCE_TYPE], answer, "schemas")
    first = f"{RESOURCE_TYPES}/{listed[0].get('id') or listed[0].get('name')}"
    for method, path in (("POST", RESOURCE_TYPES), ("PUT", first), ("PATCH", first), ("DELETE", first)):
        refused = server.send(method, path, None if method == "DELETE" else listed[0])
        expect(refused.status >= LOWEST_REFUSAL, refused, f"{method} to be refused, not {refused.status}")


@check("7643", "7", MUST)
def schemas_cannot_be_changed(server: Server) -> None:
    """ "Schema" resources are not modifiable, and their associated attributes have a mutability of
    "readOnly"."""
    listed, _ = documents(server, SCHEMAS)
    first = f"{SCHEMAS}/{listed[0].get('id')}"
    for method, path in (("POST", SCHEMAS), ("PUT", first), ("PATCH", first), ("DELETE", first)):
        refused = server.send(method, path, None if method == "DELETE" else listed[0])
        expect(refused.status >= LOWEST_REFUSAL, refused, f"{method} to be refused, not {refused.status}")


@check("7643", "3.1", MUST)
def discovery_documents_have_their_location(server: Server) -> None:
    """The URI of the resource being returned."""
    for path in (SCHEMAS, RESOURCE_TYPES):
        listed, answer = documents(server, path)
        for document in listed:
            meta = document.get("meta")
            location = str(meta.get("location", "")) if isinstance(meta, dict) else ""
            name = str(document.get("id") or document.get("name"))
            expect(location.endswith(f"{path}/{name}"), answer, f"meta.location to end in {path}/{name}")
