"""Okta SCIM as a manager uses it: the two values, tokens that are shown once, trying a profile, ending it."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic

TOKEN = re.compile(r"mds_scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")


def create_token(manager: PageClient, **fields: str) -> str:
    """Create a token on the page and return its value."""
    page = manager.post("/admin/okta-scim/tokens", {"label": f"Okta {fresh_word()}", "client": "okta", **fields})
    assert page.status_code == 200, page.text
    found = TOKEN.search(page.text)
    assert found is not None
    return found[0]


@contextmanager
def boss_of(clinic: Clinic, slug: str, number: str) -> Iterator[PageClient]:
    """The signed-in manager of a new organization, which nobody has connected to Okta yet."""
    clinic.server.mdscripts("organization", "create", slug, "--slug", slug, "--okta-scim")
    clinic.server.mdscripts("site", "create", "--organization", slug, number, "--name", "Main")
    name = f"boss@{slug}.example"
    person = ("--username", name, "--given-name", "Bo", "--family-name", "Ss", "--role", "Manager", "--site", number)
    clinic.server.mdscripts("user", "create", "--organization", slug, *person)
    link = clinic.server.mdscripts_json("user", "password-link", "--organization", slug, name)["link"]
    typed = {"new_password": PASSWORD, "repeated_password": PASSWORD}
    assert httpx.post(str(link), data=typed, headers={"Origin": clinic.base_url}).status_code == 303
    with PageClient(clinic.base_url) as boss:
        assert boss.sign_in(number, name).status_code == 303
        yield boss


def when_proven(manager: PageClient) -> str:
    """The checklist once the activity log has been stored, which takes about a second."""
    deadline = time.monotonic() + 10
    while "All proven" not in (shown := manager.text("/admin/okta-scim/checklist")):
        assert time.monotonic() < deadline, shown
        time.sleep(0.1)
    return shown


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


def test_sending_the_form_again_makes_no_second_token_of_that_name(manager: PageClient) -> None:
    label = f"Okta {fresh_word()}"
    token = create_token(manager, label=label)
    for again in (label, f" {label.upper()} "):
        page = manager.post("/admin/okta-scim/tokens", {"label": again, "client": "okta"})
        assert page.status_code == 409
        assert TOKEN.search(page.text) is None
        fault = re.search(r'id="label-fault">(.*?)</p>', page.text, re.DOTALL)
        assert fault is not None
        assert f"There is a live token “{label}” already. Its value was shown once" in fault[1]
    page = manager.post("/admin/okta-scim/tokens", {"label": label, "client": "okta", "replaces": key_of(token)})
    assert (page.status_code, "choose another name" in page.text) == (409, True)
    assert manager.text("/admin/okta-scim").count(f'Revoke<span class="unseen"> {label}<') == 1
    assert manager.post(f"/admin/okta-scim/tokens/{key_of(token)}/revoke").status_code == 303
    create_token(manager, label=label)


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


@ON_SQLITE
def test_without_a_valid_token_nothing_says_that_the_connection_works(clinic: Clinic) -> None:
    with boss_of(clinic, "cut-off", "30003") as boss:
        page = boss.text("/admin/okta-scim")
        assert "Not connected now" not in page
        assert "Create the first one and paste" in page
        token = create_token(boss)
        with ScimClient(clinic.server.base_url, token) as scim:
            assert scim.request("GET", "/Users?startIndex=1&count=2").status_code == 200
            user = scim.created(okta_user())
            assert scim.find(user["userName"])
            scim.patch(user["id"], {"op": "replace", "value": {"title": "Nurse"}})
            scim.set_active(user["id"], False)
            scim.set_active(user["id"], True)
        assert "Last proven" not in when_proven(boss)
        assert boss.post(f"/admin/okta-scim/tokens/{key_of(token)}/revoke").status_code == 303
        page = boss.text("/admin/okta-scim")
        assert "Not connected now: no valid token" in page
        assert "All proven" not in page
        assert "The connection works" not in page
        assert len(re.findall(r"Last proven <time[^>]*>\w+ \d+, \d{4}</time>", page)) == 6
        assert "Create a new token and paste" in page
        create_token(boss)
        assert "All proven" in boss.text("/admin/okta-scim/checklist")


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
    assert "secret" not in public.lower()
    assert "Get the base URL and the token" in public
    assert "If Okta asks for it (apps made by the wizard), paste the" in public
    assert clinic.server.base_url in inside
    assert clinic.server.base_url not in public
    definitions = visitor.get("/guide/okta-scim/profile.json").json()["definitions"]["custom"]["properties"]
    assert definitions["npi"]["externalNamespace"] == "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"
    assert definitions["role"]["enum"] == ["Assistant", "Manager"]


def test_playing_okta_is_only_for_demos(manager: PageClient) -> None:
    assert "Play Okta" not in manager.text("/admin/okta-scim")
    assert manager.post("/admin/okta-scim/play").status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("choice", ["keep", "deactivate"])
def test_switching_off_counts_first_and_does_what_was_chosen(clinic: Clinic, choice: str) -> None:
    slug, number = f"leaving-{choice}", "30001" if choice == "keep" else "30002"
    with (
        boss_of(clinic, slug, number) as boss,
        ScimClient(clinic.server.base_url, clinic.server.create_token(slug, "okta")) as scim,
    ):
        user = scim.created(okta_user())
        warned = "people who leave keep their access until"
        assert warned not in boss.text("/admin")
        asked = boss.text("/admin/okta-scim/switch-off")
        assert "1 person" in asked
        assert warned in asked
        assert boss.post("/admin/okta-scim/switch-off").status_code == 400
        assert boss.post("/admin/okta-scim/switch-off", {"people": choice}).status_code == 303
        refused = scim.request("GET", f"/Users/{user['id']}")
        assert (refused.status_code, "[LC-11]" in refused.text) == (403, True)
        shown = clinic.server.mdscripts_json("user", "show", "--organization", slug, user["userName"])
        assert shown["active"] is (choice == "keep")
        for path in ("/admin/okta-scim", "/admin/okta-scim/settings"):
            off = boss.text(path)
            assert "is not switched on" in off
            assert f"Okta SCIM is off: {warned}" in off
        home = boss.text("/admin")
        assert f"Okta SCIM is off: {warned} you deactivate them here." in home
        assert "Everything runs as it should" not in home
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
    address = f"/admin/okta-scim/tokens/{key_of(create_token(stranger))}/tolerances"
    assert manager.get(address).status_code == 404
    assert manager.post(address).status_code == 404
