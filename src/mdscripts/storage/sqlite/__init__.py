"""SQLite: one thread writes, many changes share one commit. Start with ``engine``."""
