"""What every storage promises about users, facts and the organization itself."""

from dataclasses import replace
from typing import Any

import pytest

from mdscripts.app.ports import (
    AlreadyExists,
    CredentialRecord,
    CredentialUse,
    DeleteUser,
    Facts,
    GroupRef,
    IndexedValue,
    InsertCredential,
    InsertSite,
    InsertUser,
    OrganizationRecord,
    SetPassword,
    SiteRecord,
    StaleVersion,
    UpdateCredential,
    UpdateOrganization,
    UpdateProvenance,
    UpdateSite,
    UpdateUser,
    UserNameTaken,
    UserRecord,
)

from .conftest import EVENING, MORNING, NOON, Installation, Organization, event, fact, user_row

NOT_STORABLE = ["", "nobody", "\0", "a\0b", "\ud800", "é" * 5_000]
WORK_EMAIL = IndexedValue("emails", "work", "ann@x.example")
HOME_EMAIL = IndexedValue("emails", "home", "ann@y.example")


# --- users ------------------------------------------------------------------------------------


def test_an_inserted_user_is_found_as_it_was_written(maple: Organization) -> None:
    row = maple.add_user("Ann", external_id="00u1", npi="1234567893", role="Manager")
    assert maple.user(row.id) == UserRecord(row.id, 1, MORNING, MORNING, True, row.body, "{}", ())
    assert maple.user(row.id).active is True


def test_a_user_is_found_by_folded_name(maple: Organization) -> None:
    row = maple.add_user("Äann@X.example")
    found = maple.run(maple.store.find_user_by_name("äann@x.example"))
    assert found is not None
    assert found.id == row.id
    assert maple.run(maple.store.find_user_by_name("Äann@X.example")) is None


@pytest.mark.parametrize("key", NOT_STORABLE)
def test_nothing_is_found_under_a_key_that_was_never_stored(maple: Organization, key: str) -> None:
    maple.add_user("ann")
    assert maple.run(maple.store.find_user(key)) is None
    assert maple.run(maple.store.find_user_by_name(key)) is None
    assert maple.run(maple.store.find_group(key, with_members=True)) is None
    assert maple.run(maple.store.find_group(key, with_members=False)) is None
    assert list(maple.run(maple.store.member_ids(key))) == []
    assert list(maple.run(maple.store.active_users_with_npi(key))) == []
    assert maple.run(maple.store.find_password_hash(key)) is None


def test_a_taken_user_name_is_refused_and_nothing_is_written(maple: Organization) -> None:
    first = maple.add_user("ann")
    second = user_row("ann")
    with pytest.raises(UserNameTaken):
        maple.commit(InsertUser(second, (WORK_EMAIL,)), facts=Facts((fact(),), (event(),)))
    assert maple.run(maple.store.find_user(second.id)) is None
    assert maple.user(first.id).version == 1
    assert maple.user_count() == 1
    assert maple.audit() == []


def test_an_update_replaces_every_column_and_moves_the_version(maple: Organization) -> None:
    row = maple.add_user("ann")
    changed = user_row(
        "anna",
        id=row.id,
        external_id="00u9",
        active=False,
        role="Manager",
        npi="1234567893",
        created_at=EVENING,
        updated_at=NOON,
        body='{"new":true}',
        provenance='{"managed":[]}',
    )
    maple.commit(UpdateUser(changed, 1))
    expected = UserRecord(row.id, 2, MORNING, NOON, False, '{"new":true}', '{"managed":[]}', ())
    assert maple.user(row.id) == expected
    assert maple.run(maple.store.find_user_by_name("ann")) is None
    assert maple.run(maple.store.find_user_by_name("anna")) == expected


def test_an_update_of_another_version_is_stale_and_changes_nothing(maple: Organization) -> None:
    row = maple.add_user("ann", WORK_EMAIL)
    update = UpdateUser(replace(row, body="{}"), 2, (HOME_EMAIL,), (WORK_EMAIL,))
    with pytest.raises(StaleVersion):
        maple.commit(update, facts=Facts((fact(),), (event(),)))
    assert maple.user(row.id).body == row.body
    assert maple.user(row.id).version == 1
    assert maple.audit() == []


def test_an_update_of_nobody_is_stale(maple: Organization) -> None:
    with pytest.raises(StaleVersion):
        maple.commit(UpdateUser(user_row("ghost"), 1))


def test_a_rename_to_a_taken_name_is_refused(maple: Organization) -> None:
    maple.add_user("ann")
    bob = maple.add_user("bob")
    with pytest.raises(UserNameTaken):
        maple.commit(UpdateUser(replace(bob, user_name_key="ann"), 1))
    assert maple.user(bob.id).version == 1


def test_value_rows_follow_the_user(installation: Installation) -> None:
    maple = installation.maple
    row = maple.add_user("ann", WORK_EMAIL, WORK_EMAIL)

    def stored() -> list[tuple[str, str, str]]:
        return installation.fetch(
            "SELECT attribute, type, value_key FROM user_value WHERE organization_id = $1 AND user_id = $2",
            maple.id,
            row.id,
        )

    assert stored() == [WORK_EMAIL]
    maple.commit(UpdateUser(row, 1, (HOME_EMAIL,), (WORK_EMAIL,)))
    assert stored() == [HOME_EMAIL]
    maple.commit(DeleteUser(row.id, 2, NOON))
    assert stored() == []


def test_provenance_grows_without_a_new_version(maple: Organization) -> None:
    row = maple.add_user("ann")
    maple.commit(UpdateProvenance(row.id, '{"managed":["active"]}', 1))
    assert maple.user(row.id) == replace(maple.user(row.id), version=1, provenance='{"managed":["active"]}')
    with pytest.raises(StaleVersion):
        maple.commit(UpdateProvenance(row.id, "{}", 2))
    with pytest.raises(StaleVersion):
        maple.commit(UpdateProvenance("nobody", "{}", 1))


# --- deletion ---------------------------------------------------------------------------------


def test_a_deleted_user_is_gone_and_the_name_is_free(installation: Installation) -> None:
    maple = installation.maple
    row = maple.add_user("ann", WORK_EMAIL, npi="1234567893", role="Manager")
    maple.commit(SetPassword(row.id, "hash"))
    maple.commit(DeleteUser(row.id, 1, NOON))
    assert maple.run(maple.store.find_user(row.id)) is None
    assert maple.run(maple.store.find_user_by_name("ann")) is None
    assert maple.run(maple.store.find_password_hash(row.id)) is None
    assert list(maple.run(maple.store.active_users_with_npi("1234567893"))) == []
    assert maple.run(maple.store.count_active_managers()) == 0
    assert maple.user_count() == 0
    again = maple.add_user("ann")
    assert maple.user(again.id).version == 1
    history = installation.fetch(
        'SELECT id, deleted_at, body FROM "user" WHERE organization_id = $1 ORDER BY id', maple.id
    )
    assert history == [(row.id, NOON, row.body), (again.id, None, again.body)]


def test_a_name_can_be_used_and_freed_again_and_again(maple: Organization) -> None:
    for _ in range(4):
        row = maple.add_user("ann")
        maple.commit(DeleteUser(row.id, 1, NOON))
    assert maple.user_count() == 0


def test_a_tombstone_cannot_be_changed_or_deleted_again(maple: Organization) -> None:
    row = maple.add_user("ann")
    maple.commit(DeleteUser(row.id, 1, NOON))
    for change in (UpdateUser(row, 2), DeleteUser(row.id, 2, NOON), UpdateProvenance(row.id, "{}", 2)):
        with pytest.raises(StaleVersion):
            maple.commit(change)
    assert maple.user_count() == 0


def test_a_deletion_of_another_version_is_stale(maple: Organization) -> None:
    row = maple.add_user("ann")
    with pytest.raises(StaleVersion):
        maple.commit(DeleteUser(row.id, 2, NOON), facts=Facts((fact(),)))
    assert maple.user(row.id).version == 1
    assert maple.audit() == []


# --- duplicates and managers ------------------------------------------------------------------


def test_active_holders_of_an_npi_are_named_ten_at_most(maple: Organization) -> None:
    holders = maple.add_users(*(user_row(f"p{number}", npi="1234567893") for number in range(12)))
    maple.add_user("inactive", npi="1234567893", active=False)
    maple.add_user("other", npi="1245319599")
    assert list(maple.run(maple.store.active_users_with_npi("1234567893"))) == sorted(holders)[:10]


def test_only_living_active_managers_count(maple: Organization) -> None:
    maple.add_user("boss", role="Manager")
    maple.add_user("former", role="Manager", active=False)
    maple.add_user("assistant")
    assert maple.run(maple.store.count_active_managers()) == 1


# --- change sets and facts --------------------------------------------------------------------


def test_a_change_set_is_applied_completely_or_not_at_all(maple: Organization) -> None:
    taken = maple.add_user("taken")
    fresh = user_row("fresh")
    with pytest.raises(UserNameTaken):
        maple.commit(
            InsertUser(fresh),
            UpdateUser(replace(taken, body="{}"), 1),
            InsertUser(user_row("taken")),
            facts=Facts((fact(),)),
        )
    assert maple.run(maple.store.find_user(fresh.id)) is None
    assert maple.user(taken.id).version == 1
    assert (maple.user_count(), maple.audit()) == (1, [])
    maple.commit(InsertUser(fresh), UpdateUser(replace(taken, body="{}"), 1), facts=Facts((fact(),)))
    assert (maple.user_count(), maple.user(taken.id).version, len(maple.audit())) == (2, 2, 1)


def test_a_refusal_late_in_a_change_set_undoes_what_came_before(maple: Organization) -> None:
    row = maple.add_user("ann")
    with pytest.raises(StaleVersion):
        maple.commit(UpdateUser(replace(row, body="{}"), 1), UpdateUser(row, 1))
    assert maple.user(row.id).version == 1


def test_facts_are_kept_as_they_were_given(installation: Installation) -> None:
    maple = installation.maple
    first, second = fact(), fact(rules=(), changes="[]", detail="", status=201)
    happened = event()
    maple.commit(InsertUser(user_row("ann")), facts=Facts((first, second), (happened,)))
    assert maple.audit() == [first, second]
    outbox = installation.fetch(
        "SELECT id, at, topic, subject, payload FROM outbox WHERE organization_id = $1", maple.id
    )
    assert outbox == [(happened.id, happened.at, happened.topic, happened.subject, happened.payload)]


def test_a_refusal_can_be_recorded_without_a_change(maple: Organization) -> None:
    refused = fact(outcome="refused", status=409)
    maple.commit(facts=Facts((refused,)))
    assert maple.audit() == [refused]
    maple.commit()
    assert maple.audit() == [refused]


def test_the_audit_is_read_in_pieces_without_gap_or_overlap(maple: Organization) -> None:
    written = [fact() for _ in range(7)]
    for each in written:
        maple.commit(facts=Facts((each,)))
    read, after = [], ""
    while rows := maple.run(maple.store.list_audit(after=after, limit=3)):
        assert len(rows) <= 3
        assert [row.sequence for row in rows] == sorted(row.sequence for row in rows)
        read += [row.fact for row in rows]
        after = rows[-1].sequence
    assert read == written


# --- passwords --------------------------------------------------------------------------------


def test_a_password_hash_is_set_replaced_and_cleared(maple: Organization) -> None:
    row = user_row("ann")
    maple.commit(InsertUser(row, password_hash="first"))
    assert maple.run(maple.store.find_password_hash(row.id)) == "first"
    maple.commit(SetPassword(row.id, "second"))
    assert maple.run(maple.store.find_password_hash(row.id)) == "second"
    maple.commit(SetPassword(row.id, None))
    assert maple.run(maple.store.find_password_hash(row.id)) is None
    assert maple.user(row.id).version == 1


def test_nobody_gets_no_password(maple: Organization) -> None:
    gone = maple.add_user("gone")
    maple.commit(DeleteUser(gone.id, 1, NOON))
    for user_id in (gone.id, "nobody"):
        maple.commit(SetPassword(user_id, "hash"))
        assert maple.run(maple.store.find_password_hash(user_id)) is None


# --- the organization -------------------------------------------------------------------------


def test_an_organization_is_found_listed_and_changed(installation: Installation) -> None:
    maple, storage = installation.maple, installation.storage
    found = installation.run(maple.store.find_organization())
    listed = installation.run(storage.list_organizations())
    assert found in listed
    assert [each.slug for each in listed] == sorted(each.slug for each in listed)
    assert installation.run(storage.find_organization_by_slug(found.slug)) == found
    assert installation.run(storage.find_organization_by_slug("\ud800")) is None
    assert installation.run(storage.find_organization_by_slug("no-such-clinic")) is None
    assert found.okta_scim_enabled is False
    changed = replace(found, okta_scim_enabled=True, settings='{"aliases":[]}')
    whole = UpdateOrganization(okta_scim_enabled=True, settings='{"aliases":[]}')
    maple.commit(whole, facts=Facts((fact(),)))
    assert installation.run(maple.store.find_organization()) == changed
    maple.commit(UpdateOrganization(settings="{}"))
    assert installation.run(maple.store.find_organization()) == replace(changed, settings="{}")
    maple.commit(UpdateOrganization(okta_scim_enabled=False))
    assert installation.run(maple.store.find_organization()) == found
    assert len(maple.audit()) == 1


def test_a_slug_is_given_once(installation: Installation) -> None:
    taken = installation.run(installation.maple.store.find_organization()).slug
    again = OrganizationRecord("another", taken, "Impostor", True, NOON, "{}")
    with pytest.raises(AlreadyExists):
        installation.run(installation.storage.insert_organization(again, Facts((fact(),))))
    other = installation.storage.for_organization("another")
    with pytest.raises(LookupError):
        installation.run(other.find_organization())
    assert list(installation.run(other.list_audit())) == []


def test_sites_are_listed_by_number_and_numbers_are_given_once(maple: Organization) -> None:
    second = SiteRecord("20017", "Second", None, NOON, None)
    first = SiteRecord("00101", "First", "US/Eastern", MORNING, None)
    maple.commit(InsertSite(second), InsertSite(first))
    assert list(maple.run(maple.store.list_sites())) == [first, second]
    with pytest.raises(AlreadyExists):
        maple.commit(InsertSite(replace(first, name="Again")))
    closed = replace(first, name="Old", time_zone="US/Central", closed_at=NOON)
    maple.commit(UpdateSite(closed))
    assert list(maple.run(maple.store.list_sites())) == [closed, second]
    maple.commit(UpdateSite(replace(closed, name="Older", closed_at=None)))  # by somebody who read it while open
    assert list(maple.run(maple.store.list_sites())) == [replace(closed, name="Older"), second]


def credential(organization: Organization, name: str = "k1", **columns: Any) -> CredentialRecord:
    made = CredentialRecord(
        key_id=f"{name}-{organization.id}",
        organization_id=organization.id,
        secret_sha256=bytes(range(32)),
        label="Okta",
        client="okta",
        last_four="wxyz",
        tolerances="{}",
        created_at=MORNING,
        created_by="cli",
        expires_at=NOON,
        revoked_at=None,
        last_used_at=None,
    )
    return replace(made, **columns)


def test_a_token_is_found_with_its_organization(installation: Installation) -> None:
    maple, oak, storage = installation.maple, installation.oak, installation.storage
    made = credential(maple)
    maple.commit(InsertCredential(made))
    match = installation.run(storage.find_credential(made.key_id))
    assert match is not None
    assert match.credential == made
    assert match.organization == installation.run(maple.store.find_organization())
    for unknown in ("no-such-token", "", "\0", "\ud800"):
        assert installation.run(storage.find_credential(unknown)) is None
    with pytest.raises(AlreadyExists):
        oak.commit(InsertCredential(credential(oak, key_id=made.key_id)))


def test_a_token_can_be_changed_but_not_its_secret(maple: Organization) -> None:
    first, second = credential(maple, "k1"), credential(maple, "k2")
    maple.commit(InsertCredential(first), InsertCredential(second))
    wanted = replace(first, label="New", tolerances='{"x":true}', expires_at=None, revoked_at=EVENING)
    maple.commit(UpdateCredential(replace(wanted, secret_sha256=b"0" * 32)))
    assert list(maple.run(maple.store.list_credentials())) == [second, wanted]
    late = replace(wanted, tolerances="{}", revoked_at=None)  # by somebody who read it before it was revoked
    maple.commit(UpdateCredential(late))
    assert list(maple.run(maple.store.list_credentials())) == [second, replace(late, revoked_at=EVENING)]


def test_use_of_tokens_is_added_up_and_time_never_goes_back(installation: Installation) -> None:
    maple = installation.maple
    key_id = credential(maple).key_id
    maple.commit(InsertCredential(credential(maple)))
    uses = [
        CredentialUse(maple.id, key_id, NOON, (("text-booleans", 2), ("path-keys", 1))),
        CredentialUse(maple.id, "no-such-token", NOON, (("text-booleans", 1),)),
        CredentialUse(maple.id, key_id, MORNING, (("text-booleans", 3),)),
    ]
    installation.run(installation.storage.record_use(uses))
    installation.run(installation.storage.record_use([]))
    assert maple.run(maple.store.list_credentials())[0].last_used_at == NOON
    counted = installation.fetch(
        "SELECT key_id, tolerance, uses FROM tolerance_use WHERE organization_id = $1 ORDER BY tolerance", maple.id
    )
    assert counted == [(key_id, "path-keys", 1), (key_id, "text-booleans", 5)]


def test_the_database_says_what_it_is(installation: Installation, shared_database_url: str) -> None:
    line = installation.run(installation.storage.check())
    assert line.startswith("SQLite 3." if shared_database_url.startswith("sqlite") else "PostgreSQL 1")


def test_a_group_reference_is_a_pair(maple: Organization) -> None:
    row = maple.add_user("ann")
    group = maple.add_group('Quote " and \\ and é', row.id)
    assert maple.user(row.id).groups == (GroupRef(group.id, 'Quote " and \\ and é'),)
