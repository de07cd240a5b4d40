"""Queues of one process, one for each resource that many want to change at once."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """Forgets a queue with the last who waits in it."""

    def __init__(self) -> None:
        self._queues: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def queue(self, organization_id: str, resource_id: str) -> asyncio.Lock:
        """To be entered with ``async with``; keep it no longer than that."""
        return self._queues.setdefault((organization_id, resource_id), asyncio.Lock())

    def __len__(self) -> int:
        return len(self._queues)
