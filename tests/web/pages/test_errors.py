"""The public page of error messages: complete, found by a pasted text, harmless whatever is asked."""

import html
import re

import pytest

from mdscripts.app.error_messages.areas import AREAS
from mdscripts.app.error_messages.catalogue import ENTRIES
from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic, activity_about

PATH = "/guide/errors"

pytestmark = ON_SQLITE


def shown(page: str) -> list[str]:
    """Ids of the entries on a page."""
    return re.findall(r'<li id="([^"]+)">', page)


def asked(visitor: PageClient, q: str) -> str:
    response = visitor.get(PATH, params={"q": q})
    assert response.status_code == 200
    return response.text


def test_everybody_sees_every_entry_under_its_anchor(visitor: PageClient) -> None:
    page = visitor.text(PATH)
    assert shown(page) == [entry.id for entry in ENTRIES]
    for area in AREAS:
        assert f'href="#{area.id}"' in page
        assert f'id="{area.id}"' in page
    anchors = re.findall(r'\bid="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    text = html.unescape(page)
    for entry in ENTRIES:
        for words in (entry.title, entry.cause, entry.remedy, *entry.messages):
            assert words in text


def test_the_whole_page_is_small(visitor: PageClient) -> None:
    assert len(visitor.get(PATH).content) < 100_000
    assert len(visitor.get(PATH, params={"q": "okta"}).content) < 100_000


def test_the_text_that_okta_shows_leads_to_its_entry(visitor: PageClient, clinic: Clinic) -> None:
    body = okta_user(isProvider=True, npi="1234567890")
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        detail = scim.create(body).json()["detail"]
    pasted = f"Provisioning of user X to app MDScripts failed: Bad Request. Errors reported by remote server: {detail}"
    page = asked(visitor, pasted)
    assert shown(page) == ["NPI-05"]
    assert "1 entry found" in page
    assert f'value="{html.escape(pasted)}"'.replace("&#x27;", "&#39;") in page


@pytest.mark.parametrize(
    ("q", "found"),
    [("un-13", ["UN-13"]), ("check digit npi", ["NPI-05"]), ("[NM-10] and [W-NPI1]", ["NM-10", "W-NPI1"])],
)
def test_ids_and_words_find_entries(visitor: PageClient, q: str, found: list[str]) -> None:
    assert shown(asked(visitor, q)) == found


def test_a_refused_token_is_found_by_its_message(visitor: PageClient, clinic: Clinic) -> None:
    with ScimClient(clinic.server.base_url, "mds_scim_nonsense") as scim:
        refused = scim.request("GET", "/Users").json()["detail"]
    assert shown(asked(visitor, refused)) == ["401"]


@pytest.mark.parametrize(
    "q", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202e", "%zz%", "{{ zzz }}", "z" * 50_000]
)
def test_a_hostile_question_is_answered_with_nothing(visitor: PageClient, q: str) -> None:
    page = asked(visitor, q)
    assert shown(page) == []
    assert "Nothing found" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert len(page) < 10_000


def test_an_empty_question_shows_everything(visitor: PageClient) -> None:
    assert len(shown(asked(visitor, "   "))) == len(ENTRIES)


def test_the_guides_lead_to_it(visitor: PageClient, manager: PageClient) -> None:
    for page in (visitor.text("/guide/okta-scim"), manager.text("/admin/okta-scim/guide")):
        assert f'action="{PATH}"' in page
        assert f'href="{PATH}"' in page


def test_the_verdict_of_a_tried_profile_leads_to_the_rules(manager: PageClient) -> None:
    fields = {"userName": f"{fresh_word()}@sample.example", "isProvider": "true", "npi": "1234567890"}
    page = manager.post("/admin/okta-scim/try", {**fields, "givenName": "D4na", "familyName": "Lee"}).text
    assert re.findall(rf'href="{PATH}#([^"]+)"', page) == ["NM-10", "NPI-05"]
    remarked = manager.post("/admin/okta-scim/try", {"userName": "front.desk", "givenName": "Fr", "familyName": "De"})
    assert f'href="{PATH}#W-UN1"' in remarked.text


def test_an_entry_of_activity_leads_to_its_rules_or_its_refusal(manager: PageClient, clinic: Clinic) -> None:
    name = f"{fresh_word()}@sample.example"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        assert scim.create({**okta_user(isProvider=True, npi="1"), "userName": name}).status_code == 400
    assert re.search(rf'href="{PATH}#NPI-0\d"', activity_about(manager, name))
