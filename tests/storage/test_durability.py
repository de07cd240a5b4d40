"""What was acknowledged is there after a crash; what failed left nothing and broke nothing."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from mdscripts.app.ports import Facts, InsertUser, Query, StorageUnavailable, UserNameTaken
from mdscripts.app.schemas import USER_TYPE
from mdscripts.scim.filters import parse_filter
from mdscripts.storage import open_storage
from mdscripts.storage.sqlite import SqliteEngine
from tests.support.processes import end_with_parent

from .conftest import Installation, fact, new_id, opened, user_row

WRITER = """
import asyncio, sys
from mdscripts.app.ports import Facts, InsertUser
from mdscripts.storage import open_storage
from tests.storage.conftest import fact, user_row

async def main():
    url, organization_id, trial = sys.argv[1:]
    store = (await open_storage(url)).for_organization(organization_id)

    async def write(writer):
        number = 0
        while True:
            row = user_row(f"{trial}-{writer}-{number}", id=f"{trial}-{writer}-{number:06}")
            happened = fact(id=row.id, target_id=row.id)
            await store.commit([InsertUser(row)], Facts((happened,)))
            print(row.id, flush=True)
            number += 1

    await asyncio.gather(*(write(writer) for writer in range(8)))

asyncio.run(main())
"""


@pytest.fixture
def own(database_url: str) -> Iterator[Installation]:
    """A database of the test's own, of each kind."""
    with opened(database_url) as installation:
        yield installation


@pytest.mark.parametrize("trial", range(3))
def test_a_killed_writer_loses_nothing_it_acknowledged(own: Installation, database_url: str, trial: int) -> None:
    maple = own.maple
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, database_url, maple.id, str(trial)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent(),
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(60 + 25 * trial)]
    process.kill()
    acknowledged += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    assert all(acknowledged)
    with opened(database_url) as again:
        store = again.storage.for_organization(maple.id)
        found = {user_id for user_id in acknowledged if again.run(store.find_user(user_id)) is not None}
        assert found == set(acknowledged)
        (users,) = again.fetch('SELECT count(*) FROM "user" WHERE organization_id = $1', maple.id)
        (counted,) = again.fetch("SELECT sum(total) FROM resource_counter WHERE organization_id = $1", maple.id)
        (facts,) = again.fetch(
            'SELECT count(*) FROM audit a JOIN "user" u ON u.organization_id = a.organization_id AND u.id = a.target_id'
            " WHERE a.organization_id = $1",
            maple.id,
        )
        assert users == counted == facts, "a user, its count and its fact are written together or not at all"
        assert users[0] >= len(acknowledged)


# --- group commit -----------------------------------------------------------------------------


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[Installation]:
    """A SQLite file of the test's own."""
    with opened(sqlite_url) as installation:
        yield installation


def engine_of(installation: Installation) -> SqliteEngine:
    engine = installation.storage._engine
    assert isinstance(engine, SqliteEngine)
    return engine


def test_commits_reach_the_disk_and_readers_do_not_wait_for_writers(lite: Installation) -> None:
    engine = engine_of(lite)
    full = 2
    assert engine._writer._connection.pragma("synchronous") == full
    assert engine._writer._connection.pragma("foreign_keys") == 1
    assert engine._reader.pragma("journal_mode") == "wal"
    assert engine._reader.pragma("query_only") == 1


def held(url: str) -> apsw.Connection:
    """Another process in the middle of a write: nobody else can commit."""
    connection = apsw.Connection(url.removeprefix("sqlite:///"))
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_nothing_is_acknowledged_before_it_is_committed(lite: Installation, sqlite_url: str) -> None:
    store, row = lite.maple.store, user_row("ann")

    async def write() -> None:
        other = held(sqlite_url)
        writing = asyncio.ensure_future(store.commit([InsertUser(row)], Facts()))
        await asyncio.sleep(0.1)
        assert not writing.done()
        assert await store.find_user(row.id) is None
        other.execute("ROLLBACK")
        await writing
        assert await store.find_user(row.id) is not None
        other.close()

    lite.run(write())


def test_writes_that_wait_share_a_commit_and_a_refused_one_is_undone_alone(lite: Installation, sqlite_url: str) -> None:
    store = lite.maple.store
    statements: list[str] = []
    connection = engine_of(lite)._writer._connection

    def trace(_: Any, statement: str, __: Any) -> bool:
        statements.append(statement)
        return True

    async def write() -> list[Any]:
        other = held(sqlite_url)
        first = asyncio.ensure_future(store.commit([InsertUser(user_row("first"))], Facts()))
        await asyncio.sleep(0.05)
        connection.exec_trace = trace
        rows = [user_row("ann"), user_row("bob"), user_row("ann"), user_row("cy")]
        waiting = asyncio.gather(
            *(store.commit([InsertUser(row)], Facts((fact(),))) for row in rows), return_exceptions=True
        )
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
        await first
        return await waiting

    ended = lite.run(write())
    connection.exec_trace = None
    assert [type(outcome) for outcome in ended] == [type(None), type(None), UserNameTaken, type(None)]
    assert statements.count("COMMIT") == 2, "one for the write that was waiting, one for all that came meanwhile"
    assert (lite.maple.user_count(), len(lite.maple.audit())) == (4, 3)


def test_a_write_whose_caller_has_gone_is_not_made(lite: Installation, sqlite_url: str) -> None:
    store = lite.maple.store

    async def write() -> None:
        other = held(sqlite_url)
        first = asyncio.ensure_future(store.commit([InsertUser(user_row("first"))], Facts()))
        await asyncio.sleep(0.05)
        abandoned = asyncio.ensure_future(store.commit([InsertUser(user_row("abandoned"))], Facts()))
        await asyncio.sleep(0)
        abandoned.cancel()
        other.execute("ROLLBACK")
        await first
        await store.commit([InsertUser(user_row("last"))], Facts())
        other.close()

    lite.run(write())
    assert lite.maple.run(store.find_user_by_name("abandoned")) is None
    assert lite.maple.user_count() == 2


def test_a_full_disk_refuses_writes_and_breaks_nothing(lite: Installation) -> None:
    maple, connection = lite.maple, engine_of(lite)._writer._connection
    maple.add_user("before")
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages)

    async def write() -> list[Any]:
        rows = [user_row(f"u{number}", body="x" * 50_000) for number in range(20)]
        return await asyncio.gather(
            *(maple.store.commit([InsertUser(row)], Facts((fact(),))) for row in rows), return_exceptions=True
        )

    ended = lite.run(write())
    refused = [outcome for outcome in ended if isinstance(outcome, StorageUnavailable)]
    assert refused
    assert len(refused) + ended.count(None) == 20
    assert maple.user_count() == 1 + ended.count(None)
    assert len(maple.audit()) == ended.count(None)
    connection.pragma("max_page_count", 1 << 30)
    maple.add_user("after")
    assert maple.user_count() == 2 + ended.count(None)


def test_closing_finishes_what_is_queued_and_refuses_what_comes_later(sqlite_url: str) -> None:
    async def write() -> None:
        storage = await open_storage(sqlite_url)
        store = storage.for_organization(new_id())
        writes = [asyncio.ensure_future(store.commit([InsertUser(user_row(f"u{n}"))], Facts())) for n in range(20)]
        await asyncio.sleep(0)
        await storage.close()
        await asyncio.gather(*writes)
        for late in (
            store.commit([InsertUser(user_row("late"))], Facts()),
            store.find_user("x"),
            store.find_group("x", with_members=True),
        ):
            with pytest.raises(StorageUnavailable):
                await late
        again = await open_storage(sqlite_url)
        stored = again._engine.fetch('SELECT count(*) FROM "user" WHERE organization_id = ?', (store.organization_id,))
        assert [row[0] for row in await stored] == [20]
        await again.close()

    asyncio.run(write())


def test_the_log_is_moved_into_the_file_while_writes_go_on(lite: Installation, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    for number in range(60):
        lite.maple.add_user(f"u{number}", body="x" * 30_000)
    assert path.with_name(f"{path.name}-wal").stat().st_size > 1 << 20
    before = path.stat().st_size
    lite.run(asyncio.sleep(1.2))
    assert path.stat().st_size > before


def test_a_long_scan_does_not_hold_up_other_requests(lite: Installation) -> None:
    """While a filter that no index helps reads everybody, a look-up is answered in between."""
    maple = lite.maple
    ids = maple.add_users(*(user_row(f"u{number}") for number in range(1_500)))
    query = Query(5, filter=parse_filter("title pr", USER_TYPE), matches=lambda record: False)

    async def both() -> int:
        scan = asyncio.ensure_future(maple.store.list_users(query))
        answered = 0
        while not scan.done():
            assert await maple.store.find_user(ids[answered % 1_500]) is not None
            answered += 1
            await asyncio.sleep(0)
        assert (await scan).total == 0
        return answered

    assert lite.run(both()) > 10
