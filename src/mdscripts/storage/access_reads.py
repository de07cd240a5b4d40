"""Reads about effective access, on either database.

What decides somebody's access (own values, memberships, grants, closed sites) is always read by
one statement, so that it belongs to one moment.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from mdscripts.app.ports import AccessState, GroupGrant, PersonAccess
from mdscripts.domain.roles import parse_role
from mdscripts.storage.dialect import Dialect
from mdscripts.storage.engine import Row

PEOPLE_AT_ONCE = 1_000
"""How many people one state holds."""

NO_LIMIT = 2**31 - 1

_IN_ROLE_GRANTS = (
    "FROM group_member {member} JOIN group_grant {grant} ON {grant}.organization_id = {member}.organization_id"
    " AND {grant}.group_id = {member}.group_id AND {grant}.role IS NOT NULL"
    " WHERE {member}.organization_id = $1 AND {member}.user_id = t.id"
)

MANAGERS = (
    "SELECT t.id FROM \"user\" t WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.role_key = 'manager'"
    f" AND t.active AND NOT EXISTS (SELECT 1 {_IN_ROLE_GRANTS.format(member='m', grant='x')})"
    " UNION ALL "
    "SELECT t.id FROM group_grant gg JOIN group_member m ON m.organization_id = gg.organization_id"
    ' AND m.group_id = gg.group_id JOIN "user" t ON t.organization_id = m.organization_id AND t.id = m.user_id'
    " WHERE gg.organization_id = $1 AND gg.role = 'Manager' AND t.active AND t.deleted_at IS NULL"
    f" AND NOT EXISTS (SELECT 1 {_IN_ROLE_GRANTS.format(member='n', grant='x')}"
    " AND (x.position, x.group_id) < (gg.position, gg.group_id))"
)
"""Each active Manager once: those who are it directly and have no grant that names a role, and those
whose deciding grant says so. It can be cut off after a few."""

WITHOUT_MANAGER = (
    "SELECT o.slug FROM organization o WHERE NOT EXISTS"
    f" ({MANAGERS.replace('$1', 'o.organization_id')}) ORDER BY o.slug"
)
"""The organizations without an active Manager; in each of them one is enough to go on to the next."""

_GRANT_COLUMNS = "gg.group_id, g.display_name, gg.role, gg.site_numbers, gg.created_at, gg.updated_at, gg.position"
_GRANTS = (
    ' FROM group_grant gg JOIN "group" g ON g.organization_id = gg.organization_id AND g.id = gg.group_id'
    " WHERE gg.organization_id = $1"
)
_GRANT, _CLOSED_SITE, _PERSON = 1, 2, 3


class AccessStatements:
    """The statements, in the spelling of one database."""

    def __init__(self, dialect: Dialect) -> None:
        spell = dialect.render
        listed = dialect.in_list.format("t.id", "$2")
        of_theirs = (
            " AND gg.group_id IN (SELECT m.group_id FROM group_member m WHERE m.organization_id = $1"
            f" AND {dialect.in_list.format('m.user_id', '$2')})"
        )
        members = (
            "t.id IN (SELECT user_id FROM (SELECT m.user_id FROM group_member m WHERE m.organization_id = $1"
            " AND m.group_id = $2 AND m.user_id > $3 ORDER BY m.user_id LIMIT $4) AS page)"
        )
        self.grants = spell(f"SELECT {_GRANT_COLUMNS}{_GRANTS}")
        self.people = spell(_state(dialect, of_theirs, listed))
        self.people_and_all_grants = spell(_state(dialect, "", listed))
        self.members_and_all_grants = spell(_state(dialect, "", members))
        """The members of group ``$2`` after the id ``$3``, ``$4`` of them."""
        self.is_manager = spell(f"SELECT count(*) FROM ({MANAGERS}) AS managers WHERE id = $2")
        self.active_managers = spell(
            f"SELECT count(*) FROM (SELECT id FROM ({MANAGERS}) AS managers LIMIT $2) AS found"
        )


def _state(dialect: Dialect, grants: str, people: str) -> str:
    """Three kinds of rows: grants, closed sites, people. All have the same columns."""
    sites, groups = dialect.list_of.format("v.value_key"), dialect.list_of.format("m.group_id")
    return (
        f"SELECT {_GRANT} AS kind, {_GRANT_COLUMNS}{_GRANTS}{grants}"
        f" UNION ALL SELECT {_CLOSED_SITE}, s.number, NULL, NULL, NULL, NULL, NULL, 0 FROM site s"
        " WHERE s.organization_id = $1 AND s.closed_at IS NOT NULL"
        f" UNION ALL SELECT {_PERSON}, t.id, {dialect.user_name}, t.role_key,"
        f" (SELECT {sites} FROM user_value v WHERE v.organization_id = $1 AND v.user_id = t.id"
        " AND v.attribute = 'site'),"
        f" (SELECT {groups} FROM group_member m JOIN group_grant gg ON gg.organization_id = m.organization_id"
        " AND gg.group_id = m.group_id WHERE m.organization_id = $1 AND m.user_id = t.id),"
        " NULL, CASE WHEN t.active THEN 1 ELSE 0 END"
        f' FROM "user" t WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND {people}'
    )


def group_grants(rows: Iterable[Row]) -> tuple[GroupGrant, ...]:
    """From the columns of a grant, in order."""
    made = [
        GroupGrant(group_id, name, position, role, tuple(orjson.loads(sites)), created_at, updated_at)
        for group_id, name, role, sites, created_at, updated_at, position in rows
    ]
    return tuple(sorted(made, key=lambda grant: (grant.position, grant.group_id)))


def access_state(rows: Sequence[Row]) -> AccessState:
    """From the three kinds of rows."""
    kinds: dict[int, list[tuple[Any, ...]]] = {_GRANT: [], _CLOSED_SITE: [], _PERSON: []}
    for kind, *columns in rows:
        kinds[kind].append(tuple(columns))
    people = [
        PersonAccess(
            user_id=user_id,
            user_name=user_name,
            active=bool(active),
            role=parse_role(role_key),
            site_numbers=tuple(sorted(_listed(sites))),
            group_ids=frozenset(_listed(groups)),
        )
        for user_id, user_name, role_key, sites, groups, _, active in kinds[_PERSON]
    ]
    return AccessState(
        grants=group_grants(kinds[_GRANT]),
        closed_sites=frozenset(row[0] for row in kinds[_CLOSED_SITE]),
        people=tuple(sorted(people, key=lambda person: person.user_id)),
    )


def stored_sites(grant: GroupGrant) -> str:
    """The sites of a grant as they are stored."""
    return orjson.dumps(grant.site_numbers).decode()


def same_grants(stored: Sequence[GroupGrant], expected: Sequence[GroupGrant]) -> bool:
    """Whether groups grant what is expected; a renamed group makes no difference."""

    def essence(grants: Sequence[GroupGrant]) -> dict[str, tuple[object, ...]]:
        return {grant.group_id: (grant.position, grant.role, grant.site_numbers) for grant in grants}

    return essence(stored) == essence(expected)


def _listed(text: str | None) -> list[str]:
    listed: list[str] = orjson.loads(text) if text else []
    return listed
