"""Lists, pages and ``/.search`` (RFC 7644 §3.4.2, §3.4.2.1, §3.4.2.4, §3.4.3)."""

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.http import Answer
from mdscripts.conformance.people import People, people
from mdscripts.conformance.server import Server
from mdscripts.conformance.shape import Inapplicable

UNSUPPORTED = (404, 405, 501)


def root_search(server: Server, **parameters: object) -> Answer:
    """A search at the server root. Raises Inapplicable if the server has none."""
    answer = server.search("", **parameters)
    if answer.status in UNSUPPORTED:
        raise Inapplicable(f"the server has no search at its root: {answer.status}")
    expect_status(answer, 200)
    return answer


def crowd(server: Server) -> tuple[People, str]:
    """The five people, and the name of a text that a group shares with them, if any."""
    known = people(server)
    name = "displayName"
    server.users.attribute(name)
    server.groups.attribute(name)
    return known, name


@check("7644", "3.4.2", MUST)
def a_list_is_a_list_response(server: Server) -> None:
    """Responses MUST be identified using the following URI:
    "urn:ietf:params:scim:api:messages:2.0:ListResponse"."""
    for kind in server.types.values():
        answer = server.get(kind.endpoint, count=1)
        expect_status(answer, 200)
        expect_equal(answer.resource.get("schemas"), [urns.LIST_RESPONSE], answer, "schemas")


@check("7644", "3.4.2", MUST)
def total_results_is_a_number(server: Server) -> None:
    """The total number of results returned by the list or query operation."""
    server.user()
    for kind in server.types.values():
        answer = server.get(kind.endpoint)
        total = answer.resource.get("totalResults")
        good = isinstance(total, int) and not isinstance(total, bool) and total >= len(answer.resources)
        expect(good, answer, "totalResults to be a number, at least that of the resources")


@check("7644", "3.4.2", MUST, "filter")
def resources_are_listed_whole(server: Server) -> None:
    """A multi-valued list of complex objects containing the requested resources."""
    known = people(server)
    letters, answer = known.find()
    expect_equal("".join(sorted(letters)), "abcde", answer, "who is found")
    for resource in answer.resources:
        alone = server.get(f"{server.users.endpoint}/{resource.get('id')}")
        expect_equal(resource, alone.resource, alone, "the resource in the list")


@check("7644", "3.4.2", MUST, "filter")
def no_match_is_an_empty_list(server: Server) -> None:
    """A query that does not return any matches SHALL return success (HTTP status code 200) with
    "totalResults" set to a value of 0."""
    answer = server.get(server.users.endpoint, filter=f'userName eq "nobody{server.mark}"')
    expect_status(answer, 200)
    expect_equal(answer.resource.get("totalResults"), 0, answer, "totalResults")
    expect_equal(answer.resources, [], answer, "Resources")


@check("7644", "3.4.2", SHOULD)
def unknown_parameters_are_ignored(server: Server) -> None:
    """SCIM service providers MAY support additional query parameters not specified here and SHOULD
    ignore any query parameters they do not recognize instead of rejecting the query for versioning
    compatibility reasons."""
    expect_status(server.get(server.users.endpoint, count=1, conformance="x", aadOptscim062020=""), 200)


@check("7644", "3.4.2.1", MUST, "filter")
def a_search_at_the_root_spans_resource_types(server: Server) -> None:
    """A query against a server root indicates that all resources within the server SHALL be
    included, subject to filtering."""
    word = server.users.fresh()
    _, name = crowd(server)
    wanted = {server.user({name: f"{word}u"}).id, server.group({name: f"{word}g"}).id}
    answer = root_search(server, filter=f'{name} sw "{word}"')
    expect_equal({each.get("id") for each in answer.resources}, wanted, answer, "the ids found")
    expect_equal(answer.resource.get("totalResults"), 2, answer, "totalResults")


@check("7644", "3.4.2.1", MUST, "filter")
def the_root_holds_every_resource_type(server: Server) -> None:
    """A query against a server root indicates that all resources within the server SHALL be
    included, subject to filtering."""
    for kind in server.types.values():
        listed = server.get(kind.endpoint, count=1)
        if not listed.resource.get("totalResults"):
            continue
        answer = root_search(server, filter=f'meta.resourceType eq "{kind.name}"', count=1)
        total = answer.resource.get("totalResults")
        expect(isinstance(total, int) and total > 0, answer, f"resources of type {kind.name}")


@check("7644", "3.4.2.1", MUST, "filter", "Group")
def a_search_at_the_root_can_be_restricted_to_a_type(server: Server) -> None:
    """A filter expression using "meta.resourceType" MAY be used to restrict results to one or more
    specific resource types (to exclude others)."""
    word = server.users.fresh()
    _, name = crowd(server)
    server.user({name: f"{word}u"})
    group = server.group({name: f"{word}g"})
    answer = root_search(server, filter=f'meta.resourceType eq "Group" and {name} sw "{word}"')
    expect_equal([each.get("id") for each in answer.resources], [group.id], answer, "the ids found")


@check("7644", "3.4.2.1", MUST, "filter", "Group")
def an_attribute_that_a_type_lacks_has_no_value(server: Server) -> None:
    """For filtered attributes that are not part of a particular resource type, the service provider
    SHALL treat the attribute as if there is no attribute value."""
    word = server.users.fresh()
    _, name = crowd(server)
    user = server.user({"userName": f"{word}@conformance.example", name: f"{word}u"})
    group = server.group({name: f"{word}g"})
    either = root_search(server, filter=f'userName sw "{word}" or {name} eq "{word}g"')
    expect_equal({each.get("id") for each in either.resources}, {user.id, group.id}, either, "the ids found")
    absent = root_search(server, filter=f'{name} sw "{word}" and not (userName pr)')
    expect_equal([each.get("id") for each in absent.resources], [group.id], absent, "the ids found")


@check("7644", "3.4.2.4", MUST, "filter")
def a_start_index_below_one_is_one(server: Server) -> None:
    """The 1-based index of the first query result. A value less than 1 SHALL be interpreted as 1."""
    known = people(server)
    whole, _ = known.find(startIndex=1)
    for index in (0, -5):
        letters, answer = known.find(startIndex=index)
        expect_equal(letters, whole, answer, "who is found")
        expect_equal(answer.resource.get("startIndex", 1), 1, answer, "startIndex")


@check("7644", "3.4.2.4", MUST, "filter")
def a_negative_count_is_zero(server: Server) -> None:
    """A negative value SHALL be interpreted as "0"."""
    letters, answer = people(server).find(count=-1)
    expect_equal(letters, "", answer, "who is found")
    expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("7644", "3.4.2.4", MUST, "filter")
def a_count_of_zero_gives_only_the_total(server: Server) -> None:
    """A value of "0" indicates that no resource results are to be returned except for
    "totalResults"."""
    letters, answer = people(server).find(count=0)
    expect_equal(letters, "", answer, "who is found")
    expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("7644", "3.4.2.4", MUST, "filter")
def no_more_than_count_are_returned(server: Server) -> None:
    """When specified, the service provider MUST NOT return more results than specified, although it
    MAY return fewer results."""
    letters, answer = people(server).find(count=2)
    expect(0 < len(letters) <= 2, answer, "one or two resources")
    expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("7644", "3.4.2.4", MUST, "filter")
def total_results_counts_all_pages(server: Server) -> None:
    """Non-negative integer. Specifies the total number of results matching the client query, e.g.,
    1000."""
    for index in (1, 3, 6):
        _, answer = people(server).find(startIndex=index, count=2)
        expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("7644", "3.4.2.4", MUST, "filter")
def pages_cover_everything_once(server: Server) -> None:
    """Given the example above, to continue paging, set the startIndex to 11 and re-fetch, i.e.,
    /Users?startIndex=11&count=10."""
    known = people(server)
    parts = [known.find(startIndex=index, count=2) for index in (1, 3, 5)]
    letters = "".join(letters for letters, _ in parts)
    expect_equal("".join(sorted(letters)), "abcde", parts[-1][1], "who is found on all pages")


@check("7644", "3.4.2", MUST, "filter")
def a_page_tells_where_it_starts(server: Server) -> None:
    """The 1-based index of the first result in the current set of list results. REQUIRED when
    partial results are returned due to pagination."""
    _, answer = people(server).find(startIndex=3, count=2)
    expect_equal(answer.resource.get("startIndex"), 3, answer, "startIndex")


@check("7644", "3.4.2", MUST, "filter")
def a_page_tells_how_many_it_holds(server: Server) -> None:
    """The number of resources returned in a list response page. REQUIRED when partial results are
    returned due to pagination."""
    letters, answer = people(server).find(startIndex=5, count=2)
    expect_equal(answer.resource.get("itemsPerPage"), len(letters), answer, "itemsPerPage")
    expect_equal(len(letters), 1, answer, "the number of resources on the last page")


@check("7644", "3.4.2", MUST, "filter")
def beyond_the_end_is_an_empty_page(server: Server) -> None:
    """A query that does not return any matches SHALL return success (HTTP status code 200)"""
    letters, answer = people(server).find(startIndex=1000)
    expect_equal(letters, "", answer, "who is found")
    expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("7644", "3.12", SHOULD)
def a_count_that_is_no_number_is_refused(server: Server) -> None:
    """A required value was missing, or the value specified was not compatible with the operation or
    attribute type"""
    for name in ("count", "startIndex"):
        expect_error(server.get(server.users.endpoint, None, **{name: "many"}), 400, "invalidValue", "invalidSyntax")


@check("7643", "5", MUST)
def no_page_is_longer_than_announced(server: Server) -> None:
    """An integer value specifying the maximum number of resources returned in a response."""
    limit = server.limit("filter", "maxResults") or 1
    answer = server.get(server.users.endpoint, count=limit + 1)
    expect_status(answer, 200)
    expect(len(answer.resources) <= limit, answer, f"at most {limit} resources")


@check("7644", "3.4.3", MUST, "filter")
def a_search_is_a_query_in_a_body(server: Server) -> None:
    """The inclusion of "/.search" on the end of a valid SCIM endpoint SHALL be used to indicate
    that the HTTP POST verb is intended to be a query operation."""
    known = people(server)
    answer = server.search(server.users.endpoint, filter=f'{known.mine} and {known.other} eq "{known.value("north")}"')
    expect_status(answer, 200)
    expect_equal(answer.resource.get("schemas"), [urns.LIST_RESPONSE], answer, "schemas")
    expect_equal("".join(sorted(known.letters(answer))), "ad", answer, "who is found")


@check("7644", "3.4.3", MUST, "filter")
def a_search_takes_attribute_lists(server: Server) -> None:
    """A multi-valued list of strings indicating the names of resource attributes to return in the
    response, overriding the set of attributes that would be returned by default."""
    known = people(server)
    only = server.search(server.users.endpoint, filter=known.mine, attributes=["userName"])
    for resource in only.resources:
        expect(set(resource) <= {"schemas", "id", "userName"}, only, "only userName")
        expect("userName" in resource, only, "userName")
    without = server.search(server.users.endpoint, filter=known.mine, excludedAttributes=["userName", "meta"])
    for resource in without.resources:
        expect(not {"userName", "meta"} & set(resource), without, "neither userName nor meta")
    expect_equal(len(only.resources) + len(without.resources), 10, without, "the number of users found twice")


@check("7644", "3.4.3", MUST, "filter")
def a_search_takes_pages(server: Server) -> None:
    """An integer indicating the desired maximum number of query results per page."""
    known = people(server)
    answer = server.search(server.users.endpoint, filter=known.mine, startIndex=4, count=3)
    expect_status(answer, 200)
    expect_equal(len(answer.resources), 2, answer, "the number of resources on the last page")
    expect_equal(answer.resource.get("totalResults"), 5, answer, "totalResults")


@check("7644", "3.4.3", MUST, "sort", "filter")
def a_search_can_be_sorted(server: Server) -> None:
    """A string indicating the attribute whose value SHALL be used to order the returned responses."""
    known = people(server)
    answer = server.search(server.users.endpoint, filter=known.mine, sortBy="userName", sortOrder="descending")
    expect_equal(known.letters(answer), "edcba", answer, "the order")


@check("7644", "3.4.3", MUST, "filter")
def a_malformed_search_is_refused(server: Server) -> None:
    """The filter string MUST be a valid filter (Section 3.4.2.2) expression."""
    expect_error(server.search(server.users.endpoint, filter="userName zz"), 400, "invalidFilter")
    broken = server.post(f"{server.users.endpoint}/.search", b'{"schemas": ')
    expect_error(broken, 400, "invalidSyntax")
