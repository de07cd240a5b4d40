"""Changes as SQLite statements. One process writes at a time, so a look before a change is safe."""

from collections.abc import Callable, Sequence
from typing import Any

import apsw

from mdscripts.app.ports import (
    AlreadyExists,
    CredentialUse,
    DeleteUser,
    Facts,
    IndexedValue,
    InsertCredential,
    InsertSite,
    InsertUser,
    RequireManager,
    SetPassword,
    StaleVersion,
    UpdateCredential,
    UpdateOrganization,
    UpdateProvenance,
    UpdateRemarks,
    UpdateSite,
    UpdateUser,
    UserNameTaken,
    UserRow,
)
from mdscripts.scim.filters import fold
from mdscripts.storage.engine import InsertOrganization, StoredChange
from mdscripts.storage.records import audit_row
from mdscripts.storage.sqlite.access import require_manager
from mdscripts.storage.sqlite.account_changes import ACCOUNT_CHANGES, end_access
from mdscripts.storage.sqlite.activity_changes import ACTIVITY_CHANGES
from mdscripts.storage.sqlite.group_changes import GROUP_CHANGES, bump_groups_of, count_resource

_LIVING_AT = "WHERE organization_id = ? AND id = ? AND version = ? AND deleted_at IS NULL"
_AUDIT = (
    "INSERT INTO audit (organization_id, id, at, actor, action, outcome, target_type, target_id, target_name,"
    " request_id, source, client, status, changes, rules, detail)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_OUTBOX = "INSERT INTO outbox (organization_id, id, at, topic, subject, payload) VALUES (?, ?, ?, ?, ?, ?)"


def apply_change(connection: apsw.Connection, organization_id: str, change: StoredChange) -> None:
    """Apply one change inside a transaction.

    Raises UserNameTaken, StaleVersion, UnknownMember and AlreadyExists.
    """
    try:
        _CHANGES[type(change)](connection, organization_id, change)
    except apsw.ConstraintError as refused:
        text = str(refused)
        if "user.user_name_key" in text:
            raise UserNameTaken from refused
        if text.startswith("UNIQUE"):
            raise AlreadyExists(text) from refused
        raise


def record_facts(connection: apsw.Connection, organization_id: str, facts: Facts) -> None:
    """Append audit rows and outbox events."""
    for fact in facts.audit:
        connection.execute(_AUDIT, (organization_id, *audit_row(fact)))
    for event in facts.events:
        connection.execute(_OUTBOX, (organization_id, event.id, event.at, event.topic, event.subject, event.payload))


def _execute(connection: apsw.Connection, statement: str, params: Sequence[Any]) -> int:
    """How many rows changed."""
    connection.execute(statement, params)
    return connection.changes()


def _must_change(connection: apsw.Connection, statement: str, params: Sequence[Any]) -> None:
    if not _execute(connection, statement, params):
        raise StaleVersion


# --- users ------------------------------------------------------------------------------------


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


def _insert_user(connection: apsw.Connection, organization_id: str, change: InsertUser) -> None:
    row = change.row
    connection.execute(
        'INSERT INTO "user" (organization_id, id, created_at, version, user_name_key, external_id, active,'
        " role_key, npi, display, updated_at, body, provenance, remarks)"
        " VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (organization_id, row.id, row.created_at, *_columns(row), row.remarks or ""),
    )
    _insert_values(connection, organization_id, row.id, change.values)
    count_resource(connection, organization_id, "user", 1)
    if change.password_hash is not None:
        _set_password(connection, organization_id, SetPassword(row.id, change.password_hash))


def _insert_values(
    connection: apsw.Connection, organization_id: str, user_id: str, values: Sequence[IndexedValue]
) -> None:
    for value in values:
        connection.execute(
            "INSERT INTO user_value (organization_id, user_id, attribute, type, value_key)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (organization_id, user_id, *value),
        )


def _update_user(connection: apsw.Connection, organization_id: str, change: UpdateUser) -> None:
    row = change.row
    before = connection.execute(
        'SELECT display, active FROM "user" WHERE organization_id = ? AND id = ?', (organization_id, row.id)
    ).fetchall()
    _must_change(
        connection,
        'UPDATE "user" SET version = version + 1, user_name_key = ?, external_id = ?, active = ?, role_key = ?,'
        f" npi = ?, display = ?, updated_at = ?, body = ?, provenance = ?, remarks = coalesce(?, remarks) {_LIVING_AT}",
        (*_columns(row), row.remarks, organization_id, row.id, change.expected_version),
    )
    display, was_active = before[0]
    if display != row.display:  # a group shows its members' names
        bump_groups_of(connection, organization_id, row.id, row.updated_at)
    if not (row.active and was_active):
        end_access(connection, organization_id, row.id)
    for value in change.values_removed:
        connection.execute(
            "DELETE FROM user_value WHERE organization_id = ? AND user_id = ? AND attribute = ? AND type = ?"
            " AND value_key = ?",
            (organization_id, row.id, *value),
        )
    _insert_values(connection, organization_id, row.id, change.values_added)


def _update_provenance(connection: apsw.Connection, organization_id: str, change: UpdateProvenance) -> None:
    _must_change(
        connection,
        f'UPDATE "user" SET provenance = ? {_LIVING_AT}',
        (change.provenance, organization_id, change.user_id, change.expected_version),
    )


def _update_remarks(connection: apsw.Connection, organization_id: str, change: UpdateRemarks) -> None:
    _must_change(
        connection,
        f'UPDATE "user" SET remarks = ? {_LIVING_AT}',
        (change.remarks, organization_id, change.user_id, change.expected_version),
    )


def _delete_user(connection: apsw.Connection, organization_id: str, change: DeleteUser) -> None:
    at, user = change.deleted_at, (organization_id, change.user_id)
    _must_change(
        connection,
        f'UPDATE "user" SET version = version + 1, deleted_at = ?, updated_at = max(updated_at, ?) {_LIVING_AT}',
        (at, at, *user, change.expected_version),
    )
    bump_groups_of(connection, organization_id, change.user_id, at)
    for table in ("group_member", "user_value", "password"):
        connection.execute(f"DELETE FROM {table} WHERE organization_id = ? AND user_id = ?", user)
    end_access(connection, *user)
    count_resource(connection, organization_id, "user", -1)


def _set_password(connection: apsw.Connection, organization_id: str, change: SetPassword) -> None:
    if change.password_hash is None:
        connection.execute(
            "DELETE FROM password WHERE organization_id = ? AND user_id = ?",
            (organization_id, change.user_id),
        )
        return
    if change.replaces is not None:
        _must_change(
            connection,
            "UPDATE password SET password_hash = ? WHERE organization_id = ? AND user_id = ? AND password_hash = ?",
            (change.password_hash, organization_id, change.user_id, change.replaces),
        )
        return
    connection.execute(
        "INSERT INTO password (organization_id, user_id, password_hash) SELECT organization_id, id, ?"
        ' FROM "user" WHERE organization_id = ? AND id = ? AND deleted_at IS NULL'
        " ON CONFLICT (organization_id, user_id) DO UPDATE SET password_hash = excluded.password_hash",
        (change.password_hash, organization_id, change.user_id),
    )


# --- the organization -------------------------------------------------------------------------


def _insert_organization(connection: apsw.Connection, organization_id: str, change: InsertOrganization) -> None:
    made = change.organization
    connection.execute(
        "INSERT INTO organization (organization_id, slug, name, okta_scim_enabled, created_at, settings)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (organization_id, made.slug, made.name, made.okta_scim_enabled, made.created_at, made.settings),
    )


def _update_organization(connection: apsw.Connection, organization_id: str, change: UpdateOrganization) -> None:
    _must_change(
        connection,
        "UPDATE organization SET okta_scim_enabled = coalesce(?, okta_scim_enabled),"
        " settings = coalesce(?, settings) WHERE organization_id = ? AND settings = coalesce(?, settings)",
        (change.okta_scim_enabled, change.settings, organization_id, change.settings_before),
    )


def _insert_site(connection: apsw.Connection, organization_id: str, change: InsertSite) -> None:
    site = change.site
    connection.execute(
        "INSERT INTO site (organization_id, number, name, time_zone, created_at, closed_at) VALUES (?, ?, ?, ?, ?, ?)",
        (organization_id, site.number, site.name, site.time_zone, site.created_at, site.closed_at),
    )


def _update_site(connection: apsw.Connection, organization_id: str, change: UpdateSite) -> None:
    site = change.site
    connection.execute(
        "UPDATE site SET name = ?, time_zone = ?, closed_at = coalesce(closed_at, ?)"
        " WHERE organization_id = ? AND number = ?",
        (site.name, site.time_zone, site.closed_at, organization_id, site.number),
    )


def _insert_credential(connection: apsw.Connection, organization_id: str, change: InsertCredential) -> None:
    made = change.credential
    connection.execute(
        "INSERT INTO credential (organization_id, key_id, secret_sha256, label, client, last_four, tolerances,"
        " created_at, created_by, expires_at, revoked_at, last_used_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            organization_id,
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
        ),
    )


def _update_credential(connection: apsw.Connection, organization_id: str, change: UpdateCredential) -> None:
    made = change.credential
    connection.execute(
        "UPDATE credential SET label = ?, tolerances = ?, expires_at = ?, revoked_at = coalesce(revoked_at, ?)"
        " WHERE organization_id = ? AND key_id = ?",
        (made.label, made.tolerances, made.expires_at, made.revoked_at, organization_id, made.key_id),
    )


def _record_use(connection: apsw.Connection, organization_id: str, use: CredentialUse) -> None:
    credential = (organization_id, use.key_id)
    known = _execute(
        connection,
        "UPDATE credential SET last_used_at = max(coalesce(last_used_at, ''), ?)"
        " WHERE organization_id = ? AND key_id = ?",
        (use.last_used_at, *credential),
    )
    for tolerance, uses in use.tolerances if known else ():
        connection.execute(
            "INSERT INTO tolerance_use (organization_id, key_id, tolerance, uses, last_used_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (organization_id, key_id, tolerance) DO UPDATE SET"
            " uses = uses + excluded.uses, last_used_at = max(last_used_at, excluded.last_used_at)",
            (*credential, tolerance, uses, use.last_used_at),
        )


_CHANGES: dict[type, Callable[[apsw.Connection, str, Any], None]] = {
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
    RequireManager: require_manager,
    **GROUP_CHANGES,
    **ACCOUNT_CHANGES,
    **ACTIVITY_CHANGES,
}
