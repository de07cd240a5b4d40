"""People as a manager keeps them: search, origins, the same rules as for Okta, ending access."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE


def add(manager: PageClient, name: str = "", **fields: str | list[str]) -> tuple[str, str]:
    """Add somebody; the id and the user name."""
    name = name or f"p{fresh_word()}@sample.example"
    given = {"user_name": name, "given_name": "Ana", "family_name": "Silva", "role": "Assistant", **fields}
    made = manager.post("/admin/people", given)
    assert made.status_code == 303, made.text
    return made.headers["location"].rpartition("/")[2], name


def okta_person(clinic: Clinic) -> tuple[str, str]:
    """Somebody whom Okta created."""
    name = f"o{fresh_word()}@sample.example"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        made = scim.request("POST", "/Users", okta_user(name))
    assert made.status_code == 201, made.text
    return made.json()["id"], name


def test_a_new_person_is_found_by_the_beginning_and_by_a_part(manager: PageClient) -> None:
    user_id, name = add(manager)
    for text in (name[:8], name[4:12], name.upper()):
        assert user_id in manager.text(f"/admin/people?q={text}")
    assert user_id not in manager.text(f"/admin/people?q={name[:8]}&state=inactive")
    assert "Nobody matches" in manager.text("/admin/people?q=%00nobody")


def test_filters_leave_what_they_say(manager: PageClient, clinic: Clinic) -> None:
    local, name = add(manager, sites=[clinic.site])
    okta, okta_name = okta_person(clinic)
    assert local in manager.text(f"/admin/people?q={name}&managed=local&site={clinic.site}&role=Assistant")
    assert local not in manager.text(f"/admin/people?q={name}&managed=okta")
    assert local not in manager.text(f"/admin/people?q={name}&provider=yes")
    assert okta in manager.text(f"/admin/people?q={okta_name}&managed=okta")


def test_people_worth_a_look_are_marked_and_can_be_filtered(manager: PageClient, clinic: Clinic) -> None:
    fine, fine_name = add(manager, sites=[clinic.site])
    nowhere, name = add(manager)
    assert re.search(r'href="/admin/people\?warnings=with">[\d,]+ with warnings', manager.text("/admin"))
    marked = manager.text(f"/admin/people?q={name}&warnings=with")
    assert nowhere in marked
    assert 'title="The user has no site. [W-SI1]">check</span>' in marked
    assert fine not in manager.text(f"/admin/people?q={fine_name}&warnings=with")
    assert ">check</span>" not in manager.text(f"/admin/people?q={fine_name}")
    fields = {"user_name": name, "given_name": "Ana", "family_name": "Silva", "email": name, "role": "Assistant"}
    saved = manager.post(f"/admin/people/{nowhere}/edit", {**fields, "sites": [clinic.site], "version": "1"})
    assert saved.status_code == 303
    assert nowhere not in manager.text(f"/admin/people?q={name}&warnings=with")


def test_pages_lead_on_and_back(manager: PageClient, clinic: Clinic) -> None:
    prefix = f"q{fresh_word()}"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        for number in range(52):
            assert scim.request("POST", "/Users", okta_user(f"{prefix}{number:02}@sample.example")).status_code == 201
    first = manager.text(f"/admin/people?q={prefix}")
    assert f"{prefix}49" in first
    assert f"{prefix}50" not in first
    onwards = re.search(r'rel="next" href="([^"]+)"', first)
    assert onwards is not None
    second = manager.text(onwards[1].replace("&amp;", "&"))
    assert f"{prefix}51" in second
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back is not None
    assert f"{prefix}00" in manager.text(back[1].replace("&amp;", "&"))
    assert manager.get("/admin/people?after=nonsense").status_code == 200


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"user_name": ""}, "user_name", "User name is required."),
        ({"email": "nowhere"}, "email", "is not a valid email address"),
        ({"given_name": "J0hn", "is_provider": "true", "npi": "1234567893"}, "given_name", "contains a number"),
        ({"is_provider": "true", "npi": "12"}, "npi", "NPI"),
        ({"is_provider": "true", "npi": "1234567893", "dea_license": "XX"}, "dea_license", "DEA license"),
        ({"time_zone": "US/Nowhere"}, "time_zone", "Time zone"),
        ({"role": "Boss"}, "role", "Role"),
        ({"sites": "99999"}, "sites", "99999"),
    ],
)
def test_a_broken_rule_is_told_beside_its_field(
    manager: PageClient, fields: dict[str, str], field: str, said: str
) -> None:
    given = {"user_name": f"x{fresh_word()}@sample.example", "given_name": "Al", "family_name": "Bo"}
    page = manager.post("/admin/people", {**given, "role": "Assistant", **fields})
    assert page.status_code == 400
    fault = re.search(rf'id="{field}-fault">(?:<svg.*?</svg>)?([^<]*)', page.text, re.S)
    assert fault is not None, page.text
    assert said in fault[1]
    assert "Okta" not in fault[1]


def test_what_only_providers_have_is_not_left_out_in_silence(manager: PageClient) -> None:
    given = {"user_name": f"n{fresh_word()}@sample.example", "given_name": "Al", "family_name": "Bo"}
    refused = manager.post("/admin/people", {**given, "npi": "1234567893"})
    assert refused.status_code == 400
    assert "Tick “Dispensing provider”" in refused.text.partition('id="npi-fault"')[2].partition("</p>")[0]
    assert manager.post("/admin/people", {**given, "npi": "1234567893", "is_provider": "on"}).status_code == 303


def test_a_taken_name_is_told_beside_it(manager: PageClient) -> None:
    _, name = add(manager)
    page = manager.post("/admin/people", {"user_name": name, "role": "Assistant"})
    assert page.status_code == 409
    assert 'id="user_name-fault"' in page.text


def test_a_local_person_is_changed_and_the_history_says_how(manager: PageClient) -> None:
    user_id, name = add(manager)
    edit = f"/admin/people/{user_id}/edit"
    fields = {"user_name": name, "given_name": "Anabel", "family_name": "Silva", "email": name, "role": "Manager"}
    assert manager.post(edit, {**fields, "version": "1"}).status_code == 303
    page = manager.text(f"/admin/people/{user_id}")
    assert re.search(r"<del>.*?<bdi>Ana</bdi></del>\s*<ins>.*?<bdi>Anabel</bdi></ins>", page, re.S)
    assert "Page Reader" in page
    assert manager.post(edit, {**fields, "given_name": "Late", "version": "1"}).status_code == 409
    assert "the values are the same" in manager.follow(manager.post(edit, {**fields, "version": "2"})).text


def test_what_okta_manages_stays_as_it_is(manager: PageClient, clinic: Clinic) -> None:
    user_id, name = okta_person(clinic)
    edit = f"/admin/people/{user_id}/edit"
    assert 'name="user_name"' not in manager.text(edit)
    changed = manager.post(edit, {"user_name": "other@sample.example", "given_name": "Other", "version": "1"})
    assert changed.status_code == 303
    page = manager.text(f"/admin/people/{user_id}")
    assert name in page.replace("<wbr>", "")
    assert "Other" not in page


def test_numbers_of_providers_are_shown_but_the_middle_of_a_dea_number_is_not(manager: PageClient) -> None:
    provider = {"is_provider": "true", "npi": "1234567893", "dea_license": "BS6011225"}
    user_id, name = add(manager, **provider)
    for path in (f"/admin/people/{user_id}", f"/admin/audit?target={name}"):
        assert "BS6011225" not in manager.text(path)
    assert "BS*****25" in manager.text(f"/admin/people/{user_id}")
    entry = re.search(r"/admin/audit/([0-9a-f-]{36})", manager.text(f"/admin/audit?target={name}"))
    assert entry is not None
    assert "BS*****25" in manager.text(f"/admin/audit/{entry[1]}")
    for kind in ("csv", "jsonl"):
        export = manager.text(f"/admin/audit/export.{kind}?target={name}")
        assert "BS*****25" in export
        assert "BS6011225" not in export


def test_deactivating_ends_sessions_and_reactivating_keeps_the_id(manager: PageClient, clinic: Clinic) -> None:
    user_id, _ = add(manager)
    assert "Deactivate Ana Silva?" in manager.text(f"/admin/people/{user_id}/deactivate")
    assert "is deactivated" in manager.follow(manager.post(f"/admin/people/{user_id}/deactivate")).text
    assert manager.post(f"/admin/people/{user_id}/password-link").status_code == 409
    assert "is active again" in manager.follow(manager.post(f"/admin/people/{user_id}/reactivate")).text
    link = manager.post(f"/admin/people/{user_id}/password-link")
    assert "/set-password/" in link.text
    assert link.headers["cache-control"] == "no-store"
    assert "signed out everywhere" in manager.follow(manager.post(f"/admin/people/{user_id}/end-sessions")).text


def test_nobody_deactivates_oneself(manager: PageClient) -> None:
    page = manager.text("/admin/people?q=paige.manager")
    found = re.search(r"/admin/people/([0-9a-f-]{36})", page)
    assert found is not None
    assert manager.post(f"/admin/people/{found[1]}/deactivate").status_code == 409


def test_nobody_takes_the_role_manager_from_oneself_but_another_manager_may(
    manager: PageClient, clinic: Clinic, signed_in: Callable[..., PageClient]
) -> None:
    name = clinic.create_user(role="Manager")
    oneself = signed_in(name)
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        (user,) = scim.find(name)
    edit = f"/admin/people/{user['id']}/edit"
    fields = {"user_name": name, "given_name": "Page", "family_name": "Reader", "sites": [clinic.site]}
    oneself.get(edit)
    refused = oneself.post(edit, {**fields, "role": "Assistant", "version": "1"})
    assert refused.status_code == 400
    assert "Ask another manager" in refused.text.partition('id="role-fault"')[2].partition("</p>")[0]
    assert oneself.get("/admin").status_code == 200
    manager.get(edit)
    assert manager.post(edit, {**fields, "role": "Assistant", "version": "1"}).status_code == 303
    assert oneself.get("/admin").status_code == 403


def test_of_two_managers_who_deactivate_each_other_at_once_one_stays(
    clinic: Clinic, signed_in: Callable[..., PageClient]
) -> None:
    names = [clinic.create_user(role="Manager") for _ in range(2)]
    ones, others = (signed_in(name) for name in names)
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        ids = [scim.find(name)[0]["id"] for name in names]
        for client, user_id in ((ones, ids[1]), (others, ids[0])):
            client.get(f"/admin/people/{user_id}/deactivate")
        with ThreadPoolExecutor() as pool:
            ended = [
                pool.submit(client.post, f"/admin/people/{user_id}/deactivate")
                for client, user_id in ((ones, ids[1]), (others, ids[0]))
            ]
        answers = sorted(each.result().status_code for each in ended)
        assert answers[0] == 303
        assert answers[1] in (401, 403)
        assert sorted(scim.read(user_id)["active"] for user_id in ids) == [False, True]


def test_a_person_of_another_organization_is_not_there(manager: PageClient, stranger: PageClient) -> None:
    user_id, name = add(manager)
    for path in ("", "/edit", "/deactivate", "/reactivate", "/end-sessions"):
        assert stranger.get(f"/admin/people/{user_id}{path}").status_code == 404
    for path in ("/edit", "/deactivate", "/reactivate", "/end-sessions", "/password-link"):
        assert stranger.post(f"/admin/people/{user_id}{path}").status_code == 404
    assert user_id not in stranger.text(f"/admin/people?q={name}")


@pytest.mark.parametrize("hostile", ["<b>bold</b>", "=HYPERLINK(1)", "a\u200fb'\"&"])
def test_hostile_names_are_text(manager: PageClient, clinic: Clinic, hostile: str) -> None:
    name = f"h{fresh_word()}@sample.example"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        made = scim.request("POST", "/Users", {**okta_user(name), "title": hostile})
    assert made.status_code in (201, 400)
    if made.status_code == 201:
        for path in (f"/admin/people/{made.json()['id']}", f"/admin/people?q={name}", f"/admin/audit?target={name}"):
            assert "<b>bold" not in manager.text(path)
    assert "<b>bold" not in manager.text(f"/admin/people?q={hostile}")
