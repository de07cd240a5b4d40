"""From the Authorization header to the connection: every refusal, the cache, revocation, counters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from mdscripts.app.administration import Administration, IssuedToken
from mdscripts.app.authentication import UNKNOWN_LOOKUPS_PER_SECOND, Authenticator, Connection
from mdscripts.app.call import Scribe
from mdscripts.app.ports import (
    CredentialMatch,
    CredentialUse,
    Facts,
    StorageUnavailable,
    UpdateCredential,
    UpdateOrganization,
)
from mdscripts.app.site_book import SiteBook
from mdscripts.domain.credentials import make_token
from mdscripts.machine import TimeOrderedIds
from mdscripts.scim.errors import Forbidden, ScimError, TooManyRequests, Unauthorized
from mdscripts.storage import DatabaseStorage, open_storage
from mdscripts.telemetry import LogAlarm

SUPPORT = "help@clinic.example"
MAPLE, OAK = "maple", "oak"


class ManualClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.text = "2026-11-24T12:00:00.000Z"
        self.seconds = 1000.0

    def now(self) -> str:
        return self.text

    def monotonic(self) -> float:
        return self.seconds


class CountedStorage:
    """The real storage, counting look-ups of tokens; it can be cut off and held up."""

    def __init__(self, storage: DatabaseStorage) -> None:
        self.real = storage
        self.lookups: list[str] = []
        self.stored: list[CredentialUse] = []
        self.away = False
        self.hold: asyncio.Event | None = None

    async def find_credential(self, key_id: str) -> CredentialMatch | None:
        self.lookups.append(key_id)
        if self.away:
            raise StorageUnavailable("cut off")
        found = await self.real.find_credential(key_id)
        if self.hold is not None:
            await self.hold.wait()
        return found

    async def record_use(self, uses: Sequence[CredentialUse]) -> None:
        if self.away:
            raise StorageUnavailable("cut off")
        self.stored += uses
        await self.real.record_use(uses)

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


@dataclass
class Clinic:
    """Two organizations and the authenticator under test."""

    storage: CountedStorage
    clock: ManualClock
    authenticator: Authenticator
    administration: Administration
    elsewhere: Administration = field(repr=False)
    """Another process on the same database: its changes are not announced to ours."""

    async def token(self, slug: str = MAPLE, **options: object) -> IssuedToken:
        return await self.administration.issue_token(slug, "Okta production", **options)  # type: ignore[arg-type]

    async def authenticate(self, *values: str | bytes) -> Connection:
        return await self.authenticator.authenticate(values)

    async def refusal(self, *values: str | bytes) -> ScimError:
        with pytest.raises(ScimError) as refused:
            await self.authenticate(*values)
        return refused.value


@asynccontextmanager
async def open_clinic(url: str) -> AsyncIterator[Clinic]:
    storage = CountedStorage(await open_storage(url))
    clock = ManualClock()
    scribe = Scribe(clock, TimeOrderedIds(), LogAlarm())

    def authenticator() -> Authenticator:
        return Authenticator(storage, clock, SUPPORT, monotonic=clock.monotonic)  # type: ignore[arg-type]

    own = authenticator()
    clinic = Clinic(
        storage,
        clock,
        own,
        Administration(storage.real, scribe, own, SiteBook()),
        Administration(storage.real, scribe, authenticator(), SiteBook()),
    )
    await clinic.administration.create_organization("Maple Street Clinic", slug=MAPLE, okta_scim=True)
    await clinic.administration.create_organization("Oak Street Clinic", slug=OAK, okta_scim=True)
    try:
        yield clinic
    finally:
        await storage.real.close()


def play(url: str, scene: Callable[[Clinic], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with open_clinic(url) as clinic:
            await scene(clinic)

    asyncio.run(whole())


def test_a_good_token_tells_whose_requests_these_are(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        okta, entra = await clinic.token(), await clinic.token(OAK, client="entra")
        connection = await clinic.authenticate(f"Bearer {okta.text}")
        assert connection.organization_name == "Maple Street Clinic"
        assert connection.organization_id == okta.credential.organization_id
        assert (connection.credential_id, connection.credential_label) == (okta.credential.key_id, "Okta production")
        assert connection.client == "okta"
        assert "create-on-absent" not in connection.tolerances
        other = await clinic.authenticate(f"bearer   {entra.text} ".encode())
        assert (other.organization_name, other.client) == ("Oak Street Clinic", "entra")
        assert "create-on-absent" in other.tolerances

    play(sqlite_url, scene)


def test_overrides_and_aliases_of_the_connection_are_applied(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        organization = await clinic.administration.find_organization(MAPLE)
        store = clinic.storage.real.for_organization(organization.id)
        credential = replace(issued.credential, tolerances='{"create-on-absent": true, "text-booleans": false, "x": 1}')
        changed = UpdateOrganization(settings='{"alias_urns": ["urn:Clinic:User"]}')
        await store.commit([UpdateCredential(credential), changed], Facts())
        connection = await clinic.authenticate(f"Bearer {issued.text}")
        assert "create-on-absent" in connection.tolerances
        assert "text-booleans" not in connection.tolerances
        assert connection.alias_urns == {"urn:clinic:user": "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"}

    play(sqlite_url, scene)


WELL_FORMED = make_token(lambda count: bytes(range(count))).text

REFUSED = {
    "no header": ((), "The request has no Authorization header."),
    "an empty header": (("",), "The request has no Authorization header."),
    "a blank header": ((b"  ",), "The request has no Authorization header."),
    "Basic": (("Basic bWFuYWdlcjpzZWNyZXQ=",), "uses the scheme Basic; only Bearer is accepted. In Okta choose"),
    "another scheme": (("Secretword abc",), "uses another scheme; only Bearer is accepted."),
    "no scheme": (("non-token",), "has no scheme, and its value is no token of this service."),
    "the scheme alone": (("Bearer",), "has no token after Bearer."),
    "the scheme and blanks": (("Bearer  ",), "has no token after Bearer."),
    "a doubled scheme": ((f"Bearer Bearer {WELL_FORMED}",), "says Bearer twice. Okta adds the word itself"),
    "a doubled scheme alone": (("Bearer bearer",), "says Bearer twice."),
    "a word for a token": (("Bearer undefined",), "is malformed: it does not begin with mds_scim_."),
    "a quoted token": ((f'Bearer "{WELL_FORMED}"',), "is malformed: it does not begin with mds_scim_."),
    "a token cut off": ((f"Bearer {WELL_FORMED[:60]}",), "60 characters instead of 71: was it cut off when copying?"),
    "a bare token cut off": ((WELL_FORMED[:60],), "60 characters instead of 71: was it cut off when copying?"),
    "a mistyped token": ((f"Bearer {WELL_FORMED[:-1]}!",), "a character that no token has"),
    "a changed token": ((f"Bearer {WELL_FORMED[:40]}Z{WELL_FORMED[41:]}",), "its checksum does not match"),
    "two tokens": ((f"Bearer {WELL_FORMED} {WELL_FORMED}",), "143 characters instead of 71"),
    "two headers": ((f"Bearer {WELL_FORMED}", "Bearer x"), "has 2 Authorization headers; send exactly one."),
    "bytes that are no text": ((b"Bearer \xff\xfe",), "is malformed"),
    "an unknown token": ((f"Bearer {WELL_FORMED}",), "is not known here; it may belong to another installation."),
}
WITHOUT_ERROR_CODE = {"no header", "an empty header", "a blank header", "Basic", "another scheme", "no scheme"}


def test_each_refusal_says_what_is_wrong_and_quotes_no_secret(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        for case, (values, reason) in REFUSED.items():
            refused = await clinic.refusal(*values)
            assert isinstance(refused, Unauthorized), case
            assert reason in refused.detail, case
            challenge = refused.headers["WWW-Authenticate"]
            assert challenge.startswith('Bearer realm="MDScripts SCIM"'), case
            assert challenge.isascii(), case
            assert ("error=" not in challenge) == (case in WITHOUT_ERROR_CODE), case
            for secret in ("Secretword", "non-token", "bWFuYWdlcjpzZWNyZXQ", WELL_FORMED[22:50]):
                assert secret not in refused.detail + challenge, case

    play(sqlite_url, scene)


def test_malformed_tokens_never_reach_the_database(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        for case, (values, _) in REFUSED.items():
            if case != "an unknown token":
                await clinic.refusal(*values)
        assert clinic.storage.lookups == []

    play(sqlite_url, scene)


def test_the_challenge_repeats_the_reason_in_plain_characters(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.administration.issue_token(MAPLE, 'Öl "quoted" \\ label')
        await clinic.administration.revoke_token(MAPLE, issued.credential.key_id)
        refused = await clinic.refusal(f"Bearer {issued.text}")
        assert 'Öl "quoted" \\ label' in refused.detail
        last_four = issued.credential.last_four
        assert refused.headers["WWW-Authenticate"] == (
            'Bearer realm="MDScripts SCIM", error="invalid_token", error_description="The bearer token '
            f"'?l 'quoted' ? label' (ending in {last_four}) was revoked on 2026-11-24 at 12:00 UTC. "
            'Enter the token from Admin Home, Okta SCIM."'
        )

    play(sqlite_url, scene)


def test_a_wrong_secret_is_answered_like_an_unknown_token(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.administration.revoke_token(MAPLE, issued.credential.key_id)
        parts = iter((bytes(16), bytes(range(32))))
        stranger = make_token(lambda count: next(parts))
        forged = _with_key_id(stranger.text, issued.credential.key_id)
        wrong, unknown = await clinic.refusal(f"Bearer {forged}"), await clinic.refusal(f"Bearer {WELL_FORMED}")
        assert (wrong.detail, wrong.headers) == (unknown.detail, unknown.headers)

    play(sqlite_url, scene)


def _with_key_id(text: str, key_id: str) -> str:
    """The token with another key id and a checksum that fits: what a forger can make."""
    from mdscripts.domain.credentials import _checksum

    start = text[:9] + key_id + text[21:-6]
    return start + _checksum(start)


def test_an_expired_token_is_refused_from_its_last_instant_on(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token(expires_in_days=30)
        assert issued.credential.expires_at == "2026-12-24T12:00:00.000Z"
        clinic.clock.text = "2026-12-24T11:59:59.999Z"
        await clinic.authenticate(f"Bearer {issued.text}")
        clinic.clock.text = "2026-12-24T12:00:00.000Z"
        refused = await clinic.refusal(f"Bearer {issued.text}")
        assert refused.status == 401
        assert "expired on 2026-12-24 at 12:00 UTC" in refused.detail
        assert clinic.storage.lookups == [issued.credential.key_id], "the cached answer must expire, too"

    play(sqlite_url, scene)


def test_without_the_okta_scim_feature_the_answer_is_403(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.authenticate(f"Bearer {issued.text}")
        await clinic.administration.switch_okta_scim(MAPLE, enabled=False)
        refused = await clinic.refusal(f"Bearer {issued.text}")
        assert isinstance(refused, Forbidden)
        assert refused.detail == (
            "Okta SCIM is not enabled for your organization. Contact help@clinic.example. [LC-11]"
        )
        assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
        await clinic.administration.switch_okta_scim(MAPLE, enabled=True)
        await clinic.authenticate(f"Bearer {issued.text}")

    play(sqlite_url, scene)


def test_a_bare_token_is_tolerated_counted_and_refused_when_switched_off(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        connection = await clinic.authenticate(issued.text)
        assert connection.credential_id == issued.credential.key_id
        await clinic.authenticator.flush()
        assert clinic.storage.stored[0].tolerances == (("bare-token", 1),)
        store = clinic.storage.real.for_organization(issued.credential.organization_id)
        strict = replace(issued.credential, tolerances='{"bare-token": false}')
        await store.commit([UpdateCredential(strict)], Facts())
        clinic.authenticator.forget(strict.key_id)
        refused = await clinic.refusal(issued.text)
        assert (refused.status, "has no scheme" in refused.detail) == (401, True)
        await clinic.authenticate(f"Bearer {issued.text}")

    play(sqlite_url, scene)


# --- the cache --------------------------------------------------------------------------------


def test_within_a_second_a_token_is_looked_up_once(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        for _ in range(50):
            await clinic.authenticate(f"Bearer {issued.text}")
            clinic.clock.seconds += 0.01
        assert clinic.storage.lookups == [issued.credential.key_id]

    play(sqlite_url, scene)


def test_a_revocation_by_another_process_counts_after_a_second_at_most(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.authenticate(f"Bearer {issued.text}")
        await clinic.elsewhere.revoke_token(MAPLE, issued.credential.key_id)
        clinic.clock.seconds += 0.5
        await clinic.authenticate(f"Bearer {issued.text}")
        clinic.clock.seconds += 0.5
        assert "was revoked on" in (await clinic.refusal(f"Bearer {issued.text}")).detail

    play(sqlite_url, scene)


def test_ones_own_revocation_counts_at_once(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.authenticate(f"Bearer {issued.text}")
        await clinic.administration.revoke_token(MAPLE, issued.credential.key_id)
        assert "was revoked on" in (await clinic.refusal(f"Bearer {issued.text}")).detail

    play(sqlite_url, scene)


def test_an_answer_that_was_under_way_during_a_revocation_is_not_kept(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        clinic.storage.hold = asyncio.Event()
        early = asyncio.create_task(clinic.authenticate(f"Bearer {issued.text}"))
        while not clinic.storage.lookups:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
        await clinic.administration.revoke_token(MAPLE, issued.credential.key_id)
        clinic.storage.hold.set()
        await early
        assert "was revoked on" in (await clinic.refusal(f"Bearer {issued.text}")).detail

    play(sqlite_url, scene)


def test_one_request_renews_an_entry_while_the_others_still_use_it(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.authenticate(f"Bearer {issued.text}")
        clinic.clock.seconds += 0.9
        clinic.storage.hold = asyncio.Event()
        renewing = asyncio.create_task(clinic.authenticate(f"Bearer {issued.text}"))
        while len(clinic.storage.lookups) < 2:
            await asyncio.sleep(0.001)
        for _ in range(20):
            await clinic.authenticate(f"Bearer {issued.text}")
        assert len(clinic.storage.lookups) == 2
        clinic.storage.hold.set()
        await renewing

    play(sqlite_url, scene)


def test_a_failed_renewal_does_not_extend_the_life_of_an_entry(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.authenticate(f"Bearer {issued.text}")
        clinic.storage.away = True
        clinic.clock.seconds += 1.0
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                await clinic.authenticate(f"Bearer {issued.text}")
        clinic.storage.away = False
        await clinic.authenticate(f"Bearer {issued.text}")

    play(sqlite_url, scene)


def test_a_new_token_works_at_once_even_if_it_was_tried_before(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        token = make_token()
        clinic.administration._new_token = lambda: token
        await clinic.refusal(f"Bearer {token.text}")
        await clinic.token()
        await clinic.authenticate(f"Bearer {token.text}")

    play(sqlite_url, scene)


def test_an_unknown_token_is_looked_up_once_a_second(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        for _ in range(30):
            await clinic.refusal(f"Bearer {WELL_FORMED}")
        assert len(clinic.storage.lookups) == 1
        clinic.clock.seconds += 1.0
        await clinic.refusal(f"Bearer {WELL_FORMED}")
        assert len(clinic.storage.lookups) == 2

    play(sqlite_url, scene)


def test_a_flood_of_invented_tokens_is_slowed_down_and_known_ones_are_not(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        await clinic.authenticate(f"Bearer {issued.text}")
        refusals = [await clinic.refusal(f"Bearer {make_token().text}") for _ in range(300)]
        statuses = [refused.status for refused in refusals]
        assert statuses.count(401) == UNKNOWN_LOOKUPS_PER_SECOND - 1
        assert isinstance(refusals[-1], TooManyRequests)
        assert refusals[-1].headers == {"Retry-After": "1"}
        assert len(clinic.storage.lookups) == UNKNOWN_LOOKUPS_PER_SECOND
        clinic.clock.seconds += 0.99
        await clinic.authenticate(f"Bearer {issued.text}")
        clinic.clock.seconds += 0.01
        assert (await clinic.refusal(f"Bearer {make_token().text}")).status == 401

    play(sqlite_url, scene)


def test_memory_stays_bounded_whatever_is_tried(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mdscripts.app import authentication

    monkeypatch.setattr(authentication, "UNKNOWN_KEYS_MAX", 10)
    monkeypatch.setattr(authentication, "CACHED_TOKENS_MAX", 3)

    async def scene(clinic: Clinic) -> None:
        for _ in range(50):
            await clinic.refusal(f"Bearer {make_token().text}")
            issued = await clinic.token()
            await clinic.authenticate(f"Bearer {issued.text}")
            clinic.clock.seconds += 0.1
        assert len(clinic.authenticator._unknown) == 10
        assert len(clinic.authenticator._known) == 3

    play(sqlite_url, scene)


# --- signs of life ----------------------------------------------------------------------------


def test_use_is_stored_when_flushed_and_not_before(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        connection = await clinic.authenticate(f"Bearer {issued.text}")
        clinic.authenticator.note_use(connection, {"text-booleans": 2})
        clinic.clock.text = "2026-11-24T12:00:07.000Z"
        clinic.authenticator.note_use(connection, {"text-booleans": 1, "path-keys": 1})
        store = clinic.storage.for_organization(issued.credential.organization_id)
        (before,) = await store.list_credentials()
        assert before.last_used_at is None
        await clinic.authenticator.flush()
        (after,) = await clinic.administration.list_tokens(MAPLE)
        assert after.last_used_at == "2026-11-24T12:00:07.000Z"
        assert [use.tolerances for use in clinic.storage.stored] == [(("path-keys", 1), ("text-booleans", 3))]
        await clinic.authenticator.flush()
        assert len(clinic.storage.stored) == 1

    play(sqlite_url, scene)


def test_what_could_not_be_stored_is_kept_for_the_next_time(sqlite_url: str) -> None:
    async def scene(clinic: Clinic) -> None:
        issued = await clinic.token()
        connection = await clinic.authenticate(f"Bearer {issued.text}")
        clinic.authenticator.note_use(connection, {"path-keys": 1})
        clinic.storage.away = True
        with pytest.raises(StorageUnavailable):
            await clinic.authenticator.flush()
        clinic.storage.away = False
        clinic.authenticator.note_use(connection, {"path-keys": 4})
        await clinic.authenticator.flush()
        assert [use.tolerances for use in clinic.storage.stored] == [(("path-keys", 5),)]

    play(sqlite_url, scene)
