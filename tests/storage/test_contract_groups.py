"""What every storage promises about groups and memberships."""

from dataclasses import replace

import pytest

from mdscripts.app.ports import (
    AlreadyExists,
    ChangeMembers,
    DeleteGroup,
    DeleteUser,
    Facts,
    GroupRecord,
    GroupRef,
    InsertGroup,
    Member,
    StaleVersion,
    UnknownMember,
    UpdateGroup,
    UpdateUser,
)

from .conftest import EVENING, MORNING, NOON, Installation, Organization, fact, group_row, user_row


def versions(organization: Organization, *user_ids: str) -> list[int]:
    return [organization.user(user_id).version for user_id in user_ids]


@pytest.fixture
def people(maple: Organization) -> list[str]:
    return maple.add_users(*(user_row(f"user{number}") for number in range(5)))


def test_a_group_is_found_with_or_without_its_members(maple: Organization, people: list[str]) -> None:
    row = maple.add_group("Nurses", people[2], people[0], external_id="00g1")
    plain = GroupRecord(row.id, 1, MORNING, MORNING, "Nurses", row.body)
    assert maple.run(maple.store.find_group(row.id, with_members=False)) == plain
    members = (Member(people[0], "user0"), Member(people[2], "user2"))
    assert maple.group(row.id) == replace(plain, members=members)


def test_an_empty_group_has_no_members(maple: Organization) -> None:
    assert maple.group(maple.add_group("Empty").id).members == ()


def test_members_see_their_groups_by_name(maple: Organization, people: list[str]) -> None:
    second, first = maple.add_group("Zebra", people[0]), maple.add_group("ant", people[0])
    assert maple.user(people[0]).groups == (GroupRef(first.id, "ant"), GroupRef(second.id, "Zebra"))
    assert versions(maple, people[0], people[1]) == [3, 1]


def test_a_group_name_is_given_once_whatever_its_case(maple: Organization) -> None:
    row = maple.add_group("Nurses")
    with pytest.raises(AlreadyExists):
        maple.commit(InsertGroup(group_row("NURSES")), facts=Facts((fact(),)))
    other = maple.add_group("Doctors")
    with pytest.raises(AlreadyExists):
        maple.commit(UpdateGroup(replace(other, display_name="nurses", display_name_key="nurses"), 1))
    assert (maple.group_count(), maple.audit()) == (2, [])
    maple.commit(DeleteGroup(row.id, NOON))
    maple.add_group("nurses")
    assert maple.group_count() == 2


def test_a_group_with_unknown_members_is_refused_and_they_are_named(installation: Installation) -> None:
    maple = installation.maple
    known, gone, foreign = maple.add_user("a"), maple.add_user("b"), installation.oak.add_user("c")
    maple.commit(DeleteUser(gone.id, 1, NOON))
    row = group_row("Nurses")
    with pytest.raises(UnknownMember) as refusal:
        maple.commit(
            InsertGroup(row, (known.id, gone.id, foreign.id, "nobody", "\0", "\ud800")), facts=Facts((fact(),))
        )
    assert refusal.value.ids == (gone.id, foreign.id, "nobody", "\0", "\ud800")
    assert maple.run(maple.store.find_group(row.id, with_members=True)) is None
    assert (maple.group_count(), maple.audit(), versions(maple, known.id)) == (0, [], [1])


def test_members_are_added_and_removed_with_new_versions_for_those_who_moved(
    maple: Organization, people: list[str]
) -> None:
    stays, leaves, absent, joins, bystander = people
    row = maple.add_group("Nurses", stays, leaves)
    maple.change_members(row.id, add=(joins, stays, joins), remove=(leaves, absent))
    group = maple.group(row.id)
    assert [member.user_id for member in group.members or ()] == [stays, joins]
    assert (group.version, group.updated_at) == (2, EVENING)
    assert versions(maple, stays, leaves, absent, joins, bystander) == [2, 3, 1, 2, 1]
    assert maple.user(joins).updated_at == EVENING
    assert maple.user(stays).updated_at == MORNING


def test_a_change_of_members_that_changes_nothing_gives_no_version_but_is_recorded(
    maple: Organization, people: list[str]
) -> None:
    row = maple.add_group("Nurses", people[0])
    maple.commit(ChangeMembers(row.id, (people[0],), (people[1],), EVENING), facts=Facts((fact(),)))
    assert maple.group(row.id).version == 1
    assert versions(maple, *people[:2]) == [2, 1]
    assert len(maple.audit()) == 1


def test_who_is_both_added_and_removed_is_a_member(maple: Organization, people: list[str]) -> None:
    row = maple.add_group("Nurses", people[0])
    maple.change_members(row.id, add=people[:2], remove=people[:2])
    assert maple.members(row.id) == people[:2]
    assert versions(maple, *people[:2]) == [2, 2]


def test_unknown_people_cannot_join_and_the_rest_of_the_change_is_not_made(
    maple: Organization, people: list[str]
) -> None:
    row = maple.add_group("Nurses", people[0])
    with pytest.raises(UnknownMember) as refusal:
        maple.commit(
            ChangeMembers(row.id, (people[1], "x", "\ud800"), (people[0], "y", "\0"), EVENING), facts=Facts((fact(),))
        )
    assert refusal.value.ids == ("x", "\ud800")
    assert maple.members(row.id) == [people[0]]
    assert (maple.group(row.id).version, versions(maple, *people[:2]), maple.audit()) == (1, [2, 1], [])


def test_removing_unknown_people_changes_nothing(maple: Organization, people: list[str]) -> None:
    row = maple.add_group("Nurses", people[0])
    maple.change_members(row.id, remove=("x", "\0", "\ud800"))
    assert (maple.members(row.id), maple.group(row.id).version) == ([people[0]], 1)


def test_a_guarded_change_of_members_needs_the_version_it_was_computed_from(
    maple: Organization, people: list[str]
) -> None:
    row = maple.add_group("Nurses", people[0])
    for expected in (0, 2):
        with pytest.raises(StaleVersion):
            maple.change_members(row.id, add=people[1:2], expected=expected)
    maple.change_members(row.id, add=people[1:2], expected=1)
    assert maple.group(row.id).version == 2


def test_members_of_a_missing_group_cannot_be_changed(maple: Organization, people: list[str]) -> None:
    with pytest.raises(StaleVersion):
        maple.change_members("nowhere", add=people[:1])
    assert versions(maple, people[0]) == [1]


def test_a_renamed_group_gives_each_member_a_new_version(maple: Organization, people: list[str]) -> None:
    row = maple.add_group("Nurses", *people[:2])
    renamed = group_row("Care", id=row.id, external_id="00g1", updated_at=NOON)
    maple.commit(UpdateGroup(renamed, 1, renamed=True))
    assert maple.group(row.id).display_name == "Care"
    assert (maple.group(row.id).version, maple.group(row.id).updated_at) == (2, NOON)
    assert versions(maple, *people[:3]) == [3, 3, 1]
    assert maple.user(people[0]).groups == (GroupRef(row.id, "Care"),)
    maple.commit(UpdateGroup(replace(renamed, external_id=None), 2))
    assert versions(maple, *people[:3]) == [3, 3, 1]


def test_an_update_of_another_version_of_a_group_is_stale(maple: Organization) -> None:
    row = maple.add_group("Nurses")
    for stale in (UpdateGroup(replace(row, body="{}"), 2), UpdateGroup(group_row("ghost"), 1)):
        with pytest.raises(StaleVersion):
            maple.commit(stale, facts=Facts((fact(),)))
    assert maple.group(row.id).body == row.body
    assert maple.audit() == []


def test_a_group_is_changed_and_its_members_in_one_go(maple: Organization, people: list[str]) -> None:
    row = maple.add_group("Nurses", people[0])
    maple.commit(
        UpdateGroup(group_row("Care", id=row.id), 1, renamed=True),
        ChangeMembers(row.id, (people[1],), (people[0],), EVENING, 2),
        facts=Facts((fact(),)),
    )
    group = maple.group(row.id)
    assert (group.display_name, group.version, maple.members(row.id)) == ("Care", 3, [people[1]])
    assert versions(maple, *people[:2]) == [4, 2]


def test_a_deleted_group_leaves_its_people_with_new_versions(maple: Organization, people: list[str]) -> None:
    row, other = maple.add_group("Nurses", *people[:2]), maple.add_group("Care", people[0])
    maple.commit(DeleteGroup(row.id, EVENING), facts=Facts((fact(),)))
    assert maple.run(maple.store.find_group(row.id, with_members=True)) is None
    assert maple.group_count() == 1
    assert versions(maple, *people[:3]) == [4, 3, 1]
    assert maple.user(people[0]).groups == (GroupRef(other.id, "Care"),)
    with pytest.raises(StaleVersion):
        maple.commit(DeleteGroup(row.id, EVENING), facts=Facts((fact(),)))
    assert (maple.group_count(), len(maple.audit())) == (1, 1)


def test_a_deleted_user_leaves_all_groups(maple: Organization, people: list[str]) -> None:
    first, second, third = (maple.add_group(name, *people[:2]) for name in "abc")
    maple.change_members(third.id, remove=people[:1])
    maple.commit(DeleteUser(people[0], maple.user(people[0]).version, EVENING))
    for row in (first, second):
        assert maple.members(row.id) == [people[1]]
        assert (maple.group(row.id).version, maple.group(row.id).updated_at) == (2, EVENING)
    assert maple.group(third.id).version == 2
    assert versions(maple, people[1]) == [4]


def test_a_group_shows_new_names_of_its_members_under_a_new_version(maple: Organization, people: list[str]) -> None:
    row, bystander = maple.add_group("Nurses", people[0]), maple.add_group("Care")
    renamed = user_row("user0", id=people[0], display="Ann Lee", updated_at=NOON)
    maple.commit(UpdateUser(renamed, 2))
    assert maple.group(row.id).members == (Member(people[0], "Ann Lee"),)
    assert (maple.group(row.id).version, maple.group(row.id).updated_at) == (2, NOON)
    maple.commit(UpdateUser(replace(renamed, active=False), 3))
    assert maple.group(row.id).version == 2
    assert maple.group(bystander.id).version == 1


def test_the_last_change_of_a_resource_never_moves_back(maple: Organization) -> None:
    late = maple.add_user("late", updated_at=EVENING)
    row = maple.add_group("Nurses", updated_at=EVENING)
    maple.commit(ChangeMembers(row.id, (late.id,), (), NOON))
    assert (maple.user(late.id).updated_at, maple.group(row.id).updated_at) == (EVENING, EVENING)
    maple.commit(DeleteUser(late.id, 2, NOON))
    assert maple.group(row.id).updated_at == EVENING


def test_member_ids_are_given_whole_or_among_some(maple: Organization, people: list[str]) -> None:
    row = maple.add_group("Nurses", *people[:3])
    assert list(maple.run(maple.store.member_ids(row.id))) == people[:3]
    among = [people[4], people[2], people[0], "x", "\0", "\ud800"]
    assert list(maple.run(maple.store.member_ids(row.id, among))) == [people[0], people[2]]
    assert list(maple.run(maple.store.member_ids(row.id, []))) == []
    assert list(maple.run(maple.store.member_ids("nowhere"))) == []


def test_a_change_of_members_of_a_large_group_touches_the_listed_rows_only(installation: Installation) -> None:
    maple = installation.maple
    ids = maple.add_users(*(user_row(f"u{number}") for number in range(300)))
    row = maple.add_group("Everybody", *ids[:-1])
    before = maple.user(ids[0]).version
    maple.change_members(row.id, add=ids[-1:])
    assert len(maple.members(row.id)) == 300
    assert maple.user(ids[0]).version == before
    maple.commit(DeleteGroup(row.id, EVENING))
    left = installation.fetch("SELECT count(*) FROM group_member WHERE organization_id = $1", maple.id)
    assert left == [(0,)]
    assert versions(maple, *ids) == [3] * 300
