"""Row locks that are taken before a change set, always in one order: groups, then people, by id.

A single statement locks in that order itself. A change set of several statements, or the removal of
a group, which must see every member, takes its locks in a statement of its own first.
"""

from collections.abc import Iterable, Sequence

from mdscripts.app.ports import (
    ChangeMembers,
    DeleteGroup,
    DeleteUser,
    InsertGroup,
    UpdateGroup,
    UpdateUser,
)
from mdscripts.storage.dialect import storable
from mdscripts.storage.engine import StoredChange
from mdscripts.storage.postgres.statement import Step, accept

_LOCK = """
WITH held_groups AS (
    SELECT g.id FROM "group" g WHERE g.organization_id = $1 AND g.id = ANY($2::text[]) ORDER BY g.id FOR UPDATE
), held_people AS (
    SELECT u.id FROM "user" u WHERE u.organization_id = $1 AND u.id = ANY($3::text[])
    AND (SELECT count(*) FROM held_groups) >= 0 ORDER BY u.id FOR NO KEY UPDATE
)
SELECT (SELECT count(*) FROM held_groups), (SELECT count(*) FROM held_people)
"""


def lock_first(organization_id: str, changes: Sequence[StoredChange]) -> list[Step]:
    """The statement that takes the locks, if one is needed."""
    if len(changes) < 2 and not any(isinstance(change, DeleteGroup) for change in changes):
        return []
    groups: set[str] = set()
    people: set[str] = set()
    for change in changes:
        some_groups, some_people = _rows_of(change)
        groups.update(some_groups)
        people.update(some_people)
    if not groups and not people:
        return []
    return [lock_rows(organization_id, groups, people)]


def lock_rows(organization_id: str, groups: Iterable[str], people: Iterable[str]) -> Step:
    """The statement that locks these groups and people."""
    ids = [[each for each in some if storable(each)] for some in (groups, people)]
    return Step(_LOCK, [organization_id, *ids], accept)


def _rows_of(change: StoredChange) -> tuple[Iterable[str], Iterable[str]]:
    """The groups and people a change may lock, as far as it names them."""
    match change:
        case ChangeMembers(group_id, add, remove):
            return (group_id,), (*add, *remove)
        case UpdateGroup(row):
            return (row.id,), ()
        case DeleteGroup(group_id):
            return (group_id,), ()
        case InsertGroup(_, members):
            return (), members
        case UpdateUser(row):
            return (), (row.id,)
        case DeleteUser(user_id):
            return (), (user_id,)
        case _:
            return (), ()
