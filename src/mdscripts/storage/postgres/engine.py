"""PostgreSQL as an engine: one round trip for a read, one for a write.

Whatever several processes do at once is decided by constraints and row locks. What the database
asks to be repeated (serialization failure, deadlock) is repeated here.
"""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from mdscripts.app.ports import (
    AccessWatch,
    AlreadyExists,
    ChangeMembers,
    Facts,
    InsertGroup,
    NoLongerManager,
    StaleVersion,
    StorageUnavailable,
    UnknownMember,
    UserNameTaken,
)
from mdscripts.storage.dialect import POSTGRES, Dialect
from mdscripts.storage.engine import Row, StoredChange
from mdscripts.storage.migrations import applied_to_postgres, known_migrations, require_current
from mdscripts.storage.postgres.access import record_findings, watch_access
from mdscripts.storage.postgres.changes import steps_of
from mdscripts.storage.postgres.connections import Connection, ConnectionList
from mdscripts.storage.postgres.statement import Step
from mdscripts.storage.postgres.statistics import StatisticsKeeper

_ATTEMPTS = 6
_REPEATABLE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_REFUSALS = (NoLongerManager, StaleVersion, UnknownMember)
_BREAKS = (asyncpg.InternalClientError, OSError, TimeoutError)
"""The first when the server is just closing the connection."""
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, *_BREAKS)
_UNAVAILABLE_CLASSES = frozenset({"08", "53", "57", "58"})
"""Connection, resources, operator intervention (also a statement that took too long), system."""
_READ_ONLY = "25006"
_SHARD_SUFFIX = re.compile(r"_\d+$")


class PostgresEngine:
    """A PostgreSQL database. Make it with ``open_postgres``."""

    dialect: Dialect = POSTGRES

    def __init__(self, connections: ConnectionList) -> None:
        self._connections = connections
        self._statistics = StatisticsKeeper(connections)

    async def fetch(self, statement: str, params: Sequence[Any], *, heavy: bool = False) -> Sequence[Row]:
        """All rows of a read; asked again once if the connection turns out to be dead."""
        try:
            return await self._fetch(statement, params)
        except _Gone:
            self._connections.discard_idle()
        try:
            return await self._fetch(statement, params)
        except _Gone as gone:
            raise StorageUnavailable(str(gone)) from gone

    async def _fetch(self, statement: str, params: Sequence[Any]) -> Sequence[Row]:
        connection = await self._connections.acquire()
        try:
            rows = await connection.fetch(statement, *params)
        except BaseException as failure:
            raise self._given_back(connection, failure) from failure
        self._connections.release(connection)
        return rows

    async def commit(
        self,
        organization_id: str,
        changes: Sequence[StoredChange],
        facts: Facts,
        watch: AccessWatch | None = None,
    ) -> None:
        """Apply changes and facts in one transaction; return when they are durable."""
        steps = steps_of(organization_id, changes, facts)
        if not steps:
            return

        async def run(connection: Connection) -> Row:
            if watch is None:
                return await _run(connection, steps)
            return await _run_watched(connection, organization_id, changes, steps, watch)

        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._use(run, steps[-1])
            except _REPEATABLE as conflict:
                if attempt == _ATTEMPTS:
                    raise StorageUnavailable("PostgreSQL: the write was in conflict too often") from conflict
                await asyncio.sleep(random.uniform(0.001, 0.01) * attempt)  # noqa: S311 - to part rivals
            except asyncpg.UniqueViolationError as refused:
                raise _refusal(refused) from refused
            except _Gone as gone:
                raise StorageUnavailable(str(gone)) from gone
            else:
                self._statistics.wrote(sum(_rows(change) for change in changes))
                return

    async def _use(self, work: Callable[[Connection], Awaitable[Row]], last: Step) -> None:
        connection = await self._connections.acquire()
        try:
            row = await work(connection)
        except BaseException as failure:
            raise self._given_back(connection, failure) from failure
        self._connections.release(connection)
        last.check(row)

    def _given_back(self, connection: Connection, failure: BaseException) -> BaseException:
        """Return the connection after a failure; the exception that the caller should see."""
        if isinstance(failure, _REFUSALS):  # after a rollback
            self._connections.release(connection)
            return failure
        if not isinstance(failure, _FAILURES):  # cut off in the middle by a cancellation, for example
            self._connections.discard(connection)
            return failure
        dead = connection.is_closed() or isinstance(failure, _BREAKS)
        state = getattr(failure, "sqlstate", None) or ""
        if dead or state == _READ_ONLY:
            self._connections.discard(connection)
        else:
            self._connections.release(connection)
        if dead:
            return _Gone(f"PostgreSQL: {failure or type(failure).__name__}")
        if state[:2] in _UNAVAILABLE_CLASSES or state == _READ_ONLY:
            return StorageUnavailable(f"PostgreSQL: {failure}")
        return failure

    async def version(self) -> str:
        """For example ``PostgreSQL 17.2``."""
        rows = await self.fetch("SHOW server_version", ())
        return f"PostgreSQL {str(rows[0][0]).partition(' ')[0]}"

    async def close(self) -> None:
        """Close connections."""
        await self._statistics.close()
        await self._connections.close()


class _Gone(Exception):
    """The connection broke; what it was asked to do may or may not have been done."""


def _rows(change: StoredChange) -> int:
    """About how many rows a change writes."""
    match change:
        case InsertGroup(_, members):
            return 1 + len(members)
        case ChangeMembers():
            return len(change.add) + len(change.remove)
        case _:
            return 1


async def _run(connection: Connection, steps: Sequence[Step]) -> Row:
    """The row of the last step, committed."""
    if len(steps) == 1:
        return (await connection.fetch(steps[0].sql, *steps[0].params))[0]
    async with _transaction(connection):
        return await _take(connection, steps)


async def _run_watched(
    connection: Connection,
    organization_id: str,
    changes: Sequence[StoredChange],
    steps: Sequence[Step],
    watch: AccessWatch,
) -> Row:
    """The same, with what the watch finds recorded as well."""
    async with _transaction(connection):
        witness = await watch_access(connection, organization_id, changes, watch)
        row = await _take(connection, steps)
        await record_findings(connection, organization_id, witness)
        return row


async def _take(connection: Connection, steps: Sequence[Step]) -> Row:
    for step in steps:
        row = (await connection.fetch(step.sql, *step.params))[0]
        step.check(row)
    return row


@contextlib.asynccontextmanager
async def _transaction(connection: Connection) -> AsyncIterator[None]:
    await connection.execute("BEGIN")
    try:
        yield
    except Exception:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


def _refusal(refused: asyncpg.UniqueViolationError) -> Exception:
    """By the name of the constraint; a distributed table adds the number of its shard."""
    constraint = _SHARD_SUFFIX.sub("", refused.constraint_name or "")
    return UserNameTaken() if constraint == "user_name_unique" else AlreadyExists(constraint)


async def open_postgres(dsn: str, pool_size: int) -> PostgresEngine:
    """Open a migrated database.

    Raises SchemaOutdated, SchemaTooNew, SchemaChanged, StorageUnavailable.
    """
    connections = ConnectionList(dsn, pool_size)
    connection = await connections.acquire()
    try:
        require_current(known_migrations("postgres"), await applied_to_postgres(connection))
    except BaseException:
        connections.discard(connection)
        raise
    connections.release(connection)
    return PostgresEngine(connections)
