"""Settings of Okta SCIM: alias URNs as a manager declares them, and what they do to requests of Okta."""

import html
import re
import time
from collections.abc import Iterator

import httpx
import pytest

from mdscripts.app.schemas import MDSCRIPTS_URN
from tests.support.names import fresh_word
from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic, activity_about

PATH = "/admin/okta-scim/settings"


@pytest.fixture
def urn(clinic: Clinic) -> Iterator[str]:
    """A URN of which no other test knows; afterwards the organization has no alias."""
    yield f"urn:acme:{fresh_word()}:User"
    listed = clinic.server.mdscripts("organization", "alias-urns", clinic.server.organization)
    own = re.findall(r"^(urn:\S+) +organization$", listed, re.MULTILINE)
    if own:
        clinic.server.mdscripts("organization", "alias-urns", clinic.server.organization, "--remove", *own)


def typed(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def save(manager: PageClient, *lines: str) -> httpx.Response:
    return manager.post(PATH, {"alias_urns": "\r\n".join(lines)})


def npi_under(urn: str) -> dict[str, object]:
    body = okta_user()
    body.pop(MDSCRIPTS_URN, None)
    return {**body, "schemas": [*body["schemas"], urn], urn: {"isProvider": True, "npi": "1234567893"}}


def npi_of(user: dict[str, dict[str, object]]) -> object:
    return user.get(MDSCRIPTS_URN, {}).get("npi")


def test_an_alias_is_ignored_before_it_is_saved_and_counts_afterwards(
    manager: PageClient, clinic: Clinic, urn: str
) -> None:
    server = clinic.server
    with ScimClient(server.base_url, server.token) as scim, ScimClient(server.base_url, server.token_b) as elsewhere:
        before = scim.created(npi_under(urn))
        assert npi_of(before) is None
        entry = activity_about(manager, before["userName"])
        assert re.search(rf"Not stored.{{0,160}}{urn}", entry, re.DOTALL)
        assert f'href="{PATH}"' in entry
        saved = save(manager, urn.upper())
        assert (saved.status_code, saved.headers["location"]) == (303, PATH)
        assert typed(manager.text(PATH)) == urn.upper()
        after = scim.created(npi_under(urn))
        assert npi_of(after) == "1234567893"
        assert urn not in after["schemas"]
        assert "Not stored" not in activity_about(manager, after["userName"])
        assert npi_of(elsewhere.created(npi_under(urn))) is None
        assert save(manager).status_code == 303
        assert npi_of(scim.created(npi_under(urn))) is None


def test_what_a_command_declares_counts_within_a_second(clinic: Clinic, urn: str) -> None:
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        assert npi_of(scim.created(npi_under(urn))) is None
        clinic.server.mdscripts("organization", "alias-urns", clinic.server.organization, "--add", urn)
        time.sleep(1.1)
        assert npi_of(scim.created(npi_under(urn))) == "1234567893"


@ON_SQLITE
def test_trying_a_profile_accepts_a_saved_alias(manager: PageClient, urn: str) -> None:
    profile = f'{{"userName": "try@sample.example", "{urn}": {{"npi": "1234567893"}}}}'
    assert "would be ignored" in manager.post("/admin/okta-scim/try", {"profile": profile}).text
    save(manager, urn)
    assert f"{urn}</code> is not known" not in manager.post("/admin/okta-scim/try", {"profile": profile}).text


def test_saving_leaves_an_audit_entry_and_saving_again_leaves_none(
    manager: PageClient, clinic: Clinic, urn: str
) -> None:
    def entries() -> list[str]:
        return [line for line in manager.text("/admin/audit/export.jsonl").splitlines() if "alias_urns_changed" in line]

    before = len(entries())
    save(manager, urn)
    assert len(entries()) == before + 1
    assert urn in entries()[0] + entries()[-1]
    save(manager, "", f"  {urn}  ", urn.upper())
    assert len(entries()) == before + 1
    assert "Alias URNs changed" in manager.text("/admin/audit")


@ON_SQLITE
def test_every_fault_is_told_beside_the_field_and_what_was_typed_stays(manager: PageClient, urn: str) -> None:
    save(manager, urn)
    lines = (urn, "", "<script>alert(1)</script>", MDSCRIPTS_URN, "urn:a b")
    page = save(manager, *lines)
    assert page.status_code == 400
    assert "<script>alert" not in page.text
    for words in ("Line 3:", "is no URN", "Line 4:", "is the MDScripts namespace itself", "Line 5:", "a space"):
        assert words in page.text
    assert "Line 1:" not in page.text
    assert re.search(
        r'<textarea[^>]* aria-describedby="alias_urns-hint alias_urns-fault"[^>]* aria-invalid="true"', page.text
    )
    assert typed(page.text).splitlines() == list(lines)
    assert typed(manager.text(PATH)) == urn


@ON_SQLITE
def test_the_page_leads_to_the_tolerances_of_live_tokens_and_to_what_belongs_to_it(
    manager: PageClient, clinic: Clinic
) -> None:
    label = f"Okta {fresh_word()}"
    made = clinic.server.mdscripts_json(
        "token", "create", "--organization", clinic.server.organization, "--label", label
    )
    page = manager.text(PATH)
    assert f'href="/admin/okta-scim/tokens/{made["id"]}/tolerances">Tolerances of {label}<' in page
    assert "takes no alias URNs" not in page
    for address in ("/admin/okta-scim/guide", "/admin/okta-scim/try", "/admin/okta-scim/switch-off"):
        assert f'href="{address}"' in page
    assert "What happens to people who already exist" in page
    token = ("--organization", clinic.server.organization, str(made["id"]))
    clinic.server.mdscripts("token", "tolerance", *token, "--off", "alias-urns")
    assert "takes no alias URNs" in manager.text(PATH)
    clinic.server.mdscripts("token", "revoke", *token)
    assert label not in manager.text(PATH)
    assert f'href="{PATH}"' in manager.text("/admin/okta-scim")


@ON_SQLITE
def test_what_the_page_says_about_people_who_exist_is_true(manager: PageClient, clinic: Clinic) -> None:
    name = clinic.create_user(role="Manager")
    person = ("--organization", clinic.server.organization, name)
    clinic.server.mdscripts("user", "deactivate", *person)
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        body = {**okta_user(), "userName": name.upper()}
        body.pop(MDSCRIPTS_URN, None)
        refused = scim.create(body)
        assert (refused.status_code, "[UN-10]" in refused.text) == (409, True)
        (local,) = scim.find(name.upper())
        assert local["active"] is False
        linked = scim.request("PUT", f"/Users/{local['id']}", body).json()
        assert (linked["id"], linked["active"]) == (local["id"], True)
        assert linked[MDSCRIPTS_URN]["role"] == "Manager"
    edited = manager.text(f"/admin/people/{local['id']}/edit")
    assert 'name="given_name"' not in edited  # Okta sent it, so it is Okta's
    assert 'name="role"' in edited  # never sent: stays to be changed here


@ON_SQLITE
def test_without_the_feature_the_page_says_whom_to_ask_and_saves_nothing(clinic: Clinic) -> None:
    slug, number, name = "plain-clinic", "30011", "boss@plain.example"
    clinic.server.mdscripts("organization", "create", slug, "--slug", slug)
    clinic.server.mdscripts("site", "create", "--organization", slug, number, "--name", "Main")
    person = ("--username", name, "--given-name", "Bo", "--family-name", "Ss", "--role", "Manager", "--site", number)
    clinic.server.mdscripts("user", "create", "--organization", slug, *person)
    link = clinic.server.mdscripts_json("user", "password-link", "--organization", slug, name)["link"]
    password = {"new_password": PASSWORD, "repeated_password": PASSWORD}
    assert httpx.post(str(link), data=password, headers={"Origin": clinic.base_url}).status_code == 303
    with PageClient(clinic.base_url) as boss:
        assert boss.sign_in(number, name).status_code == 303
        assert "is not switched on" in boss.text(PATH)
        assert save(boss, "urn:acme:User").status_code == 409
    assert "has no alias URNs" in clinic.server.mdscripts("organization", "alias-urns", slug)
