"""What the use cases ask of the edge: storage, clock, identifiers.

Reads return records; every write is a *change set*: a list of changes and the facts that
describe them, applied by ``OrganizationStore.commit`` as one transaction or not at all. A store
is made for one organization and cannot reach another.

Times are text, UTC, always ``YYYY-MM-DDTHH:MM:SS.mmmZ``: sortable as text on every database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mdscripts.scim.filters import Filter
from mdscripts.scim.paths import Path


class UserNameTaken(Exception):
    """The unique constraint on (organization, user name) refused the write."""


class StaleVersion(Exception):
    """The record is no longer at the version the change was computed from."""


class UnknownMember(Exception):
    """A group change names users that do not exist in this organization."""

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(", ".join(ids))
        self.ids = tuple(ids)


class AlreadyExists(Exception):
    """A unique name other than a user name is taken: slug, site number, group name."""


class WorkBudgetExceeded(Exception):
    """A filter or sort that no index can narrow would read more records than allowed."""


class StorageUnavailable(Exception):
    """The database did not answer; the same call may succeed later."""


# --- records ----------------------------------------------------------------------------------


class GroupRef(NamedTuple):
    """One group of a user, as shown in ``User.groups``."""

    id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A stored user. ``body`` is the rendered resource as JSON text, without ``meta`` and
    ``groups``, which are derived when it is read. ``provenance`` is JSON text (see
    ``app.provenance``)."""

    id: str
    version: int
    created_at: str
    updated_at: str
    active: bool
    body: str
    provenance: str
    groups: tuple[GroupRef, ...] = ()


class Member(NamedTuple):
    """One member of a group: user id and what to display."""

    user_id: str
    display: str


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A stored group. ``body`` is JSON text without ``meta`` and ``members``. ``members`` is None
    when it was not asked for."""

    id: str
    version: int
    created_at: str
    updated_at: str
    display_name: str
    body: str
    members: tuple[Member, ...] | None = None


@dataclass(frozen=True, slots=True)
class OrganizationRecord:
    """An organization. ``settings`` is JSON text (see ``app.connection_settings``)."""

    id: str
    slug: str
    name: str
    okta_scim_enabled: bool
    created_at: str
    settings: str


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """A site; ``closed_at`` is set once it is closed."""

    number: str
    name: str
    time_zone: str | None
    created_at: str
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """A bearer token as stored: never the token, only the SHA-256 of its secret part.

    ``tolerances`` is JSON text: tolerance id -> true/false, on top of what ``client`` implies.
    """

    key_id: str
    organization_id: str
    secret_sha256: bytes
    label: str
    client: str
    last_four: str
    tolerances: str
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One row of the audit, oldest first by ``sequence`` (opaque, orderable text)."""

    sequence: str
    fact: "AuditFact"


# --- changes ----------------------------------------------------------------------------------


class IndexedValue(NamedTuple):
    """A value a filter or page can find without reading bodies. ``attribute`` is a key of
    ``INDEXED_PATHS`` or an internal one (``site``); ``value_key`` is already folded."""

    attribute: str
    type: str
    value_key: str


@dataclass(frozen=True, slots=True)
class UserRow:
    """The columns of a user, computed by the application (never by SQL functions)."""

    id: str
    user_name_key: str
    external_id: str | None
    active: bool
    role: str
    npi: str | None
    created_at: str
    updated_at: str
    body: str
    provenance: str
    display: str
    """What lists and group members show: display name, else the formatted name, else the user name."""


@dataclass(frozen=True, slots=True)
class InsertUser:
    """A new user at version 1. Raises UserNameTaken."""

    row: UserRow
    values: tuple[IndexedValue, ...] = ()
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateUser:
    """Replace a user's columns and move the version from ``expected_version`` to the next.

    Raises StaleVersion (also when the user is gone) and UserNameTaken.
    """

    row: UserRow
    expected_version: int
    values_added: tuple[IndexedValue, ...] = ()
    values_removed: tuple[IndexedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateProvenance:
    """Replace a user's provenance only: nothing a reader of the resource can see, so no new version.

    Raises StaleVersion.
    """

    user_id: str
    provenance: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class DeleteUser:
    """Tombstone: 404 afterwards, the name is free again, memberships and values go, groups the
    user was in get a new version. Raises StaleVersion."""

    user_id: str
    expected_version: int
    deleted_at: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The columns of a group."""

    id: str
    display_name: str
    display_name_key: str
    external_id: str | None
    created_at: str
    updated_at: str
    body: str


@dataclass(frozen=True, slots=True)
class InsertGroup:
    """A new group at version 1 with its members. Raises UnknownMember, AlreadyExists."""

    row: GroupRow
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateGroup:
    """Replace a group's columns. A changed display name gives each member's user a new version.

    Raises StaleVersion and AlreadyExists.
    """

    row: GroupRow
    expected_version: int
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class ChangeMembers:
    """Add and remove members; the cost depends on these lists only, never on the group's size.

    Adding a present member or removing an absent one changes nothing. Users whose membership
    changed, and the group if any did, get a new version and ``at`` as last modified.
    ``expected_version`` guards a set difference computed from a member list that was read (PUT,
    replace members); None for plain additions and removals, which commute.
    Raises UnknownMember for added ids, StaleVersion (also when the group is gone).
    """

    group_id: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    at: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """Remove a group and its memberships; its members' users get a new version."""

    group_id: str
    at: str


@dataclass(frozen=True, slots=True)
class InsertSite:
    """A new site. Raises AlreadyExists."""

    site: SiteRecord


@dataclass(frozen=True, slots=True)
class UpdateSite:
    """Rename, move to another zone, or close a site."""

    site: SiteRecord


@dataclass(frozen=True, slots=True)
class InsertCredential:
    """A new bearer token."""

    credential: CredentialRecord


@dataclass(frozen=True, slots=True)
class UpdateCredential:
    """Change label, tolerances, expiry, or revoke."""

    credential: CredentialRecord


@dataclass(frozen=True, slots=True)
class UpdateOrganization:
    """Change name, feature switch or settings."""

    organization: OrganizationRecord


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Store (or clear with None) a person's password hash."""

    user_id: str
    password_hash: str | None


Change = (
    InsertUser
    | UpdateUser
    | UpdateProvenance
    | DeleteUser
    | InsertGroup
    | UpdateGroup
    | ChangeMembers
    | DeleteGroup
    | InsertSite
    | UpdateSite
    | InsertCredential
    | UpdateCredential
    | UpdateOrganization
    | SetPassword
)


@dataclass(frozen=True, slots=True)
class AuditFact:
    """What happened, by whom, from which request. Written in the transaction of the change.

    ``changes`` is JSON text, a list of ``{"attribute", "old", "new"}``; ``rules`` are rule,
    warning and tolerance ids that fired. ``outcome`` is ``changed`` or ``refused``.
    """

    id: str
    at: str
    actor: str
    action: str
    outcome: str
    target_type: str
    target_id: str
    target_name: str
    request_id: str
    source: str
    client: str
    status: int
    changes: str = "[]"
    rules: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """A message for the webhooks and event feeds of later readers."""

    id: str
    at: str
    topic: str
    subject: str
    payload: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded together with a change set."""

    audit: tuple[AuditFact, ...] = ()
    events: tuple[OutboxEvent, ...] = ()


# --- queries ----------------------------------------------------------------------------------

INDEXED_PATHS: dict[str, str] = {
    "emails": "emails",
    "emails.value": "emails",
    "displayname": "displayName",
    "name.familyname": "name.familyName",
}
"""Lower-case user filter path -> ``IndexedValue.attribute``. A path in this table is answered
from value rows; everything else from columns or by reading bodies."""


class Keyset(NamedTuple):
    """A position in an ordered list: the sort key and id of a resource already seen."""

    sort_key: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Query:
    """A list request.

    Exactly one way of paging: ``start_index`` (1-based), or ``after``/``before`` a keyset.
    The default order is by id, which is the order of creation. ``matches`` judges a record
    exactly as the filter would and is used where SQL cannot; ``sort_key`` likewise (None sorts
    last, also descending; RFC 7644 §3.4.2.3).
    """

    count: int
    start_index: int = 1
    filter: Filter | None = None
    matches: Callable[[UserRecord], bool] | Callable[[GroupRecord], bool] | None = None
    sort_path: Path | None = None
    descending: bool = False
    sort_key: Callable[[UserRecord], str | None] | Callable[[GroupRecord], str | None] | None = None
    after: Keyset | None = None
    before: Keyset | None = None


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of users. ``total`` is exact. ``first``/``last`` are the keysets of its ends;
    ``has_more`` tells whether something follows in reading direction."""

    total: int
    records: tuple[UserRecord, ...]
    first: Keyset | None = None
    last: Keyset | None = None
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One page of groups, like UserPage."""

    total: int
    records: tuple[GroupRecord, ...]
    first: Keyset | None = None
    last: Keyset | None = None
    has_more: bool = False


# --- the store --------------------------------------------------------------------------------


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

    async def count_active_managers(self) -> int:
        """How many active users have the role Manager."""

    async def find_group(self, group_id: str, *, with_members: bool) -> GroupRecord | None:
        """A group by id."""

    async def list_groups(self, query: Query, *, with_members: bool) -> GroupPage:
        """Groups. Raises WorkBudgetExceeded."""

    async def member_ids(self, group_id: str, among: Sequence[str] | None = None) -> Sequence[str]:
        """User ids of a group's members, all of them or those among the given ones."""

    async def list_sites(self) -> Sequence[SiteRecord]:
        """All sites, open and closed, by number."""

    async def list_credentials(self) -> Sequence[CredentialRecord]:
        """All tokens, newest first."""

    async def find_organization(self) -> OrganizationRecord:
        """The organization itself."""

    async def find_password_hash(self, user_id: str) -> str | None:
        """The person's password hash, if one is set."""

    async def list_audit(self, *, after: str = "", limit: int = 100) -> Sequence[AuditRecord]:
        """Audit rows after a sequence, oldest first."""

    async def commit(self, changes: Sequence[Change], facts: Facts) -> None:
        """Apply all changes and record the facts in one transaction, or raise and change nothing."""


@dataclass(frozen=True, slots=True)
class CredentialMatch:
    """A credential with the organization it belongs to: one look-up for authentication."""

    credential: CredentialRecord
    organization: OrganizationRecord


class CredentialUse(NamedTuple):
    """A sign of life of a token, collected in memory and stored about once a minute."""

    organization_id: str
    key_id: str
    last_used_at: str
    tolerances: tuple[tuple[str, int], ...] = ()


class Storage(Protocol):
    """The installation: finds organizations and hands out their stores."""

    def for_organization(self, organization_id: str) -> OrganizationStore:
        """The store of one organization. Does no I/O."""

    async def insert_organization(self, organization: OrganizationRecord, facts: Facts) -> None:
        """A new organization. Raises AlreadyExists when the slug is taken."""

    async def list_organizations(self) -> Sequence[OrganizationRecord]:
        """All organizations by slug."""

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
