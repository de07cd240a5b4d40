"""``mdscripts doctor``: what an installation needs, checked one by one."""

import os
import sqlite3
import zoneinfo
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cyclopts import App

from mdscripts import bootstrap
from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.cli.output import print_json, print_text, table
from mdscripts.cli.sentences import sentence_of
from mdscripts.domain.time_zones import SEED_ZONES, ZONE_NAMES
from mdscripts.settings import Settings, SettingsError, unknown_variables

EARLIEST = "2026-11-01T00:00:00.000Z"
"""Before the first release: a clock that says so is wrong."""


NAMED_MAX = 20
"""How many organizations one finding names."""

HOW_TO_GET_A_MANAGER_BACK = "docs/how-to/get-a-manager-back.md"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. ``remedy`` says what to do and is empty when all is well.

    A ``warning`` is ``ok`` as well: the installation works, but somebody has something to do.
    """

    name: str
    ok: bool
    finding: str
    remedy: str = ""
    warning: bool = False


app = App(name="doctor", help_format="plaintext")


@app.default
async def doctor(*, options: Options = DEFAULT) -> None:
    """Check database, migrations, time zones, clock and permissions; says what to do about each fault.

    A WARNING, such as organizations without an active manager, does not make the command fail.

    For example:
        mdscripts doctor
    """
    checks = [check async for check in examine(options)]
    failed = [check for check in checks if not check.ok]
    if options.json:
        print_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    else:
        rows = [(_state(check), check.name, check.finding) for check in checks]
        print_text(table(rows, ("", "CHECK", "FINDING")))
        for check in checks:
            if check.remedy:
                print_text(f"\n{check.name}: {check.remedy}")
    if failed:
        raise CommandFailed(f"{len(failed)} of {len(checks)} checks failed.")


def _state(check: Check) -> str:
    if check.warning:
        return "WARNING"
    return "ok" if check.ok else "FAILED"


async def examine(options: Options) -> AsyncIterator[Check]:
    """All checks in order; those that need the database end where it ends."""
    try:
        settings = options.settings()
    except SettingsError as fault:
        yield Check("settings", ok=False, finding=str(fault), remedy="Correct the setting named above.")
        return
    yield _settings()
    yield _time_zones()
    path = settings.sqlite_path
    if path is not None:
        yield permissions(path)
    async for check in _database(settings):
        yield check


def _settings() -> Check:
    unknown = unknown_variables()
    if unknown:
        return Check(
            "settings",
            ok=False,
            finding=f"not a setting: {', '.join(unknown)}",
            remedy="Correct the spelling or unset the variable; mdscripts settings lists the names.",
        )
    return Check("settings", ok=True, finding="all valid")


def _time_zones() -> Check:
    missing = [name for name in SEED_ZONES if name not in ZONE_NAMES or not _resolves(name)]
    if missing:
        return Check(
            "time zones",
            ok=False,
            finding=f"missing: {', '.join(missing)}",
            remedy="Install the Python package tzdata again; the system's own database does not count.",
        )
    return Check("time zones", ok=True, finding=f"{', '.join(SEED_ZONES)} of {len(ZONE_NAMES)} zones")


def _resolves(name: str) -> bool:
    try:
        return datetime.now(zoneinfo.ZoneInfo(name)).utcoffset() is not None
    except zoneinfo.ZoneInfoNotFoundError:
        return False


def permissions(path: Path) -> Check:
    """Whether this user can make and write a SQLite file at ``path``."""
    directory = path.parent
    if not directory.is_dir():
        return Check(
            "permissions",
            ok=False,
            finding=f"{directory} is no directory",
            remedy=f"Create it: mkdir -p {directory}",
        )
    unwritable = [
        str(place)
        for place in (directory, path, path.with_name(path.name + "-wal"))
        if place.exists() and not os.access(place, os.W_OK)
    ]
    if unwritable:
        return Check(
            "permissions",
            ok=False,
            finding=f"not writable: {', '.join(unwritable)}",
            remedy="Give the user that runs the server write permission; SQLite also writes files beside the database.",
        )
    return Check("permissions", ok=True, finding=f"{directory} is writable")


async def _database(settings: Settings) -> AsyncIterator[Check]:
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        yield Check(
            "database",
            ok=False,
            finding=f"{settings.database_shown} does not exist yet",
            remedy="Create it: mdscripts migrate",
        )
        return
    try:
        system = await bootstrap.open_system(settings)
    except Exception as fault:
        sentence = sentence_of(fault)
        if sentence is None:
            raise
        yield Check("database", ok=False, finding=settings.database_shown, remedy=sentence)
        return
    try:
        yield Check("database", ok=True, finding=await system.storage.check())
        yield Check("migrations", ok=True, finding="the schema is the one of this release")
        newest = [organization.created_at for organization in await system.storage.list_organizations()]
        yield _clock(system.clock.now(), max(newest, default=EARLIEST))
        yield _managers(len(newest), await system.storage.organizations_without_manager())
    finally:
        await system.close()
    if settings.sqlite_path is not None:
        yield _journal_mode(settings.sqlite_path)


def _managers(organizations: int, without: Sequence[str]) -> Check:
    """Whether every organization has an active manager; nobody else can open its Admin Home (RO-08)."""
    if not without:
        return Check(
            "managers", ok=True, finding=f"each organization has an active one (organizations: {organizations})"
        )
    more = f" and {len(without) - NAMED_MAX:,} more" if len(without) > NAMED_MAX else ""
    return Check(
        "managers",
        ok=True,
        warning=True,
        finding=f"no active manager: {', '.join(without[:NAMED_MAX])}{more}",
        remedy="Nobody can open Admin Home there. Let somebody back in: mdscripts user reactivate "
        f"--organization {without[0]} USERNAME. Or make a manager: mdscripts user create "
        f"--organization {without[0]} --role Manager ..., then mdscripts user password-link "
        f"--organization {without[0]} USERNAME. See {HOW_TO_GET_A_MANAGER_BACK}",
    )


def _clock(now: str, newest: str) -> Check:
    latest = max(newest, EARLIEST)
    if now < latest:
        return Check(
            "clock",
            ok=False,
            finding=f"{now} is earlier than {latest}",
            remedy="Set the system clock (for example with an NTP service): tokens expire by it.",
        )
    offset = datetime.now().astimezone().strftime("%z")
    return Check("clock", ok=True, finding=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, local offset {offset}")


def _journal_mode(path: Path) -> Check:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    finally:
        connection.close()
    if mode != "wal":
        return Check(
            "journal mode",
            ok=False,
            finding=mode,
            remedy="Put the database on a local disk (WAL does not work on network drives), "
            "then run mdscripts migrate.",
        )
    return Check("journal mode", ok=True, finding="wal")
