"""Filters: notation, letter case, brackets, literals and what is refused (RFC 7644 §3.4.2.2)."""

from mdscripts.conformance.check import MUST, check, expect, expect_equal, expect_status
from mdscripts.conformance.checks.filtering import expect_found, expect_refused
from mdscripts.conformance.people import SPECIAL, people
from mdscripts.conformance.server import Server


def quoted(text: str) -> str:
    """*text* as a JSON string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@check("7644", "3.4.2.2", MUST, "filter")
def names_and_operators_have_no_case(server: Server) -> None:
    """Attribute names and attribute operators used in filters are case insensitive."""
    known = people(server)
    bravo = known.value("bravo")
    expect_found(known, f'{known.text.upper()} Eq "{bravo}"', "b")
    expect_found(known, f'{known.text.lower()} eq "{bravo}" AND {known.other} PR', "b")
    expect_found(known, f"NOT ({known.text} pr)", "d")


@check("7644", "3.4.2.2", MUST, "filter")
def a_case_exact_text_is_compared_with_case(server: Server) -> None:
    """When comparing attributes of type String, the case sensitivity for String type attributes
    SHALL be determined by the attribute's "caseExact" characteristic"""
    known = people(server)
    expect_found(known, f'externalId eq "{known.value("Key")}"', "a")
    expect_found(known, f'externalId eq "{known.value("key")}"', "b")
    expect_found(known, f'externalId eq "{known.value("KEY")}"', "")


@check("7644", "3.4.2.2", MUST, "filter")
def other_texts_are_compared_without_case(server: Server) -> None:
    """When comparing attributes of type String, the case sensitivity for String type attributes
    SHALL be determined by the attribute's "caseExact" characteristic"""
    known = people(server)
    expect_found(known, f'{known.text} eq "{known.value("BRAVO").upper()}"', "b")
    expect_found(known, f'{known.text} co "HARL"', "c")
    name = str(known.made["c"].body.get("userName")).upper()
    expect_found(known, f'userName eq "{name}"', "c")


@check("7644", "3.4.2.2", MUST, "filter")
def letters_beyond_ascii_have_no_case_either(server: Server) -> None:
    """When comparing attributes of type String, the case sensitivity for String type attributes
    SHALL be determined by the attribute's "caseExact" characteristic"""
    known = people(server)
    expect_found(known, f'{known.text} ew "\u00e9"', "e")
    expect_found(known, f'{known.text} ew "\u00c9"', "e")


@check("7644", "3.4.2.2", MUST, "filter")
def one_of_several_values_is_enough(server: Server) -> None:
    """If the specified attribute in a filter expression is a multi-valued attribute, the filter
    matches if any of the values of the specified attribute match the specified criterion"""
    known = people(server)
    values = known.values
    expect_found(known, f'{values.name}.value eq "{values.make(1)}"', "ab")
    expect_found(known, f'{values.name}.type eq "{values.types[2]}"', "d")


@check("7644", "3.4.2.2", MUST, "filter")
def a_multi_valued_attribute_may_stand_for_its_values(server: Server) -> None:
    """filter=userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"""
    known = people(server)
    expect_found(known, f'{known.values.name} eq "{known.values.make(3)}"', "d")
    expect_found(known, f'{known.values.name} co "{known.values.make(1)[:-1]}"', "abd")


@check("7644", "3.4.2.2", MUST, "filter")
def sub_attributes_are_named_with_a_dot(server: Server) -> None:
    """For complex attributes, a fully qualified sub-attribute MUST be specified using standard
    attribute notation (Section 3.10)."""
    known = people(server)
    expect_found(known, f'{known.pair.second_path} eq "{known.value("Archer")}"', "ae")


@check("7644", "3.4.2.2", MUST, "filter")
def brackets_apply_to_one_value(server: Server) -> None:
    """expressions MUST be applied to the same value of a parent attribute specified immediately
    before the left square bracket ("[")."""
    known = people(server)
    values = known.values
    first, kind = values.make(1), values.types[0]
    expect_found(known, f'{values.name}[type eq "{kind}" and value eq "{first}"]', "a")
    expect_found(known, f'{values.name}.type eq "{kind}" and {values.name}.value eq "{first}"', "ab")


@check("7644", "3.4.2.2", MUST, "filter")
def brackets_hold_whole_filters(server: Server) -> None:
    """The expression within square brackets ("[" and "]") MUST be a valid filter expression based
    upon sub-attributes of the parent attribute."""
    known = people(server)
    values = known.values
    first, third = values.make(1), values.make(3)
    expect_found(known, f'{values.name}[value eq "{third}" or value eq "{first}"]', "abd")
    expect_found(known, f'{values.name}[not (type eq "{values.types[0]}") and value eq "{first}"]', "b")
    expect_found(known, f'{values.name}[type pr and (value eq "{third}" or value sw "none")]', "d")
    expect_found(known, f'{values.name}[value co "{first[-4:]}" and type eq "{values.types[0]}"]', "a")


@check("7644", "3.4.2.2", MUST, "filter")
def brackets_combine_with_the_rest(server: Server) -> None:
    """filter=emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co
    "@foo.com"]"""
    known = people(server)
    values = known.values
    bracket = f'{values.name}[type eq "{values.types[0]}" and value eq "{values.make(1)}"]'
    expect_found(known, f'{bracket} or {known.text} eq "{known.value("charlie")}"', "ac")
    expect_found(known, f"not ({bracket}) and {values.name} pr", "bd")


@check("7643", "2.4", MUST, "filter")
def a_value_is_not_primary_unless_it_says_so(server: Server) -> None:
    """If not specified, the value of "primary" SHALL be assumed to be "false"."""
    known = people(server)
    name, first = known.values.name, known.values.make(1)
    expect_found(known, f'{name}[value eq "{first}" and primary eq true]', "a")
    expect_found(known, f'{name}[value eq "{first}" and not (primary eq true)]', "b")


@check("7644", "3.4.2.2", MUST, "filter")
def a_boolean_literal_is_understood(server: Server) -> None:
    """compValue = false / null / true / number / string"""
    server.users.attribute("active")
    known = people(server)
    expect_found(known, "active eq false", "d")
    expect_found(known, "active eq true", "abce")


@check("7644", "3.4.2.2", MUST, "filter")
def a_string_literal_is_a_json_string(server: Server) -> None:
    """the "compValue" (comparison value) rule is built on JSON Data Interchange format ABNF rules as
    specified in [RFC7159]"""
    known = people(server)
    expect_found(known, f"{known.text} eq {quoted(known.value(SPECIAL))}", "e")
    expect_found(known, f'{known.text} ew "\\u00e9"', "e")


@check("7644", "3.4.2.2", MUST, "filter")
def null_means_no_value(server: Server) -> None:
    """compValue = false / null / true / number / string"""
    known = people(server)
    expect_found(known, f"{known.text} eq null", "d")


@check("7644", "3.4.2.2", MUST, "filter")
def a_defaulted_attribute_has_the_value_that_was_returned(server: Server) -> None:
    """When applying a comparison (e.g., "eq") or presence filter (e.g., "pr") to a defaulted
    attribute, the service provider SHALL use the value that was returned to the client that last
    created or modified the attribute."""
    server.users.attribute("active")
    made = server.user()
    mine = f'userName eq "{made.body.get("userName")}"'
    returned = made.body.get("active")
    expression = "not (active pr)" if returned is None else f"active eq {str(returned).lower()}"
    answer = server.get(server.users.endpoint, filter=f"{mine} and {expression}")
    expect_status(answer, 200)
    expect_equal(len(answer.resources), 1, answer, "the number of users found")


@check("7644", "3.4.2.2", MUST, "filter")
def resources_are_found_by_the_schemas_they_use(server: Server) -> None:
    """Clients MAY query by schema or schema extensions by using a filter expression including the
    "schemas" attribute (as shown in Figure 2)."""
    known = people(server)
    urn, _, _ = server.users.extension()
    expect_found(known, f'schemas eq "{server.users.type.schema}"', "abcde")
    letters, answer = known.find(f'schemas eq "{urn}"')
    expect_equal("".join(sorted(letters)), "ac", answer, f"who has {urn}")


@check("7644", "3.4.2.2", MUST, "filter")
def common_attributes_can_be_filtered(server: Server) -> None:
    """filter=meta.lastModified gt "2011-05-13T04:42:34Z\""""
    known = people(server)
    expect_found(known, f'id eq "{known.made["d"].id}"', "d")
    expect_found(known, 'meta.lastModified gt "2011-05-13T04:42:34Z"', "abcde")
    expect_found(known, 'meta.resourceType eq "User"', "abcde")
    expect_found(known, f'not ({known.text} pr) and meta.lastModified gt "2011-05-13T04:42:34Z"', "d")


@check("7644", "3.4.2.2", MUST, "filter", "Group")
def groups_are_found_by_name_and_member(server: Server) -> None:
    """When specified, only those resources matching the filter expression SHALL be returned."""
    user = server.user()
    name = server.groups.fresh("Team")
    group = server.group({"displayName": name, "members": [{"value": user.id}]})
    server.group()
    wanted = (
        f'displayName eq "{name.upper()}"',
        f'members.value eq "{user.id}"',
        f'members[value eq "{user.id}"] and displayName pr',
    )
    for expression in wanted:
        answer = server.get(server.groups.endpoint, filter=expression)
        expect_status(answer, 200)
        expect_equal([each.get("id") for each in answer.resources], [group.id], answer, "the groups found")


@check("7644", "3.4.2.2", MUST, "filter")
def an_unknown_operator_is_refused(server: Server) -> None:
    """Providers MUST decline to filter results if the specified filter operation is not recognized
    and return an HTTP 400 error with a "scimType" error of "invalidFilter" and an appropriate
    human-readable response as per Section 3.12."""
    answer = expect_refused(server, 'userName regex "^a"')
    expect(answer.resource.get("detail"), answer, "a detail for people")


@check("7644", "3.4.2.2", MUST, "filter")
def a_filter_without_expression_is_refused(server: Server) -> None:
    """The filter parameter MUST contain at least one valid expression (see Table 3)."""
    for expression in ("", " ", "()", "not ()"):
        expect_refused(server, expression)


@check("7644", "3.4.2.2", MUST, "filter")
def an_incomplete_expression_is_refused(server: Server) -> None:
    """Each expression MUST contain an attribute name followed by an attribute operator and optional
    value."""
    for expression in ("userName", "userName eq", 'eq "x"', '"x"', "userName pr and", "or userName pr"):
        expect_refused(server, expression)


@check("7644", "3.4.2.2", MUST, "filter")
def what_is_no_filter_of_the_grammar_is_refused(server: Server) -> None:
    """SCIM filters MUST conform to the following ABNF [RFC5234] rules as specified below"""
    broken = ('(userName eq "x"', 'userName eq "x")', 'userName eq "x', "userName eq x", 'userName eq "x" userName pr')
    for expression in broken:
        expect_refused(server, expression)
    values = server.users.values().name
    for expression in (f'{values}[type eq "work"', f"{values}[]", f'{values}[type eq "work"'):
        expect_refused(server, expression)


@check("7644", "3.12", MUST, "filter")
def an_impossible_comparison_is_refused(server: Server) -> None:
    """The specified filter syntax was invalid (does not comply with Figure 1), or the specified
    attribute and filter comparison combination is not supported."""
    server.users.attribute("active")
    expect_refused(server, 'active co "tru"')
