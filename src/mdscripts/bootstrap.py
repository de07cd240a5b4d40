"""The only place that builds the object graph: read it to see the system.

``open_system`` opens the storage and the use cases, for the command line. ``Service`` is what a
server process runs: it builds the same, puts the web in front of it and keeps house meanwhile.
"""

import asyncio
import contextlib
import multiprocessing
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mdscripts import settings as settings_module
from mdscripts import telemetry
from mdscripts.app.administration import Administration
from mdscripts.app.authentication import Authenticator
from mdscripts.app.call import Scribe
from mdscripts.app.cursors import CursorSeal
from mdscripts.app.entitlements import Entitlements
from mdscripts.app.groups import Groups
from mdscripts.app.listing import Lister
from mdscripts.app.local_people import LocalPeople
from mdscripts.app.ports import Storage, StorageUnavailable
from mdscripts.app.provisioning import Directory
from mdscripts.app.refusals import RefusalLog
from mdscripts.app.rendering import Renderer
from mdscripts.app.site_book import SiteBook
from mdscripts.scim.discovery import ServiceFeatures
from mdscripts.scim.messages import PageLimits
from mdscripts.settings import Settings
from mdscripts.storage import open_storage
from mdscripts.storage.installation_secret import installation_secret
from mdscripts.web.application import Application
from mdscripts.web.pages.application import build_pages
from mdscripts.web.scim.application import ScimApplication
from mdscripts.web.scim.service import UseCases, build_router

CURSOR_LIFETIME = timedelta(hours=1)
FLUSH_SECONDS = 60.0
_TICK_SECONDS = 1.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = telemetry.logger("mdscripts.bootstrap")


class SystemClock:
    """The time of this machine, UTC."""

    def now(self) -> str:
        """``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
        return f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


class TimeOrderedIds:
    """UUIDv7 (RFC 9562 §5.7): the time in milliseconds, then a counter that starts at random.

    Within a millisecond, or when the clock steps back, the counter goes on, so that each id is
    greater than every one this process made before.
    """

    def __init__(self) -> None:
        self._millisecond = 0
        self._counter = 0

    def new(self) -> str:
        """A fresh id as lower-case text."""
        millisecond = time.time_ns() // 1_000_000
        if millisecond > self._millisecond:
            self._millisecond, self._counter = millisecond, secrets.randbits(73)
        else:
            self._counter += 1 + secrets.randbits(32)
        high, low = self._counter >> 62, self._counter & (2**62 - 1)
        digits = f"{self._millisecond:012x}7{high:03x}{2**63 | low:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(frozen=True)
class System:
    """Storage and use cases, built for one process."""

    settings: Settings
    storage: Storage
    clock: SystemClock
    scribe: Scribe
    authenticator: Authenticator
    administration: Administration
    directory: Directory
    people: LocalPeople

    async def close(self) -> None:
        """Finish queued writes and close the storage."""
        await self.storage.close()


async def open_system(settings: Settings) -> System:
    """Open a migrated database.

    Raises StorageUnavailable, SchemaOutdated, SchemaTooNew and SchemaChanged.
    """
    storage = await open_storage(settings.database)
    clock = SystemClock()
    scribe = Scribe(clock, TimeOrderedIds())
    authenticator = Authenticator(
        storage,
        clock,
        settings.support_address,
        brand=settings.brand,
        installation_aliases=settings.alias_urns,
    )
    sites = SiteBook()
    directory = Directory(storage, scribe, sites)
    return System(
        settings=settings,
        storage=storage,
        clock=clock,
        scribe=scribe,
        authenticator=authenticator,
        administration=Administration(storage, scribe, authenticator, sites),
        directory=directory,
        people=LocalPeople(storage, directory, scribe, settings.brand),
    )


def build_application(system: System, secret: bytes, housekeeping: "Housekeeping") -> Application:
    """Put the web in front of the use cases. ``secret`` (32 bytes or more) seals paging cursors."""
    settings = system.settings
    limits = PageLimits(default_count=min(100, settings.max_page_size), max_count=settings.max_page_size)
    features = ServiceFeatures(
        default_page_size=limits.default_count,
        max_page_size=limits.max_count,
        max_payload_size=settings.max_body_bytes,
        cursor_timeout=int(CURSOR_LIFETIME.total_seconds()),
    )
    refusals = RefusalLog(system.storage, system.scribe)
    base_url = settings.scim_base_url
    use_cases = UseCases(
        directory=system.directory,
        groups=Groups(system.storage, system.scribe),
        entitlements=Entitlements(system.storage, base_url),
        lister=Lister(CursorSeal(secret, system.clock, CURSOR_LIFETIME)),
        renderer=Renderer(base_url),
    )
    scim = ScimApplication(
        system.authenticator,
        build_router(use_cases, limits, features, refusals),
        refusals,
        body_bytes=settings.max_body_bytes,
    )
    pages = build_pages(brand=settings.brand, base_url=base_url, support_address=settings.support_address)
    return Application(scim, pages, system.storage, on_start=housekeeping.start, on_stop=housekeeping.stop)


class Housekeeping:
    """What a server process does beside answering: it stores last-used times once a minute, and
    ends when the process that started it as a worker is gone."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, store what is left and close the storage."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._flush()
        await self._system.close()

    async def _run(self) -> None:
        flush_at = time.monotonic() + FLUSH_SECONDS
        parent = multiprocessing.parent_process()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if parent is not None and not parent.is_alive():
                log.error("supervisor_gone")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            if time.monotonic() >= flush_at:
                flush_at = time.monotonic() + FLUSH_SECONDS
                await self._flush()

    async def _flush(self) -> None:
        try:
            await self._system.authenticator.flush()
        except StorageUnavailable:
            log.warning("last_used_not_stored")


class Service:
    """The ASGI application of a server process: opens the system when the server starts it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._application: Application | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope; the lifespan scope comes first."""
        if self._application is None:
            try:
                self._application = await self._build()
            except Exception as fault:
                if scope["type"] != "lifespan":
                    raise
                await receive()
                await send({"type": "lifespan.startup.failed", "message": str(fault)})
                return
        await self._application(scope, receive, send)

    async def _build(self) -> Application:
        system = await open_system(self._settings)
        try:
            secret = self._settings.secret or await installation_secret(self._settings.database)
        except BaseException:
            await system.close()
            raise
        return build_application(system, secret, Housekeeping(system))


def application() -> Service:
    """What each worker process runs; reads its settings from the environment."""
    settings = settings_module.load()
    telemetry.configure(settings.log_level)
    return Service(settings)
