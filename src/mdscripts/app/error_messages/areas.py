"""The error catalogue in the order in which people read it: by what the message is about."""

from dataclasses import dataclass

from mdscripts.app.error_messages.catalogue import PROTOCOL, RECORDED, RULES
from mdscripts.app.error_messages.entries import Entry


@dataclass(frozen=True, slots=True)
class Area:
    """Entries about one thing. ``id`` is an anchor."""

    id: str
    title: str
    entries: tuple[Entry, ...]


_SUBJECTS = (
    ("user-name", "User name", ("UN",)),
    ("email", "Email", ("EM", "ET")),
    ("names", "First and last name", ("NM",)),
    ("yes-no", "Yes or no values", ("BO",)),
    ("npi", "NPI", ("NPI",)),
    ("dea-license", "DEA license", ("DEA",)),
    ("role", "Role", ("RO",)),
    ("time-zone", "Time zone", ("TZ",)),
    ("sites", "Sites", ("SI",)),
    ("life-cycle", "Account and feature", ("LC",)),
)
"""Anchor, title and the letters with which the ids of the rules begin."""

AREAS: tuple[Area, ...] = (
    *(
        Area(anchor, title, tuple(entry for entry in RULES if entry.id.partition("-")[0] in letters))
        for anchor, title, letters in _SUBJECTS
    ),
    Area("remarks", "Accepted, but worth a look", RECORDED),
    Area("connection", "Connection and protocol", PROTOCOL),
)
"""Every entry of the catalogue is in one of them."""
