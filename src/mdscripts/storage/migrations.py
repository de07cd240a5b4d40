"""Brings a database to the schema this release knows, and tells when it is not there.

The steps are plain SQL files, one directory for each kind of database, applied in order, each in a
transaction of its own together with its row in ``schema_version``. They only go forward. Two
processes may start at once: the second waits for the first.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import asyncpg

from mdscripts.storage.database_url import SqliteFile, parse_database_url
from mdscripts.storage.engine import Row

_BUSY_MS = 60_000
_CREATE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version integer NOT NULL PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at text NOT NULL
)
"""
_APPLIED = "SELECT version, name, checksum FROM schema_version WHERE version > 0 ORDER BY version"
_RECORD = "INSERT INTO schema_version (version, name, checksum, applied_at) VALUES "


class SchemaOutdated(Exception):
    """The database lacks migrations of this release."""


class SchemaTooNew(Exception):
    """The database has migrations this release does not know."""


class SchemaChanged(Exception):
    """A migration was applied with another text than the one in this release."""


class Migration(NamedTuple):
    """One step. ``checksum`` is the SHA-256 of its text, hexadecimal."""

    version: int
    name: str
    checksum: str
    sql: str


def known_migrations(kind: str) -> tuple[Migration, ...]:
    """The steps of this release for ``sqlite`` or ``postgres``, in order."""
    directory = files("mdscripts.storage") / "migrations" / kind
    found = (
        (entry.name, entry.read_text(encoding="utf-8")) for entry in directory.iterdir() if entry.name.endswith(".sql")
    )
    return tuple(
        Migration(int(name[:4]), name.removesuffix(".sql"), hashlib.sha256(text.encode()).hexdigest(), text)
        for name, text in sorted(found)
    )


def pending_migrations(known: Sequence[Migration], applied: Iterable[Row]) -> tuple[Migration, ...]:
    """The steps still to take, given rows of (version, name, checksum).

    Raises SchemaTooNew and SchemaChanged.
    """
    checksums = {version: checksum for version, _, checksum in applied}
    newest = max(checksums, default=0)
    if newest > len(known):
        raise SchemaTooNew(
            f"The database has schema version {newest}, this release knows {len(known)}. "
            "Start the release that ran `mdscripts migrate`, or a newer one."
        )
    for step in known:
        if checksums.get(step.version, step.checksum) != step.checksum:
            raise SchemaChanged(
                f"Migration {step.name} was applied to this database with a different text. "
                "Start the release that ran `mdscripts migrate`, or restore its migration file."
            )
    return tuple(step for step in known if step.version not in checksums)


def require_current(known: Sequence[Migration], applied: Iterable[Row]) -> None:
    """Raises SchemaOutdated, SchemaTooNew or SchemaChanged unless nothing is left to do."""
    pending = pending_migrations(known, applied)
    if pending:
        have, need = len(known) - len(pending), len(known)
        raise SchemaOutdated(
            f"The database has schema version {have}, this release needs {need}. Run: mdscripts migrate"
        )


async def migrate(url: str) -> list[Migration]:
    """Apply what is missing; the steps that were applied by this call.

    Creates a SQLite file that does not exist. Raises SchemaTooNew, SchemaChanged, ValueError.
    """
    database = parse_database_url(url)
    if isinstance(database, SqliteFile):
        return await asyncio.to_thread(_migrate_sqlite, database.path)
    return await _migrate_postgres(database.dsn)


# --- SQLite -----------------------------------------------------------------------------------


def applied_to_sqlite(connection: apsw.Connection) -> list[tuple[Any, ...]]:
    """Rows of (version, name, checksum); none in an empty database."""
    if not connection.table_exists("main", "schema_version"):
        return []
    return connection.execute(_APPLIED).fetchall()


def _migrate_sqlite(path: Path) -> list[Migration]:
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(_BUSY_MS)
        _switch_to_wal(connection)
        done: list[Migration] = []
        while True:
            step = _take_sqlite_step(connection)
            if step is None:
                return done
            done.append(step)
    finally:
        connection.close()


def _switch_to_wal(connection: apsw.Connection) -> None:
    """Changing the journal mode ignores the busy timeout while another process does the same, so
    the write lock is taken once before: whoever had it is done then."""
    if connection.pragma("journal_mode") != "wal":
        connection.execute("BEGIN IMMEDIATE; COMMIT")
        connection.pragma("journal_mode", "wal")


def _take_sqlite_step(connection: apsw.Connection) -> Migration | None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_CREATE)
        pending = pending_migrations(known_migrations("sqlite"), applied_to_sqlite(connection))
        if pending:
            connection.execute(pending[0].sql)
            connection.execute(f"{_RECORD}(?, ?, ?, ?)", _record(pending[0]))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return pending[0] if pending else None


# --- PostgreSQL -------------------------------------------------------------------------------


async def applied_to_postgres(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Rows of (version, name, checksum); none in an empty database."""
    if await connection.fetchval("SELECT to_regclass('schema_version')") is None:
        return []
    return await connection.fetch(_APPLIED)


async def _migrate_postgres(dsn: str) -> list[Migration]:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        await _create_lock_row(connection)
        done: list[Migration] = []
        while True:
            step = await _take_postgres_step(connection)
            if step is None:
                return done
            done.append(step)
    finally:
        await connection.close()


async def _create_lock_row(connection: asyncpg.Connection) -> None:
    """Version 0 is the row that migrating processes lock."""
    try:
        await connection.execute(_CREATE)
    except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError, asyncpg.DuplicateObjectError):
        # Another process created it between the look and the leap; then it is there.
        pass
    await connection.execute(f"{_RECORD}(0, 'lock', '', '') ON CONFLICT DO NOTHING")


async def _take_postgres_step(connection: asyncpg.Connection) -> Migration | None:
    async with connection.transaction():
        await connection.execute("SELECT version FROM schema_version WHERE version = 0 FOR UPDATE")
        pending = pending_migrations(known_migrations("postgres"), await applied_to_postgres(connection))
        if not pending:
            return None
        await connection.execute(pending[0].sql)
        await connection.execute(f"{_RECORD}($1, $2, $3, $4)", *_record(pending[0]))
        return pending[0]


def _record(step: Migration) -> tuple[int, str, str, str]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return step.version, step.name, step.checksum, now
