"""Groups grant a role and sites; what people may do follows from it, and from nothing that is stored."""

import asyncio
import random
from typing import Any

import orjson
import pytest

from mdscripts.app.access import Access
from mdscripts.app.call import Actor
from mdscripts.app.grants import Grants
from mdscripts.app.ports import AuditFact, OrganizationRecord
from mdscripts.app.refused import NotFoundHere
from mdscripts.domain.access import EffectiveAccess
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.errors import NotFound

from .conftest import EXT, Office, person
from .test_groups import PATCH_OP, patch, push


class Clinic:
    """The office with its groups, grants and access."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.access = Access(office.storage)
        self.grants = Grants(office.storage, office.scribe)
        self.sunrise = self.organization(office.sunrise)

    def organization(self, organization_id: str) -> OrganizationRecord:
        return self.office.run(self.office.storage.for_organization(organization_id).find_organization())

    def user(self, login: str, role: str = "Assistant", sites: str = "") -> str:
        return self.office.create(person(login, ext={"role": role, "siteNumbers": sites})).id

    def of(self, user_id: str) -> EffectiveAccess:
        return self.office.run(self.access.of(self.office.sunrise, user_id))

    def shown(self, user_id: str) -> tuple[str, str, dict[str, str]]:
        found = self.of(user_id)
        return found.role, str(found.role_source), {site.number: str(site.source) for site in found.sites}

    def grant(self, group: str, role: str | None = None, *sites: str, position: int | None = None) -> int:
        work = self.grants.set(self.sunrise, group, role=role, site_numbers=sites, position=position)
        return self.office.run(work).people_changed

    def remove(self, group: str) -> int:
        return self.office.run(self.grants.remove(self.sunrise, group)).people_changed

    def join(self, group_id: str, *users: str) -> None:
        patch(self.office, group_id, {"op": "add", "path": "members", "value": [{"value": user} for user in users]})

    def leave(self, group_id: str, *users: str) -> None:
        patch(self.office, group_id, {"op": "remove", "path": "members", "value": [{"value": u} for u in users]})

    def facts(self, action: str) -> list[AuditFact]:
        return [fact for fact in self.office.facts() if fact.action == action]

    def changes(self) -> list[tuple[str, list[Any]]]:
        return [(fact.target_id, orjson.loads(fact.changes)) for fact in self.facts("user.access_changed")]


@pytest.fixture
def clinic(office: Office) -> Clinic:
    return Clinic(office)


def role_change(old: str, new: str) -> dict[str, str]:
    return {"attribute": "access.role", "old": old, "new": new}


def test_the_first_grant_that_names_a_role_decides_and_sites_add_up(clinic: Clinic) -> None:
    ann = clinic.user("ann", "Manager", "00101,00102")
    front, doctors = push(clinic.office, "Front Desk", ann), push(clinic.office, "Doctors", ann)
    assert clinic.shown(ann) == ("Manager", "direct", {"00101": "direct", "00102": "direct"})
    assert clinic.grant("Doctors", None, "20017", "00101") == 1
    assert clinic.grant("front desk", "Assistant", position=1) == 1
    sites = {"00101": "direct", "00102": "direct", "20017": "group Doctors"}
    assert clinic.shown(ann) == ("Assistant", "group Front Desk", sites)
    assert [str(source) for source in clinic.of(ann).sites[0].sources] == ["direct", "group Doctors"]
    assert clinic.grant(doctors, "Manager", "20017") == 0
    assert clinic.shown(ann)[0] == "Assistant"
    assert clinic.office.run(clinic.grants.move(clinic.sunrise, doctors, 1)).people_changed == 1
    clinic.office.run(clinic.grants.move(clinic.sunrise, front, 1))
    assert clinic.shown(ann)[:2] == ("Assistant", "group Front Desk")
    clinic.leave(front, ann)
    assert clinic.shown(ann)[:2] == ("Manager", "group Doctors")


def test_closed_sites_give_no_access(clinic: Clinic) -> None:
    ann = clinic.user("ann", sites="00101")
    push(clinic.office, "Doctors", ann)
    clinic.grant("Doctors", None, "00102", "20017")
    clinic.office.close_site("00101")
    clinic.office.close_site("20017")
    assert clinic.of(ann).site_numbers == ("00102",)


def test_a_grant_never_becomes_one_of_the_persons_own_values(clinic: Clinic) -> None:
    ann = clinic.office.create(person("ann", ext={"siteNumbers": "00101"}))
    push(clinic.office, "Doctors", ann.id)
    before = clinic.office.read(ann)
    clinic.grant("Doctors", "Manager", "00102")
    shown = clinic.office.read(ann)
    assert shown == before
    assert shown[EXT] == before[EXT] == {**before[EXT], "role": "Assistant", "siteNumbers": "00101"}
    clinic.office.put(ann, shown)
    assert clinic.office.read(ann) == before
    assert clinic.remove("Doctors") == 1
    assert clinic.shown(ann.id) == ("Assistant", "direct", {"00101": "direct"})


def test_each_way_to_lose_a_grant_falls_back_to_the_own_values(clinic: Clinic) -> None:
    users = [clinic.user(login) for login in ("ann", "bob")]
    group = push(clinic.office, "Doctors", *users)
    ways = (
        lambda: clinic.leave(group, *users),
        lambda: clinic.remove("Doctors"),
        lambda: clinic.office.run(clinic.office.groups.delete(clinic.office.call(), group)),
    )
    for lose in ways:
        clinic.grant("Doctors", "Manager", "00101")
        clinic.join(group, *users)
        assert clinic.of(users[1]).is_manager
        lose()
        assert [clinic.shown(user) for user in users] == [("Assistant", "direct", {})] * 2
        lost = [(user, changes) for user, changes in clinic.changes()[-2:]]
        sites = {"attribute": "access.sites", "old": ["00101"], "new": []}
        assert sorted(lost) == sorted((user, [role_change("Manager", "Assistant"), sites]) for user in users)


def test_a_change_of_access_is_recorded_with_the_change_that_made_it(clinic: Clinic) -> None:
    ann, bob = clinic.user("ann"), clinic.user("bob", "Manager")
    group = push(clinic.office, "Doctors")
    clinic.grant("Doctors", "Manager")
    clinic.join(group, ann, bob)
    fact = clinic.facts("user.access_changed")[0]
    cause = clinic.facts("group.members_changed")[0]
    assert (fact.target_id, fact.target_name, fact.detail) == (ann, "ann@clinic.example", "Through the group Doctors.")
    assert (fact.request_id, fact.actor, fact.at) == (cause.request_id, cause.actor, cause.at)
    assert clinic.changes() == [(ann, [role_change("Assistant", "Manager")])]


def test_for_very_many_people_there_is_one_fact_with_their_number(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mdscripts.app.access_watch.FACTS_MAX", 2)
    push(clinic.office, "Doctors", *(clinic.user(login) for login in ("ann", "bob", "cy")))
    assert clinic.grant("Doctors", "Manager") == 3
    assert clinic.changes() == []
    (fact,) = clinic.facts("group.access_changed")
    assert orjson.loads(fact.changes) == [{"attribute": "people", "old": None, "new": 3}]


def test_every_change_of_a_grant_is_recorded_and_none_that_changes_nothing(clinic: Clinic) -> None:
    push(clinic.office, "Doctors")
    push(clinic.office, "Nurses")
    clinic.grant("Doctors", "Manager", "00101")
    clinic.grant("Doctors", "Manager", "00101")
    clinic.grant("Nurses", "Assistant")
    clinic.office.run(clinic.grants.move(clinic.sunrise, "Nurses", 1))
    clinic.remove("Nurses")
    clinic.remove("Nurses")
    recorded = [
        (fact.action, {change["attribute"]: change["new"] for change in orjson.loads(fact.changes)})
        for fact in clinic.office.facts()
        if fact.action.startswith("group.grant")
    ]
    assert recorded == [
        ("group.grant_set", {"grant.role": "Manager", "grant.sites": ["00101"], "grant.position": 1}),
        ("group.grant_set", {"grant.role": "Assistant", "grant.position": 2}),
        ("group.grant_moved", {"grant.position": 1}),
        ("group.grant_removed", {"grant.role": None, "grant.position": None}),
    ]


def test_the_last_manager_by_a_group_is_told_of(clinic: Clinic) -> None:
    ann = clinic.office.create(person("ann"))
    group = push(clinic.office, "Doctors", ann.id)
    clinic.grant("Doctors", "Manager")
    bob = clinic.user("bob", "Manager")
    clinic.leave(group, ann.id)
    assert "RO-08" not in clinic.facts("user.access_changed")[-1].rules
    clinic.join(group, ann.id)
    clinic.office.run(clinic.office.directory.delete(clinic.office.call(), bob))
    assert "RO-08" not in clinic.office.facts()[-1].rules
    clinic.leave(group, ann.id)
    assert "RO-08" in clinic.facts("user.access_changed")[-1].rules
    clinic.join(group, ann.id)
    clinic.office.patch(ann, {"op": "replace", "value": {"active": False}})
    assert "RO-08" in clinic.office.facts()[-1].rules


def test_of_groups_left_at_the_same_moment_exactly_one_takes_the_role_away(clinic: Clinic) -> None:
    """Okta takes somebody who leaves out of all groups at once; the loss must be recorded, once."""
    office, users = clinic.office, [clinic.user(f"u{number}") for number in range(8)]
    groups = [push(office, name, *users) for name in ("Doctors", "Owners", "Partners")]
    for group in groups:
        clinic.grant(group, "Manager")
    body = {"schemas": [PATCH_OP], "Operations": []}

    async def leave_all() -> None:
        calls = []
        for user in users:
            removal = {**body, "Operations": [{"op": "remove", "path": f'members[value eq "{user}"]'}]}
            calls += [office.groups.patch(office.call(), group, removal, with_members=False) for group in groups]
        await asyncio.gather(*calls)

    office.run(leave_all())
    lost = [user for user, changes in clinic.changes() if changes == [role_change("Manager", "Assistant")]]
    assert sorted(lost) == sorted(users)
    assert not any(clinic.of(user).is_manager for user in users)


def test_what_cannot_be_granted_is_refused_with_a_reason(clinic: Clinic) -> None:
    push(clinic.office, "Doctors")
    for role, sites, said in (
        (None, (), "must grant a role, sites or both"),
        ("Owner", (), "role 'Owner' is not known"),
        (None, ("55555",), "not found in your organization: 55555"),
        (None, ("101",), "Did you mean 00101"),
        ("Manager", ("00900",), "cannot grant closed sites: 00900"),
    ):
        with pytest.raises(RuleViolation, match=said):
            clinic.grant("Doctors", role, *sites)
    with pytest.raises(RuleViolation, match="count from 1"):
        clinic.grant("Doctors", "Manager", position=0)
    with pytest.raises(NotFoundHere, match="Did you mean 'Doctors'"):
        clinic.grant("Doctor", "Manager")
    with pytest.raises(NotFoundHere, match="grants nothing"):
        clinic.office.run(clinic.grants.move(clinic.sunrise, "Doctors", 1))


def test_many_who_map_groups_at_the_same_moment_all_get_through(clinic: Clinic) -> None:
    groups = [push(clinic.office, f"Group {number}") for number in range(25)]

    async def race() -> list[object]:
        tries = (clinic.grants.set(clinic.sunrise, group, role="Assistant") for group in groups)
        return await asyncio.gather(*tries, return_exceptions=True)

    assert [each for each in clinic.office.run(race()) if isinstance(each, BaseException)] == []
    listed = clinic.office.run(clinic.grants.list(clinic.sunrise))
    assert {grant.group_id for grant in listed} == {*groups}
    assert [grant.position for grant in listed] == [*range(1, 26)]


def test_a_manager_cannot_take_the_role_from_themselves_but_another_one_can(clinic: Clinic) -> None:
    ann, ben = clinic.user("ann", "Manager"), clinic.user("ben", "Manager")
    group = push(clinic.office, "Front Desk", ann)
    lesser = clinic.grants.set(clinic.sunrise, group, role="Assistant", by=Actor(f"user:{ann}"))
    with pytest.raises(RuleViolation, match="another manager"):
        clinic.office.run(lesser)
    assert clinic.facts("group.grant_set") == []
    assert clinic.shown(ann)[0] == "Manager"
    clinic.office.run(clinic.grants.set(clinic.sunrise, group, role="Assistant", by=Actor(f"user:{ben}")))
    assert clinic.shown(ann)[0] == "Assistant"


def test_a_manager_by_a_group_cannot_take_that_groups_mapping_away(clinic: Clinic) -> None:
    cleo = clinic.user("cleo")
    managers, front = push(clinic.office, "Managers", cleo), push(clinic.office, "Front Desk", cleo)
    clinic.grant(managers, "Manager")
    clinic.grant(front, "Assistant")
    cleos = Actor(f"user:{cleo}")
    for work in (
        clinic.grants.remove(clinic.sunrise, managers, by=cleos),
        clinic.grants.move(clinic.sunrise, front, 1, by=cleos),
        clinic.grants.set(clinic.sunrise, managers, role="none", site_numbers=["00101"], by=cleos),
    ):
        with pytest.raises(RuleViolation, match="another manager"):
            clinic.office.run(work)
        assert clinic.shown(cleo)[:2] == ("Manager", "group Managers")
    clinic.office.run(clinic.grants.set(clinic.sunrise, front, role="none", site_numbers=["00101"], by=cleos))
    assert clinic.shown(cleo)[:2] == ("Manager", "group Managers")


def test_another_organizations_groups_and_people_are_not_here(clinic: Clinic) -> None:
    office = clinic.office
    foreign = office.run(office.directory.create(office.call(organization=office.other), person("eve")))
    body = {"displayName": "Theirs", "members": [{"value": foreign.id}]}
    theirs = office.run(office.groups.create(office.call(organization=office.other), body))
    for name in (theirs.id, "Theirs"):
        with pytest.raises(NotFoundHere):
            clinic.grant(name, "Manager")
    with pytest.raises(NotFound):
        clinic.of(foreign.id)
    assert office.run(clinic.access.of_many(office.sunrise, [foreign.id])) == {}


def test_random_histories_end_as_a_simple_model_says_and_fall_back_without_grants(clinic: Clinic) -> None:
    rng = random.Random(7)
    sites = ("00101", "00102", "20017")
    own = {clinic.user(f"u{n}", role, site): (role, {site} - {""}) for n, role, site in _own_values(rng, sites)}
    groups = {push(clinic.office, f"g{number}"): set[str]() for number in range(4)}
    order: dict[str, tuple[str | None, set[str]]] = {}
    for _ in range(60):
        group, users = rng.choice(list(groups)), rng.sample(list(own), 2)
        step = rng.randrange(4)
        if step == 0:
            clinic.join(group, *users)
            groups[group].update(users)
        elif step == 1:
            clinic.leave(group, *users)
            groups[group].difference_update(users)
        elif step == 2:
            role, granted = rng.choice(("Manager", "Assistant")), set(rng.sample(sites, rng.randrange(3)))
            named = rng.choice((role, None)) if granted else role
            place = rng.randrange(len(order) + 1)
            clinic.grant(group, named, *granted, position=place + 1)
            rest = [(each, value) for each, value in order.items() if each != group]
            rest.insert(place, (group, (named, granted)))
            order = dict(rest)
        elif group in order:
            clinic.remove(group)
            del order[group]
        for user, (role, direct) in own.items():
            theirs = [order[each] for each in order if user in groups[each]]
            expected = next((named for named, _ in theirs if named), role)
            found = clinic.of(user)
            assert (found.role, set(found.site_numbers)) == (expected, direct.union(*(more for _, more in theirs)))
    for group in list(order):
        clinic.remove(group)
    for user, (role, direct) in own.items():
        assert (clinic.of(user).role, set(clinic.of(user).site_numbers)) == (role, direct)
        assert clinic.of(user).role_source.is_direct


def _own_values(rng: random.Random, sites: tuple[str, ...]) -> list[tuple[int, str, str]]:
    return [(n, rng.choice(("Manager", "Assistant")), rng.choice(("", *sites))) for n in range(5)]
