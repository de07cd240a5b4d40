"""Signing in as SQLite statements."""

from collections.abc import Callable
from typing import Any

import apsw

from mdscripts.app.ports import StaleVersion
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

_OF_USER = "WHERE organization_id = ? AND user_id = ?"
_ACTIVE_USER = 'FROM "user" WHERE organization_id = ? AND id = ? AND active AND deleted_at IS NULL'


def end_access(connection: apsw.Connection, organization_id: str, user_id: str) -> None:
    """End every session of a person and withdraw the one-time link."""
    for table in ("session", "one_time_link"):
        connection.execute(f"DELETE FROM {table} {_OF_USER}", (organization_id, user_id))


def _must_change(connection: apsw.Connection) -> None:
    if not connection.changes():
        raise StaleVersion


def _open_session(connection: apsw.Connection, organization_id: str, change: OpenSession) -> None:
    made = change.session
    connection.execute(
        "INSERT INTO session (organization_id, user_id, digest, site_number, source, created_at, last_seen_at)"
        f" SELECT organization_id, id, ?, ?, ?, ?, ? {_ACTIVE_USER} AND (? IS NULL OR EXISTS (SELECT 1 FROM password p"
        ' WHERE p.organization_id = ? AND p.user_id = "user".id AND p.password_hash = ?))',
        (
            made.digest,
            made.site_number,
            made.source,
            made.created_at,
            made.last_seen_at,
            organization_id,
            made.user_id,
            change.password_hash,
            organization_id,
            change.password_hash,
        ),
    )
    _must_change(connection)


def _touch_session(connection: apsw.Connection, organization_id: str, change: TouchSession) -> None:
    connection.execute(
        "UPDATE session SET last_seen_at = max(last_seen_at, ?) WHERE organization_id = ? AND digest = ?",
        (change.at, organization_id, change.digest),
    )


def _end_sessions(connection: apsw.Connection, organization_id: str, change: EndSessions) -> None:
    if change.digest is None:
        connection.execute(f"DELETE FROM session {_OF_USER}", (organization_id, change.user_id))
    else:
        connection.execute(
            f"DELETE FROM session {_OF_USER} AND digest = ?", (organization_id, change.user_id, change.digest)
        )


def _insert_link(connection: apsw.Connection, organization_id: str, change: InsertLink) -> None:
    made = change.link
    connection.execute(
        "INSERT INTO one_time_link (organization_id, user_id, digest, created_at, created_by, expires_at)"
        f" SELECT organization_id, id, ?, ?, ?, ? {_ACTIVE_USER}"
        " ON CONFLICT (organization_id, user_id) DO UPDATE SET digest = excluded.digest,"
        " created_at = excluded.created_at, created_by = excluded.created_by, expires_at = excluded.expires_at",
        (made.digest, made.created_at, made.created_by, made.expires_at, organization_id, made.user_id),
    )
    _must_change(connection)


def _spend_link(connection: apsw.Connection, organization_id: str, change: SpendLink) -> None:
    connection.execute(
        "DELETE FROM one_time_link WHERE organization_id = ? AND digest = ?", (organization_id, change.digest)
    )
    _must_change(connection)


def _withdraw_link(connection: apsw.Connection, organization_id: str, change: WithdrawLink) -> None:
    connection.execute(f"DELETE FROM one_time_link {_OF_USER}", (organization_id, change.user_id))


def _count_attempts(connection: apsw.Connection, _: str, change: CountAttempts) -> None:
    for key in change.keys:
        connection.execute(
            "INSERT INTO sign_in_attempt (key_sha256, started_at, attempts) VALUES (?1, ?2, 1)"
            " ON CONFLICT (key_sha256) DO UPDATE SET"
            " attempts = CASE WHEN started_at < ?3 THEN 1 ELSE attempts + 1 END,"
            " started_at = CASE WHEN started_at < ?3 THEN ?2 ELSE started_at END",
            (key, change.at, change.window_start),
        )


def _forgive_attempts(connection: apsw.Connection, _: str, change: ForgiveAttempts) -> None:
    for key in change.cleared:
        connection.execute("DELETE FROM sign_in_attempt WHERE key_sha256 = ?", (key,))
    for key in change.excused:
        connection.execute(
            "UPDATE sign_in_attempt SET attempts = attempts - 1 WHERE key_sha256 = ? AND attempts > 0", (key,)
        )


def _forget_expired(connection: apsw.Connection, _: str, change: ForgetExpired) -> None:
    connection.execute(
        "DELETE FROM session WHERE last_seen_at < ? OR created_at < ?", (change.seen_before, change.made_before)
    )
    connection.execute("DELETE FROM one_time_link WHERE expires_at < ?", (change.expired_before,))
    connection.execute("DELETE FROM sign_in_attempt WHERE started_at < ?", (change.counted_before,))


ACCOUNT_CHANGES: dict[type, Callable[[apsw.Connection, str, Any], None]] = {
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
