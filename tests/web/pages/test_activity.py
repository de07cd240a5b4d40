"""The page Activity over HTTP: what it shows of real requests, to whom, and what it never shows."""

import codecs
import csv
import html
import io
import json
import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mdscripts.app.error_messages import catalogue as error_catalogue
from tests.support.page_client import PageClient
from tests.support.scim_client import EXTENSION, ScimClient, fresh_user_name, okta_user
from tests.support.scim_server import ScimServer

PASSWORD = "canary-password-7731"
NPI, DEA = "1234567893", "BL1234563"


@pytest.fixture
def okta(scim_server: ScimServer) -> Iterator[ScimClient]:
    with ScimClient(scim_server.base_url, scim_server.token) as client:
        yield client


def wait_for(client: PageClient, path: str, text: str) -> str:
    """The page once the log has been stored, which takes about a second."""
    for _ in range(50):
        shown = client.text(path).replace("<wbr>", "")
        if text in shown:
            return shown
        time.sleep(0.1)
    raise AssertionError(f"{text!r} is not on {path}: {shown}")


def entries(client: PageClient, query: str, at_least: int = 1) -> list[dict[str, object]]:
    """What filters find, newest first, with messages, once there are as many."""
    for _ in range(60):
        found = [json.loads(line) for line in client.text(f"/admin/activity/export.jsonl?{query}").splitlines()]
        if len(found) >= at_least:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{query} finds {len(found)}: {found}")


def test_what_okta_did_to_a_person_is_listed_with_results(manager: PageClient, okta: ScimClient) -> None:
    name = fresh_user_name()
    user = okta.created(okta_user(name))
    okta.set_active(user["id"], False)
    okta.set_active(user["id"], False)
    okta.set_active(user["id"], True)
    okta.replace(user["id"], {**okta_user(name), "externalId": user["externalId"], "title": "Nurse"})
    okta.request("DELETE", f"/Users/{user['id']}")
    done = [(entry["operation"], entry["result"]) for entry in reversed(entries(manager, f"person={name}", 6))]
    assert done == [
        ("create", "changed"),
        ("deactivate", "changed"),
        ("deactivate", "unchanged"),
        ("reactivate", "changed"),
        ("update", "changed"),
        ("delete", "changed"),
    ]


def test_a_refusal_names_its_rules_and_the_person_also_when_only_the_id_was_sent(
    manager: PageClient, okta: ScimClient
) -> None:
    name = fresh_user_name()
    user = okta.created(okta_user(name))
    refused = okta.patch(user["id"], {"op": "replace", "path": f"{EXTENSION}:siteNumbers", "value": "99999"})
    assert refused.status_code == 400
    newest = entries(manager, f"person={name}&rule=SI-06")[0]
    assert (newest["operation"], newest["result"], newest["rules"]) == ("update", "refused", ["SI-06"])
    assert newest["request_id"] == refused.headers["x-request-id"]
    page = manager.text(f"/admin/activity/{refused.headers['x-request-id']}")
    assert "Nothing was changed" in page
    assert "99999" in page
    known = error_catalogue.find("SI-06")
    assert known is not None
    assert html.escape(known.remedy, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


def test_no_password_token_npi_or_dea_number_is_stored_or_shown(
    scim_server: ScimServer, manager: PageClient, okta: ScimClient
) -> None:
    name = fresh_user_name()
    body = {**okta_user(name, isProvider=True, npi=NPI, deaLicense=DEA, siteNumbers="00101"), "password": PASSWORD}
    user = okta.created(body)
    okta.patch(user["id"], {"op": "replace", "path": "password", "value": PASSWORD})
    okta.request("GET", "/Users", None, {"X-Api-Key": scim_server.token})
    okta.patch(user["id"], {"op": "replace", "path": f"{EXTENSION}:npi", "value": "1234567890"})
    okta.request("GET", f'/Users?filter={EXTENSION}:deaLicense eq "{DEA}"')
    entries(manager, f"person={name}&result=refused")
    shown = manager.text(f"/admin/activity/export.jsonl?person={name}") + manager.text("/admin/activity/export.jsonl")
    for entry in entries(manager, f"person={name}", 3):
        shown += manager.text(f"/admin/activity/{entry['request_id']}")
    shown += scim_server.log.read_text()
    for secret in (PASSWORD, NPI, DEA, "1234567890", scim_server.token, scim_server.token[-43:]):
        assert secret not in shown
    assert "BL*****63" in shown
    assert "******7893" in shown


def test_somebody_elses_requests_are_not_there(
    scim_server: ScimServer, manager: PageClient, stranger: PageClient, okta: ScimClient
) -> None:
    name = fresh_user_name()
    created = okta.create(okta_user(name))
    entries(manager, f"person={name}")
    assert stranger.get(f"/admin/activity/{created.headers['x-request-id']}").status_code == 404
    for path in (f"/admin/activity?person={name}", f"/admin/activity?q={name}", "/admin/activity/latest"):
        assert created.headers["x-request-id"] not in stranger.text(path)
    assert name not in stranger.text("/admin/activity/export.jsonl") + stranger.text("/admin/activity/export.csv")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "<b>bold</b>", "\u202egnp.exe", "+1", "@SUM(A1)", "-2"])
def test_hostile_names_stay_text(manager: PageClient, okta: ScimClient, name: str) -> None:
    group = okta.request("POST", "/Groups", {"displayName": f"{name}{fresh_user_name()}"})
    assert group.status_code == 201, group.text
    shown = str(group.json()["displayName"])
    entries(manager, f"person={group.json()['id']}")
    page = manager.text(f"/admin/activity?person={group.json()['id']}")
    assert "<b>" not in page
    assert "<bdi>" in page
    sheet = manager.text(f"/admin/activity/export.csv?person={group.json()['id']}").removeprefix("\ufeff")
    cell = next(csv.DictReader(io.StringIO(sheet)))["Person or group"]
    assert cell == (f"'{shown}" if name[0] in "=+-@" else shown)


def test_a_sheet_is_in_plain_words_and_in_the_zone_that_its_heading_names(
    manager: PageClient, okta: ScimClient
) -> None:
    name = fresh_user_name()
    okta.created(okta_user(name))
    (exact,) = entries(manager, f"person={name}")
    answer = manager.get(f"/admin/activity/export.csv?person={name}").content
    assert answer.startswith(codecs.BOM_UTF8)
    (row,) = csv.DictReader(io.StringIO(answer.decode("utf-8-sig")))
    zone = next(iter(row)).removeprefix("Time (").removesuffix(")")
    local = datetime.fromisoformat(str(exact["time"])).astimezone(ZoneInfo(zone))
    assert next(iter(row.values())) == f"{local:%Y-%m-%d %H:%M:%S}"
    assert (row["What happened"], row["Result"], row["Client"]) == ("Create", "Changed", "Okta")


def test_a_revoked_token_is_seen_by_the_organization_it_belonged_to(
    scim_server: ScimServer, manager: PageClient
) -> None:
    token = scim_server.create_token(scim_server.organization, "okta")
    key_id = token.removeprefix("mds_scim_").partition("_")[0]
    scim_server.mdscripts("token", "revoke", "--organization", scim_server.organization, key_id)
    with ScimClient(scim_server.base_url, token) as client:
        assert client.request("GET", "/Users?startIndex=1&count=2").status_code == 401
    newest = entries(manager, "operation=test-credentials&result=refused")[0]
    assert newest["status"] == 401
    assert "was revoked on" in str(newest["message"])


def test_the_list_says_nothing_new_when_there_is_nothing_new(manager: PageClient, okta: ScimClient) -> None:
    name = fresh_user_name()
    created = okta.create(okta_user(name))
    entries(manager, f"person={name}")
    seen = created.headers["x-request-id"]
    assert manager.get(f"/admin/activity/latest?person={name}&seen={seen}").status_code == 204
    assert name in manager.text(f"/admin/activity/latest?person={name}&seen=none").replace("<wbr>", "")


@pytest.mark.parametrize(
    "query",
    [
        "result=x&operation=y&period=z",
        "first_day=2026-02-31",
        "first_day=0001-01-01",
        "last_day=9999-12-31",
        "older=%00",
        "q=%F0%9F",
    ],
)
def test_an_address_that_makes_no_sense_still_gets_a_page(manager: PageClient, query: str) -> None:
    assert manager.get(f"/admin/activity?{query}").status_code == 200


def test_reads_are_sampled_but_every_call_counts(manager: PageClient, scim_server: ScimServer) -> None:
    with ScimClient(scim_server.base_url, scim_server.create_token(scim_server.organization, "generic")) as client:
        for _ in range(20):
            client.find("sampled@clinic.example")
    assert len(entries(manager, "operation=lookup&person=sampled@clinic.example")) == 1
    health = manager.text("/admin/okta-scim/health")
    assert "in 24 hours" in health


def test_the_checklist_goes_green_with_what_okta_does(scim_server: ScimServer, stranger: PageClient) -> None:
    before = stranger.text("/admin/okta-scim/checklist")
    assert "of 6" in before or "All proven" in before
    with ScimClient(scim_server.base_url, scim_server.token_b) as client:
        client.request("GET", "/Users?startIndex=1&count=2")
        name = fresh_user_name()
        client.find(name)
        user = client.created(okta_user(name))
        client.patch(user["id"], {"op": "replace", "value": {"title": "Nurse"}})
        client.set_active(user["id"], False)
        client.set_active(user["id"], True)
    shown = wait_for(stranger, "/admin/okta-scim/checklist", "All proven")
    assert shown.count('class="done"') == 6
