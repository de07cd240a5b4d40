"""Grants, and the watch on people's access, in a SQLite transaction."""

import apsw

from mdscripts.app.ports import (
    AccessWatch,
    AccessWitness,
    ChangeGrants,
    GroupGrant,
    NoLongerManager,
    RequireManager,
    StaleVersion,
)
from mdscripts.storage.access_reads import (
    PEOPLE_AT_ONCE,
    AccessStatements,
    access_state,
    group_grants,
    same_grants,
    stored_sites,
)
from mdscripts.storage.dialect import SQLITE

_STATEMENTS = AccessStatements(SQLITE)


def change_grants(connection: apsw.Connection, organization_id: str, change: ChangeGrants) -> None:
    """Replace what groups grant. Raises StaleVersion."""
    stored = group_grants(connection.execute(_STATEMENTS.grants, (organization_id,)))
    if not same_grants(stored, change.expected):
        raise StaleVersion
    before = {grant.group_id: grant for grant in stored}
    after = {grant.group_id: grant for grant in change.grants}
    for group_id in before.keys() - after.keys():
        connection.execute(
            "DELETE FROM group_grant WHERE organization_id = ? AND group_id = ?", (organization_id, group_id)
        )
        _mark(connection, organization_id, group_id, granted=False)
    for group_id, grant in after.items():
        if group_id not in before:
            _mark(connection, organization_id, group_id, granted=True)
        if before.get(group_id) != grant:
            _put(connection, organization_id, grant)


def _mark(connection: apsw.Connection, organization_id: str, group_id: str, *, granted: bool) -> None:
    connection.execute(
        'UPDATE "group" SET granted = ? WHERE organization_id = ? AND id = ?', (granted, organization_id, group_id)
    )
    if not connection.changes():
        raise StaleVersion


def _put(connection: apsw.Connection, organization_id: str, grant: GroupGrant) -> None:
    connection.execute(
        "INSERT INTO group_grant (organization_id, group_id, position, role, site_numbers, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (organization_id, group_id) DO UPDATE SET"
        " position = excluded.position, role = excluded.role, site_numbers = excluded.site_numbers,"
        " updated_at = excluded.updated_at",
        (
            organization_id,
            grant.group_id,
            grant.position,
            grant.role,
            stored_sites(grant),
            grant.created_at,
            grant.updated_at,
        ),
    )


def watch_access(connection: apsw.Connection, organization_id: str, watch: AccessWatch) -> AccessWitness:
    """A witness that has seen the people as they are now."""
    witness = watch.begin()
    if watch.user_ids is not None:
        for start in range(0, len(watch.user_ids), PEOPLE_AT_ONCE):
            listed = SQLITE.ids(watch.user_ids[start : start + PEOPLE_AT_ONCE])
            rows = connection.execute(_STATEMENTS.people_and_all_grants, (organization_id, listed))
            witness.see(access_state(rows.fetchall()))
        return witness
    after = ""
    while True:
        rows = connection.execute(
            _STATEMENTS.members_and_all_grants, (organization_id, watch.group_id, after, PEOPLE_AT_ONCE)
        )
        state = access_state(rows.fetchall())
        witness.see(state)
        if len(state.people) < PEOPLE_AT_ONCE:
            return witness
        after = state.people[-1].user_id


def require_manager(connection: apsw.Connection, organization_id: str, change: RequireManager) -> None:
    """Raises NoLongerManager. Nobody else writes meanwhile."""
    found = connection.execute(_STATEMENTS.is_manager, (organization_id, change.user_id)).fetchall()
    if not found[0][0]:
        raise NoLongerManager


def has_manager(connection: apsw.Connection, organization_id: str) -> bool:
    """Whether the organization has an active Manager now."""
    return bool(connection.execute(_STATEMENTS.active_managers, (organization_id, 1)).fetchall()[0][0])
