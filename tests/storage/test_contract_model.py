"""A random history leaves the database as a simple model of a directory says it must be."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from mdscripts.app.ports import (
    AlreadyExists,
    ChangeMembers,
    DeleteGroup,
    DeleteUser,
    IndexedValue,
    InsertGroup,
    InsertUser,
    Query,
    StaleVersion,
    UnknownMember,
    UpdateGroup,
    UpdateUser,
    UserNameTaken,
    UserRow,
)
from mdscripts.app.schemas import USER_TYPE
from mdscripts.scim.filters import parse_filter

from .conftest import EVENING, MORNING, NOON, Organization, group_row, user_row

Step = tuple[Any, type[Exception] | tuple[type[Exception], ...] | None]
"""A change, and with what it must be refused."""
NAMES = [f"n{number}" for number in range(8)]
STEPS = 150


@dataclass
class User:
    name: str
    display: str
    version: int = 1
    values: frozenset[IndexedValue] = frozenset()


@dataclass
class Group:
    name: str
    version: int = 1
    members: set[str] = field(default_factory=set)


@dataclass
class Model:
    """What the organization should hold. Each step answers the refusal it expects, or None."""

    rng: random.Random
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def some_user(self) -> str:
        return self.rng.choice([*self.users, *self.gone[-2:], "nobody"])

    def some_group(self) -> str:
        return self.rng.choice([*self.groups, "nowhere"])

    def some_values(self) -> frozenset[IndexedValue]:
        return frozenset(IndexedValue("emails", "work", self.rng.choice("abc")) for _ in range(self.rng.randint(0, 2)))

    def insert_user(self) -> Step:
        name, values = self.rng.choice(NAMES), self.some_values()
        row = user_row(name)
        if any(user.name == name for user in self.users.values()):
            return InsertUser(row, tuple(values)), UserNameTaken
        self.users[row.id] = User(name, name, values=values)
        return InsertUser(row, tuple(values)), None

    def update_user(self) -> Step:
        user_id, name, wanted = self.some_user(), self.rng.choice(NAMES), self.some_values()
        user = self.users.get(user_id)
        version = (user.version if user else 1) + self.rng.choice([0, 0, 0, 1])
        display = self.rng.choice(["x", "y"])
        row: UserRow = user_row(name, id=user_id, display=display, updated_at=NOON)
        before = user.values if user else frozenset()
        change = UpdateUser(row, version, tuple(wanted - before), tuple(before - wanted))
        if user is None or version != user.version:
            return change, StaleVersion
        if any(other.name == name for other in self.users.values() if other is not user):
            return change, UserNameTaken
        if user.display != display:
            for group in self.groups.values():
                group.version += user_id in group.members
        user.name, user.display, user.values, user.version = name, display, wanted, version + 1
        return change, None

    def delete_user(self) -> Step:
        user_id = self.some_user()
        user = self.users.get(user_id)
        change = DeleteUser(user_id, user.version if user else 1, EVENING)
        if user is None:
            return change, StaleVersion
        del self.users[user_id]
        self.gone.append(user_id)
        for group in self.groups.values():
            group.version += user_id in group.members
            group.members.discard(user_id)
        return change, None

    def insert_group(self) -> Step:
        name, members = self.rng.choice(NAMES), {self.some_user() for _ in range(self.rng.randint(0, 3))}
        row = group_row(name)
        change = InsertGroup(row, tuple(members))
        taken = any(group.name == name for group in self.groups.values())
        refusals = (AlreadyExists,) * taken + (UnknownMember,) * (not members <= self.users.keys())
        if refusals:  # with both faults, which one is named depends on the database
            return change, refusals
        self.groups[row.id] = Group(name, members=members)
        self._bump(members)
        return change, None

    def rename_group(self) -> Step:
        group_id, name = self.some_group(), self.rng.choice(NAMES)
        group = self.groups.get(group_id)
        change = UpdateGroup(group_row(name, id=group_id), group.version if group else 1, renamed=True)
        if group is None:
            return change, StaleVersion
        if any(other.name == name for other in self.groups.values() if other is not group):
            return change, AlreadyExists
        group.name, group.version = name, group.version + 1
        self._bump(group.members)
        return change, None

    def change_members(self) -> Step:
        group_id = self.some_group()
        add = {self.some_user() for _ in range(self.rng.randint(0, 3))}
        remove = {self.some_user() for _ in range(self.rng.randint(0, 3))}
        group = self.groups.get(group_id)
        expected = self.rng.choice([None, None, (group.version if group else 1) + self.rng.choice([0, 1])])
        change = ChangeMembers(group_id, tuple(add), tuple(remove), EVENING, expected)
        if group is None or expected not in (None, group.version):
            return change, StaleVersion
        if not add <= self.users.keys():
            return change, UnknownMember
        after = (group.members - remove) | add
        moved = group.members ^ after
        self._bump(moved)
        group.members, group.version = after, group.version + bool(moved)
        return change, None

    def delete_group(self) -> Step:
        group_id = self.some_group()
        change = DeleteGroup(group_id, EVENING)
        if group_id not in self.groups:
            return change, StaleVersion
        self._bump(self.groups.pop(group_id).members)
        return change, None

    def _bump(self, user_ids: set[str]) -> None:
        for user_id in user_ids:
            self.users[user_id].version += 1


def compare(model: Model, maple: Organization) -> None:
    users = maple.list_users(Query(1_000))
    assert users.total == len(model.users) == len(users.records) == maple.user_count()
    for record in users.records:
        user = model.users[record.id]
        assert (record.version, record.created_at) == (user.version, MORNING)
        assert {group.id for group in record.groups} == {
            group_id for group_id, group in model.groups.items() if record.id in group.members
        }
        assert [group.display_name for group in record.groups] == sorted(
            model.groups[group.id].name for group in record.groups
        )
    groups = maple.run(maple.store.list_groups(Query(1_000), with_members=True))
    assert groups.total == len(model.groups) == len(groups.records) == maple.group_count()
    for group in groups.records:
        expected = model.groups[group.id]
        assert (group.version, group.display_name) == (expected.version, expected.name)
        shown = {member.user_id: member.display for member in group.members or ()}
        assert shown == {user_id: model.users[user_id].display for user_id in expected.members}
    for letter in "abc":
        found = maple.list_users(Query(1_000, filter=parse_filter(f'emails.value eq "{letter}"', USER_TYPE)))
        assert {record.id for record in found.records} == {
            user_id for user_id, user in model.users.items() if any(value.value_key == letter for value in user.values)
        }


@pytest.mark.parametrize("seed", range(4))
def test_a_random_history_ends_as_the_model_says(maple: Organization, seed: int) -> None:
    model = Model(random.Random(seed))
    steps = [
        model.insert_user,
        model.insert_user,
        model.update_user,
        model.delete_user,
        model.insert_group,
        model.rename_group,
        model.change_members,
        model.change_members,
        model.delete_group,
    ]
    for number in range(STEPS):
        change, refusal = model.rng.choice(steps)()
        if refusal is None:
            maple.commit(change)
        else:
            with pytest.raises(refusal):
                maple.commit(change)
        if number % 50 == 49:
            compare(model, maple)
