"""Order of lists (RFC 7644 §3.4.2.3)."""

from mdscripts.conformance.check import MUST, check, expect, expect_equal
from mdscripts.conformance.checks.representation import meta_of
from mdscripts.conformance.http import Answer
from mdscripts.conformance.people import People, people
from mdscripts.conformance.server import Server


def sorted_by(
    known: People, path: str, order: str | None = None, expression: str | None = None, **more: object
) -> tuple[str, Answer]:
    """Who is found, in order."""
    return known.find(expression, sortBy=path, sortOrder=order, **more)


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def sorting_is_ascending_unless_asked(server: Server) -> None:
    """If a value for "sortBy" is provided and no "sortOrder" is specified, "sortOrder" SHALL default
    to ascending."""
    letters, answer = sorted_by(people(server), "userName")
    expect_equal(letters, "abcde", answer, "the order")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def sort_order_can_be_chosen(server: Server) -> None:
    """Allowed values are "ascending" and "descending"."""
    known = people(server)
    for order, wanted in (("ascending", "abcde"), ("descending", "edcba")):
        letters, answer = sorted_by(known, "userName", order)
        expect_equal(letters, wanted, answer, f"the order {order}")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def without_a_value_comes_last(server: Server) -> None:
    """For all attribute types, if there is no data for the specified "sortBy" value, they are sorted
    via the "sortOrder" parameter, i.e., they are ordered last if ascending and first if descending."""
    known = people(server)
    letters, answer = sorted_by(known, known.text, "ascending")
    expect_equal(letters[-1:], "d", answer, "who comes last")
    letters, answer = sorted_by(known, known.text, "descending")
    expect_equal(letters[:1], "d", answer, "who comes first")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def texts_are_sorted_without_case(server: Server) -> None:
    """for case-insensitive attributes, sort the result using case-insensitive Unicode alphabetic
    sort order with no specific locale implied"""
    known = people(server)
    letters, answer = sorted_by(known, known.text)  # alpha, bravo, charlie, Delta
    expect_equal(letters, "abced", answer, "the order")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def case_exact_texts_are_sorted_with_case(server: Server) -> None:
    """for case-exact attribute types, sort the result using case-sensitive Unicode alphabetic sort
    order."""
    known = people(server)
    letters, answer = sorted_by(known, "externalId", expression="externalId pr")  # Key, key, zulu
    expect_equal(letters, "abe", answer, "the order")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def sub_attributes_can_be_sorted_by(server: Server) -> None:
    """If the attribute is complex, the attribute name must be a path to a sub-attribute in standard
    attribute notation (Section 3.10), e.g., "sortBy=name.givenName"."""
    known = people(server)
    letters, answer = sorted_by(known, known.pair.first_path, "descending", expression=f"{known.pair.name} pr")
    expect_equal(letters, "ecba", answer, "the order")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def several_values_are_sorted_by_the_primary_one(server: Server) -> None:
    """if it's a multi-valued attribute, resources are sorted by the value of the primary attribute
    (see Section 2.4 of [RFC7643]), if any, or else the first value in the list, if any."""
    known = people(server)
    # a: primary is the first value; b: the second value comes first in its list; d: the third.
    for path in (known.values.name, f"{known.values.name}.value"):
        letters, answer = sorted_by(known, path, expression=f"{known.values.name} pr")
        expect_equal(letters, "abd", answer, f"the order by {path}")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def times_are_sorted_by_time(server: Server) -> None:
    """ "sortOrder" MUST sort according to the attribute type"""
    known = people(server)
    letters, answer = sorted_by(known, "meta.created", "descending")
    times = [str(meta_of(each, answer).get("created")) for each in answer.resources]
    expect_equal(len(letters), 5, answer, "the number of users found")
    expect(times == sorted(times, reverse=True), answer, "the newest first")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def extensions_can_be_sorted_by(server: Server) -> None:
    """The "sortBy" parameter specifies the attribute whose value SHALL be used to order the returned
    responses."""
    known = people(server)
    urn, name, _ = server.users.extension()
    letters, answer = sorted_by(known, f"{urn}:{name}", "descending", expression=f"{urn}:{name} pr")
    expect_equal(letters, "ca", answer, "the order")


@check("7644", "3.4.2.3", MUST, "sort", "filter")
def pages_are_cut_from_the_sorted_list(server: Server) -> None:
    """The "sortBy" parameter specifies the attribute whose value SHALL be used to order the returned
    responses."""
    known = people(server)
    letters, answer = sorted_by(known, "userName", "descending", startIndex=2, count=2)
    expect_equal(letters, "dc", answer, "the second page")


@check("7644", "3.10", MUST, "sort", "filter")
def names_to_sort_by_have_no_case(server: Server) -> None:
    """All facets (URN, attribute, and sub-attribute name) of the fully encoded attribute name are
    case insensitive."""
    known = people(server)
    letters, answer = sorted_by(known, "USERNAME", "descending")
    expect_equal(letters, "edcba", answer, "the order")
    letters, answer = sorted_by(known, f"{server.users.type.schema}:userName", "descending")
    expect_equal(letters, "edcba", answer, "the order by the full name")
