"""Sites as a manager keeps them."""

import secrets

import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PageClient

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE


def add(manager: PageClient, name: str = "Harbor") -> str:
    number = f"7{secrets.randbelow(10_000):04}"
    made = manager.post("/admin/sites", {"number": number, "name": name})
    assert made.status_code == 303, made.text
    return number


def test_a_site_is_added_renamed_and_closed(manager: PageClient) -> None:
    number = add(manager, "Harbor")
    assert "Harbor" in manager.text("/admin/sites")
    assert "Pier 9" in manager.follow(manager.post(f"/admin/sites/{number}/rename", {"name": "Pier 9"})).text
    user = {"user_name": f"s{fresh_word()}@sample.example", "role": "Assistant", "sites": number}
    assert manager.post("/admin/people", user).status_code == 303
    assert "1 person lists this site" in manager.text(f"/admin/sites/{number}/close")
    assert user["user_name"] in manager.text(f"/admin/sites/{number}").replace("<wbr>", "")
    assert "is closed" in manager.follow(manager.post(f"/admin/sites/{number}/close")).text
    assert "1 person still lists" in manager.text("/admin/sites")
    assert manager.get(f"/admin/sites/{number}/close").status_code == 303


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
