"""PATCH operation ``remove`` (RFC 7644 §3.5.2.2)."""

from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.patch_add import value_list
from mdscripts.conformance.checks.patching import operation
from mdscripts.conformance.checks.representation import reading
from mdscripts.conformance.server import Server


@check("7644", "3.5.2.2", MUST, "patch")
def remove_without_path_has_no_target(server: Server) -> None:
    """If "path" is unspecified, the operation fails with HTTP status code 400 and a "scimType" error
    code of "noTarget"."""
    made = server.user()
    expect_error(server.patch(made.path, operation("remove")), 400, "noTarget")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_a_single_value_unassigns_it(server: Server) -> None:
    """If the target location is a single-value attribute, the attribute and its associated value is
    removed, and the attribute SHALL be considered unassigned."""
    text, pair = server.users.text(), server.users.pair()
    made = server.user({text: "x", pair.name: {pair.first: "A", pair.second: "B"}})
    now = server.patched(made, operation("remove", text), operation("remove", pair.first_path))
    answer = server.http.journal[-1]
    expect(not now.get(text), answer, f"no {text}")
    expect_equal(now.get(pair.name), {pair.second: "B"}, answer, pair.name)


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_a_complex_attribute_unassigns_it(server: Server) -> None:
    """If the target location is a single-value attribute, the attribute and its associated value is
    removed, and the attribute SHALL be considered unassigned."""
    pair = server.users.pair()
    now = server.patched(server.user({pair.name: {pair.first: "A"}}), operation("remove", pair.name))
    expect(not now.get(pair.name), server.http.journal[-1], f"no {pair.name}")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_all_values_unassigns_the_attribute(server: Server) -> None:
    """If the target location is a multi-valued attribute and no filter is specified, the attribute
    and all values are removed, and the attribute SHALL be considered unassigned."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1), values.item(2, 1)]})
    now = server.patched(made, operation("remove", values.name))
    expect(not now.get(values.name), server.http.journal[-1], f"no {values.name}")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_by_value_leaves_the_others(server: Server) -> None:
    """If the target location is a multi-valued attribute and a complex filter is specified comparing
    a "value", the values matched by the filter are removed."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1), values.item(2, 1)]})
    now = server.patched(made, operation("remove", f'{values.name}[value eq "{values.make(1)}"]'))
    expect_equal(value_list(now, values.name), [values.make(2)], server.http.journal[-1], values.name)


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_the_last_value_unassigns_the_attribute(server: Server) -> None:
    """If no other values remain after removal of the selected values, the multi-valued attribute
    SHALL be considered unassigned."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1)]})
    now = server.patched(made, operation("remove", f'{values.name}[value eq "{values.make(1)}"]'))
    expect(not now.get(values.name), server.http.journal[-1], f"no {values.name}")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_by_sub_attributes_leaves_the_others(server: Server) -> None:
    """If the target location is a complex multi-valued attribute and a complex filter is specified
    based on the attribute's sub-attributes, the matching records are removed."""
    values = server.users.values()
    made = server.user({values.name: [values.item(1), values.item(2), values.item(2, 1)]})
    path = f'{values.name}[type eq "{values.types[0]}" and value ew "{values.make(2)[-3:]}"]'
    now = server.patched(made, operation("remove", path))
    expect_equal(value_list(now, values.name), [values.make(1), values.make(2)], server.http.journal[-1], values.name)


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_a_sub_attribute_leaves_the_value(server: Server) -> None:
    """Sub-attributes whose values have been removed SHALL be considered unassigned."""
    values = server.users.values()
    if server.users.attribute(values.name).sub("display") is None:
        made = server.user({values.name: [values.item(1, primary=True)]})
        gone = "primary"
    else:
        made = server.user({values.name: [values.item(1, display="x")]})
        gone = "display"
    now = server.patched(made, operation("remove", f'{values.name}[value eq "{values.make(1)}"].{gone}'))
    listed = now.get(values.name)
    left = listed[0] if isinstance(listed, list) and listed else {}
    answer = server.http.journal[-1]
    expect_equal(value_list(now, values.name), [values.make(1)], answer, values.name)
    expect(not left.get(gone), answer, f"no {values.name}.{gone}")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_what_is_required_is_refused(server: Server) -> None:
    """If an attribute is removed or becomes unassigned and is defined as a required attribute or a
    read-only attribute, the server SHALL return an HTTP response status code and a JSON detail error
    response as defined in Section 3.12, with a "scimType" error code of "mutability"."""
    made = server.user()
    expect_error(server.patch(made.path, operation("remove", "userName")), 400, "mutability")
    again = reading(server, made)
    expect_equal(again.resource.get("userName"), made.body.get("userName"), again, "userName")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_what_is_read_only_is_refused(server: Server) -> None:
    """If an attribute is removed or becomes unassigned and is defined as a required attribute or a
    read-only attribute, the server SHALL return an HTTP response status code and a JSON detail error
    response as defined in Section 3.12, with a "scimType" error code of "mutability"."""
    made = server.user()
    for path in ("id", "meta"):
        expect_error(server.patch(made.path, operation("remove", path)), 400, "mutability")


@check("7644", "3.5.2.2", MUST, "patch", "Group")
def remove_of_one_member_leaves_the_others(server: Server) -> None:
    """Remove a single member from a group."""
    one, two = server.user(), server.user()
    group = server.group({"members": [{"value": one.id}, {"value": two.id}]})
    now = server.patched(group, operation("remove", f'members[value eq "{one.id}"]'))
    expect_equal(value_list(now, "members"), [two.id], server.http.journal[-1], "members.value")


@check("7644", "3.5.2.2", MUST, "patch", "Group")
def remove_of_all_members_leaves_the_group(server: Server) -> None:
    """Remove all members of a group"""
    user = server.user()
    group = server.group({"members": [{"value": user.id}]})
    now = server.patched(group, operation("remove", "members"))
    expect(not now.get("members"), server.http.journal[-1], "no members")


@check("7644", "3.5.2.2", SHOULD, "patch", "Group")
def remove_of_a_stranger_succeeds(server: Server) -> None:
    """If the user was not a member of this group, no changes should be made to the resource, and a
    success response should be returned."""
    member, stranger = server.user(), server.user()
    group = server.group({"members": [{"value": member.id}]})
    expect_status(server.patch(group.path, operation("remove", f'members[value eq "{stranger.id}"]')), 200, 204)
    again = reading(server, group)
    expect_equal(value_list(again.resource, "members"), [member.id], again, "members.value")


@check("7644", "3.5.2.2", MUST, "patch")
def remove_of_an_extension_attribute(server: Server) -> None:
    """If the target location is a single-value attribute, the attribute and its associated value is
    removed, and the attribute SHALL be considered unassigned."""
    urn, first, second = server.users.extension()
    made = server.user({urn: {first: "x", second: "y"}})
    now = server.patched(made, operation("remove", f"{urn}:{first}"))
    expect_equal(now.get(urn), {second: "y"}, server.http.journal[-1], urn)
