"""The last active Manager goes (RO-08): the log says so, whatever took the role away, and however fast."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from mdscripts import telemetry
from mdscripts.app.call import Actor, Happening
from mdscripts.app.grants import Grants
from mdscripts.app.last_manager import USERS_NAMED, after_loss
from mdscripts.app.ports import OrganizationRecord, UserRecord

from .conftest import Office, person
from .test_groups import PATCH_OP, patch, push

Json = dict[str, Any]
OFF = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": {"active": False}}]}
ROUNDS = 10
"""How often two race: at the same moment is not always the same moment."""


class Log:
    """What is logged during a test."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def take(self) -> list[Json]:
        """The alarms since the last time, without what every line has."""
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        self.stream.seek(0)
        self.stream.truncate()
        assert {line["level"] for line in lines} <= {"warning"}
        return [line for line in lines if line["event"] == "last_manager_lost"]


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    log = Log()
    telemetry.configure("info", log.stream)
    yield log
    root.handlers, root.level = handlers, level


def manager(office: Office, login: str) -> UserRecord:
    return office.create(person(login, ext={"role": "Manager"}))


def sunrise(office: Office) -> OrganizationRecord:
    return office.run(office.storage.for_organization(office.sunrise).find_organization())


def grant(office: Office, group: str, role: str) -> None:
    office.run(Grants(office.storage, office.scribe).set(sunrise(office), group, role=role))


def by_patch(office: Office, user: UserRecord) -> None:
    office.run(office.directory.patch(office.call(), user.id, OFF))


def by_put(office: Office, user: UserRecord) -> None:
    office.put(user, person("ann", ext={"role": "Manager"}, active=False))


def by_demotion(office: Office, user: UserRecord) -> None:
    office.put(user, person("ann", ext={"role": "Assistant"}))


def by_delete(office: Office, user: UserRecord) -> None:
    office.delete(user)


@pytest.mark.parametrize(
    ("end", "action"),
    [
        (by_patch, "user.deactivated"),
        (by_put, "user.deactivated"),
        (by_demotion, "user.updated"),
        (by_delete, "user.deleted"),
    ],
)
def test_the_log_says_who_went_and_how(
    office: Office, log: Log, end: Callable[[Office, UserRecord], None], action: str
) -> None:
    ann, bob = manager(office, "ann"), manager(office, "bob")
    office.delete(bob)
    assert log.take() == []
    end(office, ann)
    (line,) = log.take()
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "last_manager_lost",
        "level": "warning",
        "logger": "mdscripts.alarm",
        "organization": "sunrise",
        "users": [ann.id],
        "action": action,
        "target": f"User:{ann.id}",
        "actor": "token:abc",
        "request_id": "req-1",
        "counted": True,
        "rule": "RO-08",
    }
    assert "RO-08" in office.facts()[-1].rules


@pytest.mark.parametrize("how", ["member leaves", "group is deleted", "grant is changed", "grant is removed"])
def test_a_role_by_a_group_that_ends_is_told_with_the_people(office: Office, log: Log, how: str) -> None:
    grants, people = Grants(office.storage, office.scribe), [office.create(person(f"u{n}")).id for n in range(12)]
    group = push(office, "Doctors", *people)
    grant(office, "Doctors", "Manager")
    actions = {
        "member leaves": "group.members_changed",
        "group is deleted": "group.deleted",
        "grant is changed": "group.grant_set",
        "grant is removed": "group.grant_removed",
    }
    if how == "member leaves":
        patch(office, group, {"op": "remove", "path": "members", "value": [{"value": user} for user in people[1:]]})
        assert log.take() == []
        patch(office, group, {"op": "remove", "path": f'members[value eq "{people[0]}"]'})
    elif how == "group is deleted":
        office.run(office.groups.delete(office.call(), group))
    elif how == "grant is changed":
        grant(office, "Doctors", "Assistant")
    else:
        office.run(grants.remove(sunrise(office), "Doctors", by=Actor("cli", "req-9")))
    (line,) = log.take()
    assert (line["organization"], line["action"], line["target"]) == ("sunrise", actions[how], f"Group:{group}")
    assert line["users"] == ([people[0]] if how == "member leaves" else sorted(people)[:USERS_NAMED])
    changed = [fact for fact in office.facts() if fact.action == "user.access_changed"]
    assert "RO-08" in changed[-1].rules


def test_where_a_manager_is_left_nothing_is_logged(office: Office, log: Log) -> None:
    ann = manager(office, "ann")
    group = push(office, "Doctors", office.create(person("bob")).id)
    grant(office, "Doctors", "Manager")
    by_patch(office, ann)
    assert log.take() == []
    office.run(office.groups.delete(office.call(), group))
    assert [line["action"] for line in log.take()] == ["group.deleted"]


def test_who_is_not_the_last_of_another_organization_does_not_count(office: Office, log: Log) -> None:
    office.run(office.directory.create(office.call(organization=office.other), person("eve", ext={"role": "Manager"})))
    by_patch(office, manager(office, "ann"))
    assert [line["organization"] for line in log.take()] == ["sunrise"]


def alarms_of(office: Office) -> int:
    """How many entries of the audit carry the rule."""
    return sum("RO-08" in fact.rules for fact in office.facts())


def test_two_who_go_at_the_same_moment_cannot_miss_the_alarm(office: Office, log: Log) -> None:
    """Each finds the other one before the change; whoever is written last finds nobody after it."""
    for number in range(ROUNDS):
        ann, bob = manager(office, f"ann{number}"), manager(office, f"bob{number}")
        before, calls = alarms_of(office), [office.call(), office.call()]

        async def both(users: tuple[UserRecord, ...], calls: list[Any]) -> None:
            pairs = zip(users, calls, strict=True)
            await asyncio.gather(*(office.directory.patch(call, user.id, OFF) for user, call in pairs))

        office.run(both((ann, bob), calls))
        told = log.take()
        assert told, f"round {number}"
        assert {line["users"][0] for line in told} <= {ann.id, bob.id}
        assert alarms_of(office) > before
        # What Activity shows, too, and only of those who told.
        shown = [happened.target_id for call in calls for happened in call.happened if "RO-08" in happened.rules]
        assert {line["users"][0] for line in told} <= set(shown)


def test_one_by_the_profile_and_one_by_a_group_at_the_same_moment_cannot_miss_it_either(
    office: Office, log: Log
) -> None:
    group = push(office, "Doctors")
    grant(office, "Doctors", "Manager")
    for number in range(ROUNDS):
        ann, bob = manager(office, f"ann{number}"), office.create(person(f"bob{number}"))
        patch(office, group, {"op": "add", "path": "members", "value": [{"value": bob.id}]})
        before, call = alarms_of(office), office.call()
        leave = {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": f'members[value eq "{bob.id}"]'}]}

        async def both(*work: Coroutine[Any, Any, object]) -> None:
            await asyncio.gather(*work)

        office.run(
            both(
                office.directory.patch(call, ann.id, OFF),
                office.groups.patch(call, group, leave, with_members=False),
            )
        )
        assert log.take(), f"round {number}"
        assert alarms_of(office) > before
        assert any("RO-08" in happened.rules for happened in call.happened)


def test_when_the_database_is_gone_after_the_change_the_alarm_is_given_rather_than_missed(
    sqlite_office: Office, log: Log
) -> None:
    office = sqlite_office
    ann, bob = manager(office, "ann"), manager(office, "bob")
    assert office.patch(bob, OFF["Operations"][0]).active is False  # type: ignore[index]
    store, happened = (
        office.storage.for_organization(office.sunrise),
        Happening("user.deleted", "User", ann.id, "", 204),
    )
    office.run(office.storage.close())
    told = office.run(after_loss(office.scribe, office.call(), store, happened, [ann.id], recorded=False))
    assert told == happened
    (line,) = log.take()
    assert (line["organization"], line["users"], line["counted"]) == (office.sunrise, [ann.id], False)
