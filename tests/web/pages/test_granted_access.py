"""Pages go by effective access: what a group grants opens Admin Home, and closes it, at once."""

import re
from collections.abc import Callable

from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import PATCH_OP, ScimClient

from .conftest import Clinic


def test_admin_home_follows_the_groups_of_a_person(clinic: Clinic, signed_in: Callable[..., PageClient]) -> None:
    server, name = clinic.server, f"Group {fresh_word()}"
    user_name = clinic.create_user()
    grant = ("--organization", server.organization, "--group", name)
    with ScimClient(server.base_url, server.token) as okta:
        (user,) = okta.find(user_name)
        member = {"value": user["id"]}
        group = okta.request("POST", "/Groups", {"displayName": name, "members": [member]}).json()
        browser = signed_in(user_name)
        assert browser.get("/admin").status_code == 403
        server.mdscripts("grant", "set", *grant, "--role", "Manager", "--site", server.sites[2])
        assert browser.get("/admin").status_code == 200
        assert "Manager" in browser.text("/profile")
        assert f"Site {server.sites[2]}" in browser.text("/profile")
        body = {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": f'members[value eq "{user["id"]}"]'}]}
        assert okta.request("PATCH", f"/Groups/{group['id']}", body).status_code == 204
        assert browser.get("/admin").status_code == 403


def test_a_grant_of_the_lesser_role_closes_admin_home_to_a_manager(
    clinic: Clinic, signed_in: Callable[..., PageClient]
) -> None:
    server, name = clinic.server, f"Group {fresh_word()}"
    user_name = clinic.create_user(role="Manager")
    with ScimClient(server.base_url, server.token) as okta:
        (user,) = okta.find(user_name)
        okta.request("POST", "/Groups", {"displayName": name, "members": [{"value": user["id"]}]})
    browser = signed_in(user_name)
    assert browser.get("/admin").status_code == 200
    grant = ("--organization", server.organization, "--group", name)
    server.mdscripts("grant", "set", *grant, "--role", "Assistant")
    assert browser.get("/admin").status_code == 403
    server.mdscripts("grant", "remove", *grant)
    assert browser.get("/admin").status_code == 200


def test_lists_the_site_and_the_persons_page_show_what_a_group_grants(
    clinic: Clinic, manager: PageClient, signed_in: Callable[..., PageClient]
) -> None:
    server, name = clinic.server, f"Group {fresh_word()}"
    own, granted = clinic.create_user(), server.sites[2]
    with ScimClient(server.base_url, server.token) as okta:
        (user,) = okta.find(own)
        group = okta.request("POST", "/Groups", {"displayName": name, "members": [{"value": user["id"]}]}).json()
    person = f"/admin/people/{user['id']}"

    def row(query: str) -> str:
        found = re.search(rf'<a href="{person}">.*?</tr>', manager.text(f"/admin/people?q={own}&{query}"), re.S)
        return found[0] if found else ""

    assert "Manager" not in row("role=Assistant")
    assert row(f"site={granted}") == row("role=Manager") == ""
    server.mdscripts(
        *("grant", "set", "--organization", server.organization, "--group", name),
        *("--role", "Manager", "--site", granted),
    )
    shown = row(f"role=Manager&site={granted}")
    assert 'class="badge info">Manager<' in shown
    assert f"by <bdi>group {name}</bdi>" in shown
    assert f"<code>{granted}</code>" in shown
    assert row("role=Assistant") == ""
    page = manager.text(person)
    assert f"Manager by group {name}" in page
    assert "Own role (not in effect)" in page
    assert f"<bdi>group {name}</bdi>" in re.sub(r"\s+", " ", manager.text(f"/admin/groups/{group['id']}"))
    assert person in _all_pages(manager, f"/admin/sites/{granted}")


def _all_pages(manager: PageClient, path: str) -> str:
    """The pages of a list, however many people other tests have added."""
    text = ""
    while path:
        page = manager.text(path)
        onwards = re.search(r'rel="next" href="([^"]+)"', page)
        path, text = onwards[1].replace("&amp;", "&") if onwards else "", text + page
    return text
