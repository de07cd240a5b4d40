"""What somebody must hear of at once, and not only find when they look for it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ManagerLoss:
    """A change after which an organization has no active Manager (RO-08).

    ``organization`` is its slug, its id when the database did not answer any more; ``user_ids`` are
    those who were Managers, the first few of many. ``actor``, ``request_id`` and ``action`` are the
    change's; the request id is empty on the command line. ``counted`` is False when the managers
    could not be counted after the change: then somebody may be left. No names, no values.
    """

    organization: str
    user_ids: tuple[str, ...]
    action: str
    target: str
    actor: str
    request_id: str
    counted: bool


class Alarm(Protocol):
    """Where alarms go. Must not raise: what they tell of is stored already."""

    def last_manager_lost(self, loss: ManagerLoss) -> None:
        """Nobody of an organization can sign in as a Manager."""
