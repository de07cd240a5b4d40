"""A short list of PostgreSQL connections.

asyncpg's own pool resets a connection with a round trip each time it is handed back, which costs
more than most of our statements. Nothing here changes the state of a session, so nothing has to be
reset; a connection whose statement was cut off is thrown away instead.
"""

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from mdscripts.app.ports import StorageUnavailable

CONNECT_SECONDS = 5.0
WAIT_SECONDS = 10.0
MAX_AGE_SECONDS = 1_800.0
STATEMENT_SECONDS = 30
_CACHED_STATEMENTS = 512

if TYPE_CHECKING:  # the stubs make the class generic, at runtime it is not
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


class ConnectionList:
    """At most ``size`` connections, made when they are needed, the last one used first."""

    def __init__(self, dsn: str, size: int) -> None:
        self._dsn = dsn
        self._size = size
        self._open = 0
        self._closed = False
        self._idle: list[Connection] = []
        self._born: dict[Connection, float] = {}
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()

    async def acquire(self) -> Connection:
        """A connection for one statement or transaction. Raises StorageUnavailable."""
        while not self._closed:
            while self._idle:
                connection = self._idle.pop()
                if self._usable(connection):
                    return connection
                self.discard(connection)
            if self._open < self._size:
                return await self._connect()
            handed = await self._wait()
            if handed is not None:
                return handed
        raise StorageUnavailable("the database is closed")

    def release(self, connection: Connection) -> None:
        """Give a connection back in a clean state."""
        if self._closed or not self._usable(connection):
            self.discard(connection)
            return
        waiter = self._next_waiter()
        if waiter is None:
            self._idle.append(connection)
        else:
            waiter.set_result(connection)

    def discard(self, connection: Connection) -> None:
        """Give back a connection that is broken or in an unknown state."""
        try:
            connection.terminate()
        finally:  # whatever happens, even a RecursionError, the place is free again
            self._born.pop(connection, None)
            self._open -= 1
            self._wake_next()

    def discard_idle(self) -> None:
        """Forget the idle connections: one of them turned out to be dead."""
        while self._idle:
            self.discard(self._idle.pop())

    async def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._closed = True
        for connection in self._idle:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await connection.close(timeout=CONNECT_SECONDS)
        self.discard_idle()
        while (waiter := self._next_waiter()) is not None:
            waiter.set_result(None)

    def _usable(self, connection: Connection) -> bool:
        return not connection.is_closed() and time.monotonic() - self._born[connection] < MAX_AGE_SECONDS

    async def _connect(self) -> Connection:
        self._open += 1
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS + CONNECT_SECONDS,
                statement_cache_size=_CACHED_STATEMENTS,
                server_settings={
                    "application_name": "mdscripts",
                    # Every statement has an index that begins with the organization. A plan made
                    # while a table was small must not stay a scan when it has grown.
                    "enable_seqscan": "off",
                    # Nothing is gained by planning for the values of one request, and planning
                    # takes longer than most statements.
                    "plan_cache_mode": "force_generic_plan",
                    "jit": "off",
                    "statement_timeout": str(STATEMENT_SECONDS * 1_000),
                },
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as failure:
            self._open -= 1
            self._wake_next()
            raise StorageUnavailable(f"PostgreSQL: {failure or type(failure).__name__}") from failure
        except BaseException:
            self._open -= 1
            self._wake_next()
            raise
        self._born[connection] = time.monotonic()
        return connection

    async def _wait(self) -> Connection | None:
        """The next connection that is given back; None if there is room for a new one."""
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await waiter
        except BaseException as interrupted:
            if waiter.done() and not waiter.cancelled():
                self._pass_on(waiter.result())
            waiter.cancel()
            if isinstance(interrupted, TimeoutError):
                raise StorageUnavailable("all connections to PostgreSQL are busy") from interrupted
            raise

    def _pass_on(self, handed: Connection | None) -> None:
        """What was handed to a caller that has given up goes to the next one."""
        if handed is not None:
            self.release(handed)
        elif (waiter := self._next_waiter()) is not None:
            waiter.set_result(None)

    def _wake_next(self) -> None:
        """Tell who waits longest that there is room for a new connection."""
        waiter = self._next_waiter()
        if waiter is not None:
            waiter.set_result(None)

    def _next_waiter(self) -> asyncio.Future[Connection | None] | None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                return waiter
        return None
