"""Two fresh organizations in a database of each kind, and short ways to write and read them."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import orjson
import pytest

from mdscripts.app.ports import (
    AuditFact,
    Change,
    ChangeMembers,
    Facts,
    GroupRecord,
    GroupRow,
    IndexedValue,
    InsertGroup,
    InsertUser,
    OrganizationRecord,
    OutboxEvent,
    Query,
    UserPage,
    UserRecord,
    UserRow,
)
from mdscripts.scim.filters import fold
from mdscripts.storage import DatabaseStorage, open_storage
from mdscripts.storage.organization_store import DatabaseOrganizationStore
from tests.conftest import DATABASES, copy_sqlite

T = TypeVar("T")
MORNING = "2026-11-24T08:00:00.000Z"
NOON = "2026-11-24T12:00:00.000Z"
EVENING = "2026-11-24T18:00:00.000Z"
_NUMBERS = itertools.count(1)


def new_id() -> str:
    """Like the application's ids: each greater than all before it."""
    return f"01930000-0000-7000-8000-{next(_NUMBERS):012x}"


def user_row(name: str, **columns: Any) -> UserRow:
    """A user whose user name, displayed name and body say ``name``."""
    user_id = columns.pop("id", None) or new_id()
    row = UserRow(
        id=user_id,
        user_name_key=fold(name),
        external_id=None,
        active=True,
        role="Assistant",
        npi=None,
        created_at=MORNING,
        updated_at=MORNING,
        body=orjson.dumps({"id": user_id, "userName": name}).decode(),
        provenance="{}",
        display=name,
    )
    return replace(row, **columns)


def group_row(name: str, **columns: Any) -> GroupRow:
    """A group called ``name``."""
    group_id = columns.pop("id", None) or new_id()
    body = orjson.dumps({"id": group_id, "displayName": name}).decode()
    row = GroupRow(group_id, name, fold(name), None, MORNING, MORNING, body)
    return replace(row, **columns)


def fact(**columns: Any) -> AuditFact:
    """An audit row in which every column has a value of its own."""
    named = {
        name: f"{name} of it"
        for name in ("actor", "action", "target_type", "target_id", "target_name", "request_id", "source", "client")
    }
    made = AuditFact(
        id=new_id(), at=NOON, outcome="changed", status=200, changes='[{"a":1}]', rules=("UN-01",), detail="so", **named
    )
    return replace(made, **columns)


def event(topic: str = "user.updated") -> OutboxEvent:
    """An outbox event."""
    return OutboxEvent(new_id(), NOON, topic, "User:1", "{}")


class Organization:
    """One organization: its store, with the waiting done."""

    def __init__(self, loop: asyncio.AbstractEventLoop, store: DatabaseOrganizationStore) -> None:
        self._loop = loop
        self.store = store
        self.id = store.organization_id

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def commit(self, *changes: Change, facts: Facts | None = None) -> None:
        self.run(self.store.commit(changes, Facts() if facts is None else facts))

    def add_user(self, name: str, *values: IndexedValue, **columns: Any) -> UserRow:
        row = user_row(name, **columns)
        self.commit(InsertUser(row, values))
        return row

    def add_users(self, *rows: UserRow) -> list[str]:
        async def insert_all() -> None:
            await asyncio.gather(*(self.store.commit([InsertUser(row)], Facts()) for row in rows))

        self.run(insert_all())
        return [row.id for row in rows]

    def add_group(self, name: str, *members: str, **columns: Any) -> GroupRow:
        row = group_row(name, **columns)
        self.commit(InsertGroup(row, members))
        return row

    def change_members(
        self, group_id: str, add: Sequence[str] = (), remove: Sequence[str] = (), expected: int | None = None
    ) -> None:
        self.commit(ChangeMembers(group_id, tuple(add), tuple(remove), EVENING, expected))

    def user(self, user_id: str) -> UserRecord:
        found = self.run(self.store.find_user(user_id))
        assert found is not None
        return found

    def group(self, group_id: str) -> GroupRecord:
        found = self.run(self.store.find_group(group_id, with_members=True))
        assert found is not None
        return found

    def members(self, group_id: str) -> list[str]:
        return [member.user_id for member in self.group(group_id).members or ()]

    def list_users(self, query: Query) -> UserPage:
        return self.run(self.store.list_users(query))

    def user_count(self) -> int:
        total = self.list_users(Query(count=0)).total
        assert total == self.counted("user"), "the counter says what the list says"
        return total

    def group_count(self) -> int:
        total = self.run(self.store.list_groups(Query(count=0), with_members=False)).total
        assert total == self.counted("group"), "the counter says what the list says"
        return total

    def counted(self, resource: str) -> int:
        """What the counter says; a list may find its total in another way."""
        statement = "SELECT coalesce(sum(total), 0) FROM resource_counter WHERE organization_id = $1 AND resource = $2"
        engine = self.store._engine
        return int(self.run(engine.fetch(engine.dialect.render(statement), (self.id, resource)))[0][0])

    def audit(self) -> list[AuditFact]:
        return [record.fact for record in self.run(self.store.list_audit(limit=1_000))]


class Installation:
    """A storage with two organizations of its own; others may be in the same database."""

    def __init__(self, loop: asyncio.AbstractEventLoop, storage: DatabaseStorage) -> None:
        self.loop = loop
        self.storage = storage
        self.maple, self.oak = self.add_organization("maple"), self.add_organization("oak")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def add_organization(self, name: str) -> Organization:
        made = OrganizationRecord(new_id(), f"{name}-{next(_NUMBERS)}", name.title(), False, MORNING, "{}")
        self.run(self.storage.insert_organization(made, Facts()))
        return Organization(self.loop, self.storage.for_organization(made.id))

    def fetch(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement of the test's own, written with $1, $2, …"""
        engine = self.storage._engine
        return [tuple(row) for row in self.run(engine.fetch(engine.dialect.render(statement), params))]


@contextmanager
def opened(database_url: str, **options: Any) -> Iterator[Installation]:
    """A storage in an event loop of its own."""
    loop = asyncio.new_event_loop()
    storage = loop.run_until_complete(open_storage(database_url, **options))
    try:
        yield Installation(loop, storage)
    finally:
        loop.run_until_complete(storage.close())
        loop.close()


@pytest.fixture(scope="package", params=DATABASES)
def shared_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database of each kind for all tests here that keep to organizations of their own."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("shared") / "mdscripts.db"
        copy_sqlite(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="package")
def shared_storage(shared_database_url: str) -> Iterator[tuple[asyncio.AbstractEventLoop, DatabaseStorage]]:
    """The open database with the loop it lives in."""
    with opened(shared_database_url) as made:
        yield made.loop, made.storage


@pytest.fixture
def installation(shared_storage: tuple[asyncio.AbstractEventLoop, DatabaseStorage]) -> Installation:
    """Two fresh organizations in a database of each kind."""
    return Installation(*shared_storage)


@pytest.fixture
def maple(installation: Installation) -> Organization:
    """The organization a test is about."""
    return installation.maple
