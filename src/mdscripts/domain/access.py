"""Effective access: what was asserted for a person directly, joined with what their groups grant.

It is derived whenever it is asked for and stored nowhere, so it cannot be stale, and what a group
grants never becomes one of the person's own values.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mdscripts.domain.roles import MANAGER, parse_role
from mdscripts.domain.sites import Sites, find_closed, find_site_faults, parse_site_numbers
from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo_list

NO_ROLE = "none"
"""How people say that a group grants no role."""


class Source(NamedTuple):
    """Where a part of somebody's access comes from: a group, or ``DIRECT``."""

    group_id: str = ""
    group_name: str = ""

    @property
    def is_direct(self) -> bool:
        """Whether it was asserted for the person, not for a group."""
        return not self.group_id

    def __str__(self) -> str:
        return f"group {self.group_name}" if self.group_id else "direct"


DIRECT = Source()


@dataclass(frozen=True, slots=True)
class Grant:
    """What membership of a group gives: a role, or None, and sites."""

    source: Source
    role: str | None
    site_numbers: tuple[str, ...]


class SiteAccess(NamedTuple):
    """An open site a person may use, and everything it comes from, the decisive source first."""

    number: str
    sources: tuple[Source, ...]

    @property
    def source(self) -> Source:
        """Direct if the site was asserted for the person, else the first group that grants it."""
        return self.sources[0]


@dataclass(frozen=True, slots=True)
class EffectiveAccess:
    """What a person may do while active. ``sites`` are open ones, by number."""

    role: str
    role_source: Source
    sites: tuple[SiteAccess, ...]

    @property
    def is_manager(self) -> bool:
        """Whether Admin Home is open to the person."""
        return self.role == MANAGER

    @property
    def site_numbers(self) -> tuple[str, ...]:
        """The numbers of the sites."""
        return tuple(site.number for site in self.sites)

    def may_enter(self, site_number: str) -> bool:
        """Whether the person may work at an existing site. Managers look after all of them."""
        return self.is_manager or site_number in self.site_numbers


def effective_access(
    role: str, site_numbers: Iterable[str], grants: Sequence[Grant], closed_sites: Container[str]
) -> EffectiveAccess:
    """Join a person's direct values with the grants of their groups, which are given in order.

    The first grant that names a role decides it, otherwise the direct role holds. Sites add up;
    closed ones give no access (SI-15).
    """
    deciding = next((grant for grant in grants if grant.role is not None), None)
    sources: dict[str, list[Source]] = {}
    for source, numbers in ((DIRECT, site_numbers), *((grant.source, grant.site_numbers) for grant in grants)):
        for number in numbers:
            if number not in closed_sites:
                sources.setdefault(number, []).append(source)
    return EffectiveAccess(
        role=role if deciding is None or deciding.role is None else deciding.role,
        role_source=DIRECT if deciding is None else deciding.source,
        sites=tuple(SiteAccess(number, tuple(sources[number])) for number in sorted(sources)),
    )


def parse_grant(role: object, site_numbers: object, sites: Sites) -> tuple[str | None, tuple[str, ...]]:
    """The role (None for ``none`` and when not given) and sites that a group shall grant.

    Raises RuleViolation: for an unknown role (RO-04), for sites that are unknown (SI-06), malformed
    or closed, and when nothing would be granted.
    """
    named = None if isinstance(role, str) and role.strip().lower() in ("", NO_ROLE) else role
    granted_role = None if named is None else parse_role(named)
    numbers = tuple(sorted(parse_site_numbers(site_numbers)))
    closed = find_closed(numbers, sites)
    for fault in find_site_faults([number for number in numbers if number not in closed], sites):
        raise fault
    if closed:
        raise RuleViolation("siteNumbers", f"A group cannot grant closed sites: {echo_list(closed)}.")
    if granted_role is None and not numbers:
        raise RuleViolation("role", "A group must grant a role, sites or both.")
    return granted_role, numbers
