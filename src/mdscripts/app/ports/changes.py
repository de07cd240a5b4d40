"""What a store is asked to change: data, applied together or not at all."""

from dataclasses import dataclass
from typing import NamedTuple

from mdscripts.app.ports.access import GroupGrant
from mdscripts.app.ports.account_changes import AccountChange
from mdscripts.app.ports.records import CredentialRecord, SiteRecord


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
    remarks: str | None = None
    """Ids of what the rules say about the values alone (``app.remarks``). None: as it is stored, nothing
    for a new user."""


@dataclass(frozen=True, slots=True)
class InsertUser:
    """A new user at version 1. Raises UserNameTaken."""

    row: UserRow
    values: tuple[IndexedValue, ...] = ()
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateUser:
    """Replace a user's columns and move the version from ``expected_version`` to the next.

    A person who is or was inactive has no sessions and no one-time link afterwards. ``was_active``
    says that the person was active at ``expected_version``; the storage looks unless it is told.
    Raises StaleVersion (also when the user is gone) and UserNameTaken.
    """

    row: UserRow
    expected_version: int
    values_added: tuple[IndexedValue, ...] = ()
    values_removed: tuple[IndexedValue, ...] = ()
    was_active: bool = False


@dataclass(frozen=True, slots=True)
class UpdateProvenance:
    """Replace a user's provenance only: nothing a reader of the resource can see, so no new version.

    Raises StaleVersion.
    """

    user_id: str
    provenance: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class UpdateRemarks:
    """Replace what is kept of what the rules say about a user: no reader of the resource sees it, so no
    new version. Raises StaleVersion."""

    user_id: str
    remarks: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class DeleteUser:
    """Tombstone: 404 afterwards, the name is free again, memberships, values, password and sessions
    go, groups the user was in get a new version. Raises StaleVersion."""

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
    replace members); None for plain additions and removals, which commute. ``granted`` guards what
    was known of the group's grant: without one nobody's access has to be watched; None for no guard.
    Raises UnknownMember for added ids, StaleVersion (also when the group is gone).
    """

    group_id: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    at: str
    expected_version: int | None = None
    granted: bool | None = None


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """Remove a group, its memberships and its grant; its members' users get a new version.

    ``granted`` as in ``ChangeMembers``. Raises StaleVersion when the group is gone.
    """

    group_id: str
    at: str
    granted: bool | None = None


@dataclass(frozen=True, slots=True)
class ChangeGrants:
    """Replace what groups grant, all of it: ``grants`` instead of ``expected``.

    Nobody's version moves: SCIM shows nothing of it. Raises StaleVersion when the grants are not
    the expected ones, or a group is gone.
    """

    expected: tuple[GroupGrant, ...]
    grants: tuple[GroupGrant, ...]


@dataclass(frozen=True, slots=True)
class InsertSite:
    """A new site. Raises AlreadyExists."""

    site: SiteRecord


@dataclass(frozen=True, slots=True)
class UpdateSite:
    """Rename, move to another zone, or close a site. What is closed stays closed since then."""

    site: SiteRecord


@dataclass(frozen=True, slots=True)
class InsertCredential:
    """A new bearer token."""

    credential: CredentialRecord


@dataclass(frozen=True, slots=True)
class UpdateCredential:
    """Change label, tolerances, expiry, or revoke. What is revoked stays revoked since then."""

    credential: CredentialRecord


@dataclass(frozen=True, slots=True)
class UpdateOrganization:
    """Change feature switch or settings; None leaves what is stored.

    So who changes one of them at the same moment as somebody else another loses nothing. With
    ``settings_before``, raises StaleVersion unless those are the settings that are stored.
    """

    okta_scim_enabled: bool | None = None
    settings: str | None = None
    settings_before: str | None = None


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Store (or clear with None) a person's password hash.

    With ``replaces``, raises StaleVersion unless that is what is stored.
    """

    user_id: str
    password_hash: str | None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class RequireManager:
    """No change, but a condition of the whole change set: this person is an active Manager at this moment.

    Change sets with one follow each other in an organization. So of two managers who take each
    other's access at the same time the second is refused. Raises NoLongerManager.
    """

    user_id: str


Change = (
    InsertUser
    | UpdateUser
    | UpdateProvenance
    | UpdateRemarks
    | DeleteUser
    | InsertGroup
    | UpdateGroup
    | ChangeMembers
    | DeleteGroup
    | ChangeGrants
    | InsertSite
    | UpdateSite
    | InsertCredential
    | UpdateCredential
    | UpdateOrganization
    | SetPassword
    | RequireManager
    | AccountChange
)
