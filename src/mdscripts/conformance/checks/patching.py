"""PATCH as a whole: atomic, in order, answers and refusals (RFC 7644 §3.5.2)."""

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.representation import reading
from mdscripts.conformance.http import Json
from mdscripts.conformance.server import Server


def operation(op: str, path: str | None = None, value: object = None) -> Json:
    """A PATCH operation; what is None is left out."""
    parts = {"op": op, "path": path, "value": value}
    return {name: part for name, part in parts.items() if part is not None}


@check("7644", "3.5.2", MUST, "patch")
def a_patch_is_answered_with_200_or_204(server: Server) -> None:
    """On successful completion, the server either MUST return a 200 OK response code and the entire
    resource within the response body, subject to the "attributes" query parameter (see Section 3.9),
    or MAY return HTTP status code 204 (No Content) and the appropriate response headers for a
    successful PATCH request."""
    text = server.users.text()
    made = server.user()
    answer = server.patch(made.path, operation("replace", text, "x"))
    expect_status(answer, 200, 204)
    again = reading(server, made)
    expect_equal(again.resource.get(text), "x", again, text)
    if answer.status == 200:
        expect_equal(answer.resource, again.resource, answer, "the answer")
    else:
        expect(not answer.content, answer, "no body")


@check("7644", "3.5.2", MUST, "patch")
def a_patch_with_attributes_is_answered_with_200(server: Server) -> None:
    """The server MUST return a 200 OK if the "attributes" parameter is specified in the request."""
    made = server.user()
    expect_status(server.patch(made.path, operation("replace", server.users.text(), "x"), attributes="userName"), 200)
    if "Group" in server.types:
        group = server.group()
        change = operation("replace", "displayName", server.groups.fresh())
        answer = server.patch(group.path, change, attributes="displayName")
        expect_status(answer, 200)
        expect_equal(answer.resource.get("displayName"), change["value"], answer, "displayName")


@check("7644", "3.5.2", MUST, "patch")
def operations_are_applied_in_order(server: Server) -> None:
    """Operations are applied sequentially in the order they appear in the array."""
    first, second = server.users.text(0), server.users.text(1)
    made = server.user({first: "old"})
    now = server.patched(
        made,
        operation("replace", first, "a"),
        operation("add", second, "b"),
        operation("remove", first),
        operation("replace", second, "c"),
    )
    expect(not now.get(first), server.http.journal[-1], f"no {first}")
    expect_equal(now.get(second), "c", server.http.journal[-1], second)


@check("7644", "3.5.2", MUST, "patch")
def the_result_of_one_operation_is_the_target_of_the_next(server: Server) -> None:
    """Each operation in the sequence is applied to the target resource; the resulting resource
    becomes the target of the next operation."""
    values = server.users.values()
    made = server.user()
    now = server.patched(
        made,
        operation("add", values.name, [values.item(1, 2)]),
        operation("replace", f'{values.name}[type eq "{values.types[2]}"].value', values.make(2)),
    )
    listed = now.get(values.name)
    shown = [each.get("value") for each in listed] if isinstance(listed, list) else None
    expect_equal(shown, [values.make(2)], server.http.journal[-1], f"{values.name}.value")


@check("7644", "3.5.2", MUST, "patch")
def a_patch_is_atomic(server: Server) -> None:
    """A PATCH request, regardless of the number of operations, SHALL be treated as atomic. If a
    single operation encounters an error condition, the original SCIM resource MUST be restored, and
    a failure status SHALL be returned."""
    text = server.users.text()
    made = server.user({text: "before"})
    for wrong in (
        operation("replace", "id", "mine"),
        operation("remove"),
        operation("replace", f"{text}[", "x"),
    ):
        answer = server.patch(made.path, operation("replace", text, "after"), wrong)
        expect(400 <= answer.status < 500, answer, f"a refusal, not {answer.status}")
        again = reading(server, made)
        expect_equal(again.resource.get(text), "before", again, text)


@check("7644", "3.5.2", MUST, "patch")
def a_failed_patch_is_explained(server: Server) -> None:
    """If a request fails, the server SHALL return an HTTP response status code and a JSON detail
    error response as defined in Section 3.12."""
    made = server.user()
    answer = server.patch(made.path, operation("replace", "id", "mine"))
    expect_status(answer, 400)
    expect_equal(answer.resource.get("schemas"), [urns.ERROR], answer, "schemas")
    expect_equal(answer.resource.get("status"), "400", answer, "status in the body")


@check("7644", "3.5.2", MUST, "patch")
def a_read_only_attribute_cannot_be_patched(server: Server) -> None:
    """For example, a client MUST NOT modify an attribute that has mutability "readOnly" or
    "immutable"."""
    made = server.user()
    tries = [operation("replace", "id", "mine"), operation("replace", "meta.created", "1999-01-01T00:00:00Z")]
    if any(each.name == "groups" for each in server.users.attributes):
        tries.append(operation("add", "groups", [{"value": "none"}]))
    for wrong in tries:
        expect_error(server.patch(made.path, wrong), 400, "mutability")
    again = reading(server, made)
    expect_equal(again.resource, made.body, again, "the resource")


@check("7644", "3.5.2", MUST, "patch")
def a_body_without_operations_is_refused(server: Server) -> None:
    """The body of an HTTP PATCH request MUST contain the attribute "Operations", whose value is an
    array of one or more PATCH operations."""
    made = server.user()
    for wrong in ({}, {"Operations": "x"}, {"Operations": [1]}):
        answer = server.send("PATCH", made.path, {"schemas": [urns.PATCH_OP], **wrong})
        expect_error(answer, 400, "invalidSyntax", "invalidValue")


@check("7644", "3.5.2", MUST, "patch")
def an_unknown_operation_is_refused(server: Server) -> None:
    """Each PATCH operation object MUST have exactly one "op" member, whose value indicates the
    operation to perform and MAY be one of "add", "remove", or "replace"."""
    made = server.user()
    for wrong in (operation("move", server.users.text(), "x"), {"path": server.users.text(), "value": "x"}):
        expect_error(server.patch(made.path, wrong), 400, "invalidSyntax", "invalidValue")


@check("7644", "3.12", MUST, "patch")
def a_malformed_path_is_refused(server: Server) -> None:
    """The "path" attribute was invalid or malformed (see Figure 7)."""
    made = server.user()
    text, values = server.users.text(), server.users.values().name
    for path in (f"{text}[", f"{text}..x", f'{values}[type eq "work"', "9"):
        expect_error(server.patch(made.path, operation("replace", path, "x")), 400, "invalidPath", "invalidFilter")


@check("7644", "3.5.2", MUST, "patch")
def a_path_to_no_attribute_is_refused(server: Server) -> None:
    """An operation that is not compatible with an attribute's mutability or schema SHALL return the
    appropriate HTTP response status code and a JSON detail error response as defined in Section
    3.12."""
    made = server.user()
    for path in (f"nothing{server.mark}", f"{server.users.pair().name}.nothing{server.mark}"):
        answer = server.patch(made.path, operation("replace", path, "x"))
        expect_error(answer, 400, "invalidPath", "noTarget")


@check("7644", "3.5.2", MUST, "patch")
def a_value_of_the_wrong_type_is_refused(server: Server) -> None:
    """Each operation against an attribute MUST be compatible with the attribute's mutability and
    schema as defined in Sections 2.2 and 2.3 of [RFC7643]."""
    made = server.user()
    for wrong in (
        operation("replace", server.users.text(), {"a": 1}),
        operation("replace", server.users.pair().name, 7),
        operation("replace", server.users.values().name, 7),
    ):
        expect_error(server.patch(made.path, wrong), 400, "invalidValue", "invalidSyntax")
    again = reading(server, made)
    expect_equal(again.resource, made.body, again, "the resource")


@check("7644", "3.5.2", MUST, "patch")
def a_new_primary_value_replaces_the_old_one(server: Server) -> None:
    """For multi-valued attributes, a PATCH operation that sets a value's "primary" sub-attribute to
    "true" SHALL cause the server to automatically set "primary" to "false" for any other values in
    the array."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1, primary=True), values.item(2, 1)]})
    for change, wanted in (
        (operation("replace", f'{values.name}[type eq "{values.types[1]}"].primary', True), 2),
        (operation("add", values.name, [values.item(3, 2, primary=True)]), 3),
    ):
        listed = server.patched(made, change).get(values.name)
        primary = [
            each.get("value") for each in (listed if isinstance(listed, list) else []) if each.get("primary") is True
        ]
        expect_equal(primary, [values.make(wanted)], server.http.journal[-1], "the primary value")


@check("7644", "3.5.2", MUST, "patch")
def the_schema_of_an_extension_comes_with_its_attribute(server: Server) -> None:
    """For example, adding the attribute "urn:ietf:params:scim:
    schemas:extension:enterprise:2.0:User:employeeNumber" automatically adds the value
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" to the resource's "schemas"
    attribute."""
    urn, name, _ = server.users.extension()
    now = server.patched(server.user(), operation("add", f"{urn}:{name}", "x"))
    answer = server.http.journal[-1]
    container, listed = now.get(urn), now.get("schemas")
    expect(isinstance(container, dict) and container.get(name) == "x", answer, f"{urn}:{name}")
    expect(isinstance(listed, list) and urn in listed, answer, f"schemas to contain {urn}")


@check("7644", "3.5.2", MUST, "patch")
def an_operation_may_build_on_a_schema_added_before(server: Server) -> None:
    """If one of the PATCH operations modifies the "schemas" attribute, subsequent operations SHALL
    assume the modified state of the "schemas" attribute."""
    urn, name, _ = server.users.extension()
    add_schema, add_value = operation("add", "schemas", [urn]), operation("add", f"{urn}:{name}", "x")
    now = server.patched(server.user(), add_schema, add_value)
    container, listed = now.get(urn), now.get("schemas")
    answer = server.http.journal[-1]
    expect(isinstance(container, dict) and container.get(name) == "x", answer, f"{urn}:{name}")
    expect(isinstance(listed, list) and listed.count(urn) == 1, answer, f"schemas to contain {urn} once")


@check("7644", "3.10", MUST, "patch")
def names_in_paths_have_no_case(server: Server) -> None:
    """All facets (URN, attribute, and sub-attribute name) of the fully encoded attribute name are
    case insensitive."""
    text, pair = server.users.text(), server.users.pair()
    now = server.patched(
        server.user(),
        operation("replace", text.upper(), "x"),
        operation("add", pair.first_path.lower(), "A"),
    )
    expect_equal(now.get(text), "x", server.http.journal[-1], text)
    expect_equal(now.get(pair.name), {pair.first: "A"}, server.http.journal[-1], pair.name)


@check("7644", "3.10", MUST, "patch")
def names_in_paths_may_be_fully_qualified(server: Server) -> None:
    """For example, the fully qualified path for a User's givenName is
    "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName"."""
    urn, pair, text = server.users.type.schema, server.users.pair(), server.users.text()
    now = server.patched(
        server.user(),
        operation("replace", f"{urn}:{pair.first_path}", "A"),
        operation("add", f"{urn}:{text}", "x"),
    )
    expect_equal(now.get(pair.name), {pair.first: "A"}, server.http.journal[-1], pair.name)
    expect_equal(now.get(text), "x", server.http.journal[-1], text)


@check("7644", "3.12", MUST, "patch")
def a_name_that_is_taken_cannot_be_patched_in(server: Server) -> None:
    """One or more of the attribute values are already in use or are reserved."""
    made, other = server.user(), server.user()
    answer = server.patch(made.path, operation("replace", "userName", other.body.get("userName")))
    expect_error(answer, 409, "uniqueness")
    again = reading(server, made)
    expect_equal(again.resource.get("userName"), made.body.get("userName"), again, "userName")


@check("7644", "3.5.2.3", SHOULD, "patch")
def an_address_can_be_replaced_as_in_the_example(server: Server) -> None:
    """Note that by setting "primary" to "true", the service provider will reset "primary" to "false"
    for any other existing values of "addresses"."""
    server.users.attribute("addresses")
    home = {"type": "home", "locality": "Hollywood", "primary": True}
    made = server.user({"addresses": [home, {"type": "work", "streetAddress": "100 Universal City Plaza"}]})
    work = {"type": "work", "streetAddress": "911 Universal City Plaza", "country": "US", "primary": True}
    now = server.patched(made, operation("replace", 'addresses[type eq "work"]', work))
    listed = now.get("addresses")
    by_type = {each.get("type"): each for each in listed} if isinstance(listed, list) else {}
    answer = server.http.journal[-1]
    expect_equal(by_type.get("work", {}).get("streetAddress"), work["streetAddress"], answer, "the work address")
    expect_equal(by_type.get("work", {}).get("primary"), True, answer, "primary of the work address")
    expect(by_type.get("home", {}).get("primary") is not True, answer, "the home address not to be primary")
