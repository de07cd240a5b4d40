"""Storage: what ``app.ports`` asks for, on SQLite and on PostgreSQL.

It knows SQL and the two drivers; it must not know HTTP or SCIM messages. Reads are shared
(``organization_store``, ``paging``, ``filter_sql``), writes are in a folder of each database. Start with
``engine`` and ``organization_store``; the tables are in ``migrations/``.
"""

from mdscripts.storage.database_url import SqliteFile, parse_database_url
from mdscripts.storage.installation import DatabaseStorage
from mdscripts.storage.migrations import (
    Migration,
    SchemaChanged,
    SchemaOutdated,
    SchemaTooNew,
    migrate,
)
from mdscripts.storage.postgres import open_postgres
from mdscripts.storage.sqlite import open_sqlite

__all__ = [
    "DatabaseStorage",
    "Migration",
    "SchemaChanged",
    "SchemaOutdated",
    "SchemaTooNew",
    "migrate",
    "open_storage",
]

POOL_SIZE = 10
WORK_BUDGET = 200_000


async def open_storage(url: str, *, pool_size: int = POOL_SIZE, work_budget: int = WORK_BUDGET) -> DatabaseStorage:
    """Open a migrated database; the result is an ``app.ports.Storage``.

    ``pool_size`` is the most connections to PostgreSQL, ``work_budget`` the most records that one
    list request may read when no index can answer it. Raises SchemaOutdated, SchemaTooNew and
    SchemaChanged, whose messages say what to do; StorageUnavailable; ValueError for a bad URL.
    """
    database = parse_database_url(url)
    if isinstance(database, SqliteFile):
        return DatabaseStorage(open_sqlite(database.path), work_budget)
    return DatabaseStorage(await open_postgres(database.dsn, pool_size), work_budget)
