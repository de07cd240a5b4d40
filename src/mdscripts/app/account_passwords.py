"""Passwords of people: changed by themselves, or set through a link that works once.

Nobody ever types somebody else's password: a manager or operator hands out a link. A password that
arrives through SCIM is never stored. A new password ends every session that began with the old one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from mdscripts.app.accounts import (
    Accounts,
    OpenedSession,
    Origin,
    SignInRefused,
    digest_of,
    is_secret,
    new_secret,
    new_session,
)
from mdscripts.app.call import Actor, Happening, Scribe
from mdscripts.app.person import Person
from mdscripts.app.ports import Change, Facts, OrganizationRecord, SetPassword, StaleVersion, Storage, UserRecord
from mdscripts.app.ports.account_changes import (
    EndSessions,
    InsertLink,
    LinkRecord,
    OpenSession,
    SpendLink,
    WithdrawLink,
)
from mdscripts.app.ports.accounts import AccountStorage, LinkMatch, PasswordWork, SessionMatch
from mdscripts.domain.moments import shifted
from mdscripts.domain.passwords import require_acceptable

LINK_LIFETIME = timedelta(days=3)


class LinkSpent(Exception):
    """The link was used, replaced, withdrawn, or its time is over; nobody is told which."""


class PersonInactive(Exception):
    """A link is of no use to a person who may not sign in."""


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A one-time link at the only moment its secret is known."""

    secret: str
    user: UserRecord
    expires_at: str

    def __repr__(self) -> str:
        return f"IssuedLink(user={self.user.id!r}, secret=…)"


class Passwords:
    """Use cases about passwords. New ones raise RuleViolation unless they are acceptable."""

    def __init__(
        self,
        storage: Storage,
        links: AccountStorage,
        scribe: Scribe,
        work: PasswordWork,
        accounts: Accounts,
        brand: str,
    ) -> None:
        self._storage = storage
        self._links = links
        self._scribe = scribe
        self._work = work
        self._accounts = accounts
        self._brand = brand

    async def change(self, here: SessionMatch, current: str, new: str, origin: Origin) -> OpenedSession:
        """Replace one's own password; the session that goes on is a new one.

        Raises SignInRefused for a wrong current password, TooManyAttempts, RuleViolation.
        """
        require_acceptable(new, self._names(here.user, here.organization))
        stored = await self._accounts.require_password(here, current, origin)
        at = self._scribe.clock.now()
        secret, session = new_session(here.user.id, here.session.site_number, origin, at)
        password_hash = await self._work.hash(new)
        changes: list[Change] = [
            SetPassword(here.user.id, password_hash, replaces=stored),
            EndSessions(here.user.id),
            WithdrawLink(here.user.id),
            OpenSession(session),
        ]
        facts = self._facts("user.password_set", here.user, here.organization, origin.actor(here.user), at)
        try:
            await self._storage.for_organization(here.organization.id).commit(changes, facts)
        except StaleVersion:  # the password was changed elsewhere, or the person deactivated, this instant
            raise SignInRefused from None
        return OpenedSession(secret, here.user, here.organization)

    async def create_link(self, organization: OrganizationRecord, user: UserRecord, by: Actor) -> IssuedLink:
        """A link for setting a password; an earlier one of the person stops working.

        Raises PersonInactive.
        """
        secret, at = new_secret(), self._scribe.clock.now()
        expires_at = shifted(at, LINK_LIFETIME)
        link = LinkRecord(digest_of(secret), user.id, at, by.name, expires_at)
        facts = self._facts("user.password_link_created", user, organization, by, at)
        try:
            conditions = by.call(organization.id).conditions
            await self._storage.for_organization(organization.id).commit([*conditions, InsertLink(link)], facts)
        except StaleVersion:
            raise PersonInactive(f"{Person(user).user_name} is inactive. Reactivate the person first.") from None
        return IssuedLink(secret, user, expires_at)

    async def find_link(self, secret: str) -> LinkMatch | None:
        """For whom a link is, None when it does not work any more. Looking does not use it up."""
        if not is_secret(secret):
            return None
        match = await self._links.find_link(digest_of(secret))
        return None if match is None or match.link.expires_at <= self._scribe.clock.now() else match

    async def set_by_link(self, secret: str, new: str, origin: Origin) -> LinkMatch:
        """Set the password of the person the link is for. Raises LinkSpent, RuleViolation."""
        match = await self.find_link(secret)
        if match is None:
            raise LinkSpent
        user, organization = match.user, match.organization
        require_acceptable(new, self._names(user, organization))
        changes: list[Change] = [
            SpendLink(match.link.digest),
            SetPassword(user.id, await self._work.hash(new)),
            EndSessions(user.id),
        ]
        facts = self._facts("user.password_set", user, organization, origin.actor(user), self._scribe.clock.now())
        try:
            await self._storage.for_organization(organization.id).commit(changes, facts)
        except StaleVersion:
            raise LinkSpent from None
        return match

    def _names(self, user: UserRecord, organization: OrganizationRecord) -> Iterable[str]:
        person = Person(user)
        return (person.user_name, person.name, organization.name, self._brand)

    def _facts(self, action: str, user: UserRecord, organization: OrganizationRecord, by: Actor, at: str) -> Facts:
        happened = Happening(action, "User", user.id, Person(user).user_name, 200)
        return Facts((self._scribe.fact(by.call(organization.id), happened, at),))
