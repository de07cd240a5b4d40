"""What the pages are given: use cases, and what the installation is called."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mdscripts.app.access import Access
from mdscripts.app.account_passwords import Passwords
from mdscripts.app.accounts import Accounts
from mdscripts.app.activity.observation import Observation
from mdscripts.app.activity.reading import ActivityReader
from mdscripts.app.administration import Administration
from mdscripts.app.audit.entries import Audit
from mdscripts.app.call import Actor
from mdscripts.app.grants import Grants
from mdscripts.app.groups import Groups
from mdscripts.app.overview import Overview
from mdscripts.app.ports import Clock
from mdscripts.app.remarks import Remarks
from mdscripts.app.roster import Roster
from mdscripts.app.switch_off import SwitchOff
from mdscripts.app.trial import Trials


@dataclass(frozen=True, slots=True)
class Installation:
    """How this installation is called and reached, and the alias URNs that all its organizations have.

    ``secure``: people reach it over HTTPS.
    """

    brand: str
    support_address: str
    base_url: str
    scim_base_url: str
    alias_urns: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether cookies may be bound to HTTPS."""
        return self.base_url.startswith("https://")


Play = Callable[[str, Actor], Awaitable[str]]
"""Runs the simulator for an organization (by slug) and says how it went; a demo has one."""


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases that pages may call; they call nothing else."""

    installation: Installation
    accounts: Accounts
    passwords: Passwords
    administration: Administration
    roster: Roster
    remarks: Remarks
    audit: Audit
    groups: Groups
    access: Access
    grants: Grants
    overview: Overview
    activity: ActivityReader
    observation: Observation
    trials: Trials
    switch_off: SwitchOff
    clock: Clock
    play: Play | None = None
