"""What every storage promises about sessions, one-time links and counted attempts."""

import asyncio
from dataclasses import replace
from typing import Any

import apsw
import pytest

from mdscripts.app.ports import (
    DeleteUser,
    Facts,
    InsertSite,
    SetPassword,
    SiteRecord,
    StaleVersion,
    UpdateSite,
    UpdateUser,
    UserRow,
)
from mdscripts.app.ports.account_changes import (
    CountAttempts,
    EndSessions,
    ForgetExpired,
    ForgiveAttempts,
    InsertLink,
    LinkRecord,
    OpenSession,
    SessionRecord,
    SpendLink,
    TouchSession,
)
from mdscripts.app.ports.accounts import LinkMatch, SessionMatch

from .conftest import EVENING, MORNING, NOON, Installation, Organization, fact, new_id

NOBODY = "01930000-0000-7000-8000-ffffffffffff"


def digest() -> bytes:
    return new_id().encode()[-32:]


def session_of(user_id: str, **columns: Any) -> SessionRecord:
    return replace(SessionRecord(digest(), user_id, "00101", "192.0.2.1", NOON, NOON), **columns)


def link_of(user_id: str, **columns: Any) -> LinkRecord:
    return replace(LinkRecord(digest(), user_id, NOON, "cli", EVENING), **columns)


class SignIn:
    """Short ways to ask about sessions, links and attempts of one organization."""

    def __init__(self, installation: Installation, organization: Organization) -> None:
        self.accounts = installation.storage.accounts
        self.organization = organization
        self.run = installation.run

    def open(self, user: UserRow, **columns: Any) -> bytes:
        session = session_of(user.id, **columns)
        self.organization.commit(OpenSession(session))
        return session.digest

    def link(self, user: UserRow, **columns: Any) -> bytes:
        link = link_of(user.id, **columns)
        self.organization.commit(InsertLink(link))
        return link.digest

    def session(self, digest: bytes) -> SessionMatch | None:
        return self.run(self.accounts.find_session(digest))

    def found_link(self, digest: bytes) -> LinkMatch | None:
        return self.run(self.accounts.find_link(digest))

    def count(self, *keys: bytes, at: str = NOON, window_start: str = MORNING) -> dict[bytes, tuple[int, str]]:
        self.run(self.accounts.keep(CountAttempts(keys, at, window_start)))
        return self.attempts(*keys, window_start=window_start)

    def attempts(self, *keys: bytes, window_start: str = MORNING) -> dict[bytes, tuple[int, str]]:
        return self.run(self.accounts.attempts(keys, window_start))


@pytest.fixture
def maple_door(installation: Installation) -> SignIn:
    """Signing in at one organization."""
    return SignIn(installation, installation.maple)


@pytest.fixture
def ann(maple: Organization) -> UserRow:
    """Somebody active."""
    return maple.add_user("ann")


# --- sessions ---------------------------------------------------------------------------------


def test_an_opened_session_is_found_with_its_person_site_and_organization(maple_door: SignIn, ann: UserRow) -> None:
    organization = maple_door.organization
    organization.commit(InsertSite(SiteRecord("00101", "Main Street", "US/Central", MORNING, None)))
    session = session_of(ann.id)
    organization.commit(OpenSession(session), facts=Facts((fact(),)))
    match = maple_door.session(session.digest)
    assert match is not None
    assert match.session == session
    assert match.user == organization.user(ann.id)
    assert match.organization == organization.run(organization.store.find_organization())
    assert (match.site_name, match.site_time_zone) == ("Main Street", "US/Central")
    assert len(organization.audit()) == 1


def test_a_session_at_a_site_that_is_unknown_is_found_without_one(maple_door: SignIn, ann: UserRow) -> None:
    match = maple_door.session(maple_door.open(ann, site_number="99999"))
    assert match is not None
    assert (match.site_name, match.site_time_zone) == (None, None)


def test_nothing_is_found_under_a_digest_that_was_never_stored(maple_door: SignIn, ann: UserRow) -> None:
    maple_door.open(ann)
    maple_door.link(ann)
    assert maple_door.session(b"") is None
    assert maple_door.session(b"x" * 32) is None
    assert maple_door.found_link(b"x" * 32) is None


@pytest.mark.parametrize(
    "change", [lambda user_id: OpenSession(session_of(user_id)), lambda user_id: InsertLink(link_of(user_id))]
)
def test_nobody_but_an_active_person_gets_a_session_or_a_link(
    maple_door: SignIn, installation: Installation, change: Any
) -> None:
    maple = maple_door.organization
    inactive = maple.add_user("inactive", active=False)
    gone = maple.add_user("gone")
    maple.commit(DeleteUser(gone.id, 1, NOON))
    elsewhere = installation.oak.add_user("elsewhere")
    for user_id in (inactive.id, gone.id, elsewhere.id, NOBODY):
        with pytest.raises(StaleVersion):
            maple.commit(change(user_id), facts=Facts((fact(),)))
    assert maple.audit() == []


def test_a_session_remembers_when_it_was_last_used_and_never_goes_back(maple_door: SignIn, ann: UserRow) -> None:
    opened = maple_door.open(ann)
    for at, shown in ((EVENING, EVENING), (MORNING, EVENING)):
        maple_door.organization.commit(TouchSession(opened, at))
        match = maple_door.session(opened)
        assert match is not None
        assert match.session.last_seen_at == shown
    maple_door.organization.commit(TouchSession(b"gone", EVENING))


def test_one_session_ends_or_all_of_a_person(maple_door: SignIn, ann: UserRow) -> None:
    bob = maple_door.organization.add_user("bob")
    first, second, third, bobs = (*(maple_door.open(ann) for _ in range(3)), maple_door.open(bob))
    maple_door.organization.commit(EndSessions(ann.id, first))
    assert [maple_door.session(each) is None for each in (first, second, third, bobs)] == [True, False, False, False]
    maple_door.organization.commit(EndSessions(ann.id))
    assert [maple_door.session(each) is None for each in (second, third, bobs)] == [True, True, False]
    maple_door.organization.commit(EndSessions(ann.id), EndSessions(ann.id, first))


def test_sessions_are_counted_that_were_seen_lately(maple_door: SignIn, ann: UserRow) -> None:
    for at in (MORNING, NOON, EVENING):
        maple_door.open(ann, last_seen_at=at)
    counts = [
        maple_door.run(maple_door.accounts.count_sessions(maple_door.organization.id, ann.id, since))
        for since in (MORNING, NOON, EVENING, "2027-01-01T00:00:00.000Z")
    ]
    assert counts == [3, 2, 1, 0]


def test_another_organization_cannot_touch_or_end_a_session(
    maple_door: SignIn, installation: Installation, ann: UserRow
) -> None:
    opened, link = maple_door.open(ann), maple_door.link(ann)
    installation.oak.commit(TouchSession(opened, EVENING), EndSessions(ann.id, opened), EndSessions(ann.id))
    with pytest.raises(StaleVersion):
        installation.oak.commit(SpendLink(link))
    match = maple_door.session(opened)
    assert match is not None
    assert match.session.last_seen_at == NOON
    assert maple_door.found_link(link) is not None


# --- the end of access ------------------------------------------------------------------------


def deactivate(maple: Organization, user: UserRow, *, active: bool = False, version: int = 1) -> None:
    maple.commit(UpdateUser(replace(user, active=active), version))


@pytest.mark.parametrize("told", [True, False])
def test_a_deactivation_ends_sessions_and_links_with_it(maple_door: SignIn, ann: UserRow, told: bool) -> None:
    bob = maple_door.organization.add_user("bob")
    opened, link, bobs = maple_door.open(ann), maple_door.link(ann), maple_door.open(bob)
    maple_door.organization.commit(UpdateUser(replace(ann, active=False), 1, was_active=told))
    assert maple_door.session(opened) is None
    assert maple_door.found_link(link) is None
    assert maple_door.session(bobs) is not None


def test_what_ended_with_a_deactivation_does_not_come_back(maple_door: SignIn, ann: UserRow) -> None:
    opened, link = maple_door.open(ann), maple_door.link(ann)
    deactivate(maple_door.organization, ann)
    deactivate(maple_door.organization, ann, active=True, version=2)
    assert maple_door.session(opened) is None
    assert maple_door.found_link(link) is None
    assert maple_door.session(maple_door.open(ann)) is not None


def test_a_session_that_slipped_in_during_a_deactivation_is_no_use_and_ends_with_the_return(
    maple_door: SignIn, installation: Installation, ann: UserRow, shared_database_url: str
) -> None:
    """Put there by hand: no change of ours writes it for somebody who is inactive."""
    maple = maple_door.organization
    deactivate(maple, ann)
    slipped = session_of(ann.id)
    values = (maple.id, ann.id, slipped.digest, "00101", "", NOON, NOON)
    insert = "INSERT INTO session VALUES ($1, $2, $3, $4, $5, $6, $7)"
    if shared_database_url.startswith("sqlite"):
        connection = apsw.Connection(shared_database_url.removeprefix("sqlite:///"))
        connection.execute(insert.replace("$", "?"), values)
        connection.close()
    else:
        installation.fetch(f"{insert} RETURNING 1", *values)
    assert maple_door.session(slipped.digest) is None
    deactivate(maple, ann, active=True, version=2)
    assert maple_door.session(slipped.digest) is None


def test_an_ordinary_change_of_a_person_ends_nothing(maple_door: SignIn, ann: UserRow) -> None:
    opened, link = maple_door.open(ann), maple_door.link(ann)
    maple_door.organization.commit(UpdateUser(replace(ann, display="Ann B", role="Manager"), 1))
    maple_door.organization.commit(UpdateUser(replace(ann, display="Ann C"), 2, was_active=True))
    assert maple_door.session(opened) is not None
    assert maple_door.found_link(link) is not None


def test_a_refused_deactivation_ends_nothing(maple_door: SignIn, ann: UserRow) -> None:
    opened, link = maple_door.open(ann), maple_door.link(ann)
    for change in (UpdateUser(replace(ann, active=False), 7), DeleteUser(ann.id, 7, NOON)):
        with pytest.raises(StaleVersion):
            maple_door.organization.commit(change)
    assert maple_door.session(opened) is not None
    assert maple_door.found_link(link) is not None


def test_a_deleted_person_has_no_session_link_or_password(
    maple_door: SignIn, installation: Installation, ann: UserRow
) -> None:
    maple = maple_door.organization
    opened, link = maple_door.open(ann), maple_door.link(ann)
    maple.commit(SetPassword(ann.id, "hash"))
    maple.commit(DeleteUser(ann.id, 1, NOON))
    assert maple_door.session(opened) is None
    assert maple_door.found_link(link) is None
    for table in ("session", "one_time_link", "password"):
        assert installation.fetch(f"SELECT * FROM {table} WHERE organization_id = $1", maple.id) == []


def test_sign_ins_and_deactivations_at_the_same_moment_leave_nobody_inside(
    maple_door: SignIn, installation: Installation
) -> None:
    maple = maple_door.organization
    people = [maple.add_user(f"racer {number}") for number in range(20)]
    opened: list[bytes] = []

    async def sign_in(user: UserRow) -> None:
        for _ in range(3):
            session = session_of(user.id)
            try:
                await maple.store.commit([OpenSession(session)], Facts())
            except StaleVersion:
                return
            opened.append(session.digest)

    async def race() -> None:
        leave = (maple.store.commit([UpdateUser(replace(user, active=False), 1)], Facts()) for user in people)
        await asyncio.gather(*leave, *(sign_in(user) for user in people), *(sign_in(user) for user in people))

    installation.run(race())
    assert [maple_door.session(each) for each in opened] == [None] * len(opened)
    for user in people:
        deactivate(maple, user, active=True, version=2)
    assert [maple_door.session(each) for each in opened] == [None] * len(opened)


def test_a_session_is_opened_by_the_password_that_is_stored_and_no_other(maple_door: SignIn, ann: UserRow) -> None:
    maple = maple_door.organization
    session = session_of(ann.id)
    with pytest.raises(StaleVersion):
        maple.commit(OpenSession(session, "first"))
    maple.commit(SetPassword(ann.id, "first"))
    with pytest.raises(StaleVersion):
        maple.commit(OpenSession(session, "second"), facts=Facts((fact(),)))
    assert maple_door.session(session.digest) is None
    assert maple.audit() == []
    maple.commit(OpenSession(session, "first"))
    assert maple_door.session(session.digest) is not None


def test_a_password_is_replaced_if_it_is_the_one_that_was_known(maple_door: SignIn, ann: UserRow) -> None:
    maple = maple_door.organization
    for unknown in (None, "first"):
        if unknown:
            maple.commit(SetPassword(ann.id, unknown))
        with pytest.raises(StaleVersion):
            maple.commit(SetPassword(ann.id, "second", replaces="another"), facts=Facts((fact(),)))
        assert maple.run(maple.store.find_password_hash(ann.id)) == unknown
    assert maple.audit() == []
    maple.commit(SetPassword(ann.id, "second", replaces="first"))
    assert maple.run(maple.store.find_password_hash(ann.id)) == "second"


def test_no_session_of_an_old_password_outlives_its_change(maple_door: SignIn, installation: Installation) -> None:
    maple = maple_door.organization
    people = [maple.add_user(f"changer {number}") for number in range(20)]
    for user in people:
        maple.commit(SetPassword(user.id, "old"))
    opened: list[bytes] = []

    async def sign_in(user: UserRow) -> None:
        for _ in range(3):
            session = session_of(user.id)
            try:
                await maple.store.commit([OpenSession(session, "old")], Facts())
            except StaleVersion:
                return
            opened.append(session.digest)

    async def race() -> None:
        change = (maple.store.commit([SetPassword(user.id, "new"), EndSessions(user.id)], Facts()) for user in people)
        await asyncio.gather(*(sign_in(user) for user in people), *change, *(sign_in(user) for user in people))

    installation.run(race())
    assert opened
    assert [maple_door.session(each) for each in opened] == [None] * len(opened)


# --- one-time links ---------------------------------------------------------------------------


def test_a_link_is_found_with_its_person_until_it_is_spent(maple_door: SignIn, ann: UserRow) -> None:
    maple = maple_door.organization
    link = link_of(ann.id)
    maple.commit(InsertLink(link))
    match = maple_door.found_link(link.digest)
    assert match is not None
    assert (match.link, match.user, match.organization.id) == (link, maple.user(ann.id), maple.id)
    maple.commit(SpendLink(link.digest), SetPassword(ann.id, "hash"))
    assert maple_door.found_link(link.digest) is None
    assert maple.run(maple.store.find_password_hash(ann.id)) == "hash"


def test_a_spent_link_changes_nothing_the_second_time(maple_door: SignIn, ann: UserRow) -> None:
    maple = maple_door.organization
    link = maple_door.link(ann)
    maple.commit(SpendLink(link), SetPassword(ann.id, "first"))
    with pytest.raises(StaleVersion):
        maple.commit(SpendLink(link), SetPassword(ann.id, "second"), facts=Facts((fact(),)))
    assert maple.run(maple.store.find_password_hash(ann.id)) == "first"
    assert maple.audit() == []


def test_a_new_link_replaces_the_earlier_one(maple_door: SignIn, ann: UserRow) -> None:
    first, second = maple_door.link(ann), maple_door.link(ann)
    assert maple_door.found_link(first) is None
    assert maple_door.found_link(second) is not None


def test_a_link_is_spent_once_however_many_try(maple_door: SignIn, ann: UserRow, installation: Installation) -> None:
    maple = maple_door.organization
    link = maple_door.link(ann)

    async def race() -> list[object]:
        tries = (maple.store.commit([SpendLink(link), SetPassword(ann.id, str(n))], Facts()) for n in range(10))
        return await asyncio.gather(*tries, return_exceptions=True)

    outcomes = installation.run(race())
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes if outcome is not None} == {StaleVersion}


# --- whom a sign-in may mean ------------------------------------------------------------------


def test_candidates_are_people_of_that_name_where_the_site_is_open(installation: Installation) -> None:
    maple, oak = installation.maple, installation.oak
    number = f"{abs(hash(maple.id)) % 10**12}"
    for organization in (maple, oak):
        organization.commit(InsertSite(SiteRecord(number, "Main", None, MORNING, None)))
        user = organization.add_user("twin")
        organization.commit(SetPassword(user.id, f"hash of {organization.id}"))
    find = installation.storage.accounts.find_candidates
    both = installation.run(find(number, "twin"))
    assert {(each.organization.id, each.password_hash) for each in both} == {
        (maple.id, f"hash of {maple.id}"),
        (oak.id, f"hash of {oak.id}"),
    }
    oak.commit(UpdateSite(SiteRecord(number, "Main", None, MORNING, NOON)))
    only = installation.run(find(number, "twin"))
    assert [each.organization.id for each in only] == [maple.id]
    assert only[0].user == maple.user(only[0].user.id)
    for site_number, name in ((number, "nobody"), ("77777", "twin"), ("\0", "twin"), (number, "\ud800")):
        assert list(installation.run(find(site_number, name))) == []


def test_a_candidate_may_be_inactive_or_without_a_password_but_not_deleted(
    maple: Organization, installation: Installation
) -> None:
    number = f"{abs(hash(maple.id)) % 10**12}"
    maple.commit(InsertSite(SiteRecord(number, "Main", None, MORNING, None)))
    inactive = maple.add_user("inactive", active=False)
    gone = maple.add_user("gone")
    maple.commit(DeleteUser(gone.id, 1, NOON))
    find = installation.storage.accounts.find_candidates
    (found,) = installation.run(find(number, "inactive"))
    assert (found.user.id, found.user.active, found.password_hash) == (inactive.id, False, None)
    assert list(installation.run(find(number, "gone"))) == []


# --- attempts ---------------------------------------------------------------------------------


def test_attempts_add_up_within_a_window_and_start_anew_after_it(maple_door: SignIn) -> None:
    name, source = digest(), digest()
    assert maple_door.count(name, source) == {name: (1, NOON), source: (1, NOON)}
    assert maple_door.count(name, at=EVENING) == {name: (2, NOON)}
    assert maple_door.attempts(name, source) == {name: (2, NOON), source: (1, NOON)}
    assert maple_door.count(name, at=EVENING, window_start=EVENING) == {name: (1, EVENING)}
    assert maple_door.attempts(source, window_start=EVENING) == {}


def test_forgiven_attempts_are_cleared_or_taken_back(maple_door: SignIn) -> None:
    name, source = digest(), digest()
    for _ in range(3):
        maple_door.count(name, source)
    maple_door.run(maple_door.accounts.keep(ForgiveAttempts((name,), (source,))))
    assert maple_door.attempts(name, source) == {source: (2, NOON)}
    maple_door.run(maple_door.accounts.keep(ForgiveAttempts((b"",), (b"",))))
    for _ in range(5):
        maple_door.run(maple_door.accounts.keep(ForgiveAttempts((name,), (source,))))
    assert maple_door.attempts(source) == {source: (0, NOON)}


def test_attempts_at_the_same_moment_are_all_counted(maple_door: SignIn, installation: Installation) -> None:
    name, source = digest(), digest()

    async def rush() -> None:
        keys = [(name, source), (source, name)]
        tries = (maple_door.accounts.keep(CountAttempts(keys[n % 2], NOON, MORNING)) for n in range(30))
        await asyncio.gather(*tries)

    installation.run(rush())
    assert maple_door.attempts(name, source) == {name: (30, NOON), source: (30, NOON)}


def test_what_has_expired_is_forgotten(maple_door: SignIn, ann: UserRow) -> None:
    bob = maple_door.organization.add_user("bob")
    idle = maple_door.open(ann, created_at=NOON, last_seen_at=MORNING)
    old = maple_door.open(ann, created_at=MORNING, last_seen_at=EVENING)
    fresh = maple_door.open(ann, created_at=NOON, last_seen_at=NOON)
    late, valid = maple_door.link(ann, expires_at=MORNING), maple_door.link(bob, expires_at=EVENING)
    counted, recent = digest(), digest()
    maple_door.count(counted, at=MORNING, window_start="")
    maple_door.count(recent)
    maple_door.run(
        maple_door.accounts.keep(
            ForgetExpired(seen_before=NOON, made_before=NOON, expired_before=NOON, counted_before=NOON)
        )
    )
    assert [maple_door.session(each) is None for each in (idle, old, fresh)] == [True, True, False]
    assert [maple_door.found_link(each) is None for each in (late, valid)] == [True, False]
    assert maple_door.attempts(counted, recent, window_start="") == {recent: (1, NOON)}
