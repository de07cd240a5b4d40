"""Time zones by name, as the IANA time zone database spells them.

A name is looked up in the list that the tzdata package ships and never handed to
``zoneinfo.ZoneInfo``, which opens files and raises half a dozen errors for what is no name. The
operating system's own database does not count: it lacks US/Eastern on many machines.
"""

import importlib.resources

from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo, parse_text

SEED_ZONES = ("US/Eastern", "US/Central", "US/Mountain", "US/Pacific", "US/Alaska", "US/Hawaii")
"""The zones that the public guide names; an installation that lacks one is broken."""

ZONE_NAMES: frozenset[str] = frozenset(
    importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
)
"""Every name of the installed time zone database, links included."""

_BY_FOLDED_NAME = {name.lower(): name for name in ZONE_NAMES}

_WINDOWS_NAMES = {
    "eastern standard time": "US/Eastern",
    "central standard time": "US/Central",
    "mountain standard time": "US/Mountain",
    "pacific standard time": "US/Pacific",
    "alaskan standard time": "US/Alaska",
    "hawaiian standard time": "US/Hawaii",
    "aleutian standard time": "US/Aleutian",
    "us eastern standard time": "US/East-Indiana",
    "us mountain standard time": "US/Arizona",
    "sa western standard time": "America/Puerto_Rico",
    "west pacific standard time": "Pacific/Guam",
    "samoa standard time": "Pacific/Apia",
    "utc-11": "US/Samoa",
    "atlantic standard time": "America/Halifax",
    "gmt standard time": "Europe/London",
}
"""What users that come from Active Directory carry, by lower-case Windows name."""

_FIXED_OFFSETS = frozenset(
    {
        "EST", "MST", "HST", "UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu",
        "Factory",
    }
)  # fmt: skip


def parse_time_zone(raw: object) -> str | None:
    """A name of the database in its own spelling, None when not set. Raises TZ-05 to TZ-07.

    Case is ignored and blanks stand for underscores. A link such as US/Eastern stays what it
    is, so that a client reads what it wrote.
    """
    text = parse_text(raw, "timezone", "TZ-07")
    if text is None:
        return None
    # Another alphabet's letter may fold to an ASCII one: "ſ".upper() is "S".
    folded = text.lower() if text.isascii() else ""
    name = _BY_FOLDED_NAME.get(folded.replace(" ", "_"))
    if name is not None:
        return name
    windows = _WINDOWS_NAMES.get(folded)
    if windows is not None:
        raise RuleViolation(
            "timezone",
            f"timezone '{echo(text)}' is a Windows time zone name. Use '{windows}' instead.",
            "TZ-05",
        )
    raise RuleViolation(
        "timezone",
        f"timezone '{echo(text)}' is not in the time zone database. Use a name such as "
        f"{', '.join(SEED_ZONES[:-1])} or {SEED_ZONES[-1]}.",
        "TZ-06",
    )


def is_fixed_offset(name: str) -> bool:
    """Whether the name is an abbreviation or offset rather than a place: EST, Etc/GMT+5 (W-TZ1)."""
    return name in _FIXED_OFFSETS or name.startswith("Etc/")
