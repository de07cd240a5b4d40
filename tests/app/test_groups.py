"""Groups and their members, with costs that do not depend on the size of the group."""

from typing import Any

import orjson
import pytest

from mdscripts.scim.errors import InvalidValue, NotFound, PreconditionFailed, Uniqueness

from .conftest import Office, person

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def push(office: Office, name: str, *members: str, client: str = "okta") -> str:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": member} for member in members]}
    return office.run(office.groups.create(office.call(client), body)).id


def patch(office: Office, group_id: str, *operations: dict[str, Any], client: str = "entra") -> None:
    body = {"schemas": [PATCH_OP], "Operations": list(operations)}
    office.run(office.groups.patch(office.call(client), group_id, body))


def members(office: Office, group_id: str) -> set[str]:
    record = office.run(office.groups.find(office.call(), group_id))
    return {member.user_id for member in record.members or ()}


def version(office: Office, group_id: str) -> int:
    return office.run(office.groups.find(office.call(), group_id, with_members=False)).version


@pytest.fixture
def three(office: Office) -> list[str]:
    return [office.create(person(login)).id for login in ("ann", "bob", "cy")]


def test_a_group_shows_its_members_and_its_members_show_the_group(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses", three[0])
    group = orjson.loads(office.renderer.group(office.run(office.groups.find(office.call(), group_id))))
    assert group["members"] == [
        {
            "value": three[0],
            "$ref": f"https://mds.example/scim/v2/Users/{three[0]}",
            "display": "Dana Lee",
            "type": "User",
        }
    ]
    user = orjson.loads(office.renderer.user(office.run(office.directory.find(office.call(), three[0]))))
    assert user["groups"] == [
        {
            "value": group_id,
            "$ref": f"https://mds.example/scim/v2/Groups/{group_id}",
            "display": "Nurses",
            "type": "direct",
        }
    ]
    assert user["meta"]["version"] == 'W/"2"'


def test_an_unknown_member_is_named(office: Office, three: list[str]) -> None:
    with pytest.raises(InvalidValue, match="members not found in your organization: nobody"):
        push(office, "Nurses", three[0], "nobody")
    group_id = push(office, "Nurses")
    with pytest.raises(InvalidValue, match="nobody"):
        patch(office, group_id, {"op": "add", "path": "members", "value": [{"value": "nobody"}]})


def test_a_member_of_another_organization_is_as_unknown_as_nobody(office: Office) -> None:
    foreign = office.run(office.directory.create(office.call(organization=office.other), person())).id
    with pytest.raises(InvalidValue, match="not found in your organization"):
        push(office, "Nurses", foreign)


def test_a_group_cannot_be_a_member_of_a_group(office: Office) -> None:
    inner = push(office, "Inner")
    body = {"displayName": "Outer", "members": [{"value": inner, "type": "Group"}]}
    with pytest.raises(InvalidValue, match="group"):
        office.run(office.groups.create(office.call(), body))


def test_group_names_are_unique_without_case(office: Office) -> None:
    push(office, "Nurses")
    with pytest.raises(Uniqueness, match="A group with displayName NURSES already exists"):
        push(office, "NURSES")


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "add", "path": "members", "value": [{"value": "bob"}, {"value": "cy"}]}], {"ann", "bob", "cy"}),
        ([{"op": "Add", "path": "members", "value": [{"$ref": None, "value": "bob"}]}], {"ann", "bob"}),
        ([{"op": "remove", "path": 'members[value eq "ann"]'}], set()),
        ([{"op": "Remove", "path": "members", "value": [{"value": "bob"}]}], {"ann"}),
        ([{"op": "Remove", "path": "members", "value": [{"value": "ann"}]}], set()),
        ([{"op": "replace", "path": "members", "value": [{"value": "cy"}]}], {"cy"}),
        ([{"op": "replace", "path": "members", "value": []}], set()),
        ([{"op": "remove", "path": "members"}], set()),
        ([{"op": "replace", "value": {"members": [{"value": "bob"}]}}], {"bob"}),
        (
            [
                {"op": "add", "path": "members", "value": [{"value": "bob"}]},
                {"op": "remove", "path": 'members[value eq "bob"]'},
            ],
            {"ann"},
        ),
    ],
)
def test_members_change_as_the_client_says(
    office: Office, three: list[str], operations: list[dict[str, Any]], expected: set[str]
) -> None:
    ids = dict(zip(("ann", "bob", "cy"), three, strict=True))
    group_id = push(office, "Nurses", ids["ann"])
    text = orjson.dumps(operations).decode()
    for login, user_id in ids.items():
        text = text.replace(f'"{login}"', f'"{user_id}"').replace(f'\\"{login}\\"', f'\\"{user_id}\\"')
    patch(office, group_id, *orjson.loads(text))
    assert members(office, group_id) == {ids[login] for login in expected}


def test_adding_a_present_member_changes_no_version_and_writes_no_fact(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses", three[0])
    facts, before = len(office.facts()), version(office, group_id)
    patch(office, group_id, {"op": "add", "path": "members", "value": [{"value": three[0]}]})
    patch(office, group_id, {"op": "remove", "path": f'members[value eq "{three[1]}"]'})
    assert (len(office.facts()), version(office, group_id)) == (facts, before)


def test_a_full_list_is_applied_as_a_set_difference(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses", three[0], three[1])
    kept = office.run(office.directory.find(office.call(), three[1])).version
    body = {"displayName": "Nurses", "members": [{"value": three[1]}, {"value": three[2]}]}
    office.run(office.groups.replace(office.call(), group_id, body))
    assert members(office, group_id) == {three[1], three[2]}
    assert office.run(office.directory.find(office.call(), three[1])).version == kept
    assert (
        office.facts()[-1].changes
        == orjson.dumps([{"attribute": "members", "old": [three[0]], "new": [three[2]]}]).decode()
    )


def test_a_rename_reaches_the_members_and_their_versions(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses", three[0])
    before = office.run(office.directory.find(office.call(), three[0])).version
    patch(office, group_id, {"op": "replace", "value": {"id": group_id, "displayName": "Night nurses"}}, client="okta")
    user = office.run(office.directory.find(office.call(), three[0]))
    assert user.groups[0].display_name == "Night nurses"
    assert user.version == before + 1


def test_a_deleted_user_leaves_the_group(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses", three[0], three[1])
    office.run(office.directory.delete(office.call(), three[0]))
    assert members(office, group_id) == {three[1]}


def test_a_deleted_group_leaves_its_people(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses", three[0])
    office.run(office.groups.delete(office.call(), group_id))
    with pytest.raises(NotFound):
        members(office, group_id)
    assert office.run(office.directory.find(office.call(), three[0])).groups == ()


def test_a_stale_group_version_is_refused(office: Office, three: list[str]) -> None:
    group_id = push(office, "Nurses")
    patch(office, group_id, {"op": "add", "path": "members", "value": [{"value": three[0]}]})
    with pytest.raises(PreconditionFailed):
        office.run(office.groups.delete(office.call(), group_id, 'W/"1"'))
