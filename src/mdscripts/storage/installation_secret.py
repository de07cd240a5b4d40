"""The secret of an installation, kept with its data.

It lies in the database because that is the one place that all workers on all machines share and
that a backup brings along. It seals paging cursors; it opens nothing by itself.
"""

import asyncio
import secrets
from pathlib import Path

import apsw
import asyncpg

from mdscripts.app.ports import StorageUnavailable
from mdscripts.storage.database_url import SqliteFile, parse_database_url

SECRET_BYTES = 32

_NAME = "secret"
_BUSY_MS = 10_000
_FIND = "SELECT value FROM installation WHERE name = "
_KEEP_FIRST = "INSERT INTO installation (name, value) VALUES "


async def installation_secret(url: str) -> bytes:
    """The 32 bytes of this installation, made by whichever process asks first.

    The database must be migrated. Raises StorageUnavailable.
    """
    database = parse_database_url(url)
    try:
        if isinstance(database, SqliteFile):
            return await asyncio.to_thread(_from_sqlite, database.path)
        return await _from_postgres(database.dsn)
    except (apsw.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as fault:
        raise StorageUnavailable(str(fault)) from fault


def _from_sqlite(path: Path) -> bytes:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(_BUSY_MS)
        found = connection.execute(f"{_FIND}?", (_NAME,)).fetchall()
        if not found:
            fresh = (_NAME, secrets.token_hex(SECRET_BYTES))
            connection.execute(f"{_KEEP_FIRST}(?, ?) ON CONFLICT DO NOTHING", fresh)
            found = connection.execute(f"{_FIND}?", (_NAME,)).fetchall()
        return bytes.fromhex(str(found[0][0]))
    finally:
        connection.close()


async def _from_postgres(dsn: str) -> bytes:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        value = await connection.fetchval(f"{_FIND}$1", _NAME)
        if value is None:
            fresh = secrets.token_hex(SECRET_BYTES)
            await connection.execute(f"{_KEEP_FIRST}($1, $2) ON CONFLICT DO NOTHING", _NAME, fresh)
            value = await connection.fetchval(f"{_FIND}$1", _NAME)
        return bytes.fromhex(value)
    finally:
        await connection.close()
