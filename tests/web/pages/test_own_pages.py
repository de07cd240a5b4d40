"""My profile, Admin Home and error pages: what they show, to whom, and how fast."""

import json
import re
import statistics
import time
from collections.abc import Callable

from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE

HOSTILE = "<b>Bobby</b> \"'&amp; =HYPERLINK(1) \u202eRTL"


def signed_in_as(clinic: Clinic, user_name: str) -> PageClient:
    client = PageClient(clinic.base_url)
    link = clinic.password_link(user_name)
    assert client.post(link, {"new_password": PASSWORD, "repeated_password": PASSWORD}).status_code == 303
    assert client.sign_in(clinic.site, user_name).status_code == 303
    return client


def test_a_provider_sees_credentials_with_the_dea_number_masked(clinic: Clinic) -> None:
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        user = scim.created(
            okta_user(
                isProvider=True, npi="1993999998", deaLicense="BL1234563", siteNumbers="00101,20017", role="Manager"
            )
        )
        scim.patch(user["id"], {"op": "replace", "path": "timezone", "value": "US/Pacific"})
    with signed_in_as(clinic, user["userName"]) as client:
        page = client.text("/profile")
    assert "1993999998" in page
    assert "BL*****63" in page
    assert "BL1234563" not in page
    assert "US/Pacific" in page
    assert "Site 00101" in page
    assert "Site 20017" in page
    assert "Site 00102" not in page
    assert page.count('class="managed"') >= 8


def test_what_was_made_here_is_not_marked_as_managed(assistant: PageClient) -> None:
    page = assistant.text("/profile")
    assert 'class="managed"' not in page
    assert "not a dispensing provider" in page
    assert "Admin</a>" not in page


def test_names_are_text_whatever_they_contain(clinic: Clinic) -> None:
    body = okta_user(siteNumbers=clinic.site)
    body["name"] = {"givenName": "<b>Bobby</b>", "familyName": "\"'&amp;=HYPERLINK(1)"}
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        user = scim.created(body)
    with signed_in_as(clinic, user["userName"]) as client:
        page = client.text("/profile")
    assert "<b>Bobby" not in page
    assert "&lt;b&gt;Bobby&lt;/b&gt;" in page
    assert "&amp;amp;=HYPERLINK(1)" in page


def test_admin_home_has_a_figure_for_each_area(clinic: Clinic, manager: PageClient) -> None:
    listed = json.loads(clinic.server.mdscripts("site", "list", "--organization", clinic.server.organization, "--json"))
    sites = listed["sites"] if isinstance(listed, dict) else listed
    still_open = sum(site["closed_at"] is None for site in sites)
    page = manager.text("/admin")
    tiles = re.findall(r'<li class="tile">.*?href="([^"]+)".*?<p class="figure">([^<]+)</p>', page, re.DOTALL)
    assert [path for path, _ in tiles] == [
        "/admin/people",
        "/admin/sites",
        "/admin/groups",
        "/admin/okta-scim",
        "/admin/activity",
        "/admin/audit",
    ]
    figures = dict(tiles)
    assert int(figures["/admin/people"].replace(",", "")) >= 3
    assert (figures["/admin/sites"], figures["/admin/okta-scim"]) == (str(still_open), "On")


def test_admin_home_counts_a_refusal_of_today(clinic: Clinic, manager: PageClient) -> None:
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        assert scim.create(okta_user(role="Boss")).status_code == 400
    page = manager.text("/admin")
    assert "refused in the last 24 hours" in page
    assert 'href="/admin/activity?result=refused"' in page


def test_an_error_page_has_the_request_id_and_no_more(clinic: Clinic, visitor: PageClient, manager: PageClient) -> None:
    for client in (visitor, manager):
        response = client.get("/nothing/here")
        assert response.status_code == 404
        assert response.headers["x-request-id"] in response.text
        assert "Traceback" not in response.text
    assert manager.get("/admin/nothing").status_code == 404


def test_times_name_their_zone(clinic: Clinic, visitor: PageClient) -> None:
    link = clinic.password_link(clinic.create_user())
    assert re.search(r"[AP]M UTC</time>", visitor.text(link))


def test_pages_are_small_and_quick(manager: PageClient, signed_in: Callable[..., PageClient]) -> None:
    for path in ("/admin", "/profile", "/profile/password"):
        manager.get(path)
        times = []
        for _ in range(9):
            began = time.perf_counter()
            size = len(manager.text(path).encode())
            times.append(time.perf_counter() - began)
        assert size < 20_000
        assert statistics.median(times) < 0.05, path
