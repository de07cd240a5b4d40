"""The counts of Admin Home in one statement, on either database (``overview.OverviewStorage``)."""

from mdscripts.app.overview import RECENT_ENTRIES_MAX, OverviewCounts
from mdscripts.storage.access_reads import MANAGERS
from mdscripts.storage.engine import Engine

_TOTAL = "(SELECT coalesce(sum(total), 0) FROM resource_counter WHERE organization_id = $1 AND resource = '{}')"
_PEOPLE = '(SELECT count(*) FROM "user" WHERE organization_id = $1 AND deleted_at IS NULL AND {})'
_SITES = "(SELECT count(*) FROM site WHERE organization_id = $1 AND closed_at IS {})"


class DatabaseOverview:
    """Counts of organizations in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        sequence = "sequence" if engine.dialect.name == "sqlite" else "id"
        figures = (
            _TOTAL.format("user"),
            _PEOPLE.format("NOT active"),
            f"(SELECT count(*) FROM ({MANAGERS}) AS managers)",
            _SITES.format("NULL"),
            _SITES.format("NOT NULL"),
            _TOTAL.format("group"),
            "count(*)",
            "coalesce(sum(CASE WHEN outcome = 'refused' AND client <> 'local' THEN 1 ELSE 0 END), 0)",
            "max(CASE WHEN client <> 'local' THEN at END)",
        )
        self._statement = engine.dialect.render(
            f"SELECT {', '.join(figures)} FROM (SELECT at, client, outcome FROM audit WHERE organization_id = $1"
            f" ORDER BY {sequence} DESC LIMIT {RECENT_ENTRIES_MAX}) AS latest WHERE at >= $2"
        )

    async def counts(self, organization_id: str, since: str) -> OverviewCounts:
        """The counts; recent is what happened since. Raises StorageUnavailable."""
        rows = await self._engine.fetch(self._statement, (organization_id, since))
        *figures, last_provisioning = rows[0]
        return OverviewCounts._make((*map(int, figures), last_provisioning))
