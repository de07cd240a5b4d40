"""No method of one organization's store reads or changes anything of another organization."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mdscripts.app.ports import (
    Change,
    ChangeMembers,
    CredentialUse,
    DeleteGroup,
    DeleteUser,
    Facts,
    GroupRow,
    IndexedValue,
    InsertCredential,
    InsertGroup,
    InsertSite,
    Keyset,
    Query,
    SetPassword,
    SiteRecord,
    StaleVersion,
    UnknownMember,
    UpdateCredential,
    UpdateGroup,
    UpdateProvenance,
    UpdateRemarks,
    UpdateSite,
    UpdateUser,
    UserRow,
)
from mdscripts.app.schemas import GROUP_TYPE, USER_TYPE
from mdscripts.scim.filters import parse_filter

from .conftest import EVENING, MORNING, Installation, Organization, fact, group_row, user_row
from .test_contract import credential

NPI = "1234567893"


@dataclass
class Clinic:
    """An organization with one of everything; the other one has the same, with equal names."""

    organization: Organization
    user: UserRow
    group: GroupRow
    token: str

    def state(self, installation: Installation) -> list[list[tuple[Any, ...]]]:
        """Every row of the organization in every table."""
        tables = (
            'organization site credential tolerance_use "user" user_value password "group" group_member '
            "resource_counter audit outbox"
        )
        return [
            sorted(
                installation.fetch(f"SELECT * FROM {table} WHERE organization_id = $1", self.organization.id), key=repr
            )
            for table in tables.split()
        ]


def furnish(organization: Organization) -> Clinic:
    token = credential(organization)
    user = user_row("ann", npi=NPI, role="Manager", external_id="00u1")
    email = IndexedValue("emails", "work", "ann@x.example")
    organization.add_user("ann", email, **{name: getattr(user, name) for name in ("id", "npi", "role", "external_id")})
    group = organization.add_group("Nurses", user.id, external_id="00g1")
    organization.commit(
        SetPassword(user.id, "hash"),
        InsertSite(SiteRecord("00101", "Main", None, MORNING, None)),
        InsertCredential(token),
    )
    return Clinic(organization, user, group, token.key_id)


@pytest.fixture
def clinics(installation: Installation) -> tuple[Clinic, Clinic]:
    return furnish(installation.maple), furnish(installation.oak)


READS: dict[str, Callable[[Organization, Clinic], Any]] = {
    "find_user": lambda mine, theirs: mine.run(mine.store.find_user(theirs.user.id)),
    "find_group": lambda mine, theirs: mine.run(mine.store.find_group(theirs.group.id, with_members=False)),
    "find_group with members": lambda mine, theirs: mine.run(mine.store.find_group(theirs.group.id, with_members=True)),
    "member_ids": lambda mine, theirs: list(mine.run(mine.store.member_ids(theirs.group.id))),
    "member_ids among": lambda mine, theirs: list(mine.run(mine.store.member_ids(theirs.group.id, [theirs.user.id]))),
    "find_password_hash": lambda mine, theirs: mine.run(mine.store.find_password_hash(theirs.user.id)),
    "list_users by id": lambda mine, theirs: (
        mine.list_users(Query(10, filter=parse_filter(f'id eq "{theirs.user.id}"', USER_TYPE))).records
    ),
    "list_users by group": lambda mine, theirs: (
        mine.list_users(Query(10, filter=parse_filter(f'groups.value eq "{theirs.group.id}"', USER_TYPE))).records
    ),
    "list_groups by member": lambda mine, theirs: (
        mine.run(
            mine.store.list_groups(
                Query(10, filter=parse_filter(f'members.value eq "{theirs.user.id}"', GROUP_TYPE)), with_members=True
            )
        ).records
    ),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_foreign_ids_find_nothing(clinics: tuple[Clinic, Clinic], read: Callable[[Organization, Clinic], Any]) -> None:
    mine, theirs = clinics
    assert not read(mine.organization, theirs)
    assert read(theirs.organization, theirs), "the look-up finds its own, so the test can fail"


def test_equal_names_and_keys_find_the_own_rows(clinics: tuple[Clinic, Clinic]) -> None:
    for clinic in clinics:
        organization, store = clinic.organization, clinic.organization.store
        by_name = organization.run(store.find_user_by_name("ann"))
        assert by_name is not None
        assert by_name.id == clinic.user.id
        assert [group.id for group in by_name.groups] == [clinic.group.id]
        assert list(organization.run(store.active_users_with_npi(NPI))) == [clinic.user.id]
        assert organization.run(store.count_active_managers()) == 1
        assert [each.key_id for each in organization.run(store.list_credentials())] == [clinic.token]
        assert len(organization.run(store.list_sites())) == 1
        assert organization.run(store.find_organization()).id == organization.id


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ann"',
        'externalId eq "00u1"',
        'emails[type eq "work" and value eq "ann@x.example"]',
        'userName eq "ann" or emails.value eq "ann@x.example"',
        'emails.value co "x"',
        'not (userName eq "bob")',
        'nickName eq "none" or userName pr',
        "groups pr",
    ],
)
def test_filters_count_and_return_only_the_own_people(clinics: tuple[Clinic, Clinic], text: str) -> None:
    for clinic in clinics:
        tree = parse_filter(text, USER_TYPE)
        page = clinic.organization.list_users(Query(10, filter=tree, matches=lambda record: True))
        assert (page.total, [record.id for record in page.records]) == (1, [clinic.user.id])


def test_pages_stay_inside_the_organization(clinics: tuple[Clinic, Clinic]) -> None:
    for clinic in clinics:
        for query in (Query(10), Query(10, after=Keyset(None, "")), Query(10, before=Keyset(None, "~"))):
            page = clinic.organization.list_users(query)
            assert (page.total, [record.id for record in page.records]) == (1, [clinic.user.id])
            groups = clinic.organization.run(clinic.organization.store.list_groups(query, with_members=True))
            assert (groups.total, [record.id for record in groups.records]) == (1, [clinic.group.id])


def test_the_audit_shows_the_own_rows(clinics: tuple[Clinic, Clinic]) -> None:
    mine, theirs = (clinic.organization for clinic in clinics)
    written = fact()
    mine.commit(facts=Facts((written,)))
    assert mine.audit() == [written]
    assert theirs.audit() == []


WRITES: dict[str, tuple[Callable[[Clinic, Clinic], Change], type[Exception] | None]] = {
    "UpdateUser": (lambda mine, theirs: UpdateUser(replace(theirs.user, body="{}"), 2), StaleVersion),
    "UpdateProvenance": (lambda mine, theirs: UpdateProvenance(theirs.user.id, "[]", 2), StaleVersion),
    "UpdateRemarks": (lambda mine, theirs: UpdateRemarks(theirs.user.id, "W-SI1", 2), StaleVersion),
    "DeleteUser": (lambda mine, theirs: DeleteUser(theirs.user.id, 2, EVENING), StaleVersion),
    "UpdateGroup": (lambda mine, theirs: UpdateGroup(theirs.group, 1, renamed=True), StaleVersion),
    "ChangeMembers of a foreign group": (
        lambda mine, theirs: ChangeMembers(theirs.group.id, (), (theirs.user.id,), EVENING),
        StaleVersion,
    ),
    "ChangeMembers adds a foreign user": (
        lambda mine, theirs: ChangeMembers(mine.group.id, (theirs.user.id,), (), EVENING),
        UnknownMember,
    ),
    "ChangeMembers removes a foreign user": (
        lambda mine, theirs: ChangeMembers(mine.group.id, (), (theirs.user.id,), EVENING),
        None,
    ),
    "DeleteGroup": (lambda mine, theirs: DeleteGroup(theirs.group.id, EVENING), StaleVersion),
    "InsertGroup": (lambda mine, theirs: InsertGroup(group_row("x"), (theirs.user.id,)), UnknownMember),
    "SetPassword": (lambda mine, theirs: SetPassword(theirs.user.id, "stolen"), None),
    "clear password": (lambda mine, theirs: SetPassword(theirs.user.id, None), None),
    "UpdateSite": (
        lambda mine, theirs: UpdateSite(SiteRecord("00999", "Theirs", None, MORNING, EVENING)),
        None,
    ),
    "UpdateCredential": (
        lambda mine, theirs: UpdateCredential(credential(mine.organization, key_id=theirs.token, revoked_at=EVENING)),
        None,
    ),
}


@pytest.mark.parametrize(("make", "refusal"), WRITES.values(), ids=WRITES)
def test_a_write_with_foreign_ids_changes_nothing_anywhere(
    installation: Installation,
    clinics: tuple[Clinic, Clinic],
    make: Callable[[Clinic, Clinic], Change],
    refusal: type[Exception] | None,
) -> None:
    mine, theirs = clinics
    theirs.organization.commit(InsertSite(SiteRecord("00999", "Theirs", None, MORNING, None)))
    before = [clinic.state(installation) for clinic in clinics]
    change = make(mine, theirs)
    if refusal is None:
        mine.organization.commit(change)
    else:
        with pytest.raises(refusal):
            mine.organization.commit(change)
    assert [clinic.state(installation) for clinic in clinics] == before


def test_the_same_names_can_be_used_by_every_organization(clinics: tuple[Clinic, Clinic]) -> None:
    for clinic in clinics:
        assert (clinic.organization.user_count(), clinic.organization.group_count()) == (1, 1)


def test_use_of_a_token_is_not_counted_for_another_organization(
    installation: Installation, clinics: tuple[Clinic, Clinic]
) -> None:
    mine, theirs = clinics
    before = theirs.state(installation)
    use = CredentialUse(mine.organization.id, theirs.token, EVENING, (("path-keys", 1),))
    installation.run(installation.storage.record_use([use]))
    assert theirs.state(installation) == before
