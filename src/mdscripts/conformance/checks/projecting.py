"""``attributes``, ``excludedAttributes`` and attribute notation (RFC 7644 §3.4.2.5, §3.9, §3.10)."""

from collections.abc import Iterator

from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_status
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.people import People, people
from mdscripts.conformance.server import Server

ALWAYS = {"schemas", "id"}


def found(known: People, letter: str, **parameters: object) -> tuple[Json, Answer]:
    """One of the five people as a query returns it. Raises Violation."""
    name = known.made[letter].body.get("userName")
    server = known.server
    answer = server.get(server.users.endpoint, None, filter=f'userName eq "{name}"', **parameters)
    expect_status(answer, 200)
    expect_equal(len(answer.resources), 1, answer, "the number of users found")
    return answer.resources[0], answer


def seen(known: People, letter: str, **parameters: object) -> Iterator[tuple[Json, Answer]]:
    """The same person as a GET and as a query return it. Raises Violation."""
    answer = known.server.get(known.made[letter].path, None, **parameters)
    expect_status(answer, 200)
    yield answer.resource, answer
    if known.server.supports("filter"):
        yield found(known, letter, **parameters)


def expect_only(resource: Json, wanted: set[str], answer: Answer) -> None:
    """Raise Violation unless exactly *wanted* is there, besides what is always returned."""
    expect_equal(set(resource) - ALWAYS, wanted - ALWAYS, answer, "the attributes returned")


@check("7644", "3.4.2.5", MUST)
def attributes_chooses_what_is_returned(server: Server) -> None:
    """SCIM clients MAY use one of these two OPTIONAL parameters, which MUST be supported by SCIM
    service providers"""
    known = people(server)
    for resource, answer in seen(known, "a", attributes=f"userName,{known.text}"):
        expect_only(resource, {"userName", known.text}, answer)


@check("7644", "3.4.2.5", MUST)
def excluded_attributes_are_left_out(server: Server) -> None:
    """A multi-valued list of strings indicating the names of resource attributes to be removed from
    the default set of attributes to return."""
    known = people(server)
    whole = set(known.made["a"].body)
    for resource, answer in seen(known, "a", excludedAttributes=f"{known.text},meta"):
        expect_only(resource, whole - {known.text, "meta"}, answer)


@check("7644", "3.4.2.5", MUST)
def what_is_always_returned_cannot_be_excluded(server: Server) -> None:
    """This parameter SHALL have no effect on attributes whose schema "returned" setting is "always"
    (see Sections 2.2 and 7 of [RFC7643])."""
    known = people(server)
    for resource, answer in seen(known, "a", excludedAttributes="id,userName"):
        expect_equal(resource.get("id"), known.made["a"].id, answer, "id")
        expect("userName" not in resource, answer, "no userName")


@check("7644", "3.9", MUST)
def the_minimum_set_is_always_returned(server: Server) -> None:
    """When specified, the default list of attributes SHALL be overridden, and each resource returned
    MUST contain the minimum set of resource attributes and any attributes or sub-attributes
    explicitly requested by the "attributes" parameter."""
    known = people(server)
    for resource, answer in seen(known, "a", attributes=known.text):
        expect_equal(resource.get("id"), known.made["a"].id, answer, "id")
        expect(resource.get(known.text), answer, known.text)
        expect("userName" not in resource and "meta" not in resource, answer, "nothing that was not asked for")


@check("7644", "3.9", MUST)
def sub_attributes_can_be_chosen(server: Server) -> None:
    """each resource returned MUST contain the minimum set of resource attributes and any attributes
    or sub-attributes explicitly requested by the "attributes" parameter."""
    known = people(server)
    pair = known.pair
    for resource, answer in seen(known, "a", attributes=pair.first_path):
        expect_only(resource, {pair.name}, answer)
        expect_equal(resource.get(pair.name), {pair.first: known.value("Ann")}, answer, pair.name)


@check("7644", "3.9", MUST)
def sub_attributes_can_be_excluded(server: Server) -> None:
    """Additionally, the default set of attributes minus those attributes listed in
    "excludedAttributes" is returned."""
    known = people(server)
    pair = known.pair
    for resource, answer in seen(known, "a", excludedAttributes=pair.first_path):
        named = resource.get(pair.name)
        good = isinstance(named, dict) and pair.first not in named and pair.second in named
        expect(good, answer, f"{pair.second_path} without {pair.first_path}")


@check("7644", "3.9", MUST)
def sub_attributes_of_several_values_can_be_chosen(server: Server) -> None:
    """each resource returned MUST contain the minimum set of resource attributes and any attributes
    or sub-attributes explicitly requested by the "attributes" parameter."""
    known = people(server)
    values = known.values
    for resource, answer in seen(known, "a", attributes=f"{values.name}.value"):
        expect_only(resource, {values.name}, answer)
        listed = resource.get(values.name)
        wanted = [{"value": values.make(2)}, {"value": values.make(1)}]
        same = isinstance(listed, list) and sorted(map(str, listed)) == sorted(map(str, wanted))
        expect(same, answer, f"only {values.name}.value of each value")


@check("7644", "3.9", MUST)
def a_complex_attribute_is_returned_whole(server: Server) -> None:
    """The query parameter attributes value is a comma-separated list of resource attribute names in
    standard attribute notation (Section 3.10) form (e.g., userName, name, emails)."""
    known = people(server)
    for resource, answer in seen(known, "a", attributes=f"{known.pair.name},{known.values.name}"):
        whole = known.made["a"].body
        for name in (known.pair.name, known.values.name):
            expect_equal(resource.get(name), whole.get(name), answer, name)


@check("7644", "3.9", MUST)
def a_creation_can_be_answered_in_part(server: Server) -> None:
    """Clients MAY request a partial resource representation on any operation that returns a resource
    within the response"""
    text = server.users.text()
    body = server.users.body({text: "x"})
    answer = server.post(server.users.endpoint, body, attributes=text)
    expect_status(answer, 201)
    expect_only(answer.resource, {text}, answer)
    without = server.post(server.users.endpoint, server.users.body({text: "x"}), excludedAttributes=text)
    expect_status(without, 201)
    expect(text not in without.resource and "userName" in without.resource, without, f"everything but {text}")


@check("7644", "3.9", MUST)
def a_replacement_can_be_answered_in_part(server: Server) -> None:
    """Clients MAY request a partial resource representation on any operation that returns a resource
    within the response"""
    text = server.users.text()
    made = server.user()
    body = server.users.body({"userName": made.body.get("userName"), text: "x"})
    answer = server.put(made.path, body, attributes=text)
    expect_status(answer, 200)
    expect_only(answer.resource, {text}, answer)
    without = server.put(made.path, body, excludedAttributes=text)
    expect(text not in without.resource and "userName" in without.resource, without, f"everything but {text}")


@check("7644", "3.9", MUST, "patch")
def a_patch_can_be_answered_in_part(server: Server) -> None:
    """Clients MAY request a partial resource representation on any operation that returns a resource
    within the response"""
    text = server.users.text()
    made = server.user()
    answer = server.patch(made.path, {"op": "replace", "path": text, "value": "x"}, attributes=text)
    expect_status(answer, 200)
    expect_equal(answer.resource.get(text), "x", answer, text)
    expect_only(answer.resource, {text}, answer)


@check("7644", "3.9", MUST, "Group")
def members_can_be_left_out(server: Server) -> None:
    """When specified, each resource returned MUST contain the minimum set of resource attributes."""
    user = server.user()
    group = server.group({"members": [{"value": user.id}]})
    answer = server.get(group.path, excludedAttributes="members")
    expect_status(answer, 200)
    expect("members" not in answer.resource, answer, "no members")
    expect(answer.resource.get("displayName"), answer, "displayName")
    expect_equal(answer.resource.get("id"), group.id, answer, "id")


@check("7644", "3.9", SHOULD)
def an_unknown_name_does_not_spoil_the_answer(server: Server) -> None:
    """any attributes or sub-attributes explicitly requested by the "attributes" parameter."""
    known = people(server)
    for resource, answer in seen(known, "a", attributes=f"{known.text},nothing{server.mark}"):
        expect(resource.get(known.text), answer, known.text)


@check("7644", "3.10", MUST)
def names_to_return_have_no_case(server: Server) -> None:
    """All facets (URN, attribute, and sub-attribute name) of the fully encoded attribute name are
    case insensitive."""
    known = people(server)
    for resource, answer in seen(known, "a", attributes=f"USERNAME,{known.pair.first_path.upper()}"):
        expect_only(resource, {"userName", known.pair.name}, answer)


@check("7644", "3.10", MUST)
def names_to_return_may_be_fully_qualified(server: Server) -> None:
    """In general, attributes are uniquely identified by prefixing the attribute name with its schema
    URN separated by a colon (":") character"""
    known = people(server)
    urn = server.users.type.schema
    for resource, answer in seen(known, "a", attributes=f"{urn}:userName,{urn}:{known.pair.first_path}"):
        expect_only(resource, {"userName", known.pair.name}, answer)


@check("7644", "3.10", MUST)
def attributes_of_an_extension_can_be_chosen(server: Server) -> None:
    """the attribute 'age' defined in "urn:ietf:params:scim:schemas:exampleCo:2.0:hr" is uniquely
    identified as "urn:ietf:params:scim:schemas:exampleCo:2.0:hr:age"."""
    known = people(server)
    urn, name, _ = server.users.extension()
    for resource, answer in seen(known, "a", attributes=f"{urn}:{name}"):
        expect_only(resource, {urn}, answer)
        expect_equal(resource.get(urn), {name: known.value("Cardiology")}, answer, urn)
    for resource, answer in seen(known, "a", excludedAttributes=f"{urn}:{name}"):
        container = resource.get(urn)
        gone = container is None or (isinstance(container, dict) and name not in container)
        expect(gone and "userName" in resource, answer, f"everything but {urn}:{name}")


@check("7644", "3.10", MUST, "filter")
def names_in_filters_may_be_fully_qualified(server: Server) -> None:
    """e.g., the core User resource attribute 'userName' is identified as
    "urn:ietf:params:scim:schemas:core:2.0:User:userName"."""
    known = people(server)
    urn = server.users.type.schema
    letters, answer = known.find(f'{urn}:{known.text} eq "{known.value("bravo")}"')
    expect_equal(letters, "b", answer, "who is found by the full name")
    letters, answer = known.find(f'{urn.upper()}:{known.pair.first_path} eq "{known.value("Bob")}"')
    expect_equal(letters, "b", answer, "who is found by the full name in other case")


@check("7644", "3.10", MUST, "filter")
def attributes_of_an_extension_can_be_filtered(server: Server) -> None:
    """the attribute 'age' defined in "urn:ietf:params:scim:schemas:exampleCo:2.0:hr" is uniquely
    identified as "urn:ietf:params:scim:schemas:exampleCo:2.0:hr:age"."""
    known = people(server)
    urn, name, _ = server.users.extension()
    letters, answer = known.find(f'{urn}:{name} eq "{known.value("Dentistry")}"')
    expect_equal(letters, "c", answer, "who is found")
