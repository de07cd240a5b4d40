"""Sites as a manager keeps them."""

import html
import re
import secrets
from collections.abc import Callable

import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE


def add(manager: PageClient, name: str = "Harbor") -> str:
    number = f"7{secrets.randbelow(10_000):04}"
    made = manager.post("/admin/sites", {"number": number, "name": name})
    assert made.status_code == 303, made.text
    return number


def test_the_time_zone_of_the_organization_counts_where_nobody_has_another(manager: PageClient) -> None:
    for chosen, shown in (("US/Hawaii", "HST"), ("", "UTC")):
        assert (
            f"is {chosen or 'UTC'} now"
            in manager.follow(manager.post("/admin/sites/time-zone", {"organization_zone": chosen})).text
        )
        assert shown in manager.text("/admin/audit")
        assert (f'<option value="{chosen}" selected' in manager.text("/admin/sites")) is True
    refused = manager.post("/admin/sites/time-zone", {"organization_zone": "Eastern Standard Time"})
    assert refused.status_code == 400
    assert "is a Windows time zone name" in refused.text


def test_whoever_loses_a_site_is_out_of_it_at_once(
    manager: PageClient, clinic: Clinic, signed_in: Callable[..., PageClient]
) -> None:
    number = f"6{secrets.randbelow(10_000):04}"
    clinic.server.mdscripts("site", "create", "--organization", clinic.server.organization, number, "--name", "Pier")
    name = clinic.create_user()
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        (user,) = scim.find(name)
        path = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User:siteNumbers"
        scim.patch(user["id"], {"op": "replace", "path": path, "value": f"{clinic.site},{number}"})
        assistant, elsewhere = signed_in(name, number), signed_in(name)
        assert assistant.get("/profile").status_code == 200
        scim.patch(user["id"], {"op": "replace", "path": path, "value": clinic.site})
    gone = assistant.get("/profile")
    assert gone.status_code == 303
    assert gone.headers["location"].startswith("/sign-in?ended=1")
    assert elsewhere.get("/profile").status_code == 200
    assert PageClient(clinic.base_url).sign_in(number, name).status_code == 401


def test_a_site_is_added_renamed_and_closed(manager: PageClient) -> None:
    number = add(manager, "Harbor")
    assert "Harbor" in manager.text("/admin/sites")
    assert "Pier 9" in manager.follow(manager.post(f"/admin/sites/{number}/rename", {"name": "Pier 9"})).text
    user = {"user_name": f"s{fresh_word()}@sample.example", "role": "Assistant", "sites": number}
    assert manager.post("/admin/people", user).status_code == 303
    assert "1 person has no other site" in manager.text(f"/admin/sites/{number}/close")
    assert user["user_name"] in manager.text(f"/admin/sites/{number}").replace("<wbr>", "")
    assert "is closed" in manager.follow(manager.post(f"/admin/sites/{number}/close")).text
    assert "1 person still lists" in manager.text("/admin/sites")
    assert manager.get(f"/admin/sites/{number}/close").status_code == 303


def add_people(manager: PageClient, count: int, *sites: str) -> list[str]:
    """Some people with these sites; their ids."""
    made = []
    for _ in range(count):
        user = {"user_name": f"s{fresh_word()}@sample.example", "role": "Assistant", "sites": list(sites)}
        response = manager.post("/admin/people", user)
        assert response.status_code == 303, response.text
        made.append(response.headers["location"].rpartition("/")[2])
    return made


def test_closing_names_who_has_no_other_site_and_counts_the_others(manager: PageClient) -> None:
    number, other, closed = add(manager, "Harbor"), add(manager, "Pier"), add(manager, "Dock")
    stranded = [*add_people(manager, 2, number), *add_people(manager, 1, number, closed)]
    keeping = add_people(manager, 2, number, other)
    assert manager.post(f"/admin/sites/{closed}/close").status_code == 303
    gone = add_people(manager, 1, number)
    assert manager.post(f"/admin/people/{gone[0]}/deactivate").status_code == 303
    page = manager.text(f"/admin/sites/{number}/close")
    assert "3 people have no other site" in page
    assert all(f'href="/admin/people/{user_id}"' in page for user_id in stranded)
    assert not any(user_id in page for user_id in (*keeping, *gone))
    assert "2 people lose this site" in page
    assert "1 inactive person lists it too" in page


def test_closing_a_site_that_a_group_gives_beside_another_strands_nobody(manager: PageClient, clinic: Clinic) -> None:
    number, other = add(manager, "Harbor"), add(manager, "Pier")
    user_id = add_people(manager, 1, number)[0]
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        group = scim.request("POST", "/Groups", {"displayName": fresh_word(), "members": [{"value": user_id}]}).json()
    assert "1 person has no other site" in manager.text(f"/admin/sites/{number}/close")
    assert manager.post(f"/admin/groups/{group['id']}/mapping", {"role": "none", "sites": other}).status_code == 303
    page = manager.text(f"/admin/sites/{number}/close")
    assert "no other site" not in page
    assert "1 person loses this site" in page


def test_of_many_who_have_no_other_site_ten_are_named_and_the_list_has_all(manager: PageClient) -> None:
    number, other = add(manager, "Harbor"), add(manager, "Pier")
    stranded = add_people(manager, 12, number)
    keeping = add_people(manager, 1, number, other)[0]
    page = manager.text(f"/admin/sites/{number}/close")
    assert "12 people have no other site" in page
    assert sum(user_id in page for user_id in stranded) == 10
    onwards = re.search(r'href="([^"]+)">and 2 more<', page)
    assert onwards is not None
    everybody = manager.text(html.unescape(onwards[1]))
    assert all(user_id in everybody for user_id in stranded)
    assert keeping not in everybody
    assert 'id="only" name="only" value="yes" checked' in everybody


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": "123", "name": "Short"}, "number"),
        ({"number": "70001", "name": " "}, "name"),
        ({"number": "70001", "name": "Zone", "time_zone": "US/Nowhere"}, "time_zone"),
    ],
)
def test_a_fault_is_told_beside_its_field(manager: PageClient, fields: dict[str, str], field: str) -> None:
    page = manager.post("/admin/sites", fields)
    assert page.status_code == 400
    assert f'id="{field}-fault"' in page.text


def test_a_number_is_given_once(manager: PageClient, clinic: Clinic) -> None:
    page = manager.post("/admin/sites", {"number": clinic.site, "name": "Again"})
    assert page.status_code == 409
    assert 'id="number-fault"' in page.text


def test_a_site_of_another_organization_is_not_there(manager: PageClient, stranger: PageClient) -> None:
    number = add(manager)
    for path in ("", "/rename", "/close"):
        assert stranger.get(f"/admin/sites/{number}{path}").status_code == 404
    for path in ("/rename", "/close"):
        assert stranger.post(f"/admin/sites/{number}{path}", {"name": "Mine"}).status_code == 404


def test_a_hostile_name_is_text(manager: PageClient) -> None:
    add(manager, "<b>bold</b>")
    for path in ("/admin/sites", "/admin/audit"):
        assert "<b>bold" not in manager.text(path)
