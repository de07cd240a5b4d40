"""The table of addresses, walked: who is let in where, and what a change must bring along."""

import re
import secrets
import time

import pytest

from mdscripts.web.pages.routes import ROUTES, Page, Who
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import MANAGER, ON_SQLITE, Clinic

UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"
SAMPLE_PARAMS = {"id": UNKNOWN_ID, "number": "99999", "key_id": "nobodyhasit", "secret": "x", "name": "nothing.css"}
"""A value for each part of a path in braces; of something that does not exist."""

CHANGES = [row for row in ROUTES if row.method != "GET"]
PROTECTED = [row for row in ROUTES if row.who in (Who.SIGNED_IN, Who.MANAGER)]
FOR_MANAGERS = [row for row in ROUTES if row.who is Who.MANAGER]
HIDDEN = [row for row in ROUTES if "{" in row.path]
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


pytestmark = ON_SQLITE


def named(row: Page) -> str:
    return f"{row.method} {row.path}"


def address(row: Page) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: SAMPLE_PARAMS[part[1]], row.path)


def ask(client: PageClient, row: Page) -> tuple[int, str]:
    response = client.get(address(row)) if row.method == "GET" else client.post(address(row))
    return response.status_code, response.headers.get("location", "")


def test_each_address_and_method_has_one_row_and_changes_are_posts(visitor: PageClient) -> None:
    keys = [(row.method, row.path) for row in ROUTES]
    assert len(keys) == len(set(keys))
    assert {row.method for row in ROUTES} <= {"GET", "POST"}


@pytest.mark.parametrize("row", PROTECTED, ids=named)
def test_without_a_session_it_leads_to_the_sign_in(visitor: PageClient, row: Page) -> None:
    status, location = ask(visitor, row)
    if row.method == "GET":
        assert (status, location.partition("?")[0]) == (303, "/sign-in")
    else:
        assert status == 401


@pytest.mark.parametrize("row", PROTECTED, ids=named)
def test_a_made_up_session_is_none(visitor: PageClient, row: Page) -> None:
    visitor.http.cookies.set("session", secrets.token_urlsafe(32))
    status, location = ask(visitor, row)
    assert status in (303, 401)
    assert location.startswith("/sign-in?ended=1") or status == 401


@pytest.mark.parametrize("row", FOR_MANAGERS, ids=named)
def test_an_assistant_is_refused_where_managers_only_may(assistant: PageClient, row: Page) -> None:
    response = assistant.get(address(row)) if row.method == "GET" else assistant.post(address(row))
    assert response.status_code == 403
    assert "Only managers can open this page" in response.text


@pytest.mark.parametrize("row", [row for row in CHANGES if row.who in (Who.SIGNED_IN, Who.MANAGER)], ids=named)
def test_a_change_without_the_token_of_the_session_is_refused(manager: PageClient, row: Page) -> None:
    for token in ("", "0" * 64):
        response = manager.post(address(row), {"csrf": token})
        assert response.status_code == 403, response.text
        assert "Nothing was changed" in response.text


@pytest.mark.parametrize("row", CHANGES, ids=named)
def test_a_change_from_another_site_is_refused(manager: PageClient, row: Page) -> None:
    token = manager.csrf
    for headers in (FOREIGN, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}):
        response = manager.post(address(row), {"csrf": token}, headers=headers)
        assert response.status_code == 403, response.text


@pytest.mark.parametrize("path", sorted({row.path for row in ROUTES}))
def test_a_method_that_is_not_in_the_table_is_refused(manager: PageClient, path: str) -> None:
    rows = {row.method: row for row in ROUTES if row.path == path}
    row = next(iter(rows.values()))
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - set(rows):
        response = manager.http.request(method, address(row), headers={"Origin": manager.base_url})
        assert response.status_code == 405, f"{method} {path}"
        assert response.headers["allow"] == ", ".join(sorted(rows))


@pytest.mark.parametrize("row", HIDDEN, ids=named)
def test_what_does_not_exist_is_not_found(manager: PageClient, row: Page) -> None:
    status, _ = ask(manager, row)
    assert status == 404


@pytest.fixture
def addresses(clinic: Clinic, manager: PageClient) -> dict[str, str]:
    """For each path with parts in braces an address that the manager's own pages lead to."""
    if clinic.base_url not in _addresses:
        with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
            user, leaver = (scim.created(okta_user(siteNumbers=clinic.site)) for _ in range(2))
            scim.set_active(leaver["id"], False)
            group = {"displayName": f"Walkers {user['id']}", "members": [{"value": user["id"]}]}
            group_id = scim.request("POST", "/Groups", group).json()["id"]
            (somebody,) = scim.find(MANAGER)
        mapped = f"/admin/groups/{group_id}"
        assert manager.post(f"{mapped}/mapping", {"role": "Assistant"}).status_code == 303
        people = (f"/admin/people/{person['id']}" for person in (user, leaver, somebody))
        _addresses[clinic.base_url] = crawled(manager, "/admin", mapped, *people)
    return _addresses[clinic.base_url]


_addresses: dict[str, dict[str, str]] = {}


def crawled(client: PageClient, *start: str) -> dict[str, str]:
    """Open a page for each row of the table, following the links of the pages before."""
    found: dict[str, str] = {}
    waiting, seen = [*start], set[str]()
    wait_for_activity(client)
    while waiting:
        for link in re.findall(r'(?:href|action|hx-get)="(/[^"?#]*)', client.get(waiting.pop(0)).text):
            row = next((row for row in ROUTES if re.fullmatch(pattern_of(row), link)), None)
            if row is None or row.who is not Who.MANAGER or link in seen:
                continue
            seen.add(link)
            if row.path not in found:
                found[row.path] = link
                waiting.append(link)
    return found


def wait_for_activity(client: PageClient) -> None:
    """Requests are listed a moment after they were answered."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if re.search(r'href="/admin/activity/[0-9a-f-]{36}', client.get("/admin/activity").text):
            return
        time.sleep(0.2)


def pattern_of(row: Page) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(row.path))


@pytest.mark.parametrize("row", [row for row in FOR_MANAGERS if "{" in row.path], ids=named)
def test_it_hides_other_organizations(
    manager: PageClient, stranger: PageClient, addresses: dict[str, str], row: Page
) -> None:
    real = addresses.get(row.path, address(row))
    if row.method == "GET":
        assert row.path in addresses, "no page leads here"
        assert manager.get(real).status_code == 200, real
        theirs = stranger.get(real)
    else:
        theirs = stranger.post(real)
    assert theirs.status_code == 404
    missing = stranger.get(address(row)) if row.method == "GET" else stranger.post(address(row))
    texts = [answer.text.replace(answer.headers["x-request-id"], "") for answer in (theirs, missing)]
    assert texts[0] == texts[1]
