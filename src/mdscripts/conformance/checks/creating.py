"""POST and GET of one resource, DELETE (RFC 7644 §3.1, §3.3, §3.4.1, §3.6)."""

from mdscripts.conformance.check import MAY, MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.representation import each_kind, meta_of, reading
from mdscripts.conformance.http import Json
from mdscripts.conformance.server import UNKNOWN_ID, Made, Server


def deleted(server: Server) -> Made:
    """A user that was created and deleted."""
    made = server.user()
    expect_status(server.delete(made.path), 204)
    return made


@check("7644", "3.3", MUST)
def a_created_resource_is_answered_with_201(server: Server) -> None:
    """When the service provider successfully creates the new resource, an HTTP response SHALL be
    returned with HTTP status code 201 (Created)."""
    for shape in [server.users, *([server.groups] if "Group" in server.types else [])]:
        expect_status(server.post(shape.endpoint, shape.body()), 201)


@check("7644", "3.3", SHOULD)
def the_answer_shows_what_was_created(server: Server) -> None:
    """The response body SHOULD contain the service provider's representation of the newly created
    resource."""
    text = server.users.text()
    made = server.user({text: "x"})
    expect_equal(made.body.get(text), "x", made.answer, text)
    expect(made.body.get("userName"), made.answer, "userName")


@check("7644", "3.3", MUST)
def the_location_header_names_what_was_created(server: Server) -> None:
    """The URI of the created resource SHALL include, in the HTTP "Location" header and the HTTP
    body, a JSON representation [RFC7159] with the attribute "meta.location"."""
    for made in each_kind(server):
        location = made.answer.header("location")
        expect(location, made.answer, "a Location header")
        expect(str(location).endswith(made.path), made.answer, f"Location to end in {made.path}")


@check("7644", "3.3", MUST)
def meta_location_equals_the_location_header(server: Server) -> None:
    """The URI of the created resource SHALL include, in the HTTP "Location" header and the HTTP
    body, a JSON representation [RFC7159] with the attribute "meta.location"."""
    for made in each_kind(server):
        location = meta_of(made.body, made.answer).get("location")
        expect_equal(made.answer.header("location"), location, made.answer, "the Location header")


@check("7644", "3.3", MUST)
def read_only_attributes_are_ignored_on_creation(server: Server) -> None:
    """In the request body, attributes whose mutability is "readOnly" (see Sections 2.2 and 7 of
    [RFC7643]) SHALL be ignored."""
    lies: Json = {"id": f"mine-{server.mark}", "meta": {"resourceType": "Thing", "version": 'W/"mine"'}}
    if any(each.name == "groups" for each in server.users.attributes):
        lies["groups"] = [{"value": f"none-{server.mark}"}]
    made = server.user(lies)
    expect(server.mark not in made.id, made.answer, "an id of the service provider")
    expect(meta_of(made.body, made.answer).get("version") != 'W/"mine"', made.answer, "a version of the provider")
    expect(not made.body.get("groups"), made.answer, "no groups from the body")


@check("7644", "3.3", MAY)
def null_and_empty_lists_clear_values_on_creation(server: Server) -> None:
    """Clients that intend to override existing or server-defaulted values for attributes MAY
    specify "null" for a single-valued attribute or an empty array "[]" for a multi-valued attribute
    to clear all values."""
    text, values = server.users.text(), server.users.values().name
    made = server.user({text: None, values: []})
    expect(not made.body.get(text) and not made.body.get(values), made.answer, "cleared values")


@check("7644", "3.3", MUST)
def a_duplicate_is_a_conflict(server: Server) -> None:
    """If the service provider determines that the creation of the requested resource conflicts with
    existing resources (e.g., a "User" resource with a duplicate "userName"), the service provider
    MUST return HTTP status code 409 (Conflict) with a "scimType" error code of "uniqueness", as per
    Section 3.12."""
    made = server.user()
    body = server.users.body({"userName": made.body.get("userName")})
    expect_error(server.post(server.users.endpoint, body), 409, "uniqueness")


@check("7644", "3.1", MUST)
def a_refused_duplicate_changes_nothing(server: Server) -> None:
    """SCIM responses SHALL reflect resource state as interpreted by the SCIM service provider."""
    text = server.users.text()
    made = server.user({text: "first"})
    body = server.users.body({"userName": made.body.get("userName"), text: "second"})
    expect_status(server.post(server.users.endpoint, body), 409)
    answer = reading(server, made)
    expect_equal(answer.resource.get(text), "first", answer, text)


@check("7644", "3.3.1", MUST)
def resource_type_follows_from_the_endpoint(server: Server) -> None:
    """When adding a resource to a specific endpoint, the meta attribute "resourceType" SHALL be set
    by the HTTP service provider to the corresponding resource type for the endpoint."""
    for made in each_kind(server):
        kind = next(each for each in server.types.values() if each.endpoint == made.endpoint)
        name = meta_of(made.body, made.answer).get("resourceType")
        expect_equal(name, kind.name, made.answer, "meta.resourceType")


@check("7644", "3.1", MUST)
def the_answer_to_a_creation_is_what_is_stored(server: Server) -> None:
    """SCIM responses SHALL reflect resource state as interpreted by the SCIM service provider."""
    values, pair = server.users.values(), server.users.pair()
    rich = {pair.name: {pair.first: "A"}, values.name: [values.item(1)], "externalId": server.users.fresh()}
    for made in (server.user(rich), *each_kind(server)):
        answer = reading(server, made)
        expect_equal(answer.resource, made.body, answer, "the resource when read")


@check("7644", "3.4", MUST)
def always_and_default_attributes_are_returned(server: Server) -> None:
    """By default, resource attributes returned in a response are those attributes whose
    characteristic "returned" setting is "always" or "default" (see Section 2.2 of [RFC7643])."""
    text = server.users.text()
    answer = reading(server, server.user({text: "x"}))
    for name in ("schemas", "id", "meta", "userName", text):
        expect(answer.resource.get(name), answer, name)
    hidden = {each.name for each in server.users.attributes if each.returned in ("never", "request")}
    expect(not hidden & set(answer.resource), answer, "no attribute that is never or on request returned")


@check("7644", "3.4.1", MUST)
def a_known_resource_is_read_with_200(server: Server) -> None:
    """If the resource exists, the server responds with HTTP status code 200 (OK) and includes the
    result in the body of the response."""
    for made in each_kind(server):
        answer = server.get(made.path)
        expect_status(answer, 200)
        expect_equal(answer.resource.get("id"), made.id, answer, "id")


@check("7644", "3.12", MUST)
def an_unknown_resource_is_404(server: Server) -> None:
    """Specified resource (e.g., User) or endpoint does not exist."""
    for kind in server.types.values():
        expect_error(server.get(f"{kind.endpoint}/{UNKNOWN_ID}"), 404)


@check("7644", "3.12", SHOULD)
def an_unknown_resource_cannot_be_changed(server: Server) -> None:
    """Specified resource (e.g., User) or endpoint does not exist."""
    path = f"{server.users.endpoint}/{UNKNOWN_ID}"
    expect_error(server.put(path, server.users.body()), 404)
    expect_error(server.delete(path), 404)
    if server.supports("patch"):
        change = {"op": "replace", "path": server.users.text(), "value": "x"}
        expect_error(server.patch(path, change), 404)


@check("7644", "3.12", SHOULD)
def an_unknown_endpoint_is_404(server: Server) -> None:
    """Specified resource (e.g., User) or endpoint does not exist."""
    expect_error(server.get(f"/{server.mark}s"), 404)


@check("7644", "3.6", MUST)
def a_deletion_is_answered_with_204(server: Server) -> None:
    """In response to a successful DELETE, the server SHALL return a successful HTTP status code 204
    (No Content)."""
    for made in each_kind(server):
        answer = server.delete(made.path)
        expect_status(answer, 204)
        expect(not answer.content, answer, "no body")


@check("7644", "3.6", MUST)
def what_was_deleted_is_404(server: Server) -> None:
    """Service providers MAY choose not to permanently delete the resource but MUST return a 404
    (Not Found) error code for all operations associated with the previously deleted resource."""
    made = deleted(server)
    expect_error(server.get(made.path), 404)
    expect_error(server.put(made.path, server.users.body()), 404)
    expect_error(server.delete(made.path), 404)


@check("7644", "3.6", MUST, "patch")
def what_was_deleted_cannot_be_patched(server: Server) -> None:
    """Service providers MAY choose not to permanently delete the resource but MUST return a 404
    (Not Found) error code for all operations associated with the previously deleted resource."""
    made = deleted(server)
    expect_error(server.patch(made.path, {"op": "replace", "path": server.users.text(), "value": "x"}), 404)


@check("7644", "3.6", MUST, "filter")
def what_was_deleted_is_not_found(server: Server) -> None:
    """Service providers MUST omit the resource from future query results."""
    made = server.user()
    wanted = f'userName eq "{made.body.get("userName")}"'
    before = server.get(server.users.endpoint, filter=wanted)
    expect_equal(before.resource.get("totalResults"), 1, before, "totalResults before the deletion")
    expect_status(server.delete(made.path), 204)
    answer = server.get(server.users.endpoint, filter=wanted)
    expect_equal(answer.resource.get("totalResults"), 0, answer, "totalResults")


@check("7644", "3.6", SHOULD)
def the_name_of_what_was_deleted_is_free(server: Server) -> None:
    """For example, if a User resource is deleted, a CREATE request for a User resource with the
    same userName as the previously deleted resource SHOULD NOT fail with a 409 error due to
    userName conflict."""
    name = deleted(server).body.get("userName")
    expect_status(server.post(server.users.endpoint, server.users.body({"userName": name})), 201)


@check("7643", "2.3.7", MAY, "Group")
def a_deleted_user_is_no_member(server: Server) -> None:
    """A SCIM service provider MAY choose to enforce referential integrity for reference types
    referring to SCIM resources."""
    user = server.user()
    group = server.group({"members": [{"value": user.id}]})
    expect_status(server.delete(user.path), 204)
    answer = reading(server, group)
    expect(user.id not in answer.content.decode(errors="replace"), answer, "the deleted member to be gone")


@check("7644", "5", MUST)
def look_alike_user_names_are_compared_prepared(server: Server) -> None:
    """Before comparing or evaluating the uniqueness of a "userName" or "password" attribute,
    service providers MUST use the preparation, enforcement, and comparison of internationalized
    strings (PRECIS) preparation and comparison rules described in Sections 3 and 4, respectively,
    of [RFC7613]"""
    word = server.users.fresh()
    pairs = [(f"{word}\u00e9", f"{word}e\u0301"), (f"{word}x", f"{word}\uff58")]
    for first, second in pairs:  # composed and decomposed; an ASCII letter and its full-width form
        one = server.post(server.users.endpoint, server.users.body({"userName": first}))
        two = server.post(server.users.endpoint, server.users.body({"userName": second}))
        refused = [answer.status for answer in (one, two) if answer.status in (400, 409)]
        expect(refused, two, "two spellings of one name not both to become users")
        expect(one.status in (201, 400) and two.status in (201, 400, 409), two, "201, 400 or 409")
