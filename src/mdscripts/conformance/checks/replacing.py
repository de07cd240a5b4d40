"""PUT (RFC 7644 §3.5.1)."""

from collections.abc import Mapping

from mdscripts.conformance.check import MAY, MUST, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.representation import meta_of, reading
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import UNKNOWN_ID, Made, Server


def replaced(server: Server, made: Made, values: Mapping[str, object] | None = None) -> Answer:
    """The answer to a PUT of a user under its name. Raises Violation unless it is 200."""
    body = server.users.body({"userName": made.body.get("userName"), **(values or {})})
    answer = server.put(made.path, body)
    expect_status(answer, 200)
    return answer


@check("7644", "3.5", MUST)
def put_is_supported(server: Server) -> None:
    """Implementers MUST support HTTP PUT as specified in Section 4.3 of [RFC7231]."""
    text = server.users.text()
    answer = replaced(server, server.user({text: "x"}), {text: "y"})
    expect_equal(answer.resource.get(text), "y", answer, text)


@check("7644", "3.5.1", MUST)
def values_provided_replace_the_existing(server: Server) -> None:
    """Any values provided SHALL replace the existing attribute values."""
    text, pair, values = server.users.text(), server.users.pair(), server.users.values()
    before = {text: "x", pair.name: {pair.first: "A", pair.second: "B"}, values.name: [values.item(1)]}
    made = server.user(before)
    after = {text: "y", pair.name: {pair.first: "C", pair.second: "D"}, values.name: [values.item(2, 1)]}
    replaced(server, made, after)
    answer = reading(server, made)
    expect_equal(answer.resource.get(text), "y", answer, text)
    expect_equal(answer.resource.get(pair.name), after[pair.name], answer, pair.name)
    listed = answer.resource.get(values.name)
    only = [each.get("value") for each in listed] if isinstance(listed, list) else None
    expect_equal(only, [values.make(2)], answer, f"{values.name}.value")


@check("7644", "3.5.1", MUST)
def a_replacement_is_answered_with_the_whole_resource(server: Server) -> None:
    """Unless otherwise specified, a successful PUT operation returns a 200 OK response code and the
    entire resource within the response body"""
    made = server.user()
    answer = replaced(server, made, {server.users.text(): "x"})
    again = reading(server, made)
    expect_equal(answer.resource, again.resource, answer, "the answer")


@check("7644", "3.5.1", MUST)
def put_creates_nothing(server: Server) -> None:
    """Because SCIM resource identifiers are assigned by the service provider, HTTP PUT MUST NOT be
    used to create new resources."""
    path = f"{server.users.endpoint}/{UNKNOWN_ID}"
    expect_error(server.put(path, server.users.body({"id": UNKNOWN_ID})), 404)
    expect_error(server.get(path), 404)


@check("7644", "3.5.1", MUST)
def read_only_values_are_ignored_in_a_replacement(server: Server) -> None:
    """Any values provided SHALL be ignored."""
    text = server.users.text()
    made = server.user()
    lies: Json = {"id": "other", "meta": {"created": "1999-01-01T00:00:00Z", "version": 'W/"mine"'}, text: "y"}
    if any(each.name == "groups" for each in server.users.attributes):
        lies["groups"] = [{"value": "none"}]
    answer = replaced(server, made, lies)
    expect_equal(answer.resource.get("id"), made.id, answer, "id")
    expect_equal(answer.resource.get(text), "y", answer, text)
    created = meta_of(made.body, made.answer).get("created")
    expect_equal(meta_of(answer.resource, answer).get("created"), created, answer, "meta.created")
    expect(not answer.resource.get("groups"), answer, "no groups")


@check("7644", "3.5.1", MUST)
def a_replacement_needs_what_is_required(server: Server) -> None:
    """If an attribute is "required", clients MUST specify the attribute in the PUT request."""
    made = server.user()
    body = {name: value for name, value in server.users.body().items() if name != "userName"}
    expect_error(server.put(made.path, body), 400, "invalidValue", "invalidSyntax")
    answer = reading(server, made)
    expect_equal(answer.resource.get("userName"), made.body.get("userName"), answer, "userName")


@check("7644", "3.5.1", MAY)
def null_and_empty_lists_clear_values_in_a_replacement(server: Server) -> None:
    """Clients that want to override a server's defaults MAY specify "null" for a single-valued
    attribute, or an empty array "[]" for a multi-valued attribute, to clear all values."""
    text, values = server.users.text(), server.users.values()
    made = server.user({text: "x", values.name: [values.item(1)]})
    answer = replaced(server, made, {text: None, values.name: []})
    expect(not answer.resource.get(text), answer, f"no {text}")
    expect(not answer.resource.get(values.name), answer, f"no {values.name}")


@check("7644", "3.5.1", MAY)
def what_was_read_can_be_sent_back(server: Server) -> None:
    """As the operation's intent is to replace all attributes, SCIM clients MAY send all attributes,
    regardless of each attribute's mutability."""
    values, text = server.users.values(), server.users.text()
    made = server.user({text: "x", values.name: [values.item(1)], **server.users.enriched()})
    whole = reading(server, made).resource
    answer = server.put(made.path, whole)
    expect_status(answer, 200)
    for name in set(whole) - {"meta"}:
        expect_equal(answer.resource.get(name), whole[name], answer, name)


@check("7644", "3.5.1", MUST)
def an_extension_can_be_replaced(server: Server) -> None:
    """Any values provided SHALL replace the existing attribute values."""
    urn, name, _ = server.users.extension()
    made = server.user({urn: {name: "x"}})
    answer = replaced(server, made, {urn: {name: "y"}})
    expect_equal(answer.resource.get(urn), {name: "y"}, answer, urn)


@check("7644", "3.12", MUST)
def a_name_that_is_taken_is_a_conflict(server: Server) -> None:
    """One or more of the attribute values are already in use or are reserved."""
    made, other = server.user(), server.user()
    body = server.users.body({"userName": other.body.get("userName")})
    expect_error(server.put(made.path, body), 409, "uniqueness")
    answer = reading(server, made)
    expect_equal(answer.resource.get("userName"), made.body.get("userName"), answer, "userName")


@check("7644", "3.5.1", MUST, "Group")
def members_are_replaced_as_a_whole(server: Server) -> None:
    """Any values provided SHALL replace the existing attribute values."""
    one, two, three = server.user(), server.user(), server.user()
    group = server.group({"members": [{"value": one.id}, {"value": two.id}]})
    body = server.groups.body(
        {"displayName": group.body.get("displayName"), "members": [{"value": two.id}, {"value": three.id}]}
    )
    expect_status(server.put(group.path, body), 200)
    answer = reading(server, group)
    members = answer.resource.get("members")
    ids = {each.get("value") for each in members} if isinstance(members, list) else None
    expect_equal(ids, {two.id, three.id}, answer, "members.value")


@check("7644", "3.5.1", MUST, "Group")
def a_group_can_be_renamed(server: Server) -> None:
    """Any values provided SHALL replace the existing attribute values."""
    group = server.group()
    name = server.groups.fresh("Renamed")
    expect_status(server.put(group.path, server.groups.body({"displayName": name})), 200)
    answer = reading(server, group)
    expect_equal(answer.resource.get("displayName"), name, answer, "displayName")
