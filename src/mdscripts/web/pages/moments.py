"""Stored times (UTC text) as people read them, in their own zone, which is always named."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from mdscripts.domain.time_zones import ZONE_NAMES

_UTC = ZoneInfo("UTC")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def zone_of(choices: Iterable[object]) -> ZoneInfo:
    """The first choice that names a zone, else UTC."""
    for name in choices:
        if isinstance(name, str) and name in ZONE_NAMES:
            return _zone(name)
    return _UTC


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def moment(text: str | None, zone: ZoneInfo, *, seconds: bool = False) -> Markup | str:
    """``Nov 24, 2026, 9:13 AM EST`` as a ``time`` element; a dash when there is no time."""
    if not text:
        return "–"
    local = datetime.fromisoformat(text).astimezone(zone)
    return _element(text, worded(local, seconds=seconds))


def day(text: str | None, zone: ZoneInfo) -> Markup | str:
    """``Nov 24, 2026`` as a ``time`` element; its title has the whole time."""
    if not text:
        return "–"
    local = datetime.fromisoformat(text).astimezone(zone)
    return _element(text, _date(local), worded(local))


def brief(text: str, zone: ZoneInfo) -> Markup:
    """``Nov 24, 9:13:05 AM`` for lists that name the zone above; its title has the whole time."""
    local = datetime.fromisoformat(text).astimezone(zone)
    clock = f"{local.hour % 12 or 12}:{local:%M:%S} {'AM' if local.hour < 12 else 'PM'}"
    return _element(text, f"{local:%b} {local.day}, {clock}", worded(local, seconds=True))


def ago(text: str | None, zone: ZoneInfo, now: datetime | None = None) -> Markup | str:
    """``3 minutes ago`` or ``in 2 days`` as a ``time`` element; its title has the whole time."""
    if not text:
        return "never"
    then = datetime.fromisoformat(text)
    return _element(text, _distance((now or datetime.now(UTC)) - then), worded(then.astimezone(zone)))


def day_of(text: str) -> date | None:
    """The day that a date field sends; None for anything else, and for days no calendar here goes to."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1980 <= found.year <= 9000 else None


def worded(local: datetime, *, seconds: bool = False) -> str:
    """A local time with the name of its zone."""
    hour = local.hour % 12 or 12
    clock = f"{hour}:{local.minute:02}{f':{local.second:02}' if seconds else ''}"
    return f"{_date(local)}, {clock} {'AM' if local.hour < 12 else 'PM'} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """``EST``, or ``UTC+05:45`` where the zone has no letters."""
    name = local.tzname() or ""
    if name and name[0] not in "+-":
        return name
    offset = local.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:]}"


def _date(local: datetime) -> str:
    return f"{local:%b} {local.day}, {local.year}"


def _distance(passed: timedelta) -> str:
    seconds = int(abs(passed).total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds // size
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if passed > timedelta(0) else f"in {words}"
    return "just now" if passed >= timedelta(0) else "in a moment"


def _element(text: str, shown: str, title: str = "") -> Markup:
    hint = Markup(' title="{}"').format(title) if title else Markup("")
    return Markup('<time datetime="{}"{}>{}</time>').format(text, hint, shown)
