"""The installation: all organizations, and the stores of each (``ports.Storage``)."""

import asyncio
from collections.abc import Sequence

from mdscripts.app.ports import CredentialMatch, CredentialUse, Facts, OrganizationRecord
from mdscripts.storage.access_reads import WITHOUT_MANAGER
from mdscripts.storage.accounts import DatabaseAccountStorage
from mdscripts.storage.activity import DatabaseActivity
from mdscripts.storage.audit import DatabaseAudit
from mdscripts.storage.dialect import storable
from mdscripts.storage.engine import Engine, InsertOrganization
from mdscripts.storage.organization_store import DatabaseOrganizationStore, Statements
from mdscripts.storage.overview import DatabaseOverview
from mdscripts.storage.position_hints import PositionHints
from mdscripts.storage.records import (
    CREDENTIAL_COLUMNS,
    ORGANIZATION_COLUMNS,
    credential_match,
    organization_record,
)
from mdscripts.storage.roster import DatabaseRoster
from mdscripts.storage.turns import Turns

_USES_AT_ONCE = 64


class DatabaseStorage:
    """All organizations in one database."""

    def __init__(self, engine: Engine, work_budget: int) -> None:
        self.accounts = DatabaseAccountStorage(engine)
        self.activity = DatabaseActivity(engine)
        self.audit = DatabaseAudit(engine)
        self.roster = DatabaseRoster(engine)
        self.overview = DatabaseOverview(engine)
        self._engine = engine
        self._work_budget = work_budget
        self._statements = Statements(engine.dialect)
        self._hints = PositionHints()
        self._turns = Turns()
        spell = engine.dialect.render
        self._organizations = f"SELECT {ORGANIZATION_COLUMNS} FROM organization o"
        self._without_manager = spell(WITHOUT_MANAGER)
        self._organization_by_slug = spell(f"{self._organizations} WHERE o.slug = $1")
        self._credential = spell(
            f"SELECT {CREDENTIAL_COLUMNS}, {ORGANIZATION_COLUMNS} FROM credential c"
            " JOIN organization o ON o.organization_id = c.organization_id WHERE c.key_id = $1"
        )

    def for_organization(self, organization_id: str) -> DatabaseOrganizationStore:
        """The store of one organization. Does no I/O."""
        return DatabaseOrganizationStore(
            organization_id, self._engine, self._statements, self._hints, self._work_budget, self._turns
        )

    async def insert_organization(self, organization: OrganizationRecord, facts: Facts) -> None:
        """A new organization. Raises AlreadyExists when the slug is taken."""
        await self._engine.commit(organization.id, [InsertOrganization(organization)], facts)

    async def list_organizations(self) -> Sequence[OrganizationRecord]:
        """All organizations by slug."""
        rows = await self._engine.fetch(f"{self._organizations} ORDER BY o.slug", ())
        return [organization_record(row) for row in rows]

    async def organizations_without_manager(self) -> Sequence[str]:
        """Slugs of those in which no active person is a Manager, directly or through a group (RO-08), sorted."""
        return [row[0] for row in await self._engine.fetch(self._without_manager, (), heavy=True)]

    async def find_organization_by_slug(self, slug: str) -> OrganizationRecord | None:
        """An organization by its slug."""
        if not storable(slug):
            return None
        rows = await self._engine.fetch(self._organization_by_slug, (slug,))
        return organization_record(rows[0]) if rows else None

    async def find_credential(self, key_id: str) -> CredentialMatch | None:
        """A credential by its public key id, whatever its organization."""
        if not storable(key_id):
            return None
        rows = await self._engine.fetch(self._credential, (key_id,))
        return credential_match(rows[0]) if rows else None

    async def record_use(self, uses: Sequence[CredentialUse]) -> None:
        """Store last-used times and add up tolerance counters; tokens that are gone are left out."""
        for start in range(0, len(uses), _USES_AT_ONCE):
            await asyncio.gather(
                *(
                    self._engine.commit(use.organization_id, [use], Facts())
                    for use in uses[start : start + _USES_AT_ONCE]
                )
            )

    async def check(self) -> str:
        """Prove that the database answers; returns a version line. Raises StorageUnavailable."""
        return await self._engine.version()

    async def close(self) -> None:
        """Finish queued writes and close connections."""
        await self._engine.close()
