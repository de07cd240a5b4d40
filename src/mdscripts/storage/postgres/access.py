"""Grants, and the watch on people's access, as PostgreSQL statements.

Both need to see the state that others have left behind, so they lock first and read with a
statement of their own. Locks are taken in the order organization, groups by id, people by id. A
membership of a group with a grant only changes while the group and the person are locked, grants
only while all groups concerned are.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter

import orjson

from mdscripts.app.ports import (
    AccessWatch,
    AccessWitness,
    ChangeGrants,
    Facts,
    NoLongerManager,
    RequireManager,
    StaleVersion,
)
from mdscripts.storage.access_reads import (
    PEOPLE_AT_ONCE,
    AccessStatements,
    access_state,
    stored_sites,
)
from mdscripts.storage.dialect import POSTGRES
from mdscripts.storage.engine import Row, StoredChange
from mdscripts.storage.postgres.connections import Connection
from mdscripts.storage.postgres.locks import lock_rows
from mdscripts.storage.postgres.statement import Statement, Step, accept

_STATEMENTS = AccessStatements(POSTGRES)
_FACTS_AT_ONCE = 100
_LOCK_MEMBERS = """
SELECT count(*) FROM (
    SELECT u.id FROM "user" u WHERE u.organization_id = $1 AND u.id IN
    (SELECT user_id FROM group_member WHERE organization_id = $1 AND group_id = $2)
    ORDER BY u.id FOR NO KEY UPDATE
) AS held
"""
_LOCK_ORGANIZATION = """
SELECT count(*) FROM (SELECT 1 FROM organization WHERE organization_id = $1 FOR NO KEY UPDATE) AS held
"""
_GRANT = ("text", "integer", "text", "text", "text", "text")


# --- locks ------------------------------------------------------------------------------------


def lock_access(organization_id: str, changes: Sequence[StoredChange]) -> list[Step]:
    """What has to come before changes of grants and changes by managers: locks, and proof of what they expect."""
    steps: list[Step] = []
    for change in changes:
        if isinstance(change, RequireManager):
            steps.append(Step(_STATEMENTS.is_manager, [organization_id, change.user_id], _require_manager))
        elif isinstance(change, ChangeGrants):
            ids = {grant.group_id for grant in (*change.expected, *change.grants)}
            steps.append(lock_rows(organization_id, ids, ())._replace(check=_require_groups(len(ids))))
            steps.append(_require_expected(organization_id, change))
    return [Step(_LOCK_ORGANIZATION, [organization_id], accept), *steps] if steps else []


def _require_manager(found: Row) -> None:
    if not found[0]:
        raise NoLongerManager


def _require_groups(number: int) -> Callable[[Row], None]:
    def check(found: Row) -> None:
        if found[0] < number:
            raise StaleVersion

    return check


def _require_expected(organization_id: str, change: ChangeGrants) -> Step:
    sql = (
        "SELECT json_agg(json_build_array(group_id, position, role, site_numbers) ORDER BY group_id)::text"
        " FROM group_grant WHERE organization_id = $1"
    )
    expected = [[grant.group_id, grant.position, grant.role, stored_sites(grant)] for grant in change.expected]

    def check(found: Row) -> None:
        if orjson.loads(found[0] or "[]") != sorted(expected, key=itemgetter(0)):
            raise StaleVersion

    return Step(sql, [organization_id], check)


def _watch_locks(organization_id: str, changes: Sequence[StoredChange], watch: AccessWatch) -> list[Step]:
    """No membership that a grant speaks of can change meanwhile."""
    locks = lock_access(organization_id, changes)
    if any(isinstance(change, ChangeGrants) for change in changes):
        return locks
    steps = [*locks, lock_rows(organization_id, (watch.group_id,), watch.user_ids or ())]
    if watch.user_ids is None:
        steps.append(Step(_LOCK_MEMBERS, [organization_id, watch.group_id], accept))
    return steps


# --- grants -----------------------------------------------------------------------------------


def change_grants(statement: Statement, change: ChangeGrants) -> None:
    """Replace what groups grant; the expected grants are there and locked."""
    before = {grant.group_id: grant for grant in change.expected}
    after = {grant.group_id: grant for grant in change.grants}
    dropped, added = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    gone, new = statement.params((dropped, added))
    statement.part("dropped", f"DELETE FROM group_grant WHERE organization_id = $1 AND group_id = ANY({gone}::text[])")
    statement.part(
        "marked",
        f'UPDATE "group" SET granted = (id = ANY({new}::text[])) WHERE organization_id = $1'
        f" AND id = ANY({gone}::text[] || {new}::text[])",
    )
    changed = [grant for group_id, grant in after.items() if before.get(group_id) != grant]
    if changed:
        rows = [(g.group_id, g.position, g.role, stored_sites(g), g.created_at, g.updated_at) for g in changed]
        statement.part(
            "put",
            "INSERT INTO group_grant"
            " (organization_id, group_id, position, role, site_numbers, created_at, updated_at)"
            f" SELECT $1::text, v.* FROM ({statement.rows(rows, _GRANT)}) AS v"
            " ON CONFLICT (organization_id, group_id) DO UPDATE SET position = excluded.position,"
            " role = excluded.role, site_numbers = excluded.site_numbers, updated_at = excluded.updated_at",
        )


# --- the watch --------------------------------------------------------------------------------


async def watch_access(
    connection: Connection, organization_id: str, changes: Sequence[StoredChange], watch: AccessWatch
) -> AccessWitness:
    """Inside a transaction: a witness that has seen the people as they will be found by the changes."""
    for step in _watch_locks(organization_id, changes, watch):
        rows = await connection.fetch(step.sql, *step.params)
        step.check(rows[0])
    witness = watch.begin()
    if watch.user_ids is not None:
        for start in range(0, len(watch.user_ids), PEOPLE_AT_ONCE):
            some = POSTGRES.ids(watch.user_ids[start : start + PEOPLE_AT_ONCE])
            witness.see(access_state(await connection.fetch(_STATEMENTS.people_and_all_grants, organization_id, some)))
        return witness
    after = ""
    while True:
        state = access_state(
            await connection.fetch(
                _STATEMENTS.members_and_all_grants, organization_id, watch.group_id, after, PEOPLE_AT_ONCE
            )
        )
        witness.see(state)
        if len(state.people) < PEOPLE_AT_ONCE:
            return witness
        after = state.people[-1].user_id


async def record_findings(connection: Connection, organization_id: str, witness: AccessWitness) -> None:
    """Inside the transaction, after the changes: record what the witness has to say."""
    manager_left = True
    if witness.lost_manager:
        manager_left = bool(await connection.fetchval(_STATEMENTS.active_managers, organization_id, 1))
    found = witness.facts(manager_left=manager_left)
    for start in range(0, max(len(found.audit), len(found.events)), _FACTS_AT_ONCE):
        end = start + _FACTS_AT_ONCE
        statement = Statement(organization_id)
        statement.add_facts(Facts(found.audit[start:end], found.events[start:end]))
        step = statement.step()
        await connection.fetch(step.sql, *step.params)
