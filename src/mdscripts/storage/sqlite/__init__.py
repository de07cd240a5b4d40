"""SQLite: one thread writes, and many changes share one durable commit.

Start with ``engine`` and ``writer``; ``changes`` and its siblings say what each change is. It must not
read for others: reads are shared in ``storage``.
"""

from mdscripts.storage.sqlite.engine import SqliteEngine, open_sqlite

__all__ = ["SqliteEngine", "open_sqlite"]
