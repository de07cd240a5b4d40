"""Bulk requests: reading, the order of execution, references and circles (RFC 7644 §3.7)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.scim.bulk import (
    BULK_REQUEST,
    BulkLimits,
    BulkOperation,
    bulk_response,
    operation_result,
    parse_bulk,
    plan,
    resolve,
    resolve_path,
    strip_unresolved,
)
from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN
from mdscripts.scim.errors import InvalidSyntax, InvalidValue, PayloadTooLarge, ScimError


def request(*operations: object, **members: object) -> dict[str, object]:
    return {"schemas": [BULK_REQUEST], "Operations": list(operations), **members}


def post(bulk_id: str, *members: str, path: str = "/Groups") -> dict[str, object]:
    """A group that refers to the bulkIds in ``members``."""
    values = [{"value": f"bulkId:{member}"} for member in members]
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": {"displayName": bulk_id, "members": values}}


def planned(*operations: object) -> list[int]:
    return list(plan(parse_bulk(request(*operations)).operations))


def test_an_operation_is_read_in_any_letter_case() -> None:
    body = {
        "Schemas": [BULK_REQUEST.upper()],
        "FailOnErrors": 2,
        "operations": [
            {"Method": "post", "Path": "Users/", "BulkID": "ann", "Data": {"userName": "ann"}},
            {"method": "DELETE", "path": "/Users/7", "version": 'W/"1"', "data": {"x": "bulkId:ann"}},
        ],
    }
    parsed = parse_bulk(body)
    assert parsed.fail_on_errors == 2
    assert parsed.operations == (
        BulkOperation("POST", "/Users", "ann", None, {"userName": "ann"}),
        BulkOperation("DELETE", "/Users/7", None, 'W/"1"', None, frozenset({"ann"})),
    )
    assert parsed.operations[1].segments == ("Users", "7")


REFUSED: list[tuple[object, type[ScimError], str]] = [
    ([], InvalidSyntax, "The body must be a JSON object, but the request has a list."),
    ({"Operations": []}, InvalidSyntax, f"schemas must contain {BULK_REQUEST}."),
    ({"schemas": [BULK_REQUEST]}, InvalidSyntax, "Operations must be a list, but the request has nothing."),
    (request(5), InvalidSyntax, "An operation must be a JSON object, but the request has a number."),
    (request({"path": "/Users", "Path": "/"}), InvalidSyntax, "An operation has a member more than once."),
    (request(failOnErrors=0), InvalidValue, "failOnErrors must be a whole number of 1 or more."),
    (request(failOnErrors=True), InvalidValue, "failOnErrors must be a whole number of 1 or more."),
    (request(failOnErrors="1"), InvalidValue, "failOnErrors must be a whole number of 1 or more."),
    (request(post("a"), post("a")), InvalidValue, "bulkId a is used by two operations."),
    (
        request(*({} for _ in range(4))),
        PayloadTooLarge,
        "The bulk request has 4 operations; maxOperations is 3.",
    ),
]


@pytest.mark.parametrize(("body", "kind", "detail"), REFUSED, ids=[row[2] for row in REFUSED])
def test_a_request_that_is_none_is_refused_as_a_whole(body: object, kind: type[ScimError], detail: str) -> None:
    with pytest.raises(kind) as caught:
        parse_bulk(body, BulkLimits(max_operations=3))
    assert caught.value.detail == detail


def test_a_client_can_stop_at_the_first_error() -> None:
    assert parse_bulk(request(failOnErrors=1)).fail_on_errors == 1
    assert parse_bulk(request(failOnErrors=None)).fail_on_errors is None


def test_a_request_of_too_many_bytes_is_refused_with_the_limit() -> None:
    assert parse_bulk(request(), BulkLimits(max_payload_size=10), size=10).operations == ()
    with pytest.raises(PayloadTooLarge, match="has 11 bytes; maxPayloadSize is 10"):
        parse_bulk(request(), BulkLimits(max_payload_size=10), size=11)


POST_PATH = "path must be the endpoint of a resource type, such as /Users, when method is POST."
ONE_PATH = "path must name one resource, such as /Users/2819c223."
MALFORMED = [
    ({}, "method must be POST, PUT, PATCH or DELETE."),
    ({"method": "GET", "path": "/Users"}, "method must be POST, PUT, PATCH or DELETE."),
    ({"method": 5, "path": "/Users"}, "method must be POST, PUT, PATCH or DELETE."),
    ({"method": "POST", "bulkId": "a", "data": {}}, POST_PATH),
    ({"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}}, POST_PATH),
    ({"method": "POST", "path": "/bulk", "bulkId": "a", "data": {}}, POST_PATH),
    ({"method": "POST", "path": "/Users", "data": {}}, "bulkId is required when method is POST."),
    ({"method": "POST", "path": "/Users", "bulkId": "", "data": {}}, "bulkId is required when method is POST."),
    ({"method": "PUT", "path": "/Users", "data": {}}, ONE_PATH),
    ({"method": "DELETE", "path": "/"}, ONE_PATH),
    ({"method": "PATCH", "path": "/Users/1"}, "data must be an object, but the request has nothing."),
    ({"method": "PUT", "path": "/Users/1", "data": []}, "data must be an object, but the request has a list."),
]


@pytest.mark.parametrize(("operation", "detail"), MALFORMED)
def test_a_malformed_operation_is_answered_and_the_others_go_on(operation: dict[str, object], detail: str) -> None:
    wrong, right = parse_bulk(request(operation, post("ok"))).operations
    assert isinstance(wrong.refusal, InvalidSyntax)
    assert wrong.refusal.detail == detail
    assert right.refusal is None


def test_bottomless_data_is_refused_without_recursion() -> None:
    value: object = "bulkId:x"
    for _ in range(100_000):
        value = {"a": value}
    (operation,) = parse_bulk(request({"method": "PUT", "path": "/Users/1", "data": value})).operations
    assert operation.refusal is not None
    assert operation.refusal.detail == "data is nested more than 64 levels deep."


REFERENCES = [
    ({"members": [{"value": "bulkId:a"}, {"value": "b"}]}, {"a"}),
    ({ENTERPRISE_USER_URN: {"manager": {"value": "bulkId:a"}}}, {"a"}),
    ({"members": [{"$ref": "https://scim.example/v2/Users/bulkId:a"}]}, {"a"}),
    ({"Operations": [{"op": "remove", "path": 'members[value eq "bulkId:a" or value eq "bulkId:b"]'}]}, {"a", "b"}),
    ({"Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:a b"}]}]}, {"a b"}),
    ({"title": "see bulkId:a", "displayName": "BULKID:a"}, set()),
]


@pytest.mark.parametrize(("data", "bulk_ids"), REFERENCES)
def test_references_are_found_where_ids_stand(data: dict[str, object], bulk_ids: set[str]) -> None:
    (operation,) = parse_bulk(request({"method": "PUT", "path": "/Groups/1", "data": data})).operations
    assert operation.references == bulk_ids
    ids = {bulk_id: f"id-of-{bulk_id}" for bulk_id in ("a", "b", "a b")}
    before = json.dumps(data)
    after = json.dumps(resolve(data, ids))
    for bulk_id in bulk_ids:
        assert f"bulkId:{bulk_id}" not in after
        assert f"id-of-{bulk_id}" in after
    assert (after == before) == (not bulk_ids)
    assert json.dumps(data) == before


def test_an_unknown_reference_stays_for_the_caller_to_refuse() -> None:
    data = {"members": [{"value": "bulkId:nobody", "$ref": "../Users/bulkId:nobody"}]}
    assert resolve(data, {"a": "1"}) == data


def test_the_path_of_an_operation_can_be_a_reference() -> None:
    (operation,) = parse_bulk(request({"method": "DELETE", "path": "/Users/bulkId:ann"})).operations
    assert operation.references == {"ann"}
    assert resolve_path(operation.path, {"ann": "2819c223"}) == "/Users/2819c223"
    assert resolve_path(operation.path, {}) == "/Users/bulkId:ann"


ORDERS = [
    ([post("a"), post("b"), post("c")], [0, 1, 2]),
    ([post("a"), post("b", "a")], [0, 1]),
    ([post("b", "a"), post("a")], [1, 0]),
    ([post("c", "b"), post("b", "a"), post("a")], [2, 1, 0]),
    ([post("x"), post("c", "b", "a"), post("a"), post("b")], [0, 2, 3, 1]),
    ([post("a", "nobody")], [0]),
    ([post("a", "a")], [0]),
    ([post("a", "b"), post("b", "a")], [1, 0]),
    ([post("a", "b"), post("b", "c"), post("c", "a"), post("d", "a")], [2, 1, 0, 3]),
    ([{"method": "DELETE", "path": "/Users/bulkId:a"}, post("a")], [1, 0]),
]


@pytest.mark.parametrize(("operations", "order"), ORDERS)
def test_what_is_referred_to_is_created_first(operations: list[object], order: list[int]) -> None:
    assert planned(*operations) == order


def test_a_chain_of_a_thousand_references_is_put_in_order() -> None:
    chain = [post(str(number), str(number + 1)) for number in range(1000)]
    assert planned(*chain) == list(reversed(range(1000)))


@given(st.lists(st.lists(st.integers(0, 11), max_size=3), max_size=12))
def test_every_operation_runs_once_and_after_what_it_needs_unless_in_a_circle(edges: list[list[int]]) -> None:
    order = planned(*(post(str(index), *map(str, targets)) for index, targets in enumerate(edges)))
    assert sorted(order) == list(range(len(edges)))
    needs = [{target for target in targets if target < len(edges)} for targets in edges]
    reaches = [set(direct) for direct in needs]
    for _ in edges:
        for reached in reaches:
            reached |= {far for near in reached for far in reaches[near]}
    for index, direct in enumerate(needs):
        for target in direct:
            if index not in reaches[target]:
                assert order.index(target) < order.index(index)


def test_a_circle_is_created_open_and_closed_by_a_patch() -> None:
    data = {
        "displayName": "A",
        "manager": {"value": "bulkId:b", "displayName": "B"},
        "members": [{"value": "bulkId:b"}, {"value": "7"}, {"value": "bulkId:c"}],
        "reference": "bulkId:b",
        ENTERPRISE_USER_URN: {"department": "ER", "manager": {"value": "bulkId:b"}},
    }
    kept, completion = strip_unresolved(data, {"b"})
    assert kept == {
        "displayName": "A",
        "members": [{"value": "7"}, {"value": "bulkId:c"}],
        ENTERPRISE_USER_URN: {"department": "ER"},
    }
    assert resolve(completion, {"b": "2819c223"}) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "add", "path": "manager", "value": {"value": "2819c223", "displayName": "B"}},
            {"op": "add", "path": "members", "value": [{"value": "2819c223"}]},
            {"op": "add", "path": "reference", "value": "2819c223"},
            {"op": "add", "path": f"{ENTERPRISE_USER_URN}:manager", "value": {"value": "2819c223"}},
        ],
    }


def test_nothing_is_postponed_when_everything_is_known() -> None:
    data = {"members": [{"value": "bulkId:a"}], ENTERPRISE_USER_URN: {"manager": {"value": "bulkId:a"}}}
    assert strip_unresolved(data, set()) == (data, None)
    only_manager = {ENTERPRISE_USER_URN: {"manager": {"value": "bulkId:a"}}}
    assert strip_unresolved(only_manager, {"a"})[0] == {}


def test_the_answer_has_one_result_for_each_operation() -> None:
    created = operation_result(
        BulkOperation("POST", "/Users", "ann"), 201, location="https://scim.example/Users/1", version='W/"1"'
    )
    failed = operation_result(BulkOperation("PUT", "/Users/2"), 412, response=b'{"status":"412"}')
    assert json.loads(bulk_response([created, failed])) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": [
            {
                "method": "POST",
                "bulkId": "ann",
                "location": "https://scim.example/Users/1",
                "version": 'W/"1"',
                "status": "201",
            },
            {"method": "PUT", "status": "412", "response": {"status": "412"}},
        ],
    }
