"""PATCH operation ``replace`` (RFC 7644 §3.5.2.3)."""

from mdscripts.conformance.check import MUST, check, expect, expect_equal, expect_error
from mdscripts.conformance.checks.patch_add import value_list
from mdscripts.conformance.checks.patching import operation
from mdscripts.conformance.checks.representation import reading
from mdscripts.conformance.server import Server


@check("7644", "3.5.2.3", MUST, "patch")
def replace_without_path_replaces_attributes(server: Server) -> None:
    """If the "path" parameter is omitted, the target is assumed to be the resource itself. In this
    case, the "value" attribute SHALL contain a list of one or more attributes that are to be
    replaced."""
    first, second, values = server.users.text(0), server.users.text(1), server.users.values()
    made = server.user({first: "a", second: "b", values.name: [values.item(1)]})
    now = server.patched(made, operation("replace", None, {first: "c", values.name: [values.item(2, 1)]}))
    answer = server.http.journal[-1]
    expect_equal(now.get(first), "c", answer, first)
    expect_equal(now.get(second), "b", answer, second)
    expect_equal(value_list(now, values.name), [values.make(2)], answer, values.name)


@check("7644", "3.5.2.3", MUST, "patch")
def replace_of_a_single_value(server: Server) -> None:
    """If the target location is a single-value attribute, the attributes value is replaced."""
    text, pair = server.users.text(), server.users.pair()
    made = server.user({text: "x", pair.name: {pair.first: "A", pair.second: "B"}})
    now = server.patched(made, operation("replace", text, "y"), operation("replace", pair.first_path, "C"))
    answer = server.http.journal[-1]
    expect_equal(now.get(text), "y", answer, text)
    expect_equal(now.get(pair.name), {pair.first: "C", pair.second: "B"}, answer, pair.name)


@check("7644", "3.5.2.3", MUST, "patch")
def replace_of_all_values(server: Server) -> None:
    """If the target location is a multi-valued attribute and no filter is specified, the attribute
    and all values are replaced."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1), values.item(2, 1)]})
    now = server.patched(made, operation("replace", values.name, [values.item(3)]))
    expect_equal(value_list(now, values.name), [values.make(3)], server.http.journal[-1], values.name)


@check("7644", "3.5.2.3", MUST, "patch")
def replace_of_what_is_not_there_adds_it(server: Server) -> None:
    """If the target location path specifies an attribute that does not exist, the service provider
    SHALL treat the operation as an "add"."""
    text, pair, values = server.users.text(), server.users.pair(), server.users.values()
    now = server.patched(
        server.user(),
        operation("replace", text, "x"),
        operation("replace", pair.first_path, "A"),
        operation("replace", values.name, [values.item(1)]),
    )
    answer = server.http.journal[-1]
    expect_equal(now.get(text), "x", answer, text)
    expect_equal(now.get(pair.name), {pair.first: "A"}, answer, pair.name)
    expect_equal(value_list(now, values.name), [values.make(1)], answer, values.name)


@check("7644", "3.5.2.3", MUST, "patch")
def replace_of_a_complex_attribute_keeps_other_sub_attributes(server: Server) -> None:
    """Sub-attributes that are not specified in the "value" parameter are left unchanged."""
    pair = server.users.pair()
    made = server.user({pair.name: {pair.first: "A", pair.second: "B"}})
    now = server.patched(made, operation("replace", pair.name, {pair.first: "C"}))
    expect_equal(now.get(pair.name), {pair.first: "C", pair.second: "B"}, server.http.journal[-1], pair.name)


@check("7644", "3.5.2.3", MUST, "patch")
def replace_with_a_selection_replaces_every_match(server: Server) -> None:
    """If the target location is a multi-valued attribute and a value selection ("valuePath") filter
    is specified that matches one or more values of the multi-valued attribute, then all matching
    record values SHALL be replaced."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1), values.item(2, 1)]})
    path = f'{values.name}[type eq "{values.types[0]}"]'
    now = server.patched(made, operation("replace", path, values.item(3)))
    expect_equal(value_list(now, values.name), [values.make(2), values.make(3)], server.http.journal[-1], values.name)


@check("7644", "3.5.2.3", MUST, "patch")
def replace_of_a_selected_sub_attribute_leaves_the_rest(server: Server) -> None:
    """the matching sub-attribute of all matching records is replaced."""
    values = server.users.values()
    first, second, third = values.types
    made = server.user({values.name: [values.item(1), values.item(2), values.item(3, 1)]})
    now = server.patched(made, operation("replace", f'{values.name}[type eq "{first}"].type', third))
    listed = now.get(values.name)
    shown = {each.get("value"): each.get("type") for each in listed} if isinstance(listed, list) else {}
    wanted = {values.make(1): third, values.make(2): third, values.make(3): second}
    expect_equal(shown, wanted, server.http.journal[-1], f"{values.name}.type")


@check("7644", "3.5.2.3", MUST, "patch")
def replace_with_a_selection_of_nothing_has_no_target(server: Server) -> None:
    """If the target location is a multi-valued attribute for which a value selection filter
    ("valuePath") has been supplied and no record match was made, the service provider SHALL indicate
    failure by returning HTTP status code 400 and a "scimType" error code of "noTarget"."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1)]})
    path = f'{values.name}[type eq "{values.types[2]}"]'
    for change in (operation("replace", path, values.item(2, 2)), operation("replace", f"{path}.value", "x")):
        expect_error(server.patch(made.path, change), 400, "noTarget")
    again = reading(server, made)
    expect_equal(again.resource, made.body, again, "the resource")


@check("7644", "3.5.2.3", MUST, "patch")
def replace_leaves_other_attributes_alone(server: Server) -> None:
    """Note that other attributes are unaffected."""
    text, values, pair = server.users.text(), server.users.values(), server.users.pair()
    before = {text: "x", pair.name: {pair.first: "A"}, values.name: [values.item(1)], "externalId": server.mark}
    made = server.user(before)
    now = server.patched(made, operation("replace", text, "y"))
    for name in set(made.body) - {text, "meta"}:
        expect_equal(now.get(name), made.body[name], server.http.journal[-1], name)
    expect_equal(now.get(text), "y", server.http.journal[-1], text)


@check("7644", "3.5.2.3", MUST, "patch", "Group")
def replace_of_all_members(server: Server) -> None:
    """The following example shows how to replace all of the members of a group with a different
    members list in a single replace operation."""
    one, two, three = server.user(), server.user(), server.user()
    group = server.group({"members": [{"value": one.id}, {"value": two.id}]})
    change = operation("replace", "members", [{"value": two.id}, {"value": three.id}])
    now = server.patched(group, change)
    expect_equal(value_list(now, "members"), sorted([two.id, three.id]), server.http.journal[-1], "members.value")


@check("7644", "3.5.2.3", MUST, "patch")
def replace_of_a_boolean(server: Server) -> None:
    """If the target location is a single-value attribute, the attributes value is replaced."""
    server.users.attribute("active")
    made = server.user({"active": True})
    for change, wanted in (
        (operation("replace", "active", False), False),
        (operation("replace", None, {"active": True}), True),
    ):
        now = server.patched(made, change)
        expect_equal(now.get("active"), wanted, server.http.journal[-1], "active")


@check("7644", "3.5.2.3", MUST, "patch")
def replace_in_an_extension(server: Server) -> None:
    """If the target location is a single-value attribute, the attributes value is replaced."""
    urn, first, second = server.users.extension()
    made = server.user({urn: {first: "x", second: "y"}})
    now = server.patched(made, operation("replace", f"{urn}:{first}", "z"))
    expect_equal(now.get(urn), {first: "z", second: "y"}, server.http.journal[-1], urn)
    expect(now.get("userName"), server.http.journal[-1], "userName")
