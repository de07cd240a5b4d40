"""What the practice answers when a value breaks a rule, one at a time or all together."""

from collections.abc import Sequence
from dataclasses import dataclass

DETAIL_LIMIT = 1000
"""Longest text that ``render_detail`` makes, in characters."""


class RuleViolation(Exception):
    """A value breaks a rule of the practice.

    ``attribute`` is the name that the person who sent the value knows; ``message`` is a whole
    sentence for that person; ``rule`` is the id of the rule, empty where no guide lists one.
    """

    def __init__(self, attribute: str, message: str, rule: str = "") -> None:
        super().__init__(message)
        self.attribute = attribute
        self.message = message
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of a profile. ``message`` ends with the rule's id in brackets."""

    rule: str
    attribute: str
    message: str

    @classmethod
    def of(cls, fault: RuleViolation) -> "Violation":
        """The violation that a parser raised, its rule id made part of the text."""
        return cls(fault.rule, fault.attribute, f"{fault.message} [{fault.rule}]")


@dataclass(frozen=True, slots=True)
class Warning:
    """Something worth a look that refuses nothing, such as ``W-UN1``."""

    id: str
    attribute: str
    message: str


def render_detail(violations: Sequence[Violation]) -> str:
    """All violations as one text of at most ``DETAIL_LIMIT`` characters.

    A single one is its message; several are numbered, and those that do not fit are counted.
    """
    if len(violations) == 1:
        return violations[0].message[:DETAIL_LIMIT]
    parts = [f"({number}) {violation.message}" for number, violation in enumerate(violations, 1)]
    whole = " ".join(parts)
    if len(whole) <= DETAIL_LIMIT:
        return whole
    room = DETAIL_LIMIT - len(f" and {len(parts)} more")
    fitting = 1
    while len(" ".join(parts[: fitting + 1])) <= room:
        fitting += 1
    return f"{' '.join(parts[:fitting])[:room]} and {len(parts) - fitting} more"
