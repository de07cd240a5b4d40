"""Group commit: writes that wait at the same time share one durable COMMIT.

One thread writes. While a batch commits, the next one gathers. Every write runs in a savepoint of
its own: a refused one is undone alone. No caller hears of success before COMMIT has returned, that
is before the log is on disk.
"""

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

import apsw

from mdscripts.app.ports import StorageUnavailable
from mdscripts.storage.sqlite.connection import UNAVAILABLE, open_writer

_BATCH = 256
_CHECKPOINT_SECONDS = 0.5
_CHECKPOINT_BYTES = 1 << 20

Work = Callable[[apsw.Connection], None]


class _Write(NamedTuple):
    work: Work
    done: asyncio.Future[None]


class GroupCommitter:
    """The writing thread of one process."""

    def __init__(self, path: Path) -> None:
        self._connection = open_writer(path)
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work) -> None:
        """Run ``work`` in the next transaction; return when it is durable, raise what it raised.

        A write whose caller gives up before its batch begins is not made.
        """
        if self._closed:
            raise StorageUnavailable("the database is closed")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put(_Write(work, done))
        await done

    def close(self) -> None:
        """Commit what is queued, then stop. Blocks."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        running = True
        while running:
            first = self._queue.get()
            batch = [] if first is None else [first]
            running = first is not None
            while running and len(batch) < _BATCH:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    running = False
                else:
                    batch.append(following)
            if batch:
                _deliver(batch, self._commit(batch))

    def _commit(self, batch: Sequence[_Write]) -> Sequence[BaseException | None]:
        """What became of each write; None is success."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(write) for write in batch]
            connection.execute("COMMIT")
        except apsw.Error as failure:
            with contextlib.suppress(apsw.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            return [_unavailable(failure) for _ in batch]
        return outcomes

    def _attempt(self, write: _Write) -> BaseException | None:
        connection = self._connection
        if write.done.cancelled():
            return asyncio.CancelledError()
        connection.execute("SAVEPOINT one")
        try:
            write.work(connection)
        except BaseException as refusal:  # it belongs to the caller, not to the batch
            if not connection.in_transaction:  # the disk is full, for example: everything is undone
                raise
            connection.execute("ROLLBACK TO one; RELEASE one")
            return _unavailable(refusal) if isinstance(refusal, UNAVAILABLE) else refusal
        connection.execute("RELEASE one")
        return None


def _unavailable(failure: BaseException) -> StorageUnavailable:
    unavailable = StorageUnavailable(f"SQLite: {failure}")
    unavailable.__cause__ = failure
    return unavailable


def _deliver(batch: Sequence[_Write], outcomes: Sequence[BaseException | None]) -> None:
    """Wake all callers of a batch with one message to their event loop."""
    by_loop = defaultdict(list)
    for write, outcome in zip(batch, outcomes, strict=True):
        by_loop[write.done.get_loop()].append((write.done, outcome))
    for loop, results in by_loop.items():
        # A loop that has ended meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, results)


def _settle(results: Sequence[tuple[asyncio.Future[None], BaseException | None]]) -> None:
    for done, outcome in results:
        if done.done():
            continue
        if outcome is None:
            done.set_result(None)
        else:
            done.set_exception(outcome)


class Checkpointer:
    """Moves the log into the database file beside the writes, so that no commit has to."""

    def __init__(self, path: Path) -> None:
        self._log = path.with_name(f"{path.name}-wal")
        self._connection = open_writer(path)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpoint", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the checkpoint that is under way. Blocks."""
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._stop.wait(_CHECKPOINT_SECONDS):
            # A failed checkpoint loses nothing: the log keeps what was not moved.
            with contextlib.suppress(OSError, apsw.Error):
                if self._log.stat().st_size > _CHECKPOINT_BYTES:
                    self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
