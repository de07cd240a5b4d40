"""Everything the service says no to, and everything it only remarks: the one table.

``docs/reference/errors.md`` is made from it and pages explain an id with it. An entry exists for
each rule and warning of the practice (rules.md §6, §6.2) and for each pair of status and scimType;
the tests hold it to the code, so that nothing is missing and nothing is listed that cannot happen.
"""

import re
from functools import cache

from mdscripts.app.error_messages.entries import Entry
from mdscripts.app.error_messages.protocol_entries import PROTOCOL
from mdscripts.app.error_messages.rule_entries import RULES
from mdscripts.app.error_messages.warning_entries import RECORDED

__all__ = ["ENTRIES", "PROTOCOL", "RECORDED", "RULES", "Entry", "find", "find_scim", "literal_length", "matches"]

ENTRIES: tuple[Entry, ...] = (*RULES, *RECORDED, *PROTOCOL)
"""All of them: rules, what is only recorded, refusals of the protocol."""

_BY_ID = {entry.id: entry for entry in ENTRIES}
_BY_SCIM = {(entry.status, entry.scim_type): entry for entry in PROTOCOL}


def find(rule_id: str) -> Entry | None:
    """The entry of a rule (``NPI-05``), a warning (``W-NPI1``), a scimType or a status as text."""
    return _BY_ID.get(rule_id)


def find_scim(status: int, scim_type: str | None) -> Entry | None:
    """The entry of a refusal as the protocol names it."""
    return _BY_SCIM.get((status, scim_type))


def matches(entry: Entry, text: str) -> bool:
    """Whether a message is one of the entry's; an id in brackets at its end is no part of it."""
    return literal_length(entry, text) >= 0


def literal_length(entry: Entry, text: str) -> int:
    """How many characters of a message the entry prescribes, the more the surer; -1 if it is none of its messages."""
    bare = re.sub(rf" \[{re.escape(entry.id)}\]$", "", text)
    fitting = (template for template in entry.messages if _pattern(template).fullmatch(bare))
    return max((len(template.replace("…", "")) for template in fitting), default=-1)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in template.split("…"))
    return re.compile(".*".join(parts), re.DOTALL)
