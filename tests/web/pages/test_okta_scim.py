"""Okta SCIM as a manager uses it: the two values, tokens that are shown once, trying a profile, ending it."""

import json
import re

import httpx
import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import Clinic

TOKEN = re.compile(r"mds_scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")


def create_token(manager: PageClient, **fields: str) -> str:
    """Create a token on the page and return its value."""
    page = manager.post("/admin/okta-scim/tokens", {"label": f"Okta {fresh_word()}", "client": "okta", **fields})
    assert page.status_code == 200, page.text
    found = TOKEN.search(page.text)
    assert found is not None
    return found[0]


def key_of(token: str) -> str:
    return token.split("_")[2]


def test_the_page_shows_the_base_url_and_leads_to_a_token(manager: PageClient, clinic: Clinic) -> None:
    page = manager.text("/admin/okta-scim")
    assert clinic.server.base_url in page
    assert "/admin/okta-scim/tokens/new" in page


def test_a_token_is_shown_once_and_works_at_once(manager: PageClient, clinic: Clinic) -> None:
    token = create_token(manager, label="Okta spring")
    with ScimClient(clinic.server.base_url, token) as scim:
        assert scim.request("GET", "/Users?count=1").status_code == 200
    page = manager.text("/admin/okta-scim")
    assert "Okta spring" in page
    assert f"…{token[-4:]}" in page
    assert TOKEN.search(page) is None


def test_the_pages_of_tokens_are_never_kept_by_the_browser(manager: PageClient) -> None:
    page = manager.post("/admin/okta-scim/tokens", {"label": "Once", "client": "okta"})
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("label", ["", "   ", "x" * 300, "a\u202eb"])
def test_a_token_needs_a_name_that_can_be_read(manager: PageClient, label: str) -> None:
    page = manager.post("/admin/okta-scim/tokens", {"label": label, "client": "okta"})
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    assert TOKEN.search(page.text) is None


def test_replacing_a_token_goes_on_when_the_new_one_was_used(manager: PageClient, clinic: Clinic) -> None:
    old = create_token(manager, label="Old one")
    address = f"/admin/okta-scim/tokens/{key_of(old)}/replace"
    assert f"/admin/okta-scim/tokens/new?replaces={key_of(old)}" in manager.text(address)
    created = manager.post("/admin/okta-scim/tokens", {"label": "New one", "client": "okta", "replaces": key_of(old)})
    new = TOKEN.search(created.text)
    assert new is not None
    assert f"{address}?with={key_of(new[0])}" in created.text
    waiting = manager.text(f"{address}?with={key_of(new[0])}")
    assert "Not seen yet" in waiting
    assert "Revoke the old token</a>" not in waiting


def test_a_revoked_token_is_refused_and_listed_as_ended(manager: PageClient, clinic: Clinic) -> None:
    token = create_token(manager, label="Short lived")
    asked = manager.text(f"/admin/okta-scim/tokens/{key_of(token)}/revoke")
    assert "cannot be undone" in asked
    assert manager.post(f"/admin/okta-scim/tokens/{key_of(token)}/revoke").status_code == 303
    response = httpx.get(f"{clinic.server.base_url}/Users", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert "was revoked" in response.json()["detail"]
    assert "Short lived" in manager.text("/admin/okta-scim")


def test_tokens_of_another_organization_do_not_exist(manager: PageClient, stranger: PageClient) -> None:
    key = key_of(create_token(stranger, label="Theirs"))
    for path in (f"/admin/okta-scim/tokens/{key}/replace", f"/admin/okta-scim/tokens/{key}/revoke"):
        assert manager.get(path).status_code == 404
    assert manager.post(f"/admin/okta-scim/tokens/{key}/revoke").status_code == 404
    assert manager.post("/admin/okta-scim/tokens", {"label": "x", "replaces": key}).status_code == 404
    assert "Theirs" not in manager.text("/admin/okta-scim")


def test_trying_a_profile_gives_oktas_verdict_and_saves_nothing(manager: PageClient, clinic: Clinic) -> None:
    name = f"{fresh_word()}@sample.example"
    fields = {"userName": name, "givenName": "D4na", "familyName": "Lee", "isProvider": "true", "npi": "1234567890"}
    page = manager.post("/admin/okta-scim/try", fields)
    assert "[NM-10]" in page.text
    assert "[NPI-05]" in page.text
    good = manager.post(
        "/admin/okta-scim/try", {**fields, "givenName": "Dana", "npi": "1234567893", "siteNumbers": clinic.site}
    )
    assert "Okta would create this person" in good.text
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        assert scim.find(name) == []


def test_trying_a_pasted_profile(manager: PageClient, clinic: Clinic) -> None:
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        taken = scim.created(okta_user())
    body = {"userName": taken["userName"].upper(), "favouriteColour": "green"}
    page = manager.post("/admin/okta-scim/try", {"profile": json.dumps(body)}).text
    assert "would link to that account" in page
    assert "favouriteColour" in page
    assert "not valid JSON" in manager.post("/admin/okta-scim/try", {"profile": "{nonsense"}).text
    hostile = manager.post(
        "/admin/okta-scim/try", {"profile": json.dumps({"userName": "<script>alert(1)</script>"})}
    ).text
    assert "<script>alert" not in hostile


def test_the_guide_is_public_and_inside_it_holds_the_values(
    visitor: PageClient, manager: PageClient, clinic: Clinic
) -> None:
    public, inside = visitor.text("/guide/okta-scim"), manager.text("/admin/okta-scim/guide")
    for words in ("SCIM connector base URL", "Authorization: Bearer", "Test API Credentials", "To App", "siteNumbers"):
        assert words in public
        assert words in inside
    assert clinic.server.base_url in inside
    assert clinic.server.base_url not in public
    definitions = visitor.get("/guide/okta-scim/profile.json").json()["definitions"]["custom"]["properties"]
    assert definitions["npi"]["externalNamespace"] == "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"
    assert definitions["role"]["enum"] == ["Assistant", "Manager"]


def test_playing_okta_is_only_for_demos(manager: PageClient) -> None:
    assert "Play Okta" not in manager.text("/admin/okta-scim")
    assert manager.post("/admin/okta-scim/play").status_code == 404


@pytest.mark.parametrize("scim_server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("choice", ["keep", "deactivate"])
def test_switching_off_counts_first_and_does_what_was_chosen(clinic: Clinic, choice: str) -> None:
    slug = f"leaving-{choice}"
    clinic.server.mdscripts("organization", "create", slug, "--slug", slug, "--okta-scim")
    number = "30001" if choice == "keep" else "30002"
    clinic.server.mdscripts("site", "create", "--organization", slug, number, "--name", "Main")
    name = f"boss@{slug}.example"
    person = ("--username", name, "--given-name", "Bo", "--family-name", "Ss", "--role", "Manager", "--site", number)
    clinic.server.mdscripts("user", "create", "--organization", slug, *person)
    link = clinic.server.mdscripts_json("user", "password-link", "--organization", slug, name)["link"]
    typed = {"new_password": PASSWORD, "repeated_password": PASSWORD}
    assert httpx.post(str(link), data=typed, headers={"Origin": clinic.base_url}).status_code == 303
    token = clinic.server.create_token(slug, "okta")
    with ScimClient(clinic.server.base_url, token) as scim, PageClient(clinic.base_url) as boss:
        user = scim.created(okta_user())
        assert boss.sign_in(number, name).status_code == 303
        assert "1 person" in boss.text("/admin/okta-scim/switch-off")
        assert boss.post("/admin/okta-scim/switch-off").status_code == 400
        assert boss.post("/admin/okta-scim/switch-off", {"people": choice}).status_code == 303
        refused = scim.request("GET", f"/Users/{user['id']}")
        assert (refused.status_code, "[LC-11]" in refused.text) == (403, True)
        shown = clinic.server.mdscripts_json("user", "show", "--organization", slug, user["userName"])
        assert shown["active"] is (choice == "keep")
        assert "is not switched on" in boss.text("/admin/okta-scim")
        assert boss.post("/admin/okta-scim/switch-off", {"people": "keep"}).status_code == 409


def test_a_tolerance_can_be_switched_off_and_its_use_is_counted(manager: PageClient, clinic: Clinic) -> None:
    token = create_token(manager, label="Strict about booleans")
    address = f"/admin/okta-scim/tokens/{key_of(token)}/tolerances"
    page = manager.text(address)
    assert "Booleans written as text" in page
    ticked = [name for name in re.findall(r'value="([a-z0-9-]+)" checked', page) if name != "text-booleans"]
    assert len(ticked) > 5
    assert manager.post(address, {"on": ticked}).status_code == 303
    body = {**okta_user(), "phoneNumbers": [{"value": "555", "primary": "True"}]}
    with ScimClient(clinic.server.base_url, token) as scim:
        assert scim.create(body).status_code == 400
    assert manager.post(address, {"on": [*ticked, "text-booleans"]}).status_code == 303
    with ScimClient(clinic.server.base_url, token) as scim:
        assert scim.create(body).status_code == 201
    assert re.search(r"text-booleans.{0,900}?number\">1", manager.text(address), re.DOTALL)


def test_tolerances_of_another_organization_do_not_exist(manager: PageClient, stranger: PageClient) -> None:
    address = f"/admin/okta-scim/tokens/{key_of(create_token(stranger, label='Theirs'))}/tolerances"
    assert manager.get(address).status_code == 404
    assert manager.post(address).status_code == 404
