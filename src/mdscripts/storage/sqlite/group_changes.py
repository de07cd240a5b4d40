"""Changes of groups and memberships as SQLite statements.

Nobody's version moves unless something a reader can see has changed: a user's version covers
``groups``, a group's version covers ``members``.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import apsw
import orjson

from mdscripts.app.ports import (
    ChangeGrants,
    ChangeMembers,
    DeleteGroup,
    InsertGroup,
    StaleVersion,
    UnknownMember,
    UpdateGroup,
)
from mdscripts.storage.dialect import storable
from mdscripts.storage.sqlite.access import change_grants

_GROUP_AT = "WHERE organization_id = ? AND id = ? AND version = ?"
_MEMBERS = "SELECT user_id FROM group_member WHERE organization_id = ? AND group_id = ?"
_LISTED = "SELECT value FROM json_each(?)"


def count_resource(connection: apsw.Connection, organization_id: str, resource: str, step: int) -> None:
    """Keep the number of users or groups. One slot is enough where one process writes at a time."""
    connection.execute(
        "INSERT INTO resource_counter (organization_id, resource, slot, total) VALUES (?, ?, 0, ?)"
        " ON CONFLICT (organization_id, resource, slot) DO UPDATE SET total = total + excluded.total",
        (organization_id, resource, step),
    )


def bump_groups_of(connection: apsw.Connection, organization_id: str, user_id: str, at: str) -> None:
    """A new version for every group the user is in."""
    connection.execute(
        'UPDATE "group" SET version = version + 1, updated_at = max(updated_at, ?) WHERE organization_id = ?'
        " AND id IN (SELECT group_id FROM group_member WHERE organization_id = ? AND user_id = ?)",
        (at, organization_id, organization_id, user_id),
    )


def _bump_members(connection: apsw.Connection, organization_id: str, group_id: str, at: str) -> None:
    connection.execute(
        'UPDATE "user" SET version = version + 1, updated_at = max(updated_at, ?)'
        f" WHERE organization_id = ? AND id IN ({_MEMBERS})",
        (at, organization_id, organization_id, group_id),
    )


def _insert_group(connection: apsw.Connection, organization_id: str, change: InsertGroup) -> None:
    row = change.row
    connection.execute(
        'INSERT INTO "group" (organization_id, id, display_name, display_name_key, external_id, created_at,'
        " updated_at, version, body) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
        (
            organization_id,
            row.id,
            row.display_name,
            row.display_name_key,
            row.external_id,
            row.created_at,
            row.updated_at,
            row.body,
        ),
    )
    count_resource(connection, organization_id, "group", 1)
    _require_users(connection, organization_id, change.member_ids)
    joined = _join(connection, organization_id, row.id, change.member_ids)
    _bump_users(connection, organization_id, joined, row.created_at)


def _update_group(connection: apsw.Connection, organization_id: str, change: UpdateGroup) -> None:
    row = change.row
    connection.execute(
        'UPDATE "group" SET version = version + 1, display_name = ?, display_name_key = ?, external_id = ?,'
        f" updated_at = ?, body = ? {_GROUP_AT}",
        (
            row.display_name,
            row.display_name_key,
            row.external_id,
            row.updated_at,
            row.body,
            organization_id,
            row.id,
            change.expected_version,
        ),
    )
    if not connection.changes():
        raise StaleVersion
    if change.renamed:
        _bump_members(connection, organization_id, row.id, row.updated_at)


def _change_members(connection: apsw.Connection, organization_id: str, change: ChangeMembers) -> None:
    group = (organization_id, change.group_id)
    _require_group(connection, group, change.expected_version, change.granted)
    _require_users(connection, organization_id, change.add)
    changed = [
        *_leave(connection, organization_id, change.group_id, set(change.remove).difference(change.add)),
        *_join(connection, organization_id, change.group_id, change.add),
    ]
    if changed:
        _bump_users(connection, organization_id, changed, change.at)
        connection.execute(
            'UPDATE "group" SET version = version + 1, updated_at = max(updated_at, ?)'
            " WHERE organization_id = ? AND id = ?",
            (change.at, *group),
        )


def _require_group(
    connection: apsw.Connection, group: tuple[str, str], version: int | None, granted: bool | None
) -> None:
    found = connection.execute(
        'SELECT version, granted FROM "group" WHERE organization_id = ? AND id = ?', group
    ).fetchall()
    if not found or version not in (None, found[0][0]) or granted not in (None, bool(found[0][1])):
        raise StaleVersion


def _delete_group(connection: apsw.Connection, organization_id: str, change: DeleteGroup) -> None:
    _require_group(connection, (organization_id, change.group_id), None, change.granted)
    _bump_members(connection, organization_id, change.group_id, change.at)
    connection.execute('DELETE FROM "group" WHERE organization_id = ? AND id = ?', (organization_id, change.group_id))
    count_resource(connection, organization_id, "group", -1)


def _require_users(connection: apsw.Connection, organization_id: str, ids: Sequence[str]) -> None:
    found = connection.execute(
        f'SELECT id FROM "user" WHERE organization_id = ? AND deleted_at IS NULL AND id IN ({_LISTED})',
        (organization_id, _list(ids)),
    )
    missing = dict.fromkeys(ids)
    for (user_id,) in found:
        del missing[user_id]
    if missing:
        raise UnknownMember(list(missing))


def _join(connection: apsw.Connection, organization_id: str, group_id: str, ids: Iterable[str]) -> list[str]:
    """Who was not a member before."""
    rows = connection.execute(
        "INSERT INTO group_member (organization_id, group_id, user_id)"
        " SELECT ?, ?, value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING RETURNING user_id",
        (organization_id, group_id, _list(ids)),
    )
    return [row[0] for row in rows]


def _leave(connection: apsw.Connection, organization_id: str, group_id: str, ids: Iterable[str]) -> list[str]:
    """Who was a member before."""
    rows = connection.execute(
        f"DELETE FROM group_member WHERE organization_id = ? AND group_id = ? AND user_id IN ({_LISTED})"
        " RETURNING user_id",
        (organization_id, group_id, _list(ids)),
    )
    return [row[0] for row in rows]


def _bump_users(connection: apsw.Connection, organization_id: str, ids: Iterable[str], at: str) -> None:
    connection.execute(
        'UPDATE "user" SET version = version + 1, updated_at = max(updated_at, ?)'
        f" WHERE organization_id = ? AND id IN ({_LISTED})",
        (at, organization_id, _list(ids)),
    )


def _list(ids: Iterable[str]) -> str:
    """A JSON array for ``json_each``. What no database can hold is no id of anything."""
    return orjson.dumps([user_id for user_id in ids if storable(user_id)]).decode()


GROUP_CHANGES: dict[type, Callable[[apsw.Connection, str, Any], None]] = {
    InsertGroup: _insert_group,
    UpdateGroup: _update_group,
    ChangeMembers: _change_members,
    DeleteGroup: _delete_group,
    ChangeGrants: change_grants,
}
