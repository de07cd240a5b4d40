"""Connections to a SQLite file, and which of their errors mean that it cannot be reached."""

from pathlib import Path

import apsw

_BUSY_MS = 10_000
_READER_BUSY_MS = 2_000
_CACHED_STATEMENTS = 256
_CHECKPOINT_BACKSTOP_PAGES = 16_000
"""A writer checkpoints in its own time only if the checkpointer has fallen this far behind (64 MB)."""

UNAVAILABLE = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.ConnectionClosedError,
    apsw.FullError,
    apsw.InterruptError,
    apsw.IOError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.ReadOnlyError,
)


def open_writer(path: Path) -> apsw.Connection:
    """A connection that commits durably: an acknowledged commit survives a power failure."""
    connection = _open(path)
    connection.set_busy_timeout(_BUSY_MS)
    # Wait for another process's commit with short sleeps instead of ever longer ones.
    connection.setlk_timeout(_BUSY_MS, 0)
    connection.pragma("synchronous", "FULL")
    connection.pragma("foreign_keys", "ON")
    connection.wal_autocheckpoint(_CHECKPOINT_BACKSTOP_PAGES)
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """A connection that cannot write."""
    connection = _open(path)
    connection.set_busy_timeout(_READER_BUSY_MS)
    connection.pragma("query_only", "ON")
    return connection


def _open(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=_CACHED_STATEMENTS)
    connection.pragma("cache_size", -16_000)
    connection.pragma("temp_store", "MEMORY")
    # Otherwise a statement is prepared again whenever a value that planning looked at is bound anew.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return connection
