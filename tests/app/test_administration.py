"""Organizations, sites, tokens and local people, each with its audit fact."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from mdscripts.app.administration import Administration
from mdscripts.app.authentication import Authenticator
from mdscripts.app.call import Actor, Scribe
from mdscripts.app.local_people import LocalPeople, NewPerson
from mdscripts.app.ports import AuditFact, NoLongerManager
from mdscripts.app.provisioning import Directory
from mdscripts.app.refused import NameTaken, NotFoundHere
from mdscripts.app.site_book import SiteBook
from mdscripts.domain.credentials import parse_token
from mdscripts.domain.passwords import verify_password
from mdscripts.domain.violations import RuleViolation
from mdscripts.machine import SystemClock, TimeOrderedIds
from mdscripts.scim.errors import InvalidValue, Uniqueness
from mdscripts.storage import DatabaseStorage, open_storage
from mdscripts.telemetry import LogAlarm

MAPLE = "maple-street-clinic"
MARIA = NewPerson("Maria@maple.example", "Maria", "Reyes", role="Manager", site_numbers=("00101",))


@dataclass
class Office:
    storage: DatabaseStorage
    administration: Administration
    people: LocalPeople

    async def facts(self, slug: str = MAPLE) -> Sequence[AuditFact]:
        organization = await self.administration.find_organization(slug)
        store = self.storage.for_organization(organization.id)
        return [record.fact for record in await store.list_audit()]


@asynccontextmanager
async def open_office(url: str) -> AsyncIterator[Office]:
    storage = await open_storage(url)
    clock = SystemClock()
    scribe = Scribe(clock, TimeOrderedIds(), LogAlarm())
    sites = SiteBook()
    administration = Administration(storage, scribe, Authenticator(storage, clock, "help@clinic.example"), sites)
    people = LocalPeople(storage, Directory(storage, scribe, sites), scribe, "MDScripts")
    try:
        yield Office(storage, administration, people)
    finally:
        await storage.close()


def play(url: str, scene: Callable[[Office], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with open_office(url) as office:
            await office.administration.create_organization("Maple Street Clinic")
            await office.administration.create_site(MAPLE, "00101", "Main Street")
            await scene(office)

    asyncio.run(whole())


def changed(fact: AuditFact) -> dict[str, tuple[object, object]]:
    return {change["attribute"]: (change["old"], change["new"]) for change in json.loads(fact.changes)}


def test_an_organization_starts_without_the_okta_scim_feature(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        made = await office.administration.find_organization(MAPLE)
        assert (made.name, made.okta_scim_enabled) == ("Maple Street Clinic", False)
        fact = (await office.facts())[0]
        assert (fact.action, fact.actor, fact.source, fact.outcome, fact.status) == (
            "organization.created",
            "cli",
            "cli",
            "changed",
            201,
        )
        assert changed(fact)["slug"] == (None, MAPLE)

    play(sqlite_url, scene)


def test_two_organizations_cannot_share_a_slug(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        with pytest.raises(NameTaken, match="slug maple-street-clinic exists already"):
            await office.administration.create_organization("Maple  Street – Clinic!")
        assert len(await office.administration.list_organizations()) == 1

    play(sqlite_url, scene)


def test_the_feature_is_switched_with_one_fact_per_change(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        for enabled in (True, True, False, False):
            switched = await office.administration.switch_okta_scim(MAPLE, enabled=enabled)
            assert switched.okta_scim_enabled is enabled
        actions = [fact.action for fact in await office.facts()][2:]
        assert actions == ["organization.okta_scim_enabled", "organization.okta_scim_disabled"]

    play(sqlite_url, scene)


def test_a_site_is_created_renamed_and_closed(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        administration = office.administration
        made = await administration.create_site(MAPLE, "00102", "Riverside", time_zone="us/eastern")
        assert (made.number, made.time_zone, made.closed_at) == ("00102", "US/Eastern", None)
        assert (await administration.rename_site(MAPLE, "00102", "Riverside Annex")).name == "Riverside Annex"
        closed = await administration.close_site(MAPLE, "00102")
        assert closed.closed_at is not None
        assert await administration.close_site(MAPLE, "00102") == closed
        assert [site.number for site in await administration.list_sites(MAPLE)] == ["00101", "00102"]
        facts = (await office.facts())[2:]
        assert [fact.action for fact in facts] == ["site.created", "site.renamed", "site.closed"]
        assert changed(facts[1]) == {"name": ("Riverside", "Riverside Annex")}
        assert {fact.target_id for fact in facts} == {"00102"}

    play(sqlite_url, scene)


REFUSED_SITES = {
    "a taken number": (("00101", "Again", None), NameTaken, "has a site 00101 already"),
    "letters": (("A0101", "Main", None), RuleViolation, "exactly 5 digits"),
    "no name": (("00103", " ", None), RuleViolation, "is empty"),
    "no time zone": (("00103", "Main", "US/Nowhere"), RuleViolation, "not in the time zone database"),
}


@pytest.mark.parametrize(("values", "error", "reason"), REFUSED_SITES.values(), ids=REFUSED_SITES)
def test_it_refuses_a_site_with(
    values: tuple[str, str, str | None], error: type[Exception], reason: str, sqlite_url: str
) -> None:
    async def scene(office: Office) -> None:
        number, name, time_zone = values
        with pytest.raises(error, match=reason):
            await office.administration.create_site(MAPLE, number, name, time_zone=time_zone)
        assert len(await office.administration.list_sites(MAPLE)) == 1
        assert len(await office.facts()) == 2

    play(sqlite_url, scene)


def test_of_a_token_only_a_hash_and_four_characters_are_kept(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        issued = await office.administration.issue_token(MAPLE, "Okta", client="entra", expires_in_days=30)
        (stored,) = await office.administration.list_tokens(MAPLE)
        assert stored == issued.credential
        secret = parse_token(issued.text).secret
        assert stored.secret_sha256 == hashlib.sha256(secret.encode()).digest()
        assert (stored.client, stored.last_four, stored.created_by) == ("entra", issued.text[-4:], "cli")
        assert stored.expires_at is not None
        assert stored.expires_at > stored.created_at
        assert secret not in repr(await office.facts())

    play(sqlite_url, scene)
    with open(sqlite_url.removeprefix("sqlite:///"), "rb") as file:
        assert b"mds_scim_" not in file.read()


def test_several_tokens_live_until_each_is_revoked(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        administration = office.administration
        maria = await office.people.create(await administration.find_organization(MAPLE), MARIA)
        by = Actor(f"user:{maria.id}", "r-9", "10.0.0.7")
        old = await administration.issue_token(MAPLE, "old")
        new = await administration.issue_token(MAPLE, "new")
        revoked = await administration.revoke_token(MAPLE, old.credential.key_id, by=by)
        assert revoked.revoked_at is not None
        assert await administration.revoke_token(MAPLE, old.credential.key_id) == revoked
        live = [token.label for token in await administration.list_tokens(MAPLE) if token.revoked_at is None]
        assert live == ["new"]
        fact = (await office.facts())[-1]
        assert (fact.action, fact.target_id, fact.target_name) == ("token.revoked", old.credential.key_id, "old")
        assert (fact.actor, fact.request_id, fact.source) == (by.name, "r-9", "10.0.0.7")
        assert new.text != old.text

    play(sqlite_url, scene)


def test_who_is_no_manager_any_more_changes_nothing(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        organization = await office.administration.find_organization(MAPLE)
        maria = await office.people.create(organization, MARIA)
        by = Actor(f"user:{maria.id}")
        await office.people.deactivate(organization, maria.id)
        before = await office.facts()
        for change in (
            office.administration.issue_token(MAPLE, "late", by=by),
            office.administration.close_site(MAPLE, "00101", by=by),
            office.people.create(organization, NewPerson("late@maple.example", "Lee", "Ray"), by=by),
        ):
            with pytest.raises(NoLongerManager):
                await change
        assert await office.facts() == before

    play(sqlite_url, scene)


def test_what_does_not_exist_is_named(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        administration = office.administration
        await administration.create_organization("Oak Street Clinic", slug="oak")
        foreign = await administration.issue_token("oak", "theirs")
        calls = {
            "no organization with the slug 'elm'": administration.list_sites("elm"),
            "has no site '99999'": administration.rename_site(MAPLE, "99999", "x"),
            f"has no token with the id '{foreign.credential.key_id}'": administration.revoke_token(
                MAPLE, foreign.credential.key_id
            ),
        }
        for reason, call in calls.items():
            with pytest.raises(NotFoundHere, match=reason):
                await call
        (untouched,) = await administration.list_tokens("oak")
        assert untouched.revoked_at is None

    play(sqlite_url, scene)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"client": "gsuite"}, "okta, entra, generic"),
        ({"expires_in_days": 0}, "1 to 3650"),
        ({"label": ""}, "label is empty"),
    ],
)
def test_it_refuses_a_token_nobody_could_use(options: dict[str, object], reason: str, sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        with pytest.raises(RuleViolation, match=reason):
            await office.administration.issue_token(MAPLE, **({"label": "Okta"} | options))  # type: ignore[arg-type]
        assert len(await office.administration.list_tokens(MAPLE)) == 0

    play(sqlite_url, scene)


# --- local people -----------------------------------------------------------------------------


def test_a_manager_made_here_has_names_and_a_work_email(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        organization = await office.administration.find_organization(MAPLE)
        record = await office.people.create(organization, MARIA)
        body = json.loads(record.body)
        assert body["userName"] == "Maria@maple.example"
        assert body["name"] == {"givenName": "Maria", "familyName": "Reyes"}
        assert body["emails"] == [{"value": "Maria@maple.example", "type": "work", "primary": True}]
        assert body["active"] is True
        extension = body["urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"]
        assert (extension["role"], extension["siteNumbers"]) == ("Manager", "00101")
        fact = (await office.facts())[-1]
        assert (fact.action, fact.actor, fact.client) == ("user.created", "cli", "local")

    play(sqlite_url, scene)


def test_people_made_here_obey_the_rules_of_the_practice(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        organization = await office.administration.find_organization(MAPLE)
        with pytest.raises(InvalidValue, match=r"99999.*\[SI-06\]"):
            await office.people.create(organization, NewPerson("a@b.example", "A", "B", site_numbers=("99999",)))
        with pytest.raises(InvalidValue, match=r"\[NPI-05\]"):
            await office.people.create(organization, NewPerson("a@b.example", "Ann", "Bo", npi="1234567890"))
        await office.people.create(organization, MARIA)
        with pytest.raises(Uniqueness, match=r"\[UN-10\]"):
            await office.people.create(organization, NewPerson("MARIA@maple.example", "Mary", "Other"))
        assert len([record async for record in office.people.list(organization)]) == 1

    play(sqlite_url, scene)


def test_a_person_is_found_by_name_or_id_and_only_in_the_own_organization(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        maple = await office.administration.find_organization(MAPLE)
        oak = await office.administration.create_organization("Oak Street Clinic", slug="oak")
        made = await office.people.create(maple, MARIA)
        assert (await office.people.find(maple, "maria@MAPLE.example")).id == made.id
        assert (await office.people.find(maple, made.id)).id == made.id
        for name in ("maria@maple.example", made.id):
            with pytest.raises(NotFoundHere, match="oak has no user"):
                await office.people.find(oak, name)

    play(sqlite_url, scene)


def test_deactivating_and_reactivating_keeps_the_person(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        organization = await office.administration.find_organization(MAPLE)
        made = await office.people.create(organization, MARIA)
        gone = await office.people.deactivate(organization, "maria@maple.example")
        assert (gone.id, gone.active) == (made.id, False)
        back = await office.people.reactivate(organization, made.id)
        assert (back.id, back.active) == (made.id, True)
        assert json.loads(back.body) == json.loads(made.body)
        assert [fact.action for fact in await office.facts()][-2:] == ["user.deactivated", "user.reactivated"]

    play(sqlite_url, scene)


def test_everybody_is_listed_however_many_pages_that_takes(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mdscripts.app import local_people

    monkeypatch.setattr(local_people, "_PAGE", 3)

    async def scene(office: Office) -> None:
        organization = await office.administration.find_organization(MAPLE)
        ids = []
        for number in range(9):
            person = NewPerson(f"person-{number}@maple.example", "Ann", "Boyle")
            ids.append((await office.people.create(organization, person)).id)
        await office.people.deactivate(organization, ids[4])
        assert [record.id async for record in office.people.list(organization)] == ids

    play(sqlite_url, scene)


def test_a_password_is_checked_hashed_and_replaced(sqlite_url: str) -> None:
    async def scene(office: Office) -> None:
        organization = await office.administration.find_organization(MAPLE)
        weak = NewPerson("x@maple.example", "Xavier", "Yang", password="Maple-Street-Clinic-1")
        with pytest.raises(RuleViolation, match="words that are tried first"):
            await office.people.create(organization, weak)
        strong = NewPerson("x@maple.example", "Xavier", "Yang", password="the violet tractor sings")
        made = await office.people.create(organization, strong)
        store = office.storage.for_organization(organization.id)
        first = await store.find_password_hash(made.id)
        assert verify_password("the violet tractor sings", first)
        assert "tractor" not in made.body
        await office.people.set_password(organization, made.id, "nine lanterns hover low")
        assert verify_password("nine lanterns hover low", await store.find_password_hash(made.id))
        fact = (await office.facts())[-1]
        assert (fact.action, fact.changes) == ("user.password_set", "[]")

    play(sqlite_url, scene)
