"""Changes as PostgreSQL statements: one each, with their facts."""

from collections.abc import Callable, Sequence
from typing import Any

from mdscripts.app.ports import (
    CredentialUse,
    DeleteUser,
    Facts,
    IndexedValue,
    InsertCredential,
    InsertSite,
    InsertUser,
    RequireManager,
    SetPassword,
    UpdateCredential,
    UpdateOrganization,
    UpdateProvenance,
    UpdateRemarks,
    UpdateSite,
    UpdateUser,
    UserRow,
)
from mdscripts.scim.filters import fold
from mdscripts.storage.engine import InsertOrganization, StoredChange
from mdscripts.storage.postgres.access import lock_access
from mdscripts.storage.postgres.account_changes import ACCOUNT_CHANGES, end_access
from mdscripts.storage.postgres.activity_changes import ACTIVITY_CHANGES
from mdscripts.storage.postgres.group_changes import GROUP_CHANGES
from mdscripts.storage.postgres.locks import lock_first
from mdscripts.storage.postgres.statement import Statement, Step, require_a_row

_VALUE = ("text", "text", "text")


def steps_of(organization_id: str, changes: Sequence[StoredChange], facts: Facts) -> list[Step]:
    """The statements of a change set; the facts go with the last one.

    A single statement is a transaction of its own; several need one around them.
    """
    steps = [*lock_access(organization_id, changes), *lock_first(organization_id, changes)]
    changes = [change for change in changes if not isinstance(change, RequireManager)]
    for number, change in enumerate(changes, start=1):
        statement = Statement(organization_id)
        _CHANGES[type(change)](statement, change)
        if number == len(changes):
            statement.add_facts(facts)
        steps.append(statement.step())
    if not changes and (facts.audit or facts.events):
        statement = Statement(organization_id)
        statement.add_facts(facts)
        steps.append(statement.step())
    return steps


def _changes_one(statement: Statement) -> None:
    """The change is accepted if the CTE ``changed`` has a row."""
    statement.accepted = "changed"
    statement.result = "count(*) FROM changed"
    statement.check = require_a_row


# --- users ------------------------------------------------------------------------------------

_USER_COLUMNS = "user_name_key, external_id, active, role_key, npi, display, updated_at, body, provenance"


def _columns(row: UserRow) -> tuple[Any, ...]:
    return (
        row.user_name_key,
        row.external_id,
        row.active,
        fold(row.role),
        row.npi,
        row.display,
        row.updated_at,
        row.body,
        row.provenance,
    )


def _living_at(statement: Statement, user_id: str, version: int) -> str:
    user, expected = statement.params((user_id, version))
    return f"WHERE organization_id = $1 AND id = {user} AND version = {expected} AND deleted_at IS NULL"


def _insert_user(statement: Statement, change: InsertUser) -> None:
    row = change.row
    places = statement.params((row.id, row.created_at, *_columns(row), row.remarks or ""))
    statement.part(
        "changed",
        f'INSERT INTO "user" (organization_id, version, id, created_at, {_USER_COLUMNS}, remarks)'
        f" VALUES ($1, 1, {', '.join(places)}) RETURNING id",
    )
    _changes_one(statement)
    _insert_values(statement, change.values)
    statement.count("user", row.id, 1)
    if change.password_hash is not None:
        statement.part(
            "secret",
            "INSERT INTO password (organization_id, user_id, password_hash)"
            f" SELECT $1::text, id, {statement.param(change.password_hash)}::text FROM changed",
        )


def _insert_values(statement: Statement, values: Sequence[IndexedValue]) -> None:
    distinct = list(dict.fromkeys(values))
    if distinct:
        statement.part(
            "values_added",
            "INSERT INTO user_value (organization_id, user_id, attribute, type, value_key)"
            f" SELECT $1::text, changed.id, v.* FROM changed, ({statement.rows(distinct, _VALUE)}) AS v",
        )


def _update_user(statement: Statement, change: UpdateUser) -> None:
    row = change.row
    places, remarks = statement.params(_columns(row)), statement.param(row.remarks)
    living = _living_at(statement, row.id, change.expected_version)
    _lock_groups_that_show_it(statement, living, display=places[5])
    statement.part(
        "changed",
        f'UPDATE "user" SET version = version + 1, ({_USER_COLUMNS}) = ROW({", ".join(places)}),'
        f" remarks = coalesce({remarks}, remarks)"
        f" {living} AND (SELECT count(*) FROM held) >= 0 RETURNING id",
    )
    _changes_one(statement)
    _bump_groups_held(statement, at=places[6])
    if not (row.active and change.was_active):
        end_access(statement, active=places[2])
    if change.values_removed:
        statement.part(
            "values_removed",
            "DELETE FROM user_value v USING changed WHERE v.organization_id = $1 AND v.user_id = changed.id"
            f" AND (v.attribute, v.type, v.value_key) IN ({statement.rows(change.values_removed, _VALUE)})",
        )
    _insert_values(statement, change.values_added)


def _lock_groups_that_show_it(statement: Statement, living: str, *, display: str) -> None:
    """A group shows its members' names: a new one is a new version of the group.

    Groups are locked before people, everywhere; otherwise two changes could wait for each other.
    """
    statement.part(
        "held",
        'SELECT g.id FROM "group" g WHERE g.organization_id = $1 AND g.id IN (SELECT m.group_id'
        f' FROM group_member m, (SELECT id FROM "user" {living} AND display <> {display}) u'
        " WHERE m.organization_id = $1 AND m.user_id = u.id) ORDER BY g.id FOR NO KEY UPDATE",
    )


def _bump_groups_held(statement: Statement, *, at: str) -> None:
    statement.part(
        "bumped",
        f'UPDATE "group" SET version = version + 1, updated_at = greatest(updated_at, {at})'
        " WHERE organization_id = $1 AND id IN (SELECT held.id FROM held, changed)",
    )


def _update_provenance(statement: Statement, change: UpdateProvenance) -> None:
    provenance = statement.param(change.provenance)
    statement.part(
        "changed",
        f'UPDATE "user" SET provenance = {provenance}'
        f" {_living_at(statement, change.user_id, change.expected_version)} RETURNING id",
    )
    _changes_one(statement)


def _update_remarks(statement: Statement, change: UpdateRemarks) -> None:
    remarks = statement.param(change.remarks)
    statement.part(
        "changed",
        f'UPDATE "user" SET remarks = {remarks}'
        f" {_living_at(statement, change.user_id, change.expected_version)} RETURNING id",
    )
    _changes_one(statement)


def _delete_user(statement: Statement, change: DeleteUser) -> None:
    at, user = statement.params((change.deleted_at, change.user_id))
    of_user = f"organization_id = $1 AND user_id = {user}"
    statement.part(
        "held",
        'SELECT g.id FROM "group" g WHERE g.organization_id = $1 AND g.id IN'
        f" (SELECT group_id FROM group_member WHERE {of_user}) ORDER BY g.id FOR NO KEY UPDATE",
    )
    statement.part(
        "changed",
        f'UPDATE "user" SET version = version + 1, deleted_at = {at}, updated_at = greatest(updated_at, {at})'
        f" {_living_at(statement, change.user_id, change.expected_version)}"
        " AND (SELECT count(*) FROM held) >= 0 RETURNING id",
    )
    _changes_one(statement)
    _bump_groups_held(statement, at=at)
    for table in ("group_member", "user_value", "password"):
        statement.part(f"{table}_gone", f"DELETE FROM {table} USING changed WHERE {of_user}")
    end_access(statement)
    statement.count("user", change.user_id, -1)


def _set_password(statement: Statement, change: SetPassword) -> None:
    user = statement.param(change.user_id)
    if change.password_hash is None:
        statement.part("gone", f"DELETE FROM password WHERE organization_id = $1 AND user_id = {user}")
        return
    secret = statement.param(change.password_hash)
    if change.replaces is not None:
        statement.part(
            "changed",
            f"UPDATE password SET password_hash = {secret} WHERE organization_id = $1 AND user_id = {user}"
            f" AND password_hash = {statement.param(change.replaces)} RETURNING user_id",
        )
        _changes_one(statement)
        return
    statement.part(
        "changed",
        f"INSERT INTO password (organization_id, user_id, password_hash) SELECT organization_id, id, {secret}"
        f'::text FROM "user" WHERE organization_id = $1 AND id = {user} AND deleted_at IS NULL'
        " ON CONFLICT (organization_id, user_id) DO UPDATE SET password_hash = excluded.password_hash",
    )


# --- the organization -------------------------------------------------------------------------


def _insert_organization(statement: Statement, change: InsertOrganization) -> None:
    made = change.organization
    places = statement.params((made.slug, made.name, made.okta_scim_enabled, made.created_at, made.settings))
    statement.part(
        "changed",
        "INSERT INTO organization (organization_id, slug, name, okta_scim_enabled, created_at, settings)"
        f" VALUES ($1, {', '.join(places)})",
    )


def _update_organization(statement: Statement, change: UpdateOrganization) -> None:
    enabled, settings, before = statement.params((change.okta_scim_enabled, change.settings, change.settings_before))
    statement.part(
        "changed",
        f"UPDATE organization SET okta_scim_enabled = coalesce({enabled}, okta_scim_enabled),"
        f" settings = coalesce({settings}, settings) WHERE organization_id = $1"
        f" AND settings = coalesce({before}, settings) RETURNING organization_id",
    )
    _changes_one(statement)


def _insert_site(statement: Statement, change: InsertSite) -> None:
    site = change.site
    places = statement.params((site.number, site.name, site.time_zone, site.created_at, site.closed_at))
    statement.part(
        "changed",
        "INSERT INTO site (organization_id, number, name, time_zone, created_at, closed_at)"
        f" VALUES ($1, {', '.join(places)})",
    )


def _update_site(statement: Statement, change: UpdateSite) -> None:
    site = change.site
    number, name, zone, closed = statement.params((site.number, site.name, site.time_zone, site.closed_at))
    statement.part(
        "changed",
        f"UPDATE site SET name = {name}, time_zone = {zone}, closed_at = coalesce(closed_at, {closed})"
        f" WHERE organization_id = $1 AND number = {number}",
    )


def _insert_credential(statement: Statement, change: InsertCredential) -> None:
    made = change.credential
    places = statement.params(
        (
            made.key_id,
            made.secret_sha256,
            made.label,
            made.client,
            made.last_four,
            made.tolerances,
            made.created_at,
            made.created_by,
            made.expires_at,
            made.revoked_at,
            made.last_used_at,
        )
    )
    statement.part(
        "changed",
        "INSERT INTO credential (organization_id, key_id, secret_sha256, label, client, last_four, tolerances,"
        f" created_at, created_by, expires_at, revoked_at, last_used_at) VALUES ($1, {', '.join(places)})",
    )


def _update_credential(statement: Statement, change: UpdateCredential) -> None:
    made = change.credential
    key, label, tolerances, expires, revoked = statement.params(
        (made.key_id, made.label, made.tolerances, made.expires_at, made.revoked_at)
    )
    statement.part(
        "changed",
        f"UPDATE credential SET label = {label}, tolerances = {tolerances}, expires_at = {expires},"
        f" revoked_at = coalesce(revoked_at, {revoked}) WHERE organization_id = $1 AND key_id = {key}",
    )


def _record_use(statement: Statement, use: CredentialUse) -> None:
    at, key = statement.params((use.last_used_at, use.key_id))
    statement.part(
        "changed",
        f"UPDATE credential SET last_used_at = greatest(last_used_at, {at})"
        f" WHERE organization_id = $1 AND key_id = {key} RETURNING key_id",
    )
    if use.tolerances:
        counted = statement.rows(sorted(use.tolerances), ("text", "bigint"))
        statement.part(
            "counted",
            "INSERT INTO tolerance_use AS t (organization_id, key_id, tolerance, uses, last_used_at)"
            f" SELECT $1::text, changed.key_id, v.*, {at}::text FROM changed, ({counted}) AS v"
            " ON CONFLICT (organization_id, key_id, tolerance) DO UPDATE SET"
            " uses = t.uses + excluded.uses, last_used_at = greatest(t.last_used_at, excluded.last_used_at)",
        )


_CHANGES: dict[type, Callable[[Statement, Any], None]] = {
    InsertUser: _insert_user,
    UpdateUser: _update_user,
    UpdateProvenance: _update_provenance,
    UpdateRemarks: _update_remarks,
    DeleteUser: _delete_user,
    SetPassword: _set_password,
    InsertOrganization: _insert_organization,
    UpdateOrganization: _update_organization,
    InsertSite: _insert_site,
    UpdateSite: _update_site,
    InsertCredential: _insert_credential,
    UpdateCredential: _update_credential,
    CredentialUse: _record_use,
    **GROUP_CHANGES,
    **ACCOUNT_CHANGES,
    **ACTIVITY_CHANGES,
}
