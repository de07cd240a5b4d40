"""Lists of people: by effective role and site, by what is worth a look; who is the last manager."""

import itertools
from dataclasses import dataclass, field

import pytest

from mdscripts.app.access import Access
from mdscripts.app.call import OPERATOR
from mdscripts.app.grants import Grants
from mdscripts.app.person import Person
from mdscripts.app.ports import Facts as NoFacts
from mdscripts.app.ports import OrganizationRecord, StaleVersion, UpdateRemarks, UserRecord
from mdscripts.app.remarks import Remarks, kept_remarks
from mdscripts.app.roster import Roster
from mdscripts.app.roster_filter import RosterQuestion
from tests.app.conftest import EXT, Office, person

from .test_access import push

NPI = "1234567893"


@dataclass
class Clinic:
    """A clinic with its roster."""

    office: Office
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        storage = self.office.storage
        found = self.office.run(storage.find_organization_by_slug("sunrise"))
        assert found is not None
        self.sunrise: OrganizationRecord = found
        self.grants = Grants(storage, self.office.scribe)
        self.access = Access(storage)
        self.roster = Roster(storage, self.office.directory, storage.roster, self.access)
        self.remarks = Remarks(storage, storage.roster)

    def add(self, login: str, role: str = "Assistant", sites: str = "00101", **ext: object) -> UserRecord:
        user = self.office.create(person(login, ext={"role": role, "siteNumbers": sites, **ext}))
        self.names[user.id] = login
        return user

    def found(self, **question: object) -> list[str]:
        """The logins that a question finds, in order; the total must agree."""
        asked = RosterQuestion(**question)  # type: ignore[arg-type]
        findings = self.office.run(self.roster.search(self.sunrise, asked, by=OPERATOR, count=50))
        assert findings.page.total == len(findings.people)
        return [self.names[each.id] for each in findings.people]

    def everybody(self) -> list[Person]:
        asked = RosterQuestion()
        return list(self.office.run(self.roster.search(self.sunrise, asked, by=OPERATOR, count=200)).people)

    def remarked(self) -> dict[str, tuple[str, ...]]:
        """What there is to say, by login."""
        sites = self.office.run(self.office.storage.for_organization(self.sunrise.id).list_sites())
        said = self.office.run(self.remarks.of(self.sunrise, self.everybody(), sites))
        return {self.names[user_id]: remarks for user_id, remarks in said.items()}


@pytest.fixture
def clinic(office: Office) -> Clinic:
    return Clinic(office)


def test_role_and_site_filters_agree_with_effective_access_whatever_the_groups_grant(clinic: Clinic) -> None:
    users = [
        clinic.add(f"p{number:02}", "Manager" if number % 2 else "Assistant", ("", "00101", "00102")[number % 3])
        for number in range(16)
    ]
    grants = (("Manager", ()), ("Assistant", ("00102",)), (None, ("20017", "00101")), ("Manager", ("00102",)))
    for bit, (role, sites) in enumerate(grants):
        members = [user.id for number, user in enumerate(users) if number >> bit & 1]
        push(clinic.office, f"group {bit}", *members)
        clinic.office.run(clinic.grants.set(clinic.sunrise, f"group {bit}", role=role, site_numbers=sites))
    for order in itertools.islice(itertools.permutations(range(4)), 0, 24, 5):
        for place, bit in enumerate(order, start=1):
            clinic.office.run(clinic.grants.move(clinic.sunrise, f"group {bit}", place))
        people = clinic.everybody()
        for role in ("Manager", "Assistant"):
            assert clinic.found(role=role) == [clinic.names[each.id] for each in people if each.role == role]
        for site in ("00101", "00102", "20017"):
            assert clinic.found(site=site) == [clinic.names[each.id] for each in people if site in each.site_numbers]
        both = [clinic.names[each.id] for each in people if each.is_manager and "00102" in each.site_numbers]
        assert clinic.found(role="Manager", site="00102") == both


def test_who_may_use_no_other_site_is_found_also_among_very_many_sites(clinic: Clinic) -> None:
    clinic.add("ann", sites="00101")
    clinic.add("bob", sites="00101,00102")
    carol = clinic.add("carol", sites="00101")
    push(clinic.office, "Floaters", carol.id)
    clinic.office.run(clinic.grants.set(clinic.sunrise, "Floaters", site_numbers=("20017",)))
    many = tuple(f"{number:05}" for number in range(30_000, 32_000))
    assert clinic.found(site="00101", without_sites=("00102", "20017", *many)) == ["ann"]
    assert clinic.found(site="00101", without_sites=(*many, "20017")) == ["ann", "bob"]
    assert clinic.found(site="00101", without_sites=()) == ["ann", "bob", "carol"]


def test_a_closed_site_is_that_of_whoever_lists_it(clinic: Clinic) -> None:
    member = clinic.add("ann", sites="00102")
    clinic.add("bob", sites="20017")
    push(clinic.office, "Floaters", member.id)
    clinic.office.run(clinic.grants.set(clinic.sunrise, "Floaters", site_numbers=("20017",)))
    assert clinic.found(site="20017") == ["ann", "bob"]
    clinic.office.close_site("20017")
    assert clinic.found(site="20017") == ["bob"]


def test_who_is_the_last_manager_follows_from_effective_roles(clinic: Clinic) -> None:
    ann, bob = clinic.add("ann", "Manager"), clinic.add("bob")

    def last() -> list[str]:
        return [
            clinic.names[each.id]
            for each in clinic.everybody()
            if clinic.office.run(clinic.roster.is_last_manager(clinic.sunrise, each))
        ]

    assert last() == ["ann"]
    push(clinic.office, "Leads", bob.id)
    clinic.office.run(clinic.grants.set(clinic.sunrise, "Leads", role="Manager"))
    assert last() == []
    push(clinic.office, "Front Desk", ann.id)
    clinic.office.run(clinic.grants.set(clinic.sunrise, "Front Desk", role="Assistant"))
    assert last() == ["bob"]


def test_what_is_worth_a_look_is_found_whichever_way_it_arises(clinic: Clinic) -> None:
    provider = {"isProvider": True, "npi": NPI}
    clinic.add("fine")
    assert clinic.found(remarked=True) == []
    nowhere = clinic.add("nowhere", sites="")
    clinic.add("here", sites="20017")
    first, second = clinic.add("one", **provider), clinic.add("two", **provider)
    assert clinic.found(remarked=True) == ["nowhere", "one", "two"] == sorted(clinic.remarked())
    clinic.office.close_site("20017")
    assert clinic.found(remarked=True) == ["here", "nowhere", "one", "two"] == sorted(clinic.remarked())
    clinic.office.patch(second, {"op": "replace", "path": "active", "value": False})
    clinic.office.patch(nowhere, {"op": "replace", "path": f"{EXT}:siteNumbers", "value": "00101"})
    assert clinic.found(remarked=True) == ["here"] == sorted(clinic.remarked())
    clinic.office.patch(second, {"op": "replace", "path": "active", "value": True})
    assert clinic.found(remarked=True) == ["here", "one", "two"]
    clinic.office.delete(first)
    assert clinic.found(remarked=True) == ["here"] == sorted(clinic.remarked())


def test_a_change_that_no_rule_reads_keeps_what_the_rules_say(clinic: Clinic) -> None:
    user = clinic.add("nowhere", sites="")
    clinic.office.patch(user, {"op": "replace", "path": "title", "value": "Nurse"})
    clinic.office.patch(user, {"op": "replace", "path": "active", "value": False})
    assert clinic.found(remarked=True) == ["nowhere"]


def test_what_is_kept_at_creation_is_what_an_examination_says(clinic: Clinic) -> None:
    provider = {"isProvider": True, "npi": NPI}
    clinic.add("fine")
    clinic.add("nowhere", sites="")
    clinic.add("dea", **provider, deaLicense="BS6011225")
    clinic.add("assistant", **provider, isPhysicianAssistant=True, deaLicense="BS6011225")
    clinic.office.create(person("zone", timezone="Etc/GMT+5"))
    clinic.office.create({**person("noaddress"), "userName": "noaddress"})
    people = clinic.everybody()
    kept = clinic.office.run(clinic.office.storage.roster.kept_remarks(clinic.sunrise.id, [each.id for each in people]))
    assert {each.id: kept_remarks(each.flat) for each in people} == kept
    assert {"W-SI1", "W-UN1", "W-TZ1", "W-DEA1", "W-DEA2"} <= {rule for text in kept.values() for rule in text.split()}


def test_an_examination_finds_whom_earlier_rules_said_nothing_about(clinic: Clinic) -> None:
    store = clinic.office.storage.for_organization(clinic.sunrise.id)
    users = [clinic.add("nowhere", sites=""), clinic.add("fine")]
    for user, remarks in zip(users, ("", "OLD-1"), strict=True):
        clinic.office.run(store.commit([UpdateRemarks(user.id, remarks, user.version)], NoFacts()))
    assert clinic.found(remarked=True) == ["fine"]
    before = [clinic.office.read(user) for user in users]
    assert clinic.office.run(clinic.remarks.examine_installation()) == 2
    assert clinic.found(remarked=True) == ["nowhere"]
    assert [clinic.office.read(user) for user in users] == before
    assert clinic.office.run(clinic.remarks.examine_installation()) == 0
    with pytest.raises(StaleVersion):
        clinic.office.run(store.commit([UpdateRemarks(users[0].id, "", users[0].version + 1)], NoFacts()))
