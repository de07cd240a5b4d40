"""List parameters and list responses (RFC 7644 §3.4.2, §3.4.3, RFC 9865)."""

import json

import pytest

from mdscripts.scim.errors import InvalidCount, InvalidCursor, InvalidSyntax, InvalidValue, ScimError
from mdscripts.scim.messages import (
    SEARCH_REQUEST,
    ListParameters,
    PageLimits,
    Projection,
    list_response,
)

LIMITS = PageLimits(default_count=100, max_count=200)


def query(*pairs: tuple[str, str]) -> ListParameters:
    return ListParameters.from_pairs(pairs, LIMITS)


def search(**members: object) -> ListParameters:
    return ListParameters.from_search({"schemas": [SEARCH_REQUEST], **members}, LIMITS)


PAGES = [
    ({}, (1, 100)),
    ({"startIndex": 1, "count": 2}, (1, 2)),
    ({"startIndex": 101, "count": 100}, (101, 100)),
    ({"startIndex": 0, "count": 0}, (1, 0)),
    ({"startIndex": -7, "count": -1}, (1, 0)),
    ({"count": 200}, (1, 200)),
    ({"count": 201}, (1, 200)),
    ({"count": 10**300}, (1, 200)),
    ({"startIndex": 10**300}, (2**53, 100)),
]


@pytest.mark.parametrize(("asked", "page"), PAGES)
def test_a_page_is_brought_within_the_limits(asked: dict[str, int], page: tuple[int, int]) -> None:
    from_query = query(*((name, str(value)) for name, value in asked.items()))
    from_search = search(**asked)
    assert (from_query.start_index, from_query.count) == page
    assert from_query == from_search


@pytest.mark.parametrize("parameter", ["startIndex", "count"])
@pytest.mark.parametrize("value", ["", "ten", "1.0", "1e3", "0x10", "١", "½", "1 2", "--1", "9" * 500])
def test_a_number_that_is_no_whole_number_is_refused(parameter: str, value: str) -> None:
    for refused in (lambda: query((parameter, value)), lambda: search(**{parameter: value})):
        with pytest.raises(InvalidValue, match=rf"^{parameter} must be a whole number\.$"):
            refused()


@pytest.mark.parametrize("value", [True, 1.5, [], {}])
def test_a_search_takes_numbers_only(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"^count must be a whole number\.$"):
        search(count=value)


def test_the_same_question_can_be_asked_by_get_and_by_post() -> None:
    expected = ListParameters(
        filter='userName eq "a@b.example"',
        sort_by="name.familyName",
        descending=True,
        start_index=3,
        count=7,
        projection=Projection(("userName", "name.givenName")),
    )
    asked = {
        "filter": 'userName eq "a@b.example"',
        "sortBy": "name.familyName",
        "sortOrder": "Descending",
        "startIndex": "3",
        "count": "7",
        "attributes": "userName, name.givenName,",
    }
    assert query(*asked.items()) == expected
    assert query(*((name.upper(), value) for name, value in asked.items())) == expected
    assert search(**asked | {"startIndex": 3, "count": 7, "attributes": ["userName", " name.givenName "]}) == expected
    assert (expected.attributes, expected.excluded) == (("userName", "name.givenName"), ())


def test_as_many_attributes_as_allowed_can_be_named() -> None:
    assert len(query(("attributes", ",".join("a" * 200))).attributes) == 200


def test_unknown_parameters_are_ignored() -> None:
    assert query(("aadOptscim062020", ""), ("_", "1"), ("_", "2")) == query()
    assert search(whatever=1) == query()


def test_null_members_of_a_search_are_absent() -> None:
    names = ("filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes", "cursor")
    assert search(**dict.fromkeys(names)) == query()


def test_an_empty_filter_is_not_taken_for_no_filter() -> None:
    assert query(("filter", "")).filter == search(filter="").filter == ""
    assert query().filter is None


@pytest.mark.parametrize("name", ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "COUNT"])
def test_a_parameter_given_twice_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="is in the request more than once"):
        query((name, "1"), (name.lower(), "1"))


def test_lists_of_attributes_given_twice_add_up() -> None:
    assert query(("attributes", "userName"), ("Attributes", "id,name")).attributes == ("userName", "id", "name")
    assert query(("excludedAttributes", "a"), ("excludedAttributes", "b")).excluded == ("a", "b")


REFUSED: list[tuple[dict[str, object], type[ScimError], str]] = [
    ({"sortOrder": "up"}, InvalidValue, "sortOrder must be ascending or descending."),
    (
        {"attributes": "id", "excludedAttributes": "name"},
        InvalidValue,
        "Use attributes or excludedAttributes, not both.",
    ),
    ({"cursor": "", "startIndex": "1"}, InvalidValue, "Use startIndex or cursor, not both."),
    ({"attributes": ",".join("a" * 201)}, InvalidValue, "attributes has 201 names; the limit is 200."),
    ({"cursor": "x", "count": "201"}, InvalidCount, "count is 201; with a cursor at most 200 is possible."),
    ({"cursor": "", "count": "many"}, InvalidCount, "count must be a whole number."),
]


@pytest.mark.parametrize(("asked", "kind", "detail"), REFUSED)
def test_what_cannot_be_obeyed_is_refused(asked: dict[str, str], kind: type[ScimError], detail: str) -> None:
    for refused in (lambda: query(*asked.items()), lambda: search(**asked)):
        with pytest.raises(kind) as caught:
            refused()
        assert caught.value.detail == detail


NO_SEARCH: list[tuple[object, type[ScimError], str]] = [
    ([], InvalidSyntax, "The body must be a JSON object, but the request has a list."),
    ({}, InvalidSyntax, f"schemas must contain {SEARCH_REQUEST}."),
    ({"schemas": ["urn:x"]}, InvalidSyntax, f"schemas must contain {SEARCH_REQUEST}."),
    ({"schemas": [5]}, InvalidSyntax, f"schemas must contain {SEARCH_REQUEST}."),
    (
        {"schemas": [SEARCH_REQUEST], "Count": 1, "count": 1},
        InvalidSyntax,
        "count is in the request more than once.",
    ),
    ({"schemas": [SEARCH_REQUEST], "filter": 5}, InvalidValue, "filter must be text, but the request has a number."),
    ({"schemas": [SEARCH_REQUEST], "sortBy": {}}, InvalidValue, "sortBy must be text, but the request has an object."),
    ({"schemas": [SEARCH_REQUEST], "attributes": 5}, InvalidValue, "attributes must be a list of attribute names."),
    ({"schemas": [SEARCH_REQUEST], "attributes": [5]}, InvalidValue, "attributes must be a list of attribute names."),
    ({"schemas": [SEARCH_REQUEST], "cursor": 5}, InvalidCursor, "cursor must be text, but the request has a number."),
]


@pytest.mark.parametrize(("body", "kind", "detail"), NO_SEARCH)
def test_a_search_that_is_none_is_refused(body: object, kind: type[ScimError], detail: str) -> None:
    with pytest.raises(kind) as caught:
        ListParameters.from_search(body, LIMITS)
    assert caught.value.detail == detail


def test_a_search_reads_its_members_in_any_letter_case() -> None:
    asked = {"Schemas": SEARCH_REQUEST.upper(), "FILTER": "id pr", "Attributes": "id"}
    assert ListParameters.from_search(asked, LIMITS) == query(("filter", "id pr"), ("attributes", "id"))


def test_the_first_page_by_cursor_is_not_index_paging() -> None:
    assert query().cursor is None
    assert query(("cursor", "")).cursor == search(cursor="").cursor == ""
    assert query(("cursor", ""), ("count", "200")).count == 200
    later = query(("cursor", "VZUTiyhEQJ94IR"), ("count", "-5"))
    assert (later.cursor, later.count) == ("VZUTiyhEQJ94IR", 0)


WANTED = [
    ([], True),
    ([("attributes", "members")], True),
    ([("attributes", "displayName,MEMBERS.value")], True),
    ([("attributes", "urn:ietf:params:scim:schemas:core:2.0:Group:members")], True),
    ([("attributes", "displayName")], False),
    ([("attributes", "membership")], False),
    ([("excludedAttributes", "members")], False),
    ([("excludedAttributes", "urn:ietf:params:scim:schemas:core:2.0:Group:Members")], False),
    ([("excludedAttributes", "members.display")], True),
    ([("excludedAttributes", "displayName")], True),
]


@pytest.mark.parametrize(("pairs", "wanted"), WANTED)
def test_members_are_loaded_only_if_somebody_wants_them(pairs: list[tuple[str, str]], wanted: bool) -> None:
    assert Projection.from_pairs(pairs).wants("members") is wanted
    assert query(*pairs).projection.wants("Members") is wanted


def test_a_projection_is_true_if_it_asks_for_anything() -> None:
    assert not Projection.from_pairs([("attributes", ""), ("filter", "x"), ("excludedAttributes", " , ")])
    assert Projection.from_pairs([("excludedAttributes", "name")])


def test_an_empty_list_is_complete() -> None:
    assert json.loads(list_response(0, 1, [])) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "itemsPerPage": 0,
        "startIndex": 1,
        "Resources": [],
    }


def test_a_list_tells_what_it_has_and_carries_resources_as_they_are() -> None:
    resources = (b'{"id":"%d", "x":"\xc3\xa9"}' % number for number in (101, 102))
    body = list_response(102, 101, resources)
    assert body.endswith(b'"Resources":[{"id":"101", "x":"\xc3\xa9"},{"id":"102", "x":"\xc3\xa9"}]}')
    read = json.loads(body)
    assert (read["totalResults"], read["startIndex"], read["itemsPerPage"]) == (102, 101, 2)
    assert "nextCursor" not in read


def test_a_page_by_cursor_has_cursors_and_no_index() -> None:
    read = json.loads(list_response(9, None, [b"{}"], next_cursor='a"b', previous_cursor="p"))
    assert "startIndex" not in read
    assert (read["nextCursor"], read["previousCursor"], read["totalResults"]) == ('a"b', "p", 9)
