"""What a store returns: immutable copies of rows."""

from dataclasses import dataclass
from typing import NamedTuple


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
    when it was not asked for. ``granted``: its members get a role or sites through it."""

    id: str
    version: int
    created_at: str
    updated_at: str
    display_name: str
    body: str
    members: tuple[Member, ...] | None = None
    granted: bool = False


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

    def is_live(self, at: str) -> bool:
        """Whether it opens the service at that time."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


@dataclass(frozen=True, slots=True)
class CredentialMatch:
    """A credential with the organization it belongs to: one look-up for authentication."""

    credential: CredentialRecord
    organization: OrganizationRecord


class ToleranceUse(NamedTuple):
    """How often requests with a token needed a tolerance, and when last."""

    tolerance: str
    uses: int
    last_used_at: str


class CredentialUse(NamedTuple):
    """A sign of life of a token, collected in memory and stored about once a minute."""

    organization_id: str
    key_id: str
    last_used_at: str
    tolerances: tuple[tuple[str, int], ...] = ()
