"""Groups as a manager sees them."""

import secrets

from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"


def push(clinic: Clinic, name: str) -> tuple[str, str]:
    """A group with one member, as Okta pushes it: its id and the member's user name."""
    member = f"g{secrets.token_hex(6)}@sample.example"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        user_id = scim.request("POST", "/Users", okta_user(member)).json()["id"]
        group = {"schemas": [SCHEMA], "displayName": name, "members": [{"value": user_id}]}
        made = scim.request("POST", "/Groups", group)
    assert made.status_code == 201, made.text
    return made.json()["id"], member


def test_a_pushed_group_is_listed_with_its_members(manager: PageClient, clinic: Clinic) -> None:
    name = f"<b>Readers</b> {secrets.token_hex(4)}"
    group_id, member = push(clinic, name)
    listed = manager.text(f"/admin/groups?q={name[-8:]}")
    assert group_id in listed
    assert "<b>Readers" not in listed
    shown = manager.text(f"/admin/groups/{group_id}")
    assert member in shown.replace("<wbr>", "")
    assert "<b>Readers" not in shown
    assert "No group is called like that" in manager.text("/admin/groups?q=nothing-like-that")


def test_a_group_of_another_organization_is_not_there(stranger: PageClient, clinic: Clinic) -> None:
    group_id, _ = push(clinic, f"Ours {secrets.token_hex(4)}")
    assert stranger.get(f"/admin/groups/{group_id}").status_code == 404
    assert group_id not in stranger.text("/admin/groups")


def test_what_a_group_gives_is_shown_in_the_list_and_with_its_members(manager: PageClient, clinic: Clinic) -> None:
    server, name = clinic.server, f"Mapped {secrets.token_hex(4)}"
    _, member = push(clinic, name)
    with ScimClient(server.base_url, server.token) as scim:
        (user,) = scim.find(member)
    assert "Manager, site" not in manager.text(f"/admin/groups?q={name[-8:]}")
    assert f"<bdi>group {name}</bdi>" not in manager.text(f"/admin/people/{user['id']}")
    grant = ("--organization", server.organization, "--group", name)
    server.mdscripts("grant", "set", *grant, "--role", "Manager", "--site", server.sites[2])
    assert f"Manager, site {server.sites[2]}" in manager.text(f"/admin/groups?q={name[-8:]}")
    shown = manager.text(f"/admin/people/{user['id']}")
    assert shown.count(f"<bdi>group {name}</bdi>") == 2
    server.mdscripts("grant", "remove", *grant)
    assert f"<bdi>group {name}</bdi>" not in manager.text(f"/admin/people/{user['id']}")
