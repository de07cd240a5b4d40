"""Planner statistics for tables that have just begun to fill.

Autovacuum looks once a minute. Until then the planner knows nothing about new tables: it takes any
index that begins with the organization for as good as the right one, and prepared statements keep
such plans. So the first import would scan the organization for every look-up. Here small tables are
analyzed after the first tens, hundreds and thousands of rows; what has grown is left to autovacuum.
Empty tables are left alone: PostgreSQL assumes some rows in them, until it is told that there are none.
"""

import asyncio

import asyncpg

from mdscripts.app.ports import StorageUnavailable
from mdscripts.storage.postgres.connections import ConnectionList

_FIRST = 30
_FACTOR = 10
_SMALL_TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE oid = ANY(ARRAY['"user"', 'user_value', '"group"', 'group_member', 'resource_counter']::regclass[])
AND reltuples < 10000 AND pg_relation_size(oid) > 0
"""


class StatisticsKeeper:
    """Counts written rows and analyzes in the background."""

    def __init__(self, connections: ConnectionList) -> None:
        self._connections = connections
        self._rows = 0
        self._next = _FIRST
        self._task: asyncio.Task[None] | None = None

    def wrote(self, rows: int) -> None:
        """Note written rows; start to analyze if they are many compared with the last time."""
        self._rows += rows
        if self._rows >= self._next:
            while self._next <= self._rows:
                self._next *= _FACTOR
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._analyze())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _analyze(self) -> None:
        try:
            connection = await self._connections.acquire()
        except StorageUnavailable:
            return
        try:
            for (table,) in await connection.fetch(_SMALL_TABLES):
                await connection.execute(f"ANALYZE {table}")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            # Statistics only make things faster; the next round tries again.
            self._connections.discard(connection)
        except BaseException:
            self._connections.discard(connection)
            raise
        else:
            self._connections.release(connection)
