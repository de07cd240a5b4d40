"""The HTTP edge of the SCIM service: one media type, one error shape, deliberate answers to everything."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mdscripts.app.ports import AuditFact
from mdscripts.storage import open_storage
from tests.support.names import fresh_word
from tests.support.scim_client import ScimClient
from tests.support.scim_server import ScimServer

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SEARCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
UNKNOWN_ID = "00919288221112222"


@pytest.fixture
def scim(scim_server: ScimServer) -> Iterator[ScimClient]:
    with ScimClient(scim_server.base_url, scim_server.token_generic) as client:
        yield client


def new_user(scim: ScimClient, **more: Any) -> dict[str, Any]:
    return scim.created({"userName": f"{fresh_word()}@edge.example", **more})


def audit_of(server: ScimServer) -> list[AuditFact]:
    """What the server's database has recorded for the organization."""

    async def read() -> list[AuditFact]:
        storage = await open_storage(server.database_url)
        try:
            organization = await storage.find_organization_by_slug(server.organization)
            assert organization is not None
            store, facts, after = storage.for_organization(organization.id), list[AuditFact](), ""
            while rows := await store.list_audit(after=after, limit=1_000):
                facts += [row.fact for row in rows]
                after = rows[-1].sequence
            return facts
        finally:
            await storage.close()

    return asyncio.run(read())


def is_error(response: httpx.Response, status: int, scim_type: str | None = None) -> str:
    """The detail of a well-formed SCIM Error answer."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/scim+json"
    assert response.headers["x-request-id"]
    body = response.json()
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(status)
    assert body.get("scimType") == scim_type
    detail: str = body["detail"]
    assert isinstance(detail, str)
    assert len(detail) > 10
    return detail


@pytest.mark.parametrize(
    ("method", "path", "status", "scim_type"),
    [
        ("GET", "/nowhere", 404, None),
        ("GET", "/", 404, None),
        ("GET", f"/Users/{UNKNOWN_ID}", 404, None),
        ("GET", f"/Groups/{UNKNOWN_ID}", 404, None),
        ("GET", "/Schemas/urn:none", 404, None),
        ("GET", "/ResourceTypes/none", 404, None),
        ("GET", "/Roles/Owner", 404, None),
        ("DELETE", "/Users", 405, None),
        ("POST", "/ServiceProviderConfig", 405, None),
        ("PUT", "/Schemas", 405, None),
        ("DELETE", "/ResourceTypes/User", 405, None),
        ("POST", "/Roles", 405, None),
        ("GET", "/Bulk", 405, None),
        ("GET", "/Schemas?filter=name%20pr", 403, None),
        ("GET", "/ResourceTypes?filter=name%20pr", 403, None),
        ("GET", "/Me", 501, None),
        ("GET", "/Users?filter=userName%20zz%20%22x%22", 400, "invalidFilter"),
        ("GET", "/Users?count=many", 400, "invalidValue"),
        ("GET", "/Users?sortBy=nothing", 400, "invalidValue"),
        ("GET", "/Users?cursor=forged", 400, "invalidCursor"),
        ("GET", "/Users?cursor&count=100000", 400, "invalidCount"),
        ("GET", "/Users?filter=" + "a" * 20_000, 414, None),
    ],
)
def test_every_refusal_is_a_scim_error(
    scim: ScimClient, method: str, path: str, status: int, scim_type: str | None
) -> None:
    is_error(scim.request(method, path), status, scim_type)


@pytest.mark.parametrize(
    ("content", "headers", "status", "scim_type"),
    [
        (b"{nonsense", {}, 400, "invalidSyntax"),
        (b"[1]", {}, 400, "invalidSyntax"),
        (b"", {}, 400, "invalidSyntax"),
        (b'{"userName": "\xff"}', {}, 400, "invalidSyntax"),
        (b"[" * 5_000, {}, 400, "invalidSyntax"),
        (b"{}", {"Content-Type": "text/plain"}, 415, None),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, None),
        (b"{}", {"Content-Encoding": "gzip"}, 415, None),
        (b" " * 1_048_577, {}, 413, None),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    scim_server: ScimServer, content: bytes, headers: dict[str, str], status: int, scim_type: str | None
) -> None:
    sent = {
        "Authorization": f"Bearer {scim_server.token}",
        "Content-Type": "application/scim+json",
        **headers,
    }
    is_error(httpx.post(f"{scim_server.base_url}/Users", content=content, headers=sent), status, scim_type)


@pytest.mark.parametrize(
    "content_type", ["application/scim+json; charset=utf-8", "application/json", "Application/JSON"]
)
def test_both_media_types_are_understood_and_the_answer_is_always_scim(scim: ScimClient, content_type: str) -> None:
    body = {"userName": f"{fresh_word()}@edge.example"}
    response = scim.request("POST", "/Users", body, {"Content-Type": content_type})
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/scim+json"
    assert response.headers["location"] == response.json()["meta"]["location"]
    assert response.headers["etag"] == response.json()["meta"]["version"]


def test_a_wrong_method_names_the_right_ones(scim: ScimClient) -> None:
    assert scim.request("DELETE", "/Users").headers["allow"] == "GET, POST, HEAD, OPTIONS"
    options = scim.request("OPTIONS", "/Users/x")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS")


def test_head_answers_like_get_without_a_body(scim: ScimClient) -> None:
    user = new_user(scim)
    head = scim.request("HEAD", f"/Users/{user['id']}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == scim.request("GET", f"/Users/{user['id']}").headers["content-length"]


def test_another_protocol_version_is_refused_as_such(scim_server: ScimServer) -> None:
    headers = {"Authorization": f"Bearer {scim_server.token}"}
    response = httpx.get(f"{scim_server.public_url}/scim/v1/Users", headers=headers)
    is_error(response, 400, "invalidVers")


def test_conditional_requests(scim: ScimClient) -> None:
    user = new_user(scim)
    path, version = f"/Users/{user['id']}", user["meta"]["version"]
    not_modified = scim.request("GET", path, headers={"If-None-Match": version})
    assert (not_modified.status_code, not_modified.content) == (304, b"")
    assert scim.request("GET", path, headers={"If-None-Match": 'W/"99"'}).status_code == 200
    changed = scim.request("PUT", path, {"userName": user["userName"], "title": "x"}, {"If-Match": version})
    assert changed.status_code == 200
    is_error(scim.request("PUT", path, {"userName": user["userName"]}, {"If-Match": version}), 412)
    is_error(scim.request("DELETE", path, headers={"If-Match": version}), 412)
    assert scim.request("DELETE", path, headers={"If-Match": "*"}).status_code == 204
    is_error(scim.request("GET", path), 404)


def test_projection_applies_to_reads_and_writes(scim: ScimClient) -> None:
    body = {
        "userName": f"{fresh_word()}@edge.example",
        "title": "x",
        "name": {"givenName": "A", "familyName": "B"},
    }
    made = scim.request("POST", "/Users?attributes=name.givenName", body).json()
    assert set(made) == {"schemas", "id", "name"}
    assert made["name"] == {"givenName": "A"}
    shown = scim.request("GET", f"/Users/{made['id']}?excludedAttributes=name.givenName,emails").json()
    assert shown["name"] == {"familyName": "B"}
    assert "emails" not in shown
    patched = scim.request(
        "PATCH",
        f"/Users/{made['id']}?attributes=title",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "y"}],
        },
    )
    assert (set(patched.json()), patched.json()["title"]) == ({"schemas", "id", "title"}, "y")


def test_a_client_that_prefers_no_body_gets_none(scim: ScimClient) -> None:
    user = new_user(scim)
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "title", "value": "y"}],
    }
    response = scim.request("PATCH", f"/Users/{user['id']}", body, {"Prefer": "return=minimal"})
    assert (response.status_code, response.content, response.headers["etag"]) == (204, b"", 'W/"2"')


def test_pages_by_cursor_cover_everybody_once(scim: ScimClient) -> None:
    mark = fresh_word()
    made = [new_user(scim, displayName=f"{mark} {n}")["id"] for n in range(7)]
    query = f"/Users?count=3&filter=displayName%20sw%20%22{mark}%22&cursor"
    page = scim.request("GET", query).json()
    assert (page["totalResults"], page["itemsPerPage"]) == (7, 3)
    assert "startIndex" not in page
    assert "previousCursor" not in page
    seen = [user["id"] for user in page["Resources"]]
    pages = [seen]
    while "nextCursor" in page:
        page = scim.request("GET", f"{query}={page['nextCursor']}").json()
        pages.append([user["id"] for user in page["Resources"]])
    assert [user for ids in pages for user in ids] == made
    back = scim.request("GET", f"{query}={page['previousCursor']}").json()
    assert [user["id"] for user in back["Resources"]] == pages[-2]


def test_a_cursor_is_bound_to_its_query_and_organization(scim: ScimClient, scim_server: ScimServer) -> None:
    for _ in range(3):
        new_user(scim)
    cursor = scim.request("GET", "/Users?cursor&count=1").json()["nextCursor"]
    is_error(scim.request("GET", f"/Users?cursor={cursor}&filter=active%20eq%20true"), 400, "invalidCursor")
    with ScimClient(scim_server.base_url, scim_server.token_b) as other:
        is_error(other.request("GET", f"/Users?cursor={cursor}"), 400, "invalidCursor")


def test_a_root_search_spans_people_and_groups(scim: ScimClient) -> None:
    mark = fresh_word()
    for number in range(3):
        new_user(scim, displayName=f"{mark} person {number}")
    for number in range(2):
        assert scim.request("POST", "/Groups", {"displayName": f"{mark} group {number}"}).status_code == 201
    body = {**SEARCH, "filter": f'displayName sw "{mark}"', "attributes": ["displayName"]}
    found = scim.request("POST", "/.search", body).json()
    assert (found["totalResults"], found["itemsPerPage"]) == (5, 5)
    second = scim.request("POST", "/.search", {**body, "startIndex": 3, "count": 2}).json()
    assert second["Resources"] == found["Resources"][2:4]
    ordered = scim.request("POST", "/.search", {**body, "sortBy": "displayName", "sortOrder": "descending"}).json()
    names = [resource["displayName"] for resource in ordered["Resources"]]
    assert names == sorted(names, reverse=True)
    groups = scim.request(
        "POST", "/.search", {**SEARCH, "filter": f'meta.resourceType eq "Group" and displayName sw "{mark}"'}
    )
    assert groups.json()["totalResults"] == 2
    is_error(scim.request("POST", "/.search", {**SEARCH, "filter": "nothing pr"}), 400, "invalidFilter")


@pytest.mark.parametrize("path", ["/Users", "/", "/v2/Users", "/sign-in"])
def test_a_base_url_without_its_end_is_answered_in_scim(scim_server: ScimServer, path: str) -> None:
    headers = {"Authorization": f"Bearer {scim_server.token}"}
    detail = is_error(httpx.get(scim_server.public_url + path, headers=headers), 404)
    assert "The base URL ends in /scim/v2" in detail


def test_bulk_resolves_references_even_in_a_circle(scim: ScimClient) -> None:
    mark = fresh_word()
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    users = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": own,
            "data": {"userName": f"{own}.{mark}@edge.example", enterprise: {"manager": {"value": f"bulkId:{other}"}}},
        }
        for own, other in (("a", "b"), ("b", "a"))
    ]
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "g",
        "data": {"displayName": mark, "members": [{"value": "bulkId:a"}]},
    }
    answer = scim.request("POST", "/Bulk", {"schemas": [BULK], "Operations": [group, *users]}).json()
    assert [operation["status"] for operation in answer["Operations"]] == ["201", "201", "201"]
    first, second = (operation["location"].rpartition("/")[2] for operation in answer["Operations"][1:])
    assert scim.read(first)[enterprise]["manager"]["value"] == second
    assert scim.read(second)[enterprise]["manager"]["value"] == first
    assert scim.read(first)["groups"][0]["display"] == mark


@pytest.mark.parametrize("size", [3, 1_000])
def test_a_circle_of_any_size_is_closed(scim: ScimClient, size: int) -> None:
    mark, manager = fresh_word(), "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    operations = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": f"u{number}",
            "data": {
                "userName": f"u{number}.{mark}@edge.example",
                manager: {"manager": {"value": f"bulkId:u{(number + 1) % size}"}},
            },
        }
        for number in range(size)
    ]
    answer = scim.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
    results = answer.json()["Operations"]
    assert [result["status"] for result in results] == ["201"] * size
    ids = [result["location"].rpartition("/")[2] for result in results]
    for number in (0, 1, size - 1):
        user = scim.read(ids[number])
        assert user[manager]["manager"]["value"] == ids[(number + 1) % size]
        assert user["meta"]["version"] == results[number]["version"]


def test_what_a_circle_lacks_because_an_operation_failed_is_named(scim: ScimClient) -> None:
    mark = fresh_word()
    taken = scim.created({"userName": f"{mark}@edge.example"})
    operations = [
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": mark, "members": []}},
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": "u",
            "data": {"userName": taken["userName"], "title": "bulkId:g"},
        },
    ]
    operations[0]["data"]["members"] = [{"value": "bulkId:u"}]  # type: ignore[index]
    answer = scim.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations}).json()
    first, second = answer["Operations"]
    assert (first["status"], second["status"]) == ("400", "409")
    assert "bulkId u, which names no resource" in first["response"]["detail"]


def test_bulk_reports_each_failure_and_stops_when_asked(scim: ScimClient) -> None:
    bad = {"method": "DELETE", "path": f"/Users/{UNKNOWN_ID}"}
    answer = scim.request("POST", "/Bulk", {"schemas": [BULK], "failOnErrors": 2, "Operations": [bad] * 4}).json()
    assert [operation["status"] for operation in answer["Operations"]] == ["404", "404"]
    assert answer["Operations"][0]["response"]["schemas"] == [ERROR]
    assert answer["Operations"][0]["location"].endswith(UNKNOWN_ID)


def test_bulk_limits_are_the_announced_ones(scim: ScimClient) -> None:
    limits = scim.request("GET", "/ServiceProviderConfig").json()["bulk"]
    many = [{"method": "DELETE", "path": "/Users/x"}] * (limits["maxOperations"] + 1)
    detail = is_error(scim.request("POST", "/Bulk", {"schemas": [BULK], "Operations": many}), 413)
    assert str(limits["maxOperations"]) in detail


def test_what_is_refused_is_recorded_without_values(scim: ScimClient, scim_server: ScimServer) -> None:
    name = f"{fresh_word()}@edge.example"
    ext = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"
    response = scim.create({"userName": name, "password": "hunter2hunter2", ext: {"role": "Boss"}})
    is_error(response, 400, "invalidValue")
    assert "hunter2" not in scim_server.log.read_text()


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Bulk", "/.search", "/Schemas", "/Me", "/nowhere", "/Users/x"])
@pytest.mark.parametrize(
    ("authorization", "words"),
    [
        (None, "no Authorization header"),
        ("Basic dXNlcjpwYXNz", "Basic"),
        ("Bearer Bearer x", "twice"),
        ("Bearer", "no token"),
        ("Bearer undefined", "malformed"),
        ("non-token", "no scheme"),
    ],
)
def test_every_path_asks_for_the_token_and_says_what_is_wrong_with_it(
    scim_server: ScimServer, path: str, authorization: str | None, words: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = httpx.get(scim_server.base_url + path, headers=headers)
    assert words in is_error(response, 401)
    assert response.headers["www-authenticate"].startswith('Bearer realm="')


def test_a_revoked_token_says_so_within_a_second(scim_server: ScimServer) -> None:
    token = json.loads(
        scim_server.mdscripts(
            "token", "create", "--organization", scim_server.organization, "--label", "short", "--json"
        )
    )
    with ScimClient(scim_server.base_url, token["token"]) as scim:
        assert scim.request("GET", "/Users?count=1").status_code == 200
        scim_server.mdscripts("token", "revoke", "--organization", scim_server.organization, token["id"])
        time.sleep(1.1)
        assert "was revoked on" in is_error(scim.request("GET", "/Users?count=1"), 401)
        for _ in range(5):
            is_error(scim.create({"userName": "late@edge.example"}), 401)
    facts = [fact for fact in audit_of(scim_server) if fact.target_id == token["id"] and fact.action == "token.use"]
    assert 1 <= len(facts) <= 2, "one in a minute, and a minute may just have ended"
    assert (facts[0].outcome, facts[0].status, facts[0].target_name) == ("refused", 401, "short")
    assert facts[0].source == "127.0.0.1"


@pytest.mark.parametrize("name", ["a\0b", "\x1b[31m", "\u202e", "é" * 300])
def test_a_refusal_about_text_no_database_keeps_is_still_recorded_and_answered(scim: ScimClient, name: str) -> None:
    is_error(scim.request("PUT", f"/Users/{UNKNOWN_ID}", {"userName": name}), 404)
    is_error(scim.request("DELETE", "/Users/%00%1B"), 404)
    assert scim.request("POST", "/Users", {"userName": name}).status_code == 400
