"""Groups as a manager sees them."""

from collections.abc import Callable

from tests.support.names import fresh_word
from tests.support.page_client import PageClient
from tests.support.scim_client import ScimClient, okta_user

from .conftest import ON_SQLITE, Clinic

pytestmark = ON_SQLITE
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"


def push(clinic: Clinic, name: str) -> tuple[str, str]:
    """A group with one member, as Okta pushes it: its id and the member's user name."""
    member = f"g{fresh_word()}@sample.example"
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        user_id = scim.request("POST", "/Users", okta_user(member)).json()["id"]
        group = {"schemas": [SCHEMA], "displayName": name, "members": [{"value": user_id}]}
        made = scim.request("POST", "/Groups", group)
    assert made.status_code == 201, made.text
    return made.json()["id"], member


def test_a_pushed_group_is_listed_with_its_members(manager: PageClient, clinic: Clinic) -> None:
    name = f"<b>Readers</b> {fresh_word()}"
    group_id, member = push(clinic, name)
    listed = manager.text(f"/admin/groups?q={name[-8:]}")
    assert group_id in listed
    assert "<b>Readers" not in listed
    shown = manager.text(f"/admin/groups/{group_id}")
    assert member in shown.replace("<wbr>", "")
    assert "<b>Readers" not in shown
    assert "No group is called like that" in manager.text("/admin/groups?q=nothing-like-that")


def test_a_group_of_another_organization_is_not_there(stranger: PageClient, clinic: Clinic) -> None:
    group_id, _ = push(clinic, f"Ours {fresh_word()}")
    assert stranger.get(f"/admin/groups/{group_id}").status_code == 404
    assert group_id not in stranger.text("/admin/groups")


def test_what_a_group_gives_is_shown_in_the_list_and_with_its_members(manager: PageClient, clinic: Clinic) -> None:
    server, name = clinic.server, f"Mapped {fresh_word()}"
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


def test_a_manager_maps_a_group_and_its_members_have_the_role_and_sites_at_once(
    manager: PageClient, clinic: Clinic
) -> None:
    server = clinic.server
    name = f"Desk {fresh_word()}"
    group_id, member = push(clinic, name)
    with ScimClient(server.base_url, server.token) as scim:
        (user,) = scim.find(member)
    path = f"/admin/groups/{group_id}"
    assert "Map this group" in manager.text(path)
    sites = [server.sites[1], server.sites[2]]
    saved = manager.post(f"{path}/mapping", {"role": "Manager", "sites": sites})
    assert saved.headers["location"] == path
    shown = manager.follow(saved).text
    assert "1 person has another role or other sites now." in shown
    assert '<option value="Manager" selected>' in shown
    assert shown.count('name="sites"') == shown.count('type="checkbox"') >= 3
    assert shown.count(" checked") == 2
    assert f"Manager, sites {', '.join(sites)}" in manager.text(f"/admin/groups?q={name}")
    person = manager.text(f"/admin/people/{user['id']}")
    assert person.count(f"<bdi>group {name}</bdi>") == 3
    asked = manager.text(f"{path}/mapping/remove")
    assert f"lose the role Manager and the sites {', '.join(sites)} at once" in asked
    removed = manager.follow(manager.post(f"{path}/mapping/remove"))
    assert "The mapping is removed. 1 person has" in removed.text
    assert "<bdi>group " not in manager.text(f"/admin/people/{user['id']}")


def test_what_a_group_cannot_give_is_said_beside_the_field_and_nothing_is_stored(
    manager: PageClient, clinic: Clinic
) -> None:
    group_id, _ = push(clinic, f"Wrong {fresh_word()}")
    path = f"/admin/groups/{group_id}"
    manager.get(path)
    for fields, field, words in (
        ({"role": "none"}, "role", "A group must grant a role, sites or both."),
        ({"role": "Boss"}, "role", "Boss"),
        ({"role": "none", "sites": ["99999"]}, "sites", "99999"),
    ):
        refused = manager.post(f"{path}/mapping", fields)
        assert refused.status_code == 400
        fault = refused.text.partition(f'id="{field}-fault">')[2].partition("</p>")[0]
        assert words in fault
    assert "Map this group" in manager.text(path)


def test_the_order_of_groups_is_changed_place_by_place(manager: PageClient, clinic: Clinic) -> None:
    made = [push(clinic, f"Order {fresh_word()}")[0] for _ in range(3)]
    for group_id in made:
        manager.get(f"/admin/groups/{group_id}")
        assert manager.post(f"/admin/groups/{group_id}/mapping", {"role": "Assistant"}).status_code == 303

    def placed() -> list[str]:
        order = manager.text("/admin/groups/mapping")
        return sorted(made, key=lambda group_id: order.index(f'id="group-{group_id}"'))

    first, second, third = made
    assert placed() == [first, second, third]
    moved = manager.follow(manager.post("/admin/groups/mapping", {"up": third}))
    assert "is at place" in moved.text
    assert placed() == [first, third, second]
    manager.post("/admin/groups/mapping", {"down": first})
    assert placed() == [third, first, second]
    gone = manager.follow(manager.post("/admin/groups/mapping", {"up": "nobody"}))
    assert "Nothing was moved" in gone.text
    for group_id in made:
        manager.post(f"/admin/groups/{group_id}/mapping/remove")


def test_the_mapping_of_another_organization_cannot_be_seen_or_changed(
    stranger: PageClient, manager: PageClient, clinic: Clinic
) -> None:
    group_id, _ = push(clinic, f"Ours {fresh_word()}")
    path = f"/admin/groups/{group_id}"
    manager.get(path)
    manager.post(f"{path}/mapping", {"role": "Assistant"})
    stranger.get("/admin/groups")
    assert stranger.post(f"{path}/mapping", {"role": "Manager"}).status_code == 404
    assert stranger.get(f"{path}/mapping/remove").status_code == 404
    assert stranger.post(f"{path}/mapping/remove").status_code == 404
    assert "Nothing was moved" in stranger.follow(stranger.post("/admin/groups/mapping", {"up": group_id})).text
    assert group_id not in stranger.text("/admin/groups/mapping")
    assert '<option value="Assistant" selected>' in manager.text(path)
    manager.post(f"{path}/mapping/remove")


def test_a_manager_is_told_before_they_lock_themselves_out(
    clinic: Clinic, signed_in: Callable[..., PageClient]
) -> None:
    user_name = clinic.create_user(role="Manager")
    browser = signed_in(user_name)
    with ScimClient(clinic.server.base_url, clinic.server.token) as scim:
        (user,) = scim.find(user_name)
        group = {"displayName": f"Mine {fresh_word()}", "members": [{"value": user["id"]}]}
        group_id = scim.request("POST", "/Groups", group).json()["id"]
    browser.get(f"/admin/groups/{group_id}")
    refused = browser.post(f"/admin/groups/{group_id}/mapping", {"role": "Assistant"})
    assert refused.status_code == 400
    assert "Ask another manager" in refused.text
    assert browser.get("/admin").status_code == 200
