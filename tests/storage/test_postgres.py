"""PostgreSQL in particular: connections that break, run out or are given up."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from mdscripts.app.ports import Facts, InsertUser, StorageUnavailable
from mdscripts.storage import open_storage
from mdscripts.storage.postgres import PostgresEngine
from mdscripts.storage.postgres.connections import ConnectionList

from .conftest import Installation, fact, opened, user_row


@pytest.fixture
def server(postgres_url: str) -> Iterator[Installation]:
    with opened(postgres_url, pool_size=3) as installation:
        yield installation


def connections_of(installation: Installation) -> ConnectionList:
    engine = installation.storage._engine
    assert isinstance(engine, PostgresEngine)
    return engine._connections


async def cut_all(url: str) -> None:
    """Like a restart of the server, for the connections."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


def test_reads_and_writes_go_on_after_the_server_cut_all_connections(server: Installation, postgres_url: str) -> None:
    maple = server.maple
    row = maple.add_user("ann")

    async def scene() -> None:
        await asyncio.gather(*(maple.store.find_user(row.id) for _ in range(10)))
        await cut_all(postgres_url)
        found = await asyncio.gather(*(maple.store.find_user(row.id) for _ in range(10)))
        assert all(found)
        await cut_all(postgres_url)
        await asyncio.sleep(0.05)
        await maple.store.commit([InsertUser(user_row("bob"))], Facts())

    server.run(scene())
    assert maple.user_count() == 2


def test_a_connection_that_cannot_even_be_ended_leaves_its_place(server: Installation) -> None:
    """Ending one needs a few frames; at the end of Python's stack there are none left."""
    connections = connections_of(server)

    async def scene() -> None:
        connection, depth = await connections.acquire(), sys.getrecursionlimit()

        def sink(depth: int) -> None:
            if depth:
                sink(depth - 1)
            else:
                connections.discard(connection)

        while connection in connections._born:
            with contextlib.suppress(RecursionError):
                sink(depth)
            depth -= 1
        assert not connection.is_closed()
        connection.terminate()
        for each in [await connections.acquire() for _ in range(3)]:
            connections.release(each)

    server.run(scene())


def test_more_requests_than_connections_wait_their_turn(server: Installation) -> None:
    maple = server.maple
    row = maple.add_user("ann")

    async def scene() -> None:
        assert all(await asyncio.gather(*(maple.store.find_user(row.id) for _ in range(60))))

    server.run(scene())
    assert connections_of(server)._open <= 3


def test_a_request_that_is_given_up_takes_no_connection_with_it(server: Installation, postgres_url: str) -> None:
    maple = server.maple
    row = maple.add_user("ann")
    connections = connections_of(server)

    async def scene() -> None:
        engine = server.storage._engine
        sleeping = [asyncio.ensure_future(engine.fetch("SELECT pg_sleep(30)", ())) for _ in range(3)]
        await asyncio.sleep(0.1)
        waiting = [asyncio.ensure_future(maple.store.find_user(row.id)) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in waiting)
        waiting[0].cancel()
        for task in sleeping:
            task.cancel()
        ended = await asyncio.gather(*sleeping, *waiting, return_exceptions=True)
        assert [type(each) for each in ended[:4]] == [asyncio.CancelledError] * 4
        assert all(each.id == row.id for each in ended[4:])  # type: ignore[union-attr]
        assert connections._open <= 3
        assert len(connections._idle) == connections._open

    server.run(scene())


def test_a_connection_that_comes_too_late_for_its_caller_goes_to_the_next(postgres_url: str) -> None:
    async def scene() -> None:
        connections = ConnectionList(postgres_url, 1)
        connection = await connections.acquire()
        late, next_one = (asyncio.ensure_future(connections.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        connections.release(connection)
        late.cancel()
        assert await asyncio.wait_for(next_one, 5) is connection
        with pytest.raises(asyncio.CancelledError):
            await late
        connections.release(connection)
        await connections.close()

    asyncio.run(scene())


def test_a_broken_connection_makes_room_for_a_new_one(postgres_url: str) -> None:
    async def scene() -> None:
        connections = ConnectionList(postgres_url, 1)
        connection = await connections.acquire()
        waiting = asyncio.ensure_future(connections.acquire())
        await asyncio.sleep(0)
        connections.discard(connection)
        fresh = await asyncio.wait_for(waiting, 5)
        assert fresh is not connection
        assert await fresh.fetchval("SELECT 1") == 1
        connections.release(fresh)
        await connections.close()

    asyncio.run(scene())


def test_a_write_that_fails_in_the_middle_of_a_transaction_leaves_nothing(server: Installation) -> None:
    maple = server.maple

    async def scene() -> None:
        changes: list[Any] = [InsertUser(user_row("ann")), InsertUser(user_row("bob", body="\0"))]
        with pytest.raises(asyncpg.PostgresError):
            await maple.store.commit(changes, Facts((fact(),)))
        await maple.store.commit([InsertUser(user_row("cy"))], Facts())

    server.run(scene())
    assert (maple.user_count(), maple.audit()) == (1, [])


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Any) -> None:
    with pytest.raises(StorageUnavailable):
        asyncio.run(open_storage(f"postgresql://nobody@/nothing?host={tmp_path}"))


def test_a_closed_storage_is_unavailable(postgres_url: str) -> None:
    async def scene() -> None:
        storage = await open_storage(postgres_url)
        store = storage.for_organization("x")
        await storage.close()
        with pytest.raises(StorageUnavailable):
            await store.find_user("x")
        with pytest.raises(StorageUnavailable):
            await store.commit([InsertUser(user_row("ann"))], Facts())

    asyncio.run(scene())


def test_young_tables_are_analyzed_so_that_look_ups_use_the_right_index(server: Installation) -> None:
    maple = server.maple
    rows = [user_row(f"u{number}") for number in range(40)]
    maple.add_users(*rows)

    async def analyzed() -> bool:
        for _ in range(100):
            found = await server.storage._engine.fetch(
                "SELECT reltuples FROM pg_class WHERE oid = '\"user\"'::regclass", ()
            )
            if found[0][0] >= 0:
                return True
            await asyncio.sleep(0.02)
        return False

    assert server.run(analyzed())
