"""The audit: who changed what, found again, and as a file."""

import csv
import io
import json
import re
import secrets

from mdscripts.app.audit_export import harmless
from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import MANAGER, ON_SQLITE, Clinic

pytestmark = ON_SQLITE
ENTRY = re.compile(r'/admin/audit/([0-9a-f-]{36})"')


def add_site(manager: PageClient, name: str) -> str:
    number = f"8{secrets.randbelow(10_000):04}"
    assert manager.post("/admin/sites", {"number": number, "name": name}).status_code == 303
    return number


def test_a_change_is_recorded_with_who_and_what(manager: PageClient) -> None:
    number = add_site(manager, "Lakeside")
    found = ENTRY.findall(manager.text(f"/admin/audit?target={number}&person={MANAGER}&action=site.created"))
    assert len(set(found)) == 1
    entry = manager.text(f"/admin/audit/{found[0]}")
    assert "Site added" in entry
    assert "Lakeside" in entry
    assert "Admin" in entry


def test_filters_tell_the_ways_apart(manager: PageClient, clinic: Clinic) -> None:
    name = f"a{fresh_word()}@sample.example"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        assert scim.request("POST", "/Users", okta_user(name)).status_code == 201
        assert scim.request("POST", "/Users", okta_user(name)).status_code == 409
    assert len(set(ENTRY.findall(manager.text(f"/admin/audit?target={name}&through=scim")))) >= 1
    assert "Nothing matches" in manager.text(f"/admin/audit?target={name}&through=admin")
    assert "Nothing matches" in manager.text(f"/admin/audit?target={name}&until=2020-01-01")
    assert ENTRY.search(manager.text(f"/admin/audit?target={name}&since=2020-01-01"))
    assert "refused" in manager.text("/admin/audit?outcome=refused&through=scim")
    assert "Nobody has this user name" in manager.text("/admin/audit?person=nobody.at.all")


def test_pages_lead_back_in_time_and_forward_again(manager: PageClient) -> None:
    for _ in range(3):
        add_site(manager, "Page")
    first = manager.text("/admin/audit")
    ids = list(dict.fromkeys(ENTRY.findall(first)))
    older = manager.text(f"/admin/audit?older={ids[1]}")
    assert ids[0] not in older
    assert ids[2] in older
    newer = re.search(r'rel="prev" href="([^"]+)"', older)
    assert newer is not None
    assert ids[0] in manager.text(newer[1].replace("&amp;", "&"))


def test_exports_hold_the_same_and_no_formulas(manager: PageClient) -> None:
    number = add_site(manager, "=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(manager.text(f"/admin/audit/export.csv?target={number}"))))
    assert [row["targetName"] for row in rows] == ["'=HYPERLINK(1)"]
    assert [row["action"] for row in rows] == ["site.created"]
    lines = manager.text(f"/admin/audit/export.jsonl?target={number}").splitlines()
    assert [json.loads(line)["targetName"] for line in lines] == ["=HYPERLINK(1)"]
    everything = manager.get("/admin/audit/export.csv")
    assert everything.headers["content-disposition"].startswith("attachment")
    assert len(everything.text.splitlines()) > 2


def test_a_cell_never_begins_like_a_formula(visitor: PageClient) -> None:
    for cell in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1"):
        assert harmless(cell).startswith("'")
    assert harmless("plain") == "plain"


def test_an_entry_of_another_organization_is_not_there(manager: PageClient, stranger: PageClient) -> None:
    number = add_site(manager, "Ours")
    found = ENTRY.search(manager.text(f"/admin/audit?target={number}"))
    assert found is not None
    assert stranger.get(f"/admin/audit/{found[1]}").status_code == 404
    assert number not in stranger.text("/admin/audit/export.csv")
