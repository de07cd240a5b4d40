"""From the Authorization header to the connection it belongs to.

A look-up of a token is kept for at most a second (``CACHE_SECONDS``), counted from before the database
was asked: that is how long a revocation made by another process can go unnoticed. One's own
revocations are announced with ``forget`` and count at once. Malformed tokens never reach the
database, and a flood of unknown ones reaches it a bounded number of times a second.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.app.connection_settings import alias_urns, enabled_tolerances
from mdscripts.app.ports import (
    Clock,
    CredentialMatch,
    CredentialRecord,
    CredentialUse,
    Storage,
    StorageUnavailable,
)
from mdscripts.domain.credentials import MalformedToken, is_secret_of, parse_token
from mdscripts.scim.errors import Forbidden, TooManyRequests, Unauthorized

CACHE_SECONDS = 1.0
CACHED_TOKENS_MAX = 10_000
UNKNOWN_KEYS_MAX = 10_000
UNKNOWN_LOOKUPS_PER_SECOND = 100

_FRESH_PART = 0.75
"""From this part of its lifetime on, one request renews an entry while the others still use it, so
that the end of a lifetime under load is one look-up and not one per waiting request."""

_NAMED_SCHEMES = frozenset({"basic", "digest", "negotiate", "ntlm", "oauth", "token", "ssws", "apikey"})
"""Schemes that are quoted back; anything else in that place may be part of somebody's secret."""

_WHERE = "Enter the token from Admin Home, Okta SCIM."


@dataclass(frozen=True, slots=True)
class Connection:
    """Whose requests these are: what a good token says about its sender.

    ``tolerances`` are the ids that are on; ``alias_urns`` maps a URN in lower case to the
    canonical one.
    """

    organization_id: str
    organization_name: str
    credential_id: str
    credential_label: str
    client: str
    tolerances: frozenset[str]
    alias_urns: Mapping[str, str]


class KnownToken:
    """A refusal of a token that is known: it tells whose it is. Beside a ScimError."""

    connection: Connection


class TokenRefused(KnownToken, Unauthorized):
    """The token was revoked or has expired."""


class FeatureOff(KnownToken, Forbidden):
    """The organization's Okta SCIM feature is off (LC-11)."""


@dataclass(slots=True)
class _Known:
    """A token as the database last described it."""

    credential: CredentialRecord
    connection: Connection
    feature_enabled: bool
    read_at: float
    renewing: bool = False


@dataclass(slots=True)
class _Use:
    """Signs of life of a token since the last flush."""

    organization_id: str
    last_used_at: str
    tolerances: dict[str, int]


class Authenticator:
    """Recognises callers of the SCIM service.

    ``monotonic`` (seconds) times the cache; ``clock`` is compared with expiry dates.
    ``installation_aliases`` are alias URNs that every organization has.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        support_address: str,
        *,
        brand: str = "MDScripts",
        installation_aliases: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._support_address = support_address
        self._realm = f"{brand} SCIM"
        self._aliases = tuple(installation_aliases)
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._unknown: dict[str, float] = {}
        self._uses: dict[str, _Use] = {}
        self._forgotten = 0
        self._window_start = 0.0
        self._window_lookups = 0

    async def authenticate(self, authorization: Sequence[bytes | str]) -> Connection:
        """The connection of a request, from all values of its Authorization header.

        Raises Unauthorized with the reason and its challenge (RFC 6750 §3), Forbidden when the
        organization's Okta SCIM feature is off (LC-11), TooManyRequests when unknown tokens pour
        in, and StorageUnavailable.
        """
        text, bare = self._credential_text(authorization)
        try:
            token = parse_token(text)
        except MalformedToken as fault:
            raise self._refused(f"The bearer token is malformed: {_sentence(str(fault))} {_WHERE}") from fault
        known = await self._find(token.key_id)
        if known is None or not is_secret_of(token, known.credential.secret_sha256):
            # One answer for both: who only knows a key id must not learn what became of it.
            raise self._refused(f"The bearer token is not known here; it may belong to another installation. {_WHERE}")
        self._require_valid(known)
        if not known.feature_enabled:
            raise self._feature_off(known.connection)
        if bare:
            self._accept_bare(known.connection)
        return known.connection

    def note_use(self, connection: Connection, fired: Mapping[str, int]) -> None:
        """Remember that a token was used now, and which tolerances its request needed."""
        use = self._uses.get(connection.credential_id)
        now = self._clock.now()
        if use is None:
            self._uses[connection.credential_id] = _Use(connection.organization_id, now, dict(fired))
            return
        use.last_used_at = now
        for tolerance, count in fired.items():
            use.tolerances[tolerance] = use.tolerances.get(tolerance, 0) + count

    async def flush(self) -> None:
        """Store what ``note_use`` collected. When the database is away it is kept for later."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            await self._storage.record_use(
                [
                    CredentialUse(use.organization_id, key_id, use.last_used_at, tuple(sorted(use.tolerances.items())))
                    for key_id, use in uses.items()
                ]
            )
        except StorageUnavailable:
            self._put_back(uses)
            raise

    def forget(self, key_id: str) -> None:
        """Ask the database again for this token: it was revoked or changed by this process."""
        self._forgotten += 1
        self._known.pop(key_id, None)
        self._unknown.pop(key_id, None)

    def forget_organization(self, organization_id: str) -> None:
        """Ask again for all tokens of an organization: its feature or its alias URNs changed."""
        self._forgotten += 1
        for key_id, known in list(self._known.items()):
            if known.credential.organization_id == organization_id:
                del self._known[key_id]

    # --- the header ---------------------------------------------------------------------------

    def _credential_text(self, authorization: Sequence[bytes | str]) -> tuple[str, bool]:
        """The token text of the header and whether it came without a scheme."""
        if not any(value.strip() for value in authorization):
            raise self._refused(
                f"The request has no Authorization header. {_WHERE} It is sent as 'Authorization: Bearer …'.",
                error=None,
            )
        if len(authorization) > 1:
            raise self._refused(
                f"The request has {len(authorization)} Authorization headers; send exactly one.",
                error="invalid_request",
            )
        value = authorization[0]
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        scheme, _, rest = text.strip(" \t").partition(" ")
        rest = rest.strip(" \t")
        if scheme.lower() != "bearer":
            return self._without_bearer(scheme, rest), True
        if re.match(r"bearer($|[ \t])", rest, re.IGNORECASE):
            raise self._refused(
                "The Authorization header says Bearer twice. Okta adds the word itself: enter the token alone."
            )
        if not rest:
            raise self._refused(f"The Authorization header has no token after Bearer. {_WHERE}")
        return rest, False

    def _without_bearer(self, scheme: str, rest: str) -> str:
        if not rest and scheme.startswith("mds_scim_"):
            return scheme
        if not rest and scheme.lower() not in _NAMED_SCHEMES:
            raise self._refused(
                "The Authorization header has no scheme, and its value is no token of this service. "
                f"{_WHERE} It is sent as 'Authorization: Bearer …'.",
                error=None,
            )
        named = f"the scheme {scheme.title()}" if scheme.lower() in _NAMED_SCHEMES else "another scheme"
        raise self._refused(
            f"The Authorization header uses {named}; only Bearer is accepted. "
            f"In Okta choose the authentication mode HTTP Header. {_WHERE}",
            error=None,
        )

    def _accept_bare(self, connection: Connection) -> None:
        if "bare-token" not in connection.tolerances:
            raise self._refused(
                "The Authorization header has no scheme. Send the token as 'Authorization: Bearer …'.",
                error=None,
            )
        self.note_use(connection, {"bare-token": 1})

    # --- the token ----------------------------------------------------------------------------

    async def _find(self, key_id: str) -> _Known | None:
        now = self._monotonic()
        known = self._known.get(key_id)
        if known is not None:
            age = now - known.read_at
            if age < CACHE_SECONDS * (1.0 if known.renewing else _FRESH_PART):
                return known
            known.renewing = True
        elif self._unknown.get(key_id, now) > now:
            return None
        else:
            self._spend_lookup(now)
        try:
            return await self._look_up(key_id, now)
        finally:
            if known is not None:
                known.renewing = False

    async def _look_up(self, key_id: str, asked_at: float) -> _Known | None:
        forgotten = self._forgotten
        match = await self._storage.find_credential(key_id)
        known = None if match is None else self._described(match, asked_at)
        if forgotten != self._forgotten:
            return known  # something was revoked while we asked: good for this request, not for keeping
        if known is None:
            self._known.pop(key_id, None)
            _bound(self._unknown, UNKNOWN_KEYS_MAX)
            self._unknown[key_id] = asked_at + CACHE_SECONDS
        else:
            self._known.pop(key_id, None)  # moves the key to the young end, the old end is dropped first
            _bound(self._known, CACHED_TOKENS_MAX)
            self._known[key_id] = known
        return known

    def _described(self, match: CredentialMatch, asked_at: float) -> _Known:
        credential, organization = match.credential, match.organization
        connection = Connection(
            organization_id=organization.id,
            organization_name=organization.name,
            credential_id=credential.key_id,
            credential_label=credential.label,
            client=credential.client,
            tolerances=enabled_tolerances(credential),
            alias_urns=alias_urns(organization, self._aliases),
        )
        return _Known(credential, connection, organization.okta_scim_enabled, asked_at)

    def _spend_lookup(self, now: float) -> None:
        """Bound what a flood of invented key ids costs; tokens seen before are not affected."""
        if now - self._window_start >= 1.0:
            self._window_start, self._window_lookups = now, 0
        self._window_lookups += 1
        if self._window_lookups > UNKNOWN_LOOKUPS_PER_SECOND:
            raise TooManyRequests(
                "Too many requests with tokens that are not known here. Try again in a second.",
                headers={"Retry-After": "1"},
            )

    def _require_valid(self, known: _Known) -> None:
        credential = known.credential
        token = f"The bearer token '{credential.label}' (ending in {credential.last_four})"
        if credential.revoked_at is not None:
            text = f"{token} was revoked on {_shown(credential.revoked_at)}. {_WHERE}"
            raise self._token_refused(text, known.connection)
        if credential.expires_at is not None and credential.expires_at <= self._clock.now():
            text = f"{token} expired on {_shown(credential.expires_at)}. {_WHERE}"
            raise self._token_refused(text, known.connection)

    # --- answers ------------------------------------------------------------------------------

    def _refused(self, detail: str, *, error: str | None = "invalid_token") -> Unauthorized:
        return Unauthorized(detail, headers={"WWW-Authenticate": self._challenge(detail, error)})

    def _token_refused(self, detail: str, connection: Connection) -> TokenRefused:
        refused = TokenRefused(detail, headers={"WWW-Authenticate": self._challenge(detail, "invalid_token")})
        refused.connection = connection
        return refused

    def _feature_off(self, connection: Connection) -> FeatureOff:
        detail = f"Okta SCIM is not enabled for your organization. Contact {self._support_address}. [LC-11]"
        refused = FeatureOff(detail, headers={"WWW-Authenticate": self._challenge(detail, "insufficient_scope")})
        refused.connection = connection
        return refused

    def _challenge(self, detail: str, error: str | None) -> str:
        """The challenge; without an error code when no bearer token was sent (RFC 6750 §3.1)."""
        challenge = f'Bearer realm="{_quotable(self._realm)}"'
        if error is None:
            return challenge
        return f'{challenge}, error="{error}", error_description="{_quotable(detail)}"'

    def _put_back(self, uses: Mapping[str, _Use]) -> None:
        for key_id, earlier in uses.items():
            later = self._uses.get(key_id)
            if later is None:
                self._uses[key_id] = earlier
                continue
            for tolerance, count in earlier.tolerances.items():
                later.tolerances[tolerance] = later.tolerances.get(tolerance, 0) + count


def _bound(cache: dict[str, _Known] | dict[str, float], size: int) -> None:
    while len(cache) >= size:
        del cache[next(iter(cache))]


def _quotable(text: str) -> str:
    """Text for a quoted string of RFC 6750 §3: printable ASCII without quote and backslash."""
    return re.sub(r"[^ !#-\[\]-~]", "?", text.replace("…", "...").replace('"', "'"))


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _shown(moment: str) -> str:
    return f"{moment[:10]} at {moment[11:16]} UTC"
