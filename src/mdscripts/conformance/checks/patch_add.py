"""PATCH operation ``add`` (RFC 7644 §3.5.2.1)."""

from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.patching import operation
from mdscripts.conformance.checks.representation import meta_of, reading
from mdscripts.conformance.http import Json
from mdscripts.conformance.server import Server


def value_list(resource: Json, name: str) -> list[str]:
    """The ``value`` of each value of a multi-valued attribute, sorted."""
    listed = resource.get(name)
    return sorted(str(each.get("value")) for each in listed) if isinstance(listed, list) else []


@check("7644", "3.5.2.1", MUST, "patch")
def add_needs_a_value(server: Server) -> None:
    """The operation MUST contain a "value" member whose content specifies the value to be added."""
    made = server.user()
    answer = server.patch(made.path, operation("add", server.users.text()))
    expect_error(answer, 400, "invalidValue", "invalidSyntax")


@check("7644", "3.5.2.1", MUST, "patch")
def add_without_path_adds_attributes(server: Server) -> None:
    """If omitted, the target location is assumed to be the resource itself. The "value" parameter
    contains a set of attributes to be added to the resource."""
    text, values = server.users.text(), server.users.values()
    made = server.user({values.name: [values.item(1)]})
    now = server.patched(made, operation("add", None, {text: "x", values.name: [values.item(2, 1)]}))
    answer = server.http.journal[-1]
    expect_equal(now.get(text), "x", answer, text)
    expect_equal(value_list(now, values.name), [values.make(1), values.make(2)], answer, values.name)


@check("7644", "3.5.2.1", MUST, "patch")
def add_to_nothing_adds_the_attribute(server: Server) -> None:
    """If the target location does not exist, the attribute and value are added."""
    text, pair = server.users.text(), server.users.pair()
    now = server.patched(server.user(), operation("add", text, "x"), operation("add", pair.second_path, "B"))
    answer = server.http.journal[-1]
    expect_equal(now.get(text), "x", answer, text)
    expect_equal(now.get(pair.name), {pair.second: "B"}, answer, pair.name)


@check("7644", "3.5.2.1", MUST, "patch")
def add_to_a_complex_attribute_adds_sub_attributes(server: Server) -> None:
    """If the target location specifies a complex attribute, a set of sub-attributes SHALL be
    specified in the "value" parameter."""
    pair = server.users.pair()
    made = server.user({pair.name: {pair.first: "A"}})
    now = server.patched(made, operation("add", pair.name, {pair.second: "B"}))
    expect_equal(now.get(pair.name), {pair.first: "A", pair.second: "B"}, server.http.journal[-1], pair.name)


@check("7644", "3.5.2.1", MUST, "patch")
def add_to_several_values_adds_one(server: Server) -> None:
    """If the target location specifies a multi-valued attribute, a new value is added to the
    attribute."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1)]})
    now = server.patched(made, operation("add", values.name, [values.item(2, 1)]))
    expect_equal(value_list(now, values.name), [values.make(1), values.make(2)], server.http.journal[-1], values.name)


@check("7644", "3.5.2.1", MUST, "patch")
def add_to_a_single_value_replaces_it(server: Server) -> None:
    """If the target location specifies a single-valued attribute, the existing value is replaced."""
    text = server.users.text()
    now = server.patched(server.user({text: "x"}), operation("add", text, "y"))
    expect_equal(now.get(text), "y", server.http.journal[-1], text)


@check("7644", "3.5.2.1", SHOULD, "patch")
def add_of_what_is_there_succeeds(server: Server) -> None:
    """If the target location already contains the value specified, no changes SHOULD be made to the
    resource, and a success response SHOULD be returned."""
    text, values = server.users.text(), server.users.values()
    made = server.user({text: "x", values.name: [values.item(1)]})
    answer = server.patch(made.path, operation("add", text, "x"), operation("add", values.name, [values.item(1)]))
    expect_status(answer, 200, 204)
    again = reading(server, made)
    expect_equal(value_list(again.resource, values.name), [values.make(1)], again, values.name)


@check("7644", "3.5.2.1", MUST, "patch")
def add_of_what_is_there_does_not_touch_last_modified(server: Server) -> None:
    """Unless other operations change the resource, this operation SHALL NOT change the modify
    timestamp of the resource."""
    text, values = server.users.text(), server.users.values()
    made = server.user({text: "x", values.name: [values.item(1)]})
    for same in (operation("add", text, "x"), operation("add", values.name, [values.item(1)])):
        expect_status(server.patch(made.path, same), 200, 204)
        again = reading(server, made)
        before = meta_of(made.body, made.answer).get("lastModified")
        expect_equal(meta_of(again.resource, again).get("lastModified"), before, again, "meta.lastModified")


@check("7644", "3.5.2.1", MUST, "patch", "Group")
def add_makes_a_user_a_member(server: Server) -> None:
    """The following example shows how to add a member to a group."""
    one, two = server.user(), server.user()
    group = server.group({"members": [{"value": one.id}]})
    now = server.patched(group, operation("add", "members", [{"value": two.id}]))
    expect_equal(value_list(now, "members"), sorted([one.id, two.id]), server.http.journal[-1], "members.value")


@check("7644", "3.5.2.1", SHOULD, "patch", "Group")
def add_of_a_member_twice_succeeds(server: Server) -> None:
    """If the user was already a member of this group, no changes should be made to the resource, and
    a success response should be returned."""
    user = server.user()
    group = server.group({"members": [{"value": user.id}]})
    before = reading(server, group).resource
    expect_status(server.patch(group.path, operation("add", "members", [{"value": user.id}])), 200, 204)
    again = reading(server, group)
    expect_equal(again.resource, before, again, "the group")


@check("7644", "3.5.2", MUST, "patch")
def add_with_a_selection_changes_the_selected(server: Server) -> None:
    """The "valuePath" rule allows specific values of a complex multi-valued attribute to be
    selected."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1), values.item(2, 1)]})
    now = server.patched(made, operation("add", f'{values.name}[type eq "{values.types[1]}"].value', values.make(3)))
    expect_equal(value_list(now, values.name), [values.make(1), values.make(3)], server.http.journal[-1], values.name)


@check("7644", "3.5.2.1", MUST, "patch")
def add_of_a_whole_extension(server: Server) -> None:
    """The "value" parameter contains a set of attributes to be added to the resource."""
    urn, first, second = server.users.extension()
    made = server.user({urn: {first: "x"}})
    now = server.patched(made, operation("add", None, {urn: {second: "y"}}))
    expect_equal(now.get(urn), {first: "x", second: "y"}, server.http.journal[-1], urn)
    expect(now.get("userName"), server.http.journal[-1], "userName")
