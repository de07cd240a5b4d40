"""Filters: operators and logic (RFC 7644 §3.4.2.2)."""

from mdscripts.conformance.check import MUST, check, expect, expect_equal, expect_status
from mdscripts.conformance.http import Answer
from mdscripts.conformance.people import People, people
from mdscripts.conformance.server import Server


def expect_found(known: People, expression: str, wanted: str) -> Answer:
    """Raise Violation unless *expression* finds exactly those of the five people."""
    letters, answer = known.find(expression)
    expect_equal("".join(sorted(letters)), wanted, answer, f"who is found by {expression}")
    return answer


def expect_refused(server: Server, expression: str) -> Answer:
    """Raise Violation unless the filter is refused with 400 ``invalidFilter``."""
    answer = server.get(server.users.endpoint, filter=expression)
    expect_status(answer, 400)
    expect_equal(answer.resource.get("scimType"), "invalidFilter", answer, "scimType")
    return answer


@check("7644", "3.4.2.2", MUST, "filter")
def only_matching_resources_are_returned(server: Server) -> None:
    """When specified, only those resources matching the filter expression SHALL be returned."""
    known = people(server)
    name = known.made["b"].body.get("userName")
    answer = server.get(server.users.endpoint, filter=f'userName eq "{name}"')
    expect_status(answer, 200)
    expect_equal(known.letters(answer), "b", answer, "who is found")
    expect_equal(answer.resource.get("totalResults"), 1, answer, "totalResults")


@check("7644", "3.4.2.2", MUST, "filter")
def eq_finds_identical_values(server: Server) -> None:
    """The attribute and operator values must be identical for a match."""
    known = people(server)
    expect_found(known, f'{known.text} eq "{known.value("bravo")}"', "b")
    expect_found(known, f'{known.text} eq "{known.value("brav")}"', "")


@check("7644", "3.4.2.2", MUST, "filter")
def ne_finds_other_values(server: Server) -> None:
    """The attribute and operator values are not identical."""
    known = people(server)
    letters, answer = known.find(f'{known.text} ne "{known.value("bravo")}"')
    expect({"a", "c", "e"} <= set(letters) <= {*"acde"}, answer, "everybody with another value")


@check("7644", "3.4.2.2", MUST, "filter")
def co_finds_parts(server: Server) -> None:
    """The entire operator value must be a substring of the attribute value for a match."""
    known = people(server)
    expect_found(known, f'{known.text} co "{known.value("char")}"', "c")
    expect_found(known, f'{known.text} co "rav"', "b")


@check("7644", "3.4.2.2", MUST, "filter")
def sw_finds_beginnings(server: Server) -> None:
    """The entire operator value must be a substring of the attribute value, starting at the
    beginning of the attribute value. This criterion is satisfied if the two strings are identical."""
    known = people(server)
    expect_found(known, f'{known.text} sw "{known.value("al")}"', "a")
    expect_found(known, f'{known.text} sw "{known.value("alpha")}"', "a")
    expect_found(known, f'{known.text} sw "alpha"', "")


@check("7644", "3.4.2.2", MUST, "filter")
def ew_finds_ends(server: Server) -> None:
    """The entire operator value must be a substring of the attribute value, matching at the end of
    the attribute value. This criterion is satisfied if the two strings are identical."""
    known = people(server)
    expect_found(known, f'{known.text} ew "lie"', "c")
    expect_found(known, f'{known.text} ew "{known.value("charlie")}"', "c")
    expect_found(known, f'{known.text} ew "charl"', "")


@check("7644", "3.4.2.2", MUST, "filter")
def pr_finds_what_has_a_value(server: Server) -> None:
    """If the attribute has a non-empty or non-null value, or if it contains a non-empty node for
    complex attributes, there is a match."""
    known = people(server)
    expect_found(known, f"{known.text} pr", "abce")
    expect_found(known, f"{known.pair.name} pr", "abce")
    expect_found(known, f"{known.values.name} pr", "abd")


@check("7644", "3.4.2.2", MUST, "filter")
def gt_and_ge_compare_texts(server: Server) -> None:
    """For string attribute types, this is a lexicographical comparison"""
    known = people(server)
    expect_found(known, f'{known.pair.first_path} gt "{known.value("Bob")}"', "ce")
    expect_found(known, f'{known.pair.first_path} ge "{known.value("Bob")}"', "bce")


@check("7644", "3.4.2.2", MUST, "filter")
def lt_and_le_compare_texts(server: Server) -> None:
    """For string attribute types, this is a lexicographical comparison"""
    known = people(server)
    expect_found(known, f'{known.pair.first_path} lt "{known.value("Cleo")}"', "ab")
    expect_found(known, f'{known.pair.first_path} le "{known.value("Cleo")}"', "abc")


@check("7644", "3.4.2.2", MUST, "filter")
def times_are_compared_as_instants(server: Server) -> None:
    """for DateTime types, it is a chronological comparison."""
    known = people(server)
    for operator in ("gt", "ge"):
        expect_found(known, f'meta.created {operator} "2011-05-13T04:42:34Z"', "abcde")
        expect_found(known, f'meta.created {operator} "2999-12-31T23:59:59Z"', "")
    for operator in ("lt", "le"):
        expect_found(known, f'meta.created {operator} "2011-05-13T04:42:34Z"', "")
        expect_found(known, f'meta.created {operator} "2999-12-31T23:59:59Z"', "abcde")


@check("7644", "3.4.2.2", MUST, "filter")
def an_instant_may_be_written_in_any_zone(server: Server) -> None:
    """for DateTime types, it is a chronological comparison."""
    known = people(server)
    # Text order would say the opposite: these are the year 2998 and the year 3000 in UTC.
    expect_found(known, 'meta.created lt "2999-01-01T00:00:00+14:00"', "abcde")
    meta = known.made["a"].body.get("meta")
    created = str(meta.get("created")) if isinstance(meta, dict) else ""
    if created.endswith("Z"):
        hour = int(created[11:13])
        # Of the same day there, so that only the hour has to be written anew.
        local, zone = (hour + 2, "+02:00") if hour < 22 else (hour - 2, "-02:00")
        elsewhere = f"{created[:11]}{local:02d}{created[13:-1]}{zone}"
        letters, answer = known.find(f'meta.created le "{elsewhere}" and meta.created ge "{elsewhere}"')
        expect("a" in letters, answer, f"the user created at {created} to be found by {elsewhere}")


@check("7644", "3.4.2.2", MUST, "filter")
def order_of_booleans_is_refused(server: Server) -> None:
    """Boolean and Binary attributes SHALL cause a failed response (HTTP status code 400) with
    "scimType" of "invalidFilter"."""
    server.users.attribute("active")
    for operator in ("gt", "ge", "lt", "le"):
        expect_refused(server, f"active {operator} true")


@check("7644", "3.4.2.2", MUST, "filter")
def order_of_binaries_is_refused(server: Server) -> None:
    """Boolean and Binary attributes SHALL cause a failed response (HTTP status code 400) with
    "scimType" of "invalidFilter"."""
    name = server.users.of_type("binary")
    for operator in ("gt", "ge", "lt", "le"):
        expect_refused(server, f'{name} {operator} "MDEyMw=="')


@check("7644", "3.4.2.2", MUST, "filter")
def and_needs_both(server: Server) -> None:
    """The filter is only a match if both expressions evaluate to true."""
    known = people(server)
    expect_found(known, f'{known.text} pr and {known.other} eq "{known.value("south")}"', "be")


@check("7644", "3.4.2.2", MUST, "filter")
def or_needs_either(server: Server) -> None:
    """The filter is a match if either expression evaluates to true."""
    known = people(server)
    north = f'{known.other} eq "{known.value("north")}"'
    expect_found(known, f'{known.text} eq "{known.value("charlie")}" or {north}', "acd")


@check("7644", "3.4.2.2", MUST, "filter")
def not_inverts(server: Server) -> None:
    """The filter is a match if the expression evaluates to false."""
    known = people(server)
    expect_found(known, f"not ({known.text} pr)", "d")
    expect_found(known, f'not ({known.text} eq "{known.value("alpha")}")', "bcde")


@check("7644", "3.4.2.2", MUST, "filter")
def and_comes_before_or(server: Server) -> None:
    """Logical operators - where "not" takes precedence over "and", which takes precedence over "or\""""
    known = people(server)
    alpha, bravo = (f'{known.text} eq "{known.value(word)}"' for word in ("alpha", "bravo"))
    north = f'{known.other} eq "{known.value("north")}"'
    expect_found(known, f"{alpha} or {bravo} and {north}", "a")
    expect_found(known, f"{bravo} and {north} or {alpha}", "a")


@check("7644", "3.4.2.2", MUST, "filter")
def not_comes_before_and(server: Server) -> None:
    """Logical operators - where "not" takes precedence over "and", which takes precedence over "or\""""
    known = people(server)
    south = f'{known.other} eq "{known.value("south")}"'
    expect_found(known, f"not ({known.text} pr) and {south}", "")
    expect_found(known, f"not ({known.values.name} pr) and {south}", "e")


@check("7644", "3.4.2.2", MUST, "filter")
def parentheses_change_the_order(server: Server) -> None:
    """Boolean expressions MAY be grouped using parentheses to change the standard order of
    operations, i.e., to evaluate logical "or" operators before logical "and" operators."""
    known = people(server)
    alpha, bravo = (f'{known.text} eq "{known.value(word)}"' for word in ("alpha", "bravo"))
    south = f'{known.other} eq "{known.value("south")}"'
    expect_found(known, f"({alpha} or {bravo}) and {south}", "b")
    expect_found(known, f"not ({alpha} or {bravo}) and {south}", "e")
