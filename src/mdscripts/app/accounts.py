"""Signing in and staying signed in: sessions on the server's side.

The browser holds 256 random bits, the database their SHA-256. A session ends 15 minutes after it
was last used and 12 hours after it began; every request looks the session up together with its
person, who must be here and active, so that nothing outlives a deactivation.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mdscripts.app.access import Access
from mdscripts.app.call import Actor, Happening, Scribe
from mdscripts.app.person import Person
from mdscripts.app.ports import Facts, OrganizationRecord, SetPassword, StaleVersion, Storage, UserRecord
from mdscripts.app.ports.account_changes import (
    CountAttempts,
    EndSessions,
    ForgetExpired,
    ForgiveAttempts,
    OpenSession,
    SessionRecord,
    TouchSession,
)
from mdscripts.app.ports.accounts import AccountStorage, PasswordWork, SessionMatch, SignInCandidate
from mdscripts.domain.moments import shifted
from mdscripts.domain.passwords import needs_rehash
from mdscripts.domain.wording import plural
from mdscripts.scim.filters import fold

IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is known: one write a minute instead of one a request."""

ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_LOGIN = 10
"""At one site number with one user name."""

ATTEMPTS_PER_NAME = 30
"""With one user name, whatever the site number."""

ATTEMPTS_PER_SOURCE = 100

_SECRET_BYTES = 32
_SECRET_LENGTH = 43
_USER_NAME_LENGTH_MAX = 254


class SignInRefused(Exception):
    """Site number, user name and password do not belong together; nobody is told which is wrong."""


class TooManyAttempts(Exception):
    """Somebody has tried too often. ``minutes`` until the next attempt may succeed."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"Too many attempts. Try again in {plural(minutes, 'minute')}.")
        self.minutes = minutes


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: network address and request id."""

    source: str = ""
    request_id: str = ""

    def actor(self, user: UserRecord) -> Actor:
        """This person, acting in this request."""
        return Actor(f"user:{user.id}", self.request_id, self.source)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session at the only moment its secret is known."""

    secret: str
    user: UserRecord
    organization: OrganizationRecord

    def __repr__(self) -> str:
        return f"OpenedSession(user={self.user.id!r}, secret=…)"


class Accounts:
    """Sessions of all organizations. ``work`` hashes passwords."""

    def __init__(
        self, storage: Storage, accounts: AccountStorage, access: Access, scribe: Scribe, work: PasswordWork
    ) -> None:
        self._storage = storage
        self._access = access
        self._accounts = accounts
        self._scribe = scribe
        self._work = work

    # --- signing in ---------------------------------------------------------------------------

    async def sign_in(self, site_number: str, user_name: str, password: str, origin: Origin) -> OpenedSession:
        """A new session. Raises SignInRefused and TooManyAttempts.

        Whoever is no manager signs in at a site of their own (SI-05, SI-15).
        An unknown name costs the same work as a wrong password, and is counted the same.
        """
        site_number, user_name_key = site_number.strip(), fold(user_name.strip()[:_USER_NAME_LENGTH_MAX])
        by_login, by_name = _key("login", site_number, user_name_key), _key("name", user_name_key)
        by_source = _key("source", origin.source)
        await self._count_attempt(
            {by_login: ATTEMPTS_PER_LOGIN, by_name: ATTEMPTS_PER_NAME, by_source: ATTEMPTS_PER_SOURCE}
        )
        candidates = await self._accounts.find_candidates(site_number, user_name_key)
        candidate = await self._recognised(candidates, site_number, password, origin)
        try:
            opened = await self._open(candidate, site_number, origin)
        except StaleVersion:  # deactivated, or given another password, this instant
            raise SignInRefused from None
        # Somebody of another organization who has the same name there must not forgive guesses at this one.
        alone = len(candidates) == 1
        excused = (by_name, by_source) if alone else (by_login, by_name, by_source)
        await self._accounts.keep(ForgiveAttempts((by_login,) if alone else (), excused))
        await self._renew_hash(candidate, password)
        return opened

    async def _renew_hash(self, candidate: SignInCandidate, password: str) -> None:
        """Keep the password as hashes are made today; only now it is known."""
        if candidate.password_hash is not None and needs_rehash(candidate.password_hash):
            renewed = await self._work.hash(password)
            change = SetPassword(candidate.user.id, renewed, replaces=candidate.password_hash)
            with suppress(StaleVersion):  # it was changed meanwhile
                await self._storage.for_organization(candidate.organization.id).commit([change], Facts())

    async def require_password(self, here: SessionMatch, password: str, origin: Origin) -> str:
        """Have a person who is signed in prove it again; the hash that is stored of the password.

        Raises SignInRefused and TooManyAttempts.
        """
        by_person, by_source = _key("person", here.organization.id, here.user.id), _key("source", origin.source)
        await self._count_attempt({by_person: ATTEMPTS_PER_LOGIN, by_source: ATTEMPTS_PER_SOURCE})
        stored = await self._storage.for_organization(here.organization.id).find_password_hash(here.user.id)
        if not await self._work.verify(password, stored) or stored is None:
            raise SignInRefused
        await self._accounts.keep(ForgiveAttempts((by_person,), (by_source,)))
        return stored

    async def _count_attempt(self, limits: Mapping[bytes, int]) -> None:
        """Count first and look afterwards: of attempts at the same moment no more than allowed pass."""
        at = self._scribe.clock.now()
        window_start = shifted(at, -ATTEMPT_WINDOW)
        keys = tuple(limits)
        await self._accounts.keep(CountAttempts(keys, at, window_start))
        counted = await self._accounts.attempts(keys, window_start)
        for key, limit in limits.items():
            attempts, started_at = counted.get(key, (0, at))
            if attempts > limit:
                left = datetime.fromisoformat(started_at) + ATTEMPT_WINDOW - datetime.fromisoformat(at)
                raise TooManyAttempts(max(1, -(-int(left.total_seconds()) // 60)))

    async def _recognised(
        self, candidates: Sequence[SignInCandidate], site_number: str, password: str, origin: Origin
    ) -> SignInCandidate:
        if not candidates:
            await self._work.verify(password, None)
        matching = [each for each in candidates if await self._work.verify(password, each.password_hash)]
        # The same name, site number and password in two organizations leaves open who it is.
        if len(matching) == 1 and matching[0].user.active:
            candidate = matching[0]
            access = await self._access.of_many(candidate.organization.id, (candidate.user.id,))
            if all(each.may_enter(site_number) for each in access.values()):
                return candidate
            detail = f"The password was right, but site {site_number} is not one of this person's sites."
            await self._note_refusal(matching, origin, detail)
            raise SignInRefused
        await self._note_refusal(candidates, origin)
        raise SignInRefused

    async def _note_refusal(self, candidates: Sequence[SignInCandidate], origin: Origin, detail: str = "") -> None:
        """Record a refusal with those it was about; without any, spend a write that changes nothing."""
        if not candidates:
            await self._accounts.keep(ForgiveAttempts((b"",), (b"",)))
            return
        if len(candidates) > 1:  # whose mistake it was is not known: no organization learns the address
            origin = replace(origin, source="")
        for candidate in candidates:
            name = Person(candidate.user).user_name
            happened = Happening("user.sign_in", "User", candidate.user.id, name, 401, detail=detail)
            call = origin.actor(candidate.user).call(candidate.organization.id)
            fact = self._scribe.fact(call, happened, self._scribe.clock.now(), outcome="refused")
            await self._storage.for_organization(candidate.organization.id).commit([], Facts((fact,)))

    async def _open(self, candidate: SignInCandidate, site_number: str, origin: Origin) -> OpenedSession:
        user, organization = candidate.user, candidate.organization
        at = self._scribe.clock.now()
        secret, session = new_session(user.id, site_number, origin, at)
        happened = Happening("user.signed_in", "User", user.id, Person(user).user_name, 200)
        fact = self._scribe.fact(origin.actor(user).call(organization.id), happened, at)
        await self._storage.for_organization(organization.id).commit(
            [OpenSession(session, candidate.password_hash)], Facts((fact,))
        )
        return OpenedSession(secret, user, organization)

    # --- being signed in ----------------------------------------------------------------------

    async def find_session(self, secret: str, *, background: bool = False) -> SessionMatch | None:
        """Whose session this is, None when it has ended.

        A request that a page makes by itself (``background``) does not keep the session alive.
        """
        if not is_secret(secret):
            return None
        match = await self._accounts.find_session(digest_of(secret))
        if match is None:
            return None
        at, session = self._scribe.clock.now(), match.session
        if session.last_seen_at < shifted(at, -IDLE_LIMIT) or session.created_at < shifted(at, -ABSOLUTE_LIMIT):
            return None
        if not background and session.last_seen_at < shifted(at, -TOUCH_EVERY):
            store = self._storage.for_organization(match.organization.id)
            await store.commit([TouchSession(session.digest, at)], Facts())
        return match

    async def count_sessions(self, organization_id: str, user_id: str) -> int:
        """In how many browsers a person is signed in."""
        since = shifted(self._scribe.clock.now(), -IDLE_LIMIT)
        return await self._accounts.count_sessions(organization_id, user_id, since)

    async def sign_out(self, here: SessionMatch, by: Actor) -> None:
        """End this session."""
        await self._end(here.organization.id, here.user, EndSessions(here.user.id, here.session.digest), by)

    async def end_sessions(self, organization_id: str, user: UserRecord, by: Actor) -> None:
        """End every session of a person, whoever asks for it."""
        await self._end(organization_id, user, EndSessions(user.id), by)

    async def _end(self, organization_id: str, user: UserRecord, change: EndSessions, by: Actor) -> None:
        action = "user.signed_out" if change.digest is not None else "user.sessions_ended"
        happened = Happening(action, "User", user.id, Person(user).user_name, 200)
        fact = self._scribe.fact(by.call(organization_id), happened, self._scribe.clock.now())
        await self._storage.for_organization(organization_id).commit([change], Facts((fact,)))

    async def forget_expired(self) -> None:
        """Remove sessions, links and attempts that can no longer matter."""
        at = self._scribe.clock.now()
        await self._accounts.keep(
            ForgetExpired(
                seen_before=shifted(at, -IDLE_LIMIT),
                made_before=shifted(at, -ABSOLUTE_LIMIT),
                expired_before=at,
                counted_before=shifted(at, -ATTEMPT_WINDOW),
            )
        )


def new_session(user_id: str, site_number: str, origin: Origin, at: str) -> tuple[str, SessionRecord]:
    """The secret of a new session, and what is stored of it."""
    secret = new_secret()
    return secret, SessionRecord(digest_of(secret), user_id, site_number, origin.source, at, at)


def new_secret() -> str:
    """256 random bits as 43 characters that fit in a cookie and a path."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def is_secret(text: str) -> bool:
    """Whether the text has the form of one; nothing else reaches the database."""
    return len(text) == _SECRET_LENGTH and text.isascii()


def digest_of(secret: str) -> bytes:
    """What is stored of a session or a link; 256 random bits need nothing slower."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def _key(*parts: str) -> bytes:
    """Under what attempts are counted; what was tried cannot be read from it."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
