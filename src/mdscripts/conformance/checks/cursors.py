"""Pages by cursor (RFC 9865)."""

import re

from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.http import Answer
from mdscripts.conformance.people import people
from mdscripts.conformance.server import Server
from mdscripts.conformance.shape import Inapplicable

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
"""RFC 3986 §2.3."""
PAGES = 6


def pages(server: Server, **parameters: object) -> list[tuple[str, Answer]]:
    """Every page of the five people, from the first. Raises Violation if they do not end."""
    known = people(server)
    found = [known.find(None, cursor="", **parameters)]
    while len(found) < PAGES:
        following = found[-1][1].resource.get("nextCursor")
        if following is None:
            return found
        found.append(known.find(None, cursor=following, **parameters))
    raise found[-1][1].violation(f"expected the pages of five users to end before the {PAGES}th")


@check("9865", "2", MUST, "cursor", "filter")
def an_empty_cursor_begins(server: Server) -> None:
    """The cursor value MUST be empty or omitted for the first request of a cursor-paginated query."""
    letters, answer = people(server).find(cursor="", count=2)
    expect_equal(len(letters), 2, answer, "the number of resources on the first page")
    expect(isinstance(answer.resource.get("nextCursor"), str), answer, "nextCursor")


@check("9865", "2", MUST, "cursor", "filter")
def every_page_but_the_last_has_a_next_cursor(server: Server) -> None:
    """Service providers supporting cursor-based pagination MUST include `nextCursor` in all paged
    query responses except when returning the last page."""
    found = pages(server, count=2)
    expect_equal([len(letters) for letters, _ in found], [2, 2, 1], found[-1][1], "the sizes of the pages")


@check("9865", "2", MUST, "cursor", "filter")
def the_last_page_has_no_next_cursor(server: Server) -> None:
    """`nextCursor` MUST be omitted from a response only to indicate that there are no more result
    pages."""
    letters, answer = people(server).find(cursor="", count=5)
    expect_equal(len(letters), 5, answer, "the number of resources")
    expect("nextCursor" not in answer.resource, answer, "no nextCursor")


@check("9865", "2", MUST, "cursor", "filter")
def the_first_page_has_no_previous_cursor(server: Server) -> None:
    """`previousCursor` MUST NOT be returned with the first page."""
    _, answer = people(server).find(cursor="", count=2)
    expect("previousCursor" not in answer.resource, answer, "no previousCursor")
    expect("nextCursor" in answer.resource, answer, "nextCursor")


@check("9865", "2", MUST, "cursor", "filter")
def a_previous_cursor_leads_back(server: Server) -> None:
    """A cursor value string that MAY be used in a subsequent request to obtain the previous page of
    results."""
    known = people(server)
    (first, _), (_, second) = pages(server, count=2)[:2]
    before = second.resource.get("previousCursor")
    if before is None:
        raise Inapplicable("the server gives no previousCursor, which is OPTIONAL")
    letters, answer = known.find(cursor=before, count=2)
    expect_equal(letters, first, answer, "who is on the previous page")


@check("9865", "2", MUST, "cursor", "filter")
def pages_by_cursor_cover_everything_once(server: Server) -> None:
    """A cursor value string that MAY be used in a subsequent request to obtain the next page of
    results."""
    found = pages(server, count=2)
    everybody = "".join(letters for letters, _ in found)
    expect_equal("".join(sorted(everybody)), "abcde", found[-1][1], "who is on all pages")


@check("9865", "2", MUST, "cursor", "filter")
def a_cursor_has_only_unreserved_characters(server: Server) -> None:
    """This value may only contain characters from the unreserved characters set defined in section
    2.3 of [RFC3986]."""
    for _, answer in pages(server, count=2):
        for name in ("nextCursor", "previousCursor"):
            cursor = answer.resource.get(name)
            good = cursor is None or (isinstance(cursor, str) and UNRESERVED.fullmatch(cursor))
            expect(good, answer, f"only unreserved characters in {name}")
    _, first = people(server).find(cursor="", count=2)
    expect("nextCursor" in first.resource, first, "nextCursor")


@check("9865", "2", MUST, "cursor", "filter")
def no_more_than_count_are_on_a_page(server: Server) -> None:
    """When specified, the service provider MUST NOT return more although it MAY return fewer results."""
    for letters, answer in pages(server, count=3):
        expect(0 < len(letters) <= 3, answer, "at most three resources")
    expect(len(pages(server, count=3)) > 1, server.http.journal[-1], "more than one page")


@check("9865", "2", MUST, "cursor", "filter")
def a_count_of_zero_or_less_gives_only_the_total_with_a_cursor(server: Server) -> None:
    """A negative value SHALL be interpreted as "0". A value of "0" indicates that no resource results
    are to be returned except for "totalResults"."""
    for count in (0, -1):
        letters, answer = people(server).find(cursor="", count=count)
        expect_equal(letters, "", answer, "who is found")
        expect_equal(answer.resource.get("totalResults", 5), 5, answer, "totalResults")


@check("9865", "2", SHOULD, "cursor", "filter")
def the_total_is_that_of_all_pages(server: Server) -> None:
    """service providers should return an accurate value for totalResults which is the total number of
    resources for all pages."""
    for _, answer in pages(server, count=2):
        expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("9865", "2.1", SHOULD, "cursor")
def a_forged_cursor_is_refused(server: Server) -> None:
    """Cursor value is invalid. Cursor value SHOULD be empty to request the first page and set to the
    `nextCursor` or `previousCursor` value for subsequent queries."""
    answer = server.get(server.users.endpoint, cursor=f"forged{server.mark}", count=2)
    expect_error(answer, 400, "invalidCursor")


@check("9865", "2.1", SHOULD, "cursor")
def a_count_beyond_the_maximum_is_refused_or_cut(server: Server) -> None:
    """Count value is invalid. Count value must be between 0 and service provider's maxPageSize and
    must value identical count of the initial query."""
    limit = server.limit("pagination", "maxPageSize") or server.limit("filter", "maxResults")
    if limit is None:
        raise Inapplicable("no maximum page size is announced")
    answer = server.get(server.users.endpoint, cursor="", count=limit + 1)
    expect_status(answer, 200, 400)
    if answer.status == 400:
        expect_equal(answer.resource.get("scimType"), "invalidCount", answer, "scimType")
    else:
        expect(len(answer.resources) <= limit, answer, f"at most {limit} resources")


@check("9865", "2.2", SHOULD, "cursor", "sort", "filter")
def pages_by_cursor_are_sorted(server: Server) -> None:
    """If sorting is implemented as described Section 3.4.2.3 of [RFC7644], then cursor-paged results
    should be sorted."""
    found = pages(server, count=2, sortBy="userName", sortOrder="descending")
    expect_equal("".join(letters for letters, _ in found), "edcba", found[-1][1], "the order")


@check("9865", "2.4", MUST, "cursor", "filter")
def without_cursor_the_announced_method_is_used(server: Server) -> None:
    """Additionally, service providers supporting both pagination methods MUST choose a default
    pagination method to use when responding to requests that have not specified a pagination query
    parameter."""
    described = server.config.get("pagination")
    method = described.get("defaultPaginationMethod") if isinstance(described, dict) else None
    _, answer = people(server).find(count=2)
    expect("nextCursor" not in answer.resource or method == "cursor", answer, f"no cursor: the default is {method}")
    _, indexed = people(server).find(count=2, startIndex=2)
    expect_equal(indexed.resource.get("startIndex"), 2, indexed, "startIndex")


@check("9865", "3", MUST, "cursor", "filter")
def a_search_takes_a_cursor(server: Server) -> None:
    """When posting to `/.search`, the client would pass the parameters defined in [](#section2) in the
    body of the POST request."""
    known = people(server)
    first = server.search(server.users.endpoint, filter=known.mine, cursor="", count=3)
    expect_status(first, 200)
    following = first.resource.get("nextCursor")
    expect(isinstance(following, str), first, "nextCursor")
    second = server.search(server.users.endpoint, filter=known.mine, cursor=following, count=3)
    both = known.letters(first) + known.letters(second)
    expect_equal("".join(sorted(both)), "abcde", second, "who is on both pages")


@check("9865", "5.2", SHOULD, "cursor", "filter")
def an_altered_cursor_is_noticed(server: Server) -> None:
    """Service providers should be able to easily detect forged cursor values and immediately return an
    `invalidCursor`"""
    known = people(server)
    _, first = known.find(cursor="", count=2)
    cursor = str(first.resource.get("nextCursor"))
    middle = len(cursor) // 2
    altered = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
    answer = known.query(cursor=altered, count=2)
    expect_error(answer, 400, "invalidCursor")
