"""Many requests that change the same resource at the same moment: everyone gets a turn."""

import asyncio

import pytest

from mdscripts.app.ports import StaleVersion
from mdscripts.app.turns import ATTEMPTS, persist
from mdscripts.scim.errors import Conflict, PreconditionFailed
from mdscripts.storage.turns import Turns

from .conftest import Json, Office, person

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def replacing(path: str, value: object) -> Json:
    return {"schemas": [PATCH], "Operations": [{"op": "replace", "path": path, "value": value}]}


def test_forty_changes_of_one_person_at_once_are_all_made(office: Office) -> None:
    user = office.create(person())

    async def all_at_once() -> list[int]:
        changes = [office.directory.patch(office.call(), user.id, replacing("title", f"t{n}")) for n in range(40)]
        return [record.version for record in await asyncio.gather(*changes)]

    assert sorted(office.run(all_at_once())) == list(range(2, 42))
    assert len(office.facts()) == 41


def test_whoever_asks_for_any_version_is_never_told_that_it_is_the_wrong_one(office: Office) -> None:
    user = office.create(person())
    group = office.run(office.groups.create(office.call(), {"schemas": [GROUP], "displayName": "Nurses"}))

    async def all_at_once() -> list[int]:
        of_user = [office.directory.patch(office.call(), user.id, replacing("title", f"t{n}"), "*") for n in range(40)]
        of_group = [
            office.groups.patch(office.call(), group.id, replacing("displayName", f"g{n}"), "*") for n in range(20)
        ]
        await asyncio.gather(*of_group)
        return [record.version for record in await asyncio.gather(*of_user)]

    assert sorted(office.run(all_at_once())) == list(range(2, 42))


def test_of_many_who_ask_for_one_version_exactly_one_changes_it(office: Office) -> None:
    user = office.create(person())

    async def all_at_once() -> list[object]:
        changes = [
            office.directory.patch(office.call(), user.id, replacing("title", f"t{n}"), 'W/"1"') for n in range(20)
        ]
        return list(await asyncio.gather(*changes, return_exceptions=True))

    ended = office.run(all_at_once())
    assert sum(isinstance(each, PreconditionFailed) for each in ended) == 19


def test_deactivations_among_many_other_changes_are_all_made(office: Office) -> None:
    user = office.create(person())

    async def all_at_once() -> None:
        await asyncio.gather(
            *(
                office.directory.patch(
                    office.call(), user.id, replacing("active", False) if n % 4 == 3 else replacing("title", f"t{n}")
                )
                for n in range(40)
            )
        )

    office.run(all_at_once())
    assert office.read(user)["active"] is False


def test_many_changes_of_one_group_at_once_are_all_made(office: Office) -> None:
    members = [office.create(person(f"p{n}")).id for n in range(10)]
    group = office.run(office.groups.create(office.call(), {"schemas": [GROUP], "displayName": "Nurses"}))

    async def all_at_once() -> None:
        renames = [office.groups.patch(office.call(), group.id, replacing("displayName", f"g{n}")) for n in range(30)]
        added = [{"op": "add", "path": "members", "value": [{"value": each}]} for each in members]
        joins = [
            office.groups.patch(office.call(), group.id, {"schemas": [PATCH], "Operations": [operation]})
            for operation in added
        ]
        await asyncio.gather(*renames, *joins)

    office.run(all_at_once())
    record = office.run(office.groups.find(office.call(), group.id))
    assert {member.user_id for member in record.members or ()} == set(members)


def test_who_always_loses_is_told_so_in_the_end(office: Office) -> None:
    """Another process may win each time: it has no queue in common with this one."""
    tried = []

    async def lose() -> None:
        tried.append(1)
        raise StaleVersion

    with pytest.raises(Conflict, match="The group is being changed by many requests at once"):
        office.run(persist(office.storage.for_organization(office.sunrise), "id", lose, "group"))
    assert len(tried) == ATTEMPTS


def test_a_queue_is_forgotten_with_the_last_who_waits() -> None:
    turns = Turns()

    async def wait(number: int) -> int:
        async with turns.queue("maple", "id"):
            await asyncio.sleep(0)
            return number

    async def all_at_once() -> list[int]:
        return list(await asyncio.gather(*(wait(number) for number in range(5))))

    assert asyncio.run(all_at_once()) == [0, 1, 2, 3, 4]
    assert len(turns) == 0
