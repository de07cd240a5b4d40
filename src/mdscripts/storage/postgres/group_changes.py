"""Changes of groups and memberships as PostgreSQL statements.

Nobody's version moves unless something a reader can see has changed: a user's version covers
``groups``, a group's version covers ``members``. Locks are always taken in one order, groups
before people, people by id. A membership change raises the user's version, so that a deletion
computed from the state before it is stale: no membership outlives its user.
"""

from collections.abc import Callable, Sequence
from typing import Any

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
from mdscripts.storage.engine import Row
from mdscripts.storage.postgres.access import change_grants
from mdscripts.storage.postgres.statement import ALWAYS, Statement

_FOUND_IF_REFUSED = "CASE WHEN (SELECT count(*) FROM changed) = 0 THEN (SELECT array_agg(id) FROM found) END"


def _lock_people(statement: Statement, name: str, ids: Sequence[str], condition: str = "") -> None:
    """A CTE with the ids of those listed who exist."""
    listed = statement.param([user_id for user_id in ids if storable(user_id)])
    statement.part(
        name,
        f'SELECT u.id FROM "user" u WHERE u.organization_id = $1 AND u.id = ANY({listed}::text[])'
        f" AND u.deleted_at IS NULL{condition} ORDER BY u.id FOR NO KEY UPDATE OF u",
    )


def _bump_people(statement: Statement, ids: str, at: str) -> None:
    # An array is always looked up one by one; of a join the planner may think that reading all is cheaper.
    statement.part(
        "bumped",
        f'UPDATE "user" SET version = version + 1, updated_at = greatest(updated_at, {at})'
        f" WHERE organization_id = $1 AND id = ANY(ARRAY({ids}))",
    )


def _bump_members(statement: Statement, group: str, at: str, source: str) -> None:
    """A new version for every member, if ``source`` has a row."""
    statement.part(
        "people",
        f'SELECT u.id FROM "user" u, {source} WHERE u.organization_id = $1 AND u.id IN'
        f" (SELECT user_id FROM group_member WHERE organization_id = $1 AND group_id = {group})"
        " ORDER BY u.id FOR NO KEY UPDATE OF u",
    )
    _bump_people(statement, "SELECT id FROM people", at)


def _require_users(ids: Sequence[str], found: Sequence[str] | None) -> None:
    missing = dict.fromkeys(ids)
    for user_id in found or ():
        del missing[user_id]
    if missing:
        raise UnknownMember(list(missing))


def _insert_group(statement: Statement, change: InsertGroup) -> None:
    row, members = change.row, list(dict.fromkeys(change.member_ids))
    _lock_people(statement, "found", members)
    places = statement.params(
        (
            row.id,
            row.display_name,
            row.display_name_key,
            row.external_id,
            row.created_at,
            row.updated_at,
            row.body,
        )
    )
    expected = statement.param(len(members))
    statement.part(
        "changed",
        'INSERT INTO "group" (organization_id, version, id, display_name, display_name_key, external_id,'
        " created_at, updated_at, body)"
        f" SELECT $1::text, 1, {', '.join(f'{place}::text' for place in places)}"
        f" WHERE (SELECT count(*) FROM found) = {expected} RETURNING id",
    )
    statement.accepted = "changed"
    if members:
        statement.part(
            "joined",
            "INSERT INTO group_member (organization_id, group_id, user_id)"
            " SELECT $1::text, changed.id, found.id FROM changed, found",
        )
        _bump_people(statement, "SELECT found.id FROM found, changed", f"{places[4]}::text")
    statement.count("group", row.id, 1)
    statement.result = f"(SELECT count(*) FROM changed), {_FOUND_IF_REFUSED}"

    def check(result: Row) -> None:
        if not result[0]:
            _require_users(members, result[1])

    statement.check = check


def _update_group(statement: Statement, change: UpdateGroup) -> None:
    row = change.row
    name, key, external_id, at, body, group, version = statement.params(
        (
            row.display_name,
            row.display_name_key,
            row.external_id,
            row.updated_at,
            row.body,
            row.id,
            change.expected_version,
        )
    )
    statement.part(
        "changed",
        f'UPDATE "group" SET version = version + 1, display_name = {name}, display_name_key = {key},'
        f" external_id = {external_id}, updated_at = {at}, body = {body}"
        f" WHERE organization_id = $1 AND id = {group} AND version = {version} RETURNING id",
    )
    statement.accepted = "changed"
    if change.renamed:
        _bump_members(statement, group, at, "changed")
    statement.result = "count(*) FROM changed"
    statement.check = _require_group


def _require_group(result: Row) -> None:
    if not result[0]:
        raise StaleVersion


def _change_members(statement: Statement, change: ChangeMembers) -> None:
    added = dict.fromkeys(change.add)
    add, remove = list(added), [user_id for user_id in change.remove if user_id not in added]
    group, version, at, granted = statement.params(
        (change.group_id, change.expected_version, change.at, change.granted)
    )
    expected = statement.param(len(add))
    statement.part(
        "held",
        f'SELECT g.id FROM "group" g WHERE g.organization_id = $1 AND g.id = {group}'
        f" AND ({version}::integer IS NULL OR g.version = {version})"
        f" AND ({granted}::boolean IS NULL OR g.granted = {granted}) FOR NO KEY UPDATE",
    )
    _lock_people(statement, "found", add, " AND EXISTS (SELECT 1 FROM held)")
    _lock_people(statement, "leaving", remove, " AND EXISTS (SELECT 1 FROM held)")
    statement.part("changed", f"SELECT id FROM held WHERE (SELECT count(*) FROM found) = {expected}")
    statement.accepted = "changed"
    statement.part(
        "gone",
        f"DELETE FROM group_member m USING changed WHERE m.organization_id = $1 AND m.group_id = {group}"
        " AND m.user_id = ANY(ARRAY(SELECT id FROM leaving)) RETURNING m.user_id",
    )
    statement.part(
        "joined",
        "INSERT INTO group_member (organization_id, group_id, user_id)"
        " SELECT $1::text, changed.id, found.id FROM changed, found ON CONFLICT DO NOTHING RETURNING user_id",
    )
    statement.part("moved", "SELECT user_id FROM gone UNION ALL SELECT user_id FROM joined")
    _bump_people(statement, "SELECT user_id FROM moved", at)
    statement.part(
        "touched",
        f'UPDATE "group" SET version = version + 1, updated_at = greatest(updated_at, {at})'
        f" WHERE organization_id = $1 AND id = {group} AND EXISTS (SELECT 1 FROM moved)",
    )
    statement.result = f"(SELECT count(*) FROM held), (SELECT count(*) FROM changed), {_FOUND_IF_REFUSED}"

    def check(result: Row) -> None:
        if not result[0]:
            raise StaleVersion
        if not result[1]:
            _require_users(add, result[2])

    statement.check = check


def _delete_group(statement: Statement, change: DeleteGroup) -> None:
    group, at, granted = statement.params((change.group_id, change.at, change.granted))
    _bump_members(statement, group, at, ALWAYS)
    statement.part(
        "gone",
        f'DELETE FROM "group" WHERE organization_id = $1 AND id = {group}'
        f" AND ({granted}::boolean IS NULL OR granted = {granted}) RETURNING id",
    )
    statement.accepted = "gone"
    statement.count("group", change.group_id, -1)
    statement.result = "count(*) FROM gone"
    statement.check = _require_group


GROUP_CHANGES: dict[type, Callable[[Statement, Any], None]] = {
    InsertGroup: _insert_group,
    UpdateGroup: _update_group,
    ChangeMembers: _change_members,
    DeleteGroup: _delete_group,
    ChangeGrants: change_grants,
}
