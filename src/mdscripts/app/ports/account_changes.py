"""What can change about signing in: sessions, one-time links and counted attempts.

Parts of a change set like those of ``app.ports``. Secrets are never stored: a session and a link
are kept as the SHA-256 of the text that the browser holds, an attempt as that of what it tried.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A person's session in one browser. ``site_number`` is where the person signed in."""

    digest: bytes
    user_id: str
    site_number: str
    source: str
    created_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link that lets its holder set a password, once, until ``expires_at``."""

    digest: bytes
    user_id: str
    created_at: str
    created_by: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A new session. Raises StaleVersion unless the person is here and active at this moment.

    With ``password_hash`` also unless that is what is stored: a password that was replaced while it
    was verified opens nothing.
    """

    session: SessionRecord
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class TouchSession:
    """The session was used. Changes nothing if it has ended."""

    digest: bytes
    at: str


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End one session of a person, or all of them. Ending what has ended changes nothing."""

    user_id: str
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class InsertLink:
    """A new one-time link; earlier ones of the same person stop working.

    Raises StaleVersion unless the person is here and active at this moment.
    """

    link: LinkRecord


@dataclass(frozen=True, slots=True)
class SpendLink:
    """Use a one-time link up. Raises StaleVersion when it was used, replaced or withdrawn."""

    digest: bytes


@dataclass(frozen=True, slots=True)
class WithdrawLink:
    """A person's one-time link stops working, if there is one."""

    user_id: str


AccountChange = OpenSession | TouchSession | EndSessions | InsertLink | SpendLink | WithdrawLink
"""The changes that belong to one organization; ``app.ports.Change`` includes them."""


@dataclass(frozen=True, slots=True)
class CountAttempts:
    """Count an attempt to sign in under each key; counts that began before ``window_start`` start anew."""

    keys: tuple[bytes, ...]
    at: str
    window_start: str


@dataclass(frozen=True, slots=True)
class ForgiveAttempts:
    """A sign-in succeeded: ``cleared`` keys start anew, ``excused`` keys lose the attempt it was."""

    cleared: tuple[bytes, ...]
    excused: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ForgetExpired:
    """Remove what can no longer be used: sessions last seen or made before, links that expired
    before, attempts counted from before."""

    seen_before: str
    made_before: str
    expired_before: str
    counted_before: str


SignInUpkeep = CountAttempts | ForgiveAttempts | ForgetExpired
"""Changes that belong to no organization: when they are made nobody has been recognised yet."""
