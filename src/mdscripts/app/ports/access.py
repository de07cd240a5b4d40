"""What groups grant, what decides somebody's access, and how a change of it gets into the audit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mdscripts.app.ports.facts import Facts


@dataclass(frozen=True, slots=True)
class GroupGrant:
    """What the members of a group get: a role, or None, and sites.

    Of several grants those with lower positions come first; equal ones by group id.
    """

    group_id: str
    group_name: str
    position: int
    role: str | None
    site_numbers: tuple[str, ...]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """What decides the access of one living person: direct values, and the groups with a grant."""

    user_id: str
    user_name: str
    active: bool
    role: str
    site_numbers: tuple[str, ...]
    group_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class AccessState:
    """What decides the access of some people at one moment. ``grants`` are in order; every grant of
    a group they are in is among them. ``people`` are in the order of their ids."""

    grants: tuple[GroupGrant, ...]
    closed_sites: frozenset[str]
    people: tuple[PersonAccess, ...]


class AccessWitness(Protocol):
    """Is shown the people whose access a change may alter, and knows what it will do to them."""

    @property
    def lost_manager(self) -> bool:
        """Whether an active Manager of those seen stops being one."""

    def see(self, state: AccessState) -> None:
        """Some of the people as they are before the change. Called until all were shown."""

    def facts(self, *, manager_left: bool) -> Facts:
        """What to record about them. ``manager_left``: the organization still has an active Manager."""


@dataclass(frozen=True, slots=True)
class AccessWatch:
    """Asks a store to record what a change set does to people's access, in its transaction.

    The store keeps others from changing the group and the memberships of the people meanwhile,
    shows them to a new witness, applies the changes, and records what the witness says.
    ``user_ids`` are the people; None stands for all members of the group. ``begin`` is called for
    each attempt, perhaps in another thread.
    """

    group_id: str
    user_ids: tuple[str, ...] | None
    begin: Callable[[], AccessWitness]
