"""What every representation has: ``schemas``, ``id``, ``meta``, extensions (RFC 7643 §3)."""

import re
from datetime import UTC, datetime

from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_status
from mdscripts.conformance.documents import read_resource_type
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Made, Server

DATE_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
"""xsd:dateTime."""
WEAK_OR_STRONG = re.compile(r'(W/)?"[^"]*"')


def meta_of(resource: Json, answer: Answer) -> Json:
    """``meta``. Raises Violation if it is no object."""
    meta = resource.get("meta")
    if not isinstance(meta, dict):
        raise answer.violation("expected meta to be an object")
    return meta


def instant(value: object, answer: Answer) -> datetime:
    """A date and time. Raises Violation if it is none."""
    if not isinstance(value, str) or not DATE_TIME.fullmatch(value):
        raise answer.violation(f"expected an xsd:dateTime, not {value!r}")
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def each_kind(server: Server) -> list[Made]:
    """A user, and a group if the server has groups."""
    made = [server.user()]
    return [*made, server.group()] if "Group" in server.types else made


def reading(server: Server, made: Made) -> Answer:
    """The answer to a GET of the resource. Raises Violation unless it is 200."""
    answer = server.get(made.path)
    expect_status(answer, 200)
    return answer


@check("7643", "3", MUST)
def every_resource_names_its_base_schema(server: Server) -> None:
    """All representations of SCIM schemas MUST include a non-empty array with value(s) of the URIs
    supported by that representation."""
    for made in each_kind(server):
        answer = reading(server, made)
        wanted = next(each.schema for each in server.types.values() if each.endpoint == made.endpoint)
        listed = answer.resource.get("schemas")
        expect(isinstance(listed, list) and wanted in listed, answer, f"schemas to contain {wanted}")


@check("7643", "3", MUST)
def schemas_holds_only_schemas_of_the_resource_type(server: Server) -> None:
    """The "schemas" attribute for a resource MUST only contain values defined as "schema" and
    "schemaExtensions" for the resource's defined "resourceType"."""
    for made in (server.user(server.users.enriched()), *each_kind(server)):
        answer = reading(server, made)
        kind = next(each for each in server.types.values() if each.endpoint == made.endpoint)
        listed = answer.resource.get("schemas")
        good = isinstance(listed, list) and listed and set(map(str, listed)) <= {kind.schema, *kind.extensions}
        expect(good, answer, f"only schemas of {kind.name}")


@check("7643", "3", MUST)
def schemas_holds_no_duplicates(server: Server) -> None:
    """Duplicate values MUST NOT be included."""
    body = server.users.body(server.users.enriched())
    listed = body["schemas"]
    doubled = {**body, "schemas": [*listed, *listed]} if isinstance(listed, list) else body
    answer = server.post(server.users.endpoint, doubled)
    expect_status(answer, 201, 400)  # the client's fault may be refused
    if answer.status == 201:
        stored = reading(server, Made(answer, server.users.endpoint)).resource.get("schemas")
        expect(isinstance(stored, list) and len(stored) == len(set(map(str, stored))), answer, "each schema once")


@check("7643", "3", MUST)
def the_order_of_schemas_does_not_matter(server: Server) -> None:
    """Value order is not specified and MUST NOT impact behavior."""
    urn, name, _ = server.users.extension()
    body = server.users.body({urn: {name: "x"}})
    backwards = {**body, "schemas": [urn, server.users.type.schema]}
    answer = server.post(server.users.endpoint, backwards)
    expect_status(answer, 201)
    expect_equal(answer.resource.get(urn), {name: "x"}, answer, urn)


@check("7643", "3.1", MUST)
def every_resource_has_an_id(server: Server) -> None:
    """Each representation of the resource MUST include a non-empty "id" value."""
    for made in each_kind(server):
        answer = reading(server, made)
        value = answer.resource.get("id")
        expect(isinstance(value, str) and value, answer, "a non-empty id")


@check("7643", "3.1", MUST)
def ids_are_unique_across_resource_types(server: Server) -> None:
    """This identifier MUST be unique across the SCIM service provider's entire set of resources."""
    made = [*each_kind(server), *each_kind(server)]
    ids = [each.id for each in made]
    expect(len(ids) == len(set(ids)), made[-1].answer, "another id for each resource")


@check("7643", "3.1", MUST)
def an_id_does_not_change(server: Server) -> None:
    """It MUST be a stable, non-reassignable identifier that does not change when the same resource
    is returned in subsequent requests."""
    made = server.user()
    body = server.users.body({"userName": made.body.get("userName"), server.users.text(): "changed"})
    answer = server.put(made.path, body)
    expect_status(answer, 200)
    expect_equal(answer.resource.get("id"), made.id, answer, "id after a change")
    expect_equal(reading(server, made).resource.get("id"), made.id, answer, "id when read again")


@check("7643", "3.1", MUST)
def an_id_of_the_client_is_not_used(server: Server) -> None:
    """The value of the "id" attribute is always issued by the service provider and MUST NOT be
    specified by the client."""
    made = server.user({"id": server.users.fresh("mine")})
    expect(not made.id.endswith("mine"), made.answer, "an id of the service provider")


@check("7643", "3.1", MUST)
def no_id_contains_bulk_id(server: Server) -> None:
    """The string "bulkId" is a reserved keyword and MUST NOT be used within any unique identifier
    value."""
    made = server.user()
    expect("bulkid" not in made.id.lower(), made.answer, "an id without bulkId")


@check("7643", "3.1", MUST)
def external_id_is_kept_as_it_is(server: Server) -> None:
    """This attribute has "caseExact" as "true" and a mutability of "readWrite"."""
    wanted = server.users.fresh("MiXed")
    made = server.user({"externalId": wanted})
    answer = reading(server, made)
    expect_equal(answer.resource.get("externalId"), wanted, answer, "externalId")
    changed = server.put(made.path, {**server.users.body(made.body), "externalId": f"{wanted}2"})
    expect_equal(changed.resource.get("externalId"), f"{wanted}2", changed, "externalId after a change")


@check("7643", "3.1", MUST)
def external_id_is_not_invented(server: Server) -> None:
    """The value of the "externalId" attribute is always issued by the provisioning client and MUST
    NOT be specified by the service provider."""
    answer = reading(server, server.user())
    expect("externalId" not in answer.resource, answer, "no externalId where the client gave none")


@check("7643", "3.1", MUST)
def external_ids_need_not_be_unique(server: Server) -> None:
    """While the server does not enforce uniqueness, it is assumed that the value's uniqueness is
    controlled by the client setting the value."""
    shared = server.users.fresh()
    server.user({"externalId": shared})
    answer = server.post(server.users.endpoint, server.users.body({"externalId": shared}))
    expect_status(answer, 201)


@check("7643", "3.1", MUST)
def meta_of_the_client_is_ignored(server: Server) -> None:
    """This attribute SHALL be ignored when provided by clients."""
    lies = {"resourceType": "Device", "created": "1999-01-01T00:00:00Z", "location": "https://x.example/1"}
    made = server.user({"meta": lies})
    meta = meta_of(made.body, made.answer)
    for name, lie in lies.items():
        expect(meta.get(name) != lie, made.answer, f"meta.{name} of the service provider")


@check("7643", "3.1", MUST)
def meta_is_assigned_by_the_service_provider(server: Server) -> None:
    """When accepted by a service provider (e.g., after a SCIM create), the attributes "id" and
    "meta" (and its associated sub-attributes) MUST be assigned values by the service provider."""
    for made in each_kind(server):
        answer = reading(server, made)
        meta = meta_of(answer.resource, answer)
        for name in ("resourceType", "created", "lastModified", "location"):
            expect(meta.get(name), answer, f"meta.{name}")


@check("7643", "3.1", MUST)
def resource_type_is_the_name_of_the_type(server: Server) -> None:
    """The name of the resource type of the resource."""
    for made in each_kind(server):
        answer = reading(server, made)
        kind = next(each for each in server.types.values() if each.endpoint == made.endpoint)
        name = meta_of(answer.resource, answer).get("resourceType")
        expect_equal(name, kind.name, answer, "meta.resourceType")


@check("7643", "3.1", MUST)
def created_and_last_modified_are_date_times(server: Server) -> None:
    """This attribute MUST be a DateTime."""
    made = server.user()
    for name in ("created", "lastModified"):
        instant(meta_of(made.body, made.answer).get(name), made.answer)


@check("7643", "3.1", MUST)
def a_new_resource_was_modified_when_it_was_created(server: Server) -> None:
    """If this resource has never been modified since its initial creation, the value MUST be the
    same as the value of "created"."""
    answer = reading(server, server.user())
    meta = meta_of(answer.resource, answer)
    same = instant(meta.get("created"), answer) == instant(meta.get("lastModified"), answer)
    expect(same, answer, "meta.lastModified to equal meta.created")


@check("7643", "3.1", MUST)
def last_modified_follows_a_change(server: Server) -> None:
    """The most recent DateTime that the details of this resource were updated at the service
    provider."""
    made = server.user()
    before = meta_of(made.body, made.answer)
    body = server.users.body({"userName": made.body.get("userName"), server.users.text(): "changed"})
    expect_status(server.put(made.path, body), 200)
    answer = reading(server, made)
    after = meta_of(answer.resource, answer)
    later = instant(after.get("lastModified"), answer) > instant(before.get("lastModified"), answer)
    expect(later, answer, "meta.lastModified to be later than before the change")
    expect_equal(after.get("created"), before.get("created"), answer, "meta.created")


@check("7643", "3.1", MUST)
def location_is_the_uri_of_the_resource(server: Server) -> None:
    """The URI of the resource being returned."""
    for made in each_kind(server):
        answer = reading(server, made)
        location = str(meta_of(answer.resource, answer).get("location"))
        expect(location.endswith(made.path), answer, f"meta.location to end in {made.path}")


@check("7643", "3.1", MUST)
def location_equals_the_content_location_header(server: Server) -> None:
    """This value MUST be the same as the "Content-Location" HTTP response header (see Section
    3.1.4.2 of [RFC7231])."""
    answer = reading(server, server.user())
    location = meta_of(answer.resource, answer).get("location")
    expect_equal(answer.header("content-location"), location, answer, "the header Content-Location")


@check("7643", "3.1", MUST, "etag")
def version_equals_the_etag_header(server: Server) -> None:
    """This value must be the same as the entity-tag (ETag) HTTP response header (see Sections 2.1
    and 2.3 of [RFC7232])."""
    for made in each_kind(server):
        answer = reading(server, made)
        version = meta_of(answer.resource, answer).get("version")
        expect(version, answer, "meta.version")
        expect_equal(answer.header("etag"), version, answer, "the header ETag")


@check("7643", "3.1", MUST, "etag")
def a_version_is_an_entity_tag(server: Server) -> None:
    """then the origin server MUST mark the "version" (entity-tag) as weak by prefixing its opaque
    value with "W/" (case sensitive)."""
    made = server.user()
    version = str(meta_of(made.body, made.answer).get("version"))
    expect(WEAK_OR_STRONG.fullmatch(version), made.answer, f'"…" or W/"…", not {version}')


@check("7643", "3.3", MUST)
def an_extension_has_its_own_container(server: Server) -> None:
    """Except for the base object schema, the schema extension URI SHALL be used as a JSON container
    to distinguish attributes belonging to the extension namespace from base schema attributes."""
    urn, name, _ = server.users.extension()
    answer = reading(server, server.user({urn: {name: "x"}}))
    expect_equal(answer.resource.get(urn), {name: "x"}, answer, urn)
    expect(name not in answer.resource, answer, f"no {name} at the top level")


@check("7643", "3.3", MUST)
def schemas_lists_the_extensions_in_use(server: Server) -> None:
    """The "schemas" attribute MUST contain at least one value, which SHALL be the base schema for
    the resource. The "schemas" attribute MAY contain additional values indicating extended schemas
    that are in use."""
    urn, name, _ = server.users.extension()
    answer = reading(server, server.user({urn: {name: "x"}}))
    listed = answer.resource.get("schemas")
    expect(isinstance(listed, list) and urn in listed, answer, f"schemas to contain {urn}")
    expect(isinstance(listed, list) and server.users.type.schema in listed, answer, "the base schema as well")


@check("7643", "2.5", MUST)
def null_leaves_an_attribute_unassigned(server: Server) -> None:
    """Unassigned attributes, the null value, or an empty array (in the case of a multi-valued
    attribute) SHALL be considered to be equivalent in "state"."""
    text, values = server.users.text(), server.users.values().name
    answer = server.post(server.users.endpoint, server.users.body({text: None, values: []}))
    expect_status(answer, 201)
    expect(not answer.resource.get(text), answer, f"no value of {text}")
    expect(not answer.resource.get(values), answer, f"no value of {values}")


@check("7643", "2.5", MUST, "filter")
def an_unassigned_attribute_is_not_present(server: Server) -> None:
    """Unassigned attributes, the null value, or an empty array (in the case of a multi-valued
    attribute) SHALL be considered to be equivalent in "state"."""
    text = server.users.text()
    made = server.user({text: None})
    name = made.body.get("userName")
    found = server.listed(server.users.endpoint, filter=f'userName eq "{name}" and {text} pr')
    expect_equal(len(found), 0, server.http.journal[-1], "the number of users found")
    kept = server.listed(server.users.endpoint, filter=f'userName eq "{name}" and not ({text} pr)')
    expect_equal(len(kept), 1, server.http.journal[-1], "the number of users without a value")


@check("7643", "2.4", SHOULD)
def no_value_is_returned_twice(server: Server) -> None:
    """SHOULD NOT return the same (type, value) combination more than once per attribute, as this
    complicates processing by the client."""
    values = server.users.values()
    answer = server.post(
        server.users.endpoint, server.users.body({values.name: [values.item(1), values.item(1), values.item(2)]})
    )
    expect_status(answer, 201, 400)
    if answer.status == 201:
        listed = answer.resource.get(values.name)
        expect(isinstance(listed, list) and len(listed) == 2, answer, f"two values of {values.name}")


@check("7643", "3.1", MUST)
def resources_of_every_type_have_the_common_attributes(server: Server) -> None:
    """With the exception of the "ServiceProviderConfig" and "ResourceType" server discovery endpoints
    and their associated resources, these attributes MUST be defined for all resources, including any
    extended resource types."""
    each_kind(server)
    for kind in server.types.values():
        answer = server.get(kind.endpoint, count=2)
        expect_status(answer, 200)
        for resource in answer.resources:
            expect(resource.get("id"), answer, f"an id of each {kind.name}")
            name = meta_of(resource, answer).get("resourceType")
            expect_equal(name, kind.name, answer, "meta.resourceType")


@check("7643", "6", MUST)
def a_required_extension_is_in_every_resource(server: Server) -> None:
    """If true, a resource of this type MUST include this schema extension and also include any
    attributes declared as required in this schema extension."""
    made = {each.endpoint: each for each in each_kind(server)}
    for document in server.get("/ResourceTypes").resources:
        kind = read_resource_type(document)
        if kind is None or kind.endpoint not in made:
            continue
        resource = made[kind.endpoint]
        for urn in kind.required:
            listed = resource.body.get("schemas")
            expect(isinstance(listed, list) and urn in listed, resource.answer, f"schemas to contain {urn}")


@check("7643", "7", SHOULD)
def what_is_announced_as_unique_is_unique(server: Server) -> None:
    """No two resources on the same server SHOULD possess the same value."""
    for shape in [server.users, *([server.groups] if "Group" in server.types else [])]:
        unique = [
            each.name
            for each in shape.attributes
            if each.uniqueness != "none" and each.type == "string" and each.is_ordinary and not each.multi_valued
        ]
        for name in unique:
            first = server.make(shape)
            second = server.post(shape.endpoint, shape.body({name: first.body.get(name)}))
            expect_status(second, 400, 409)
