"""Pages go by effective access: what a group grants opens Admin Home, and closes it, at once."""

import secrets
from collections.abc import Callable

from tests.support.page_client import PageClient
from tests.support.scim_client import PATCH_OP, ScimClient

from .conftest import Clinic


def test_admin_home_follows_the_groups_of_a_person(clinic: Clinic, signed_in: Callable[..., PageClient]) -> None:
    server, name = clinic.server, f"Group {secrets.token_hex(4)}"
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
    server, name = clinic.server, f"Group {secrets.token_hex(4)}"
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
