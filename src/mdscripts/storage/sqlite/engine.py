"""SQLite as an engine: reads in the event loop, writes by group commit, scans in threads.

Several processes may use one file. A point read takes about as long as handing it to a thread
would, so it is done in place; whatever may look at many rows goes to a thread.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apsw

from mdscripts.app.ports import AccessWatch, Facts, StorageUnavailable
from mdscripts.storage.dialect import SQLITE, Dialect
from mdscripts.storage.engine import Row, StoredChange
from mdscripts.storage.migrations import (
    SchemaOutdated,
    applied_to_sqlite,
    known_migrations,
    require_current,
)
from mdscripts.storage.sqlite.access import has_manager, watch_access
from mdscripts.storage.sqlite.changes import apply_change, record_facts
from mdscripts.storage.sqlite.connection import UNAVAILABLE, open_reader
from mdscripts.storage.sqlite.writer import Checkpointer, GroupCommitter

_SCAN_THREADS = 2


class SqliteEngine:
    """A SQLite file. Make it with ``open_sqlite``."""

    dialect: Dialect = SQLITE

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = open_reader(path)
        self._writer = GroupCommitter(path)
        self._checkpointer = Checkpointer(path)
        self._scanners = ThreadPoolExecutor(_SCAN_THREADS, thread_name_prefix="sqlite-scan")
        self._scanner = threading.local()
        self._scanner_connections: list[apsw.Connection] = []

    async def fetch(self, statement: str, params: Sequence[Any], *, heavy: bool = False) -> Sequence[Row]:
        """All rows of a read."""
        try:
            if not heavy:
                return self._reader.execute(statement, params).fetchall()
            return await self._scanning(statement, params)
        except UNAVAILABLE as failure:
            raise StorageUnavailable(f"SQLite: {failure}") from failure

    def _scanning(self, statement: str, params: Sequence[Any]) -> asyncio.Future[Sequence[Row]]:
        loop = asyncio.get_running_loop()
        try:
            return loop.run_in_executor(self._scanners, self._scan, statement, params)
        except RuntimeError as closed:  # the executor takes no more work
            raise StorageUnavailable("the database is closed") from closed

    def _scan(self, statement: str, params: Sequence[Any]) -> Sequence[Row]:
        connection = getattr(self._scanner, "connection", None)
        if connection is None:
            connection = self._scanner.connection = open_reader(self._path)
            self._scanner_connections.append(connection)
        return connection.execute(statement, params).fetchall()

    async def commit(
        self,
        organization_id: str,
        changes: Sequence[StoredChange],
        facts: Facts,
        watch: AccessWatch | None = None,
    ) -> None:
        """Apply changes and facts in one transaction; return when they are durable."""
        await self._writer.write(_transaction(organization_id, changes, facts, watch))

    async def version(self) -> str:
        """For example ``SQLite 3.54.1``."""
        rows = await self.fetch("SELECT sqlite_version()", ())
        return f"SQLite {rows[0][0]}"

    async def close(self) -> None:
        """Finish queued writes and close connections."""
        await asyncio.to_thread(self._close)
        self._reader.close()

    def _close(self) -> None:
        self._scanners.shutdown()
        self._writer.close()
        self._checkpointer.close()
        for connection in self._scanner_connections:
            connection.close()


def _transaction(
    organization_id: str, changes: Sequence[StoredChange], facts: Facts, watch: AccessWatch | None
) -> Callable[[apsw.Connection], None]:
    def apply(connection: apsw.Connection) -> None:
        witness = None if watch is None else watch_access(connection, organization_id, watch)
        for change in changes:
            apply_change(connection, organization_id, change)
        record_facts(connection, organization_id, facts)
        if witness is not None:
            manager_left = not witness.lost_manager or has_manager(connection, organization_id)
            record_facts(connection, organization_id, witness.facts(manager_left=manager_left))

    return apply


def open_sqlite(path: Path) -> SqliteEngine:
    """Open a migrated file.

    Raises SchemaOutdated (also if there is no file), SchemaTooNew, SchemaChanged, StorageUnavailable.
    """
    if not path.exists():
        raise SchemaOutdated(f"There is no database at {path}. Run: mdscripts migrate")
    try:
        connection = open_reader(path)
        try:
            require_current(known_migrations("sqlite"), applied_to_sqlite(connection))
        finally:
            connection.close()
        return SqliteEngine(path)
    except UNAVAILABLE as failure:
        raise StorageUnavailable(f"SQLite: {failure}") from failure
