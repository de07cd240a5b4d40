"""Look-ups for signing in, on either database (``account_ports.AccountStorage``).

These are the statements that do not know the organization yet: a session, a link or a site number
with a user name is what tells it. Everything they join has the organization of what was found.
"""

from collections.abc import Sequence

from mdscripts.app.ports import Facts
from mdscripts.app.ports.account_changes import LinkRecord, SessionRecord, SignInUpkeep
from mdscripts.app.ports.accounts import LinkMatch, SessionMatch, SignInCandidate
from mdscripts.storage.dialect import storable
from mdscripts.storage.engine import Engine, Row
from mdscripts.storage.records import ORGANIZATION_COLUMNS, USER_COLUMNS, organization_record, user_record

CANDIDATES_MAX = 5

_SESSION_COLUMNS = "s.digest, s.user_id, s.site_number, s.source, s.created_at, s.last_seen_at"
_LINK_COLUMNS = "s.digest, s.user_id, s.created_at, s.created_by, s.expires_at"
_OWNER = (
    ' JOIN "user" t ON t.organization_id = s.organization_id AND t.id = s.user_id'
    " AND t.active AND t.deleted_at IS NULL"
    " JOIN organization o ON o.organization_id = s.organization_id"
)
_USER_WIDTH, _ORGANIZATION_WIDTH = 8, 6


class DatabaseAccountStorage:
    """Sessions, links and attempts of all organizations in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        spell = engine.dialect.render
        who = f"{USER_COLUMNS}, {ORGANIZATION_COLUMNS}"
        self._candidates = spell(
            f"SELECT {who}, p.password_hash FROM site s"
            " JOIN organization o ON o.organization_id = s.organization_id"
            ' JOIN "user" t ON t.organization_id = s.organization_id AND t.user_name_key = $2'
            " AND t.deleted_at IS NULL"
            " LEFT JOIN password p ON p.organization_id = t.organization_id AND p.user_id = t.id"
            f" WHERE s.number = $1 AND s.closed_at IS NULL ORDER BY s.organization_id LIMIT {CANDIDATES_MAX}"
        )
        self._session = spell(
            f"SELECT {who}, {_SESSION_COLUMNS}, site.name, site.time_zone FROM session s{_OWNER}"
            " LEFT JOIN site ON site.organization_id = s.organization_id AND site.number = s.site_number"
            " WHERE s.digest = $1"
        )
        self._link = spell(f"SELECT {who}, {_LINK_COLUMNS} FROM one_time_link s{_OWNER} WHERE s.digest = $1")
        self._sessions = spell(
            "SELECT count(*) FROM session WHERE organization_id = $1 AND user_id = $2 AND last_seen_at >= $3"
        )
        self._attempts = spell(
            "SELECT attempts, started_at FROM sign_in_attempt WHERE key_sha256 = $1 AND started_at >= $2"
        )

    async def find_candidates(self, site_number: str, user_name_key: str) -> Sequence[SignInCandidate]:
        """People with this user name in organizations that have this site open; five at most."""
        if not (storable(site_number) and storable(user_name_key)):
            return []
        rows = await self._engine.fetch(self._candidates, (site_number, user_name_key))
        return [_candidate(row) for row in rows]

    async def find_session(self, digest: bytes) -> SessionMatch | None:
        """A session of a living, active person, however old it is."""
        rows = await self._engine.fetch(self._session, (digest,))
        return _session_match(rows[0]) if rows else None

    async def find_link(self, digest: bytes) -> LinkMatch | None:
        """A one-time link for a living, active person, expired or not."""
        rows = await self._engine.fetch(self._link, (digest,))
        return _link_match(rows[0]) if rows else None

    async def count_sessions(self, organization_id: str, user_id: str, seen_since: str) -> int:
        """How many sessions of a person were seen since."""
        rows = await self._engine.fetch(self._sessions, (organization_id, user_id, seen_since))
        return int(rows[0][0])

    async def attempts(self, keys: Sequence[bytes], window_start: str) -> dict[bytes, tuple[int, str]]:
        """How often each key was counted since ``window_start``, and when its count began."""
        found: dict[bytes, tuple[int, str]] = {}
        for key in keys:
            rows = await self._engine.fetch(self._attempts, (key, window_start))
            if rows:
                found[key] = (rows[0][0], rows[0][1])
        return found

    async def keep(self, upkeep: SignInUpkeep) -> None:
        """Apply a change that belongs to no organization."""
        await self._engine.commit("", [upkeep], Facts())


def _candidate(row: Row) -> SignInCandidate:
    columns = tuple(row)
    rest = columns[_USER_WIDTH:]
    return SignInCandidate(
        organization=organization_record(rest[:_ORGANIZATION_WIDTH]),
        user=user_record(columns),
        password_hash=rest[_ORGANIZATION_WIDTH],
    )


def _session_match(row: Row) -> SessionMatch:
    columns = tuple(row)
    rest = columns[_USER_WIDTH:]
    *session, site_name, site_time_zone = rest[_ORGANIZATION_WIDTH:]
    session[0] = bytes(session[0])
    return SessionMatch(
        session=SessionRecord(*session),
        organization=organization_record(rest[:_ORGANIZATION_WIDTH]),
        user=user_record(columns),
        site_name=site_name,
        site_time_zone=site_time_zone,
    )


def _link_match(row: Row) -> LinkMatch:
    columns = tuple(row)
    rest = columns[_USER_WIDTH:]
    digest, *link = rest[_ORGANIZATION_WIDTH:]
    return LinkMatch(
        link=LinkRecord(bytes(digest), *link),
        organization=organization_record(rest[:_ORGANIZATION_WIDTH]),
        user=user_record(columns),
    )
