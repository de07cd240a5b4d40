"""How the page Activity words what it shows: operations, clients, results, rules, field names."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from mdscripts.app.error_messages import catalogue as error_catalogue
from mdscripts.app.ports import activity as kept
from mdscripts.scim.tolerances import ALL as TOLERANCES

OPERATIONS = {
    kept.TEST_CREDENTIALS: "Test credentials",
    kept.LOOKUP: "Look up",
    kept.READ_ONE: "Read",
    kept.LIST: "Import",
    kept.CREATE: "Create",
    kept.LINK: "Link",
    kept.UPDATE: "Update",
    kept.DEACTIVATE: "Deactivate",
    kept.REACTIVATE: "Reactivate",
    kept.DELETE: "Delete",
    kept.GROUP_READ: "Read groups",
    kept.GROUP_CREATE: "Create group",
    kept.GROUP_UPDATE: "Update group",
    kept.GROUP_DELETE: "Delete group",
    kept.BULK: "Bulk",
    kept.DISCOVERY: "Discovery",
    kept.OTHER: "Other",
}
RESULTS = {
    kept.CHANGED: "Changed",
    kept.UNCHANGED: "No change",
    kept.REFUSED: "Refused",
    kept.READ: "Read",
}
TONES = {kept.CHANGED: "good", kept.UNCHANGED: "neutral", kept.REFUSED: "bad", kept.READ: "info"}
CLIENTS = {
    "okta": "Okta",
    "entra": "Entra ID",
    "onelogin": "OneLogin",
    "jumpcloud": "JumpCloud",
    "ping": "Ping Identity",
    "postman": "Postman",
    "curl": "curl",
    "generic": "Other client",
}


WINDOW = 100_000
"""How many entries a search looks at before it asks whether to go on."""


class Explanation(NamedTuple):
    """What a rule, warning or tolerance id means; empty where nothing is known.

    ``anchor`` is its place on the public page of errors, empty if it has none.
    """

    rule: str
    title: str
    cause: str = ""
    remedy: str = ""
    anchor: str = ""


def explained(rules: Iterable[str]) -> list[Explanation]:
    """What is known about each id; the id alone if nothing is."""
    return [_explanation(rule) for rule in rules]


def explained_refusal(status: int, scim_type: str | None) -> list[Explanation]:
    """What a refusal of the protocol means, which names no rule."""
    entry = error_catalogue.find_scim(status, scim_type)
    return [] if entry is None else [Explanation("", entry.title, entry.cause, entry.remedy, entry.id)]


def _explanation(rule: str) -> Explanation:
    entry = error_catalogue.find(rule)
    if entry is not None:
        return Explanation(rule, entry.title, entry.cause, entry.remedy, entry.id)
    tolerance = TOLERANCES.get(rule)
    if tolerance is not None:
        cause = f"Sent by {tolerance.sent_by}. Accepted because the connection tolerates it."
        return Explanation(rule, tolerance.title, cause, f"Without it the answer would be {tolerance.strict_answer}.")
    return Explanation(rule, "")


def field_name(path: str) -> str:
    """An attribute as an Okta administrator knows it: without the URN of its schema."""
    return path.rpartition(":")[2] or path


def took(milliseconds: float) -> str:
    """``3 ms``, ``0.4 ms``, ``1.2 s``."""
    if milliseconds >= 1_000:
        return f"{milliseconds / 1_000:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 else f"{milliseconds:.1f} ms"


def percent(share: float) -> str:
    """``12%``, ``under 1%``."""
    return f"{share:.0%}" if share >= 0.01 else "under 1%"


def lasted(passed: timedelta) -> str:
    """``26 hours``, ``3 days``."""
    hours = int(passed.total_seconds()) // 3_600
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"
