"""Signing in as PostgreSQL statements."""

from collections.abc import Callable
from typing import Any

from mdscripts.app.ports.account_changes import (
    CountAttempts,
    EndSessions,
    ForgetExpired,
    ForgiveAttempts,
    InsertLink,
    OpenSession,
    SpendLink,
    TouchSession,
    WithdrawLink,
)
from mdscripts.storage.postgres.statement import Statement, require_a_row

_KEYS = ("bytea",)


def end_access(statement: Statement, active: str | None = None) -> None:
    """End the sessions and the one-time link of the user in the CTE ``changed``.

    With ``active``, the parameter that says whether the person is active now, only those of a
    person who is not or was not before. What began while a deactivation was under way is not seen
    by it; it is of no use while the person is inactive, and goes when the person comes back.
    """
    inactive = "" if active is None else f" AND (NOT {active} OR NOT u.active)"
    statement.part(
        "leaving",
        f'SELECT u.id FROM "user" u, changed WHERE u.organization_id = $1 AND u.id = changed.id{inactive}',
    )
    for table in ("session", "one_time_link"):
        statement.part(
            f"{table}_gone",
            f"DELETE FROM {table} s USING leaving WHERE s.organization_id = $1 AND s.user_id = leaving.id",
        )


def _must_change(statement: Statement) -> None:
    statement.accepted = "changed"
    statement.result = "count(*) FROM changed"
    statement.check = require_a_row


def _active_user(statement: Statement, user_id: str) -> str:
    """Waits for a deactivation that is under way, and then finds nobody."""
    return (
        f'FROM "user" WHERE organization_id = $1 AND id = {statement.param(user_id)}'
        " AND active AND deleted_at IS NULL FOR SHARE"
    )


def _active_user_with_password(statement: Statement, user_id: str, password_hash: str) -> str:
    """Waits for a change of the password as well, and then finds nobody."""
    user, stored = statement.params((user_id, password_hash))
    return (
        f'SELECT u.organization_id, u.id FROM "user" u JOIN password p ON p.organization_id = u.organization_id'
        f" AND p.user_id = u.id AND p.password_hash = {stored}"
        f" WHERE u.organization_id = $1 AND u.id = {user} AND u.active AND u.deleted_at IS NULL FOR SHARE"
    )


def _open_session(statement: Statement, change: OpenSession) -> None:
    made = change.session
    digest, site, source, created, seen = statement.params(
        (made.digest, made.site_number, made.source, made.created_at, made.last_seen_at)
    )
    if change.password_hash is None:
        statement.part("holder", f"SELECT organization_id, id {_active_user(statement, made.user_id)}")
    else:
        statement.part("holder", _active_user_with_password(statement, made.user_id, change.password_hash))
    statement.part(
        "changed",
        "INSERT INTO session (organization_id, user_id, digest, site_number, source, created_at, last_seen_at)"
        f" SELECT organization_id, id, {digest}::bytea, {site}::text, {source}::text, {created}::text, {seen}::text"
        " FROM holder RETURNING digest",
    )
    _must_change(statement)


def _touch_session(statement: Statement, change: TouchSession) -> None:
    at, digest = statement.params((change.at, change.digest))
    statement.part(
        "changed",
        f"UPDATE session SET last_seen_at = greatest(last_seen_at, {at})"
        f" WHERE organization_id = $1 AND digest = {digest}",
    )


def _end_sessions(statement: Statement, change: EndSessions) -> None:
    where = f"organization_id = $1 AND user_id = {statement.param(change.user_id)}"
    if change.digest is not None:
        where += f" AND digest = {statement.param(change.digest)}"
    statement.part("changed", f"DELETE FROM session WHERE {where}")


def _insert_link(statement: Statement, change: InsertLink) -> None:
    made = change.link
    digest, created, by, expires = statement.params((made.digest, made.created_at, made.created_by, made.expires_at))
    statement.part("holder", f"SELECT organization_id, id {_active_user(statement, made.user_id)}")
    statement.part(
        "changed",
        "INSERT INTO one_time_link (organization_id, user_id, digest, created_at, created_by, expires_at)"
        f" SELECT organization_id, id, {digest}::bytea, {created}::text, {by}::text, {expires}::text FROM holder"
        " ON CONFLICT (organization_id, user_id) DO UPDATE SET digest = excluded.digest,"
        " created_at = excluded.created_at, created_by = excluded.created_by, expires_at = excluded.expires_at"
        " RETURNING digest",
    )
    _must_change(statement)


def _spend_link(statement: Statement, change: SpendLink) -> None:
    statement.part(
        "changed",
        f"DELETE FROM one_time_link WHERE organization_id = $1 AND digest = {statement.param(change.digest)}"
        " RETURNING digest",
    )
    _must_change(statement)


def _withdraw_link(statement: Statement, change: WithdrawLink) -> None:
    user = statement.param(change.user_id)
    statement.part("changed", f"DELETE FROM one_time_link WHERE organization_id = $1 AND user_id = {user}")


def _of_no_organization(statement: Statement) -> None:
    """PostgreSQL wants to know the type of every parameter, also of the one that is not needed here."""
    statement.part("unused", "SELECT $1::text")


def _count_attempts(statement: Statement, change: CountAttempts) -> None:
    _of_no_organization(statement)
    at, window = statement.params((change.at, change.window_start))
    # In one order, so that two attempts that share keys cannot wait for each other.
    keys = statement.rows([(key,) for key in sorted(set(change.keys))], _KEYS)
    statement.part(
        "changed",
        "INSERT INTO sign_in_attempt AS a (key_sha256, started_at, attempts)"
        f" SELECT v.*, {at}::text, 1 FROM ({keys}) AS v ON CONFLICT (key_sha256) DO UPDATE SET"
        f" attempts = CASE WHEN a.started_at < {window} THEN 1 ELSE a.attempts + 1 END,"
        f" started_at = CASE WHEN a.started_at < {window} THEN {at} ELSE a.started_at END",
    )


def _forgive_attempts(statement: Statement, change: ForgiveAttempts) -> None:
    _of_no_organization(statement)
    cleared = statement.rows([(key,) for key in change.cleared], _KEYS)
    excused = statement.rows([(key,) for key in change.excused], _KEYS)
    statement.part("cleared", f"DELETE FROM sign_in_attempt WHERE key_sha256 IN ({cleared})")
    statement.part(
        "excused",
        f"UPDATE sign_in_attempt SET attempts = attempts - 1 WHERE key_sha256 IN ({excused}) AND attempts > 0",
    )


def _forget_expired(statement: Statement, change: ForgetExpired) -> None:
    _of_no_organization(statement)
    seen, made, expired, counted = statement.params(
        (change.seen_before, change.made_before, change.expired_before, change.counted_before)
    )
    statement.part("sessions", f"DELETE FROM session WHERE last_seen_at < {seen} OR created_at < {made}")
    statement.part("links", f"DELETE FROM one_time_link WHERE expires_at < {expired}")
    statement.part("attempts", f"DELETE FROM sign_in_attempt WHERE started_at < {counted}")


ACCOUNT_CHANGES: dict[type, Callable[[Statement, Any], None]] = {
    OpenSession: _open_session,
    TouchSession: _touch_session,
    EndSessions: _end_sessions,
    InsertLink: _insert_link,
    SpendLink: _spend_link,
    WithdrawLink: _withdraw_link,
    CountAttempts: _count_attempts,
    ForgiveAttempts: _forgive_attempts,
    ForgetExpired: _forget_expired,
}
