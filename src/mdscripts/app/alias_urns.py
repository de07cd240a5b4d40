"""Which URNs an organization may declare as other names of the MDScripts extension.

Okta writes custom attributes under the External namespace that somebody typed in its Profile
Editor. An app made from a template or for another product has another namespace than ours; as an
alias it means the same (tolerance ``alias-urns``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mdscripts.app.schemas import MDSCRIPTS_URN, RESOURCE_TYPES
from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo

ALIAS_URNS_MAX = 20
ALIAS_URN_LENGTH_MAX = 256

_SCHEMAS = {schema.id.lower(): schema.id for kind in RESOURCE_TYPES for schema in kind.schemas()}
_STANDARD = ("urn:ietf:params:scim:schemas:core:", "urn:ietf:params:scim:api:messages:")
_FOREIGN = re.compile("[^!-~]")


@dataclass(frozen=True, slots=True)
class AliasFault:
    """What is wrong in one line, counted from 1. ``message`` is whole sentences that quote the URN."""

    line: int
    message: str


class AliasUrnsRefused(RuleViolation):
    """Some lines cannot be alias URNs; ``faults`` are in the order of the lines."""

    def __init__(self, faults: Sequence[AliasFault]) -> None:
        super().__init__("alias_urns", " ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


def parse_alias_urns(lines: Sequence[str]) -> tuple[str, ...]:
    """The URNs of some lines, each once whatever its letter case (RFC 8141 §3.1), blank lines left out.

    Raises AliasUrnsRefused with all faults.
    """
    found: dict[str, str] = {}
    faults = []
    for number, line in enumerate(lines, 1):
        urn = line.strip()
        if not urn or urn.lower() in found:
            continue
        found[urn.lower()] = urn
        message = _fault_of(urn)
        if not message and len(found) > ALIAS_URNS_MAX:
            message = f"'{echo(urn)}' is one too many: {ALIAS_URNS_MAX} alias URNs are possible."
        if message:
            faults.append(AliasFault(number, message))
    if faults:
        raise AliasUrnsRefused(faults)
    return tuple(found.values())


def _fault_of(urn: str) -> str:
    """What is wrong with one URN, empty if nothing."""
    shown = f"'{echo(urn)}'"
    if len(urn) > ALIAS_URN_LENGTH_MAX:
        return f"{shown} has {len(urn)} characters; at most {ALIAS_URN_LENGTH_MAX} are possible."
    foreign = _FOREIGN.search(urn)
    if foreign is not None:
        return (
            f"{shown} contains {_named(foreign[0])}. A URN holds plain letters, digits and signs only; "
            "write each URN on a line of its own."
        )
    if not urn.lower().startswith("urn:") or len(urn) == len("urn:"):
        return f"{shown} is no URN. Copy the External namespace from Okta's Profile Editor; it starts with 'urn:'."
    return _reserved(urn.lower(), shown)


def _reserved(folded: str, shown: str) -> str:
    """Why a URN of ours or of the standard cannot be an alias, empty if it is neither."""
    owner = next((name for name in _SCHEMAS if folded == name or folded.startswith(f"{name}:")), None)
    if owner == MDSCRIPTS_URN.lower():
        if folded == owner:
            return f"{shown} is the MDScripts namespace itself. It is always accepted; remove the line."
        return f"{shown} is an attribute of the MDScripts namespace, which is always accepted; remove the line."
    if owner is not None or folded.startswith(_STANDARD):
        return (
            f"{shown} is a namespace of the SCIM standard or of Okta with a meaning of its own; as an alias it would "
            "turn other values into MDScripts attributes. Remove the line."
        )
    return ""


def _named(character: str) -> str:
    if character == " ":
        return "a space"
    code = f"U+{ord(character):04X}"
    return f"the character {character} ({code})" if character.isprintable() else f"an invisible character ({code})"
