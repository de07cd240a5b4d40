"""The only place that builds the object graph: read it to see the system.

``open_system`` opens the storage and the use cases, for the command line. ``Service`` is what a
server process runs: it builds the same, puts the web in front of it and keeps house meanwhile.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from mdscripts import __version__, telemetry
from mdscripts import settings as settings_module
from mdscripts.app.access import Access
from mdscripts.app.account_passwords import Passwords
from mdscripts.app.accounts import Accounts
from mdscripts.app.activity.log import ActivityLog
from mdscripts.app.activity.observation import Observation
from mdscripts.app.activity.reading import ActivityReader
from mdscripts.app.administration import Administration
from mdscripts.app.api_description import api_description
from mdscripts.app.audit.entries import Audit
from mdscripts.app.authentication import Authenticator
from mdscripts.app.call import Scribe
from mdscripts.app.cursors import CursorSeal
from mdscripts.app.entitlements import Entitlements
from mdscripts.app.grants import Grants
from mdscripts.app.groups import Groups
from mdscripts.app.listing import Lister
from mdscripts.app.local_people import LocalPeople
from mdscripts.app.overview import Overview
from mdscripts.app.ports import StorageUnavailable
from mdscripts.app.provisioning import Directory
from mdscripts.app.refusals import RefusalLog
from mdscripts.app.remarks import Remarks
from mdscripts.app.rendering import Renderer
from mdscripts.app.roster import Roster
from mdscripts.app.site_book import SiteBook
from mdscripts.app.switch_off import SwitchOff
from mdscripts.app.trial import Trials
from mdscripts.demo_journey import play_okta
from mdscripts.domain.moments import moment_text
from mdscripts.machine import HashingThreads, SystemClock, TimeOrderedIds
from mdscripts.scim.discovery import ServiceFeatures
from mdscripts.scim.messages import PageLimits
from mdscripts.settings import Settings
from mdscripts.storage import DatabaseStorage, Migration, migrate, open_storage
from mdscripts.storage.installation_secret import installation_secret
from mdscripts.web.application import Application
from mdscripts.web.pages.application import build_pages
from mdscripts.web.pages.services import Installation, Services
from mdscripts.web.scim.application import ScimApplication
from mdscripts.web.scim.endpoints import UseCases, build_router

CURSOR_LIFETIME = timedelta(hours=1)
FLUSH_SECONDS = 60.0
FORGET_SECONDS = 3_600.0
_TICK_SECONDS = 1.0

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = telemetry.logger("mdscripts.bootstrap")


@dataclass(frozen=True)
class System:
    """Storage and use cases, built for one process."""

    settings: Settings
    storage: DatabaseStorage
    clock: SystemClock
    scribe: Scribe
    authenticator: Authenticator
    administration: Administration
    directory: Directory
    people: LocalPeople
    accounts: Accounts
    passwords: Passwords
    overview: Overview
    access: Access
    remarks: Remarks
    grants: Grants
    activity: ActivityLog

    async def close(self) -> None:
        """Finish queued writes and close the storage."""
        await self.storage.close()


async def open_system(settings: Settings) -> System:
    """Open a migrated database.

    Raises StorageUnavailable, SchemaOutdated, SchemaTooNew and SchemaChanged.
    """
    storage = await open_storage(settings.database)
    clock = SystemClock()
    scribe = Scribe(clock, TimeOrderedIds(), telemetry.LogAlarm())
    authenticator = Authenticator(
        storage,
        clock,
        settings.support_address,
        brand=settings.brand,
        installation_aliases=settings.alias_urns,
    )
    sites = SiteBook()
    directory = Directory(storage, scribe, sites)
    hashing = HashingThreads()
    access = Access(storage)
    accounts = Accounts(storage, storage.accounts, access, scribe, hashing)
    return System(
        settings=settings,
        storage=storage,
        clock=clock,
        scribe=scribe,
        authenticator=authenticator,
        administration=Administration(storage, scribe, authenticator, sites),
        directory=directory,
        people=LocalPeople(storage, directory, scribe, settings.brand),
        accounts=accounts,
        passwords=Passwords(storage, storage.accounts, scribe, hashing, accounts, settings.brand),
        overview=Overview(storage, storage.overview, clock),
        access=access,
        remarks=Remarks(storage, storage.roster),
        grants=Grants(storage, scribe),
        activity=ActivityLog(storage, storage.activity),
    )


async def bring_up_to_date(settings: Settings, *, examine: bool = False) -> tuple[Sequence[Migration], int | None]:
    """Apply what is missing; the steps, and for how many people the rules say something else than before.

    People are examined after a step was applied, or if ``examine`` asks for it; None if they were not.
    A release that changes what the rules say therefore brings a step. Raises what ``migrate`` raises.
    """
    applied = await migrate(settings.database)
    if not applied and not examine:
        return applied, None
    system = await open_system(settings)
    try:
        return applied, await system.remarks.examine_installation()
    finally:
        await system.close()


def service_features(settings: Settings) -> ServiceFeatures:
    """What the SCIM service of these settings announces."""
    return ServiceFeatures(
        default_page_size=min(100, settings.max_page_size),
        max_page_size=settings.max_page_size,
        max_payload_size=settings.max_body_bytes,
        cursor_timeout=int(CURSOR_LIFETIME.total_seconds()),
    )


def describe_api(settings: Settings) -> dict[str, object]:
    """The OpenAPI document of the SCIM service of these settings."""
    features = service_features(settings)
    return api_description(features, settings.scim_base_url, brand=settings.brand, version=__version__)


def build_application(system: System, secret: bytes, housekeeping: "Housekeeping") -> Application:
    """Put the web in front of the use cases. ``secret`` (32 bytes or more) seals paging cursors."""
    settings = system.settings
    features = service_features(settings)
    limits = PageLimits(features.default_page_size, features.max_page_size)
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
        build_router(use_cases, limits, features, refusals, describe_api(settings)),
        refusals,
        system.activity,
        new_id=system.scribe.ids.new,
        body_bytes=settings.max_body_bytes,
    )
    pages = build_pages(_page_services(system, use_cases))
    return Application(scim, pages, system.storage, on_start=housekeeping.start, on_stop=housekeeping.stop)


def _page_services(system: System, use_cases: UseCases) -> Services:
    settings = system.settings
    roster = Roster(system.storage, system.directory, system.storage.roster, system.access)
    return Services(
        installation=Installation(
            brand=settings.brand,
            support_address=settings.support_address,
            base_url=settings.base_url,
            scim_base_url=settings.scim_base_url,
            alias_urns=settings.alias_urns,
        ),
        accounts=system.accounts,
        passwords=system.passwords,
        administration=system.administration,
        roster=roster,
        remarks=system.remarks,
        audit=Audit(system.storage, system.storage.audit),
        groups=use_cases.groups,
        access=system.access,
        grants=system.grants,
        overview=system.overview,
        activity=ActivityReader(system.storage.activity, system.clock, settings.activity_days),
        observation=Observation(system.storage, system.storage.activity, system.clock),
        trials=Trials(system.storage, settings.alias_urns),
        switch_off=SwitchOff(system.storage, system.administration, roster),
        clock=system.clock,
        play=play_okta(system.administration, settings.scim_base_url, system.activity.flush) if settings.demo else None,
    )


class Housekeeping:
    """What a server process does beside answering: each second it stores what happened, each minute
    last-used times, and it removes what has expired; it ends when the process that started it as a
    worker is gone."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._task: asyncio.Task[None] | None = None
        self._duties: dict[Callable[[], Awaitable[None]], tuple[float, float]] = {
            system.activity.flush: (0.0, 0.0),
            self._flush: (FLUSH_SECONDS, time.monotonic() + FLUSH_SECONDS),
            self._forget: (FORGET_SECONDS, 0.0),
        }
        """What is done: every how many seconds, and when next."""

    async def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, store what is left and close the storage."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._do(self._system.activity.flush)
        await self._do(self._flush)
        await self._system.close()

    async def _run(self) -> None:
        parent = multiprocessing.parent_process()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if parent is not None and not parent.is_alive():
                log.error("supervisor_gone")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            for duty, (seconds, due) in self._duties.items():
                if time.monotonic() >= due:
                    self._duties[duty] = (seconds, time.monotonic() + seconds)
                    await self._do(duty)

    async def _do(self, duty: Callable[[], Awaitable[None]]) -> None:
        """A duty that fails must not end the others."""
        try:
            await duty()
        except StorageUnavailable:
            log.warning("housekeeping_postponed", duty=duty.__name__)
        except Exception:
            log.exception("housekeeping_failed", duty=duty.__name__)

    async def _flush(self) -> None:
        await self._system.authenticator.flush()
        await self._system.accounts.forget_expired()

    async def _forget(self) -> None:
        kept = timedelta(days=self._system.settings.activity_days)
        await self._system.activity.forget_before(moment_text(datetime.now(UTC) - kept))


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
                log.exception("startup_failed")
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
