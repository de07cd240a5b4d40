"""The members of a group in a PATCH become changes of ids, whatever the group holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.scim.errors import InvalidValue, ScimError, TooMany
from mdscripts.scim.patch import (
    MemberChange,
    Operation,
    apply,
    member_changes,
    member_ids,
    parse_operations,
)
from mdscripts.scim.patch_members import MEMBERS_MAX
from mdscripts.scim.tolerances import Tolerated, defaults
from tests.support.patch_cases import Case, body_of, check_refusal, load_cases, tolerated_by
from tests.support.scim_schemas import GROUP_TYPE


@pytest.mark.parametrize("case", load_cases("patch_members.json"))
def test_table(case: Case) -> None:
    tolerated = tolerated_by(case)
    operations = parse_operations(body_of(case), tolerated)
    if "error" in case:
        with pytest.raises(ScimError) as refusal:
            member_changes(operations, GROUP_TYPE, tolerated)
        check_refusal(refusal.value, case["error"])
        return
    changes, rest = member_changes(operations, GROUP_TYPE, tolerated)
    assert [[change.kind, list(change.ids)] for change in changes] == case["changes"]
    assert [[operation.op, operation.path, operation.value] for operation in rest] == case["rest"]
    if "fired" in case:
        assert sorted(tolerated.fired) == case["fired"]


def test_the_rest_of_a_group_patch_is_applied_without_any_member() -> None:
    tolerated = Tolerated(defaults("okta"))
    group = {"schemas": [GROUP_TYPE.schema.id], "id": "g1", "displayName": "Nurses"}
    operations = [
        Operation("replace", None, {"id": "g1", "displayName": "Doctors", "members": [{"value": "a"}]}),
        Operation("add", "externalId", "x"),
    ]
    changes, rest = member_changes(operations, GROUP_TYPE, tolerated)
    assert changes == [MemberChange("replace", ("a",))]
    patched = apply(group, rest, GROUP_TYPE, tolerated)
    assert patched.resource == {**group, "displayName": "Doctors", "externalId": "x"}
    assert patched.touched == {"displayname", "externalid"}


def test_the_name_of_a_group_cannot_be_removed() -> None:
    group = {"schemas": [GROUP_TYPE.schema.id], "id": "g1", "displayName": "Nurses"}
    for operation in (Operation("remove", "displayName"), Operation("replace", None, {"displayName": ""})):
        with pytest.raises(ScimError, match="displayName is required and cannot be removed") as refusal:
            apply(group, [operation], GROUP_TYPE, Tolerated(defaults("okta")))
        assert refusal.value.scim_type == "mutability"


def test_a_request_may_name_many_members_but_not_without_end() -> None:
    tolerated = Tolerated(defaults("okta"))
    half = [{"value": str(number)} for number in range(MEMBERS_MAX // 2)]
    operations = [Operation("add", "members", half), Operation("remove", "members", half)]
    changes, _ = member_changes(operations, GROUP_TYPE, tolerated)
    assert [len(change.ids) for change in changes] == [MEMBERS_MAX // 2] * 2
    with pytest.raises(TooMany, match=str(MEMBERS_MAX)):
        member_changes([*operations, Operation("add", "members", [{"value": "a"}])], GROUP_TYPE, tolerated)


@pytest.mark.parametrize("members", [[], None, "", [{"value": "a", "type": "User"}], {"value": "a"}, "a", ["a", "a"]])
def test_ids_are_read_from_accepted_members(members: object) -> None:
    assert member_ids(members) == (["a"] if members else [])


@pytest.mark.parametrize("members", [[None], [{}], [{"value": ""}], [{"value": None}], 5, [["a"]], [""]])
def test_a_member_without_an_id_is_refused(members: object) -> None:
    with pytest.raises(InvalidValue, match="Each of members needs the id of a user as value"):
        member_ids(members)


IDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=3)
OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["add", "replace"]), IDS).map(
        lambda pair: Operation(pair[0], "members", [{"value": member} for member in pair[1]])
    ),
    st.tuples(st.sampled_from(["add", "replace"]), IDS).map(
        lambda pair: Operation(pair[0], None, {"members": [{"value": member} for member in pair[1]]})
    ),
    IDS.map(lambda ids: Operation("remove", "members", [{"value": member} for member in ids])),
    st.sampled_from(["a", "b", "c"]).map(lambda member: Operation("remove", f'members[value eq "{member}"]')),
    st.just(Operation("remove", "members")),
)


def play(changes: list[MemberChange], members: list[str]) -> list[str]:
    """The members after the changes, as a set kept in order."""
    present = dict.fromkeys(members)
    for change in changes:
        if change.kind in ("replace", "clear"):
            present = {}
        for member in change.ids:
            if change.kind == "remove":
                present.pop(member, None)
            else:
                present[member] = None
    return list(present)


@given(members=IDS.map(lambda ids: list(dict.fromkeys(ids))), operations=st.lists(OPERATIONS, max_size=5))
def test_the_changes_have_the_effect_of_the_operations_on_a_group_with_its_members(
    members: list[str], operations: list[Operation]
) -> None:
    group: dict[str, object] = {"schemas": [GROUP_TYPE.schema.id], "displayName": "Nurses"}
    if members:
        group["members"] = [{"value": member} for member in members]
    whole = apply(group, operations, GROUP_TYPE, Tolerated(defaults("entra"))).resource
    changes, rest = member_changes(operations, GROUP_TYPE, Tolerated(defaults("entra")))
    assert rest == []
    assert play(changes, members) == member_ids(whole.get("members"))
