"""Data types and multi-valued attributes (RFC 7643 §2), the User, Group and Enterprise User schemas (§4)."""

from collections.abc import Mapping

from mdscripts.conformance import urns
from mdscripts.conformance.check import MAY, MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.representation import instant, meta_of, reading
from mdscripts.conformance.documents import Attribute
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Made, Server

TEXT = 'Zoë 李 😀 " \\ / \u2028 é'
JSON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "decimal": (int, float),
    "integer": int,
    "dateTime": str,
    "binary": str,
    "reference": str,
    "complex": dict,
}
CERTIFICATE = "MIIBAzCBqwIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAl0ZXN0LWNlcnQwHhcNMjYwMTAxMDAwMDAwWhcNMzYwMTAxMDAwMDAwWjAA"


def expect_types(value: object, attribute: Attribute, answer: Answer) -> None:
    """Raise Violation unless *value* and what is in it have the JSON types of the schema (RFC 7643 §2.3)."""
    if attribute.multi_valued:
        expect(isinstance(value, list), answer, f"{attribute.name} to be a list")
    items: list[object] = value if isinstance(value, list) else [value]
    for each in items:
        wanted = JSON_TYPES.get(attribute.type, object)
        good = isinstance(each, wanted) and (attribute.type == "boolean" or not isinstance(each, bool))
        expect(good, answer, f"{attribute.name} to be a JSON value for {attribute.type}, not {each!r}")
        if isinstance(each, dict):
            for sub in attribute.subs:
                if sub.name in each:
                    expect_types(each[sub.name], sub, answer)


def membership(server: Server) -> tuple[Made, Made]:
    """A user and a group it is a member of."""
    user = server.user()
    return user, server.group({"members": [{"value": user.id}]})


def expect_reference(value: Json, target: Made, answer: Answer, rule: str) -> None:
    """Raise Violation if there is a ``$ref`` that does not lead to *target*."""
    reference = value.get("$ref")
    expect(reference is None or str(reference).endswith(target.path.lstrip("/")), answer, rule)


def first_of(resource: Json, name: str, answer: Answer) -> Json:
    """The only value of a multi-valued attribute. Raises Violation unless there is exactly one."""
    values = resource.get(name)
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], dict):
        raise answer.violation(f"expected exactly one value of {name}")
    return values[0]


@check("7643", "2.1", MUST)
def attribute_names_are_understood_in_any_case(server: Server) -> None:
    """Attribute names are case insensitive and are often "camel-cased" (e.g., "camelCase")."""
    text = server.users.text()
    made = server.user({text.upper(): "upper"})
    answer = reading(server, made)
    stored = {name.lower(): value for name, value in answer.resource.items()}
    expect_equal(stored.get(text.lower()), "upper", answer, text)


@check("7643", "2.3", MUST)
def values_have_the_json_types_of_the_schema(server: Server) -> None:
    """Table 1 maps the following SCIM data types to their corresponding SCIM schema type and
    underlying JSON data type"""
    values, pair = server.users.values(), server.users.pair()
    made = server.user(
        {
            server.users.text(): "x",
            pair.name: {pair.first: "A", pair.second: "B"},
            values.name: [values.item(1, primary=True), values.item(2, 1)],
        }
    )
    answer = reading(server, made)
    for attribute in server.users.attributes:
        if attribute.name in answer.resource:
            expect_types(answer.resource[attribute.name], attribute, answer)


@check("7643", "2.3.1", MUST)
def text_of_any_script_is_kept(server: Server) -> None:
    """A sequence of zero or more Unicode characters encoded using UTF-8 as per [RFC2277] and
    [RFC3629]."""
    text = server.users.text()
    answer = reading(server, server.user({text: TEXT}))
    expect_equal(answer.resource.get(text), TEXT, answer, text)


@check("7643", "2.3.2", MUST)
def booleans_are_literals(server: Server) -> None:
    """The literal "true" or "false"."""
    server.users.attribute("active")
    for wanted in (True, False):
        answer = reading(server, server.user({"active": wanted}))
        expect_equal(answer.resource.get("active"), wanted, answer, "active")


@check("7643", "2.3.2", MUST)
def what_is_no_boolean_is_refused(server: Server) -> None:
    """The literal "true" or "false"."""
    server.users.attribute("active")
    wrongs: tuple[object, ...] = ("perhaps", 2, {}, [True, False])
    for wrong in wrongs:
        answer = server.post(server.users.endpoint, server.users.body({"active": wrong}))
        expect_error(answer, 400, "invalidValue", "invalidSyntax")


@check("7643", "2.3.1", MUST)
def what_is_no_text_is_refused(server: Server) -> None:
    """JSON format is defined in Section 7 of [RFC7159]."""
    text = server.users.text()
    for wrong in ({"a": 1}, ["a", "b"], True):
        answer = server.post(server.users.endpoint, server.users.body({text: wrong}))
        expect_error(answer, 400, "invalidValue", "invalidSyntax")


@check("7643", "2.3.5", MUST)
def times_have_a_date_and_a_time(server: Server) -> None:
    """The attribute value MUST be encoded as a valid xsd:dateTime as specified in Section 3.3.7 of
    [XML-Schema] and MUST include both a date and a time."""
    answer = reading(server, server.user())
    meta = meta_of(answer.resource, answer)
    for name in ("created", "lastModified"):
        instant(meta.get(name), answer)


@check("7643", "2.3.6", MUST)
def binaries_are_kept_as_base64(server: Server) -> None:
    """The attribute value MUST be base64 encoded as specified in Section 4 of [RFC4648]."""
    name, _, sub = server.users.of_type("binary").partition(".")
    value: object = [{"value": CERTIFICATE}] if sub else CERTIFICATE
    answer = reading(server, server.user({name: value}))
    stored = first_of(answer.resource, name, answer).get("value") if sub else answer.resource.get(name)
    expect_equal(str(stored).rstrip("="), CERTIFICATE.rstrip("="), answer, name)


@check("7643", "2.3.6", MUST)
def what_is_no_base64_is_refused(server: Server) -> None:
    """The attribute value MUST be base64 encoded as specified in Section 4 of [RFC4648]."""
    name, _, sub = server.users.of_type("binary").partition(".")
    wrong: object = [{"value": "*not base64*"}] if sub else "*not base64*"
    answer = server.post(server.users.endpoint, server.users.body({name: wrong}))
    expect_error(answer, 400, "invalidValue", "invalidSyntax")


@check("7643", "2.3.7", MUST)
def a_reference_leads_to_its_resource(server: Server) -> None:
    """An HTTP client performing a GET operation on a reference URI MUST receive the target resource
    or an appropriate HTTP response code."""
    made = server.user()
    location = str(meta_of(made.body, made.answer).get("location"))
    path = location.partition("://")[2].partition("/")[2]
    answer = server.http.send("GET", f"/{path}" if path else location, root=True)
    expect_status(answer, 200)
    expect_equal(answer.resource.get("id"), made.id, answer, "id of what meta.location leads to")


@check("7643", "2.3.8", MUST)
def the_order_of_attributes_does_not_matter(server: Server) -> None:
    """Servers and clients MUST NOT require or expect attributes to be in any specific order when an
    object is either generated or analyzed."""
    pair = server.users.pair()
    body = server.users.body({pair.name: {pair.second: "B", pair.first: "A"}})
    answer = server.post(server.users.endpoint, dict(reversed(body.items())))
    expect_status(answer, 201)
    expect_equal(answer.resource.get(pair.name), {pair.first: "A", pair.second: "B"}, answer, pair.name)


@check("7643", "2.4", MUST)
def at_most_one_value_is_primary(server: Server) -> None:
    """The primary attribute value "true" MUST appear no more than once."""
    values = server.users.values()
    both = [values.item(1, primary=True), values.item(2, 1, primary=True)]
    answer = server.post(server.users.endpoint, server.users.body({values.name: both}))
    expect_status(answer, 201, 400)
    if answer.status == 201:
        stored = answer.resource.get(values.name)
        primary = [each for each in stored if each.get("primary") is True] if isinstance(stored, list) else [None] * 2
        expect(len(primary) <= 1, answer, "at most one primary value")


@check("7643", "2.4", MAY)
def one_value_may_have_two_types(server: Server) -> None:
    """Service providers MAY return element objects with the same "value" sub-attribute more than
    once with a different "type" sub-attribute"""
    values = server.users.values()
    answer = reading(server, server.user({values.name: [values.item(1), values.item(1, 1)]}))
    stored = answer.resource.get(values.name)
    expect(isinstance(stored, list) and len(stored) == 2, answer, f"two values of {values.name}")


@check("7643", "4.1.1", MUST)
def a_user_without_user_name_is_refused(server: Server) -> None:
    """Each User MUST include a non-empty userName value."""
    body = server.users.body()
    without = {name: value for name, value in body.items() if name != "userName"}
    for wrong in (without, {**without, "userName": ""}, {**without, "userName": None}):
        answer = server.post(server.users.endpoint, wrong)
        expect_error(answer, 400, "invalidValue", "invalidSyntax")


@check("7643", "4.1.1", MUST)
def user_names_are_unique_in_any_case(server: Server) -> None:
    """This identifier MUST be unique across the service provider's entire set of Users. This
    attribute is REQUIRED and is case insensitive."""
    made = server.user({"userName": f"{server.users.fresh('Mixed')}@conformance.example"})
    taken = str(made.body.get("userName"))
    for name in (taken, taken.lower(), taken.upper()):
        answer = server.post(server.users.endpoint, server.users.body({"userName": name}))
        expect_status(answer, 409)


@check("7643", "4.1.1", MUST)
def a_password_is_never_returned(server: Server) -> None:
    """The cleartext value or the hashed value of a password SHALL NOT be returnable by a service
    provider."""
    secret = f"t1meMa$heen-{server.mark}"
    made = server.user({"password": secret})
    body = {**server.users.body({"userName": made.body.get("userName")}), "password": secret}
    replaced = server.put(made.path, body)
    expect_status(replaced, 200)
    answers = [made.answer, replaced, server.get(made.path), server.get(made.path, attributes="userName,password")]
    if server.supports("patch"):
        answers.append(server.patch(made.path, {"op": "replace", "path": "password", "value": f"{secret}2"}))
    for answer in answers:
        expect(secret not in answer.content.decode(errors="replace"), answer, "no password")
        returned = answer.resource if answer.status in (200, 201) else {}
        expect("password" not in returned, answer, "no password")


@check("7643", "4.1.1", MUST, "filter")
def a_password_is_not_in_a_list(server: Server) -> None:
    """The cleartext value or the hashed value of a password SHALL NOT be returnable by a service
    provider."""
    made = server.user({"password": f"t1meMa$heen-{server.mark}"})
    name = made.body.get("userName")
    answer = server.get(server.users.endpoint, filter=f'userName eq "{name}"', attributes="userName,password")
    expect_equal(len(answer.resources), 1, answer, "the number of users found")
    expect("password" not in answer.resources[0], answer, "no password")


@check("7643", "4.1.2", SHOULD)
def email_addresses_are_canonical(server: Server) -> None:
    """Service providers SHOULD canonicalize the value according to [RFC5321], e.g.,
    "bjensen@example.com" instead of "bjensen@EXAMPLE.COM"."""
    server.users.attribute("emails")
    local = server.users.fresh()
    emails = [{"value": f"{local}@CONFORMANCE.EXAMPLE", "type": "work"}]
    answer = reading(server, server.user({"emails": emails}))
    email = first_of(answer.resource, "emails", answer)
    shown = [email.get("value"), email.get("display")]
    expect(f"{local}@conformance.example" in shown, answer, f"the domain in lower case, not {shown[0]}")


@check("7643", "4.1.2", MUST, "Group")
def a_user_shows_its_groups(server: Server) -> None:
    """If the SCIM service provider exposes a "Group" resource, the "value" sub-attribute MUST be
    the "id", and the "$ref" sub-attribute must be the URI of the corresponding "Group" resources to
    which the user belongs."""
    server.users.attribute("groups")
    user, group = membership(server)
    answer = reading(server, user)
    shown = first_of(answer.resource, "groups", answer)
    expect_equal(shown.get("value"), group.id, answer, "groups.value")
    expect_reference(shown, group, answer, "groups.$ref to be the URI of the group")


@check("7643", "4.1.2", SHOULD, "Group")
def a_direct_membership_is_called_direct(server: Server) -> None:
    """The canonical types "direct" and "indirect" are defined to describe how the group membership
    was derived."""
    server.users.attribute("groups")
    user, _ = membership(server)
    answer = reading(server, user)
    expect_equal(first_of(answer.resource, "groups", answer).get("type"), "direct", answer, "groups.type")


@check("7643", "4.1.2", MUST, "Group")
def memberships_are_changed_through_the_group_only(server: Server) -> None:
    """Since this attribute has a mutability of "readOnly", group membership changes MUST be applied
    via the "Group" Resource (Section 4.2)."""
    group = server.group()
    user = server.user({"groups": [{"value": group.id}]})
    answer = reading(server, user)
    expect(not answer.resource.get("groups"), answer, "no groups from the body of the user")
    unchanged = reading(server, group)
    expect(not unchanged.resource.get("members"), unchanged, "no members from the body of the user")


@check("7643", "4.2", MUST, "Group")
def a_group_without_display_name_is_refused(server: Server) -> None:
    """A human-readable name for the Group. REQUIRED."""
    answer = server.post(server.groups.endpoint, {"schemas": [urns.GROUP], "externalId": server.groups.fresh()})
    expect_error(answer, 400, "invalidValue", "invalidSyntax")


@check("7643", "4.2", MUST, "Group")
def a_member_is_named_by_its_id(server: Server) -> None:
    """The "value" sub-attribute contains the value of an "id" attribute of a SCIM resource, and the
    "$ref" sub-attribute must be the URI of a SCIM resource such as a "User", or a "Group"."""
    user, group = membership(server)
    answer = reading(server, group)
    member = first_of(answer.resource, "members", answer)
    expect_equal(member.get("value"), user.id, answer, "members.value")
    expect_reference(member, user, answer, "members.$ref to be the URI of the user")


@check("7643", "4.2", MUST, "Group", "patch")
def members_themselves_cannot_be_changed(server: Server) -> None:
    """While values MAY be added or removed, sub-attributes of members are "immutable"."""
    user, group = membership(server)
    other = server.user()
    path = f'members[value eq "{user.id}"].value'
    expect_error(server.patch(group.path, {"op": "replace", "path": path, "value": other.id}), 400, "mutability")
    answer = reading(server, group)
    expect_equal(first_of(answer.resource, "members", answer).get("value"), user.id, answer, "members.value")


@check("7643", "4.3", MUST)
def enterprise_attributes_are_kept(server: Server) -> None:
    """The following SCIM extension defines attributes commonly used in representing users that
    belong to, or act on behalf of, a business or enterprise."""
    names = ("employeeNumber", "costCenter", "organization", "division", "department")
    wanted = {server.users.enterprise(name): f"{name} {server.mark}" for name in names}
    answer = reading(server, server.user({urns.ENTERPRISE: wanted}))
    expect_equal(answer.resource.get(urns.ENTERPRISE), wanted, answer, urns.ENTERPRISE)


@check("7643", "4.3", MUST)
def a_manager_is_named_by_id(server: Server) -> None:
    """The "id" of the SCIM resource representing the user's manager. RECOMMENDED."""
    manager = server.users.enterprise("manager")
    boss = server.user()
    answer = reading(server, server.user({urns.ENTERPRISE: {manager: {"value": boss.id}}}))
    extension = answer.resource.get(urns.ENTERPRISE)
    stored = extension.get(manager) if isinstance(extension, dict) else None
    expect(isinstance(stored, dict) and stored.get("value") == boss.id, answer, f"manager.value {boss.id}")


@check("7643", "4.3", MUST)
def display_name_of_the_manager_is_ignored(server: Server) -> None:
    """The displayName of the user's manager. This attribute is OPTIONAL, and mutability is
    "readOnly"."""
    manager = server.users.enterprise("manager")
    boss = server.user()
    lie = f"nobody {server.mark}"
    answer = reading(server, server.user({urns.ENTERPRISE: {manager: {"value": boss.id, "displayName": lie}}}))
    expect(lie not in answer.content.decode(), answer, "no manager.displayName of the client")
