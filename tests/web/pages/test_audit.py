"""The audit: who changed what, found again, and as a file."""

import codecs
import csv
import io
import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from mdscripts.app.audit.words import attribute_label
from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import MANAGER, ON_SQLITE, Clinic

pytestmark = ON_SQLITE
MARK = "\ufeff"
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
    (row,) = csv.DictReader(io.StringIO(manager.text(f"/admin/audit/export.csv?target={number}").removeprefix(MARK)))
    assert (row["Name"], row["What happened"]) == ("'=HYPERLINK(1)", "Site added")
    lines = manager.text(f"/admin/audit/export.jsonl?target={number}").splitlines()
    assert [json.loads(line)["targetName"] for line in lines] == ["=HYPERLINK(1)"]
    everything = manager.get("/admin/audit/export.csv")
    assert everything.headers["content-disposition"].startswith("attachment")
    assert len(everything.text.splitlines()) > 2


def test_a_sheet_is_in_plain_words_and_in_the_zone_that_its_heading_names(
    signed_in: Callable[..., PageClient], clinic: Clinic
) -> None:
    name = clinic.create_user(role="Manager")
    manager = signed_in(name)
    (user_id,) = set(re.findall(r"/admin/people/([0-9a-f-]{36})", manager.text(f"/admin/people?q={name}")))
    version = re.search(r'name="version" value="(\d+)"', manager.text(f"/admin/people/{user_id}/edit"))
    assert version is not None
    person = {"user_name": name, "given_name": "Page", "family_name": "Reader", "role": "Manager", "sites": clinic.site}
    zoned = {**person, "time_zone": "US/Hawaii", "version": version[1]}
    assert manager.post(f"/admin/people/{user_id}/edit", zoned).status_code == 303
    number = add_site(manager, "Lakeside")
    answer = manager.get(f"/admin/audit/export.csv?target={number}").content
    assert answer.startswith(codecs.BOM_UTF8)
    (row,) = csv.DictReader(io.StringIO(answer.decode("utf-8-sig")))
    exact = json.loads(manager.text(f"/admin/audit/export.jsonl?target={number}"))["time"]
    local = datetime.fromisoformat(exact).astimezone(ZoneInfo("US/Hawaii"))
    assert row["Time (US/Hawaii)"] == f"{local:%Y-%m-%d %H:%M:%S}"
    assert exact.endswith("Z")
    assert (row["About a"], row["Through"], row["Result"]) == ("Site", "Admin", "Changed")
    assert row["Done by"] == "Page Reader"
    assert "Name: not set → Lakeside" in row["Changes"]


def test_a_refused_sign_in_says_who_tried_from_where(manager: PageClient, visitor: PageClient, clinic: Clinic) -> None:
    name = clinic.create_user()
    assert visitor.sign_in(clinic.site, name, "not the password").status_code == 401
    found = ENTRY.search(manager.text(f"/admin/audit?target={name}&action=user.sign_in"))
    assert found is not None
    entry = manager.text(f"/admin/audit/{found[1]}")
    assert f"Somebody tried to sign in as {name} from the address 127.0.0.1, and was not let in" in entry
    assert "Somebody who was not signed in" in entry
    assert "Sign-in page" in entry


def test_an_organization_is_called_by_its_name_and_codes_are_kept_for_support(
    manager: PageClient, clinic: Clinic
) -> None:
    slug = clinic.server.organization
    listed = manager.text("/admin/audit?action=organization.created")
    found = ENTRY.search(listed)
    assert found is not None
    entry = manager.text(f"/admin/audit/{found[1]}")
    name = re.search(r"<span>([^<]+)</span></div>", entry)
    assert name is not None
    assert f"<bdi>{name[1]}</bdi>" in listed
    plain, _, technical = entry.partition("<details")
    assert f"<bdi>{slug}</bdi></dd>" not in plain.replace("\n", "")
    assert "organization.created" not in plain
    assert "<code>organization.created</code>" in technical


def test_attributes_without_words_of_their_own_read_like_words(visitor: PageClient) -> None:
    assert attribute_label("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber") == (
        "Employee number"
    )
    assert attribute_label("name.middleName") == "Middle name"
    assert attribute_label("title") == "Title"


def test_an_entry_of_another_organization_is_not_there(manager: PageClient, stranger: PageClient) -> None:
    number = add_site(manager, "Ours")
    found = ENTRY.search(manager.text(f"/admin/audit?target={number}"))
    assert found is not None
    assert stranger.get(f"/admin/audit/{found[1]}").status_code == 404
    assert number not in stranger.text("/admin/audit/export.csv")
