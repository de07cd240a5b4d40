"""What signing in asks of the edge: look-ups that come before an organization is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mdscripts.app.ports import OrganizationRecord, UserRecord
from mdscripts.app.ports.account_changes import LinkRecord, SessionRecord, SignInUpkeep


@dataclass(frozen=True, slots=True)
class SignInCandidate:
    """A living person whom a site number and a user name may mean; inactive ones included."""

    organization: OrganizationRecord
    user: UserRecord
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class SessionMatch:
    """A session with the person and organization it belongs to: one look-up for a request.

    The site is the one the person signed in at; its name and zone are None if it is gone.
    """

    session: SessionRecord
    organization: OrganizationRecord
    user: UserRecord
    site_name: str | None
    site_time_zone: str | None


@dataclass(frozen=True, slots=True)
class LinkMatch:
    """A one-time link with whom it is for."""

    link: LinkRecord
    organization: OrganizationRecord
    user: UserRecord


class AccountStorage(Protocol):
    """Sign-in look-ups of the installation. Raises StorageUnavailable when the database is away."""

    async def find_candidates(self, site_number: str, user_name_key: str) -> Sequence[SignInCandidate]:
        """People with this user name in organizations that have this site open; five at most."""

    async def find_session(self, digest: bytes) -> SessionMatch | None:
        """A session of a living, active person, however old it is."""

    async def find_link(self, digest: bytes) -> LinkMatch | None:
        """A one-time link for a living, active person, expired or not."""

    async def count_sessions(self, organization_id: str, user_id: str, seen_since: str) -> int:
        """How many sessions of a person were seen since."""

    async def attempts(self, keys: Sequence[bytes], window_start: str) -> dict[bytes, tuple[int, str]]:
        """How often each key was counted since ``window_start``, and when its count began."""

    async def keep(self, upkeep: SignInUpkeep) -> None:
        """Apply a change that belongs to no organization."""


class PasswordWork(Protocol):
    """Hashing passwords without keeping others waiting: it takes tens of milliseconds. Raises TooBusy."""

    async def hash(self, password: str) -> str:
        """The text to store."""

    async def verify(self, password: str, stored_hash: str | None) -> bool:
        """Whether the password is the stored one; takes as long when there is none stored."""


class TooBusy(Exception):
    """More passwords are waiting to be hashed than can be done soon; the same call may succeed later."""
