"""What happens when many write at once: constraints and versions decide, nothing is lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Coroutine, Iterable
from dataclasses import replace
from typing import Any

import pytest

from mdscripts.app.ports import (
    AlreadyExists,
    Change,
    ChangeMembers,
    DeleteGroup,
    DeleteUser,
    Facts,
    InsertGroup,
    InsertUser,
    NoLongerManager,
    Query,
    RequireManager,
    StaleVersion,
    UnknownMember,
    UpdateGroup,
    UpdateUser,
    UserNameTaken,
    UserRow,
)
from mdscripts.storage import open_storage
from mdscripts.storage.organization_store import DatabaseOrganizationStore

from .conftest import EVENING, NOON, Organization, fact, group_row, user_row

REFUSALS = (UserNameTaken, StaleVersion, UnknownMember, AlreadyExists, NoLongerManager)


def together(organization: Organization, attempts: Iterable[Coroutine[Any, Any, Any]]) -> Counter[str]:
    """Start all at once; how each ended, by the name of its refusal or ``done``."""

    async def outcome(attempt: Awaitable[Any]) -> str:
        try:
            await attempt
        except REFUSALS as refusal:
            return type(refusal).__name__
        return "done"

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*map(outcome, attempts))

    return Counter(organization.run(all_of_them()))


def test_of_many_who_take_one_name_exactly_one_gets_it(maple: Organization) -> None:
    for _ in range(3):
        rows = [user_row(f"ann{_}") for _n in range(16)]
        ended = together(maple, (maple.store.commit([InsertUser(row)], Facts((fact(),))) for row in rows))
        assert ended == {"done": 1, "UserNameTaken": 15}
    assert (maple.user_count(), len(maple.audit())) == (3, 3)


def test_managers_who_end_each_others_access_at_once_leave_one_of_them(maple: Organization) -> None:
    """Nobody looks before the change alone: then all of them would still find themselves managers."""
    for _ in range(5):
        rows = [maple.add_user(f"lead{_}{number}", role="Manager") for number in range(6)]

        def ends(row: UserRow, by: UserRow) -> list[Change]:
            return [RequireManager(by.id), UpdateUser(replace(row, active=False), 1, was_active=True)]

        pairs = zip(rows, [*rows[1:], rows[0]], strict=True)
        ended = together(maple, (maple.store.commit(ends(row, by), Facts((fact(),))) for by, row in pairs))
        active = [row for row in rows if maple.user(row.id).active]
        assert ended == {"done": 6 - len(active), "NoLongerManager": len(active)}
        assert active


def test_of_many_who_change_one_version_exactly_one_does(maple: Organization) -> None:
    row = maple.add_user("ann")
    for version in (1, 2, 3):
        updates = [UpdateUser(replace(row, body=f'"{number}"'), version) for number in range(16)]
        ended = together(maple, (maple.store.commit([update], Facts((fact(),))) for update in updates))
        assert ended == {"done": 1, "StaleVersion": 15}
    assert (maple.user(row.id).version, len(maple.audit())) == (4, 3)


def test_increments_that_retry_when_stale_are_all_made(maple: Organization) -> None:
    row = maple.add_user("ann", body="0")

    async def increment() -> None:
        while True:
            record = await maple.store.find_user(row.id)
            assert record is not None
            try:
                wanted = replace(row, body=str(int(record.body) + 1))
                await maple.store.commit([UpdateUser(wanted, record.version)], Facts())
            except StaleVersion:
                continue
            return

    assert together(maple, (increment() for _ in range(12))) == {"done": 12}
    assert (maple.user(row.id).body, maple.user(row.id).version) == ("12", 13)


def test_of_many_groups_with_one_name_exactly_one_is_made(maple: Organization) -> None:
    ended = together(maple, (maple.store.commit([InsertGroup(group_row("Nurses"))], Facts()) for _ in range(16)))
    assert ended == {"done": 1, "AlreadyExists": 15}
    assert maple.group_count() == 1


def test_everybody_who_joins_at_once_is_a_member(maple: Organization) -> None:
    ids = maple.add_users(*(user_row(f"u{number}") for number in range(24)))
    row = maple.add_group("Nurses")
    joins = [ChangeMembers(row.id, (user_id, ids[0]), (), EVENING) for user_id in ids[1:]]
    assert together(maple, (maple.store.commit([join], Facts()) for join in joins)) == {"done": 23}
    assert maple.members(row.id) == ids
    assert maple.group(row.id).version == 24
    assert [maple.user(user_id).version for user_id in ids] == [2] * 24


def test_guarded_member_lists_do_not_mix(maple: Organization) -> None:
    ids = maple.add_users(*(user_row(f"u{number}") for number in range(16)))
    row = maple.add_group("Nurses")
    wanted = [ChangeMembers(row.id, (user_id,), (), EVENING, 1) for user_id in ids]
    ended = together(maple, (maple.store.commit([change], Facts()) for change in wanted))
    assert ended == {"done": 1, "StaleVersion": 15}
    assert len(maple.members(row.id)) == 1


@pytest.mark.parametrize("attempt", range(4))
def test_no_membership_outlives_its_user_or_its_group(maple: Organization, attempt: int) -> None:
    rng = random.Random(attempt)
    ids = maple.add_users(*(user_row(f"u{number}") for number in range(8)))
    groups = [maple.add_group(f"g{number}").id for number in range(3)]

    async def join(group_id: str, user_id: str) -> None:
        await maple.store.commit([ChangeMembers(group_id, (user_id,), (), EVENING)], Facts())

    async def leave(user_id: str) -> None:
        while (record := await maple.store.find_user(user_id)) is not None:
            try:
                await maple.store.commit([DeleteUser(user_id, record.version, EVENING)], Facts())
            except StaleVersion:
                continue

    async def dissolve(group_id: str) -> None:
        await maple.store.commit([DeleteGroup(group_id, EVENING)], Facts())

    attempts = [join(group_id, user_id) for group_id in groups for user_id in ids]
    attempts += [leave(user_id) for user_id in ids[:6]] + [dissolve(groups[0])]
    rng.shuffle(attempts)
    together(maple, attempts)
    living = set(ids[6:])
    assert maple.run(maple.store.find_group(groups[0], with_members=True)) is None
    assert all(set(maple.members(group_id)) == living for group_id in groups[1:])
    assert all({group.id for group in maple.user(user_id).groups} == set(groups[1:]) for user_id in living)
    assert (maple.user_count(), maple.group_count()) == (2, 2)


def test_changes_that_lock_the_same_rows_in_other_orders_are_all_made(maple: Organization) -> None:
    ids = maple.add_users(*(user_row(f"u{number}") for number in range(6)))
    groups = [maple.add_group(f"g{number}", *ids) for number in range(3)]
    rng = random.Random(9)

    async def rename_group(number: int) -> None:
        while True:
            record = await maple.store.find_group(groups[number].id, with_members=False)
            assert record is not None
            named = group_row(f"g{number} {rng.random()}", id=record.id)
            try:
                await maple.store.commit([UpdateGroup(named, record.version, renamed=True)], Facts())
            except StaleVersion:
                continue
            return

    async def move(number: int) -> None:
        chosen = rng.sample(ids, 3)
        changes = [ChangeMembers(group.id, (), tuple(chosen), EVENING) for group in rng.sample(groups, 2)]
        changes += [replace(change, add=change.remove, remove=()) for change in changes]
        await maple.store.commit(changes, Facts((fact(),)))

    async def rename_user(user_id: str) -> None:
        while True:
            record = await maple.store.find_user(user_id)
            assert record is not None
            try:
                wanted = user_row(f"n{rng.random()}", id=user_id)
                await maple.store.commit([UpdateUser(wanted, record.version)], Facts())
            except StaleVersion:
                continue
            return

    attempts = [move(number) for number in range(12)]
    attempts += [rename_group(number % 3) for number in range(6)] + [rename_user(user_id) for user_id in ids]
    rng.shuffle(attempts)
    assert together(maple, attempts) == {"done": 24}
    assert all(maple.members(group.id) == ids for group in groups)
    assert len(maple.audit()) == 12


def test_counters_are_exact_after_creating_and_deleting_at_once(maple: Organization) -> None:
    rows = [user_row(f"u{number}") for number in range(40)]

    async def come_and_go(number: int) -> None:
        await maple.store.commit([InsertUser(rows[number])], Facts())
        if number % 2:
            await maple.store.commit([DeleteUser(rows[number].id, 1, NOON)], Facts())

    assert together(maple, map(come_and_go, range(40))) == {"done": 40}
    page = maple.list_users(Query(100))
    assert (page.total, len(page.records)) == (20, 20)


def test_two_servers_on_one_database_see_each_other_at_once(maple: Organization, shared_database_url: str) -> None:
    """Like ``serve --workers 2``: storages that share nothing but the database."""

    async def race() -> tuple[Counter[str], int]:
        second = await open_storage(shared_database_url)
        theirs: DatabaseOrganizationStore = second.for_organization(maple.id)
        try:
            row = user_row("shared")
            await maple.store.commit([InsertUser(row)], Facts())
            assert await theirs.find_user(row.id) is not None
            ended: list[str] = []

            async def attempt(store: DatabaseOrganizationStore, number: int) -> None:
                try:
                    await store.commit([InsertUser(user_row(f"name{number % 10}"))], Facts())
                    ended.append("done")
                except UserNameTaken:
                    ended.append("taken")

            await asyncio.gather(*(attempt(store, number) for number in range(40) for store in (maple.store, theirs)))
            return Counter(ended), (await theirs.list_users(Query(0))).total
        finally:
            await second.close()

    assert maple.run(race()) == ({"done": 10, "taken": 70}, 11)
