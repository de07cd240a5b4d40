"""Which database a URL means."""

from dataclasses import dataclass
from pathlib import Path

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A SQLite database in a local file."""

    path: Path


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A PostgreSQL database, as libpq would be told."""

    dsn: str


def parse_database_url(url: str) -> SqliteFile | PostgresDatabase:
    """``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``postgresql://…``.

    Raises ValueError; the message does not repeat the URL, which may hold a password.
    """
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return SqliteFile(Path(url.removeprefix(_SQLITE)))
    if url.startswith(_POSTGRES):
        return PostgresDatabase(url)
    raise ValueError(
        "The database URL must be sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host/name."
    )
