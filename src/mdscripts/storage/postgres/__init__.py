"""PostgreSQL: one statement per write, row locks always in one order.

Start with ``engine``; ``statement`` puts a change and its facts into one statement, ``changes`` and
its siblings say what each change is. It must not read for others: reads are shared in ``storage``.
"""

from mdscripts.storage.postgres.engine import PostgresEngine, open_postgres

__all__ = ["PostgresEngine", "open_postgres"]
