"""Signing in, staying signed in, and passwords: what time, repetition and other people do to them."""

import asyncio
import unicodedata
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from argon2 import PasswordHasher

from mdscripts.app.access import Access
from mdscripts.app.account_passwords import LINK_LIFETIME, LinkSpent, Passwords, PersonInactive
from mdscripts.app.accounts import (
    ABSOLUTE_LIMIT,
    ATTEMPT_WINDOW,
    ATTEMPTS_PER_LOGIN,
    ATTEMPTS_PER_NAME,
    ATTEMPTS_PER_SOURCE,
    IDLE_LIMIT,
    Accounts,
    OpenedSession,
    Origin,
    SignInRefused,
    TooManyAttempts,
)
from mdscripts.app.administration import Administration
from mdscripts.app.authentication import Authenticator
from mdscripts.app.call import OPERATOR, Scribe
from mdscripts.app.local_people import LocalPeople, NewPerson
from mdscripts.app.overview import Overview
from mdscripts.app.person import Person
from mdscripts.app.ports import AuditFact, Facts, OrganizationRecord, SetPassword, UserRecord
from mdscripts.app.ports.accounts import SessionMatch
from mdscripts.app.provisioning import Directory
from mdscripts.app.site_book import SiteBook
from mdscripts.domain.passwords import needs_rehash
from mdscripts.domain.violations import RuleViolation
from mdscripts.machine import HashingThreads, TimeOrderedIds
from mdscripts.storage import open_storage
from mdscripts.telemetry import LogAlarm

T = TypeVar("T")
PASSWORD = "Seven small boats at dawn"
OTHER_PASSWORD = "Nine quiet herons wait"
HOME = Origin("192.0.2.10", "request-1")
MINUTE = timedelta(minutes=1)


class MovableClock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def now(self) -> str:
        return self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def move(self, by: timedelta) -> None:
        self.time += by


class Clinic:
    """Two organizations and the use cases of their doors; everything is synchronous for the tests."""

    def __init__(self, database_url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.storage = self.run(open_storage(database_url))
        self.clock = MovableClock()
        scribe, sites = Scribe(self.clock, TimeOrderedIds(), LogAlarm()), SiteBook()
        authenticator = Authenticator(self.storage, self.clock, "support@mds.example")
        self.administration = Administration(self.storage, scribe, authenticator, sites)
        self.people = LocalPeople(self.storage, Directory(self.storage, scribe, sites), scribe, "MDScripts")
        hashing = HashingThreads()
        self.accounts = Accounts(self.storage, self.storage.accounts, Access(self.storage), scribe, hashing)
        self.passwords = Passwords(self.storage, self.storage.accounts, scribe, hashing, self.accounts, "MDScripts")
        self.overview = Overview(self.storage, self.storage.overview, self.clock)
        self.maple, self.oak = self.organization("maple", "00101"), self.organization("oak", "00202")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def organization(self, slug: str, site_number: str) -> OrganizationRecord:
        made = self.run(self.administration.create_organization(slug.title(), slug=slug, okta_scim=True))
        self.run(self.administration.create_site(slug, site_number, "Main"))
        return made

    def person(
        self, name: str = "ann@clinic.example", at: OrganizationRecord | None = None, password: str = PASSWORD
    ) -> UserRecord:
        new = NewPerson(name, "Ann", "Lee", role="Manager", password=password)
        return self.run(self.people.create(at or self.maple, new))

    def assistant(self, name: str, *sites: str) -> UserRecord:
        new = NewPerson(name, "Ben", "Ray", site_numbers=sites, password=PASSWORD)
        return self.run(self.people.create(self.maple, new))

    def sign_in(
        self,
        name: str = "ann@clinic.example",
        password: str = PASSWORD,
        site: str = "00101",
        origin: Origin = HOME,
    ) -> OpenedSession:
        return self.run(self.accounts.sign_in(site, name, password, origin))

    def here(self, opened: OpenedSession, *, background: bool = False) -> SessionMatch | None:
        return self.run(self.accounts.find_session(opened.secret, background=background))

    def inside(self, opened: OpenedSession) -> SessionMatch:
        match = self.here(opened)
        assert match is not None
        return match

    def actions(self, organization: OrganizationRecord | None = None) -> list[tuple[str, str]]:
        store = self.storage.for_organization((organization or self.maple).id)
        return [(row.fact.action, row.fact.outcome) for row in self.run(store.list_audit(limit=1_000))]

    def last_fact(self) -> AuditFact:
        store = self.storage.for_organization(self.maple.id)
        return self.run(store.list_audit(limit=1_000))[-1].fact

    def shut(self) -> None:
        self.run(self.storage.close())
        self.loop.close()


@pytest.fixture
def clinic(sqlite_url: str) -> Iterator[Clinic]:
    clinic = Clinic(sqlite_url)
    yield clinic
    clinic.shut()


# --- signing in -------------------------------------------------------------------------------


def test_site_number_user_name_and_password_open_a_session(clinic: Clinic) -> None:
    user = clinic.person()
    opened = clinic.sign_in(" ANN@Clinic.example ", site=" 00101 ")
    match = clinic.inside(opened)
    assert (match.user.id, match.organization.id, match.session.source) == (user.id, clinic.maple.id, HOME.source)
    assert Person(match.user).is_manager
    assert clinic.actions()[-1] == ("user.signed_in", "changed")
    assert opened.secret not in repr(opened)


def test_each_session_has_a_secret_of_its_own_that_is_not_stored(clinic: Clinic, sqlite_url: str) -> None:
    clinic.person()
    secrets = {clinic.sign_in().secret for _ in range(3)}
    assert len(secrets) == 3
    path = sqlite_url.removeprefix("sqlite:///")
    stored = b"".join(Path(path + suffix).read_bytes() for suffix in ("", "-wal"))
    assert [secret for secret in secrets if secret.encode() in stored] == []


@pytest.mark.parametrize(
    ("site", "name", "password"),
    [
        ("00101", "ann@clinic.example", "not the password"),
        ("00101", "ann@clinic.example", ""),
        ("00101", "bob@clinic.example", PASSWORD),
        ("00101", "", PASSWORD),
        ("00202", "ann@clinic.example", PASSWORD),
        ("101", "ann@clinic.example", PASSWORD),
        ("", "ann@clinic.example", PASSWORD),
        ("00101", "ann@clinic.example", PASSWORD + "\ud800"),
        ("00101\0", "ann@clinic.example", PASSWORD),
        ("00101", "ann@clinic.example" + "x" * 100_000, PASSWORD),
        ("00101", "ann@clinic.example", PASSWORD * 10_000),
    ],
)
def test_anything_else_is_refused_alike(clinic: Clinic, site: str, name: str, password: str) -> None:
    clinic.person()
    with pytest.raises(SignInRefused) as refused:
        clinic.sign_in(name, password, site)
    assert str(refused.value) == ""


def test_a_password_is_the_same_on_every_keyboard(clinic: Clinic) -> None:
    password = "".join(chr(0xAC00 + 28 * number) for number in range(100))
    clinic.person(password=password)
    taken_apart = unicodedata.normalize("NFD", password)
    assert len(taken_apart) == 200
    clinic.inside(clinic.sign_in(password=taken_apart))


def test_somebody_without_a_password_cannot_sign_in(clinic: Clinic) -> None:
    clinic.run(clinic.people.create(clinic.maple, NewPerson("new@clinic.example", "New", "Person")))
    for password in ("", "None"):
        with pytest.raises(SignInRefused):
            clinic.sign_in("new@clinic.example", password)


def test_somebody_inactive_cannot_sign_in_and_can_again_when_back(clinic: Clinic) -> None:
    clinic.person()
    clinic.run(clinic.people.deactivate(clinic.maple, "ann@clinic.example"))
    with pytest.raises(SignInRefused):
        clinic.sign_in()
    clinic.run(clinic.people.reactivate(clinic.maple, "ann@clinic.example"))
    clinic.inside(clinic.sign_in())


def test_nobody_signs_in_at_a_closed_site(clinic: Clinic) -> None:
    clinic.person()
    clinic.run(clinic.administration.close_site("maple", "00101"))
    with pytest.raises(SignInRefused):
        clinic.sign_in()


def test_an_assistant_signs_in_at_sites_of_their_own_only(clinic: Clinic) -> None:
    clinic.run(clinic.administration.create_site("maple", "00102", "Harbour"))
    clinic.assistant("ben@clinic.example", "00102")
    clinic.assistant("cleo@clinic.example")
    clinic.person()
    for name, site in (("ben@clinic.example", "00101"), ("cleo@clinic.example", "00101")):
        with pytest.raises(SignInRefused):
            clinic.sign_in(name, site=site)
        refused = clinic.last_fact()
        assert (refused.action, refused.outcome, refused.target_name) == ("user.sign_in", "refused", name)
        assert "site 00101 is not one of this person's sites" in refused.detail
    assert clinic.here(clinic.sign_in("ben@clinic.example", site="00102"))
    assert clinic.here(clinic.sign_in(site="00102"))  # a manager, who has no site at all


def test_the_same_name_at_the_same_site_number_is_told_apart_by_the_password(clinic: Clinic) -> None:
    clinic.run(clinic.administration.create_site("oak", "00101", "Also main"))
    clinic.person()
    clinic.person(at=clinic.oak, password=OTHER_PASSWORD)
    assert clinic.inside(clinic.sign_in()).organization.id == clinic.maple.id
    assert clinic.inside(clinic.sign_in(password=OTHER_PASSWORD)).organization.id == clinic.oak.id


def test_two_people_who_cannot_be_told_apart_are_both_refused(clinic: Clinic) -> None:
    clinic.run(clinic.administration.create_site("oak", "00101", "Also main"))
    clinic.person()
    clinic.person(at=clinic.oak)
    with pytest.raises(SignInRefused):
        clinic.sign_in()
    assert clinic.actions()[-1] == clinic.actions(clinic.oak)[-1] == ("user.sign_in", "refused")


def test_an_old_hash_is_made_anew_when_its_password_is_known(clinic: Clinic) -> None:
    user = clinic.person()
    store = clinic.storage.for_organization(clinic.maple.id)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    clinic.run(store.commit([SetPassword(user.id, old)], Facts()))
    fail(clinic)
    assert clinic.run(store.find_password_hash(user.id)) == old
    opened = clinic.sign_in()
    renewed = clinic.run(store.find_password_hash(user.id))
    assert renewed is not None
    assert not needs_rehash(renewed)
    clinic.inside(opened)
    clinic.sign_in()


# --- throttling -------------------------------------------------------------------------------


def fail(clinic: Clinic, name: str = "ann@clinic.example", origin: Origin = HOME) -> None:
    with pytest.raises(SignInRefused):
        clinic.sign_in(name, "not the password", origin=origin)


@pytest.mark.parametrize("name", ["ann@clinic.example", "nobody@clinic.example"])
def test_too_many_attempts_for_a_name_are_refused_even_with_the_right_password(clinic: Clinic, name: str) -> None:
    clinic.person()
    for number in range(ATTEMPTS_PER_LOGIN):
        fail(clinic, name, Origin(f"192.0.2.{number}"))
    with pytest.raises(TooManyAttempts) as often:
        clinic.sign_in(name, PASSWORD)
    assert often.value.minutes == ATTEMPT_WINDOW // MINUTE
    clinic.clock.move(ATTEMPT_WINDOW - MINUTE)
    with pytest.raises(TooManyAttempts) as often:
        clinic.sign_in(name.upper(), PASSWORD)
    assert often.value.minutes == 1


def test_the_right_password_works_again_when_the_window_is_over(clinic: Clinic) -> None:
    clinic.person()
    for _ in range(ATTEMPTS_PER_LOGIN):
        fail(clinic)
    clinic.clock.move(ATTEMPT_WINDOW + MINUTE)
    clinic.inside(clinic.sign_in())


def test_a_success_forgives_what_came_before(clinic: Clinic) -> None:
    clinic.person()
    for _ in range(3):
        for _ in range(ATTEMPTS_PER_LOGIN - 1):
            fail(clinic)
        clinic.sign_in()


def test_a_success_of_somebody_elses_namesake_forgives_nothing(clinic: Clinic) -> None:
    """A manager of another organization can make a site and a person of the same number and name."""
    clinic.run(clinic.administration.create_site("oak", "00101", "Also main"))
    clinic.person()
    clinic.person(at=clinic.oak, password=OTHER_PASSWORD)
    for _ in range(ATTEMPTS_PER_LOGIN - 1):
        fail(clinic)
    clinic.sign_in(password=OTHER_PASSWORD)
    fail(clinic)
    with pytest.raises(TooManyAttempts):
        clinic.sign_in()


def test_a_refusal_tells_no_organization_the_address_of_who_may_be_anothers(clinic: Clinic) -> None:
    clinic.run(clinic.administration.create_site("oak", "00101", "Also main"))
    clinic.person()
    fail(clinic, origin=Origin("192.0.2.7"))
    clinic.person(at=clinic.oak, password=OTHER_PASSWORD)
    fail(clinic, origin=Origin("192.0.2.8"))
    sources = [
        [row.fact.source for row in clinic.run(clinic.storage.for_organization(each.id).list_audit(limit=9))]
        for each in (clinic.maple, clinic.oak)
    ]
    assert "192.0.2.7" in sources[0]
    assert "192.0.2.8" not in [*sources[0], *sources[1]]


@pytest.mark.parametrize("name", ["ann@clinic.example", "nobody@clinic.example"])
def test_more_sites_are_not_more_attempts_without_end(clinic: Clinic, name: str) -> None:
    clinic.person()
    sites = ["00101", *(f"{number:05}" for number in range(501, 505))]
    for number in sites[1:]:
        clinic.run(clinic.administration.create_site("maple", number, "One more"))
    outcomes: list[type[Exception]] = []
    for site in [site for site in sites for _ in range(ATTEMPTS_PER_LOGIN)]:
        with pytest.raises((SignInRefused, TooManyAttempts)) as refused:
            clinic.sign_in(name, "not the password", site)
        outcomes.append(refused.type)
    assert outcomes[:ATTEMPTS_PER_NAME] == [SignInRefused] * ATTEMPTS_PER_NAME
    assert set(outcomes[ATTEMPTS_PER_NAME:]) == {TooManyAttempts}


def test_one_name_that_is_throttled_does_not_bother_another(clinic: Clinic) -> None:
    clinic.person()
    for _ in range(ATTEMPTS_PER_LOGIN):
        fail(clinic, "bob@clinic.example")
    clinic.inside(clinic.sign_in())


def test_an_address_that_tries_many_names_is_throttled_and_others_are_not(clinic: Clinic) -> None:
    clinic.person()

    async def spray() -> list[object]:
        tries = (
            clinic.accounts.sign_in("00101", f"user{number}@clinic.example", "guess", HOME)
            for number in range(ATTEMPTS_PER_SOURCE + 20)
        )
        return await asyncio.gather(*tries, return_exceptions=True)

    outcomes = clinic.run(spray())
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) >= 20
    with pytest.raises(TooManyAttempts):
        clinic.sign_in()
    clinic.inside(clinic.sign_in(origin=Origin("198.51.100.1")))


def test_attempts_at_the_same_moment_do_not_slip_through(clinic: Clinic) -> None:
    clinic.person()

    async def rush() -> list[object]:
        tries = (
            clinic.accounts.sign_in("00101", "ann@clinic.example", f"guess {number}", HOME)
            for number in range(ATTEMPTS_PER_LOGIN * 3)
        )
        return await asyncio.gather(*tries, return_exceptions=True)

    outcomes = clinic.run(rush())
    assert sum(isinstance(outcome, SignInRefused) for outcome in outcomes) <= ATTEMPTS_PER_LOGIN


# --- the life of a session --------------------------------------------------------------------


def test_a_session_ends_when_it_is_not_used(clinic: Clinic) -> None:
    clinic.person()
    opened = clinic.sign_in()
    clinic.clock.move(IDLE_LIMIT)
    clinic.inside(opened)
    clinic.clock.move(IDLE_LIMIT + MINUTE)
    assert clinic.here(opened) is None


def test_what_a_page_asks_by_itself_keeps_no_session_alive(clinic: Clinic) -> None:
    clinic.person()
    opened = clinic.sign_in()
    for _ in range(IDLE_LIMIT // MINUTE):
        clinic.clock.move(MINUTE)
        assert clinic.here(opened, background=True) is not None
    clinic.clock.move(MINUTE)
    assert clinic.here(opened, background=True) is None


def test_a_session_ends_after_its_time_however_much_it_is_used(clinic: Clinic) -> None:
    clinic.person()
    opened = clinic.sign_in()
    for _ in range(ABSOLUTE_LIMIT // (10 * MINUTE)):
        clinic.clock.move(10 * MINUTE)
        clinic.inside(opened)
    clinic.clock.move(MINUTE)
    assert clinic.here(opened) is None


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "é" * 43, "x" * 100_000])
def test_a_made_up_secret_is_nobody(clinic: Clinic, secret: str) -> None:
    assert clinic.run(clinic.accounts.find_session(secret)) is None


def test_signing_out_ends_one_session_or_all(clinic: Clinic) -> None:
    clinic.person()
    first, second, third = clinic.sign_in(), clinic.sign_in(), clinic.sign_in()
    here = clinic.inside(first)
    assert clinic.run(clinic.accounts.count_sessions(clinic.maple.id, here.user.id)) == 3
    clinic.run(clinic.accounts.sign_out(here, HOME.actor(here.user)))
    assert clinic.here(first) is None
    clinic.inside(second)
    clinic.run(clinic.accounts.end_sessions(clinic.maple.id, here.user, OPERATOR))
    assert clinic.here(second) is clinic.here(third) is None
    assert clinic.actions()[-2:] == [("user.signed_out", "changed"), ("user.sessions_ended", "changed")]


def test_what_is_over_is_forgotten(clinic: Clinic) -> None:
    clinic.person()
    opened = clinic.sign_in()
    fail(clinic, "bob@clinic.example")
    clinic.clock.move(IDLE_LIMIT + MINUTE)
    clinic.run(clinic.accounts.forget_expired())
    assert clinic.run(clinic.storage.accounts.find_session(b"")) is None
    assert clinic.here(opened) is None
    assert clinic.run(clinic.accounts.count_sessions(clinic.maple.id, opened.user.id)) == 0


# --- passwords --------------------------------------------------------------------------------


def test_a_changed_password_signs_out_everywhere_but_here(clinic: Clinic) -> None:
    clinic.person()
    elsewhere, here = clinic.sign_in(), clinic.sign_in()
    renewed = clinic.run(clinic.passwords.change(clinic.inside(here), PASSWORD, OTHER_PASSWORD, HOME))
    assert clinic.here(elsewhere) is clinic.here(here) is None
    assert clinic.inside(renewed).session.site_number == "00101"
    with pytest.raises(SignInRefused):
        clinic.sign_in()
    clinic.sign_in(password=OTHER_PASSWORD)
    assert ("user.password_set", "changed") in clinic.actions()


def test_a_password_is_changed_by_who_knows_it(clinic: Clinic) -> None:
    clinic.person()
    opened = clinic.sign_in()
    here = clinic.inside(opened)
    for _ in range(ATTEMPTS_PER_LOGIN):
        with pytest.raises(SignInRefused):
            clinic.run(clinic.passwords.change(here, "a guess", OTHER_PASSWORD, HOME))
    with pytest.raises(TooManyAttempts):
        clinic.run(clinic.passwords.change(here, PASSWORD, OTHER_PASSWORD, HOME))
    clinic.inside(opened)


def test_a_changed_password_withdraws_the_link_that_could_change_it_again(clinic: Clinic) -> None:
    user, opened = clinic.person(), clinic.sign_in()
    link = clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR))
    clinic.run(clinic.passwords.change(clinic.inside(opened), PASSWORD, "another long passphrase", HOME))
    assert clinic.run(clinic.passwords.find_link(link.secret)) is None
    link = clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR))
    clinic.run(clinic.people.set_password(clinic.maple, "ann@clinic.example", "a third long passphrase"))
    assert clinic.run(clinic.passwords.find_link(link.secret)) is None


@pytest.mark.parametrize("new", ["short", "aaaaaaaaaaaaaaaaaaaa", "ann lee maple mdscripts", "ann@clinic.example 2026"])
def test_a_weak_password_is_refused_and_nothing_changes(clinic: Clinic, new: str) -> None:
    user = clinic.person()
    opened = clinic.sign_in()
    with pytest.raises(RuleViolation):
        clinic.run(clinic.passwords.change(clinic.inside(opened), PASSWORD, new, HOME))
    link = clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR))
    with pytest.raises(RuleViolation):
        clinic.run(clinic.passwords.set_by_link(link.secret, new, HOME))
    clinic.inside(opened)
    assert clinic.run(clinic.passwords.find_link(link.secret)) is not None
    clinic.sign_in()


def test_a_link_sets_a_password_once_and_ends_what_was_open(clinic: Clinic) -> None:
    user = clinic.person()
    opened = clinic.sign_in()
    link = clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR))
    assert link.secret not in repr(link)
    for _ in range(2):
        found = clinic.run(clinic.passwords.find_link(link.secret))
        assert found is not None
        assert (found.user.id, found.link.created_by) == (user.id, "cli")
    clinic.run(clinic.passwords.set_by_link(link.secret, OTHER_PASSWORD, HOME))
    assert clinic.here(opened) is None
    clinic.sign_in(password=OTHER_PASSWORD)
    assert clinic.run(clinic.passwords.find_link(link.secret)) is None
    with pytest.raises(LinkSpent):
        clinic.run(clinic.passwords.set_by_link(link.secret, PASSWORD, HOME))
    assert ("user.password_link_created", "changed") in clinic.actions()


def test_a_link_stops_working_when_its_time_is_over_or_a_new_one_is_made(clinic: Clinic) -> None:
    user = clinic.person()
    first, second = (clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR)) for _ in range(2))
    assert clinic.run(clinic.passwords.find_link(first.secret)) is None
    clinic.clock.move(LINK_LIFETIME - MINUTE)
    assert clinic.run(clinic.passwords.find_link(second.secret)) is not None
    clinic.clock.move(MINUTE)
    for link in (first, second):
        with pytest.raises(LinkSpent):
            clinic.run(clinic.passwords.set_by_link(link.secret, OTHER_PASSWORD, HOME))


def test_a_link_is_withdrawn_with_a_deactivation_and_not_made_for_somebody_inactive(clinic: Clinic) -> None:
    user = clinic.person()
    link = clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR))
    clinic.run(clinic.people.deactivate(clinic.maple, "ann@clinic.example"))
    assert clinic.run(clinic.passwords.find_link(link.secret)) is None
    with pytest.raises(PersonInactive) as refused:
        clinic.run(clinic.passwords.create_link(clinic.maple, user, OPERATOR))
    assert "Reactivate" in str(refused.value)
    clinic.run(clinic.people.reactivate(clinic.maple, "ann@clinic.example"))
    assert clinic.run(clinic.passwords.find_link(link.secret)) is None


def test_a_password_set_by_an_operator_ends_the_sessions_of_the_old_one(clinic: Clinic) -> None:
    clinic.person()
    opened = clinic.sign_in()
    clinic.run(clinic.people.set_password(clinic.maple, "ann@clinic.example", OTHER_PASSWORD))
    assert clinic.here(opened) is None


# --- Admin Home -------------------------------------------------------------------------------


def concerns(clinic: Clinic) -> list[str]:
    return [concern.text for concern in clinic.run(clinic.overview.of(organization_now(clinic))).concerns]


def organization_now(clinic: Clinic) -> OrganizationRecord:
    return clinic.run(clinic.administration.find_organization("maple"))


def test_the_overview_counts_what_is_there(clinic: Clinic) -> None:
    clinic.person()
    clinic.person("bob@clinic.example")
    clinic.person("oak@clinic.example", at=clinic.oak)
    clinic.run(clinic.people.deactivate(clinic.maple, "bob@clinic.example"))
    clinic.run(clinic.administration.create_site("maple", "00102", "Riverside"))
    clinic.run(clinic.administration.close_site("maple", "00102"))
    glance = clinic.run(clinic.overview.of(clinic.maple))
    counts = glance.counts
    assert (glance.active_people, counts.inactive_people, counts.active_managers) == (1, 1, 1)
    assert (counts.open_sites, counts.closed_sites, counts.groups) == (1, 1, 0)
    assert (counts.recent_entries, counts.recent_refused) == (7, 0)
    assert (glance.live_tokens, glance.last_call, glance.recent_is_cut) == (0, None, False)
    clinic.clock.move(timedelta(days=2))
    assert clinic.run(clinic.overview.of(clinic.maple)).counts.recent_entries == 0


def test_the_overview_says_what_needs_a_manager(clinic: Clinic) -> None:
    clinic.person()
    assert concerns(clinic) == [
        "Okta is not connected yet.",
        "There is only one active manager. If that person leaves, nobody can open Admin Home.",
    ]
    clinic.person("bob@clinic.example")
    issued = clinic.run(clinic.administration.issue_token("maple", "Okta", expires_in_days=20))
    assert concerns(clinic) == ["The token “Okta” expires in 20 days."]
    clinic.clock.move(timedelta(days=19))
    assert concerns(clinic) == ["The token “Okta” expires tomorrow."]
    clinic.run(clinic.administration.revoke_token("maple", issued.credential.key_id))
    assert concerns(clinic) == ["Okta has no valid token: nobody is created, updated or deactivated."]
    clinic.run(clinic.administration.issue_token("maple", "Okta again"))
    assert concerns(clinic) == []
    clinic.run(clinic.administration.switch_okta_scim("maple", enabled=False))
    assert concerns(clinic) == ["Okta SCIM is off: people who leave keep their access until you deactivate them here."]


def test_an_organization_that_never_had_a_token_is_not_warned_that_okta_scim_is_off(clinic: Clinic) -> None:
    clinic.person()
    clinic.person("bob@clinic.example")
    clinic.run(clinic.administration.switch_okta_scim("maple", enabled=False))
    assert concerns(clinic) == []
