"""``/Bulk`` (RFC 7644 §3.7)."""

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.patching import operation
from mdscripts.conformance.checks.representation import meta_of
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import UNKNOWN_ID, Server
from mdscripts.conformance.shape import Inapplicable, Shape

STALE = 'W/"stale"'
LARGEST_TRIED = 16 * 1024 * 1024


def creation(shape: Shape, bulk_id: str, **values: object) -> Json:
    """An operation that creates a resource."""
    return {"method": "POST", "path": shape.endpoint, "bulkId": bulk_id, "data": shape.body(values)}


def failure(server: Server) -> Json:
    """An operation that must fail: nobody has that id."""
    return {"method": "DELETE", "path": f"{server.users.endpoint}/{UNKNOWN_ID}"}


def results(answer: Answer, count: int) -> list[Json]:
    """What became of each operation. Raises Violation unless there are *count* results."""
    expect_status(answer, 200)
    listed = answer.resource.get("Operations")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise answer.violation("expected Operations to be a list of objects")
    expect_equal(len(listed), count, answer, "the number of results")
    return listed


def status_of(result: Json) -> str:
    """The HTTP status of an operation, in whichever form."""
    status = result.get("status")
    return str(status.get("code") if isinstance(status, dict) else status)


def created_id(result: Json, answer: Answer) -> str:
    """The id of what an operation created. Raises Violation if it was refused."""
    expect_equal(status_of(result), "201", answer, "the status of an operation")
    return str(result.get("location")).rpartition("/")[2]


@check("7644", "3.7", MUST, "bulk")
def a_bulk_request_is_answered_with_200(server: Server) -> None:
    """If a bulk job is processed successfully, HTTP response code 200 OK MUST be returned; otherwise,
    an appropriate HTTP error code MUST be returned."""
    expect_status(server.bulk(creation(server.users, "a")), 200)


@check("7644", "3.7", MUST, "bulk")
def a_bulk_answer_names_its_message(server: Server) -> None:
    """Bulk responses are identified using the following URI:
    "urn:ietf:params:scim:api:messages:2.0:BulkResponse"."""
    answer = server.bulk(creation(server.users, "a"))
    expect_equal(answer.resource.get("schemas"), [urns.BULK_RESPONSE], answer, "schemas")


@check("7644", "3.7.3", MUST, "bulk")
def every_operation_has_its_result(server: Server) -> None:
    """The service provider response MUST include the result of all processed operations."""
    answer = server.bulk(creation(server.users, "a"), failure(server), creation(server.users, "b"))
    listed = results(answer, 3)
    expect_equal([each.get("method") for each in listed], ["POST", "DELETE", "POST"], answer, "the methods")


@check("7644", "3.7", MUST, "bulk")
def the_bulk_id_comes_back(server: Server) -> None:
    """The service provider MUST return the same "bulkId" together with the newly created resource."""
    answer = server.bulk(creation(server.users, "qwerty"), creation(server.users, "ytrewq"))
    expect_equal([each.get("bulkId") for each in results(answer, 2)], ["qwerty", "ytrewq"], answer, "bulkId")


@check("7644", "3.7.3", MUST, "bulk")
def the_location_of_each_operation_is_returned(server: Server) -> None:
    """A "location" attribute that includes the resource's endpoint MUST be returned for all
    operations except for failed POST operations (which have no location)."""
    made = server.user()
    gone = server.user()
    text = server.users.text()
    answer = server.bulk(
        creation(server.users, "a"),
        {"method": "PUT", "path": made.path, "data": server.users.body({"userName": made.body.get("userName")})},
        {"method": "DELETE", "path": gone.path},
        {"method": "PUT", "path": f"{server.users.endpoint}/{UNKNOWN_ID}", "data": server.users.body({text: "x"})},
    )
    for result in results(answer, 4):
        expect(server.users.endpoint in str(result.get("location")), answer, f"a location for {result.get('method')}")


@check("7644", "3.7.3", MUST, "bulk")
def each_status_is_a_text(server: Server) -> None:
    """ "status": "201\""""
    answer = server.bulk(creation(server.users, "a"), failure(server))
    expect_equal([each.get("status") for each in results(answer, 2)], ["201", "404"], answer, "the statuses")


@check("7644", "3.7", MUST, "bulk")
def a_failed_operation_carries_its_error(server: Server) -> None:
    """When indicating a response with an HTTP status other than a 200-series response, the response
    body MUST be included."""
    taken = server.user().body.get("userName")
    answer = server.bulk(creation(server.users, "a", userName=taken), failure(server))
    for result, status in zip(results(answer, 2), ("409", "404"), strict=True):
        expect_equal(status_of(result), status, answer, "the status of the operation")
        response = result.get("response")
        good = isinstance(response, dict) and response.get("schemas") == [urns.ERROR]
        expect(good, answer, "an Error message in response")


@check("7644", "3.7", MUST, "bulk")
def a_failure_does_not_stop_the_rest(server: Server) -> None:
    """The service provider MUST continue performing as many changes as possible and disregard partial
    failures."""
    answer = server.bulk(failure(server), failure(server), creation(server.users, "a"))
    expect_equal([status_of(each) for each in results(answer, 3)], ["404", "404", "201"], answer, "the statuses")


@check("7644", "3.7", MUST, "bulk")
def fail_on_errors_stops_the_rest(server: Server) -> None:
    """The "failOnErrors" attribute defines the number of errors that the service provider should
    accept before failing the remaining operations returning the response."""
    name = f"{server.users.fresh()}@conformance.example"
    last = creation(server.users, "a", userName=name)
    answer = server.bulk(failure(server), failure(server), last, failOnErrors=1)
    expect_status(answer, 200)
    listed = answer.resource.get("Operations")
    codes = [status_of(each) for each in listed] if isinstance(listed, list) else []
    expect(codes[:1] == ["404"] and "201" not in codes, answer, "nothing to be done after the first error")
    if server.supports("filter"):
        found = server.listed(server.users.endpoint, filter=f'userName eq "{name}"')
        expect_equal(len(found), 0, server.http.journal[-1], "the number of users created")


@check("7644", "3.7", MUST, "bulk")
def changes_and_deletions_work_in_bulk(server: Server) -> None:
    """The body of a bulk operation contains a set of HTTP resource operations using one of the HTTP
    methods supported by the API, i.e., POST, PUT, PATCH, or DELETE."""
    text = server.users.text()
    put, patched, gone = server.user(), server.user(), server.user()
    change = {"schemas": [urns.PATCH_OP], "Operations": [operation("replace", text, "patched")]}
    body = server.users.body({"userName": put.body.get("userName"), text: "put"})
    with_patch = server.supports("patch")
    answer = server.bulk(
        {"method": "PUT", "path": put.path, "data": body},
        *([{"method": "PATCH", "path": patched.path, "data": change}] if with_patch else []),
        {"method": "DELETE", "path": gone.path},
    )
    codes = [status_of(each) for each in results(answer, 3 if with_patch else 2)]
    expect(codes[0] == "200" and codes[-1] == "204", answer, "200 for PUT and 204 for DELETE")
    expect_equal(server.read(put).get(text), "put", server.http.journal[-1], text)
    expect_error(server.get(gone.path), 404)
    if with_patch:
        expect(codes[1] in ("200", "204"), answer, "200 or 204 for PATCH")
        expect_equal(server.read(patched).get(text), "patched", server.http.journal[-1], text)


@check("7644", "3.7.2", MUST, "bulk", "Group")
def a_reference_to_a_new_resource_becomes_its_id(server: Server) -> None:
    """The service provider MUST replace the string "bulkId:qwerty" with the permanent resource id once
    created."""
    group = creation(server.groups, "ytrewq", members=[{"value": "bulkId:qwerty", "type": "User"}])
    answer = server.bulk(creation(server.users, "qwerty"), group)
    expect_members(server, answer, user=0, group=1)


@check("7644", "3.7", MUST, "bulk", "Group")
def a_reference_may_come_before_its_resource(server: Server) -> None:
    """When doing so, the service provider MUST ensure that the client's intent is preserved and the
    same stateful result is achieved as for non-optimized processing."""
    group = creation(server.groups, "ytrewq", members=[{"value": "bulkId:qwerty", "type": "User"}])
    answer = server.bulk(group, creation(server.users, "qwerty"))
    expect_members(server, answer, user=1, group=0)


def expect_members(server: Server, answer: Answer, *, user: int, group: int) -> None:
    """Raise Violation unless the user is the member of the group that the bulk request created."""
    listed = results(answer, 2)
    wanted, made = created_id(listed[user], answer), created_id(listed[group], answer)
    read = server.get(f"{server.groups.endpoint}/{made}")
    members = read.resource.get("members")
    ids = [each.get("value") for each in members] if isinstance(members, list) else []
    expect_equal(ids, [wanted], read, "members.value")


@check("7644", "3.7.1", MUST, "bulk")
def a_circle_of_references_is_resolved_or_a_conflict(server: Server) -> None:
    """The service provider MUST try to resolve circular cross-references between resources in a
    single bulk job but MAY stop after a failed attempt and instead return HTTP status code 409
    (Conflict)."""
    manager = server.users.enterprise("manager")
    pair = [
        creation(server.users, own, **{urns.ENTERPRISE: {manager: {"value": f"bulkId:{other}"}}})
        for own, other in (("a", "b"), ("b", "a"))
    ]
    answer = server.bulk(*pair)
    listed = results(answer, 2)
    if "409" in [status_of(each) for each in listed]:
        return
    ids = [created_id(each, answer) for each in listed]
    for own, other in (ids, ids[::-1]):
        read = server.get(f"{server.users.endpoint}/{own}")
        extension = read.resource.get(urns.ENTERPRISE)
        stored = extension.get(manager) if isinstance(extension, dict) else None
        expect(isinstance(stored, dict) and stored.get("value") == other, read, f"the manager {other}")


@check("7644", "3.7.2", MUST, "bulk")
def references_in_extensions_are_replaced(server: Server) -> None:
    """Extensions that include references to other resources MUST be handled in the same way by the
    service provider."""
    manager = server.users.enterprise("manager")
    report = creation(server.users, "ytrewq", **{urns.ENTERPRISE: {manager: {"value": "bulkId:qwerty"}}})
    answer = server.bulk(creation(server.users, "qwerty"), report)
    first, second = (created_id(each, answer) for each in results(answer, 2))
    read = server.get(f"{server.users.endpoint}/{second}")
    extension = read.resource.get(urns.ENTERPRISE)
    stored = extension.get(manager) if isinstance(extension, dict) else None
    expect(isinstance(stored, dict) and stored.get("value") == first, read, f"the manager {first}")


@check("7644", "3.7", MUST, "bulk", "etag")
def a_stale_version_fails_its_operation(server: Server) -> None:
    """Version MAY be used if the service provider supports entity-tags (ETags) (Section 2.3 of
    [RFC7232]) and "method" is "PUT", "PATCH", or "DELETE"."""
    made = server.user()
    body = server.users.body({"userName": made.body.get("userName")})
    answer = server.bulk(
        {"method": "PUT", "path": made.path, "version": STALE, "data": body},
        {"method": "DELETE", "path": made.path, "version": STALE},
    )
    expect_equal([status_of(each) for each in results(answer, 2)], ["412", "412"], answer, "the statuses")
    version = meta_of(server.read(made), server.http.journal[-1]).get("version")
    current = server.bulk({"method": "DELETE", "path": made.path, "version": version})
    expect_equal([status_of(each) for each in results(current, 1)], ["204"], current, "the status")


@check("7644", "3.7", MUST, "bulk", "etag")
def the_version_of_each_resource_is_returned(server: Server) -> None:
    """The current resource version."""
    answer = server.bulk(creation(server.users, "a"))
    result = results(answer, 1)[0]
    read = server.get(f"{server.users.endpoint}/{created_id(result, answer)}")
    expect_equal(result.get("version"), meta_of(read.resource, read).get("version"), answer, "version")


@check("7644", "3.7.4", MUST, "bulk")
def too_many_operations_are_413(server: Server) -> None:
    """If either limit is exceeded, the service provider MUST return HTTP response code 413 (Payload
    Too Large). The returned response MUST specify the limit exceeded in the body of the error
    response."""
    limit = server.limit("bulk", "maxOperations")
    if limit is None:
        raise Inapplicable("bulk.maxOperations is not given")
    answer = server.bulk(*([failure(server)] * (limit + 1)))
    expect_error(answer, 413)
    expect(str(limit) in answer.content.decode(), answer, f"the limit {limit} in the body")


@check("7644", "3.7.4", MUST, "bulk")
def too_large_a_request_is_413(server: Server) -> None:
    """If either limit is exceeded, the service provider MUST return HTTP response code 413 (Payload
    Too Large). The returned response MUST specify the limit exceeded in the body of the error
    response."""
    limit = server.limit("bulk", "maxPayloadSize")
    if limit is None or limit > LARGEST_TRIED:
        raise Inapplicable(f"bulk.maxPayloadSize is not given, or more than {LARGEST_TRIED} bytes")
    big = creation(server.users, "a", **{server.users.text(): "x" * limit})
    answer = server.bulk(big)
    expect_error(answer, 413)
    expect(str(limit) in answer.content.decode(), answer, f"the limit {limit} in the body")


@check("7644", "3.7", SHOULD, "bulk")
def an_impossible_operation_fails_alone(server: Server) -> None:
    """If "method" is "POST", the value must specify a resource type endpoint, e.g., /Users or /Groups,
    whereas all other "method" values must specify the path to a specific resource"""
    nowhere = {"method": "POST", "path": f"/{server.mark}", "bulkId": "n", "data": {}}
    answer = server.bulk(nowhere, creation(server.users, "a"))
    codes = [status_of(each) for each in results(answer, 2)]
    expect(codes[0].startswith("4") and codes[1] == "201", answer, "a refusal and a creation")
