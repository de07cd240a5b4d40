"""Where a page ended, so that the next ``startIndex`` need not be counted to.

A hint also makes paging by index steadier: the next page begins after the last resource the client
has seen, even if others were created or deleted before it meanwhile. Hints live in one process and
for a short time; without one the database skips rows, which is right and slow.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from mdscripts.app.ports import Keyset

LIFETIME_SECONDS = 60.0
_ORGANIZATIONS = 1_024
_QUESTIONS = 32
_POSITIONS = 16


class Hint(NamedTuple):
    """``keyset`` was the resource at ``position``, counted from 1; ``expires`` is monotonic time."""

    position: int
    keyset: Keyset
    expires: float


class PositionHints:
    """The most recent hints of each organization and question (filter and order)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._organizations: OrderedDict[str, OrderedDict[Hashable, list[Hint]]] = OrderedDict()

    def nearest(self, organization_id: str, question: Hashable, position: int) -> Hint | None:
        """The fresh hint with the greatest position that is not beyond ``position``."""
        questions = self._organizations.get(organization_id)
        if questions is None:
            return None
        now = self._clock()
        usable = [hint for hint in questions.get(question, ()) if hint.position <= position and hint.expires > now]
        return max(usable, key=lambda hint: hint.position, default=None)

    def remember(self, organization_id: str, question: Hashable, position: int, keyset: Keyset) -> None:
        """Note the last resource of a page; replaces an older hint for the same position."""
        questions = self._organizations.setdefault(organization_id, OrderedDict())
        kept = [hint for hint in questions.get(question, ()) if hint.position != position]
        questions[question] = [*kept[1 - _POSITIONS :], Hint(position, keyset, self._clock() + LIFETIME_SECONDS)]
        questions.move_to_end(question)
        self._organizations.move_to_end(organization_id)
        if len(questions) > _QUESTIONS:
            questions.popitem(last=False)
        if len(self._organizations) > _ORGANIZATIONS:
            self._organizations.popitem(last=False)
