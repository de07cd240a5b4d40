"""The last active Manager goes by SCIM: the log of a real server says so, and a new manager reads why."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import DATABASES, server_of_its_own
from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_client import EXTENSION, PATCH_OP, ScimClient, fresh_user_name, okta_user
from tests.support.scim_server import ScimServer

OFF = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": {"active": False}}]}
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
ROUNDS = 5


@pytest.fixture(scope="module", params=DATABASES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A server whose managers nobody else counts on."""
    with server_of_its_own(request, tmp_path_factory) as server:
        server.mdscripts("user", "deactivate", "--organization", server.organization, server.manager)
        yield server


@pytest.fixture
def okta(server: ScimServer) -> Iterator[ScimClient]:
    with ScimClient(server.base_url, server.token) as client:
        yield client


def alarms(server: ScimServer, since: int) -> list[dict[str, Any]]:
    """The alarms that the log has after so many of its bytes."""
    lines = server.log.read_bytes()[since:].decode().splitlines()
    parsed = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in parsed if line["event"] == "last_manager_lost"]


def manager(okta: ScimClient) -> tuple[str, str]:
    """User name and id of a new manager."""
    name = fresh_user_name()
    return name, str(okta.created({**okta_user(name), EXTENSION: {"role": "Manager"}})["id"])


@pytest.mark.parametrize("how", ["PATCH", "PUT", "DELETE", "Bulk"])
def test_every_way_out_is_in_the_log_with_the_request_and_without_names(
    server: ScimServer, okta: ScimClient, how: str
) -> None:
    name, user_id = manager(okta)
    since, path = server.log.stat().st_size, f"/Users/{user_id}"
    if how == "PATCH":
        answer = okta.request("PATCH", path, OFF)
    elif how == "PUT":
        answer = okta.request("PUT", path, {**okta_user(name), EXTENSION: {"role": "Manager"}, "active": False})
    elif how == "DELETE":
        answer = okta.request("DELETE", path)
    else:
        body = {"schemas": [BULK], "Operations": [{"method": "PATCH", "path": path, "data": OFF}]}
        answer = okta.request("POST", "/Bulk", body)
    assert answer.status_code in (200, 204), answer.text
    (line,) = alarms(server, since)
    assert (line["level"], line["organization"], line["users"]) == ("warning", "sample-clinic", [user_id])
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["action"] == ("user.deleted" if how == "DELETE" else "user.deactivated")
    assert name not in json.dumps(line)


def test_two_who_go_at_the_same_moment_cannot_miss_the_alarm(server: ScimServer, okta: ScimClient) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}

    async def both(ids: list[str]) -> list[httpx.Response]:
        async with httpx.AsyncClient(headers=headers, timeout=30) as client:
            calls = (client.patch(f"{server.base_url}/Users/{user_id}", json=OFF) for user_id in ids)
            return await asyncio.gather(*calls)

    for number in range(ROUNDS):
        ids = [manager(okta)[1], manager(okta)[1]]
        since = server.log.stat().st_size
        answers = asyncio.run(both(ids))
        assert [answer.status_code for answer in answers] == [200, 200]
        told = alarms(server, since)
        assert told, f"round {number}"
        requests = {answer.headers["x-request-id"] for answer in answers}
        assert {line["request_id"] for line in told} <= requests


def test_the_manager_who_comes_after_reads_the_rule_in_activity_and_audit(server: ScimServer, okta: ScimClient) -> None:
    name, user_id = manager(okta)
    answer = okta.request("PATCH", f"/Users/{user_id}", OFF)
    organization = ("--organization", server.organization)
    server.mdscripts("user", "reactivate", *organization, server.manager)
    link = server.mdscripts_json("user", "password-link", *organization, server.manager)["link"]
    typed = {"new_password": PASSWORD, "repeated_password": PASSWORD}
    assert httpx.post(link, data=typed, headers={"Origin": server.public_url}).status_code == 303
    try:
        with PageClient(server.public_url) as client:
            assert client.sign_in(server.sites[0], server.manager).status_code == 303
            query = f"person={name}&rule=RO-08"
            deadline = time.monotonic() + 10
            while not (found := client.text(f"/admin/activity/export.jsonl?{query}")) and time.monotonic() < deadline:
                time.sleep(0.1)
            (entry,) = [json.loads(line) for line in found.splitlines()]
            assert entry["rules"] == ["RO-08"]
            facts = [json.loads(line) for line in client.text("/admin/audit/export.jsonl").splitlines()]
            (fact,) = [fact for fact in facts if fact["requestId"] == answer.headers["x-request-id"]]
            assert "RO-08" in fact["rules"]
            shown = client.text(f"/admin/audit/{fact['id']}")
            assert ">RO-08</a>" in shown
            assert "The last active manager is gone" in shown
    finally:
        server.mdscripts("user", "deactivate", *organization, server.manager)
