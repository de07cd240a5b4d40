"""The calls: one store for an organization, one for the installation, a clock, identifiers."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from mdscripts.app.ports.access import AccessState, AccessWatch, GroupGrant
from mdscripts.app.ports.changes import Change
from mdscripts.app.ports.facts import AuditRecord, Facts
from mdscripts.app.ports.queries import GroupPage, Query, UserPage
from mdscripts.app.ports.records import (
    CredentialMatch,
    CredentialRecord,
    CredentialUse,
    GroupRecord,
    OrganizationRecord,
    SiteRecord,
    ToleranceUse,
    UserRecord,
)


class OrganizationStore(Protocol):
    """Everything of one organization. Raises StorageUnavailable when the database is away."""

    organization_id: str

    async def find_user(self, user_id: str) -> UserRecord | None:
        """A living user by id."""

    async def find_user_by_name(self, user_name_key: str) -> UserRecord | None:
        """A living user by folded user name."""

    async def list_users(self, query: Query) -> UserPage:
        """Living users. Raises WorkBudgetExceeded."""

    async def active_users_with_npi(self, npi: str) -> Sequence[str]:
        """Ids of at most ten active users that hold this NPI."""

    async def count_active_managers(self, *, at_most: int | None = None) -> int:
        """How many active users are Managers, directly or through a group; no more than
        ``at_most`` are looked for."""

    def turn(self, resource_id: str) -> AbstractAsyncContextManager[None]:
        """A queue of those who ask for the same id in this process: inside, one is alone."""

    async def find_group(self, group_id: str, *, with_members: bool) -> GroupRecord | None:
        """A group by id."""

    async def list_groups(self, query: Query, *, with_members: bool) -> GroupPage:
        """Groups. Raises WorkBudgetExceeded."""

    async def member_ids(self, group_id: str, among: Sequence[str] | None = None) -> Sequence[str]:
        """User ids of a group's members, all of them or those among the given ones."""

    async def list_grants(self) -> Sequence[GroupGrant]:
        """What groups grant, in order."""

    async def access_state(self, user_ids: Sequence[str]) -> AccessState:
        """What decides the access of the living users among these, all at one moment."""

    async def list_sites(self) -> Sequence[SiteRecord]:
        """All sites, open and closed, by number."""

    async def list_credentials(self) -> Sequence[CredentialRecord]:
        """All tokens, newest first."""

    async def list_tolerance_uses(self, key_id: str) -> Sequence[ToleranceUse]:
        """The counters of one token, by tolerance."""

    async def find_organization(self) -> OrganizationRecord:
        """The organization itself."""

    async def find_password_hash(self, user_id: str) -> str | None:
        """The person's password hash, if one is set."""

    async def list_audit(self, *, after: str = "", limit: int = 100) -> Sequence[AuditRecord]:
        """Audit rows after a sequence, oldest first."""

    async def commit(self, changes: Sequence[Change], facts: Facts, watch: AccessWatch | None = None) -> None:
        """Apply all changes and record the facts in one transaction, or raise and change nothing.

        ``watch``: record what the changes do to people's access as well.
        """


class Storage(Protocol):
    """The installation: finds organizations and hands out their stores."""

    def for_organization(self, organization_id: str) -> OrganizationStore:
        """The store of one organization. Does no I/O."""

    async def insert_organization(self, organization: OrganizationRecord, facts: Facts) -> None:
        """A new organization. Raises AlreadyExists when the slug is taken."""

    async def list_organizations(self) -> Sequence[OrganizationRecord]:
        """All organizations by slug."""

    async def organizations_without_manager(self) -> Sequence[str]:
        """Slugs of those in which no active person is a Manager, directly or through a group (RO-08), sorted."""

    async def find_organization_by_slug(self, slug: str) -> OrganizationRecord | None:
        """An organization by its slug."""

    async def find_credential(self, key_id: str) -> CredentialMatch | None:
        """A credential by its public key id, whatever its organization."""

    async def record_use(self, uses: Sequence[CredentialUse]) -> None:
        """Store last-used times and add up tolerance counters."""

    async def check(self) -> str:
        """Prove that the database answers; returns a version line. Raises StorageUnavailable."""

    async def close(self) -> None:
        """Finish queued writes and close connections."""


class Clock(Protocol):
    """The time source; tests bring their own."""

    def now(self) -> str:
        """UTC as ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""


class Ids(Protocol):
    """The source of identifiers; tests bring their own."""

    def new(self) -> str:
        """A fresh UUIDv7 as lower-case text, greater than every id this process made before."""
