"""What the use cases get from the machine they run on: time, identifiers, and threads to hash in."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from mdscripts.app.ports.accounts import TooBusy
from mdscripts.domain.moments import moment_text
from mdscripts.domain.passwords import hash_password, verify_password

HASHING_THREADS = 2
HASHES_WAITING_MAX = 64

T = TypeVar("T")


class SystemClock:
    """The time of this machine, UTC."""

    def now(self) -> str:
        """``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
        return moment_text(datetime.now(UTC))


class TimeOrderedIds:
    """UUIDv7 (RFC 9562 §5.7): the time in milliseconds, then a counter that starts at random.

    Within a millisecond, or when the clock steps back, the counter goes on, so that each id is
    greater than every one this process made before. Threads may share one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def new(self) -> str:
        """A fresh id as lower-case text."""
        millisecond = time.time_ns() // 1_000_000
        with self._lock:
            if millisecond > self._millisecond:
                self._millisecond, self._counter = millisecond, secrets.randbits(73)
            else:
                self._counter += 1 + secrets.randbits(32)
            millisecond, counter = self._millisecond, self._counter
        high, low = counter >> 62, counter & (2**62 - 1)
        digits = f"{millisecond:012x}7{high:03x}{2**63 | low:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class HashingThreads:
    """Passwords are hashed beside the event loop, a few at once: each takes 19 MiB and tens of milliseconds."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(HASHING_THREADS, thread_name_prefix="passwords")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The text to store. Raises TooBusy."""
        return await self._run(hash_password, password)

    async def verify(self, password: str, stored_hash: str | None) -> bool:
        """Whether the password is the stored one; takes as long when there is none. Raises TooBusy."""
        return await self._run(verify_password, password, stored_hash)

    async def _run(self, work: Callable[..., T], *arguments: object) -> T:
        if self._waiting >= HASHES_WAITING_MAX:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1
