"""Everything of one organization, on either database (``ports.OrganizationStore``).

Every statement takes the organization as its first parameter; a store cannot be told another one.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from operator import itemgetter
from typing import Any

from mdscripts.app.ports import (
    AccessState,
    AccessWatch,
    AuditRecord,
    Change,
    CredentialRecord,
    Facts,
    GroupGrant,
    GroupPage,
    GroupRecord,
    OrganizationRecord,
    Page,
    Query,
    SiteRecord,
    ToleranceUse,
    UserPage,
    UserRecord,
)
from mdscripts.storage.access_reads import NO_LIMIT, AccessStatements, access_state, group_grants
from mdscripts.storage.dialect import Dialect, storable
from mdscripts.storage.engine import Engine, Row
from mdscripts.storage.filter_columns import GROUPS, USERS
from mdscripts.storage.filter_sql import mentions
from mdscripts.storage.paging import Pager, R, Shape, shape_of
from mdscripts.storage.position_hints import PositionHints
from mdscripts.storage.records import (
    AUDIT_COLUMNS,
    CREDENTIAL_COLUMNS,
    GROUP_AND_MEMBERS_COLUMNS,
    GROUP_COLUMNS,
    ORGANIZATION_COLUMNS,
    USER_COLUMNS,
    audit_record,
    credential_record,
    group_record,
    group_with_members,
    organization_record,
    site_record,
    user_record,
)
from mdscripts.storage.turns import Turns

_USER = f'SELECT {USER_COLUMNS} FROM "user" t WHERE {USERS.living}'
_GROUP_WHERE = f'FROM "group" t WHERE {GROUPS.living} AND t.id = $2'


class Statements:
    """The reads of one organization, in the spelling of one database."""

    def __init__(self, dialect: Dialect) -> None:
        spell = dialect.render
        self.access = AccessStatements(dialect)
        self.user_by_id = spell(f"{_USER} AND t.id = $2")
        self.user_by_name = spell(f"{_USER} AND t.user_name_key = $2")
        self.active_users_with_npi = spell(
            f'SELECT t.id FROM "user" t WHERE {USERS.living} AND t.npi = $2 AND t.active ORDER BY t.id LIMIT 10'
        )
        self.group = spell(f"SELECT {GROUP_COLUMNS} {_GROUP_WHERE}")
        self.group_and_members = spell(f"SELECT {GROUP_AND_MEMBERS_COLUMNS} {_GROUP_WHERE}")
        members = "SELECT user_id FROM group_member WHERE organization_id = $1 AND group_id = $2"
        self.member_ids = spell(f"{members} ORDER BY user_id")
        self.member_ids_among = spell(f"{members} AND {dialect.in_list.format('user_id', '$3')}")
        self.sites = spell(
            "SELECT number, name, time_zone, created_at, closed_at FROM site WHERE organization_id = $1 ORDER BY number"
        )
        self.credentials = spell(
            f"SELECT {CREDENTIAL_COLUMNS} FROM credential c WHERE c.organization_id = $1"
            " ORDER BY c.created_at DESC, c.key_id DESC"
        )
        self.tolerance_uses = spell(
            "SELECT tolerance, uses, last_used_at FROM tolerance_use WHERE organization_id = $1 AND key_id = $2"
            " ORDER BY tolerance"
        )
        self.organization = spell(f"SELECT {ORGANIZATION_COLUMNS} FROM organization o WHERE o.organization_id = $1")
        self.password_hash = spell("SELECT password_hash FROM password WHERE organization_id = $1 AND user_id = $2")
        sequence = "sequence" if dialect.name == "sqlite" else "id"
        self.audit = spell(
            f"SELECT {sequence}, {AUDIT_COLUMNS} FROM audit WHERE organization_id = $1 AND {sequence} > $2"
            f" ORDER BY {sequence} LIMIT $3"
        )
        self.users = shape_of(dialect, USERS, USER_COLUMNS, user_record)
        self.groups = shape_of(dialect, GROUPS, GROUP_COLUMNS, group_record)
        self.groups_and_members = shape_of(dialect, GROUPS, GROUP_AND_MEMBERS_COLUMNS, group_with_members)


class DatabaseOrganizationStore:
    """One organization in a database."""

    def __init__(
        self,
        organization_id: str,
        engine: Engine,
        statements: Statements,
        hints: PositionHints,
        work_budget: int,
        turns: Turns,
    ) -> None:
        self.organization_id = organization_id
        self._engine = engine
        self._statements = statements
        self._hints = hints
        self._work_budget = work_budget
        self._turns = turns

    def turn(self, resource_id: str) -> AbstractAsyncContextManager[None]:
        """A queue of those who ask for the same id in this process: inside, one is alone."""
        return self._turns.queue(self.organization_id, resource_id)

    async def _rows(self, statement: str, *params: Any, heavy: bool = False) -> Sequence[Row]:
        """Rows of a read; none if it asks for text that no database can hold."""
        if not all(storable(param) for param in params if isinstance(param, str)):
            return ()
        return await self._engine.fetch(statement, (self.organization_id, *params), heavy=heavy)

    async def find_user(self, user_id: str) -> UserRecord | None:
        """A living user by id."""
        rows = await self._rows(self._statements.user_by_id, user_id)
        return user_record(rows[0]) if rows else None

    async def find_user_by_name(self, user_name_key: str) -> UserRecord | None:
        """A living user by folded user name."""
        rows = await self._rows(self._statements.user_by_name, user_name_key)
        return user_record(rows[0]) if rows else None

    async def list_users(self, query: Query) -> UserPage:
        """Living users. Raises WorkBudgetExceeded."""
        return await self._page(self._statements.users, self._statements.users, query)

    async def active_users_with_npi(self, npi: str) -> Sequence[str]:
        """Ids of at most ten active users that hold this NPI."""
        return [row[0] for row in await self._rows(self._statements.active_users_with_npi, npi)]

    async def count_active_managers(self, *, at_most: int | None = None) -> int:
        """How many active users are Managers, directly or through a group."""
        limit = NO_LIMIT if at_most is None else at_most
        return int((await self._rows(self._statements.access.active_managers, limit, heavy=at_most is None))[0][0])

    async def list_grants(self) -> Sequence[GroupGrant]:
        """What groups grant, in order."""
        return group_grants(await self._rows(self._statements.access.grants))

    async def access_state(self, user_ids: Sequence[str]) -> AccessState:
        """What decides the access of the living users among these, all at one moment."""
        ids = self._engine.dialect.ids(user_ids)
        return access_state(await self._rows(self._statements.access.people, ids, heavy=len(user_ids) > 1))

    async def find_group(self, group_id: str, *, with_members: bool) -> GroupRecord | None:
        """A group by id, with its members by id if they are asked for."""
        if with_members:
            rows = await self._rows(self._statements.group_and_members, group_id, heavy=True)
            return group_with_members(rows[0]) if rows else None
        rows = await self._rows(self._statements.group, group_id)
        return group_record(rows[0]) if rows else None

    async def list_groups(self, query: Query, *, with_members: bool) -> GroupPage:
        """Groups. Raises WorkBudgetExceeded."""
        plain, full = self._statements.groups, self._statements.groups_and_members
        sorts = query.sort_path.attribute if query.sort_path is not None else None
        looks = mentions(query.filter, "members") or (sorts is not None and sorts.name == "members")
        return await self._page(full if with_members else plain, full if looks else plain, query)

    async def _page(self, shape: Shape[R], judged: Shape[R], query: Query) -> Page[R]:
        pager = Pager(self._engine, self.organization_id, shape, judged, self._hints, self._work_budget)
        return await pager.page(query)

    async def member_ids(self, group_id: str, among: Sequence[str] | None = None) -> Sequence[str]:
        """User ids of a group's members, all of them or those among the given ones."""
        if among is None:
            rows = await self._rows(self._statements.member_ids, group_id, heavy=True)
        else:
            ids = self._engine.dialect.ids(among)
            # Sorted here: for the order PostgreSQL might rather read all members of a small group.
            rows = sorted(await self._rows(self._statements.member_ids_among, group_id, ids), key=itemgetter(0))
        return [row[0] for row in rows]

    async def list_sites(self) -> Sequence[SiteRecord]:
        """All sites, open and closed, by number."""
        return [site_record(row) for row in await self._rows(self._statements.sites)]

    async def list_credentials(self) -> Sequence[CredentialRecord]:
        """All tokens, newest first."""
        return [credential_record(row) for row in await self._rows(self._statements.credentials)]

    async def list_tolerance_uses(self, key_id: str) -> Sequence[ToleranceUse]:
        """The counters of one token, by tolerance."""
        return [ToleranceUse(*row) for row in await self._rows(self._statements.tolerance_uses, key_id)]

    async def find_organization(self) -> OrganizationRecord:
        """The organization itself. Raises LookupError if it was never created."""
        rows = await self._rows(self._statements.organization)
        if not rows:
            raise LookupError(f"there is no organization {self.organization_id}")
        return organization_record(rows[0])

    async def find_password_hash(self, user_id: str) -> str | None:
        """The person's password hash, if one is set."""
        rows = await self._rows(self._statements.password_hash, user_id)
        return str(rows[0][0]) if rows else None

    async def list_audit(self, *, after: str = "", limit: int = 100) -> Sequence[AuditRecord]:
        """Audit rows after a sequence, oldest first.

        On PostgreSQL a row can appear before one that was already read, if its transaction took
        longer: read again from a little earlier to miss none.
        """
        start: object = int(after or 0) if self._engine.dialect.name == "sqlite" else after
        return [audit_record(row) for row in await self._rows(self._statements.audit, start, limit)]

    async def commit(self, changes: Sequence[Change], facts: Facts, watch: AccessWatch | None = None) -> None:
        """Apply all changes and record the facts in one transaction, or raise and change nothing."""
        await self._engine.commit(self.organization_id, changes, facts, watch)
