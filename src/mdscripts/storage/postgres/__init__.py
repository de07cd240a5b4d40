"""PostgreSQL: one statement per write, row locks in one order. Start with ``engine``."""
